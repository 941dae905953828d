"""Deduplicate: Story → Story, and Duplicate for each copy; within the run and across runs."""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypedDict

import apache_beam as beam
import numpy as np
from apache_beam import PTransform
from apache_beam.pvalue import AsDict, AsIter, AsSingleton, PCollection, TaggedOutput
from apache_beam.transforms.window import GlobalWindows
from apache_beam.utils.windowed_value import WindowedValue

from schemas.records import Duplicate, Story
from transforms.copies import (
    Candidate,
    Edge,
    NewVersion,
    PastVersion,
    Verdict,
    candidate_of,
    choose_kept,
    compare,
    new_version,
    occurrence_of,
    order_versions,
    revise,
)
from transforms.fingerprint import fingerprint, pack
from transforms.pairing import (
    Rows,
    candidate_pairs,
    distinct_pairs,
    key_rows,
    split,
    story_ids,
)
from transforms.recall import History, ReadHistory
from transforms.stop_shingles import SampledStory, StopSample, sampled, screened

PARTS = 256
"""Into how many parts keys, pairs and comparisons are cut: the most that can work at once."""

_ROWS_PER_FLUSH = 100_000  # rows held by a worker before they travel


class Deduplicated(NamedTuple):
    """What leaves the stage: stories to keep, copies, and the sources of unchanged items."""

    stories: PCollection[Story]
    duplicates: PCollection[Duplicate]
    unchanged: PCollection[str]


_Copy = TaggedOutput[Literal["duplicates"], Duplicate]
_Unchanged = TaggedOutput[Literal["unchanged"], str]
_Verdicts = dict[tuple[str, str], Verdict]
_Sides = tuple[PCollection[Candidate], PCollection[Candidate]]


class Deduplicate(PTransform[PCollection[Story], Deduplicated]):
    """Keep one story of each set of copies; number the versions of each item.

    Bodies are shuffled nowhere: decisions are made on fingerprints and come back as a side
    input. Every story that comes in leaves exactly once. Needs bounded input.
    """

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history

    def expand(self, stories: PCollection[Story]) -> Deduplicated:
        stories = stories | "Fingerprint" >> beam.Map(with_fingerprint)
        # A collection of its own: one that fed Met and Decide would be fused into one stage,
        # which would wait for itself.
        candidates = stories | "Candidates" >> beam.Map(candidate_of)
        past = candidates | "History" >> ReadHistory(self._history)
        numbered = _Versioned(stories, past.versions) | "OrderVersions" >> _OrderVersions()
        stops = AsSingleton(
            (candidates | "Sampled" >> beam.Map(_sampled), past.sampled)
            | "Samples" >> beam.Flatten()
            | "LearnStops" >> beam.CombineGlobally(_LearnStops())
        )
        new = candidates | "Screen" >> beam.Map(_screen, stops).with_output_types(Candidate)
        old = past.stories | "ScreenPast" >> beam.Map(_screen, stops).with_output_types(Candidate)
        pairs = (new, old) | "FindPairs" >> _FindPairs()
        met = new | "Met" >> beam.ParDo(_RouteMet(), AsIter(pairs), AsDict(numbered))
        met_past = old | "MetPast" >> beam.ParDo(_RoutePast(), AsIter(pairs))
        copies = (
            {"pairs": pairs, "met": met, "past": met_past}
            | "JoinPairs" >> beam.CoGroupByKey()
            | "Compare" >> beam.FlatMap(_compare).with_output_types(tuple[int, Edge])
            | "GroupEdges" >> beam.GroupByKey()
            | "ChooseKept" >> beam.FlatMap(_choose_kept).with_output_types(Verdict)
            | "ByKey" >> beam.Map(_verdict_key).with_output_types(tuple[tuple[str, str], Verdict])
        )
        verdicts = (numbered, copies) | "Verdicts" >> beam.Flatten()
        decided = stories | "Decide" >> beam.ParDo(_Decide(), AsDict(verdicts)).with_outputs(
            "duplicates", "unchanged", main="stories"
        )
        return Deduplicated(decided.stories, decided.duplicates, decided.unchanged)


def with_fingerprint(story: Story) -> Story:
    """Return `story` with its fingerprint."""
    prints = fingerprint(story.title, story.text, tuple(story.wire_spans))
    return story._replace(fingerprint=pack(prints))


