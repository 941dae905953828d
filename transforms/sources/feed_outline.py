"""Find the items of a well-formed feed and cut it into one small document per item.

An item that harms its parser then harms itself alone. The parser's worst cases are kept from
it: some of its fields cost it the square of their length.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.parsers import expat

from transforms.sources.feed_prolog import UnsafeXmlError
from transforms.sources.feed_salvage import DEPTH_MAX

ELEMENTS_MAX = 1_000_000
ITEMS_MAX = 100_000
ITEM_BYTES_MAX = 4 * 1024 * 1024
ATTRIBUTE_CHARS_MAX = 1024 * 1024
ANCESTOR_BYTES_MAX = 8_192
SHORT_FIELD_CHARS_MAX = 1_000
KEPT_CHARS_MAX = 4_000
REPEATS_MAX = 1_000
"""Categories and processing instructions in one item."""

_SHORT_FIELDS = frozenset({
    "author", "creator", "email", "keywords", "managingeditor", "name", "publisher", "tags",
    "webmaster",
})
_REPEATED_FIELDS = frozenset({"category", "keywords", "subject", "tags"})
_FEED_NAMESPACES = (
    "http://backend.userland.com/rss", "http://blogs.law.harvard.edu/tech/rss",
    "http://my.netscape.com/rdf/simple/0.9/", "http://purl.org/atom/ns#",
    "http://purl.org/rss/1.0/", "http://www.w3.org/2005/atom",
)
_KEPT = {
    "guid": "guid", "id": "guid", "pubdate": "pubDate", "published": "published",
    "issued": "issued", "updated": "updated", "modified": "modified",
}
_KEPT_OF_MODULES = {
    "http://purl.org/dc/elements/1.1/": {"date": "dc:date"},
    "http://purl.org/dc/terms/": {
        "created": "dcterms:created", "issued": "dcterms:issued", "modified": "dcterms:modified",
    },
}
_STRUCTURE = (b"rss", b"rdf", b"feed", b"channel")
_TAG_NAME = re.compile(rb"[^\s/>]+")
_START_TAG = re.compile(rb"""<[^"'>]*(?:"[^"]*"[^"'>]*|'[^']*'[^"'>]*)*>""")


class NotWellFormedError(ValueError):
    """The XML breaks a rule of XML 1.0 or of its namespaces."""


class ItemXml(NamedTuple):
    """One item of a feed: where it lies, what the parser would lose, why it must not be parsed.

    The parser takes a time without an offset for UTC and resolves ids as if they were links.
    """

    start: int
    end: int
    head: bytes  # the start tags of its ancestors
    tail: bytes
    texts: tuple[tuple[str, str], ...]  # the id and the dates: field name, text
    fault: str = ""


class Outline(NamedTuple):
    """The items of a feed in document order."""

    xml: bytes
    items: tuple[ItemXml, ...]

    def documents(self) -> Iterator[bytes]:
        """Yield each item as a feed of its own."""
        for item in self.items:
            yield item.head + self.xml[item.start:item.end] + item.tail

    def shell(self) -> bytes:
        """Return the feed without its items."""
        ends = (0, *(item.end for item in self.items))
        starts = (*(item.start for item in self.items), len(self.xml))
        return b"".join(self.xml[a:b] for a, b in zip(ends, starts, strict=True))


def outline(xml: bytes) -> Outline:
    """Return the items of the UTF-8 document `xml`, which has no DTD.

    Raises:
        NotWellFormedError: it is not well-formed XML, or looks so: <br> without end nests.
        UnsafeXmlError: its size or its attributes are beyond any real feed's.
    """
    outliner = _Outliner(xml)
    try:
        outliner.parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise NotWellFormedError(str(error)) from error
    return Outline(xml, tuple(outliner.items))


class _Outliner:
    """The state of one pass of expat."""

    def __init__(self, xml: bytes) -> None:
        self.xml = xml
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.namespace_prefixes = True
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.ProcessingInstructionHandler = self.instruction
        self.items: list[ItemXml] = []
        self.starts: list[int] = []  # of the open elements
        self.start_tags: dict[int, bytes] = {}  # of what items stand in
        self.elements = 0
        self.item_depth = 0  # 0 outside items
        self.texts: list[tuple[str, str]] = []  # those kept of the open item
        self.is_kept = False
        self.field = ""  # the short field that is open
        self.field_chars = 0
        self.repeats = 0
        self.fault = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.starts) >= DEPTH_MAX:
            raise NotWellFormedError(f"{DEPTH_MAX} elements are open at {self._place()}")
        self.elements += 1
        if self.elements > ELEMENTS_MAX or len(self.items) > ITEMS_MAX:
            raise UnsafeXmlError(f"over {ITEMS_MAX} items or {ELEMENTS_MAX} elements")
        self.starts.append(self.parser.CurrentByteIndex)
        namespace, local, prefix = _split(name)
        if not self.item_depth and _is_item(namespace, local, prefix):
            self.item_depth, self.repeats = len(self.starts), 0
        if sum(map(len, attributes.values())) > ATTRIBUTE_CHARS_MAX:
            self._blame(f"attributes of over {ATTRIBUTE_CHARS_MAX} characters")
        if local.lower() in _REPEATED_FIELDS:
            self._count_repeat(local)
        self.field, self.field_chars = local if local.lower() in _SHORT_FIELDS else "", 0
        if self.item_depth and len(self.starts) == self.item_depth + 1:
            name = _kept_name(namespace, local, prefix)
            self.is_kept = bool(name)
            if name:
                self.texts.append((name, ""))

    def end(self, name: str) -> None:
        self.field, self.is_kept = "", False
        if len(self.starts) == self.item_depth:
            self._end_item()
        self.starts.pop()

    def text(self, text: str) -> None:
        if self.is_kept:
            name, before = self.texts[-1]
            self.texts[-1] = (name, before + text[:KEPT_CHARS_MAX - len(before)])
        if self.field:
            self.field_chars += len(text)
            if self.field_chars > SHORT_FIELD_CHARS_MAX:
                self._blame(f"<{self.field}> of over {SHORT_FIELD_CHARS_MAX} characters")

    def instruction(self, target: str, text: str) -> None:
        self._count_repeat(f"?{target}")

    def _end_item(self) -> None:
        start, at = self.starts[-1], self.parser.CurrentByteIndex
        name = _TAG_NAME.match(self.xml, start + 1)
        is_closed_by_tag = name is not None and self.xml.startswith(b"</" + name.group(), at)
        end = self.xml.index(b">", at) + 1 if is_closed_by_tag else at
        if end - start > ITEM_BYTES_MAX:
            self._blame(f"{end - start} bytes, over {ITEM_BYTES_MAX}")
        head, tail = self._ancestors()
        self.items.append(ItemXml(start, end, head, tail, tuple(self.texts), self.fault))
        self.item_depth, self.repeats, self.texts, self.fault = 0, 0, [], ""

    def _ancestors(self) -> tuple[bytes, bytes]:
        """Return the start tags and the end tags of what the open item stands in."""
        tags = [self._start_tag(start) for start in self.starts[:-1]]
        if sum(map(len, tags)) > ANCESTOR_BYTES_MAX:
            raise UnsafeXmlError(f"start tags of over {ANCESTOR_BYTES_MAX} bytes around the items")
        names = [tag[1:-1].split()[0] for tag in reversed(tags)]
        return b"".join(tags), b"".join(b"</%s>" % name for name in names)

    def _start_tag(self, start: int) -> bytes:
        if start not in self.start_tags:
            tag = _START_TAG.match(self.xml, start)
            self.start_tags[start] = _neutral(tag.group()) if tag is not None else b""
        return self.start_tags[start]

    def _count_repeat(self, what: str) -> None:
        self.repeats += 1
        if self.repeats > REPEATS_MAX:
            self._blame(f"over {REPEATS_MAX} times <{what}>")

    def _blame(self, fault: str) -> None:
        """Mark the open item as unfit for parsing; outside items, the feed.

        Raises:
            UnsafeXmlError: no item is open.
        """
        if not self.item_depth:
            raise UnsafeXmlError(f"{fault} at {self._place()}")
        self.fault = self.fault or fault

    def _place(self) -> str:
        return f"line {self.parser.CurrentLineNumber}, column {self.parser.CurrentColumnNumber}"


def _split(name: str) -> tuple[str, str, str]:
    """Return namespace, local name and prefix of a name as expat gives it."""
    parts = name.split(" ")
    if len(parts) == 1:
        return "", name, ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""


def _neutral(tag: bytes) -> bytes:
    """Return the start tag under a name that means nothing unless a feed may hold items in it.

    An item that an unclosed <title> swallowed is read all the same.
    """
    name = _TAG_NAME.match(tag, 1)
    if name is None or name.group().rpartition(b":")[2].lower() in _STRUCTURE:
        return tag
    return b"<x" + tag[name.end():]


def _is_feeds_own(namespace: str, prefix: str) -> bool:
    return not prefix or namespace.lower().startswith(_FEED_NAMESPACES)


def _is_item(namespace: str, local: str, prefix: str) -> bool:
    return local.lower() in ("item", "entry") and _is_feeds_own(namespace, prefix)


def _kept_name(namespace: str, local: str, prefix: str) -> str:
    """Return the usual name of an element whose text is kept, as in "dc:date"; else ""."""
    of_module = _KEPT_OF_MODULES.get(namespace.lower())
    if of_module is not None:
        return of_module.get(local.lower(), "")
    return _KEPT.get(local.lower(), "") if _is_feeds_own(namespace, prefix) else ""
