"""The feed source: RSS, Atom and JSON Feed documents to items."""

import html
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import BinaryIO

from apache_beam.utils.timestamp import Timestamp

from schemas.records import RawItem, Reject, make_reject
from transforms.charset import decode, repair_mojibake, scrub
from transforms.feed_dates import parse_feed_date
from transforms.sources import Document, Source
from transforms.sources.feed_identity import item_ids
from transforms.sources.feed_item import (
    PUBLISHED_FIELDS,
    UPDATED_FIELDS,
    FaultyItem,
    FeedItem,
    NotAFeedError,
    ParsedFeed,
)
from transforms.sources.feed_outline import NotWellFormedError
from transforms.sources.feed_prolog import UnsafeXmlError, read_prolog
from transforms.sources.json_feed import json_feed_certainty, parse_json_feed
from transforms.sources.xml_feed import parse_xml_feed

FEED_BYTES_MAX = 32 * 1024 * 1024
_BLANK = b" \t\r\n\0\xef\xbb\xbf\xff\xfe"
_CERTAINTY = {"rss": 95, "feed": 90, "rdf": 60, "channel": 50, "entry": 40, "html": 5, "": 0}
_OTHER_XML = 2
_FEED_NAMESPACES = (b"purl.org/rss/1.0", b"my.netscape.com/rdf", b"w3.org/2005/Atom",
                    b"purl.org/atom/ns")


def recognise(head: bytes) -> int:
    """Return how sure it is, 0 to 100, that a document which begins with `head` is a feed."""
    ascii_head = head.replace(b"\0", b"")  # UTF-16 and UTF-32, with or without mark
    text = ascii_head.decode("latin-1").removeprefix("ï»¿").lstrip("ÿþ \t\r\n")
    if text.startswith("{"):
        return json_feed_certainty(text)
    try:
        root = read_prolog(text).root.lower()
    except UnsafeXmlError:
        return _CERTAINTY["rss"] if "<rss" in text or "<feed" in text else _OTHER_XML
    has_namespace = any(namespace in ascii_head for namespace in _FEED_NAMESPACES)
    if root in ("rdf", "feed", "entry") and has_namespace:
        return _CERTAINTY["rss"]
    return _CERTAINTY.get(root, _OTHER_XML)


def read(document: Document) -> Iterator[RawItem | Reject]:
    """Yield the items of a feed in document order; what cannot be used as rejects."""
    raw = _read_whole(document.stream, FEED_BYTES_MAX + 1)
    if len(raw) > FEED_BYTES_MAX:
        yield _reject(document, "source-too-large", f"over {FEED_BYTES_MAX} bytes", raw)
        return
    if not raw.strip(_BLANK):
        yield _reject(document, "source-empty", "the document is blank", raw)
        return
    decoded = decode(
        raw, content_type=document.content_type, override=document.spec.encoding
    )
    try:
        feed = parse(decoded.text, document.origin)
    except NotAFeedError as error:
        yield _reject(document, "source-not-a-feed", f"the document is {error}", raw)
        return
    except UnsafeXmlError as error:
        yield _reject(document, "feed-unsafe", str(error), raw)
        return
    except NotWellFormedError as error:
        yield _reject(document, "feed-malformed", f"beyond repair: {error}", raw)
        return
    feed = feed._replace(repairs=(*decoded.repairs, *feed.repairs))
    yield from _outcomes(document, feed)
    if feed.is_truncated:
        yield _truncation(document, feed, len(raw))


SOURCE = Source("feed", recognise, read)


def parse(text: str, location: str) -> ParsedFeed:
    """Return the feed in `text`, of whichever language.

    Raises:
        NotAFeedError: the document is something else.
        UnsafeXmlError: it would cost more than a feed can be worth.
        NotWellFormedError: it cannot be mended.
    """
    text = scrub(text)
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return parse_json_feed(text.lstrip("\ufeff"))
    return parse_xml_feed(text, location)


