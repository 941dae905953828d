"""Parse JSON Feed 1.0 and 1.1 (https://jsonfeed.org/version/1.1)."""

import json
import re
from typing import Any

from transforms.sources.feed_item import (
    FaultyItem,
    FeedItem,
    NotAFeedError,
    ParsedFeed,
    checked,
)

_VERSION = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version')
_ITEMS = re.compile(r'"items"\s*:\s*\[')
_FIELDS = re.compile(r'"(?:home_page_url|feed_url|content_html|content_text|date_published)"\s*:')
_SEPARATOR = re.compile(r"[\s,]*")
_NEXT_ITEM = re.compile(r"\}\s*,\s*(?=\{\s*\"id\"\s*:)")  # "id": attachments have none
_DECODER = json.JSONDecoder(strict=False)  # line breaks inside strings do no harm

SALVAGED_ITEMS_MAX = 1_000
"""After so many items a broken one ends the document: each may cost its length to the end."""


def json_feed_certainty(head: str) -> int:
    """Return how sure it is, 0 to 100, that a document which begins with `head` is a JSON Feed."""
    if not head.lstrip("\ufeff \t\r\n").startswith("{"):
        return 0
    if _VERSION.search(head):
        return 98
    return 75 if _ITEMS.search(head) and _FIELDS.search(head) else 0


def parse_json_feed(text: str) -> ParsedFeed:
    """Return the feed in `text`; of a broken one, its complete items.

    Raises:
        NotAFeedError: it holds no list of items.
    """
    try:
        feed = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return _salvage(text)
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise NotAFeedError("a JSON document without a list of items")
    language = _text(feed.get("language"))
    return ParsedFeed("jsonfeed", tuple(_item(item, language) for item in feed["items"]))


def _salvage(text: str) -> ParsedFeed:
    """Return the items of `text` that can be read one by one, and those that cannot as faults.

    Raises:
        NotAFeedError: it holds no list of items.
    """
    items = _ITEMS.search(text)
    if items is None:
        raise NotAFeedError("a JSON document that is broken and has no list of items")
    found: list[FeedItem | FaultyItem] = []
    at, lost = items.end(), ""
    while (at := _separated(text, at)) < len(text) and text[at] != "]":
        value = _value(text, at)
        if value is None:
            resumed = _NEXT_ITEM.search(text, at) if len(found) < SALVAGED_ITEMS_MAX else None
            if resumed is None:
                lost = text[at:]
                break
            raw = text[at:resumed.start() + 1].encode("utf-8", "replace")
            found.append(FaultyItem("item-malformed", "the item is no valid JSON", raw))
            at = resumed.end()
        else:
            found.append(_item(value[0], ""))
            at = value[1]
    is_truncated = not text.startswith("]", at)
    return ParsedFeed("jsonfeed", tuple(found), ("feed-salvaged",), is_truncated, lost)


def _value(text: str, at: int) -> tuple[Any, int] | None:
    """Return the JSON value at `at` and where it ends, or None if it is broken."""
    try:
        return _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None


def _separated(text: str, at: int) -> int:
    """Return where the next value of an array may begin."""
    separator = _SEPARATOR.match(text, at)
    return at if separator is None else separator.end()


def _item(item: Any, language: str) -> FeedItem | FaultyItem:
    raw = json.dumps(item, ensure_ascii=False).encode("utf-8", "replace")
    if not isinstance(item, dict):
        return FaultyItem("item-malformed", f"the item is no JSON object: {item!r:.60}", raw)
    body, is_html = _body(item)
    return checked(FeedItem(
        guid=_text(item.get("id")).strip(),
        link=(_text(item.get("url")) or _text(item.get("external_url"))).strip(),
        title=_text(item.get("title")),
        body=body,
        is_title_html=False,
        is_body_html=is_html,
        author=_author(item),
        language=_text(item.get("language")) or language,
        dates=tuple(
            (field, _text(item[field]))
            for field in ("date_published", "date_modified") if item.get(field)
        ),
        has_media=bool(item.get("attachments")),
    ), raw)


def _body(item: dict[str, Any]) -> tuple[str, bool]:
    """Return the fullest text of `item` and whether it is HTML."""
    for field, is_html in (("content_html", True), ("content_text", False), ("summary", False)):
        if _text(item.get(field)).strip():
            return _text(item[field]), is_html
    return "", False


def _author(item: dict[str, Any]) -> str:
    authors = item.get("authors")
    listed = authors if isinstance(authors, list) else [item.get("author")]
    names = [_text(author.get("name")) for author in listed if isinstance(author, dict)]
    return ", ".join(name.strip() for name in names if name.strip())


def _text(value: Any) -> str:
    """Return a string or a number as text; ids are often written as numbers."""
    if isinstance(value, str):
        return value
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return f"{value:.0f}" if is_number and value == value // 1 else str(value) if is_number else ""
