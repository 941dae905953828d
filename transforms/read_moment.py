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


class ReadMoment(NamedTuple):
    """When something was read; nothing of it is before the watermark, however clocks are set."""

    clock: StreamClock
    now_s: float
    watermark: Timestamp  # that has been promised

    def next_watermark(self) -> Timestamp:
        """Return the moment before which nothing will be from now on."""
        return max(self.watermark, self.clock.watermark(self.now_s))

    def earliest(self) -> Timestamp:
        """Return the earliest moment of an item: a tenth of the lateness after the watermark.

        For what is read now may reach the runner after what is read a little later elsewhere.
        """
        ahead_s = self.now_s + self.clock.lateness_s / 10
        return max(self.watermark, self.clock.watermark(ahead_s))

    def stamp(self, outcome: RawItem | Reject | Fetch) -> Stamped:
        """Return `outcome` at its moment: an item by its publication, the rest after all items."""
        if isinstance(outcome, RawItem):
            moment = self.clock.item_time(outcome.published_at, self.now_s)
            return TimestampedValue(outcome, max(moment, self.earliest()))
        moment = max(self.clock.read_time(self.now_s), self.watermark)
        if isinstance(outcome, Reject):
            return _Rejected("rejects", TimestampedValue(outcome, moment))
        return _Fetched("fetches", TimestampedValue(outcome, moment))
