"""Put a run's files where readers look, all or nothing: staging, intent, renames, recovery.

A run writes its files under `_staging/<run_id>/`, under names that no reader's glob matches.
The commit point is `_commits/<run_id>.intent`, which lists every file and its final name: from
then on the run is carried out, by this process or, after a crash, by the next one (write-ahead
logging, Mohan et al., 1992, redo only). Each file appears whole, by rename; `stories` appears
after all that points at it and `runs` last, so a reader that starts from either never sees half
of a run.

A cluster may repeat a piece of work that it has done already, and may go on with a job when the
process that started it is dead. So no two attempts write to one staged file, a commit that is
repeated is the same commit, and only the run that holds the latest ticket may commit.
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.coders import RowCoder
from apache_beam.coders.typecoders import registry

from schemas.rows import Records, in_order, to_arrow
from schemas.tables import TABLES, Table

ROWS_PER_GROUP = 20_000
COMMITS = "_commits"
STAGING = "_staging"

_RUN_ID = "[0-9]" * 8 + "T" + "[0-9]" * 6 + "Z"
_FILE_NAME = re.compile(r"([0-9]{8}T[0-9]{6}Z)-[0-9]+\.parquet")
_DAY_FOLDER = re.compile(r"ingest_date=[0-9]{4}-[0-9]{2}-[0-9]{2}")


class OutputLockedError(RuntimeError):
    """Another run is writing to the same output."""


class SupersededError(RuntimeError):
    """A later run has taken the output over; this one must not commit any more."""


class StagedFileLostError(RuntimeError):
    """A file that was staged has gone before it was committed; nothing was committed."""


class StagedFile(NamedTuple):
    """A finished file that waits for the commit; paths are relative to the output."""

    table: str
    staged: str
    final: str
    rows: int


registry.register_coder(StagedFile, RowCoder)


def final_path(table: str, run_id: str, shard: int) -> str:
    """Return where a run's file belongs, relative to the output."""
    return f"{table}/{_day_folder(run_id)}/{run_id}-{shard:05d}.parquet"


def spill(root: str, table: Table, records: Records, run_id: str) -> str:
    """Write `records` to a file of their own that waits to be merged; return its path."""
    path = Path(root, STAGING, run_id, f"{table.name}-{uuid.uuid4().hex}.piece")
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = to_arrow(table, records, run_id)
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_file(str(path), rows.schema, options=options) as writer:
        writer.write_table(rows)
    return str(path)


def merge(
    root: str, table: Table, pieces: Sequence[str], run_id: str, shard: int = 0
) -> StagedFile:
    """Merge the files that `spill` wrote into one staged file; the same bytes in any order."""
    tables = []
    for piece in pieces:
        with pa.memory_map(piece) as file:
            tables.append(pa.ipc.open_file(file).read_all())
    return _stage_rows(root, table, in_order(table, pa.concat_tables(tables)), run_id, shard)


def stage(root: str, table: Table, records: Records, run_id: str, shard: int = 0) -> StagedFile:
    """Write `records` to a staged file of `table`, sorted, and flush it to the disk.

    Written twice, it is the same bytes: rows have one order, and files no time stamp.
    """
    return _stage_rows(root, table, to_arrow(table, records, run_id), run_id, shard)


def _stage_rows(root: str, table: Table, rows: pa.Table, run_id: str, shard: int) -> StagedFile:
    staged = f"{STAGING}/{run_id}/{table.name}-{shard:05d}-{uuid.uuid4().hex}.inprogress"
    path = Path(root, staged)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        pq.write_table(rows, file, compression="zstd", row_group_size=ROWS_PER_GROUP)
        file.flush()
        os.fsync(file.fileno())
    return StagedFile(table.name, staged, final_path(table.name, run_id, shard), rows.num_rows)


def commit(root: str, run_id: str, files: Sequence[StagedFile]) -> None:
    """Make the staged `files` the run's whole content; repeat it after a crash at any point.

    Raises:
        StagedFileLostError: a file is not there any more, and no commit has moved it.
    """
    gone = {file.staged for file in files if not Path(root, file.staged).exists()}
    if gone:
        _resume(Path(root), run_id, gone)
        return
    order = list(TABLES)
    ordered = sorted(files, key=lambda file: (order.index(file.table), file.final))
    intent = Path(root, COMMITS, f"{run_id}.intent")
    intent.parent.mkdir(parents=True, exist_ok=True)
    manifest = {"run_id": run_id, "files": [file._asdict() for file in ordered]}
    _write_durably(intent, json.dumps(manifest, ensure_ascii=False, indent=1))
    _carry_out(Path(root), intent)


def recover(root: str) -> list[str]:
    """Finish commits that a crash cut short and drop what never reached one.

    Returns:
        The ids of the runs finished.
    """
    base = Path(root)
    with committing(root):  # a compaction may be replacing a folder
        intents = sorted(base.joinpath(COMMITS).glob("*.intent"))
        for intent in intents:
            _carry_out(base, intent)
        shutil.rmtree(base / STAGING, ignore_errors=True)
    return [intent.stem for intent in intents]


