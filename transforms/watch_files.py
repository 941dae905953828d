"""Watch files and folders for ever: a splittable DoFn whose restriction is what was read."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.coders import Coder, RowCoder
from apache_beam.coders.typecoders import registry
from apache_beam.io.watermark_estimators import ManualWatermarkEstimator
from apache_beam.runners.sdf_utils import RestrictionTrackerView
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Timestamp

from schemas.records import Reject, SourceSpec
from transforms.event_time import StreamClock
from transforms.file_memory import FileMemory, Found, due
from transforms.read_moment import ReadMoment, Stamped
from transforms.reading import Reading
from transforms.sources import Source, load_sources
from transforms.stepwise import ESTIMATOR, TRACKER, Stepwise, endless, hand_back, nap_if_early

_TIMESTAMP: Any = beam.DoFn.TimestampParam
logger = logging.getLogger("naba.read")


class SeenFile(NamedTuple):
    """A file that is to be read, and when it was seen, in Unix seconds."""

    spec: SourceSpec
    seen_s: float


class Watched(NamedTuple):
    """All that comes after what is known: a `FileMemory`, and when to look again."""

    known: Sequence[int] = ()
    moving: Sequence[int] = ()
    look_at_s: float = 0.0
    resume_at_s: float = 0.0


for row in (SeenFile, Watched):
    registry.register_coder(row, RowCoder)


class WatchFiles(beam.DoFn, Stepwise):
    """Give each file when it is new or has changed, and each reject once; look every so often.

    What was given is checkpointed with the giving. A bundle that is retried gives it again.
    """

    def __init__(
        self, files: Callable[[], Sequence[Found]], clock: StreamClock, every_s: float
    ) -> None:
        beam.DoFn.__init__(self)
        Stepwise.__init__(self, clock)
        self._files = files
        self._every_s = every_s

    def initial_restriction(self, element: bytes) -> Watched:
        return Watched()

    def restriction_coder(self) -> Coder:
        return registry.get_coder(Watched)

    @endless
    def process(
        self,
        element: bytes,
        tracker: RestrictionTrackerView = TRACKER,
        estimator: ManualWatermarkEstimator = ESTIMATOR,
    ) -> Iterator[TimestampedValue[SeenFile] | Stamped]:
        watched: Watched = tracker.current_restriction()
        nap_if_early(watched.resume_at_s)
        moment = ReadMoment(self._clock, time.time(), estimator.current_watermark())
        found: list[Found] = []
        if not 0 < watched.look_at_s - moment.now_s <= self._every_s:
            found, watched = self._look(watched, moment.now_s)
        resume_at_s = self.resume_at_s(watched.look_at_s, moment.now_s)
        if not tracker.try_claim(watched._replace(resume_at_s=resume_at_s)):
            return
        watermark = moment.next_watermark()
        for one in found:
            if isinstance(one, Reject):
                yield moment.stamp(one)
            else:  # at the watermark, to hold it until the file has been read
                yield TimestampedValue(SeenFile(one, moment.now_s), watermark)
        hand_back(tracker, estimator, watermark, resume_at_s - moment.now_s)

    def _look(self, watched: Watched, now_s: float) -> tuple[list[Found], Watched]:
        """Return what is to be read now; nothing while the sources cannot be listed."""
        memory = FileMemory(frozenset(watched.known), frozenset(watched.moving))
        chosen: list[Found] = []
        try:
            chosen, memory = due(self._files(), memory, now_s)
        except (OSError, ValueError) as error:  # a folder or a configuration, broken for now
            logger.warning("files not listed", extra={"problem": str(error)})
        look_at_s = now_s + self._every_s
        return chosen, Watched(tuple(memory.known), tuple(memory.moving), look_at_s)


class ReadFile(beam.DoFn):
    """Read a file to its end, lazily; its items are stamped by when it was seen."""

    def __init__(self, clock: StreamClock) -> None:
        super().__init__()
        self._clock = clock
        self._sources: dict[str, Source] = {}

    def setup(self) -> None:
        self._sources = load_sources()

    def process(
        self, seen: SeenFile, watermark: Timestamp = _TIMESTAMP
    ) -> Iterator[Stamped]:
        moment = ReadMoment(self._clock, seen.seen_s, watermark)
        reading = Reading(seen.spec, self._sources, as_of=Timestamp(seen.seen_s))
        yield from map(moment.stamp, reading)
        yield moment.stamp(reading.fetch())
