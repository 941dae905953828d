"""Write: records → Parquet tables, committed once, after the books have been checked."""

import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import apache_beam as beam
from apache_beam import PTransform
from apache_beam.pvalue import AsDict, AsIter, PCollection
from apache_beam.transforms.combiners import Count, ToListCombineFn
from apache_beam.transforms.window import GlobalWindows
from apache_beam.utils.timestamp import Timestamp
from apache_beam.utils.windowed_value import WindowedValue

from schemas.records import (
    CodedStory,
    DateMention,
    Duplicate,
    Event,
    Fetch,
    Mention,
    RawItem,
    Reject,
    Run,
    SourceCount,
    Story,
)
from schemas.tables import TABLES, Table
from transforms.commit import StagedFile, admitted, commit, merge, spill, stage

_ROWS_PER_PIECE = 2_000  # rows of a table that a worker holds as Python objects

Tally = dict[tuple[str, str], int]
"""How many items had an outcome: (source_id, outcome) → count, and (origin, "new from")."""


class ConservationError(AssertionError):
    """Items were lost or doubled on the way: a bug, and the run must not be committed."""


class RerunError(RuntimeError):
    """A run is repeated and reads less than it has before: what it has committed must stay."""


class RunContext(NamedTuple):
    """What is fixed before a run begins."""

    run_id: str
    logical_time: Timestamp
    started_at: Timestamp
    root: str
    shards: int
    inputs: tuple[str, ...]
    options: str
    versions: str
    model_id: str
    new_tables: tuple[str, ...]  # tables without a file yet: they get one, even if empty
    unplanned: tuple[str, ...] = ()  # sources that planning has rejected
    unread_before: frozenset[str] | None = None  # not read in full when the slot was committed
    skip_quiet: bool = False  # commit nothing if nothing new came and no source failed
    ticket: str = ""  # what `locked` gave: a job that outlives its driver must not commit late


class Outputs(NamedTuple):
    """Everything a run has produced."""

    items: PCollection[RawItem]
    coded: PCollection[CodedStory]
    duplicates: PCollection[Duplicate]
    unchanged: PCollection[str]
    rejects: PCollection[Reject]  # all of them, for the books
    new_rejects: PCollection[Reject]
    unchanged_rejects: PCollection[str]
    fetches: PCollection[Fetch]


class Write(PTransform[Outputs, PCollection[str]]):
    """Stage every table and commit the run; a repeated bundle writes the same bytes again.

    Fails with ConservationError, committing nothing, if an item was lost or doubled.
    """

    def __init__(self, context: RunContext) -> None:
        super().__init__()
        self._context = context

    def expand(self, outputs: Outputs) -> PCollection[str]:
        stories = outputs.coded | "Stories" >> beam.Map(_story)
        mentions = outputs.coded | "Mentions" >> beam.FlatMap(_mentions)
        dates = outputs.coded | "Dates" >> beam.FlatMap(_dates)
        events = outputs.coded | "Events" >> beam.FlatMap(_events)
        staged = [
            stories | "StageStories" >> self._stage("stories", _story_id),
            mentions | "StageMentions" >> self._stage("mentions", _story_id),
            dates | "StageDates" >> self._stage("dates", _story_id),
            events | "StageEvents" >> self._stage("events", _story_id),
            outputs.duplicates | "StageDuplicates" >> self._stage("duplicates", _story_id),
            outputs.new_rejects | "StageRejects" >> self._stage("rejects", _reject_id),
        ]
        tally = _tally(outputs, stories)
        return (
            staged
            | "Staged" >> beam.Flatten()
            | "AllStaged" >> beam.CombineGlobally(ToListCombineFn())
            | "Commit" >> beam.ParDo(
                _Commit(self._context), AsDict(tally), AsIter(outputs.fetches)
            ).with_output_types(str)
        )

    def _stage(self, table: str, id_of: Callable[[NamedTuple], str]) -> "_Stage":
        return _Stage(self._context, TABLES[table], id_of)


