"""Deduplicate: Story → Story, and Duplicate for each copy; within the run and across runs."""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypedDict

import apache_beam as beam
from apache_beam import PTransform
from apache_beam.pvalue import AsDict, AsSingleton, PBegin, PCollection, TaggedOutput

from schemas.records import Duplicate, Reject, Story
from transforms.copies import (
    Candidate,
    Edge,
    Endpoint,
    PastVersion,
    Verdict,
    candidate_keys,
    candidate_of,
    choose_kept,
    compare,
    occurrence_of,
    order_versions,
    pairs_under,
)
from transforms.fingerprint import fingerprint, pack
from transforms.history import Wanted, WantedBuilder, past_rejects, past_stories, past_versions


class History(NamedTuple):
    """The files that earlier runs have committed, frozen as of this run."""

    stories: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()


class Deduplicated(NamedTuple):
    """What leaves the stage: stories to keep, copies, and the sources of unchanged items."""

    stories: PCollection[Story]
    duplicates: PCollection[Duplicate]
    unchanged: PCollection[str]


class Remembered(NamedTuple):
    """Rejects that are new, and the sources of those that an earlier run has stored."""

    rejects: PCollection[Reject]
    unchanged: PCollection[str]


_Copy = TaggedOutput[Literal["duplicates"], Duplicate]
_Unchanged = TaggedOutput[Literal["unchanged"], str]
_Decided = TaggedOutput[Literal["verdicts"], Verdict]
_Published = TaggedOutput[Literal["stories"], Candidate]
_Keyed = PCollection[tuple[str, Candidate]]
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
        candidates = stories | "Candidates" >> beam.Map(candidate_of)
        past = stories.pipeline | "History" >> _ReadHistory(self._history, candidates)
        versions = (
            {
                "new": candidates | "NewByItem" >> beam.Map(_by_item),
                "past": past.versions | "PastByItem" >> beam.Map(_by_item),
            }
            | "GroupVersions" >> beam.CoGroupByKey()
            | "OrderVersions"
            >> beam.ParDo(_OrderVersions()).with_outputs("verdicts", main="candidates")
        )
        edges = (versions.candidates, past.stories) | "FindCopies" >> _FindCopies()
        copies = (
            edges
            | "OneGroup" >> beam.Map(_under_one_key).with_output_types(tuple[int, Edge])
            | "GroupEdges" >> beam.GroupByKey()
            | "ChooseKept" >> beam.FlatMap(_choose_kept).with_output_types(Verdict)
        )
        verdicts = (
            (versions.verdicts, copies)
            | "Verdicts" >> beam.Flatten()
            | "ByKey" >> beam.Map(_verdict_key).with_output_types(tuple[tuple[str, str], Verdict])
        )
        decided = stories | "Decide" >> beam.ParDo(_Decide(), AsDict(verdicts)).with_outputs(
            "duplicates", "unchanged", main="stories"
        )
        return Deduplicated(decided.stories, decided.duplicates, decided.unchanged)


