"""Merge the small files of a table's day into few large ones; rows and columns stay the same.

A continuous run leaves some small files each round. Those of one table and one day of ingestion
are merged in the order of their runs, one new file in memory at a time, and the new files take
the place of the small ones in one step (`folder_swap.py`). No run is held up or ended by it: it
holds the output as a commit does, and only for that step.
"""

import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from schemas.tables import TABLES, Table
from transforms import storage
from transforms.commit import COMMITS, committing
from transforms.compacted_names import Runs, runs_of
from transforms.folder_swap import STAGED, finish, forget_replaced, remove_if_empty, swap
from transforms.merge_files import Merged, RunFiles, may_merge, merge_small
from transforms.stored_items import LISTED_EVERY_MS

FULL_BYTES = 128 * 2**20
"""How much a file may hold, as Arrow counts in memory; a merge takes a few times as much."""

SETTLED_AFTER = timedelta(hours=1)
"""A run is left alone for so long after its commit: it may still be read back, or repeated."""

MANIFESTS_KEPT = timedelta(days=7)
"""For so long a job that is restored may repeat a commit."""

WHOLE_AFTER = timedelta(days=7)
"""A day becomes one file when no stream sees a part of it any more, but all or nothing."""

REPLACED_KEPT = timedelta(days=4)
"""After so long a run has ended, or has listed files anew: a stream within `STATE_MS` and
`LISTED_EVERY_MS`."""

READERS_LIST_S = 1.0
"""More than a reader takes between opening a folder and listing it."""

_DAY = "ingest_date="
_HOURS_A_STRETCH = LISTED_EVERY_MS // 3_600_000


class CompactionRunningError(RuntimeError):
    """Another compaction of the same output is under way."""


class NotAnOutputError(FileNotFoundError):
    """No run has written to a folder."""


class Compacted(NamedTuple):
    """What was done to a day of a table."""

    table: str
    day: str
    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int
    rows: int  # in the files that were merged


class _State(NamedTuple):
    """What tells whether a file is still the one that was read."""

    inode: int
    size: int
    changed_ns: int


def compact(
    root: str,
    now: datetime,
    *,
    with_today: bool = False,
    full_bytes: int = FULL_BYTES,
    patience_s: float = READERS_LIST_S,
) -> list[Compacted]:
    """Merge the small files of all days that have ended; return what was done where.

    Args:
        root: The output.
        now: The time, which says what day is today.
        with_today: Merge today's too.
        full_bytes: When a file is full.
        patience_s: How long the folders replaced stay for readers who are about to list them.

    Raises:
        NotAnOutputError: `root` holds no tables.
        CompactionRunningError: another one is under way.
        ForeignFolderError: there is a folder among the files of a table.
        ArrowInvalid: a file is damaged.
    """
    with _only_one(root) as staging:
        with committing(root):
            finish(root)
        last_day = now.date() if with_today else now.date() - timedelta(days=1)
        unsettled = _unsettled_runs(root, now)
        done = []
        for table, folder in _folders(root, f"{_DAY}{last_day}"):
            files = _files(Path(root, folder))
            runs = _by_run(Path(root, folder), files, unsettled, now)
            if _is_worth_it(runs, full_bytes):
                merged = list(merge_small(table, runs, staging, full_bytes))
                outcome = _outcome(table, folder, files, merged)
                if merged and _put_in_place(root, folder, files, merged):
                    done.append(outcome)
        if done:
            time.sleep(patience_s)
        with committing(root):
            finish(root)
            forget_replaced(root, now - REPLACED_KEPT)
        return done


def clear_manifests(root: str, now: datetime) -> int:
    """Remove the manifests of runs committed long ago, but the latest; return how many."""
    manifests = sorted(path for path in Path(root, COMMITS).glob("*.json") if _run_id(path))
    before_s = (now - MANIFESTS_KEPT).timestamp()
    old = [path for path in manifests[:-1] if path.stat().st_mtime < before_s]
    for path in old:
        path.unlink()
    return len(old)


@contextmanager
def _only_one(root: str) -> Iterator[Path]:
    """Keep other compactions away, and give a fresh folder."""
    commits = Path(root, COMMITS)
    if not commits.is_dir():
        raise NotAnOutputError(f"{root} holds no tables: has naba run written there?")
    with storage.exclusive(str(commits / "compacting"), wait=False) as is_held:
        if not is_held:
            raise CompactionRunningError(
                f"another compaction of {root} is under way: wait for it to end"
            )
        staging = Path(root, STAGED)
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        try:
            yield staging
        finally:
            shutil.rmtree(staging, ignore_errors=True)
            remove_if_empty(root)


