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

import json
import logging
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.coders import RowCoder
from apache_beam.coders.typecoders import registry

from schemas.rows import Records, in_order, to_arrow
from schemas.tables import RUNS, STORIES, TABLES, Table
from transforms import storage

logger = logging.getLogger("naba.commit")

ROWS_PER_GROUP = 20_000
COMMITS = "_commits"
STAGING = "_staging"

_MANIFEST = re.compile(r"[0-9]{8}T[0-9]{6}Z\.json")
_INTENT, _DONE, _TICKET = ".intent", ".json", "ticket"
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
    path = storage.join(root, STAGING, run_id, f"{table.name}-{uuid.uuid4().hex}.piece")
    rows = to_arrow(table, records, run_id)
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with (
        storage.created(path) as file,
        pa.ipc.new_file(file, rows.schema, options=options) as writer,
    ):
        writer.write_table(rows)
    return path


def merge(
    root: str, table: Table, pieces: Sequence[str], run_id: str, shard: int = 0
) -> StagedFile:
    """Merge the files that `spill` wrote into one staged file; the same bytes in any order."""
    tables = []
    for piece in pieces:
        with storage.mapped(piece) as file:
            tables.append(pa.ipc.open_file(file).read_all())
    return _stage_rows(root, table, in_order(table, pa.concat_tables(tables)), run_id, shard)


def stage(root: str, table: Table, records: Records, run_id: str, shard: int = 0) -> StagedFile:
    """Write `records` to a staged file of `table`, sorted, and flush it to the disk.

    Written twice, it is the same bytes: rows have one order, and files no time stamp.
    """
    return _stage_rows(root, table, to_arrow(table, records, run_id), run_id, shard)


def _stage_rows(root: str, table: Table, rows: pa.Table, run_id: str, shard: int) -> StagedFile:
    staged = f"{STAGING}/{run_id}/{table.name}-{shard:05d}-{uuid.uuid4().hex}.inprogress"
    with storage.created(storage.join(root, staged), durable=True) as file:
        pq.write_table(rows, file, compression="zstd", row_group_size=ROWS_PER_GROUP)
    return StagedFile(table.name, staged, final_path(table.name, run_id, shard), rows.num_rows)


def commit(root: str, run_id: str, files: Sequence[StagedFile], *, ticket: str = "") -> None:
    """Make the staged `files` the run's whole content; repeat it after a crash at any point.

    Args:
        ticket: What `locked` gave: looked at once more where no lock keeps other runs away.

    Raises:
        StagedFileLostError: a file is not there any more, and no commit has moved it.
        SupersededError: another run has been given a ticket since.
    """
    there = set(storage.names(storage.join(root, STAGING, run_id)))
    gone = {file.staged for file in files if file.staged.rpartition("/")[2] not in there}
    if gone:
        _resume(root, run_id, gone)
        return
    intent = _write_intent(root, run_id, files)
    if ticket and storage.is_store(root):
        _check_again(root, ticket, intent)
    if not _carry_out(root, intent):
        raise StagedFileLostError(f"{root} has lost a staged file of {run_id}: run again")


def recover(root: str) -> list[str]:
    """Finish commits that a crash cut short and drop what never reached one.

    Returns:
        The ids of the runs finished.
    """
    with committing(root):  # a compaction may be replacing a folder
        intents = [name for name in _names(root) if name.endswith(_INTENT)]
        finished = [name for name in intents if _carry_out(root, name)]
        for name in set(intents) - set(finished):
            _withdraw(root, name)
        storage.remove_folder(root, STAGING)
    return [name.removesuffix(_INTENT) for name in finished]


@contextmanager
def locked(root: str) -> Iterator[str]:
    """Hold the output for one run and give it a ticket, which ends all earlier ones.

    The lock ends with the process, however that ends; its job on a cluster may live on. An
    object store has no locks: there the run that has begun last is the one that commits.

    Raises:
        OutputLockedError: another process holds it.
    """
    with storage.exclusive(storage.join(root, COMMITS, "lock"), wait=False) as is_held:
        if not is_held:
            raise OutputLockedError(
                f"another run is writing to {root}: wait for it to end, or name another --output"
            )
        ticket = uuid.uuid4().hex
        with committing(root):
            _write(root, _TICKET, ticket)
        yield ticket


@contextmanager
def committing(root: str) -> Iterator[None]:
    """Wait until no other process commits, hands out a ticket or replaces a folder."""
    with storage.exclusive(storage.join(root, COMMITS, "committing"), wait=True):
        yield


@contextmanager
def admitted(root: str, ticket: str) -> Iterator[None]:
    """Hold the output for one commit of the run that has `ticket`.

    Raises:
        SupersededError: another run has been given a ticket since.
    """
    with committing(root):
        if not _is_latest(root, ticket):
            raise SupersededError(
                f"another run has taken {root} over since the process that started this one "
                "ended: nothing was committed"
            )
        yield


