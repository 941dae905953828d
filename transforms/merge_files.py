"""Read files of a table, merge small ones and write files: rows in the table's order."""

import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.rows import in_order
from schemas.tables import TABLES, Table
from transforms.commit import ROWS_PER_GROUP
from transforms.compacted_names import Runs, compacted_name


class RunFiles(NamedTuple):
    """The files of one run, or the one file of several."""

    runs: Runs
    paths: tuple[str, ...]
    size: int  # of all of them, on the disk
    stretch: int  # only files of one stretch of time are merged


class Merged(NamedTuple):
    """A file that holds the rows of others, and the name that it is to get."""

    path: Path
    name: str
    rows: int
    sources: tuple[str, ...]


def may_merge(files: RunFiles, full_bytes: int) -> bool:
    """Say whether others may be added to `files`, as far as can be told without reading them."""
    return not files.runs.is_full and files.size <= full_bytes


def merge_small(
    table: Table, runs: Iterable[RunFiles], staging: Path, full_bytes: int
) -> Iterator[Merged]:
    """Yield merged files of `runs`, each of so many as fit in `full_bytes` of memory.

    What a file can hold no more of, what has other columns, and another stretch begin the next.

    Raises:
        ArrowInvalid: a file is damaged.
    """
    group = _Group(table, staging)
    for files in runs:
        rows = read_rows(table, files.paths) if may_merge(files, full_bytes) else None
        if rows is None:
            yield from group.close(is_full=False)
        else:
            if not group.admits(files, rows):
                yield from group.close(is_full=False)
            elif group.bytes and group.bytes + rows.nbytes > full_bytes:
                yield from group.close(is_full=True)
            group.add(files, rows)
    yield from group.close(is_full=False)


class _Group:
    """Rows that are to become one file."""

    def __init__(self, table: Table, staging: Path) -> None:
        self._table = table
        self._staging = staging
        self._files: list[RunFiles] = []
        self._rows: list[pa.Table] = []
        self.bytes = 0  # how much memory the rows take

    def admits(self, files: RunFiles, rows: pa.Table) -> bool:
        """Say whether the rows of `files` belong to the same stretch and have the same columns."""
        if not self._files:
            return True
        is_alike = rows.schema.equals(self._rows[0].schema, check_metadata=True)
        return bool(is_alike and files.stretch == self._files[0].stretch)

    def add(self, files: RunFiles, rows: pa.Table) -> None:
        """Add the rows of `files`."""
        self._files.append(files)
        self._rows.append(rows)
        self.bytes += rows.nbytes

    def close(self, *, is_full: bool) -> Iterator[Merged]:
        """Yield the file, if it comes of more than one, and begin anew."""
        sources = tuple(path for files in self._files for path in files.paths)
        if len(sources) > 1:
            rows = in_order(self._table, as_written(self._table, pa.concat_tables(self._rows)))
            runs = Runs(
                min(files.runs.first for files in self._files),
                max(files.runs.last for files in self._files),
                is_full,
            )
            yield stage_merged(self._staging, rows, compacted_name(runs, len(rows)), sources)
        self._files, self._rows, self.bytes = [], [], 0


def read_rows(table: Table, paths: Sequence[str]) -> pa.Table | None:
    """Return the rows of `paths`, None if they cannot be put in order or together.

    Raises:
        ArrowInvalid: a file is damaged.
    """
    tables = [_read(path) for path in paths]
    schema = tables[0].schema
    is_one = all(rows.schema.equals(schema, check_metadata=True) for rows in tables)
    if not is_one or not set(table.sort_by) <= set(schema.names):
        return None
    return pa.concat_tables(tables)


def as_written(table: Table, rows: pa.Table) -> pa.Table:
    """Return `rows` that were read as they were written: items of lists get another name."""
    is_current = rows.schema.equals(_as_read(table.name), check_metadata=True)
    return rows.cast(table.schema) if is_current else rows


def stage_merged(
    staging: Path, rows: pa.Table, name: str, sources: tuple[str, ...]
) -> Merged:
    """Write `rows`, which are in order, to a file of their own, flushed to the disk."""
    path = staging / f"{uuid.uuid4().hex}.inprogress"
    with path.open("wb") as file:
        pq.write_table(rows, file, compression="zstd", row_group_size=ROWS_PER_GROUP)
        file.flush()
        os.fsync(file.fileno())
    return Merged(path, name, len(rows), sources)


def _read(path: str) -> pa.Table:
    try:
        return pq.ParquetFile(path).read(use_threads=False)  # many are small
    except pa.ArrowInvalid as error:
        raise pa.ArrowInvalid(f"{path}: {error}") from error


@cache
def _as_read(table: str) -> pa.Schema:
    """Return the schema of a table as it is read back."""
    sink = pa.BufferOutputStream()
    pq.write_table(TABLES[table].schema.empty_table(), sink)
    return pq.read_schema(pa.BufferReader(sink.getvalue()))