class _Stage(PTransform[PCollection[NamedTuple], PCollection[StagedFile]]):
    """Write one table's records to a fixed number of files, chosen by a stable hash of an id.

    Records go to disk where they are, and only the names of those pieces are shuffled: a
    runner that groups in memory never holds the table.
    """

    def __init__(
        self, context: RunContext, table: Table, id_of: Callable[[NamedTuple], str]
    ) -> None:
        super().__init__()
        self._context = context
        self._table = table
        self._id_of = id_of

    def expand(self, records: PCollection[NamedTuple]) -> PCollection[StagedFile]:
        return (
            records
            | "Spill" >> beam.ParDo(_Spill(self._context, self._table.name, self._id_of))
            | "GroupPieces" >> beam.GroupByKey()
            | "Merge" >> beam.Map(
                _merge, self._context.root, self._table.name, self._context.run_id
            ).with_output_types(StagedFile)
        )


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
        shard = zlib.crc32(self._id_of(record).encode()) % self._context.shards
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


class _Commit(beam.DoFn):
    def __init__(self, context: RunContext) -> None:
        super().__init__()
        self._context = context

    def process(
        self, staged: list[StagedFile], tally: Tally, fetches: Iterable[Fetch]
    ) -> Iterator[str]:
        context = self._context
        readings = [with_counts(fetch, tally) for fetch in fetches]
        counts = source_counts(tally, readings)
        check_conservation(counts)
        run = run_record(context, counts, readings, finished_s=time.time())
        check_rerun(unread_sources(readings), context.unread_before)
        if context.skip_quiet and is_quiet(staged, run, readings):
            return
        files = [*staged, self._stage("fetches", readings), self._stage("runs", [run])]
        missing = set(context.new_tables) - {file.table for file in files}
        files += [self._stage(table, []) for table in sorted(missing)]
        with admitted(context.root, context.ticket):
            commit(context.root, context.run_id, files)
        yield context.run_id

    def _stage(self, table: str, records: Iterable[NamedTuple]) -> StagedFile:
        return stage(self._context.root, TABLES[table], records, self._context.run_id)


def source_counts(tally: Tally, fetches: Iterable[Fetch]) -> list[SourceCount]:
    """Return the books of each source, by source_id; those that had nothing are listed too."""
    outcomes = SourceCount._fields[1:]
    source_ids = {source_id for source_id, outcome in tally if outcome in outcomes}
    source_ids |= {fetch.source_id for fetch in fetches if not fetch.items_seen}
    return [
        SourceCount(source_id, *(tally.get((source_id, outcome), 0) for outcome in outcomes))
        for source_id in sorted(source_ids)
    ]


def check_conservation(counts: Iterable[SourceCount]) -> None:
    """Check that every item read ended in exactly one place.

    Raises:
        ConservationError: the books of a source do not balance.
    """
    for count in counts:
        ended = count.stories + count.duplicates + count.unchanged + count.rejects
        if count.read != ended:
            raise ConservationError(
                f"source {count.source_id}: {count.read} items read but {ended} accounted for "
                f"({count}); nothing was committed; please report this"
            )


def with_counts(fetch: Fetch, tally: Tally) -> Fetch:
    """Return `fetch` with how many of the items read from its URL were new and changed."""
    return fetch._replace(
        items_new=tally.get((fetch.url, "new from"), 0),
        items_changed=tally.get((fetch.url, "changed from"), 0),
    )


def run_record(
    context: RunContext,
    counts: list[SourceCount],
    fetches: Iterable[Fetch],
    *,
    finished_s: float,
) -> Run:
    """Return the row of the runs table."""
    asked = {fetch.source_id: fetch.outcome for fetch in fetches}
    failed = {source_id for source_id, outcome in asked.items() if outcome == "failed"}
    failed.update(context.unplanned)
    return Run(
        logical_time=context.logical_time,
        started_at=context.started_at,
        duration_s=round(finished_s - float(context.started_at), 3),
        outcome="partial" if failed else "complete",
        inputs=context.inputs,
        options=context.options,
        versions=context.versions,
        model_id=context.model_id,
        sources=len(asked.keys() | set(context.unplanned)),
        counts=counts,
        failed_sources=sorted(failed),
    )


