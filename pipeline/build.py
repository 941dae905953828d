"""The straight line: wire sources in, event tables out; once, or for ever."""

from collections.abc import Callable, Sequence

import apache_beam as beam
from apache_beam.pvalue import PCollection
from apache_beam.transforms.error_handling import CollectingErrorHandler
from apache_beam.transforms.window import FixedWindows
from apache_beam.utils.timestamp import Timestamp

from pipeline.options import Options
from pipeline.plan import Plan
from pipeline.runners import fitted
from schemas.records import CodedStory, Reject, SourceSpec, Story
from transforms.books import RunContext
from transforms.commit import STAGING
from transforms.deduplicate import Deduplicate
from transforms.deduplicate_stream import DeduplicateStream, ForgetKnownRejectsStream
from transforms.event_time import StreamClock
from transforms.extract import Extract
from transforms.normalise import Normalise
from transforms.outcomes import Deduplicated
from transforms.read import Read
from transforms.read_stream import ReadStream
from transforms.reading import Readings
from transforms.recall import ForgetKnownRejects, History, Remembered
from transforms.recognise import Recognise
from transforms.resolve import Resolve
from transforms.write import Outputs, Write, WriteSlots


def build(
    pipeline: beam.Pipeline, plan: Plan, history: History, context: RunContext, options: Options
) -> None:
    """Add the stages of a run to `pipeline`; each line is one file in transforms/."""
    now = context.logical_time
    with CollectingErrorHandler() as errors:
        planned = pipeline | "Planned" >> beam.Create(plan.rejects)
        errors.add_error_pcollection(planned)
        sources = pipeline | "Sources" >> beam.Create(plan.sources)
        read = sources | "Read" >> Read(errors, as_of=now, allow_loopback=options.allow_loopback)
        stories = read.items | "Normalise" >> Normalise(_always(now), errors)
        aside = f"{context.root}/{STAGING}/{context.run_id}/aside"
        kept = stories | "Deduplicate" >> Deduplicate(history, aside)
        coded = _understood(kept.stories, options)
    rejects = errors.output()
    remembered = rejects | "ForgetKnownRejects" >> ForgetKnownRejects(history)
    outputs = _outputs(read, kept, coded, rejects, remembered)
    _ = outputs | "Write" >> Write(context)


def build_stream(
    pipeline: beam.Pipeline,
    feeds: Sequence[SourceSpec],
    files: Callable[[], Sequence[SourceSpec | Reject]],
    history: History,
    clock: StreamClock,
    context: RunContext,
    options: Options,
) -> None:
    """Add the stages of a stream to `pipeline`: those of a run, on what never ends."""
    with CollectingErrorHandler() as errors:
        read = pipeline | "Read" >> ReadStream(
            feeds, files, errors, clock,
            every_s=options.every, allow_loopback=options.allow_loopback,
        )
        stories = read.items | "Normalise" >> Normalise(clock.slot_end, errors)
        kept = stories | "Deduplicate" >> DeduplicateStream(history, clock)
        # The model takes batches, and a batch has one moment: that of its slot.
        slots = kept.stories | "Slots" >> beam.WindowInto(FixedWindows(clock.slot_s))
        coded = _understood(slots, options)
    rejects = errors.output()
    remembered = rejects | "ForgetKnownRejects" >> ForgetKnownRejectsStream(history, clock)
    outputs = _outputs(read, kept, coded, rejects, remembered)
    _ = outputs | "Write" >> WriteSlots(context, clock.slot_s)


def _understood(stories: PCollection[Story], options: Options) -> PCollection[CodedStory]:
    tagged = stories | "Recognise" >> fitted(Recognise(options.model), options)
    resolved = tagged | "Resolve" >> Resolve()
    return resolved | "Extract" >> Extract()


def _outputs(
    read: Readings,
    kept: Deduplicated,
    coded: PCollection[CodedStory],
    rejects: PCollection[Reject],
    remembered: Remembered,
) -> Outputs:
    return Outputs(
        items=read.items,
        coded=coded,
        duplicates=kept.duplicates,
        unchanged=kept.unchanged,
        rejects=rejects,
        new_rejects=remembered.rejects,
        unchanged_rejects=remembered.unchanged,
        fetches=read.fetches,
    )


def _always(moment: Timestamp) -> Callable[[Timestamp], Timestamp]:
    return lambda _: moment
