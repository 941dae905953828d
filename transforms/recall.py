"""Recall what earlier runs have stored, as far as this run's items touch it."""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import apache_beam as beam
import numpy as np
from apache_beam import PTransform
from apache_beam.pvalue import AsDict, AsSingleton, PBegin, PCollection, TaggedOutput

from schemas.records import Reject
from transforms import storage
from transforms.commit import committed_files
from transforms.copies import Candidate, PastVersion
from transforms.history import (
    WantedBuilder,
    keys_of,
    past_rejects,
    past_sampled,
    read_past,
    recent_files,
)
from transforms.history_index import locate, refresh
from transforms.stop_shingles import LEARNED_DAYS, SampledStory


class History(NamedTuple):
    """The files that earlier runs have committed, frozen as of this run, and their index."""

    root: str = ""
    stories: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()  # of the index, which may cover later runs too


class Past(NamedTuple):
    """Stored versions of this run's items, and stored stories that they may copy."""

    versions: PCollection[PastVersion]
    stories: PCollection[Candidate]
    sampled: PCollection[SampledStory]  # of the days from which stop shingles are learned


class Remembered(NamedTuple):
    """Rejects that are new, and the sources of those that an earlier run has stored."""

    rejects: PCollection[Reject]
    unchanged: PCollection[str]


_Found = tuple[str, bytes]
"""A file and, packed, the wanted keys that it holds."""

_Published = TaggedOutput[Literal["stories"], Candidate]
_Unchanged = TaggedOutput[Literal["unchanged"], str]


def history_before(root: str, run_id: str) -> History:
    """Return what runs before `run_id` have committed; the index is brought up to date."""
    root = storage.join(root)
    stories, duplicates, rejects = (
        committed_files(root, table, before=run_id)
        for table in ("stories", "duplicates", "rejects")
    )
    segments = refresh(root, [*stories, *duplicates, *rejects], keys_of)
    return History(root, stories, duplicates, rejects, segments)


class ReadHistory(PTransform[PCollection[Candidate], Past]):
    """Read what the items of this run look for, from the files that hold any of it."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history

    def expand(self, candidates: PCollection[Candidate]) -> Past:
        history, pipeline = self._history, candidates.pipeline
        if not history.segments:
            return _nothing(pipeline)
        wanted = AsSingleton(
            candidates | "Wanted" >> beam.CombineGlobally(_CombineWanted())
        )
        read = (
            pipeline
            | "Locate" >> _Locate(history, (*history.stories, *history.duplicates), wanted)
            | "ReadPast"
            >> beam.ParDo(_ReadPast(), wanted).with_outputs("stories", main="versions")
        )
        recent = pipeline | "Recent" >> beam.Create(
            recent_files(history.stories, LEARNED_DAYS), reshuffle=False
        ).with_output_types(str)
        learned = recent | "Sampled" >> beam.FlatMap(past_sampled).with_output_types(SampledStory)
        return Past(read.versions, read.stories, learned)


class ForgetKnownRejects(PTransform[PCollection[Reject], Remembered]):
    """Part the rejects that no earlier run has stored from those that repeat one."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history

    def expand(self, rejects: PCollection[Reject]) -> Remembered:
        wanted = AsSingleton(
            rejects | "WantedRejects" >> beam.CombineGlobally(_CombineWantedRejects())
        )
        known = (
            rejects.pipeline
            | "LocateRejects" >> _Locate(self._history, self._history.rejects, wanted)
            | "KnownRejects" >> beam.FlatMap(_known_rejects)
        )
        parted = rejects | "Forget" >> beam.ParDo(_Forget(), AsDict(known)).with_outputs(
            "unchanged", main="rejects"
        )
        return Remembered(parted.rejects, parted.unchanged)


def _nothing(pipeline: beam.Pipeline) -> Past:
    """Return the past of a first run, for which nothing need be collected."""
    versions, stories, sampled = (
        pipeline | f"No{kind.__name__}" >> beam.Create([], reshuffle=False).with_output_types(kind)
        for kind in (PastVersion, Candidate, SampledStory)
    )
    return Past(versions, stories, sampled)


class _Locate(PTransform[PBegin, PCollection[_Found]]):
    """Find in the index which of `files` hold wanted keys; no other file is opened."""

    def __init__(self, history: History, files: Iterable[str], wanted: AsSingleton) -> None:
        super().__init__()
        self._history = history
        self._files = frozenset(files)
        self._wanted = wanted

    def expand(self, pipeline: PBegin) -> PCollection[_Found]:
        return (
            pipeline
            | "Segments" >> beam.Create(self._history.segments, reshuffle=False)
            .with_output_types(str)
            | "Search" >> beam.FlatMap(
                _search, self._history.root, self._files, self._wanted
            ).with_output_types(_Found)
            | "Spread" >> beam.Reshuffle()
        )


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

    def extract_output(self, builder: WantedBuilder) -> bytes:
        return builder.build().tobytes()


class _CombineWantedRejects(_CombineWanted):
    def add_input(self, builder: WantedBuilder, reject: Reject) -> WantedBuilder:  # type: ignore[override]  # the same but for its input
        builder.add_reject(reject.reject_id)
        return builder


class _ReadPast(beam.DoFn):
    def process(self, found: _Found, wanted: bytes) -> Iterator[PastVersion | _Published]:
        path, keys = found
        past = read_past(path, np.frombuffer(keys, np.uint64), np.frombuffer(wanted, np.uint64))
        yield from past.versions
        for candidate in past.candidates:
            yield _Published("stories", candidate)


def _search(segment: str, root: str, files: frozenset[str], wanted: bytes) -> Iterator[_Found]:
    for relative, keys in locate(segment, np.frombuffer(wanted, np.uint64)).items():
        path = storage.join(root, relative)
        if path in files:
            yield path, keys.tobytes()


def _known_rejects(found: _Found) -> Iterator[tuple[str, bool]]:
    for reject_id in past_rejects(found[0]):
        yield reject_id, True


class _Forget(beam.DoFn):
    def process(
        self, reject: Reject, known: dict[str, bool]
    ) -> Iterator[Reject | _Unchanged]:
        if reject.reject_id in known:
            yield _Unchanged("unchanged", reject.source_id)
        else:
            yield reject
