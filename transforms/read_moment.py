"""The moment of a reading in a stream: what it brought is stamped with it."""

from typing import Literal, NamedTuple, TypeAlias

from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Timestamp

from schemas.records import Fetch, RawItem, Reject
from transforms.event_time import StreamClock

_Rejected = TaggedOutput[Literal["rejects"], TimestampedValue[Reject]]
_Fetched = TaggedOutput[Literal["fetches"], TimestampedValue[Fetch]]
Stamped: TypeAlias = TimestampedValue[RawItem] | _Rejected | _Fetched

MARGIN_S_MIN = 2.0
"""Half of the lateness, and no less than this, is left for the way to the runner.

Prism takes the watermark of a stage from the bundle that ended last, however old what others
bring. Without a margin, 3 % of the items of 20 feeds, half of them slow, were late for their slot.
"""


class ReadMoment(NamedTuple):
    """When something was read; nothing of it is before the watermark, however clocks are set."""

    clock: StreamClock
    now_s: float
    watermark: Timestamp  # that has been promised

    def next_watermark(self) -> Timestamp:
        """Return the moment before which nothing will be from now on."""
        return max(self.watermark, self.clock.watermark(self.now_s))

    def earliest(self) -> Timestamp:
        """Return the earliest moment of an item: some time after the watermark.

        For what is read now may reach the runner after what is read a little later elsewhere.
        """
        lateness_s = self.clock.lateness_s
        margin_s = min(max(lateness_s / 2, MARGIN_S_MIN), lateness_s)
        return max(self.watermark, self.clock.watermark(self.now_s + margin_s))

    def stamp(self, outcome: RawItem | Reject | Fetch) -> Stamped:
        """Return `outcome` at its moment: an item by its publication, the rest after all items."""
        if isinstance(outcome, RawItem):
            moment = self.clock.item_time(outcome.published_at, self.now_s)
            return TimestampedValue(outcome, max(moment, self.earliest()))
        moment = max(self.clock.read_time(self.now_s), self.watermark)
        if isinstance(outcome, Reject):
            return _Rejected("rejects", TimestampedValue(outcome, moment))
        return _Fetched("fetches", TimestampedValue(outcome, moment))
