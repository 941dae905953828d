"""Parse RSS 0.9x, 1.0 and 2.0 and Atom 0.3 and 1.0, item by item, broken XML included."""

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import feedparser

from transforms.sources.feed_item import (
    FaultyItem,
    FeedItem,
    NotAFeedError,
    ParsedFeed,
    checked,
)
from transforms.sources.feed_outline import (
    ItemXml,
    NotWellFormedError,
    Outline,
    outline,
)
from transforms.sources.feed_prolog import FEED_ROOTS, read_prolog
from transforms.sources.feed_salvage import salvage

# The parser's handlers assume tags in a sane order, and fail in any of these ways on others.
_HANDLER_ERRORS = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_TAG = re.compile(r"<[^<>]*>")
_HTML_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,100})", re.IGNORECASE)
_TITLE_SEARCHED_CHARS = 65_536


class XmlFeed(NamedTuple):
    """A feed cut into items, not yet parsed."""

    outline: Outline
    location: str
    repairs: tuple[str, ...]
    is_truncated: bool
    lost: str

    def channel(self) -> Mapping[str, Any]:
        """Return what the parser makes of the feed without its items: version and feed."""
        return _parse(self.outline.shell(), self.location) or {}

    def entries(self) -> Iterator[tuple[ItemXml, Mapping[str, Any] | FaultyItem]]:
        """Yield each item with what the parser makes of it."""
        for item, document in zip(self.outline.items, self.outline.documents(), strict=True):
            yield item, self._entry(item, document)

    def _entry(self, item: ItemXml, document: bytes) -> Mapping[str, Any] | FaultyItem:
        raw = self.outline.xml[item.start:item.end]
        if item.fault:
            return FaultyItem("item-too-large", f"the item has {item.fault}", raw)
        entries = _parse(document, self.location).get("entries", ())
        if len(entries) != 1:
            return FaultyItem("item-malformed", "the item's elements are out of order", raw)
        return entries[0]


def cut_xml_feed(text: str, location: str) -> XmlFeed:
    """Return the items of the feed in `text`; broken XML is mended first.

    Args:
        text: the document, decoded.
        location: where it was read from; the base of its relative links if it is a URL.

    Raises:
        NotAFeedError: the document is something else.
        UnsafeXmlError: it would cost more than a feed can be worth.
        NotWellFormedError: it cannot be mended.
    """
    prolog = read_prolog(text)
    if prolog.root.lower() not in FEED_ROOTS:
        raise NotAFeedError(_what_else(text, prolog.root))
    repairs = ("junk-before-feed",) if prolog.is_junk_before else ()
    xml = text[prolog.start:]
    try:
        return XmlFeed(outline(xml.encode()), location, repairs, False, "")
    except NotWellFormedError:
        mended = salvage(xml, prolog.entities)
    cut = outline(mended.xml.encode())
    return XmlFeed(
        cut, location, (*repairs, "feed-salvaged"), mended.is_truncated, mended.lost
    )


def parse_xml_feed(text: str, location: str) -> ParsedFeed:
    """Return the feed in `text`; raises what `cut_xml_feed` raises."""
    cut = cut_xml_feed(text, location)
    channel = cut.channel()
    version: str = channel.get("version", "")
    language: str = channel.get("feed", {}).get("language") or ""
    items = tuple(
        entry if isinstance(entry, FaultyItem)
        else checked(read_entry(entry, item, language), cut.outline.xml[item.start:item.end])
        for item, entry in cut.entries()
    )
    kind = "atom" if version.startswith("atom") else "rss"
    return ParsedFeed(kind, items, cut.repairs, cut.is_truncated, cut.lost)


def _parse(document: bytes, location: str) -> Mapping[str, Any]:
    """Return what feedparser makes of a well-formed document; {} where it fails.

    It neither resolves nor sanitises the markup inside items, which is stripped later anyway;
    item links it does resolve.
    """
    headers = {"content-type": "application/xml; charset=utf-8"}
    if location.startswith(("http://", "https://")):
        headers["content-location"] = location
    try:
        parsed: Mapping[str, Any] = feedparser.parse(
            io.BytesIO(document), response_headers=headers,
            sanitize_html=False, resolve_relative_uris=False,
        )
    except _HANDLER_ERRORS:
        return {}
    return parsed


def read_entry(entry: Mapping[str, Any], item: ItemXml, language: str) -> FeedItem:
    """Return what `entry` says.

    Args:
        entry: the item as the parser gives it.
        item: the item as it was cut.
        language: of the feed, for an item that names none.
    """
    title = entry.get("title_detail", {})
    guids = (text for name, text in item.texts if name == "guid")
    body, is_body_html = _body(entry)
    return FeedItem(
        guid=next(guids, entry.get("id", "")).strip(),  # RSS 1.0 has an attribute for it
        link=_link(entry),
        title=entry.get("title", ""),
        body=body,
        is_title_html=title.get("type") in _HTML_TYPES,
        is_body_html=is_body_html,
        author=entry.get("author", ""),
        language=_language(entry) or language,
        dates=tuple((name, text) for name, text in item.texts if name != "guid"),
        has_media="media_content" in entry or any(
            link.get("rel") == "enclosure" for link in entry.get("links", ())
        ),
    )


def _body(entry: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the longest text of `entry`, markup not counted, and whether it is HTML."""
    texts = [
        (content.get("value", ""), content.get("type") in _HTML_TYPES)
        for content in entry.get("content", ())
        if content.get("type", "text/html").startswith("text/") or content["type"] in _HTML_TYPES
    ]
    detail = entry.get("summary_detail", {})
    texts.append((entry.get("summary", ""), detail.get("type", "text/html") in _HTML_TYPES))
    return max(texts, key=_text_length)


def _text_length(text: tuple[str, bool]) -> int:
    value, is_html = text
    return len(_TAG.sub("", value)) if is_html else len(value)


def _link(entry: Mapping[str, Any]) -> str:
    """Return the link of `entry`: that of its page, else the first that is no attachment."""
    others = (
        link["href"] for link in entry.get("links", ())
        if link.get("href") and link.get("rel") in ("alternate", "related", "via")
    )
    link: str = entry.get("link") or next(others, "")
    return link.strip()


def _language(entry: Mapping[str, Any]) -> str:
    """Return the language of `entry` itself or of the element around it."""
    details = (entry.get("title_detail", {}), entry.get("summary_detail", {}))
    own: str | None = entry.get("language")
    return own or next((d["language"] for d in details if d.get("language")), "")


def _what_else(text: str, root: str) -> str:
    """Return what a document is that is no feed."""
    if root.lower() in ("html", "head", "body") or "<html" in text[:_TITLE_SEARCHED_CHARS].lower():
        title = _HTML_TITLE.search(text, 0, _TITLE_SEARCHED_CHARS)
        name = " ".join(title.group(1).split()) if title is not None else ""
        return f"an HTML page titled {name!r}" if name else "an HTML page"
    return f"an XML document with the root <{root}>" if root else "a text without markup"
