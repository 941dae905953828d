"""Poll feeds for ever: a splittable DoFn over each feed, whose restriction is the cursor."""

import functools
import time
from collections.abc import Iterator

import apache_beam as beam
from apache_beam.coders import Coder
from apache_beam.coders.typecoders import registry
from apache_beam.io.watermark_estimators import ManualWatermarkEstimator
from apache_beam.runners.sdf_utils import RestrictionTrackerView
from apache_beam.utils.timestamp import Timestamp

from schemas.records import Fetch, RawItem, Reject, SourceSpec
from transforms.event_time import StreamClock
from transforms.feed_cursor import FeedCursor, after_poll, first_cursor, is_due
from transforms.polls import Polled, polls
from transforms.read_moment import ReadMoment, Stamped
from transforms.reading import Reading
from transforms.sources import Source, load_sources
from transforms.stepwise import ESTIMATOR, TRACKER, Stepwise, endless, hand_back, nap_if_early

PATIENCE_S = 1.0
"""How long the steps of a bundle wait for answers, all together, before they make way."""


class PollFeed(beam.DoFn, Stepwise):
    """Poll one feed, over and over; each call of process() polls once at most.

    An answer that is slow to come is taken by a later call, so that no feed waits for another.
    The cursor is checkpointed with what the poll has brought, so that after a crash a feed is
    asked with the validators of what has been emitted. A bundle that is retried polls again.
    """

    def __init__(self, clock: StreamClock, every_s: float, allow_loopback: bool) -> None:
        beam.DoFn.__init__(self)
        Stepwise.__init__(self, clock)
        self._every_s = every_s
        self._allow_loopback = allow_loopback
        self._sources: dict[str, Source] = {}

    def setup(self) -> None:
        self._sources = load_sources()
        self._polls = polls()

    def start_bundle(self) -> None:
        self._patience_s = PATIENCE_S

    def initial_restriction(self, element: SourceSpec) -> FeedCursor:
        return first_cursor(element)

    def restriction_coder(self) -> Coder:
        return registry.get_coder(FeedCursor)

    @endless
    def process(
        self,
        spec: SourceSpec,
        tracker: RestrictionTrackerView = TRACKER,
        estimator: ManualWatermarkEstimator = ESTIMATOR,
    ) -> Iterator[Stamped]:
        cursor: FeedCursor = tracker.current_restriction()
        nap_if_early(cursor.resume_at_s)
        brought: list[RawItem | Reject | Fetch] = []
        if is_due(cursor, time.time()):
            polled = self._ask(spec, cursor)
            if polled is None:
                cursor = cursor._replace(is_asked=True)
            else:
                brought = [*polled.outcomes, polled.fetch]
                cursor = after_poll(cursor, polled.fetch, time.time(), self._every_s)
        moment = ReadMoment(self._clock, time.time(), estimator.current_watermark())
        resume_at_s = self.resume_at_s(cursor.poll_at_s, moment.now_s)
        if not tracker.try_claim(cursor._replace(resume_at_s=resume_at_s)):
            return
        yield from map(moment.stamp, brought)
        wait_s = resume_at_s - moment.now_s
        hand_back(tracker, estimator, moment.next_watermark(), wait_s)

    def _ask(self, spec: SourceSpec, cursor: FeedCursor) -> Polled | None:
        began_s = time.monotonic()
        poll = functools.partial(self._poll, spec, cursor)
        polled = self._polls.ask(spec, cursor, poll, self._patience_s)
        self._patience_s = max(0.0, self._patience_s - (time.monotonic() - began_s))
        return polled

    def _poll(self, spec: SourceSpec, cursor: FeedCursor) -> Polled:
        reading = Reading(
            spec._replace(
                etag=cursor.etag, last_modified=cursor.last_modified, not_before_s=0.0
            ),
            self._sources,
            as_of=Timestamp(time.time()),
            allow_loopback=self._allow_loopback,
        )
        return Polled(list(reading), reading.fetch())
