"""Stage "Normalise": raw items become stories with clean text, wire anatomy and identity."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timezone
from typing import Any, Literal

from apache_beam import DoFn, ParDo, PTransform
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.transforms.error_handling import ErrorHandler
from apache_beam.utils.timestamp import Duration, Timestamp

from schemas.ids import digest
from schemas.records import RawItem, Reject, Story, make_reject
from transforms.agencies import agency_zone
from transforms.charset import repair_mojibake
from transforms.feed_dates import parse_feed_date
from transforms.item_type import classify
from transforms.language import UNDETERMINED, detect_language
from transforms.markup import strip_markup
from transforms.text import clean, clean_line
from transforms.wire import anatomy

TEXT_CHARS_MAX = 2_000_000
FUTURE_TOLERANCE = Duration(36 * 3600)
"""A desk's clock or zone may be wrong by a day and a half; later than that is no news yet."""

_Rejected = TaggedOutput[Literal["rejects"], Reject]
_TIMESTAMP: Any = DoFn.TimestampParam  # the type of what Beam puts in its place is another


class NormaliseError(ValueError):
    """An item cannot become a story; `reason` is its code in schemas/reasons.py."""

    reason = ""


class EmptyItemError(NormaliseError):
    """Neither title nor body holds a letter."""

    reason = "item-without-text"


class TextTooLongError(NormaliseError):
    """The text exceeds TEXT_CHARS_MAX."""

    reason = "text-too-long"


class Normalise(PTransform[PCollection[RawItem], PCollection[Story]]):
    """Turn every item into one story or one reject; keeps no state and no order."""

    def __init__(
        self, first_seen_at: Callable[[Timestamp], Timestamp], errors: ErrorHandler
    ) -> None:
        """Prepare the stage.

        Args:
            first_seen_at: Gives the logical time of the run that an item belongs to, from the
                item's time in the pipeline.
            errors: Collects the rejects; open.
        """
        super().__init__()
        self._first_seen_at = first_seen_at
        self._errors = errors

    def expand(self, items: PCollection[RawItem]) -> PCollection[Story]:
        """Return the stories; the rejects go to the error handler."""
        normalise_items = ParDo(_NormaliseItem(self._first_seen_at))
        outcome = items | "NormaliseItems" >> normalise_items.with_outputs(
            "rejects", main="stories"
        )
        self._errors.add_error_pcollection(outcome.rejects)
        return outcome.stories


class _NormaliseItem(DoFn):
    """Give one story, or one reject for an expected failure."""

    def __init__(self, first_seen_at: Callable[[Timestamp], Timestamp]) -> None:
        self._first_seen_at = first_seen_at

    def process(
        self, item: RawItem, moment: Timestamp = _TIMESTAMP
    ) -> Iterator[Story | _Rejected]:
        """Yield what becomes of `item`."""
        try:
            yield normalise(item, first_seen_at=self._first_seen_at(moment))
        except NormaliseError as error:
            yield TaggedOutput("rejects", to_reject(item, error))


def to_reject(item: RawItem, error: NormaliseError) -> Reject:
    """Return the reject for an item that could not become a story."""
    return make_reject(
        error.reason,
        str(error),
        stage="normalise",
        source_id=item.source_id,
        origin=item.origin,
        position=item.position,
        raw=f"{item.title}\n{item.body}".encode("utf-8", "replace"),
    )


def normalise(item: RawItem, *, first_seen_at: Timestamp) -> Story:
    """Return the story that `item` tells. An item of a title alone has it as its text too.

    Raises:
        EmptyItemError: no readable text is left.
        TextTooLongError: the text exceeds TEXT_CHARS_MAX.
    """
    title, title_repairs = _readable(item.title, item.markup)
    body, body_repairs = _readable(item.body, item.markup)
    title = clean_line(title)
    text = body.strip() or title
    _check(title, text)
    wire = anatomy(text)
    published_at, published_from = _published(item, wire.dateline_date, first_seen_at)
    item_type, status = classify(title, text, has_media=item.has_media)
    agency = item.agency or wire.agency
    return Story(
        story_id=digest(item.source_id, item.item_id, _sha256(f"{title}\0{text}")),
        revision=1,
        source_id=item.source_id,
        source_kind=item.source_kind,
        item_id=item.item_id,
        url=item.url,
        agency=agency,
        author=item.author or wire.author,
        language=_language(item, title, text),
        item_type=item_type,
        title=title,
        text=text,
        text_sha256=_sha256(text),
        published_at=published_at,
        published_from=published_from,
        updated_at=item.updated_at,
        timezone=_desk_zone(item.timezone, agency),
        first_seen_at=first_seen_at,
        wire_spans=wire.spans,
        dateline_place=wire.dateline_place,
        status=status,
        replaces=None,
        replaces_as=None,
        forwarded_from=item.forwarded_from,
        priority=item.priority,
        repairs=tuple(dict.fromkeys((*item.repairs, *title_repairs, *body_repairs))),
        origin=item.origin,
        position=item.position,
        fingerprint=b"",
    )


def _readable(field: str, markup: str) -> tuple[str, tuple[str, ...]]:
    """Return a field without markup, mended and clean, and the names of the repairs."""
    plain = strip_markup(field) if markup == "html" else field
    mended, repair = repair_mojibake(plain)
    return clean(mended), ((repair,) if repair else ())


def _check(title: str, text: str) -> None:
    """Let pass what can be stored.

    Raises:
        EmptyItemError: no readable text is left.
        TextTooLongError: the text exceeds TEXT_CHARS_MAX.
    """
    if len(title) + len(text) > TEXT_CHARS_MAX:
        raise TextTooLongError(
            f"{len(title) + len(text):,} characters, more than {TEXT_CHARS_MAX:,}"
        )
    if not any(map(str.isalpha, text)) and not any(map(str.isalpha, title)):
        raise EmptyItemError(f"no letter in title {title[:80]!r} or body")


def _desk_zone(source_zone: str, agency: str | None) -> str:
    """Return the IANA zone in which the desk says "today": the source's, else the agency's."""
    return source_zone if source_zone != "UTC" else agency_zone(agency or "")


def _sha256(text: str) -> str:
    """Return the SHA-256 of `text` in UTF-8, as hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _language(item: RawItem, title: str, text: str) -> str:
    """Return the primary subtag (RFC 5646 §2.2.1) of the text, else the one declared."""
    detected = detect_language(f"{title}\n{text}")
    if detected != UNDETERMINED:
        return detected
    primary = (item.language or "").replace("_", "-").partition("-")[0].strip().lower()
    is_tag = 2 <= len(primary) <= 3 and primary.isascii() and primary.isalpha()
    return primary if is_tag else UNDETERMINED


def _published(
    item: RawItem, dateline_date: str | None, first_seen_at: Timestamp
) -> tuple[Timestamp | None, str]:
    """Return when the item was published and what says so.

    Without a date of its own, a full and unambiguous Gregorian date in the dateline counts, as
    the first moment of that day in UTC. A time too far after the run is kept and marked.
    """
    published_at, published_from = item.published_at, item.published_from
    if published_at is None and dateline_date:
        found = parse_feed_date(dateline_date)
        if found is not None:
            published_at = Timestamp.from_utc_datetime(found.moment.astimezone(timezone.utc))
            published_from = "dateline"
    if published_at is not None and published_at > first_seen_at + FUTURE_TOLERANCE:
        published_from += ":future"
    return published_at, published_from