def decide(story: Story, verdicts: _Verdicts) -> Story | Duplicate | None:
    """Return what becomes of `story`: a story, a duplicate, or None if it is unchanged."""
    if ("unchanged", occurrence_of(story)) in verdicts:
        return None
    copy = verdicts.get(("duplicate", story.story_id))
    if copy is not None:
        return _duplicate(story, copy)
    revised = verdicts.get(("revised", story.story_id))
    replaced = verdicts.get(("replaces", story.story_id))
    if revised is not None:
        story = story._replace(revision=revised.revision)
    if revised and revised.kept_id and ("duplicate", revised.kept_id) not in verdicts:
        relation = "correction_of" if story.status == "corrected" else "update_of"
        return story._replace(replaces=revised.kept_id, replaces_as=relation)
    if replaced is not None:
        return story._replace(replaces=replaced.kept_id, replaces_as=replaced.relation)
    return story


def _duplicate(story: Story, verdict: Verdict) -> Duplicate:
    return Duplicate(
        copy_id=story.story_id,
        source_id=story.source_id,
        source_kind=story.source_kind,
        item_id=story.item_id,
        revision=verdict.revision,
        url=story.url,
        agency=story.agency,
        title=story.title,
        text_sha256=story.text_sha256,
        published_at=story.published_at,
        first_seen_at=story.first_seen_at,
        story_id=verdict.kept_id,
        relation=verdict.relation,
        similarity=verdict.similarity,
        evidence=verdict.evidence,
        origin=story.origin,
        position=story.position,
    )


class _Decide(beam.DoFn):
    def process(
        self, story: Story, verdicts: _Verdicts
    ) -> Iterator[Story | _Copy | _Unchanged]:
        decided = decide(story, verdicts)
        if decided is None:
            yield _Unchanged("unchanged", story.source_id)
        elif isinstance(decided, Duplicate):
            yield _Copy("duplicates", decided)
        else:
            yield decided


class _LearnStops(beam.CombineFn):
    def create_accumulator(self) -> StopSample:
        return StopSample()

    def add_input(self, sample: StopSample, story: SampledStory) -> StopSample:
        sample.add(story)
        return sample

    def merge_accumulators(self, samples: Iterable[StopSample]) -> StopSample:
        merged = StopSample()
        for sample in samples:
            merged.merge(sample)
        return merged

    def extract_output(self, sample: StopSample) -> bytes:
        return sample.learn().tobytes()


class _Versioned(NamedTuple):
    new: PCollection[Story]
    past: PCollection[PastVersion]


class _Versions(TypedDict):
    new: list[NewVersion]
    past: list[PastVersion]


class _OrderVersions(PTransform[_Versioned, PCollection[tuple[tuple[str, str], Verdict]]]):
    """Return a verdict for each reading that is not the first version of its item."""

    def expand(self, versions: _Versioned) -> PCollection[tuple[tuple[str, str], Verdict]]:
        return (
            {
                "new": versions.new | "NewByItem" >> beam.Map(_new_by_item),
                "past": versions.past | "PastByItem" >> beam.Map(_past_by_item),
            }
            | "GroupVersions" >> beam.CoGroupByKey()
            | "Order" >> beam.FlatMap(_order_versions).with_output_types(Verdict)
            | "ByKey" >> beam.Map(_verdict_key).with_output_types(tuple[tuple[str, str], Verdict])
        )


class _FindPairs(PTransform[_Sides, PCollection[tuple[int, bytes]]]):
    """Return the pairs of stories that share a key, packed, by part; no text or fingerprint."""

    def expand(self, sides: _Sides) -> PCollection[tuple[int, bytes]]:
        return (
            sides
            | "AllCandidates" >> beam.Flatten()
            | "Keys" >> beam.ParDo(_PackKeys())
            | "GroupKeys" >> beam.GroupByKey()
            | "PairsUnderKeys" >> beam.FlatMap(_pairs_under).with_output_types(tuple[int, bytes])
            | "GroupPairs" >> beam.GroupByKey()
            | "DistinctPairs" >> beam.Map(_distinct_pairs).with_output_types(tuple[int, bytes])
        )


