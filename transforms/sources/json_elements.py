"""Decode the elements of a JSON array of any length one by one, past broken ones.

`json` finds where an element ends by decoding it: nothing is scanned twice unless it is broken.
What decodes does not depend on how the stream is cut into chunks.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from schemas.records import RAW_BYTES_KEPT
from transforms.sources.json_layout import Decoded, Repair, find_layout, laid_out
from transforms.sources.json_stream import TruncatedJsonError, items, skip_value
from transforms.sources.json_window import BOUNDARY_BYTES_MAX, SPACE, SPACE_OR_COMMA, ByteWindow

ELEMENT_BYTES_MAX = 1 << 20
"""The longest element that is decoded; a longer one is passed over without being held."""

NESTING_MAX = 100
"""How deep an element may nest: far below where `json` meets Python's recursion limit."""

_FIRST_ATTEMPT_BYTES = 4096
"""How much is decoded to find the end of an element at first; twice as much each time."""

_LITERAL_CHARACTERS = 16
"""Room for a literal or an escape cut by the end of the text, such as -Infinity."""

_TOO_LONG = f"is longer than {ELEMENT_BYTES_MAX} bytes"
_TOO_COMPLEX = f"nests deeper than {NESTING_MAX} or holds a number of thousands of digits"

_CLOSING = re.compile(r"[\]}]")
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
# A raw line end cannot stand in a string: a stray quote does harm to its own line only. A string
# may be cut by the end of the data. Escapes outside strings are tokens too, or an open string
# full of \" would be tried from each of them.
_TOKEN = re.compile(rb'"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*(?:"|\\?\Z)|[\[\]{}]|\\.')

_decode = json.JSONDecoder().raw_decode
_decode_leniently = json.JSONDecoder(strict=False).raw_decode


class Broken(NamedTuple):
    """A stretch of an array that could not be used."""

    cause: str
    raw: bytes  # its beginning, up to RAW_BYTES_KEPT
    offset: int  # bytes from the start of the stream
    size_bytes: int
    is_too_large: bool = False


class Grammar(NamedTuple):
    """What is known of the elements beyond JSON, to mend them and to find the next one.

    `boundary` matches where an element begins, whatever stands before it, or, as group "outer",
    what follows the array; it starts with "{" and matches nothing that can stand inside a valid
    string.
    """

    repair: Repair
    boundary: re.Pattern[bytes]
    unneeded: tuple[bytes, ...]  # the names of members not to be decoded, in their order


def elements(window: ByteWindow, grammar: Grammar) -> Iterator[Decoded | Broken]:
    """Yield each element of the array at the window: decoded, or broken and passed over.

    Raises:
        TruncatedJsonError: the stream ends inside the array.
    """
    layout = find_layout(window, grammar.unneeded)
    for _ in items(window):
        if layout:
            yield from laid_out(window, layout, grammar.repair)
        element = _element(window, grammar)
        yield element
        if isinstance(element, Broken) and _is_outer(window, grammar):
            return


def _is_outer(window: ByteWindow, grammar: Grammar) -> bool:
    window.peek(SPACE_OR_COMMA)
    window.hold(BOUNDARY_BYTES_MAX)
    match = grammar.boundary.match(window.data, window.index)
    return match is not None and match.lastgroup == "outer"


def _element(window: ByteWindow, grammar: Grammar) -> Decoded | Broken:
    """Read the element at the window."""
    size = _FIRST_ATTEMPT_BYTES
    while True:
        held = window.hold(size)
        text = held.decode("utf-8", "surrogateescape")
        is_cut = len(held) == size
        try:
            value, end = _decode(text)
        except json.JSONDecodeError as error:
            if not _may_be_cut(text, error.pos):
                return _mend(window, grammar, error.msg)
            if not is_cut:
                raise TruncatedJsonError("inside an element", held) from error
        except (ValueError, RecursionError):  # beyond what int() and json take
            return _pass_over(window, _TOO_COMPLEX)
        else:
            if end < len(text) or not is_cut:
                return _accept(window, value, len(_to_bytes(text[:end])))
        if size > ELEMENT_BYTES_MAX:
            return _pass_over(window, _TOO_LONG)
        size *= 2


def _may_be_cut(text: str, error_index: int) -> bool:
    """Say whether a syntax error may come only from the end of the text."""
    if text.startswith('"', error_index):
        return not _STRING.match(text, error_index)
    is_near_end = error_index >= len(text) - _LITERAL_CHARACTERS
    return is_near_end and not _CLOSING.search(text, error_index)


def _to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _accept(
    window: ByteWindow, value: object, size: int, repairs: tuple[str, ...] = ()
) -> Decoded | Broken:
    if size > ELEMENT_BYTES_MAX:
        return _pass_over(window, _TOO_LONG)
    source = window.data[window.index : window.index + size]
    offset = window.offset
    window.index += size
    if not isinstance(value, dict):
        return _broken("is no object", source, offset, size)
    if _nests_too_deep(source):
        return _broken(_TOO_COMPLEX, source, offset, size)
    return Decoded(value, source, offset, repairs)


