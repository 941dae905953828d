"""DeduplicateStream: Story → Story, and Duplicate for each copy, as a stream brings them."""

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

import apache_beam as beam
import numpy as np
from apache_beam import PTransform
from apache_beam.pvalue import AsSingleton, PBegin, PCollection, TaggedOutput
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Timestamp

from schemas.ids import digest
from schemas.records import Reject, Story
from transforms.copies import Candidate, candidate_of, endpoint_of, for_comparison
from transforms.event_time import StreamClock
from transforms.fingerprint import NO_FINGERPRINT
from transforms.history import past_sampled, read_past, recent_files, slot_keys
from transforms.moment_rules import Claim, Numbered, moment_rows
from transforms.moments import (
    STATE_MS,
    TIME,
    moment_of,
    time_of,
)
from transforms.outcomes import Deduplicated, with_fingerprint
from transforms.pairing import is_exact, key_rows
from transforms.recall import History, Remembered
from transforms.stop_learning import LearnStops
from transforms.stop_shingles import LEARNED_DAYS, SampledStory, screened
from transforms.stream_choice import Choose, Decide, Part
from transforms.stream_meetings import CHOOSER, Compare, MatchTexts, Meet, Met, Pair, ToMeet
from transforms.stream_rejects import ForgetRejects
from transforms.stream_versions import NumberVersions

_Row = TaggedOutput[Literal["rows"], tuple[int, bytes]]
_Text = TaggedOutput[Literal["texts"], tuple[str, Candidate]]
_ToMeet = TaggedOutput[Literal["to_meet"], tuple[str, ToMeet]]


class DeduplicateStream(PTransform[PCollection[Story], Deduplicated]):
    """Keep one story of each set of copies; number the versions of each item.

    Each moment is decided on when the watermark has passed it, as a run of its own would: by the
    rules of `Deduplicate`, against what was decided at earlier moments, which is never withdrawn.
    Every story that comes in leaves exactly once, with its own timestamp. State lasts for the
    window in which copies are looked for, and some hours; what is older is looked up by item and
    by text in the tables. Needs stories in the global window that are not late.
    """

    def __init__(self, history: History, clock: StreamClock) -> None:
        super().__init__()
        self._history = history
        self._clock = clock

    def expand(self, stories: PCollection[Story]) -> Deduplicated:
        history, clock, pipeline = self._history, self._clock, stories.pipeline
        numbered = (
            stories
            | "ByItem" >> beam.Map(_by_item).with_output_types(tuple[str, Story])
            | "NumberVersions"
            >> beam.ParDo(NumberVersions(history, clock)).with_outputs("unchanged", main="new")
        )
        new = numbered.new | "Fingerprint" >> beam.Map(_with_fingerprint)
        candidates = (
            new | "Candidates" >> beam.Map(_candidate),
            pipeline | "Published" >> _ReadPublished(history, clock),
        ) | "AllCandidates" >> beam.Flatten()
        stops = AsSingleton(pipeline | "Stops" >> _LearnStops(history))
        spread = candidates | "Spread" >> beam.ParDo(_Spread(), stops).with_outputs(
            "rows", "texts", "to_meet", main="stories"
        )
        pairs = spread.rows | "Pair" >> beam.ParDo(Pair())
        meetings = (spread.to_meet, pairs) | "ToMeet" >> beam.Flatten()
        guests = meetings | "Meet" >> beam.ParDo(Meet())
        claims = (
            (spread.stories, guests) | "ToCompare" >> beam.Flatten()
            | "Compare" >> beam.ParDo(Compare()),
            spread.texts | "MatchTexts" >> beam.ParDo(MatchTexts(history, clock)),
            new | "Revisions" >> beam.FlatMap(_revision).with_output_types(tuple[int, Claim]),
        ) | "Claims" >> beam.Flatten()
        decided = (
            (
                new | "Stories" >> beam.Map(_waiting_story).with_output_types(tuple[str, Part]),
                claims | "Choose" >> beam.ParDo(Choose(clock)),
            )
            | "ToDecide" >> beam.Flatten()
            | "Decide" >> beam.ParDo(Decide()).with_outputs("duplicates", main="stories")
        )
        return Deduplicated(decided.stories, decided.duplicates, numbered.unchanged)


