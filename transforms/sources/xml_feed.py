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
SHELL_BYTES_MAX = 262_144
_TITLE_SEARCHED_CHARS = 65_536


class XmlFeed(NamedTuple):
    """A feed cut into items, not yet parsed."""

    root: str
    outline: Outline
    location: str
    repairs: tuple[str, ...]
    is_truncated: bool
    lost: str

    def channel(self) -> Mapping[str, Any]:
        """Return what the parser makes of the feed without its items; {} where it is bloated."""
        shell = self.outline.shell()
        return _parse(shell, self.location) if len(shell) <= SHELL_BYTES_MAX else {}

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
        return XmlFeed(prolog.root, outline(xml.encode()), location, repairs, False, "")
    except NotWellFormedError:
        mended = salvage(xml, prolog.entities)
    cut = outline(mended.xml.encode())
    return XmlFeed(
        prolog.root, cut, location, (*repairs, "feed-salvaged"), mended.is_truncated, mended.lost
    )


def parse_xml_feed(text: str, location: str) -> ParsedFeed:
    """Return the feed in `text`; raises what `cut_xml_feed` raises."""
    cut = cut_xml_feed(text, location)
    language = _text(_part(cut.channel(), "feed"), "language")
    items = tuple(
        entry if isinstance(entry, FaultyItem)
        else checked(read_entry(entry, item, language), cut.outline.xml[item.start:item.end])
        for item, entry in cut.entries()
    )
    kind = "atom" if cut.root.lower() in ("feed", "entry") else "rss"
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
    guids = (text for name, text in item.texts if name == "guid")
    body, is_body_html = _body(entry)
    return FeedItem(
        guid=next(guids, _text(entry, "id")).strip(),  # RSS 1.0 has an attribute for it
        link=_link(entry),
        title=_text(entry, "title"),
        body=body,
        is_title_html=_part(entry, "title_detail").get("type") in _HTML_TYPES,
        is_body_html=is_body_html,
        author=_text(entry, "author"),
        language=_language(entry) or language,
        dates=tuple((name, text) for name, text in item.texts if name != "guid"),
        has_media="media_content" in entry or any(
            link.get("rel") == "enclosure" for link in _parts(entry, "links")
        ),
    )


# An element of the feed may bear the name that the parser has for something else ("links",
# "title_detail"), so that nothing it returns can be trusted to have its usual type.


def _text(owner: Mapping[str, Any], name: str) -> str:
    value = owner.get(name)
    return value if isinstance(value, str) else ""


def _part(owner: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = owner.get(name)
    return value if isinstance(value, Mapping) else {}


def _parts(owner: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = owner.get(name)
    parts = value if isinstance(value, list) else []
    return [part for part in parts if isinstance(part, Mapping)]


def _body(entry: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the longest text of `entry`, markup not counted, and whether it is HTML."""
    texts = []
    for content in _parts(entry, "content"):
        kind = _text(content, "type") or "text/html"
        if kind.startswith("text/") or kind in _HTML_TYPES:
            texts.append((_text(content, "value"), kind in _HTML_TYPES))
    kind = _text(_part(entry, "summary_detail"), "type") or "text/html"
    texts.append((_text(entry, "summary"), kind in _HTML_TYPES))
    return max(texts, key=_text_length)


def _text_length(text: tuple[str, bool]) -> int:
    value, is_html = text
    return len(_TAG.sub("", value)) if is_html else len(value)


def _link(entry: Mapping[str, Any]) -> str:
    """Return the link of `entry`: that of its page, else the first that is no attachment."""
    others = (
        _text(link, "href") for link in _parts(entry, "links")
        if link.get("rel") in ("alternate", "related", "via")
    )
    return (_text(entry, "link") or next(others, "")).strip()


def _language(entry: Mapping[str, Any]) -> str:
    """Return the language of `entry` itself or of the element around it."""
    details = (_part(entry, "title_detail"), _part(entry, "summary_detail"))
    inherited = next((detail["language"] for detail in details if detail.get("language")), "")
    return _text(entry, "language") or str(inherited)


def _what_else(text: str, root: str) -> str:
    """Return what a document is that is no feed."""
    if root.lower() in ("html", "head", "body") or "<html" in text[:_TITLE_SEARCHED_CHARS].lower():
        title = _HTML_TITLE.search(text, 0, _TITLE_SEARCHED_CHARS)
        name = " ".join(title.group(1).split()) if title is not None else ""
        return f"an HTML page titled {name!r}" if name else "an HTML page"
    return f"an XML document with the root <{root}>" if root else "a text without markup"
