"""Rewrite broken feed XML as well-formed XML, keeping every complete item.

One pass, in time linear in the text, without recursion. What it writes needs no DTD, and a
conforming parser reads it: tags are balanced, attributes quoted and unique, references resolved.
"""

import re
from collections import Counter
from html.entities import html5
from typing import NamedTuple

from transforms.sources.feed_prolog import UnsafeXmlError

DEPTH_MAX = 200
"""Open elements; XHTML in real feeds stays below 40."""

DAMAGES_MAX = 100_000
"""Tags and marks that make no sense; a feed has a few, a file of another kind millions."""

PREFIXES_MAX = 1_000
EXPANDED_CHARS_MAX = 1_000_000
"""What the document's own entities may add to it."""

ITEM_NAMES = frozenset({"item", "entry", "rss:item", "atom:entry"})
_EMPTY_HTML = frozenset({"area", "br", "col", "embed", "hr", "img", "input", "wbr"})
_NOT_NESTED_HTML = frozenset({"dd", "dt", "li", "option", "p", "td", "th", "tr"})
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_KNOWN_PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
_RESERVED_NAMESPACES = ("http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/")

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that XML 1.0 §2.2 forbids."""

_NAME = r"[A-Za-z_][A-Za-z0-9._-]*(?::[A-Za-z_][A-Za-z0-9._-]*)?"
_TAG_OPENS = re.compile(rf"<(/?)({_NAME})(?=[\s/>])")
_ATTRIBUTE = re.compile(rf"""[\s/]*({_NAME})\s*=\s*(?:"([^"<]*)"|'([^'<]*)'|([^\s"'<>]+))""")
_TAG_CLOSES = re.compile(r"[^<>]*>")
_TAG_BREAKS_OFF = re.compile(rf"</?(?:{_NAME})?\Z")
_REFERENCE = re.compile(r"&(?:#(\d{1,7});|#[xX]([0-9A-Fa-f]{1,6});|([A-Za-z][A-Za-z0-9]{0,31});)?")


class Salvaged(NamedTuple):
    """Well-formed XML, and what the document lacked.

    `lost` is the item that the document breaks off in, "" where there is none.
    """

    xml: str
    is_truncated: bool
    lost: str


def salvage(text: str, entities: dict[str, str]) -> Salvaged:
    """Return `text` as well-formed XML without DTD, declaration, comments and instructions.

    Args:
        text: begins with the start tag of the root.
        entities: what the DTD declares.

    Raises:
        UnsafeXmlError: the elements nest too deeply, entities swell the text, or it is no XML.
    """
    salvager = _Salvager(NOT_XML.sub("", text), entities)
    salvager.run()
    return salvager.finish()


class _Open(NamedTuple):
    """An element that is open: its name, and where it begins in the text and in the output."""

    name: str
    at: int
    piece: int