class ForgetKnownRejectsStream(PTransform[PCollection[Reject], Remembered]):
    """Part the rejects that are new from those that repeat one, seen before or stored.

    Every reject leaves once, with its own timestamp, as a reject or as the source of one that is
    unchanged. Needs rejects in the global window that are not late.
    """

    def __init__(self, history: History, clock: StreamClock) -> None:
        super().__init__()
        self._history = history
        self._clock = clock

    def expand(self, rejects: PCollection[Reject]) -> Remembered:
        parted = (
            rejects
            | "ById" >> beam.Map(_by_id).with_output_types(tuple[str, Reject])
            | "Forget"
            >> beam.ParDo(ForgetRejects(self._history, self._clock))
            .with_outputs("unchanged", main="rejects")
        )
        return Remembered(parted.rejects, parted.unchanged)


class _ReadPublished(PTransform[PBegin, PCollection[Candidate]]):
    """Read the stored stories of one window before the stream, each at its time."""

    def __init__(self, history: History, clock: StreamClock) -> None:
        super().__init__()
        self._history = history
        self._clock = clock

    def expand(self, pipeline: PBegin) -> PCollection[Candidate]:
        since_ms = self._clock.floor_s * 1_000 - STATE_MS - self._clock.lateness_s * 1_000
        since = datetime.fromtimestamp(since_ms / 1_000, timezone.utc).date().isoformat()
        recent = [path for path in self._history.stories if _ingest_day(path) >= since]
        return (
            pipeline
            | "Files" >> beam.Create(recent, reshuffle=False).with_output_types(str)
            | "Read" >> beam.FlatMap(_published, since_ms, self._clock.floor_s * 1_000)
            .with_output_types(Candidate)
        )


class _LearnStops(PTransform[PBegin, PCollection[bytes]]):
    """Learn the stop shingles of the stream from what was stored before it."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history

    def expand(self, pipeline: PBegin) -> PCollection[bytes]:
        recent = recent_files(self._history.stories, LEARNED_DAYS)
        sampled = (
            pipeline
            | "Recent" >> beam.Create(recent, reshuffle=False).with_output_types(str)
            | "Sampled" >> beam.FlatMap(past_sampled).with_output_types(SampledStory)
        )
        return (sampled,) | "Learn" >> LearnStops()


class _Spread(beam.DoFn):
    """Send a candidate under each of its keys, its text and its id."""

    def process(
        self, candidate: Candidate, stops: bytes, time: Timestamp = TIME
    ) -> Iterator[tuple[str, Met] | _Row | _Text | _ToMeet]:
        met = screened(candidate, np.frombuffer(stops, np.uint32))
        for key, row in moment_rows(key_rows(met), moment_of(time)):
            if not is_exact(key):
                yield _Row("rows", (key, row))
        slim = for_comparison(met)
        yield slim.story_id, Met(slim, False)
        if not candidate.published:
            yield _ToMeet("to_meet", (slim.story_id, ToMeet(slim)))
            if slim.is_long:
                bare = slim._replace(fingerprint=NO_FINGERPRINT)
                yield _Text("texts", (slim.text_sha256, bare))


def _by_item(story: Story) -> tuple[str, Story]:
    return digest(story.source_id, story.item_id), story


def _by_id(reject: Reject) -> tuple[str, Reject]:
    return reject.reject_id, reject


def _with_fingerprint(new: Numbered) -> Numbered:
    return new._replace(story=with_fingerprint(new.story))


def _candidate(new: Numbered) -> Candidate:
    candidate = candidate_of(new.story)
    return candidate._replace(revision=new.story.revision, predecessor=new.predecessor)


def _revision(
    new: Numbered, time: Timestamp = TIME
) -> Iterator[tuple[int, Claim]]:
    if new.predecessor:
        yield CHOOSER, Claim(moment_of(time), endpoint_of(_candidate(new)), None)


def _waiting_story(new: Numbered) -> tuple[str, Part]:
    return new.story.story_id, Part(new.story, None)


def _ingest_day(path: str) -> str:
    return Path(path).parent.name.removeprefix("ingest_date=")


def _published(path: str, since_ms: int, floor_ms: int) -> Iterator[TimestampedValue[Candidate]]:
    """Yield the stories of a file that lie in the window before the stream."""
    wanted = slot_keys(since_ms * 1_000, floor_ms * 1_000)
    for candidate in read_past(path, wanted, wanted).candidates:
        moment_ms = min(max(candidate.order_us // 1_000, since_ms), floor_ms - 1)
        yield TimestampedValue(candidate, time_of(moment_ms))
