"""Write: records → Parquet tables, committed once a run, after the books have been checked."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypedDict

import apache_beam as beam
from apache_beam import PTransform
from apache_beam.coders import RowCoder
from apache_beam.coders.typecoders import registry
from apache_beam.pvalue import PCollection
from apache_beam.transforms.combiners import Count
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import (
    AccumulatingRuntimeState,
    BagStateSpec,
    RuntimeTimer,
    TimerSpec,
    on_timer,
)
from apache_beam.transforms.window import (
    BoundedWindow,
    FixedWindows,
    GlobalWindows,
    IntervalWindow,
)
from apache_beam.utils.timestamp import Timestamp

from schemas.records import (
    CodedStory,
    DateMention,
    Duplicate,
    Event,
    Fetch,
    Mention,
    RawItem,
    Reject,
    Story,
)
from schemas.tables import TABLES
from transforms.books import (
    RunContext,
    check_conservation,
    check_rerun,
    is_quiet,
    run_record,
    source_counts,
    unread_sources,
    with_counts,
)
from transforms.commit import StagedFile, admitted, commit, has_files, stage
from transforms.make_room import make_room
from transforms.stage_tables import Stage, StageInState, StageOnDisk, run_ending

_ONE_KEY = ""  # what belongs to a run meets under it


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


class Tallied(NamedTuple):
    """How many items had an outcome: an entry of `books.Tally`."""

    of: str
    outcome: str
    items: int


class RunContents(NamedTuple):
    """What one run is to commit, and its books."""

    end_us: int  # of its slot, 0 if it has none
    staged: Sequence[StagedFile]
    tally: Sequence[Tallied]
    fetches: Sequence[Fetch]


for record in (Tallied, RunContents):
    registry.register_coder(record, RowCoder)

# What Beam puts in the place of these is of another type than they are.
_WINDOW: Any = beam.DoFn.WindowParam
_TIMESTAMP: Any = beam.DoFn.TimestampParam
_DUE_SPEC = TimerSpec("due", TimeDomain.WATERMARK)
_DUE: Any = beam.DoFn.TimerParam(_DUE_SPEC)
_WAITING: Any = beam.DoFn.StateParam(
    BagStateSpec("waiting", registry.get_coder(RunContents))
)


class Write(PTransform[Outputs, PCollection[str]]):
    """Stage every table and commit the run; a repeated bundle writes the same bytes again.

    Fails with ConservationError, committing nothing, if an item was lost or doubled.
    """

    def __init__(self, context: RunContext) -> None:
        super().__init__()
        self._context = context

    def expand(self, outputs: Outputs) -> PCollection[str]:
        return (
            outputs
            | "Gather" >> _Gather(self._context, StageOnDisk)
            | "Commit" >> beam.ParDo(_Commit(self._context))
        )


class WriteSlots(PTransform[Outputs, PCollection[str]]):
    """Commit each slot of a stream as a run of its own, one after the other.

    A slot that brought nothing leaves nothing. Fails as `Write` does.
    """

    def __init__(self, context: RunContext, slot_s: int) -> None:
        super().__init__()
        self._context = context
        self._slot_s = slot_s

    def expand(self, outputs: Outputs) -> PCollection[str]:
        slots = Outputs(*(
            records | f"Cut {name}" >> beam.WindowInto(FixedWindows(self._slot_s))
            for name, records in outputs._asdict().items()
        ))
        return (
            slots
            | "Gather" >> _Gather(self._context, StageInState)
            | "Line up" >> beam.WindowInto(GlobalWindows())
            | "Commit" >> beam.ParDo(_CommitInOrder(self._context))
        )


class _Gather(PTransform[Outputs, PCollection[tuple[str, RunContents]]]):
    """Stage what each window holds, and bring together what its commit needs to know."""

    def __init__(self, context: RunContext, stage_by: type[Stage]) -> None:
        super().__init__()
        self._context = context
        self._stage_by = stage_by

    def expand(self, outputs: Outputs) -> PCollection[tuple[str, RunContents]]:
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
        parts = {
            "staged": staged | "Staged" >> beam.Flatten(),
            "tally": _tally(outputs, stories) | "Tallied" >> beam.MapTuple(_tallied),
            "fetches": outputs.fetches,
        }
        meeting = {
            name: records | f"Meet {name}" >> beam.WithKeys(_ONE_KEY)
            for name, records in parts.items()
        }
        return (
            meeting
            | "Meet" >> beam.CoGroupByKey()
            | "Contents" >> beam.ParDo(_Contents()).with_output_types(tuple[str, RunContents])
        )

    def _stage(self, table: str, id_of: Callable[[NamedTuple], str]) -> Stage:
        return self._stage_by(self._context, TABLES[table], id_of)


class _Met(TypedDict):
    staged: Iterable[StagedFile]
    tally: Iterable[Tallied]
    fetches: Iterable[Fetch]


class _Contents(beam.DoFn):
    def process(
        self, group: tuple[str, _Met], window: BoundedWindow = _WINDOW
    ) -> Iterator[tuple[str, RunContents]]:
        key, met = group
        end_us = window.end.micros if isinstance(window, IntervalWindow) else 0
        yield key, RunContents(
            end_us, list(met["staged"]), list(met["tally"]), list(met["fetches"])
        )


class _Commit(beam.DoFn):
    def __init__(self, context: RunContext) -> None:
        super().__init__()
        self._context = context

    def process(self, run: tuple[str, RunContents]) -> Iterator[str]:
        yield from commit_run(self._context, run[1])


class _CommitInOrder(beam.DoFn):
    """Commits a slot when no earlier one can come any more: an ETag stands for all before it."""

    def __init__(self, context: RunContext) -> None:
        super().__init__()
        self._context = context

    def process(
        self,
        run: tuple[str, RunContents],
        waiting: AccumulatingRuntimeState = _WAITING,
        due: RuntimeTimer = _DUE,
    ) -> None:
        waiting.add(run[1])
        _set_for_first(due, waiting.read())

    @on_timer(_DUE_SPEC)
    def commit_due(
        self,
        now: Timestamp = _TIMESTAMP,
        waiting: AccumulatingRuntimeState = _WAITING,
        due: RuntimeTimer = _DUE,
    ) -> Iterator[str]:
        slots = sorted(waiting.read(), key=_slot_end)
        waiting.clear()
        for contents in slots:
            if contents.end_us <= now.micros:
                yield from commit_run(self._context, contents)
            else:
                waiting.add(contents)
        _set_for_first(due, [one for one in slots if one.end_us > now.micros])


def _set_for_first(due: RuntimeTimer, slots: Iterable[RunContents]) -> None:
    first_us = min(map(_slot_end, slots), default=None)
    if first_us is not None:
        due.set(Timestamp(micros=first_us))


def _slot_end(contents: RunContents) -> int:
    return contents.end_us


def commit_run(context: RunContext, contents: RunContents) -> Iterator[str]:
    """Check the books, commit the run and yield its id; nothing if it is quiet and may be.

    Raises:
        ConservationError: an item was lost or doubled.
        RerunError: the run was committed before, and a source cannot be read in full now.
        SupersededError: a later run holds the output.
    """
    if contents.end_us:
        context = run_ending(Timestamp(micros=contents.end_us), context)
    tally = {(entry.of, entry.outcome): entry.items for entry in contents.tally}
    readings = [with_counts(fetch, tally) for fetch in contents.fetches]
    counts = source_counts(tally, readings)
    check_conservation(counts)
    run = run_record(context, counts, readings, finished_s=time.time())
    check_rerun(unread_sources(readings), context.unread_before)
    if context.skip_quiet and is_quiet(contents.staged, run, readings):
        return
    files = [
        *contents.staged, _staged(context, "fetches", readings), _staged(context, "runs", [run])
    ]
    missing = TABLES.keys() - {file.table for file in files}
    with admitted(context.root, context.ticket):
        make_room(context.root, context.run_id)
        files += [
            _staged(context, table, []) for table in sorted(missing)
            if not has_files(context.root, table, before=context.run_id)
        ]
        commit(context.root, context.run_id, files, ticket=context.ticket)
    yield context.run_id


def _staged(context: RunContext, table: str, records: Iterable[NamedTuple]) -> StagedFile:
    return stage(context.root, TABLES[table], records, context.run_id)


def _tallied(outcome: tuple[str, str], count: int) -> Tallied:
    return Tallied(*outcome, count)


def _tally(
    outputs: Outputs, stories: PCollection[Story]
) -> PCollection[tuple[tuple[str, str], int]]:
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
