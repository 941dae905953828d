"""Resolve: TaggedStory → ResolvedStory, names linked and grouped, dates with their days."""

import apache_beam as beam
from apache_beam import PTransform
from apache_beam.pvalue import PCollection

from schemas.records import ResolvedStory, TaggedStory
from transforms.dates.find import date_mentions
from transforms.names.grouping import group_names
from transforms.names.institutions import complete_names
from transforms.names.roles import with_roles
from transforms.names.verb_tails import cut_verbs
from transforms.places.demonyms import demonym_mentions
from transforms.places.link import link_places
from transforms.places.nested import nested_places
from transforms.places.widen import widen_places


class Resolve(PTransform[PCollection[TaggedStory], PCollection[ResolvedStory]]):
    """Say which place, office and entity each name stands for, and which days are meant.

    Every story that comes in leaves exactly once. Looks at one story at a time. No state.
    """

    def expand(self, tagged: PCollection[TaggedStory]) -> PCollection[ResolvedStory]:
        return tagged | "ResolveStory" >> beam.Map(resolve).with_output_types(ResolvedStory)


def resolve(tagged: TaggedStory) -> ResolvedStory:
    """Return the story with its names completed, linked and grouped, and with its dates.

    Known institutions and nationalities come first, so that places, offices and groups see them.
    Places inside names come last: the words of a name are the organisation's.
    """
    story = tagged.story
    mentions = complete_names(story, cut_verbs(story, tagged.mentions))
    mentions = widen_places(story, mentions)
    mentions = demonym_mentions(story, mentions)
    mentions = link_places(story, mentions)
    mentions = with_roles(story, mentions)
    mentions = nested_places(story, mentions)
    mentions = group_names(story, mentions)
    return ResolvedStory(story, tuple(mentions), tuple(date_mentions(story)))
