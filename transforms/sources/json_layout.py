"""Find the ends of pretty-printed elements by their line ends, several times faster.

A raw line end cannot stand inside a JSON string, and where a JSON value ends is unique. So if
what lies between one element's "{" and the line that closes it decodes as one object, it is that
element, whatever the document looks like elsewhere. Nothing else is taken from the layout.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from transforms.sources.json_window import ByteWindow

LAID_OUT_BYTES_MAX = 28_000
"""How far the end of an element is looked for: bytes.find() takes longer to set up from 30,000."""

BRACKETS_MAX = 100
"""An element with more may nest too deep; it is not decoded here."""

_ARRAY_BEGINS = re.compile(rb'\[(\r?\n[ \t]{0,64})\{((\r?\n[ \t]{0,64})"[a-z_]{1,32}": ?)')
_ARRAY_BEGINNING_BYTES = 256

_decode = json.JSONDecoder().raw_decode


Repair = Callable[[str], tuple[str, tuple[str, ...]]]
"""Returns mended JSON text and the names of what it mended."""


class Layout(NamedTuple):
    """What stands between elements that are printed with line ends, and around their members."""

    between: bytes  # from the line end before "}" to the first member name of the next element
    closing_bytes: int  # how much of it belongs to the element
    gap_bytes: int  # how much of it stands between the elements
    unneeded: tuple[bytes, ...]  # from the comma before a member not to be decoded to its "["
    member_margin: bytes  # the line end and indentation before a member


class Decoded(NamedTuple):
    """One object of an array, and where it begins."""

    value: dict[str, Any]  # may lack what the grammar names as unneeded
    source: bytes  # as read, not repaired
    offset: int  # bytes from the start of the stream
    repairs: tuple[str, ...] = ()


def find_layout(window: ByteWindow, unneeded: tuple[bytes, ...]) -> Layout | None:
    """Return the layout of the array at the window, if it is pretty-printed.

    Args:
        unneeded: the names of members that are arrays and need not be decoded, in their order.
    """
    match = _ARRAY_BEGINS.match(window.hold(_ARRAY_BEGINNING_BYTES))
    if not match:
        return None
    element_margin, first_member, member_margin = match.groups()
    return Layout(
        between=element_margin + b"}," + element_margin + b"{" + first_member,
        closing_bytes=len(element_margin) + 1,
        gap_bytes=1 + len(element_margin),
        unneeded=tuple(b"," + member_margin + b'"' + name + b'": [' for name in unneeded),
        member_margin=member_margin,
    )


def laid_out(window: ByteWindow, layout: Layout, repair: Repair) -> Iterator[Decoded]:
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
            value, repairs = _value(_needed(source, layout).decode(), repair)
        except (ValueError, RecursionError):
            return
        yield Decoded(value, source, window.offset, repairs)
        window.index = end + layout.gap_bytes


def _value(text: str, repair: Repair) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the object that is all of `text`, and how it was repaired.

    Raises:
        ValueError: it is no JSON object, or may be nested too deep.
    """
    repairs: tuple[str, ...] = ()
    try:
        value, end = _decode(text)
    except ValueError:
        text, repairs = repair(text)
        value, end = _decode(text)
    if end != len(text) or text.count("{") + text.count("[") > BRACKETS_MAX:
        raise ValueError("not one object of the layout")
    return value, repairs


def _needed(source: bytes, layout: Layout) -> bytes:
    """Return an element without those of its unneeded members that end where they should.

    The first "]" that only white space parts from a raw line end is in no string. If it closed
    another array than the member's, what remains would lack a "[" and not decode.
    """
    needed, begin = b"", 0
    for opening in layout.unneeded:
        cut = source.find(opening, begin)
        if cut < 0:
            continue
        end = source.find(b"]", cut + len(opening))
        if source.startswith(layout.member_margin, end - len(layout.member_margin)):
            needed += source[begin:cut]
            begin = end + 1
    return needed + source[begin:]
