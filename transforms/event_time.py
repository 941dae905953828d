"""The clock of a stream: the moment of an item, how far the stream has come, and its slots.

A slot is a stretch of time that is committed as one run, named by its end. An item belongs to the
slot in which it was published, unless it comes so late that this slot may have been committed.

Moments are whole seconds, as slots are. So a stage that decides on a moment may let the watermark
run some milliseconds ahead of it, and what it decides on is still in time for its slot.
"""

import math
from typing import NamedTuple

from apache_beam.utils.timestamp import Timestamp

from schemas.ids import RUN_ID_FORMAT


class StreamClock(NamedTuple):
    """What fixes the time of a stream; all in whole seconds, `floor_s` since the Unix epoch."""

    slot_s: int  # how long a slot is
    lateness_s: int  # how long after its publication an item still counts as published then
    floor_s: int  # where the first slot begins; a multiple of slot_s

    def watermark(self, now_s: float) -> Timestamp:
        """Return the moment before which no item will be, if it is read at `now_s` or later."""
        return Timestamp(max(math.floor(now_s) - self.lateness_s, self.floor_s))

    def read_time(self, now_s: float) -> Timestamp:
        """Return the moment of what belongs to a reading that ends at `now_s`, and to no item.

        It lies in no earlier slot than any item read.
        """
        return Timestamp(max(math.floor(now_s), self.floor_s))

    def item_time(self, published_at: Timestamp | None, now_s: float) -> Timestamp:
        """Return the moment of an item read at `now_s`: its publication, within the lateness."""
        latest = self.read_time(now_s)
        moment = max(min(published_at or latest, latest), self.watermark(now_s))
        return Timestamp(moment.micros // 1_000_000)

    def slot_end(self, time: Timestamp) -> Timestamp:
        """Return where the slot ends that holds `time`: the logical time of its run."""
        slot_us = self.slot_s * 1_000_000
        return Timestamp(micros=(time.micros // slot_us + 1) * slot_us)


def run_id_at(logical_time: Timestamp) -> str:
    """Return the id of the run of that logical time."""
    return logical_time.to_utc_datetime().strftime(RUN_ID_FORMAT)
