"""Recall what earlier runs have stored, as far as this run's items touch it."""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import apache_beam as beam
from apache_beam import PTransform
from apache_beam.pvalue import AsDict, AsSingleton, PBegin, PCollection, TaggedOutput

from schemas.records import Reject, Story
from transforms.copies import Candidate, PastVersion, candidate_of
from transforms.history import (
    Wanted,
    WantedBuilder,
    past_rejects,
    past_sampled,
    past_stories,
    past_versions,
    recent_files,
)
from transforms.stop_shingles import LEARNED_DAYS, SampledStory


class History(NamedTuple):
    """The files that earlier runs have committed, frozen as of this run."""

    stories: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()


class Past(NamedTuple):
    """Stored versions of this run's items, and stored stories that they may copy."""

    versions: PCollection[PastVersion]
    stories: PCollection[Candidate]
    sampled: PCollection[SampledStory]  # of the days from which stop shingles are learned


class Remembered(NamedTuple):
    """Rejects that are new, and the sources of those that an earlier run has stored."""

    rejects: PCollection[Reject]
    unchanged: PCollection[str]


_Published = TaggedOutput[Literal["stories"], Candidate]
_Unchanged = TaggedOutput[Literal["unchanged"], str]


class ReadHistory(PTransform[PBegin, Past]):
    """Read from every file of the history what the stories of this run look for."""

    def __init__(self, history: History, stories: PCollection[Story]) -> None:
        super().__init__()
        self._files = [
            *((path, True) for path in history.stories),
            *((path, False) for path in history.duplicates),
        ]
        self._stories = stories

    def expand(self, pipeline: PBegin) -> Past:
        wanted = self._stories | "Wanted" >> beam.CombineGlobally(_CombineWanted())
        read = (
            pipeline
            | "Files" >> beam.Create(self._files, reshuffle=False)
            .with_output_types(tuple[str, bool])
            | "ReadPast"
            >> beam.ParDo(_ReadPast(), AsSingleton(wanted)).with_outputs(
                "stories", main="versions"
            )
        )
        return Past(read.versions, read.stories, pipeline | "Recent" >> self._read_recent())

    def _read_recent(self) -> PTransform[PBegin, PCollection[SampledStory]]:
        files = recent_files([path for path, kept in self._files if kept], LEARNED_DAYS)
        return beam.Create(files, reshuffle=False).with_output_types(str) | beam.FlatMap(
            past_sampled
        ).with_output_types(SampledStory)


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


class _CombineWanted(beam.CombineFn):
    def create_accumulator(self) -> WantedBuilder:
        return WantedBuilder()

    def add_input(self, builder: WantedBuilder, story: Story) -> WantedBuilder:
        builder.add(candidate_of(story))
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
