"""Find the ends of pretty-printed elements by their line ends, several times faster.

A raw line end cannot stand inside a JSON string, and where a JSON value ends is unique. So if
what lies between one element's "{" and the line that closes it decodes as one object, it is that
element, whatever the document looks like elsewhere. Nothing else is taken from the layout.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from transforms.sources.json_window import ByteWindow

LAID_OUT_BYTES_MAX = 28_000
"""How far the end of an element is looked for: bytes.find() takes longer to set up from 30,000."""

BRACKETS_MAX = 100
"""An element with more may nest too deep; it is not decoded here."""

_ARRAY_BEGINS = re.compile(rb'\[(\r?\n[ \t]{0,64})\{((\r?\n[ \t]{0,64})"[a-z_]{1,32}": ?)')
_ARRAY_BEGINNING_BYTES = 256

_decode = json.JSONDecoder().raw_decode


class Layout(NamedTuple):
    """What stands between elements that are printed with line ends, and around their members."""

    between: bytes  # from the line end before "}" to the first member name of the next element
    closing_bytes: int  # how much of it belongs to the element
    gap_bytes: int  # how much of it stands between the elements
    unneeded: bytes  # from the comma before a member that need not be decoded to its "["
    member_margin: bytes  # the line end and indentation before a member


class LaidOut(NamedTuple):
    """One element, and where it lies."""

    value: dict[str, Any]  # without the unneeded member
    source: bytes
    offset: int


def find_layout(window: ByteWindow, unneeded: bytes) -> Layout | None:
    """Return the layout of the array at the window, if it is pretty-printed.

    Args:
        unneeded: the name of a member that is an array, and need not be decoded.
    """
    match = _ARRAY_BEGINS.match(window.hold(_ARRAY_BEGINNING_BYTES))
    if not match:
        return None
    element_margin, first_member, member_margin = match.groups()
    return Layout(
        between=element_margin + b"}," + element_margin + b"{" + first_member,
        closing_bytes=len(element_margin) + 1,
        gap_bytes=1 + len(element_margin),
        unneeded=b"," + member_margin + b'"' + unneeded + b'": [',
        member_margin=member_margin,
    )


def laid_out(window: ByteWindow, layout: Layout) -> Iterator[LaidOut]:
    """Yield the elements at the window, up to the first that does not follow the layout."""
    while True:
        begin = window.index
        end = window.data.find(layout.between, begin, begin + LAID_OUT_BYTES_MAX)
        if end < 0:
            if window.held >= LAID_OUT_BYTES_MAX or not window.fill():
                return
            continue
        end += layout.closing_bytes
        source = window.data[begin:end]
        try:
            text = _needed(source, layout).decode()
            value, decoded_to = _decode(text)
        except (ValueError, RecursionError):
            return
        if decoded_to != len(text) or text.count("{") + text.count("[") > BRACKETS_MAX:
            return
        yield LaidOut(value, source, window.offset)
        window.index = end + layout.gap_bytes


def _needed(source: bytes, layout: Layout) -> bytes:
    """Return an element without its unneeded member, if that is certain to end where it seems to.

    The first "]" after a "[" closes it if no other "[" stands between them and it is in no
    string: and it is in none, if only white space parts it from a raw line end.
    """
    cut = source.find(layout.unneeded)
    if cut < 0:
        return source
    inside = cut + len(layout.unneeded)
    end = source.find(b"]", inside)
    if source.find(b"[", inside, end) >= 0:
        return source
    if not source.startswith(layout.member_margin, end - len(layout.member_margin)):
        return source
    return source[:cut] + source[end + 1 :]
