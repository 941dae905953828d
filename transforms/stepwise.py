"""What endless sources share: one step per call of process(), polite on every runner.

A step reads once, claims the state that follows, emits, moves the watermark and asks to be called
again. A runner may call again at once instead of after the wait asked for; so a step that comes
early sleeps a little and does nothing else.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import apache_beam as beam
from apache_beam.coders import Coder, TimestampCoder
from apache_beam.io.iobase import RestrictionProgress, RestrictionTracker
from apache_beam.io.watermark_estimators import ManualWatermarkEstimator
from apache_beam.runners.sdf_utils import RestrictionTrackerView
from apache_beam.transforms.core import RestrictionProvider, WatermarkEstimatorProvider
from apache_beam.utils.timestamp import Duration, Timestamp

from transforms.event_time import StreamClock

NAP_S = 0.5
"""How long a step that comes early sleeps: what a worker's thread is held for at most."""

PACES_PER_SLOT = 20
PACE_S_MIN = 1.0
"""A waiting source comes back this often in a slot, and not more often, to move its watermark."""

_Process = TypeVar("_Process", bound=Callable[..., Any])
endless: Callable[[_Process], _Process] = beam.DoFn.unbounded_per_element()
TRACKER: Any = beam.DoFn.RestrictionParam()
ESTIMATOR: Any = beam.DoFn.WatermarkEstimatorParam()


class StepTracker(RestrictionTracker):
    """Tracks the endless rest of a source; what is claimed is the state after the next step.

    A step is not split, and what lies behind it can be handed back only once it is known.
    """

    def __init__(self, state: Any) -> None:
        self._state = state
        self._rest: Any = None
        self._is_claimed = False

    def current_restriction(self) -> Any:
        return self._state

    def try_claim(self, position: Any) -> bool:
        if self._is_claimed:
            return False
        self._is_claimed, self._rest = True, position
        return True

    def try_split(self, fraction_of_remainder: float) -> tuple[Any, Any] | None:
        if self._rest is None:
            return None
        rest, self._rest = self._rest, None
        return self._state, rest

    def check_done(self) -> bool:
        if not self._is_claimed or self._rest is not None:
            raise ValueError(f"the rest of {self._state!r} was not handed back")
        return True

    def current_progress(self) -> RestrictionProgress:
        done = float(self._is_claimed)
        return RestrictionProgress(completed=done, remaining=1.0 - done)

    def is_bounded(self) -> bool:
        return False


class Stepwise(RestrictionProvider, WatermarkEstimatorProvider):
    """What a DoFn of steps tells the runner; it names its coder and its first state itself."""

    def __init__(self, clock: StreamClock) -> None:
        self._clock = clock

    def create_tracker(self, restriction: Any) -> StepTracker:
        return StepTracker(restriction)

    def restriction_size(self, element: Any, restriction: Any) -> int:
        return 1

    def truncate(self, element: Any, restriction: Any) -> None:
        """Leave nothing to be done while the pipeline drains."""

    def initial_estimator_state(self, element: Any, restriction: Any) -> Timestamp:
        return Timestamp(self._clock.floor_s)

    def create_watermark_estimator(self, estimator_state: Timestamp) -> ManualWatermarkEstimator:
        return ManualWatermarkEstimator(estimator_state)

    def estimator_state_coder(self) -> Coder:
        return TimestampCoder()

    def resume_at_s(self, due_at_s: float, now_s: float) -> float:
        """Return when to come back: when the source is due, and before for the watermark.

        Between two polls the watermark moves too, or it would hold up the slots of all sources.
        """
        pace_s = max(self._clock.slot_s / PACES_PER_SLOT, PACE_S_MIN)
        return due_at_s if now_s < due_at_s < now_s + pace_s else now_s + pace_s


def nap_if_early(resume_at_s: float) -> None:
    """Sleep a little if the step was to come at `resume_at_s`, and that is not yet."""
    early_s = resume_at_s - time.time()
    if early_s > 0:
        time.sleep(min(early_s, NAP_S))


def hand_back(
    tracker: RestrictionTrackerView, estimator: ManualWatermarkEstimator,
    watermark: Timestamp, wait_s: float,
) -> None:
    """End a step: all to come is at `watermark` or later, and comes after `wait_s`."""
    estimator.set_watermark(watermark)
    tracker.defer_remainder(Duration(wait_s))
