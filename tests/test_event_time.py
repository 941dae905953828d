"""Tests of the clock of a stream."""

from apache_beam.utils.timestamp import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from transforms.event_time import StreamClock

CLOCK = StreamClock(slot_s=60, lateness_s=300, floor_s=1_732_406_400)
_NOW = st.floats(CLOCK.floor_s - 1e6, CLOCK.floor_s + 1e6)
_PUBLISHED = st.none() | _NOW.map(Timestamp)


def test_an_item_belongs_to_the_moment_of_its_publication() -> None:
    now_s = CLOCK.floor_s + 1_000.0
    assert CLOCK.item_time(Timestamp(now_s - 299), now_s) == Timestamp(now_s - 299)


def test_an_undated_item_belongs_to_the_moment_of_its_reading() -> None:
    assert CLOCK.item_time(None, CLOCK.floor_s + 7.0) == Timestamp(CLOCK.floor_s + 7)


def test_an_item_from_the_archive_belongs_to_the_earliest_slot_that_is_open() -> None:
    now_s = CLOCK.floor_s + 1_000.0
    assert CLOCK.item_time(Timestamp(0), now_s) == Timestamp(now_s - 300)


def test_an_item_from_the_future_belongs_to_the_moment_of_its_reading() -> None:
    now_s = CLOCK.floor_s + 1_000.0
    assert CLOCK.item_time(Timestamp(now_s + 86_400), now_s) == Timestamp(now_s)


def test_a_slot_ends_after_all_that_it_holds() -> None:
    assert CLOCK.slot_end(Timestamp(CLOCK.floor_s)) == Timestamp(CLOCK.floor_s + 60)
    last = Timestamp(micros=(CLOCK.floor_s + 60) * 1_000_000 - 1)
    assert CLOCK.slot_end(last) == Timestamp(CLOCK.floor_s + 60)


@given(published_at=_PUBLISHED, now_s=_NOW, wait_s=st.floats(0, 1e6))
def test_no_item_is_before_the_watermark_and_none_after_its_reading(
    published_at: Timestamp | None, now_s: float, wait_s: float
) -> None:
    moment = CLOCK.item_time(published_at, now_s + wait_s)
    assert CLOCK.watermark(now_s) <= moment <= CLOCK.read_time(now_s + wait_s)
    assert moment >= Timestamp(CLOCK.floor_s)
    assert moment.micros % 1_000_000 == 0
    assert CLOCK.watermark(now_s).micros % 1_000_000 == 0
