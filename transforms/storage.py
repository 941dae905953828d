"""Files below a root that is a folder on a disk, or a URL of an object store.

A disk is fast and safe against crashes by means of its own: files are mapped into memory,
flushed, and renamed into place, and a lock ends with its process. A store has none of these;
there an object is written whole, and copied to its place by the store.
"""

import contextlib
import fcntl
import io
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.locations import is_url
from transforms import object_store

REPLACED = "_compaction/replaced"
"""Where files of tables stay in reach of a run that has listed them before a compaction."""

_ATTEMPTS = 1_000
_READ_WHOLE_BYTES = 16 * 2**20


class State(NamedTuple):
    """What tells whether a file is the one that it was."""

    size: int
    changed_ns: int


def is_store(path: str) -> bool:
    """Say whether `path` is a URL, and so lies in an object store."""
    return is_url(path)


def join(root: str, *parts: str) -> str:
    """Return the path of what lies below `root`."""
    return "/".join((root.rstrip("/"), *parts)) if is_store(root) else str(Path(root, *parts))


def read(path: str) -> bytes:
    """Return what the file at `path` holds.

    Raises:
        FileNotFoundError: there is none.
    """
    return object_store.read(path) if is_store(path) else Path(path).read_bytes()


def mapped(path: str) -> pa.NativeFile:
    """Return a file to read, without a copy of it where it lies on a disk.

    Raises:
        FileNotFoundError: there is none.
    """
    return pa.BufferReader(object_store.read(path)) if is_store(path) else pa.memory_map(path)


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """Give the file at `path` to read.

    Raises:
        FileNotFoundError: there is none.
    """
    with object_store.opened(path) if is_store(path) else Path(path).open("rb") as file:
        yield file


@contextmanager
def parquet(path: str) -> Iterator[pq.ParquetFile]:
    """Give the Parquet file at `path`, of which no more is read than is asked for.

    One that was replaced since it was listed is found as long as it is kept.
    """
    if not is_store(path):
        try:
            file = pq.ParquetFile(path)
        except FileNotFoundError:
            file = pq.ParquetFile(replaced_place(path))
        yield file
        return
    with object_store.opened(path) as stored:
        is_small = stored.seek(0, io.SEEK_END) <= _READ_WHOLE_BYTES
        stored.seek(0)  # one request for all of a small file, and not one for each of its parts
        yield pq.ParquetFile(pa.BufferReader(stored.read()) if is_small else stored)


@contextmanager
def created(path: str, *, durable: bool = False) -> Iterator[BinaryIO]:
    """Give a new file at `path`, which nobody knows yet; the folders are made.

    Args:
        durable: Flush it to the disk in the end.
    """
    if is_store(path):
        with object_store.created(path) as content:
            yield content
        return
    with _new_file(Path(path)) as file:
        yield file
        if durable:
            _flush(file)


@contextmanager
def replaced(path: str) -> Iterator[BinaryIO]:
    """Give a file that takes its place at `path` in the end, flushed, all of it or nothing."""
    if is_store(path):
        with object_store.created(path) as content:
            yield content
        return
    temporary = Path(path).with_suffix(".inprogress")
    with _new_file(temporary) as file:
        yield file
        _flush(file)
    temporary.replace(path)
    _flush_folder(temporary.parent)


def replaced_place(path: str) -> str:
    """Return where the file of a table is kept, once it has been replaced by a compaction."""
    file = Path(path)
    root = file.parents[2]  # above table and day
    return str(root / REPLACED / file.relative_to(root))


def names(folder: str) -> list[str]:
    """Return the names of what lies in `folder`, sorted; none if there is no folder."""
    if is_store(folder):
        found = object_store.listed(f"{folder}/")
        return sorted({one.url[len(folder) + 1 :].partition("/")[0] for one in found})
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return []


def files_in_folders(root: str, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Yield folder and name of the files in the folders of `root` that are wanted, sorted.

    On a disk, a folder is looked into when it is its turn.
    """
    if is_store(root):
        for one in object_store.listed(f"{root}/"):
            folder, _, name = one.url[len(root) + 1 :].partition("/")
            if name and is_wanted(folder):
                yield folder, name
        return
    for folder in filter(is_wanted, names(root)):
        for name in names(f"{root}/{folder}"):
            yield folder, name


def states(root: str, paths: Iterable[str]) -> Mapping[str, State]:
    """Return the states of the files at `paths`, which are below `root`; what is gone has none.

    In a store, everything in the uppermost folders of `paths` is listed.
    """
    if is_store(root):
        folders = sorted({path.partition("/")[0] for path in paths})
        return {
            one.url[len(root) + 1 :]: State(one.size, one.changed_ns)
            for folder in folders for one in object_store.listed(f"{root}/{folder}/")
        }
    found = (
        (path, _state(f"{root}/{path}") or _state(f"{root}/{REPLACED}/{path}")) for path in paths
    )
    return {path: state for path, state in found if state is not None}


def publish(root: str, groups: Sequence[Sequence[tuple[str, str]]]) -> None:
    """Bring files to their final places below `root`, one group after the other.

    A file is at its new place whole, or not at all. On a disk it is renamed, unless that was done
    before; in a store it is copied, and stays at its old place too.

    Raises:
        FileNotFoundError: an object of a store is gone.
    """
    if is_store(root):
        for group in groups:
            object_store.copy([(join(root, old), join(root, new)) for old, new in group])
        return
    moves = [(Path(root, old), Path(root, new)) for group in groups for old, new in group]
    for folder in {new.parent for _, new in moves}:
        folder.mkdir(parents=True, exist_ok=True)
    for old, new in moves:  # nothing but renames: what a glob sees changes within a moment
        if old.exists():
            old.replace(new)
    for folder in {new.parent for _, new in moves}:
        _flush_folder(folder)


def remove(paths: Sequence[str]) -> None:
    """Remove files; those that are not there are no error."""
    if paths and is_store(paths[0]):
        object_store.remove(paths)
        return
    for path in map(Path, paths):
        path.unlink(missing_ok=True)
    for folder in {Path(path).parent for path in paths}:
        with contextlib.suppress(FileNotFoundError):
            _flush_folder(folder)


def remove_folder(root: str, folder: str) -> None:
    """Remove a folder below `root` with all in it, and those above in which nothing is left."""
    if is_store(root):
        remove([one.url for one in object_store.listed(f"{join(root, folder)}/")])
        return
    shutil.rmtree(Path(root, folder), ignore_errors=True)
    with contextlib.suppress(OSError):  # it is not empty, or gone
        for above in list(Path(folder).parents)[:-1]:
            Path(root, above).rmdir()


@contextmanager
def exclusive(path: str, *, wait: bool) -> Iterator[bool]:
    """Hold the lock at `path`, which ends with the process, and say whether it was to be had.

    A store has no locks: there it is always to be had.
    """
    if is_store(path):
        yield True
        return
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with Path(path).open("a") as file:  # nothing is written, nor lost if it is a link
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def _new_file(path: Path) -> BinaryIO:
    for attempt in range(_ATTEMPTS):  # others may remove the folder while it is empty
        with contextlib.suppress(FileNotFoundError):
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("wb")
        time.sleep(attempt / 100_000)  # each time longer, or two may go on in step for ever
    return path.open("wb")


def _state(path: str) -> State | None:
    try:
        status = os.stat(path)  # noqa: PTH116  # of every file, at every run
    except (OSError, ValueError):  # gone, or no path at all
        return None
    return State(status.st_size, status.st_mtime_ns)


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
