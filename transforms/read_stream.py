"""Read as a stream: feeds polled and files watched for ever → RawItem, Fetch, Reject."""

from collections.abc import Callable, Sequence
from typing import Any

import apache_beam as beam
from apache_beam import PTransform
from apache_beam.pvalue import DoOutputsTuple, PBegin, PCollection
from apache_beam.transforms.error_handling import ErrorHandler

from schemas.records import Fetch, RawItem, Reject, SourceSpec
from transforms.event_time import StreamClock
from transforms.file_memory import Found
from transforms.poll_feeds import PollFeed
from transforms.reading import Readings
from transforms.watch_files import ReadFile, SeenFile, WatchFiles


class ReadStream(PTransform[PBegin, Readings]):
    """Read `feeds` as they are polled, and what `files` lists as it comes and changes.

    Every item is read at least once: what a failed bundle had read is read again. Items bear the
    time of their publication as the clock allows it, all else of a reading a time at or after
    that of its items; nothing is ever before the watermark. One feed that fails, or waits, stops
    no other and holds up no watermark. A file holds the watermark while it is read. A drain ends
    the polls and the looks.
    """

    def __init__(
        self,
        feeds: Sequence[SourceSpec],
        files: Callable[[], Sequence[Found]],
        errors: ErrorHandler,
        clock: StreamClock,
        *,
        every_s: int,
        allow_loopback: bool = False,
    ) -> None:
        super().__init__()
        self._feeds = feeds
        self._files = files
        self._errors = errors
        self._clock = clock
        self._every_s = every_s
        self._allow_loopback = allow_loopback

    def expand(self, pipeline: PBegin) -> Readings:
        parts = [self._read_files(pipeline)]
        if self._feeds:
            parts.append(self._poll_feeds(pipeline))
        for part in parts:
            self._errors.add_error_pcollection(part.rejects)
        return Readings(
            tuple(part.items for part in parts) | "Items" >> beam.Flatten(),
            tuple(part.fetches for part in parts) | "Fetches" >> beam.Flatten(),
        )

    def _poll_feeds(self, pipeline: PBegin) -> DoOutputsTuple:
        poll = PollFeed(self._clock, self._every_s, self._allow_loopback)
        feeds = pipeline | "Feeds" >> beam.Create(self._feeds)
        spread = feeds | "SpreadFeeds" >> beam.Reshuffle()
        return spread | "PollFeed" >> _with_outputs(poll)

    def _read_files(self, pipeline: PBegin) -> DoOutputsTuple:
        watch = WatchFiles(self._files, self._clock, self._every_s)
        start = pipeline | "Start" >> beam.Impulse()
        looks = start | "WatchFiles" >> beam.ParDo(watch).with_output_types(
            SeenFile, rejects=Reject
        ).with_outputs("rejects", main="seen")
        self._errors.add_error_pcollection(looks.rejects)
        spread = looks.seen | "SpreadFiles" >> beam.Reshuffle()
        return spread | "ReadFile" >> _with_outputs(ReadFile(self._clock))


def _with_outputs(dofn: beam.DoFn) -> PTransform[PCollection[Any], DoOutputsTuple]:
    """Return a ParDo that has what a reading gives as outputs of their own."""
    typed = beam.ParDo(dofn).with_output_types(RawItem, fetches=Fetch, rejects=Reject)
    return typed.with_outputs("fetches", "rejects", main="items")
