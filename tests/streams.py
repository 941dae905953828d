"""Steps of an endless source, taken one by one as a runner takes them, with Beam's trackers."""

from typing import Any, NamedTuple

from apache_beam.pvalue import TaggedOutput
from apache_beam.runners.sdf_utils import (
    RestrictionTrackerView,
    ThreadsafeRestrictionTracker,
    ThreadsafeWatermarkEstimator,
)
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Timestamp


class Step(NamedTuple):
    """What a step brought and what is left of the source."""

    values: list[TimestampedValue[Any]]
    rest: Any
    wait_s: float
    watermark: Timestamp

    def of(self, kind: type) -> list[Any]:
        """Return what the step brought of one kind."""
        return [one.value for one in self.values if isinstance(one.value, kind)]

    def moments(self, kind: type) -> list[Timestamp]:
        """Return the moments of what it brought of one kind."""
        return [one.timestamp for one in self.values if isinstance(one.value, kind)]


def step(
    dofn: Any, element: Any, before: Step | None = None, *, is_first_of_bundle: bool = True
) -> Step:
    """Take the step after `before`; the rest passes its coder, as at a checkpoint."""
    coder = dofn.restriction_coder()
    rest = dofn.initial_restriction(element) if before is None else before.rest
    state = dofn.initial_estimator_state(element, rest) if before is None else before.watermark
    tracker = ThreadsafeRestrictionTracker(dofn.create_tracker(coder.decode(coder.encode(rest))))
    states = dofn.estimator_state_coder()
    estimator = ThreadsafeWatermarkEstimator(
        dofn.create_watermark_estimator(states.decode(states.encode(state)))
    )
    if is_first_of_bundle:
        dofn.start_bundle()
    values = list(dofn.process(element, RestrictionTrackerView(tracker), estimator))
    tracker.check_done()
    status = tracker.deferred_status()
    assert status is not None
    rest, wait = status
    untagged = [one.value if isinstance(one, TaggedOutput) else one for one in values]
    return Step(untagged, rest, wait.micros / 1e6, estimator.get_estimator_state())


def later(before: Step, seconds: float) -> Step:
    """Return `before` as if it were so many seconds ago: no test sleeps through a wait."""
    moments = {
        name: value - seconds
        for name, value in before.rest._asdict().items() if name.endswith("_at_s") and value
    }
    return before._replace(rest=before.rest._replace(**moments))
