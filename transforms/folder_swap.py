"""Replace the files of one folder of a table by others that hold the same rows, in one step.

The new folder is made beside the tables, with hard links to the files that stay, and changes
places with the old one by a single rename (RENAME_EXCHANGE). A reader who lists the folder sees
all old files or all new ones. Where the kernel or the filesystem cannot do that, two renames
follow each other: for that instant the folder is not there.

The files replaced stay in reach of a run that has listed them (`storage.replaced_place`). Whoever
calls what changes anything here holds `commit.committing`.
"""

import contextlib
import ctypes
import math
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from transforms.storage import REPLACED

COMPACTION = "_compaction"
STAGED = f"{COMPACTION}/staged"
_NEW, _OLD = f"{COMPACTION}/new", f"{COMPACTION}/old"

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # <fcntl.h>, <linux/fs.h>

Exchange = Callable[[Path, Path], bool]


class ForeignFolderError(RuntimeError):
    """A folder of a table holds what is no file."""


def swap(
    root: str, folder: str, new: Mapping[str, Path], replaced: Collection[str],
    exchange: Exchange | None = None,
) -> None:
    """Put the files `new` into `folder` for those named in `replaced`.

    Args:
        root: The output.
        folder: Below it, as `stories/ingest_date=2026-11-24`.
        new: Finished files on the same filesystem, by the name that they get; they are moved.
        replaced: Names of files in the folder.
        exchange: Lets two folders change places and says whether it could.

    Raises:
        ForeignFolderError: there are folders in it.
    """
    base = Path(root)
    current, coming, going = base / folder, base / _NEW / folder, base / _OLD / folder
    for path in (coming, going):
        _remove(path)
    coming.mkdir(parents=True)
    shutil.copymode(current, coming)
    _link(current, _staying(current, replaced), coming)
    _link(current, replaced, base / REPLACED / folder)
    for name, path in new.items():
        path.replace(coming / name)
    _flush(coming)
    going.parent.mkdir(parents=True, exist_ok=True)
    if (exchange or _exchanged)(coming, current):
        coming.rename(going)
    else:
        current.rename(going)  # from here on the folder is missing until `finish` or the next line
        coming.rename(current)
    _flush(current.parent)


def finish(root: str) -> None:
    """Finish the exchange that a crash cut short, and remove the folders that others replaced."""
    base = Path(root)
    for going in base.joinpath(_OLD).glob("*/*"):
        folder = going.relative_to(base / _OLD)
        coming, current = base / _NEW / folder, base / folder
        if coming.exists():
            current.mkdir(exist_ok=True)  # it may be there: a commit may have come in between
            for path in coming.iterdir():
                if not current.joinpath(path.name).exists():
                    path.rename(current / path.name)
            _flush(current)
            _flush(current.parent)
    for name in (_NEW, _OLD):
        _remove(base / name)


def forget_replaced(root: str, before: datetime | None = None) -> None:
    """Remove the files kept for runs that have listed them: those replaced `before`, or all."""
    kept = Path(root, REPLACED)
    before_s = before.timestamp() if before else math.inf
    for path in kept.glob("*/*/*"):
        if path.stat().st_ctime < before_s:  # to replace a file is to link it elsewhere
            path.unlink()
    for folder in sorted([kept, *kept.glob("*"), *kept.glob("*/*")], reverse=True):
        _remove_empty(folder)  # the deepest first


def remove_if_empty(root: str) -> None:
    """Remove the folder of compaction if nothing is left in it."""
    _remove_empty(Path(root, COMPACTION))


def _staying(folder: Path, replaced: Collection[str]) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                raise ForeignFolderError(f"{entry.path} is a folder: move it out of the tables")
            if entry.name not in replaced:
                yield entry.name


def _link(folder: Path, names: Collection[str] | Iterator[str], target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        target.joinpath(name).unlink(missing_ok=True)  # one of an earlier time
        os.link(folder / name, target / name, follow_symlinks=False)


def _exchanged(one: Path, other: Path) -> bool:
    rename = getattr(ctypes.CDLL(None), "renameat2", None)  # glibc 2.28, musl 1.2.4
    if rename is None:
        return False
    paths = (os.fsencode(one), os.fsencode(other))
    return bool(rename(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0)


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not empty, or not there
        folder.rmdir()


def _remove(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
