import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records import Story
from tests.newswire import HOUR, Lake, newswire, outcomes, revised
from transforms.fingerprint import WINDOW_US
from transforms.pairing import (
    NEIGHBOURS_MAX,
    Homes,
    Rows,
    candidate_pairs,
    distinct_pairs,
    id_halves,
    split,
    story_ids,
    verdicts_in_memory,
)
from transforms.stop_shingles import NO_STOPS, learn_stops

NEAR, EXACT = 7, 1 << 63
START_US = 1_731_240_000_000_000 + (1_000_000 << 37)
HOUR_US = 3_600_000_000


def _rows(*rows: tuple[int, int, int, int]) -> Rows:
    """Return key rows of (key, is new, hours, story)."""
    return np.array(
        [
            (key, (new << 63) + START_US + hours * HOUR_US, 0, story)
            for key, new, hours, story in rows
        ],
        np.uint64,
    ).reshape(-1, 4)


def _found(rows: Rows) -> set[tuple[int, int]]:
    return {(one, other) for _, one, _, other in candidate_pairs([rows.tobytes()]).tolist()}


def test_pairs_share_a_key_within_the_window() -> None:
    rows = _rows((NEAR, 1, 0, 1), (NEAR, 1, 72, 2), (NEAR, 1, 145, 3), (8, 1, 0, 4))
    assert _found(rows) == {(1, 2)}


def test_equal_texts_meet_the_first_whenever_they_appeared() -> None:
    rows = _rows((EXACT, 1, 9_000, 1), (EXACT, 1, 0, 2), (EXACT, 1, 500, 3))
    assert _found(rows) == {(1, 2), (2, 3)}


def test_what_is_published_comes_first_among_equal_texts_and_is_not_paired_again() -> None:
    rows = _rows((EXACT, 1, 0, 1), (EXACT, 0, 50, 2), (EXACT, 0, 60, 3))
    assert _found(rows) == {(1, 2)}
    assert _found(_rows((NEAR, 0, 0, 1), (NEAR, 0, 1, 2))) == set()


def test_a_hot_key_is_bounded_and_meets_its_first_and_its_nearest() -> None:
    count = 5_000
    pairs = _found(_rows(*((NEAR, 1, 0, story) for story in range(count))))
    assert len(pairs) <= count * 2 * NEIGHBOURS_MAX
    assert {(0, count - 1), (count - 2, count - 1), (0, 1)} <= pairs


@given(
    st.lists(
        st.tuples(st.sampled_from([NEAR, 8, EXACT]), st.integers(0, 1), st.integers(0, 200)),
        max_size=40,
    ),
    st.randoms(),
)
def test_pairs_are_those_of_a_loop_and_do_not_depend_on_arrival(
    items: list[tuple[int, int, int]], order: random.Random
) -> None:
    rows = [(key, new, hours, story) for story, (key, new, hours) in enumerate(items)]
    shuffled = order.sample(rows, len(rows))
    pieces = [_rows(row).tobytes() for row in shuffled]
    pairs = {(one, other) for _, one, _, other in candidate_pairs(pieces).tolist()}
    firsts = {}
    for key, new, hours, story in rows:
        if key == EXACT:
            firsts[key] = min(firsts.get(key, (new, hours, story)), (new, hours, story))
    expected = set()
    for key, new, hours, story in rows:
        for key_2, new_2, hours_2, story_2 in rows:
            if key != key_2 or story >= story_2 or not (new or new_2):
                continue
            if key == EXACT and firsts[key][2] not in (story, story_2):
                continue
            if key != EXACT and abs(hours - hours_2) * HOUR_US > WINDOW_US:
                continue
            expected.add((story, story_2))
    assert pairs == expected  # forty stories are fewer than a hot key has neighbours twice over


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 3)), max_size=50))
def test_split_loses_nothing_and_keeps_a_first_column_together(
    ids: list[tuple[int, int]],
) -> None:
    rows = np.array([(high, 0, low, 0) for high, low in ids], np.uint64).reshape(-1, 4)
    parts = dict(split(rows, 8))
    assert len(parts) == len({high % 8 for high, _ in ids})
    assert np.array_equal(distinct_pairs(parts.values()), distinct_pairs([rows.tobytes()]))


def test_homes_are_the_parts_whose_pairs_hold_a_story() -> None:
    one, other, third, stranger = (f"{n:032x}" for n in (1, 2, 1 << 64, (1 << 64) + 7))
    pairs = [
        (3, np.array([*id_halves(one), *id_halves(other)], np.uint64).tobytes()),
        (1, np.array([*id_halves(one), *id_halves(third)] * 2, np.uint64).tobytes()),
    ]
    homes = Homes(pairs)
    assert [homes.of(story) for story in (one, other, third, stranger)] == [[1, 3], [3], [1], []]
    assert Homes([]).of(one) == []


def test_ids_survive_their_halves() -> None:
    story_id = "00ff00000000000000000000000000a0"
    assert story_ids((*id_halves(story_id), 0, 1)) == (story_id, f"{1:032x}")


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