def committed_runs(root: str) -> list[str]:
    """Return the ids of all complete runs, oldest first."""
    return [name.removesuffix(_DONE) for name in _names(root) if _MANIFEST.fullmatch(name)]


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
    folder, last = storage.join(root, table), _day_folder(before)

    def may_hold(day: str) -> bool:
        return _DAY_FOLDER.fullmatch(day) is not None and day <= last

    for day, name in storage.files_in_folders(folder, may_hold):
        named = _FILE_NAME.fullmatch(name)
        if named and named[1] < before:
            yield f"{folder}/{day}/{name}"


def _day_folder(run_id: str) -> str:
    return f"ingest_date={run_id[:4]}-{run_id[4:6]}-{run_id[6:8]}"


def _is_latest(root: str, ticket: str) -> bool:
    return _read(root, _TICKET) == ticket


def _check_again(root: str, ticket: str, intent: str) -> None:
    """Check the ticket once more, now that the intent is there.

    A run that takes a ticket writes it, and then looks for intents. So one of two runs sees
    the other: this one withdraws, or that one carries the intent out.

    Raises:
        SupersededError: another run has been given a ticket since.
    """
    if not _is_latest(root, ticket):
        storage.remove([storage.join(root, COMMITS, intent)])
        raise SupersededError(
            f"another run has taken {root} over in this moment: it has finished the commit of "
            "this one, or dropped it"
        )


def _write_intent(root: str, run_id: str, files: Sequence[StagedFile]) -> str:
    """Write down what the commit of a run is to do, and return the name of that."""
    order, kept = list(TABLES), {file.final for file in files}
    ordered = sorted(files, key=lambda file: (order.index(file.table), file.final))
    before = _files_of(root, run_id + _DONE)
    manifest = {
        "run_id": run_id,
        "files": [file._asdict() for file in ordered],
        "stale": sorted({file["final"] for file in before} - kept),  # of an earlier commit of it
    }
    _write(root, run_id + _INTENT, json.dumps(manifest, ensure_ascii=False, indent=1))
    return run_id + _INTENT


def _resume(root: str, run_id: str, gone: set[str]) -> None:
    """Carry out the commit that an earlier attempt with the same staged files has begun or ended.

    Raises:
        StagedFileLostError: there is none.
    """
    intent = run_id + _INTENT
    if gone <= _staged_in(root, intent) and _carry_out(root, intent):
        return
    if gone <= _staged_in(root, run_id + _DONE):
        storage.remove_folder(root, f"{STAGING}/{run_id}")
        return
    raise StagedFileLostError(f"{min(gone)} is gone from {root}: nothing was committed; run again")


def _carry_out(root: str, intent: str) -> bool:
    """Do what an intent says, and say whether that could be done, now or by another process."""
    text, run_id = _read(root, intent), intent.removesuffix(_INTENT)
    manifest = _parsed(text)
    try:
        storage.publish(root, _in_groups(manifest["files"]))
    except FileNotFoundError:
        if not _staged_in(root, intent) <= _staged_in(root, run_id + _DONE):
            return False
    else:
        storage.remove([storage.join(root, path) for path in manifest.get("stale", ())])
        _write(root, run_id + _DONE, text)
    storage.remove([storage.join(root, COMMITS, intent)])
    storage.remove_folder(root, f"{STAGING}/{run_id}")
    return True


def _in_groups(files: Sequence[dict[str, str]]) -> list[list[tuple[str, str]]]:
    """Return the moves of files in groups of which each is whole before the next appears."""
    groups: list[list[tuple[str, str]]] = [[], [], []]
    for file in files:
        group = {STORIES.name: 1, RUNS.name: 2}.get(file["table"], 0)
        groups[group].append((file["staged"], file["final"]))
    return groups


def _withdraw(root: str, intent: str) -> None:
    """Remove what a commit that cannot be carried out has brought to its place.

    It was cut short, and then what it had staged was removed by a run that did not know of it.
    """
    logger.warning("%s: a commit was cut short and its files are gone: withdrawn", intent)
    done = intent.removesuffix(_INTENT) + _DONE
    kept = {file["final"] for file in _files_of(root, done)}
    stray = {file["final"] for file in _files_of(root, intent)} - kept
    storage.remove([storage.join(root, path) for path in sorted(stray)])
    storage.remove([storage.join(root, COMMITS, intent)])


def _names(root: str) -> list[str]:
    return storage.names(storage.join(root, COMMITS))


def _staged_in(root: str, name: str) -> set[str]:
    return {file["staged"] for file in _files_of(root, name)}


def _files_of(root: str, name: str) -> Any:
    return _parsed(_read(root, name))["files"]


def _parsed(manifest: str) -> Any:
    return json.loads(manifest or '{"files": []}')


def _read(root: str, name: str) -> str:
    try:
        return storage.read(storage.join(root, COMMITS, name)).decode()
    except FileNotFoundError:
        return ""


def _write(root: str, name: str, text: str) -> None:
    with storage.replaced(storage.join(root, COMMITS, name)) as file:
        file.write(text.encode())