class _PackKeys(beam.DoFn):
    """Emits key rows in large packed pieces, by part."""

    def start_bundle(self) -> None:
        self._rows: list[Rows] = []
        self._count = 0

    def process(self, candidate: Candidate) -> Iterator[tuple[int, bytes]]:
        rows = key_rows(candidate)
        self._rows.append(rows)
        self._count += len(rows)
        if self._count >= _ROWS_PER_FLUSH:
            yield from self._flush()

    def finish_bundle(self) -> Iterator[WindowedValue]:
        for piece in self._flush():
            yield GlobalWindows.windowed_value(piece)

    def _flush(self) -> Iterator[tuple[int, bytes]]:
        if self._rows:
            yield from split(np.concatenate(self._rows), PARTS)
        self._rows, self._count = [], 0


class _Routing(beam.DoFn):
    """Knows which parts compare a story; reads the pairs once a bundle."""

    def start_bundle(self) -> None:
        self._homes: dict[str, set[int]] | None = None

    def _parts(self, story_id: str, pairs: Iterable[tuple[int, bytes]]) -> list[int]:
        if self._homes is None:
            self._homes = {}
            for part, packed in pairs:
                for pair in distinct_pairs([packed]).tolist():
                    for one in story_ids(pair):
                        self._homes.setdefault(one, set()).add(part)
        return sorted(self._homes.get(story_id, ()))


class _RouteMet(_Routing):
    """Send each new version of a pair to every part that compares it, and no other story."""

    def process(
        self, candidate: Candidate, pairs: Iterable[tuple[int, bytes]], verdicts: _Verdicts
    ) -> Iterator[tuple[int, Candidate]]:
        parts = self._parts(candidate.story_id, pairs)
        revised = revise(candidate, verdicts) if parts else None
        if revised is not None:
            for part in parts:
                yield part, revised


class _RoutePast(_Routing):
    """Send each published story of a pair to every part that compares it."""

    def process(
        self, candidate: Candidate, pairs: Iterable[tuple[int, bytes]]
    ) -> Iterator[tuple[int, Candidate]]:
        for part in self._parts(candidate.story_id, pairs):
            yield part, candidate


class _Meeting(TypedDict):
    pairs: list[bytes]
    met: list[Candidate]
    past: list[Candidate]


def _pairs_under(group: tuple[int, Iterable[bytes]]) -> Iterator[tuple[int, bytes]]:
    yield from split(candidate_pairs(group[1]), PARTS)


def _distinct_pairs(group: tuple[int, Iterable[bytes]]) -> tuple[int, bytes]:
    part, packed = group
    return part, distinct_pairs(packed).tobytes()


def _compare(meeting: tuple[int, _Meeting]) -> Iterator[tuple[int, Edge]]:
    """Yield the edges of a part, all under one key."""
    _, sides = meeting
    by_id = {candidate.story_id: candidate for candidate in (*sides["met"], *sides["past"])}
    for pair in distinct_pairs(sides["pairs"]).tolist():
        one, other = story_ids(pair)
        if one in by_id and other in by_id:  # an unchanged item has not come
            edge = compare(by_id[one], by_id[other])
            if edge is not None:
                yield 0, edge


def _sampled(candidate: Candidate) -> SampledStory:
    return sampled(candidate.story_id, candidate.order_us, candidate.fingerprint)


def _screen(candidate: Candidate, stops: bytes) -> Candidate:
    return screened(candidate, np.frombuffer(stops, np.uint32))


def _new_by_item(story: Story) -> tuple[tuple[str, str], NewVersion]:
    return (story.source_id, story.item_id), new_version(story)


def _past_by_item(version: PastVersion) -> tuple[tuple[str, str], PastVersion]:
    return (version.source_id, version.item_id), version


def _order_versions(item: tuple[tuple[str, str], _Versions]) -> Iterator[Verdict]:
    _, versions = item
    return order_versions(versions["new"], versions["past"])


def _choose_kept(group: tuple[int, Iterable[Edge]]) -> Iterator[Verdict]:
    return choose_kept(group[1])


def _verdict_key(verdict: Verdict) -> tuple[tuple[str, str], Verdict]:
    return (verdict.outcome, verdict.key), verdict
