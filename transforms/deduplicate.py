"""Deduplicate: Story → Story, and Duplicate for each copy; within the run and across runs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypedDict

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
    PastVersion,
    Verdict,
    choose_kept,
    compare,
    for_comparison,
    occurrence_of,
    revise,
)
from transforms.outcomes import Deduplicated, decide, with_fingerprint
from transforms.pairing import (
    Homes,
    Rows,
    candidate_pairs,
    distinct_pairs,
    key_rows,
    split,
    story_ids,
)
from transforms.recall import History, ReadHistory
from transforms.stop_learning import LearnStops
from transforms.stop_shingles import SampledStory, sampled, screened
from transforms.story_pieces import (
    STORIES_PER_PIECE,
    read_candidates,
    read_stories,
    write_candidates,
    write_stories,
)
from transforms.versions import number_versions, part_of_item, version_rows

PARTS = 256
"""Into how many parts keys, pairs and comparisons are cut: the most that can work at once."""

_BYTES_PER_FLUSH = 4_000_000  # of packed rows, held by a worker before they travel

_Copy = TaggedOutput[Literal["duplicates"], Duplicate]
_Unchanged = TaggedOutput[Literal["unchanged"], str]
_Repeats = TaggedOutput[Literal["repeats"], list[str]]
_Verdicts = dict[str, Verdict]
_Packed = tuple[int, bytes]
"""A part, and rows that belong to it."""


class Deduplicate(PTransform[PCollection[Story], Deduplicated]):
    """Keep one story of each set of copies; number the versions of each item.

    Stories wait in files until it is decided on them; only the names of these files, packed keys,
    and fingerprints of stories that met are shuffled. Every story that comes in leaves exactly
    once. Needs bounded input, and a folder that all workers reach.
    """

    def __init__(self, history: History, folder: str) -> None:
        super().__init__()
        self._history = history
        self._folder = folder

    def expand(self, stories: PCollection[Story]) -> Deduplicated:
        pieces = (
            stories
            | "Fingerprint" >> beam.Map(with_fingerprint)
            | "LayAside" >> beam.ParDo(_LayAside(self._folder, write_stories))
        )
        candidates = pieces | "Candidates" >> beam.FlatMap(read_candidates)
        past = candidates | "History" >> ReadHistory(self._history)
        numbered = (pieces, past.versions) | "NumberVersions" >> _NumberVersions()
        repeats, revised = AsIter(numbered.repeats), AsDict(numbered.revised)
        own = candidates | "Sampled" >> beam.Map(_sampled)
        stops = AsSingleton((own, past.sampled) | "LearnStops" >> LearnStops())
        laid = past.stories | "LayPastAside" >> beam.ParDo(
            _LayAside(self._folder, write_candidates)
        )
        # Each step that waits for another has a collection of its own: a runner might fuse those
        # that read the same one, into a stage that waits for itself.
        every = (pieces, laid) | "AllPieces" >> beam.Flatten()
        keyed, routed = (every | f"Spread{name}" >> beam.Reshuffle() for name in ("Keys", "Met"))
        left = pieces | "SpreadLeft" >> beam.Reshuffle()
        keys = keyed | "Keys" >> beam.ParDo(_PackKeys(), repeats, stops)
        pairs = keys | "FindPairs" >> _FindPairs()
        met = routed | "Met" >> beam.ParDo(_RouteMet(), AsIter(pairs), repeats, revised, stops)
        copies = (
            met
            | "GroupMet" >> beam.GroupByKey()
            | "Compare" >> beam.FlatMap(_compare, AsDict(pairs)).with_output_types(
                tuple[int, Edge]
            )
            | "GroupEdges" >> beam.GroupByKey()
            | "ChooseKept" >> beam.FlatMap(_choose_kept).with_output_types(Verdict)
            | "ByStory" >> beam.Map(_by_key).with_output_types(tuple[str, Verdict])
        )
        decided = left | "Decide" >> beam.ParDo(
            _Decide(), repeats, revised, AsDict(copies)
        ).with_outputs("duplicates", "unchanged", main="stories")
        return Deduplicated(decided.stories, decided.duplicates, decided.unchanged)


class _LayAside(beam.DoFn):
    """Write records to pieces by `write`, a function of a folder and records; emit their paths."""

    def __init__(self, folder: str, write: Callable[[str, Sequence[Any]], str]) -> None:
        super().__init__()
        self._folder = folder
        self._write_piece = write

    def start_bundle(self) -> None:
        self._held: list[Any] = []

    def process(self, record: Any) -> Iterator[str]:
        self._held.append(record)
        if len(self._held) >= STORIES_PER_PIECE:
            yield self._write()

    def finish_bundle(self) -> Iterator[WindowedValue]:
        if self._held:
            yield GlobalWindows.windowed_value(self._write())

    def _write(self) -> str:
        records, self._held = self._held, []
        return self._write_piece(self._folder, records)


class _Repeated(beam.DoFn):
    """Knows which readings are unchanged; reads them once a bundle."""

    def start_bundle(self) -> None:
        self._occurrences: frozenset[str] | None = None

    def _is_repeated(self, occurrence: str, repeats: Iterable[list[str]]) -> bool:
        if self._occurrences is None:
            self._occurrences = frozenset(one for group in repeats for one in group)
        return occurrence in self._occurrences


class _Decide(_Repeated):
    def process(
        self, piece: str, repeats: Iterable[list[str]], revised: _Verdicts, copies: _Verdicts
    ) -> Iterator[Story | _Copy | _Unchanged]:
        for story in read_stories(piece):
            if self._is_repeated(occurrence_of(story), repeats):
                yield _Unchanged("unchanged", story.source_id)
                continue
            decided = decide(story, revised, copies)
            if isinstance(decided, Duplicate):
                yield _Copy("duplicates", decided)
            else:
                yield decided


class _Packing(beam.DoFn):
    """Emits rows in large packed pieces, by part."""

    def start_bundle(self) -> None:
        super().start_bundle()
        self._rows: list[Rows] = []
        self._bytes = 0

    def finish_bundle(self) -> Iterator[WindowedValue]:
        for packed in self._flush():
            yield GlobalWindows.windowed_value(packed)

    def _add(self, rows: Rows) -> Iterator[_Packed]:
        self._rows.append(rows)
        self._bytes += rows.nbytes
        if self._bytes >= _BYTES_PER_FLUSH:
            yield from self._flush()

    def _flush(self) -> Iterator[_Packed]:
        if self._rows:
            yield from split(np.concatenate(self._rows), PARTS)
        self._rows, self._bytes = [], 0


class _Numbered(NamedTuple):
    repeats: PCollection[list[str]]  # occurrences of what is unchanged
    revised: PCollection[tuple[str, Verdict]]


class _NumberVersions(PTransform[tuple[PCollection[str], PCollection[PastVersion]], _Numbered]):
    """Say which readings are unchanged, and which are later versions of their items."""

    def expand(self, versions: tuple[PCollection[str], PCollection[PastVersion]]) -> _Numbered:
        pieces, past = versions
        numbered = (
            {
                "new": pieces | "NewByItem" >> beam.ParDo(_PackVersions()),
                "past": past | "PastByItem" >> beam.Map(_past_by_item),
            }
            | "GroupVersions" >> beam.CoGroupByKey()
            | "Number" >> beam.ParDo(_Number()).with_outputs("repeats", main="revised")
        )
        return _Numbered(numbered.repeats, numbered.revised)


class _Versions(TypedDict):
    new: list[bytes]
    past: list[PastVersion]


class _PackVersions(_Packing):
    def process(self, piece: str) -> Iterator[_Packed]:
        yield from self._add(version_rows(read_candidates(piece)))


class _Number(beam.DoFn):
    def process(
        self, group: tuple[int, _Versions]
    ) -> Iterator[tuple[str, Verdict] | _Repeats]:
        _, versions = group
        repeats = []
        for verdict in number_versions(versions["new"], versions["past"]):
            if verdict.outcome == "unchanged":
                repeats.append(verdict.key)
            else:
                yield _by_key(verdict)
        if repeats:
            yield _Repeats("repeats", repeats)


class _FindPairs(PTransform[PCollection[_Packed], PCollection[_Packed]]):
    """Return the pairs of stories that share a key, packed, by part; no text or fingerprint."""

    def expand(self, keys: PCollection[_Packed]) -> PCollection[_Packed]:
        return (
            keys
            | "GroupKeys" >> beam.GroupByKey()
            | "PairsUnderKeys" >> beam.FlatMap(_pairs_under).with_output_types(_Packed)
            | "GroupPairs" >> beam.GroupByKey()
            | "DistinctPairs" >> beam.Map(_distinct_pairs).with_output_types(_Packed)
        )


class _PackKeys(_Packing, _Repeated):
    def process(
        self, piece: str, repeats: Iterable[list[str]], stops: bytes
    ) -> Iterator[_Packed]:
        rows = [
            key_rows(_screen(candidate, stops))
            for candidate in read_candidates(piece)
            if not self._is_repeated(candidate.occurrence, repeats)
        ]
        if rows:
            yield from self._add(np.concatenate(rows))


class _RouteMet(_Repeated):
    """Send each story of a pair to every part that compares it, and no other story."""

    def start_bundle(self) -> None:
        super().start_bundle()
        self._homes: Homes | None = None  # read once a bundle

    def process(
        self,
        piece: str,
        pairs: Iterable[_Packed],
        repeats: Iterable[list[str]],
        revised: _Verdicts,
        stops: bytes,
    ) -> Iterator[tuple[int, Candidate]]:
        if self._homes is None:
            self._homes = Homes(pairs)
        for candidate in read_candidates(piece):
            parts = self._homes.of(candidate.story_id)
            if parts and not self._is_repeated(candidate.occurrence, repeats):
                revision = revise(candidate, revised.get(candidate.story_id))
                for part in parts:
                    yield part, for_comparison(_screen(revision, stops))


def _pairs_under(group: tuple[int, Iterable[bytes]]) -> Iterator[_Packed]:
    yield from split(candidate_pairs(group[1]), PARTS)


def _distinct_pairs(group: tuple[int, Iterable[bytes]]) -> _Packed:
    part, packed = group
    return part, distinct_pairs(packed).tobytes()


def _compare(
    meeting: tuple[int, Iterable[Candidate]], pairs: dict[int, bytes]
) -> Iterator[tuple[int, Edge]]:
    """Yield the edges of a part, all under one key."""
    part, met = meeting
    by_id = {candidate.story_id: candidate for candidate in met}
    for pair in distinct_pairs([pairs[part]]).tolist():
        one, other = story_ids(pair)
        edge = compare(by_id[one], by_id[other])
        if edge is not None:
            yield 0, edge


def _sampled(candidate: Candidate) -> SampledStory:
    return sampled(candidate.story_id, candidate.order_us, candidate.fingerprint)


def _screen(candidate: Candidate, stops: bytes) -> Candidate:
    return screened(candidate, np.frombuffer(stops, np.uint32))


def _past_by_item(version: PastVersion) -> tuple[int, PastVersion]:
    return part_of_item(version, PARTS), version


def _choose_kept(group: tuple[int, Iterable[Edge]]) -> Iterator[Verdict]:
    return choose_kept(group[1])


def _by_key(verdict: Verdict) -> tuple[str, Verdict]:
    return verdict.key, verdict