def _read_whole(stream: BinaryIO, size: int) -> bytes:
    """Return up to `size` bytes; a stream may give fewer than asked for at a time."""
    pieces: list[bytes] = []
    while size > 0 and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _outcomes(document: Document, feed: ParsedFeed) -> Iterator[RawItem | Reject]:
    """Yield what becomes of each item."""
    mended = [item if isinstance(item, FaultyItem) else _mended(item) for item in feed.items]
    usable = [item[0] for item in mended if not isinstance(item, FaultyItem)]
    ids = iter(item_ids(usable, document.spec.identity))
    for number, item in enumerate(mended, 1):
        position = f"item {number}"
        if isinstance(item, FaultyItem):
            yield _reject(document, item.reason, item.message, item.raw, position)
            continue
        item_id = next(ids)
        content, repairs = item
        raw_item = _raw_item(document, feed.kind, item_id, position, content)
        yield raw_item._replace(repairs=(*feed.repairs, *repairs))


def _mended(item: FeedItem) -> tuple[FeedItem, tuple[str, ...]]:
    """Return `item` with valid text and mojibake reversed, and the repairs."""
    mended = [repair_mojibake(scrub(text)) for text in (item.title, item.body, item.author)]
    title, body, author = (text for text, _ in mended)
    repairs = dict.fromkeys(repair for _, repair in mended if repair)
    return item._replace(
        title=title, body=body, author=author, guid=scrub(item.guid), link=scrub(item.link),
        language=scrub(item.language),
    ), tuple(repairs)


def _raw_item(
    document: Document, kind: str, item_id: str, position: str, item: FeedItem
) -> RawItem:
    spec = document.spec
    title, body, markup = _in_one_markup(item)
    published_at, published_from = _first_date(document, item, PUBLISHED_FIELDS)
    updated_at, _ = _first_date(document, item, UPDATED_FIELDS)
    return RawItem(
        source_id=spec.source_id,
        source_kind=kind,
        item_id=item_id,
        origin=document.origin,
        position=position,
        title=title.strip(),
        body=body.strip(),
        markup=markup,
        url=item.link if item.link.lower().startswith(("http://", "https://")) else None,
        agency=spec.agency or None,
        author=" ".join(item.author.split()) or None,
        # The owner of the source knows better than a publishing system left at its default.
        language=spec.language or item.language.strip() or None,
        published_at=published_at,
        published_from=published_from,
        updated_at=updated_at,
        has_media=item.has_media,
        priority=spec.priority,
        timezone=spec.timezone,
    )


def _in_one_markup(item: FeedItem) -> tuple[str, str, str]:
    """Return title, body and the markup both are in: plain text becomes HTML beside HTML."""
    is_any_html = (item.is_title_html and item.title) or (item.is_body_html and item.body)
    if not is_any_html:
        return item.title, item.body, "plain"
    title = item.title if item.is_title_html else html.escape(item.title, quote=False)
    body = item.body if item.is_body_html else html.escape(item.body, quote=False)
    return title, body, "html"


def _first_date(
    document: Document, item: FeedItem, fields: tuple[str, ...]
) -> tuple[Timestamp | None, str]:
    """Return the moment in the first of `fields` that names one, and where it comes from.

    The source is the field with the rules that were needed, as in "pubDate:arabic+local";
    "invalid:pubDate" if there is a field but no moment; "none" if there is no field.
    """
    dates = {name: text for name, text in item.dates if text.strip()}
    named = [name for name in fields if name in dates]
    for name in named:
        found = parse_feed_date(dates[name], document.spec.timezone, as_of=_as_of(document))
        if found is not None:
            rules = "+".join(found.rules)
            moment = Timestamp.from_utc_datetime(found.moment)
            return moment, f"{name}:{rules}" if rules else name
    return None, f"invalid:{named[0]}" if named else "none"


def _as_of(document: Document) -> datetime | None:
    moment = document.as_of
    return None if moment is None else datetime.fromtimestamp(float(moment), timezone.utc)


def _truncation(document: Document, feed: ParsedFeed, size: int) -> Reject:
    """Return the reject for a document that breaks off."""
    number = len(feed.items) + 1
    place = f"inside item {number}" if feed.lost else f"after item {number - 1}"
    return _reject(
        document, "feed-truncated", f"the document breaks off at byte {size}, {place}",
        feed.lost.encode("utf-8", "replace"), f"item {number}" if feed.lost else f"byte {size}",
    )


def _reject(
    document: Document, reason: str, message: str, raw: bytes, position: str = "document"
) -> Reject:
    return make_reject(
        reason, message, stage="read", source_id=document.spec.source_id,
        origin=document.origin, position=position, raw=raw,
    )