def _unsettled_runs(root: str, now: datetime) -> frozenset[str]:
    """Return the runs that were committed only now, and those whose commit was cut short."""
    since_s = (now - SETTLED_AFTER).timestamp()
    with os.scandir(Path(root, COMMITS)) as entries:
        return frozenset(
            Path(entry.name).stem for entry in entries
            if entry.name.endswith(".intent")
            or (entry.name.endswith(".json") and entry.stat().st_mtime > since_s)
        )


def _folders(root: str, last: str) -> Iterator[tuple[Table, str]]:
    """Yield the folder of each day up to `last`, of each table."""
    for table in TABLES.values():
        for day in sorted(Path(root, table.name).glob(f"{_DAY}????-??-??")):
            if day.name <= last and day.is_dir() and not day.is_symlink():
                yield table, f"{table.name}/{day.name}"


def _files(folder: Path) -> dict[str, _State]:
    """Return the files of runs in `folder`."""
    with os.scandir(folder) as entries:
        return {
            entry.name: _state(entry.stat()) for entry in sorted(entries, key=_name)
            if runs_of(entry.name) and entry.is_file(follow_symlinks=False)
        }


def _by_run(
    folder: Path, files: Mapping[str, _State], unsettled: frozenset[str], now: datetime
) -> list[RunFiles]:
    """Return settled `files` in the order of their runs, those of one run together."""
    named = [(runs, name) for name in files if (runs := runs_of(name)) is not None]
    named.sort(key=lambda one: (one[0].last, one[0].first, one[1]))
    is_whole = folder.name <= f"{_DAY}{(now - WHOLE_AFTER).date()}"
    found = []
    for runs, group in groupby(named, key=lambda one: one[0]):
        if runs.last not in unsettled:
            names = [name for _, name in group]
            paths = tuple(str(folder / name) for name in names)
            size = sum(files[name].size for name in names)
            found.append(RunFiles(runs, paths, size, 0 if is_whole else _stretch(runs.last)))
    return found


def _stretch(run_id: str) -> int:
    """Return the part of its day in which a run lies: a stream lists what lies before a part."""
    hour = int(run_id[9:11])
    return hour // _HOURS_A_STRETCH


def _is_worth_it(runs: Iterable[RunFiles], full_bytes: int) -> bool:
    """Say whether there may be files to merge; none is opened for it."""
    groups = groupby(runs, key=lambda files: (may_merge(files, full_bytes), files.stretch))
    return any(
        may and sum(len(files.paths) for files in group) > 1 for (may, _), group in groups
    )


def _put_in_place(
    root: str, folder: str, files: Mapping[str, _State], merged: list[Merged]
) -> bool:
    """Put merged files in the place of their sources, unless one has changed meanwhile."""
    replaced = _sources(merged)
    with committing(root):
        found = _files(Path(root, folder)) if Path(root, folder).is_dir() else {}
        if any(found.get(name) != files[name] for name in replaced):
            return False
        swap(root, folder, {one.name: one.path for one in merged}, replaced)
    return True


def _outcome(
    table: Table, folder: str, files: Mapping[str, _State], merged: list[Merged]
) -> Compacted:
    """Return what is done to a day once `merged` is in its place."""
    replaced = _sources(merged)
    written = sum(one.path.stat().st_size for one in merged)
    return Compacted(
        table=table.name,
        day=folder.removeprefix(f"{table.name}/{_DAY}"),
        files_before=len(files),
        files_after=len(files) - len(replaced) + len(merged),
        bytes_before=sum(state.size for state in files.values()),
        bytes_after=sum(state.size for name, state in files.items() if name not in replaced)
        + written,
        rows=sum(one.rows for one in merged),
    )


def _sources(merged: Iterable[Merged]) -> frozenset[str]:
    return frozenset(Path(path).name for one in merged for path in one.sources)


def _state(found: os.stat_result) -> _State:
    return _State(found.st_ino, found.st_size, found.st_mtime_ns)


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _run_id(manifest: Path) -> Runs | None:
    return runs_of(f"{manifest.stem}-0.parquet")
