"""What stands before the root of a feed: find the root, take the DTD out, refuse bombs."""

import html
import re
from typing import NamedTuple

PROLOG_CHARS_MAX = 131_072
"""How far into a document its root is looked for."""

DTD_CHARS_MAX = 65_536
FEED_ROOTS = ("rss", "feed", "rdf", "channel", "entry")

_FEED_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?(?:rss|feed|rdf)(?=[\s/>])", re.IGNORECASE)
_ROOT = re.compile(r"<((?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*)")
_DTD_MARK = re.compile(r"""["'\[\]>]|<!--""")
_ENTITY = re.compile(
    r"""<!ENTITY\s+(%\s+)?([\w.:-]+)\s+(?:(SYSTEM|PUBLIC)\b|"([^"]*)"|'([^']*)')"""
)
_NESTED = re.compile(r"&(?!#)|%")


class UnsafeXmlError(ValueError):
    """The XML would cost more than it can be worth, or reaches outside itself."""


class Prolog(NamedTuple):
    """The root of a document and what precedes it."""

    root: str  # the root's local name, as written; "" where there is no tag
    start: int  # where the root's tag begins
    entities: dict[str, str]
    is_junk_before: bool


def read_prolog(text: str) -> Prolog:
    """Return where the root of `text` is and which entities its DTD declares.

    A root that is no feed's (a PHP warning in HTML, a proxy's notice) is passed over if a
    feed's follows.

    Raises:
        UnsafeXmlError: the DTD declares entities that nest or lie outside the document.
    """
    at, is_junk = 0, False
    entities: dict[str, str] = {}
    while (tag := text.find("<", at, PROLOG_CHARS_MAX)) >= 0:
        is_junk |= bool(text[at:tag].strip("\ufeff \t\r\n"))
        if text[tag:tag + 9].upper() == "<!DOCTYPE":
            at = _end_of_dtd(text, tag)
            entities |= _entities(text[tag:at])
        elif text.startswith(("<?", "<!--"), tag):
            closing = "?>" if text[tag + 1] == "?" else "-->"
            end = text.find(closing, tag, PROLOG_CHARS_MAX)
            if end < 0:
                return _feed_after(text, tag, entities) or Prolog("", len(text), entities, True)
            at = end + len(closing)
        elif (root := _ROOT.match(text, tag)) is not None:
            return _feed_root(text, root, entities, is_junk)
        else:
            at, is_junk = tag + 1, True
    return Prolog("", len(text), entities, is_junk)


def _feed_root(
    text: str, root: "re.Match[str]", entities: dict[str, str], is_junk: bool
) -> Prolog:
    """Return the prolog with `root`, or with the root of the feed that follows it."""
    name = root.group(1).rpartition(":")[2]
    if name.lower() not in FEED_ROOTS:
        feed = _feed_after(text, root.end(), entities)
        if feed is not None:
            return feed
    return Prolog(name, root.start(), entities, is_junk)


def _feed_after(text: str, at: int, entities: dict[str, str]) -> Prolog | None:
    """Return the prolog of a feed that begins after junk."""
    feed = _FEED_ROOT.search(text, at, PROLOG_CHARS_MAX)
    if feed is None:
        return None
    return Prolog(feed.group()[1:].rpartition(":")[2], feed.start(), entities, True)


def _end_of_dtd(text: str, start: int) -> int:
    """Return where the document type declaration at `start` ends.

    Raises:
        UnsafeXmlError: it is longer than DTD_CHARS_MAX.
    """
    at, depth, limit = start + 2, 0, start + DTD_CHARS_MAX
    while (mark := _DTD_MARK.search(text, at, limit)) is not None:
        at = mark.end()
        if mark.group() == ">" and depth <= 0:
            return at
        if mark.group() in "[]":
            depth += 1 if mark.group() == "[" else -1
        elif mark.group() != ">":
            closing = "-->" if mark.group() == "<!--" else mark.group()
            end = text.find(closing, at, limit)
            at = end + len(closing) if end >= 0 else at
    if len(text) > limit:
        raise UnsafeXmlError(f"a document type declaration of over {DTD_CHARS_MAX} characters")
    return len(text)


def _entities(dtd: str) -> dict[str, str]:
    """Return the general entities that `dtd` declares.

    Raises:
        UnsafeXmlError: one refers to another, or to something outside the document.
    """
    found = {}
    for parameter, name, external, double, single in _ENTITY.findall(dtd):
        if parameter:
            continue
        if external:
            raise UnsafeXmlError(f"the entity {name!r} lies outside the document")
        if _NESTED.search(double or single):
            raise UnsafeXmlError(f"the entity {name!r} is made of other entities")
        found[name] = html.unescape(double or single)
    return found
