"""Read: SourceSpec → RawItem, with a Fetch for each source and a Reject for each failure."""

import logging
from collections.abc import Iterator
from typing import Literal

import apache_beam as beam
from apache_beam import PTransform
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.transforms.error_handling import ErrorHandler
from apache_beam.utils.timestamp import Timestamp

from schemas.records import Fetch, RawItem, Reject, SourceSpec
from transforms.reading import Reading, Readings
from transforms.sources import Source, load_sources

logger = logging.getLogger("naba.read")


class Read(PTransform[PCollection[SourceSpec], Readings]):
    """Read every source once, lazily; one that fails never stops another.

    Not repeatable for HTTP sources: a retried bundle polls again.
    """

    def __init__(
        self, errors: ErrorHandler, *, as_of: Timestamp, allow_loopback: bool = False
    ) -> None:
        super().__init__()
        self._errors = errors
        self._as_of = as_of
        self._allow_loopback = allow_loopback

    def expand(self, specs: PCollection[SourceSpec]) -> Readings:
        read = specs | "ReadSource" >> beam.ParDo(
            _ReadSource(self._as_of, self._allow_loopback)
        ).with_outputs("fetches", "rejects", main="items")
        self._errors.add_error_pcollection(read.rejects)
        return Readings(read.items, read.fetches)


_Rejected = TaggedOutput[Literal["rejects"], Reject]
_Fetched = TaggedOutput[Literal["fetches"], Fetch]


class _ReadSource(beam.DoFn):
    def __init__(self, as_of: Timestamp, allow_loopback: bool) -> None:
        super().__init__()
        self._as_of = as_of
        self._allow_loopback = allow_loopback
        self._sources: dict[str, Source] = {}

    def setup(self) -> None:
        self._sources = load_sources()

    def process(
        self, spec: SourceSpec
    ) -> Iterator[RawItem | _Rejected | _Fetched]:
        reading = Reading(
            spec, self._sources, as_of=self._as_of, allow_loopback=self._allow_loopback
        )
        for outcome in reading:
            yield _Rejected("rejects", outcome) if isinstance(outcome, Reject) else outcome
        fetch = reading.fetch()
        logger.info("items read", extra={"count": fetch.items_seen})
        yield _Fetched("fetches", fetch)
