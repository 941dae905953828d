"""Decide on stories one by one, in the order of event time, with what one window holds as state.

The same pure functions decide as in a batch, so the verdicts are the same: under each key the same
neighbours are met, and on an earlier story nothing is decided that a later one could change.
"""

import heapq
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np

from transforms.copies import Candidate, Edge, Verdict, choose, compare, endpoint_of, rank
from transforms.fingerprint import WINDOW_US, Hashes
from transforms.pairing import Rows, candidate_pairs, is_exact, key_rows, story_ids
from transforms.stop_shingles import NO_STOPS, screened

STATE_US = WINDOW_US + 2_000_000
"""How long a story is remembered: the window, rounded up as in pairing."""


class Stored(Protocol):
    """What has been stored of the stories that were decided on, for good."""

    def find_equal(self, text_sha256: str) -> Candidate | None:
        """Return the first story or copy with that text."""

    def is_copy(self, story_id: str) -> bool:
        """Say whether a version was stored as a copy."""


class Decided(NamedTuple):
    """A story on which it has been decided; without a verdict it is simply kept."""

    candidate: Candidate
    verdict: Verdict | None


class TooLateError(ValueError):
    """A story came later than the lateness allows: the next scheduled run decides on it."""


class StreamOfCopies:
    """Decides on stories as they come, at most `lateness_us` out of order.

    Args:
        lateness_us: How far a story may lie before the newest one seen.
        stored: Asked for what is older than the window; knows all that was yielded.
        stops: Stop shingles, frozen.
    """

    def __init__(
        self, lateness_us: int, stored: Stored, stops: Hashes = NO_STOPS
    ) -> None:
        self._lateness_us = lateness_us
        self._stored = stored
        self._stops = stops
        self._waiting: list[tuple[int, tuple[bool, int, int, int, str], Candidate]] = []
        self._newest_us: int | None = None
        self._window = _Window()
        self._copies: dict[str, Verdict] = {}

    @property
    def stories_held(self) -> int:
        """How many stories the state holds."""
        return len(self._waiting) + len(self._window.candidates)

    def offer(self, candidate: Candidate) -> Iterator[Decided]:
        """Take a story; yield those that nothing can come before any more, decided on.

        Raises:
            TooLateError: the story lies before what was decided on.
        """
        newest_us = max(candidate.order_us, self._newest_us or candidate.order_us)
        if candidate.order_us < newest_us - self._lateness_us:
            raise TooLateError(f"story {candidate.story_id} came too late")
        self._newest_us = newest_us
        place = candidate.order_us, rank(endpoint_of(candidate))
        heapq.heappush(self._waiting, (*place, candidate))
        yield from self._decide_before(newest_us - self._lateness_us)
        self._forget_before(newest_us - self._lateness_us - STATE_US)

    def finish(self) -> Iterator[Decided]:
        """Yield all that is left, decided on."""
        while self._waiting:
            yield from self._decide_before(self._waiting[0][0] + 1)

    def _decide_before(self, watermark_us: int) -> Iterator[Decided]:
        while self._waiting and self._waiting[0][0] < watermark_us:
            at_us = self._waiting[0][0]
            group = []  # stories of one moment are neighbours of each other
            while self._waiting and self._waiting[0][0] == at_us:
                group.append(heapq.heappop(self._waiting)[2])
            self._forget_before(at_us - STATE_US)
            yield from self._decide(group)

    def _forget_before(self, time_us: int) -> None:
        for gone in self._window.forget_before(time_us):
            self._copies.pop(gone, None)

    def _decide(self, group: list[Candidate]) -> Iterator[Decided]:
        edges: dict[str, list[Edge]] = {candidate.story_id: [] for candidate in group}
        met = [screened(candidate, self._stops) for candidate in group]
        for one, other in self._window.pairs_with(met, self._stored):
            edge = compare(one, other)
            if edge is not None and edge.later.story_id in edges:
                edges[edge.later.story_id].append(edge)
        for candidate in group:  # in the order of rank
            endpoint = endpoint_of(candidate)
            if endpoint.predecessor and self._stored.is_copy(endpoint.predecessor):
                endpoint = endpoint._replace(predecessor="")
            found = edges[candidate.story_id]
            yield Decided(candidate, choose(endpoint, found, self._copies))


class _Window:
    """The stories of one window, by id and by key."""

    def __init__(self) -> None:
        self.candidates: dict[str, Candidate] = {}  # in the order of time
        self._rows: dict[int, dict[str, Rows]] = {}
        self._first: dict[str, str] = {}  # text_sha256 → story_id of the first with that text

    def pairs_with(
        self, group: list[Candidate], stored: Stored
    ) -> Iterator[tuple[Candidate, Candidate]]:
        """Add the stories of one moment and yield the pairs in which any of them stands."""
        keys = set()
        for candidate in group:
            self.candidates[candidate.story_id] = candidate
            for key, row in _near_rows(candidate):
                keys.add(key)
                self._rows.setdefault(key, {})[candidate.story_id] = row
        rows = [row for key in keys for row in self._rows[key].values()]
        new = {candidate.story_id for candidate in group}
        for pair in candidate_pairs([np.array(rows).tobytes()] if rows else []).tolist():
            one, other = story_ids(pair)
            if one in new or other in new:
                yield self.candidates[one], self.candidates[other]
        yield from self._equal_texts(group, stored)

    def _equal_texts(
        self, group: list[Candidate], stored: Stored
    ) -> Iterator[tuple[Candidate, Candidate]]:
        """Yield each story with the first of its text, which is looked up if it is not held."""
        for candidate in sorted(group, key=lambda one: one.story_id):
            if not candidate.is_long:
                continue
            held = self._first.get(candidate.text_sha256)
            first = self.candidates[held] if held else stored.find_equal(candidate.text_sha256)
            if first is None:
                self._first[candidate.text_sha256] = candidate.story_id
            elif first.story_id != candidate.story_id:
                yield first, candidate

    def forget_before(self, time_us: int) -> list[str]:
        """Drop the stories before a time and return their ids."""
        gone = []
        for story_id, candidate in self.candidates.items():
            if candidate.order_us >= time_us:
                break
            gone.append(story_id)
        for story_id in gone:
            candidate = self.candidates.pop(story_id)
            for key, _ in _near_rows(candidate):
                self._rows[key].pop(story_id, None)
                if not self._rows[key]:
                    del self._rows[key]
            if self._first.get(candidate.text_sha256) == story_id:
                del self._first[candidate.text_sha256]
        return gone


def _near_rows(candidate: Candidate) -> Iterator[tuple[int, Rows]]:
    for row in key_rows(candidate):
        key = int(row[0])
        if not is_exact(key):
            yield key, row
