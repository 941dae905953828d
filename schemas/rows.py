"""Records of a table as Arrow rows, in the table's order."""

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

import pyarrow as pa
from apache_beam.utils.timestamp import Timestamp

from schemas.tables import Table

_ROWS_PER_BATCH = 10_000  # bounds the Python objects alive while Arrow batches are built

Records = Iterable[NamedTuple]


def to_arrow(table: Table, records: Records, run_id: str) -> pa.Table:
    """Return `records` as an Arrow table, with `run_id` added and rows in the table's order."""
    remaining = iter(records)
    batches = []
    while chunk := list(islice(remaining, _ROWS_PER_BATCH)):
        columns = [
            pa.array([_plain(value) for value in values], kind)
            for values, kind in zip(zip(*chunk, strict=True), table.schema.types, strict=False)
        ]
        columns.append(pa.array([run_id] * len(chunk), pa.string()))
        batches.append(pa.RecordBatch.from_arrays(columns, schema=table.schema))
    return in_order(table, pa.Table.from_batches(batches, schema=table.schema))


def in_order(table: Table, rows: pa.Table) -> pa.Table:
    """Return `rows` in the table's order, which is total: the same however they came.

    Of rows that several runs have written alike, the earlier run's come first.
    """
    columns = (*table.sort_by, "run_id")
    return rows.sort_by([(column, "ascending") for column in columns]).combine_chunks()


def _plain(value: object) -> object:
    """Return a nested record as a dict, a Timestamp as microseconds, a sequence as a list."""
    if isinstance(value, Timestamp):
        return value.micros
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return value._asdict()  # by shape: another process may have decoded it as another class
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
