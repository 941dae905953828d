"""Learn which word triples tell nothing: those that come back day after day.

Bulletins of weather and exchange rates, and what every story of a desk says, share triples with
thousands of stories that are no copies of each other. Such a triple is neither looked up nor
counted as evidence. The list is learned once for a run, from stories that earlier runs have
stored and from the run's own, and then frozen: it depends on the set of stories alone. It is kept
nowhere, and to learn it costs the same however large the archive is.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from apache_beam.coders import RowCoder
from apache_beam.coders.typecoders import registry

from transforms.copies import Candidate
from transforms.fingerprint import NO_HASHES, Fingerprint, Hashes, pack, unpack

# Set on 10,000 labelled items and 15,818 real stories; docs/benchmarks.md has the table.
DAYS_MIN = 5  # copies come within 72 hours: the triples of one story are seen on four days
STORIES_PER_STOP = 1_000  # a stop shingle stands in one of so many stories, or in more
KEYS_LEFT_MIN = 4  # a story that would keep fewer keys keeps them all: bulletins have copies too
SAMPLED_MAX = 20_000  # bounds time and memory; the smallest ids are a sample in any order
LEARNED_DAYS = 14  # of history, by ingest_date: two weeks of a desk that rests at week's end

_DAY_US = 86_400_000_000
_DAYS_BEFORE_1970 = 1 << 31  # added, so that earlier days sort as unsigned integers
_DAY_BITS = np.uint64(32)

NO_STOPS = NO_HASHES


class SampledStory(NamedTuple):
    """What is learned from one story."""

    story_id: str
    day: int  # of event time, since 1970
    shingles: bytes  # uint32


registry.register_coder(SampledStory, RowCoder)


def sampled(story_id: str, order_us: int, fingerprint: bytes) -> SampledStory:
    """Return what is learned from a story of that time and fingerprint."""
    return SampledStory(story_id, order_us // _DAY_US, unpack(fingerprint).shingles.tobytes())


class StopSample:
    """A bounded sample of stories: those with the smallest ids, whatever the order of adding."""

    stories_max = SAMPLED_MAX

    def __init__(self) -> None:
        self._stories: dict[str, SampledStory] = {}
        self._bound = ""

    def add(self, story: SampledStory) -> None:
        """Add a story, if it belongs to the sample."""
        if self._bound and story.story_id > self._bound:
            return
        known = self._stories.get(story.story_id, story)
        self._stories[story.story_id] = min(known, story)  # whichever of the two came first
        if len(self._stories) >= 2 * self.stories_max:
            self._cut()

    def merge(self, other: "StopSample") -> None:
        """Add all stories of `other`."""
        for story in other._stories.values():
            self.add(story)

    def learn(self) -> Hashes:
        """Return the stop shingles, sorted: seen on enough days and in enough stories."""
        self._cut()
        if not self._stories:
            return NO_STOPS
        stories = self._stories.values()
        sections = [np.frombuffer(story.shingles, np.uint32) for story in stories]
        days = np.repeat(
            np.array([story.day + _DAYS_BEFORE_1970 for story in stories], np.uint64),
            [len(section) for section in sections],
        )
        on_days = (np.concatenate(sections).astype(np.uint64) << _DAY_BITS) | days
        distinct, told = np.unique(on_days, return_counts=True)
        shingles, first, seen_on = np.unique(
            distinct >> _DAY_BITS, return_index=True, return_counts=True
        )
        if not len(shingles):
            return NO_STOPS
        told_in = np.add.reduceat(told, first)
        is_stop = (seen_on >= DAYS_MIN) & (told_in * STORIES_PER_STOP >= len(self._stories))
        return shingles[is_stop].astype(np.uint32)

    def __getstate__(self) -> dict[str, object]:
        self._cut()
        return self.__dict__

    def _cut(self) -> None:
        if len(self._stories) > self.stories_max:
            ids = sorted(self._stories)[: self.stories_max]
            self._stories = {story_id: self._stories[story_id] for story_id in ids}
            self._bound = ids[-1]


def learn_stops(candidates: Iterable[Candidate]) -> Hashes:
    """Return the stop shingles of `candidates`, for use without Beam."""
    sample = StopSample()
    for one in candidates:
        sample.add(sampled(one.story_id, one.order_us, one.fingerprint))
    return sample.learn()


def screened(candidate: Candidate, stops: Hashes) -> Candidate:
    """Return `candidate` without stop shingles; what is stored of a story never changes."""
    if not len(stops):
        return candidate
    prints = without_stops(unpack(candidate.fingerprint), stops)
    return candidate._replace(fingerprint=pack(prints))


def without_stops(prints: Fingerprint, stops: Hashes) -> Fingerprint:
    """Return `prints` without stop shingles and, where enough are left, without stop keys."""
    keys = _without(prints.keys, stops)
    return prints._replace(
        shingles=_without(prints.shingles, stops),
        keys=keys if len(keys) >= KEYS_LEFT_MIN else prints.keys,
    )


def _without(section: Hashes, stops: Hashes) -> Hashes:
    places = np.searchsorted(stops, section)
    places[places == len(stops)] = 0
    return section[stops[places] != section]