class ForgetKnownRejects(PTransform[PCollection[Reject], Remembered]):
    """Part the rejects that no earlier run has stored from those that repeat one."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self._files = history.rejects

    def expand(self, rejects: PCollection[Reject]) -> Remembered:
        known = (
            rejects.pipeline
            | "RejectFiles" >> beam.Create(self._files, reshuffle=False).with_output_types(str)
            | "KnownRejects" >> beam.FlatMap(_known_rejects)
        )
        parted = rejects | "Forget" >> beam.ParDo(_Forget(), AsDict(known)).with_outputs(
            "unchanged", main="rejects"
        )
        return Remembered(parted.rejects, parted.unchanged)


def with_fingerprint(story: Story) -> Story:
    """Return `story` with its fingerprint."""
    prints = fingerprint(story.title, story.text, tuple(story.wire_spans))
    return story._replace(fingerprint=pack(prints))


def decide(
    story: Story, verdicts: dict[tuple[str, str], Verdict]
) -> Story | Duplicate | None:
    """Return what becomes of `story`: a story, a duplicate, or None if it is unchanged."""
    if ("unchanged", occurrence_of(story)) in verdicts:
        return None
    copy = verdicts.get(("duplicate", story.story_id))
    if copy is not None:
        return _duplicate(story, copy)
    revised = verdicts.get(("revised", story.story_id))
    return story._replace(revision=revised.revision) if revised else story


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
        self, story: Story, verdicts: dict[tuple[str, str], Verdict]
    ) -> Iterator[Story | _Copy | _Unchanged]:
        decided = decide(story, verdicts)
        if decided is None:
            yield _Unchanged("unchanged", story.source_id)
        elif isinstance(decided, Duplicate):
            yield _Copy("duplicates", decided)
        else:
            yield decided


class _Versions(TypedDict):
    new: list[Candidate]
    past: list[PastVersion]


class _OrderVersions(beam.DoFn):
    def process(
        self, item: tuple[tuple[str, str], _Versions]
    ) -> Iterator[Candidate | _Decided]:
        _, versions = item
        for outcome in order_versions(versions["new"], versions["past"]):
            if isinstance(outcome, Verdict):
                yield _Decided("verdicts", outcome)
            else:
                yield outcome


class _Past(NamedTuple):
    versions: PCollection[PastVersion]
    stories: PCollection[Candidate]


class _ReadHistory(PTransform[PBegin, _Past]):
    def __init__(self, history: History, candidates: PCollection[Candidate]) -> None:
        super().__init__()
        self._files = [
            *((path, True) for path in history.stories),
            *((path, False) for path in history.duplicates),
        ]
        self._candidates = candidates

    def expand(self, pipeline: PBegin) -> _Past:
        wanted = self._candidates | "Wanted" >> beam.CombineGlobally(_CombineWanted())
        read = (
            pipeline
            | "Files" >> beam.Create(self._files, reshuffle=False)
            .with_output_types(tuple[str, bool])
            | "ReadPast"
            >> beam.ParDo(_ReadPast(), AsSingleton(wanted)).with_outputs(
                "stories", main="versions"
            )
        )
        return _Past(read.versions, read.stories)


class _CombineWanted(beam.CombineFn):
    def create_accumulator(self) -> WantedBuilder:
        return WantedBuilder()

    def add_input(self, builder: WantedBuilder, candidate: Candidate) -> WantedBuilder:
        builder.add(candidate)
        return builder

    def merge_accumulators(self, builders: Iterable[WantedBuilder]) -> WantedBuilder:
        merged = WantedBuilder()
        for builder in builders:
            merged.merge(builder)
        return merged

    def extract_output(self, builder: WantedBuilder) -> Wanted:
        return builder.build()


class _ReadPast(beam.DoFn):
    def process(
        self, file: tuple[str, bool], wanted: Wanted
    ) -> Iterator[PastVersion | _Published]:
        path, kept = file
        yield from past_versions(path, wanted, kept=kept)
        if kept:
            for story in past_stories(path, wanted):
                yield _Published("stories", story)


class _FindCopies(PTransform[_Sides, PCollection[Edge]]):
    """Return an edge for each pair of stories that are copies; ids travel, not fingerprints,
    until a pair has met under a key."""

    def expand(self, sides: _Sides) -> PCollection[Edge]:
        everything = sides | "NewAndPast" >> beam.Flatten()
        by_id = everything | "ById" >> beam.Map(_by_id).with_output_types(tuple[str, Candidate])
        pairs = (
            everything
            | "Keys" >> beam.FlatMap(candidate_keys).with_output_types(tuple[str, Endpoint])
            | "GroupKeys" >> beam.GroupByKey()
            | "Pairs" >> beam.FlatMap(_id_pairs).with_output_types(tuple[str, str])
            | "DistinctPairs" >> beam.Distinct()
        )
        return (
            {"laters": pairs, "own": by_id}
            | "JoinEarlier" >> beam.CoGroupByKey()
            | "CarryEarlier" >> beam.FlatMap(_carry).with_output_types(tuple[str, Candidate])
            | "WithLater" >> _JoinLater(by_id)
        )


class _JoinLater(PTransform[_Keyed, PCollection[Edge]]):
    def __init__(self, by_id: _Keyed) -> None:
        super().__init__()
        self._by_id = by_id

    def expand(self, earliers: _Keyed) -> PCollection[Edge]:
        return (
            {"earliers": earliers, "own": self._by_id}
            | "JoinLater" >> beam.CoGroupByKey()
            | "Compare" >> beam.FlatMap(_compare).with_output_types(Edge)
        )


def _by_item(
    version: Candidate | PastVersion,
) -> tuple[tuple[str, str], Candidate | PastVersion]:
    return (version.source_id, version.item_id), version


def _by_id(candidate: Candidate) -> tuple[str, Candidate]:
    return candidate.story_id, candidate


def _under_one_key(edge: Edge) -> tuple[int, Edge]:
    return 0, edge


def _choose_kept(group: tuple[int, Iterable[Edge]]) -> Iterator[Verdict]:
    return choose_kept(group[1])


def _verdict_key(verdict: Verdict) -> tuple[tuple[str, str], Verdict]:
    return (verdict.outcome, verdict.key), verdict


def _id_pairs(group: tuple[str, Iterable[Endpoint]]) -> Iterator[tuple[str, str]]:
    for earlier, later in pairs_under(*group):
        yield earlier.story_id, later.story_id


class _WithLaters(TypedDict):
    laters: list[str]
    own: list[Candidate]


class _WithEarliers(TypedDict):
    earliers: list[Candidate]
    own: list[Candidate]


def _carry(joined: tuple[str, _WithLaters]) -> Iterator[tuple[str, Candidate]]:
    _, sides = joined
    for later_id in sides["laters"]:
        yield later_id, sides["own"][0]


def _compare(joined: tuple[str, _WithEarliers]) -> Iterator[Edge]:
    _, sides = joined
    for earlier in sides["earliers"]:
        edge = compare(earlier, sides["own"][0])
        if edge is not None:
            yield edge


def _known_rejects(path: str) -> Iterator[tuple[str, bool]]:
    for reject_id in past_rejects(path):
        yield reject_id, True


class _Forget(beam.DoFn):
    def process(
        self, reject: Reject, known: dict[str, bool]
    ) -> Iterator[Reject | _Unchanged]:
        if reject.reject_id in known:
            yield _Unchanged("unchanged", reject.source_id)
        else:
            yield reject
