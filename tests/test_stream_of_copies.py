import random
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records import Story
from tests.newswire import HOUR, Lake, Outcomes, as_stored, newswire, outcomes, revised
from transforms.copies import Candidate
from transforms.fingerprint import unpack
from transforms.pairing import verdicts_in_memory
from transforms.stop_shingles import NO_STOPS, learn_stops
from transforms.stream_of_copies import STATE_US, Decided, StreamOfCopies, TooLateError

STEPS = st.sampled_from([HOUR, 12 * HOUR, 7])


def _wire(seed: int, step_s: int) -> list[Story]:
    return newswire(seed, 40, hours=400 if step_s > 60 else 1, step_s=step_s)


def _time(story: Story) -> int:
    assert story.published_at is not None
    return int(story.published_at.micros)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), step_s=STEPS, order=st.randoms(), taught=st.booleans())
def test_any_arrival_gives_the_same(
    seed: int, step_s: int, order: random.Random, taught: bool
) -> None:
    stories = _wire(seed, step_s)
    shuffled = order.sample(stories, len(stories))
    given_ = None if taught else NO_STOPS
    one, other = (
        outcomes(list(verdicts_in_memory(revised(arrived, []), given_)))
        for arrived in (stories, shuffled)
    )
    assert one == other


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000), step_s=STEPS, cuts=st.lists(st.integers(0, 40), max_size=6),
    taught=st.booleans(),
)
def test_any_split_into_consecutive_runs_gives_the_same(
    seed: int, step_s: int, cuts: list[int], taught: bool
) -> None:
    stories = sorted(_wire(seed, step_s), key=_time)
    stops = learn_stops(revised(stories, [])) if taught else NO_STOPS
    moments = sorted({_time(stories[cut]) for cut in cuts if cut < len(stories)})
    whole, split = Lake(stops), Lake(stops)
    whole.run(stories)
    for start, end in zip([0, *moments], [*moments, 1 << 62], strict=True):
        split.run([story for story in stories if start <= _time(story) < end])
    assert split.outcomes == whole.outcomes


class _Tables:
    """What a stream has written."""

    def __init__(self) -> None:
        self._first: dict[str, Candidate] = {}
        self.outcomes: Outcomes = {}

    def write(self, decided: Iterable[Decided]) -> None:
        for candidate, verdict in decided:
            self.outcomes |= outcomes([verdict] if verdict else [])
            stored = as_stored(candidate, self.outcomes)
            first = self._first.setdefault(candidate.text_sha256, stored)
            if (stored.order_us, stored.story_id) < (first.order_us, first.story_id):
                self._first[candidate.text_sha256] = stored

    def find_equal(self, text_sha256: str) -> Candidate | None:
        return self._first.get(text_sha256)

    def is_copy(self, story_id: str) -> bool:
        return story_id in self.outcomes and self.outcomes[story_id].outcome == "duplicate"


def _streamed(
    arrivals: list[Candidate], lateness_us: int, taught: bool
) -> tuple[Outcomes, int]:
    """Return the outcomes of a stream, and how many stories it held at most."""
    tables, held = _Tables(), 0
    stops = learn_stops(arrivals) if taught else NO_STOPS
    stream = StreamOfCopies(lateness_us, tables, stops)
    for candidate in arrivals:
        tables.write(stream.offer(candidate))
        held = max(held, stream.stories_held)
    tables.write(stream.finish())
    return tables.outcomes, held


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000), step_s=STEPS, lateness_h=st.sampled_from([0, 6, 48]),
    order=st.randoms(), taught=st.booleans(),
)
def test_a_stream_decides_as_a_batch(
    seed: int, step_s: int, lateness_h: int, order: random.Random, taught: bool
) -> None:
    candidates = revised(_wire(seed, step_s), [])
    lateness_us = lateness_h * HOUR * 1_000_000
    late = {one.story_id: order.randint(0, lateness_us) for one in candidates}
    arrivals = sorted(candidates, key=lambda one: one.order_us + late[one.story_id])
    expected = list(verdicts_in_memory(candidates, None if taught else NO_STOPS))
    assert _streamed(arrivals, lateness_us, taught)[0] == outcomes(expected)


def test_the_state_is_bounded_by_the_window() -> None:
    candidates = sorted(revised(newswire(1, 1_500, hours=5_000), []),
                        key=lambda one: one.order_us)
    lateness_us = 6 * HOUR * 1_000_000
    _, held = _streamed(candidates, lateness_us, taught=False)
    times = [one.order_us for one in candidates]
    most = max(
        sum(time - STATE_US - lateness_us <= other <= time for other in times) for time in times
    )
    assert held <= most < len(candidates) / 10


def test_many_stories_under_one_key_are_met_as_in_a_batch() -> None:
    candidates = revised(newswire(5, 300, hours=200), [])
    arrivals = sorted(candidates, key=lambda one: one.order_us)
    expected = outcomes(list(verdicts_in_memory(candidates, NO_STOPS)))
    assert _streamed(arrivals, 0, taught=False)[0] == expected


def test_stop_shingles_stay_in_what_is_stored() -> None:
    (candidate,) = revised(newswire(4, 1), [])
    stops = unpack(candidate.fingerprint).shingles
    stream = StreamOfCopies(0, _Tables(), stops)
    list(stream.offer(candidate))
    assert list(stream.finish()) == [Decided(candidate, None)]


def test_what_comes_too_late_is_refused() -> None:
    first, second = sorted(revised(newswire(2, 30), []), key=lambda one: one.order_us)[:2]
    later = second._replace(order_us=first.order_us + 2 * HOUR * 1_000_000)
    stream = StreamOfCopies(HOUR * 1_000_000, _Tables())
    list(stream.offer(later))
    with pytest.raises(TooLateError, match=first.story_id):
        list(stream.offer(first))
