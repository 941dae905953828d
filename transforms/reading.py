"""One reading of one source: a file opened, or a feed polled; what it holds and how it went."""

import io
import time
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from apache_beam.pvalue import PCollection
from apache_beam.utils.timestamp import Timestamp

from schemas.locations import is_web
from schemas.reasons import REASONS
from schemas.records import Fetch, RawItem, Reject, SourceSpec, make_reject
from transforms import storage
from transforms.sources import SNIFFED_BYTES, Document, Source
from transforms.sources.content_coding import TooManyBytesError
from transforms.sources.detect import decompress, recognise_kind
from transforms.sources.fetch_errors import FetchError, redacted
from transforms.sources.http import RETRY_AFTER_S_MAX, Response, fetch

DOCUMENT_BYTES_MAX = 1 << 40
"""Where reading any one document stops, decompressed. Kinds that must hold a document in memory
set their own, lower limit; exports are read as a stream and may be as large as this."""


class Readings(NamedTuple):
    """What leaves the stage that reads."""

    items: PCollection[RawItem]
    fetches: PCollection[Fetch]


class Reading:
    """One reading of one source: iterate over what it holds, then ask for its fetch record."""

    def __init__(
        self,
        spec: SourceSpec,
        sources: dict[str, Source],
        *,
        as_of: Timestamp,
        allow_loopback: bool = False,
    ) -> None:
        self._spec = spec
        self._sources = sources
        self._as_of = as_of
        self._allow_loopback = allow_loopback
        self._started_s = time.time()
        self._response: Response | None = None
        self._failure: FetchError | None = None
        self._stream: _Counted | None = None
        self._items = self._rejects = self._dated = self._repaired = 0
        self._fails = self._is_incomplete = False

    def __iter__(self) -> Iterator[RawItem | Reject]:
        for outcome in self._outcomes():
            if isinstance(outcome, Reject):
                self._rejects += 1
                self._fails |= REASONS[outcome.reason].fails_source
                self._is_incomplete |= outcome.retryable
            else:
                self._items += 1
                self._dated += outcome.published_at is not None or outcome.source_kind == "text"
                self._repaired += bool(outcome.repairs)
            yield outcome

    def fetch(self) -> Fetch:
        """Return the record of this reading; the counts of new and changed items come later."""
        response, failure = self._response, self._failure
        answer = response or failure
        return Fetch(
            source_id=self._spec.source_id,
            url=redacted(self._spec.location),
            fetched_at=Timestamp(self._started_s),
            duration_s=round(time.time() - self._started_s, 3),
            outcome=self._outcome(),
            status=answer.status if answer else None,
            final_url=response.final_url if response else None,
            etag=self._validator("etag"),
            last_modified=self._validator("last_modified"),
            content_type=(response.content_type or None) if response else None,
            bytes=self._stream.count if self._stream else 0,
            not_before=self._not_before(answer.retry_after_s if answer else None),
            items_seen=self._items,
            items_new=0,
            items_changed=0,
            health=self._health(),
        )

    def _outcomes(self) -> Iterator[RawItem | Reject]:
        spec = self._spec
        try:
            if not is_web(spec.location):
                with storage.opened(spec.location) as file:
                    yield from self._parse(file, spec.location)
            elif not self._is_early():
                self._response = fetch(
                    spec.location,
                    etag=spec.etag,
                    last_modified=spec.last_modified,
                    allow_loopback=self._allow_loopback,
                )
                if self._response.status != 304:
                    body = io.BytesIO(self._response.body)
                    yield from self._parse(body, redacted(spec.location))
        except FetchError as error:
            self._failure = error
            yield self._reject(error.reason, error.cause)
        except FileNotFoundError:
            yield self._reject("source-missing", "no such file")
        except TooManyBytesError as error:
            yield self._reject("source-too-large", str(error))
        except (OSError, EOFError) as error:
            problem = getattr(error, "strerror", None) or str(error)
            yield self._reject("source-unreadable", problem)

    def _parse(self, stream: BinaryIO, origin: str) -> Iterator[RawItem | Reject]:
        with decompress(stream, DOCUMENT_BYTES_MAX) as plain:
            head = plain.peek(SNIFFED_BYTES)
            kind = self._spec.kind or recognise_kind(head, self._sources)
            if not head.strip():
                yield self._reject("source-empty", "nothing to read")
            elif kind is None:
                yield self._reject(
                    "source-unrecognised",
                    "neither a feed nor a Telegram export nor text; "
                    f"it begins with {head[:16]!r}",
                    head,
                )
            else:
                self._stream = _Counted(plain)
                document = Document(
                    self._spec,
                    origin,
                    io.BufferedReader(self._stream, SNIFFED_BYTES),
                    self._response.content_type if self._response else "",
                    self._as_of,
                )
                yield from self._sources[kind].read(document)

    def _reject(self, reason: str, problem: str, raw: bytes = b"") -> Reject:
        return make_reject(
            reason,
            problem,
            stage="read",
            source_id=self._spec.source_id,
            origin=redacted(self._spec.location),
            position="whole source",
            raw=raw,
        )

    def _validator(self, name: str) -> str | None:
        """Return what to send with the next poll: as answered, or as before if nothing came.

        After an answer that could not be read to its end, nothing: the next poll must bring it
        again, and not "not modified".
        """
        is_new = self._response is not None and self._response.status != 304
        if is_new and self._is_incomplete:
            return None
        answered = getattr(self._response, name, "")
        return answered or (None if is_new else getattr(self._spec, name) or None)

    def _is_early(self) -> bool:
        # No server may ask for longer; a clock that was set back does not either.
        return 0 < self._spec.not_before_s - self._started_s <= RETRY_AFTER_S_MAX

    def _not_before(self, retry_after_s: float | None) -> Timestamp | None:
        if retry_after_s:
            return Timestamp(self._started_s + retry_after_s)
        return Timestamp(self._spec.not_before_s) if self._is_early() else None

    def _outcome(self) -> str:
        if self._is_early():
            return "not_due"
        if self._response is not None and self._response.status == 304:
            return "not_modified"
        return "failed" if self._fails and not self._items else "ok"

    def _health(self) -> list[str]:
        if self._outcome() in ("not_due", "not_modified"):
            return []
        moved = self._response is not None and bool(self._response.permanent_url)
        flags = {
            "failed": self._outcome() == "failed",
            "empty": not self._items and not self._rejects,
            "moved": moved,
            "undated": self._items > 0 and self._dated == 0,
            "repaired": self._repaired > 0,
            "rejects": self._rejects > 0 and self._items > 0,
            "incomplete": self._is_incomplete and self._items > 0,
        }
        return [name for name, is_raised in flags.items() if is_raised]


class _Counted(io.RawIOBase):
    """A stream that counts the bytes read from it."""

    def __init__(self, stream: io.BufferedReader) -> None:
        super().__init__()
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # no Buffer before 3.12
        count = self._stream.readinto(buffer)
        self.count += count
        return count
