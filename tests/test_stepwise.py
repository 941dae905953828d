"""The tracker of endless sources, as a runner and a step use it."""

import pytest

from transforms.event_time import StreamClock
from transforms.stepwise import PACES_PER_SLOT, StepTracker, Stepwise


def test_what_lies_behind_a_step_is_handed_back_once_it_is_known() -> None:
    tracker = StepTracker("now")
    assert tracker.try_split(0) is None  # a poll under way is not cut short
    assert tracker.try_claim("next")
    assert not tracker.try_claim("again")
    assert tracker.try_split(0) == ("now", "next")
    assert tracker.try_split(0) is None
    assert tracker.check_done()


def test_a_step_that_hands_nothing_back_is_an_error() -> None:
    tracker = StepTracker("now")
    with pytest.raises(ValueError, match="not handed back"):
        tracker.check_done()
    tracker.try_claim("next")
    with pytest.raises(ValueError, match="not handed back"):
        tracker.check_done()


def test_a_step_is_one_unit_of_endless_work() -> None:
    tracker = StepTracker("now")
    assert not tracker.is_bounded()
    assert tracker.current_progress().fraction_completed == 0
    tracker.try_claim("next")
    assert tracker.current_progress().fraction_completed == 1
    assert Stepwise(StreamClock(60, 300, 0)).restriction_size("feed", "now") == 1


@pytest.mark.parametrize(
    ("due_at_s", "resume_at_s"),
    [(1001.0, 1001.0), (1000.0 + 600 / PACES_PER_SLOT, 1030.0), (9000.0, 1030.0), (0.0, 1030.0)],
    ids=["soon due", "just at the pace", "far", "under way"],
)
def test_a_waiting_source_comes_back_several_times_a_slot(
    due_at_s: float, resume_at_s: float
) -> None:
    assert Stepwise(StreamClock(600, 300, 0)).resume_at_s(due_at_s, 1000.0) == resume_at_s
