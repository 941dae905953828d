"""When a feed is asked again."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.records import SourceSpec
from transforms.feed_cursor import FAILING_WAIT_MAX_S, first_cursor, is_due, wait_s
from transforms.sources.http import RETRY_AFTER_S_MAX

NOW_S = 1_731_240_000.0


@given(every_s=st.integers(1, 100_000), failures=st.integers(0, 10_000))
def test_no_feed_waits_less_than_a_round_or_longer_than_an_hour_more(
    every_s: int, failures: int
) -> None:
    waited_s = wait_s(every_s, failures)
    assert every_s <= waited_s <= max(every_s, FAILING_WAIT_MAX_S)
    assert waited_s <= wait_s(every_s, failures + 1)


def test_a_feed_that_failed_is_asked_after_two_rounds_then_four_then_eight() -> None:
    assert [wait_s(60, failures) for failures in range(4)] == [60, 120, 240, 480]


def test_a_feed_is_due_when_its_time_has_come_or_the_clock_was_set_back() -> None:
    spec = SourceSpec("anadolu", "https://news.example/rss", not_before_s=NOW_S)
    cursor = first_cursor(spec)
    assert not is_due(cursor, NOW_S - 1)
    assert is_due(cursor, NOW_S)
    assert is_due(cursor, NOW_S - RETRY_AFTER_S_MAX - 1)
    assert is_due(first_cursor(spec._replace(not_before_s=0.0)), NOW_S)