def unread_sources(fetches: Iterable[Fetch]) -> frozenset[str]:
    """Return the sources that were not read, or not to their end."""
    return frozenset(
        fetch.source_id for fetch in fetches
        if fetch.outcome == "failed" or "incomplete" in fetch.health
    )


def is_quiet(staged: Iterable[StagedFile], run: Run, fetches: Iterable[Fetch]) -> bool:
    """Say whether a run has nothing to tell: no row, no failure, no server that asks to wait."""
    has_rows = any(file.rows for file in staged)
    asks_to_wait = any(fetch.not_before and fetch.outcome != "not_due" for fetch in fetches)
    return not has_rows and not run.failed_sources and not asks_to_wait


def check_rerun(unread: frozenset[str], unread_before: frozenset[str] | None) -> None:
    """Check that a repeated run reads every source that it has read before.

    Raises:
        RerunError: one cannot be read now, or not to its end.
    """
    lost = frozenset() if unread_before is None else unread - unread_before
    if lost:
        raise RerunError(
            f"this slot has been committed before, and now {', '.join(sorted(lost))} cannot be "
            "read in full: nothing was changed; mend the source, or leave --run-id away"
        )


def _tally(outputs: Outputs, stories: PCollection[Story]) -> PCollection[tuple[object, int]]:
    outcomes = (
        outputs.items | "TallyItems" >> beam.Map(_outcome_of_item),
        stories | "TallyStories" >> beam.FlatMap(_outcomes_of_story),
        outputs.duplicates | "TallyDuplicates" >> beam.FlatMap(_outcomes_of_duplicate),
        outputs.unchanged | "TallyUnchanged" >> beam.Map(_unchanged),
        outputs.rejects | "TallyRejects" >> beam.FlatMap(_read_of_reject),
        outputs.new_rejects | "TallyNewRejects" >> beam.Map(_outcome_of_reject),
        outputs.unchanged_rejects | "TallyOldRejects" >> beam.Map(_unchanged),
    )
    return outcomes | "Outcomes" >> beam.Flatten() | "Count" >> Count.PerElement()


def _outcome_of_item(item: RawItem) -> tuple[str, str]:
    return item.source_id, "read"


def _outcomes_of_story(story: Story) -> Iterator[tuple[str, str]]:
    yield story.source_id, "stories"
    yield story.origin, "new from" if story.revision == 1 else "changed from"


def _outcomes_of_duplicate(copy: Duplicate) -> Iterator[tuple[str, str]]:
    yield copy.source_id, "duplicates"
    yield copy.origin, "new from" if copy.revision == 1 else "changed from"


def _read_of_reject(reject: Reject) -> Iterator[tuple[str, str]]:
    if reject.stage == "read":  # what a later stage rejects was read as an item
        yield reject.source_id, "read"


def _outcome_of_reject(reject: Reject) -> tuple[str, str]:
    return reject.source_id, "rejects"


def _unchanged(source_id: str) -> tuple[str, str]:
    return source_id, "unchanged"


def _story(coded: CodedStory) -> Story:
    return coded.story


def _mentions(coded: CodedStory) -> Iterator[Mention]:
    yield from coded.mentions


def _dates(coded: CodedStory) -> Iterator[DateMention]:
    yield from coded.dates


def _events(coded: CodedStory) -> Iterator[Event]:
    yield from coded.events


def _story_id(record: NamedTuple) -> str:
    return record.story_id  # type: ignore[attr-defined]


def _reject_id(record: NamedTuple) -> str:
    return record.reject_id  # type: ignore[attr-defined]