@contextmanager
def locked(root: str) -> Iterator[str]:
    """Hold the output for one run and give it a ticket, which ends all earlier ones.

    The lock ends with the process, however that ends; its job on a cluster may live on.

    Raises:
        OutputLockedError: another process holds it.
    """
    path = Path(root, COMMITS, "lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:  # nothing is written, nor lost if it is a link
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputLockedError(
                f"another run is writing to {root}: wait for it to end, or name another --output"
            ) from None
        ticket = uuid.uuid4().hex
        with committing(root):
            _write_durably(_ticket_path(root), ticket)
        yield ticket


@contextmanager
def committing(root: str) -> Iterator[None]:
    """Wait until no other process commits, hands out a ticket or replaces a folder."""
    path = Path(root, COMMITS, "committing")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def admitted(root: str, ticket: str) -> Iterator[None]:
    """Hold the output for one commit of the run that has `ticket`.

    Raises:
        SupersededError: another run has been given a ticket since.
    """
    with committing(root):
        if _latest_ticket(root) != ticket:
            raise SupersededError(
                f"another run has taken {root} over since the process that started this one "
                "ended: nothing was committed"
            )
        yield


def committed_runs(root: str) -> list[str]:
    """Return the ids of all complete runs, oldest first."""
    return sorted(path.stem for path in Path(root, COMMITS).glob(f"{_RUN_ID}.json"))


def committed_files(root: str, table: str, *, before: str) -> tuple[str, ...]:
    """Return the files of `table` that runs before `before` have committed, oldest first."""
    return tuple(_listed(root, table, before))


def has_files(root: str, table: str, *, before: str) -> bool:
    """Say whether a run before `before` has committed a file of `table`."""
    return next(_listed(root, table, before), None) is not None


def _listed(root: str, table: str, before: str) -> Iterator[str]:
    """Yield the files of `table` that earlier runs have committed, oldest first; folders lazily.

    What has another name than we give is none of ours.
    """
    folder = str(Path(root, table))
    for day in filter(_DAY_FOLDER.fullmatch, _names(folder)):
        if day > _day_folder(before):
            return
        for name in _names(f"{folder}/{day}"):
            named = _FILE_NAME.fullmatch(name)
            if named and named[1] < before:
                yield f"{folder}/{day}/{name}"


def _names(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _day_folder(run_id: str) -> str:
    return f"ingest_date={run_id[:4]}-{run_id[4:6]}-{run_id[6:8]}"


def _ticket_path(root: str) -> Path:
    return Path(root, COMMITS, "ticket")


def _latest_ticket(root: str) -> str:
    path = _ticket_path(root)
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _resume(base: Path, run_id: str, gone: set[str]) -> None:
    """Carry out the commit that an earlier attempt with the same staged files has begun or ended.

    Raises:
        StagedFileLostError: there is none.
    """
    for path in (base / COMMITS / f"{run_id}.intent", base / COMMITS / f"{run_id}.json"):
        if path.exists() and gone <= _staged_in(path):
            _carry_out(base, path)
            return
    raise StagedFileLostError(f"{min(gone)} is gone from {base}: nothing was committed; run again")


def _staged_in(manifest: Path) -> set[str]:
    return {file["staged"] for file in json.loads(manifest.read_text(encoding="utf-8"))["files"]}


def _carry_out(base: Path, intent: Path) -> None:
    manifest = json.loads(intent.read_text(encoding="utf-8"))
    run_id, files = manifest["run_id"], manifest["files"]
    folders = {(base / file["final"]).parent for file in files}
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    for file in files:  # nothing but renames: what a glob sees changes within a moment
        staged = base / file["staged"]
        if staged.exists():  # else a run that crashed has moved it already
            staged.replace(base / file["final"])
    _drop_stale(base, run_id, {base / file["final"] for file in files})
    for folder in folders:
        _flush_folder(folder)
    intent.replace(intent.with_suffix(".json"))
    _flush_folder(intent.parent)
    _clear_staging(base, run_id)


def _clear_staging(base: Path, run_id: str) -> None:
    """Remove what the run has laid aside, and nothing of another that is being staged."""
    shutil.rmtree(base / STAGING / run_id, ignore_errors=True)
    with contextlib.suppress(OSError):  # it is not empty, or gone
        base.joinpath(STAGING).rmdir()


def _drop_stale(base: Path, run_id: str, current: set[Path]) -> None:
    """Remove files of an earlier commit of the same run that this one has not written."""
    for table in TABLES:
        for path in base.joinpath(table, _day_folder(run_id)).glob(f"{run_id}-*.parquet"):
            if path not in current:
                path.unlink()


def _write_durably(path: Path, text: str) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
