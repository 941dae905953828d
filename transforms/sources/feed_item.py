"""What one item of a feed says, whichever feed language it is written in."""

from typing import NamedTuple

PUBLISHED_FIELDS = (
    "pubDate", "published", "issued", "dcterms:issued", "date_published", "dc:date",
    "dcterms:created", "updated", "modified", "dcterms:modified", "date_modified",
)
"""Where the date of publication may stand, the most exact first."""

UPDATED_FIELDS = ("updated", "modified", "dcterms:modified", "date_modified")


class FeedItem(NamedTuple):
    """One item, decoded, its markup in place."""

    guid: str
    link: str
    title: str
    body: str
    is_title_html: bool
    is_body_html: bool
    author: str
    language: str
    dates: tuple[tuple[str, str], ...]  # field name, text; in document order
    has_media: bool


class FaultyItem(NamedTuple):
    """An item that cannot be used, and why: a reason code and its message."""

    reason: str
    message: str
    raw: bytes


def checked(item: FeedItem, raw: bytes) -> FeedItem | FaultyItem:
    """Return `item`, or the fault of an item that says nothing."""
    if item.title.strip() or item.body.strip() or item.link:
        return item
    return FaultyItem("item-empty", "the item has no title, no text and no link", raw)


class ParsedFeed(NamedTuple):
    """A whole feed: its items in document order, and what the document lacked."""

    kind: str  # rss, atom or jsonfeed
    items: tuple[FeedItem | FaultyItem, ...]
    repairs: tuple[str, ...] = ()
    is_truncated: bool = False
    lost: str = ""  # the item that the document breaks off in


class NotAFeedError(ValueError):
    """The document is something else; the message says what."""