def _nests_too_deep(source: bytes) -> bool:
    if source.count(b"{") + source.count(b"[") <= NESTING_MAX:
        return False
    depth = deepest = 0
    for match in _TOKEN.finditer(source):
        depth += _step(match.group())
        deepest = max(deepest, depth)
    return deepest > NESTING_MAX


def _step(mark: bytes) -> int:
    return 1 if mark in b"[{" else -1 if mark in b"]}" else 0


def _broken(cause: str, raw: bytes, offset: int, size_bytes: int) -> Broken:
    kept = raw[: min(size_bytes, RAW_BYTES_KEPT)]
    return Broken(cause, kept, offset, size_bytes, cause == _TOO_LONG)


def _pass_over(window: ByteWindow, cause: str) -> Broken:
    """Skip the element at the window, whose syntax is sound as far as it was read."""
    raw, offset = window.hold(RAW_BYTES_KEPT), window.offset
    try:
        skip_value(window)
    except TruncatedJsonError as error:
        raise TruncatedJsonError("inside an element", raw) from error
    return _broken(cause, raw, offset, window.offset - offset)


def _mend(window: ByteWindow, grammar: Grammar, cause: str) -> Decoded | Broken:
    """Repair the element at the window, or pass over it."""
    size = _closed_size(window, grammar)
    if size is None:
        return _resynchronise(window, grammar, cause)
    source = window.data[window.index : window.index + size]
    value, repairs = _repaired(source, grammar)
    if repairs:
        return _accept(window, value, size, repairs)
    if not _ends_there(window, grammar, size):
        return _resynchronise(window, grammar, cause)
    offset = window.offset
    window.index += size
    return _broken(f"is no JSON: {cause}", source, offset, size)


def _closed_size(window: ByteWindow, grammar: Grammar) -> int | None:
    """Return the length of the element at the window by its brackets, if they close.

    Raises:
        TruncatedJsonError: the stream ends before they close or another element begins.
    """
    while True:
        boundary = window.find_boundary(grammar.boundary)
        end = _closing(window.data, window.index, boundary)
        if end is not None:
            return end - window.index
        if boundary is not None or window.held > ELEMENT_BYTES_MAX:
            return None
        if not window.fill():
            raise TruncatedJsonError("inside an element", window.data[window.index :])


def _closing(data: bytes, begin: int, limit: int | None) -> int | None:
    """Return the index after the bracket that closes the value at `begin`, before `limit`."""
    depth = 0
    for match in _TOKEN.finditer(data, begin, len(data) if limit is None else limit):
        mark = match.group()
        depth += _step(mark)
        if depth <= 0 and mark in b"]}":
            return match.end()
    return None


def _repaired(source: bytes, grammar: Grammar) -> tuple[object, tuple[str, ...]]:
    """Return the value of `source` and what was repaired; no repairs if it is beyond repair."""
    mended, repairs = grammar.repair(source.decode("utf-8", "surrogateescape"))
    for decode, extra in ((_decode, ()), (_decode_leniently, ("json:control-character",))):
        try:
            value, end = decode(mended)
        except (ValueError, RecursionError):
            continue
        if end == len(mended):
            return value, repairs + extra
    return None, ()


def _ends_there(window: ByteWindow, grammar: Grammar, size: int) -> bool:
    """Say whether the element that is `size` long stands before a sound rest of the array."""
    while True:
        boundary = window.find_boundary(grammar.boundary)
        if boundary is not None or window.held > ELEMENT_BYTES_MAX or not window.fill():
            break
    end = window.index + size
    if boundary is not None and _after(SPACE_OR_COMMA, window.data, end) == boundary:
        return True
    follower = _after(SPACE, window.data, end)
    mark = window.data[follower : follower + 1]
    return mark in (b"]", b"") or (mark == b"," and boundary is None)


def _after(skipped: re.Pattern[bytes], data: bytes, index: int) -> int:
    match = skipped.match(data, index)
    return match.end() if match else index


def _resynchronise(window: ByteWindow, grammar: Grammar, cause: str) -> Broken:
    """Pass over a broken element up to the next boundary.

    Raises:
        TruncatedJsonError: there is none.
    """
    raw, offset = window.hold(RAW_BYTES_KEPT), window.offset
    while (boundary := window.find_boundary(grammar.boundary)) is None:
        # One more than the search leaves out: it goes on after `index`.
        window.index = max(window.index, len(window.data) - BOUNDARY_BYTES_MAX - 1)
        if not window.fill():
            raise TruncatedJsonError("inside a broken element", raw)
    window.index = boundary
    return _broken(f"is no JSON: {cause}", raw, offset, window.offset - offset)
