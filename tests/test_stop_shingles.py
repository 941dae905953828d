import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.in_memory import kept_by_item
from tests.builders import NOON, TEXT, make_story
from transforms.copies import Candidate, candidate_of
from transforms.fingerprint import unpack
from transforms.outcomes import with_fingerprint
from transforms.stop_shingles import (
    DAYS_MIN,
    KEYS_LEFT_MIN,
    NO_STOPS,
    SAMPLED_MAX,
    SampledStory,
    StopSample,
    learn_stops,
    sampled,
    without_stops,
)

DAY = 86_400


def _bulletin(day: int, city: str, sky: str) -> Candidate:
    """Return a forecast: one form, another city and sky each time."""
    return candidate_of(with_fingerprint(make_story(
        item_id=f"{city} {day}", title=f"حالة الطقس في {city}", published_at=NOON + day * DAY,
        text=f"توقعت الهيئة العامة للأنواء الجوية والرصد الزلزالي أن يكون الطقس في {city} {sky} "
        "مع فرصة لتصاعد الغبار في بعض المناطق فيما تكون الرياح شمالية غربية خفيفة السرعة",
    )))


def _forecasts(days: int) -> list[Candidate]:
    return [_bulletin(day, f"مدينة{day}", f"لون{day}") for day in range(days)]


TODAY = [_bulletin(20, "رام الله", "مشمسا"), _bulletin(20, "تونس", "غائما ممطرا باردا")]


def test_what_comes_back_on_enough_days_is_no_evidence() -> None:
    fresh = kept_by_item(TODAY)
    assert len(set(fresh.values())) == 1, "without history the two forecasts look like one story"
    taught = kept_by_item([*TODAY, *_forecasts(DAYS_MIN)])
    assert all(taught[one.story_id] == one.story_id for one in TODAY)


@pytest.mark.parametrize("start_s", [0, 11 * 3600, DAY // 2 - 1])
def test_copies_of_one_story_teach_nothing_within_the_window(start_s: int) -> None:
    copies = [
        candidate_of(with_fingerprint(make_story(
            source_id=f"outlet-{n}", published_at=NOON + start_s + n * 3 * DAY // 11
        )))
        for n in range(12)
    ]
    assert len(learn_stops(copies)) == 0
    assert len(set(kept_by_item(copies).values())) == 1


def test_a_rare_triple_is_no_stop_however_many_its_days() -> None:
    sample = StopSample()
    for n in range(20_000):
        shingles = NO_STOPS if n >= DAYS_MIN else unpack(TODAY[0].fingerprint).shingles
        sample.add(SampledStory(f"{n:032x}", n, shingles.tobytes()))
    assert len(sample.learn()) == 0


def test_a_bulletin_keeps_its_keys_so_that_its_copies_are_found() -> None:
    stops = learn_stops(_forecasts(12))
    prints = unpack(_bulletin(30, "مدينة1", "لون1").fingerprint)
    left = without_stops(prints, stops)
    assert len(left.shingles) < len(prints.shingles)
    assert len(left.keys) >= KEYS_LEFT_MIN
    copy = TODAY[0]._replace(source_id="sana", story_id="f" * 32, text_sha256="another")
    kept = kept_by_item([TODAY[0], copy, *_forecasts(12)])
    assert kept[copy.story_id] == TODAY[0].story_id


def test_times_before_1970_count_as_days() -> None:
    old = [one._replace(order_us=one.order_us - 80 * 365 * DAY * 1_000_000)
           for one in _forecasts(DAYS_MIN)]
    assert len(learn_stops(old)) == len(learn_stops(_forecasts(DAYS_MIN))) > 0


def test_nothing_is_learned_from_nothing() -> None:
    assert len(learn_stops([])) == 0
    assert len(learn_stops([candidate_of(with_fingerprint(make_story(title="", text="؟")))])) == 0
    prints = unpack(candidate_of(with_fingerprint(make_story(text=TEXT))).fingerprint)
    assert len(without_stops(prints, learn_stops(_forecasts(9))).shingles) > 0


@settings(max_examples=30, deadline=None)
@given(
    ids=st.lists(st.integers(0, 500), min_size=1, max_size=120),
    order=st.randoms(),
    cut=st.integers(0, 120),
)
def test_the_list_does_not_depend_on_order_or_on_workers(
    ids: list[int], order: random.Random, cut: int
) -> None:
    stories = [
        sampled(f"{n * 7919:032x}", (n % 9) * DAY * 1_000_000, _forecasts(1)[0].fingerprint)
        for n in ids
    ]
    shuffled = order.sample(stories, len(stories))
    one, first, second = _SmallSample(), _SmallSample(), _SmallSample()
    for story in stories:
        one.add(story)
    for story in shuffled[:cut]:
        first.add(story)
    for story in shuffled[cut:]:
        second.add(story)
    first.merge(second)
    assert first.learn().tolist() == one.learn().tolist()
    assert first.ids() == one.ids() == sorted({story.story_id for story in stories})[:_MAX]


_MAX = 16


class _SmallSample(StopSample):
    """A sample that is full soon."""

    stories_max = _MAX

    def ids(self) -> list[str]:
        return sorted(self._stories)


def test_the_sample_is_bounded() -> None:
    assert StopSample.stories_max == SAMPLED_MAX
    sample = _SmallSample()
    for n in range(10 * _MAX):
        sample.add(SampledStory(f"{n:032x}", 0, b""))
        assert len(sample.ids()) < 2 * _MAX


def test_a_story_met_twice_counts_as_the_earlier_whatever_the_order() -> None:
    # Undated and read again, it has the time of each run that has seen it.
    met = [SampledStory("one", day, b"\1\0\0\0") for day in range(DAYS_MIN)]
    others = [SampledStory(f"other {day}", day, b"\1\0\0\0") for day in range(1, DAYS_MIN)]
    for order in (met, met[::-1]):
        first, second = StopSample(), StopSample()
        for story in (*others, *order[:2]):
            first.add(story)
        for story in order[2:]:
            second.add(story)
        first.merge(second)
        assert first.learn().tolist() == [1]