class _Salvager:
    """The state of one pass: the open elements and the XML written so far."""

    def __init__(self, text: str, entities: dict[str, str]) -> None:
        self.text = text
        self.entities = entities
        self.pieces: list[str] = []
        self.open: list[_Open] = []
        self.open_names: Counter[str] = Counter()
        self.used_prefixes: set[str] = set()
        self.declared_prefixes = {"", "xml"}
        self.is_root_closed = False
        self.expanded_chars = self.damages = 0
        self.found: dict[str, int] = {}

    def run(self) -> None:
        """Rewrite the text token by token."""
        at = 0
        while 0 <= at < len(self.text):
            tag = self.text.find("<", at)
            if tag < 0:
                tag = len(self.text)
            self._write_text(self.text[at:tag])
            at = self._take_markup(tag) if tag < len(self.text) else tag

    def finish(self) -> Salvaged:
        """Close what is open, without the item that the text breaks off in."""
        lost = ""
        item = next((o for o in self.open[1:] if o.name.lower() in ITEM_NAMES), None)
        if not self.is_root_closed and item is not None:
            lost = self.text[item.at:]
            del self.pieces[item.piece:]
            del self.open[self.open.index(item):]
        while self.open:
            self._close()
        xml = self._declare_prefixes("".join(self.pieces) or "<feed/>")
        return Salvaged(xml, not self.is_root_closed, lost)

    def _find(self, mark: str, at: int) -> int:
        """Return where `mark` next stands at or after `at`, which never goes back."""
        known = self.found.get(mark, 0)
        if 0 <= known < at or mark not in self.found:
            known = self.found[mark] = self.text.find(mark, at)
        return known

    def _take_markup(self, at: int) -> int:
        """Rewrite the markup at `at`; return where it ends, -1 if the text ends within it."""
        if self.text.startswith("<![CDATA[", at):
            return self._take_cdata(at)
        for opening, closing in (("<!--", "-->"), ("<?", "?>"), ("<!", ">")):
            if self.text.startswith(opening, at):
                end = self._find(closing, at)
                return end + len(closing) if end >= 0 else self._skip(opening, at)
        tag = _TAG_OPENS.match(self.text, at)
        if tag is not None and _prefix(tag.group(2)) != "xmlns":
            return self._take_end_tag(tag) if tag.group(1) else self._take_start_tag(tag)
        if _TAG_BREAKS_OFF.match(self.text, at):
            return -1
        self._count_damage()
        self._write_text("<")
        return at + 1

    def _take_cdata(self, at: int) -> int:
        """Write a CDATA section as text; of one that never closes only its mark goes."""
        start = at + len("<![CDATA[")
        end, next_start = self._find("]]>", at), self._find("<![CDATA[", start)
        if end < 0:
            return self._skip("<![CDATA[", at)
        if 0 <= next_start < end:
            self._count_damage()
            return start
        if self.open:
            self.pieces.append(_escaped(self.text[start:end]))
        return end + len("]]>")

    def _skip(self, mark: str, at: int) -> int:
        """Return where an unclosed `mark` ends if more items follow, else -1."""
        self._count_damage()
        follows = self._find("</item", at) >= 0 or self._find("</entry", at) >= 0
        return at + len(mark) if follows else -1

    def _take_end_tag(self, tag: "re.Match[str]") -> int:
        """Close the element that the tag names, with all inside it; ignore a stray tag."""
        end = _TAG_CLOSES.match(self.text, tag.end())
        if end is None:
            return self._take_unfinished(tag)
        name = tag.group(2)
        if not self.open_names[name]:
            self._count_damage()
        else:
            while len(self.open) > 1 and self.open[-1].name != name:
                self._close()
            if len(self.open) > 1:
                self._close()
            else:
                self.is_root_closed = True  # but open for what may follow it
        return end.end()

    def _take_start_tag(self, tag: "re.Match[str]") -> int:
        """Write the start tag with its attributes."""
        attributes: dict[str, str] = {}
        at, name = tag.end(), tag.group(2)
        while (found := _ATTRIBUTE.match(self.text, at)) is not None:
            value = next(group for group in (*found.groups()[1:], "") if group is not None)
            attributes.setdefault(found.group(1), value)
            at = found.end()
        end = _TAG_CLOSES.match(self.text, at)
        if end is None:
            return self._take_unfinished(tag)
        self._start(name, attributes, tag.start())
        if self.text.endswith("/>", at, end.end()) or name.lower() in _EMPTY_HTML:
            if len(self.open) > 1:
                self._close()
            else:
                self.is_root_closed = True
        return end.end()

    def _take_unfinished(self, tag: "re.Match[str]") -> int:
        """Write a tag that another one interrupts as text; -1 where the text ends within it."""
        self._count_damage()
        if self.text.find("<", tag.end()) < 0:
            return -1
        self._write_text("<")
        return tag.start() + 1

    def _count_damage(self) -> None:
        self.damages += 1
        if self.damages > DAMAGES_MAX:
            raise UnsafeXmlError(f"over {DAMAGES_MAX} tags make no sense")

    def _start(self, name: str, attributes: dict[str, str], at: int) -> None:
        """Open an element, closing first what cannot hold it."""
        if name.lower() in ITEM_NAMES:
            open_items = [i for i, o in enumerate(self.open) if o.name.lower() in ITEM_NAMES]
            while open_items and len(self.open) > max(open_items[0], 1):
                self._close()
        elif name in _NOT_NESTED_HTML and len(self.open) > 1 and self.open[-1].name == name:
            self._close()
        if len(self.open) >= DEPTH_MAX:
            raise UnsafeXmlError(f"{DEPTH_MAX} elements are open at character {at} of the root")
        self.open.append(_Open(name, at, len(self.pieces)))
        self.open_names[name] += 1
        self.used_prefixes.add(_prefix(name))
        self.pieces.append(f"<{name}{self._attributes(attributes)}>")

    def _attributes(self, attributes: dict[str, str]) -> str:
        """Return the attributes that are legal, quoted; of two of one local name, the first."""
        written, local_names = [], set()
        for name, value in attributes.items():
            prefix, local = _prefix(name), name.rpartition(":")[2]
            quoted = self._resolved(value).replace('"', "&quot;")
            if "xmlns" in (prefix, name):
                quoted = "".join(quoted.split())
                if local == "xml" or prefix == local or quoted.startswith(_RESERVED_NAMESPACES):
                    continue
                if prefix and not quoted:
                    continue
                if len(self.open) == 1 and prefix:
                    self.declared_prefixes.add(local)
            elif prefix:
                if local in local_names:
                    continue
                local_names.add(local)
                self.used_prefixes.add(prefix)
            written.append(f' {name}="{quoted}"')
        return "".join(written)

    def _close(self) -> None:
        name = self.open.pop().name
        self.open_names[name] -= 1
        self.pieces.append(f"</{name}>")

    def _write_text(self, text: str) -> None:
        if self.open:
            self.pieces.append(self._resolved(text))

    def _resolved(self, text: str) -> str:
        """Return `text` with references resolved and every other special character escaped."""
        escaped = _REFERENCE.sub(self._resolve, text) if "&" in text else text
        return escaped.replace("<", "&lt;").replace(">", "&gt;")

    def _resolve(self, reference: "re.Match[str]") -> str:
        """Return what an ampersand and what follows it stand for, escaped.

        Raises:
            UnsafeXmlError: the document's own entities have swollen it.
        """
        decimal, hexadecimal, name = reference.groups()
        if decimal or hexadecimal:
            code = int(decimal) if decimal else int(hexadecimal, 16)
            return _escaped(NOT_XML.sub("\ufffd", chr(code) if code <= 0x10FFFF else "\ufffd"))
        if name is None:
            return "&amp;"
        if name in _XML_ENTITIES:
            return reference.group()
        value = self.entities.get(name)
        if value is None:
            return _escaped(html5.get(f"{name};", reference.group()))
        self.expanded_chars += len(value)
        if self.expanded_chars > EXPANDED_CHARS_MAX:
            raise UnsafeXmlError(f"entities add over {EXPANDED_CHARS_MAX} characters")
        return _escaped(NOT_XML.sub("", value))

    def _declare_prefixes(self, xml: str) -> str:
        """Return `xml` with the undeclared prefixes declared on its root."""
        end_of_name = re.compile(_NAME).match(xml, 1)
        missing = sorted(self.used_prefixes - self.declared_prefixes)
        if end_of_name is None or not missing:
            return xml
        if len(missing) > PREFIXES_MAX:
            raise UnsafeXmlError(f"over {PREFIXES_MAX} namespace prefixes are undeclared")
        declared = "".join(
            f' xmlns:{prefix}="{_KNOWN_PREFIXES.get(prefix, f"urn:undeclared:{prefix}")}"'
            for prefix in missing
        )
        return f"{xml[:end_of_name.end()]}{declared}{xml[end_of_name.end():]}"


def _prefix(name: str) -> str:
    return name.rpartition(":")[0]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
