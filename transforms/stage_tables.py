"""Stage tables: records → files that wait for the commit of a run, or of a slot of a stream."""

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam import PTransform
from apache_beam.pvalue import PCollection
from apache_beam.transforms.window import BoundedWindow, GlobalWindows
from apache_beam.utils.timestamp import Timestamp
from apache_beam.utils.windowed_value import WindowedValue

from schemas.tables import TABLES, Table
from transforms.books import RunContext
from transforms.commit import StagedFile, merge, spill, stage
from transforms.event_time import run_id_at

_ROWS_PER_PIECE = 2_000  # rows of a table that a worker holds as Python objects
_WINDOW: Any = beam.DoFn.WindowParam


class Stage(PTransform[PCollection[NamedTuple], PCollection[StagedFile]]):
    """Write one table's records to a fixed number of files, chosen by a stable hash of an id."""

    def __init__(
        self, context: RunContext, table: Table, id_of: Callable[[NamedTuple], str]
    ) -> None:
        super().__init__()
        self._context = context
        self._table = table
        self._id_of = id_of


class StageOnDisk(Stage):
    """Stage what a run holds: records go to disk where they are, as pieces that are then merged.

    Only the names of the pieces are shuffled: a runner that groups in memory never holds a table.
    """

    def expand(self, records: PCollection[NamedTuple]) -> PCollection[StagedFile]:
        context, table = self._context, self._table.name
        return (
            records
            | "Spill" >> beam.ParDo(_Spill(context, table, self._id_of))
            | "GroupPieces" >> beam.GroupByKey()
            | "Merge" >> beam.Map(
                _merge, context.root, table, context.run_id
            ).with_output_types(StagedFile)
        )


class StageInState(Stage):
    """Stage what each slot holds: records wait for its end in the state of the runner.

    A checkpoint holds them there, which pieces on disk would not outlive.
    """

    def expand(self, records: PCollection[NamedTuple]) -> PCollection[StagedFile]:
        kind: Any = records.element_type
        return (
            records
            | "Shard" >> beam.Map(
                _with_shard, self._id_of, self._context.shards
            ).with_output_types(tuple[int, kind])
            | "GroupRecords" >> beam.GroupByKey()
            | "StageRecords" >> beam.ParDo(_StageRecords(self._context, self._table.name))
        )


def run_ending(end: Timestamp, context: RunContext) -> RunContext:
    """Return what is known of the run of the slot that ends at `end`."""
    return context._replace(run_id=run_id_at(end), logical_time=end, started_at=end)


class _Spill(beam.DoFn):
    """Write records to pieces, each of one shard, and emit the shard and the piece's path."""

    def __init__(
        self, context: RunContext, table: str, id_of: Callable[[NamedTuple], str]
    ) -> None:
        super().__init__()
        self._context = context
        self._table = table
        self._id_of = id_of

    def start_bundle(self) -> None:
        self._shards: dict[int, list[NamedTuple]] = defaultdict(list)

    def process(self, record: NamedTuple) -> Iterator[tuple[int, str]]:
        shard, _ = _with_shard(record, self._id_of, self._context.shards)
        self._shards[shard].append(record)
        if len(self._shards[shard]) >= _ROWS_PER_PIECE:
            yield shard, self._write(self._shards.pop(shard))

    def finish_bundle(self) -> Iterator[WindowedValue]:
        for shard, records in sorted(self._shards.items()):
            yield GlobalWindows.windowed_value((shard, self._write(records)))

    def _write(self, records: list[NamedTuple]) -> str:
        return spill(self._context.root, TABLES[self._table], records, self._context.run_id)


def _merge(group: tuple[int, Iterable[str]], root: str, table: str, run_id: str) -> StagedFile:
    shard, pieces = group
    return merge(root, TABLES[table], sorted(pieces), run_id, shard)


class _StageRecords(beam.DoFn):
    """Write the records of a shard of a slot to one staged file."""

    def __init__(self, context: RunContext, table: str) -> None:
        super().__init__()
        self._context = context
        self._table = table

    def process(
        self, group: tuple[int, Iterable[NamedTuple]], window: BoundedWindow = _WINDOW
    ) -> Iterator[StagedFile]:
        shard, records = group
        run = run_ending(window.end, self._context)
        yield stage(run.root, TABLES[self._table], records, run.run_id, shard)


def _with_shard(
    record: NamedTuple, id_of: Callable[[NamedTuple], str], shards: int
) -> tuple[int, NamedTuple]:
    return zlib.crc32(id_of(record).encode()) % shards, record
