"""Walk a JSON document of any size forwards in constant memory (RFC 8259).

Nothing here judges the document: what is broken is passed over, so that what follows is found.
Structure is ASCII, so bytes are walked and only values are decoded.
"""

import json
import re
from collections.abc import Iterator

from transforms.sources.json_window import SPACE_OR_COMMA, ByteWindow

SCALAR_BYTES_MAX = 8192
"""The longest member name or header value that is read."""

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
# The repetition is bounded because `re` keeps some 80 bytes for each round.
_STRING_REST = re.compile(rb'[^"\\]*(?:\\.[^"\\]*){0,1000}', re.DOTALL)
_LITERAL_REST = re.compile(rb'[^,\[\]{}" \t\r\n]*')
_STRUCTURE = re.compile(rb'["\[\]{}]')


class TruncatedJsonError(ValueError):
    """The stream ends before the value that is being read; `raw` is what there is of it."""

    def __init__(self, where: str, raw: bytes = b"") -> None:
        super().__init__(where)
        self.raw = raw


def members(window: ByteWindow) -> Iterator[str]:
    """Yield each member name of the object at the window, which then stands at the value.

    The caller consumes each value. Ends after "}", or before what can be no member.

    Raises:
        TruncatedJsonError: the stream ends inside the object.
    """
    window.index += 1
    while (mark := window.peek(SPACE_OR_COMMA)) == b'"':
        name = read_scalar(window)
        if window.peek() == b":":
            window.index += 1
        if not window.peek():
            raise TruncatedJsonError("inside an object")
        yield str(name)
    if not mark:
        raise TruncatedJsonError("inside an object")
    if mark == b"}":
        window.index += 1


def items(window: ByteWindow) -> Iterator[bytes]:
    """Yield the first byte of each value of the array at the window, which stands there.

    The caller consumes each value. Ends after "]", or before "}".

    Raises:
        TruncatedJsonError: the stream ends inside the array.
    """
    window.index += 1
    while (mark := window.peek(SPACE_OR_COMMA)) not in (b"]", b"}", b""):
        yield mark
    if not mark:
        raise TruncatedJsonError("inside an array")
    if mark == b"]":
        window.index += 1


def read_scalar(window: ByteWindow) -> str | int | float | None:
    """Return the value at the window; None for a structure, a long string or bad syntax.

    Raises:
        TruncatedJsonError: the stream ends inside the value.
    """
    while (mark := window.data[window.index]) not in b"[{":
        pattern = _STRING if mark == ord('"') else _LITERAL_REST
        match = pattern.match(window.data, window.index)
        if match and match.end() < len(window.data):
            window.index = match.end()
            return _scalar(match.group())
        if window.held > SCALAR_BYTES_MAX or not window.fill():
            break
    skip_value(window)
    return None


def _scalar(text: bytes) -> str | int | float | None:
    try:
        return json.loads(text.decode("utf-8", "replace"))
    except ValueError:
        return None


def skip_value(window: ByteWindow) -> None:
    """Read past the value at the window, of any size and depth, broken or not.

    Raises:
        TruncatedJsonError: the stream ends inside the value.
    """
    depth = 0
    while True:
        mark = window.data[window.index]
        if depth == 0 and mark not in b'"[{':
            _skip_while(window, _LITERAL_REST)
            return
        if mark == ord('"'):
            _skip_string(window)
        else:
            depth += 1 if mark in b"[{" else -1
            window.index += 1
        if depth == 0:
            return
        _skip_to_structure(window)


def _skip_to_structure(window: ByteWindow) -> None:
    while not (match := _STRUCTURE.search(window.data, window.index)):
        window.index = len(window.data)
        if not window.fill():
            raise TruncatedJsonError("inside a value")
    window.index = match.start()


def _skip_string(window: ByteWindow) -> None:
    window.index += 1
    if _skip_while(window, _STRING_REST) != b'"':
        raise TruncatedJsonError("inside a string")
    window.index += 1


def _skip_while(window: ByteWindow, pattern: re.Pattern[bytes]) -> bytes:
    """Read past all that `pattern` matches; return the next byte, b"" at the end."""
    while True:
        match = pattern.match(window.data, window.index)
        window.index = match.end() if match else window.index
        rest = window.data[window.index : window.index + 2]
        if rest[:1] not in (b"", b"\\"):
            return rest[:1]
        if len(rest) < 2 and not window.fill():
            return b""
