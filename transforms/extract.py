"""Extract: ResolvedStory → CodedStory, the events that each story mentions."""

import apache_beam as beam
from apache_beam import PTransform
from apache_beam.pvalue import PCollection

from schemas.records import CodedStory, ResolvedStory
from transforms.events.find import find_events


class Extract(PTransform[PCollection[ResolvedStory], PCollection[CodedStory]]):
    """Code the events of each story: type, who, where, when, how certain.

    Every story that comes in leaves exactly once. Looks at one story at a time. No state.
    """

    def expand(self, resolved: PCollection[ResolvedStory]) -> PCollection[CodedStory]:
        return resolved | "CodeStory" >> beam.Map(extract).with_output_types(CodedStory)


def extract(resolved: ResolvedStory) -> CodedStory:
    """Return the story with its events."""
    return CodedStory(*resolved, tuple(find_events(resolved)))
