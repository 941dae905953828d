"""Where items come from. A source is one module plus one entry point in "naba.sources"."""

from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import BinaryIO, NamedTuple

from apache_beam.utils.timestamp import Timestamp

from schemas.records import RawItem, Reject, SourceSpec

SNIFFED_BYTES = 65_536
"""How much of a document is looked at to recognise its kind."""


class Document(NamedTuple):
    """One document to parse: a file, or the body of an HTTP answer.

    `stream` is binary, read forwards only, already decompressed; its reader closes it.
    `content_type` is the HTTP header, "" for a file. `as_of` is the run's logical time, where
    it is known: dates far beyond it are no dates.
    """

    spec: SourceSpec
    origin: str
    stream: BinaryIO
    content_type: str = ""
    as_of: Timestamp | None = None


class Source(NamedTuple):
    """One kind of source.

    `recognise` says from the first SNIFFED_BYTES how sure it is, 0 (no) to 100 (certain);
    the highest wins. `read` yields items and rejects in document order, lazily; it raises
    nothing for bad input, however hostile: what it cannot use it yields as a Reject.
    """

    kind: str
    recognise: Callable[[bytes], int]
    read: Callable[[Document], Iterator[RawItem | Reject]]


class SourceError(ValueError):
    """A source kind is unknown, or two distributions claim one name."""


def load_sources() -> dict[str, Source]:
    """Return every installed source by its kind.

    Raises:
        SourceError: two distributions claim one name.
    """
    sources: dict[str, Source] = {}
    for entry in entry_points(group="naba.sources"):
        source: Source = entry.load()
        if sources.setdefault(entry.name, source) != source:
            raise SourceError(f"two distributions provide the source kind {entry.name!r}")
    return sources
