"""Hold the part of a stream that is being read: forwards only, in constant memory."""

import re
from typing import BinaryIO

CHUNK_BYTES = 262_144
"""How much is read at a time."""

BOUNDARY_BYTES_MAX = 8192
"""The longest stretch that a boundary may match."""

SPACE = re.compile(rb"[ \t\r\n]*")
SPACE_OR_COMMA = re.compile(rb"[ \t\r\n,]*")


class ByteWindow:
    """The part of a stream in hand: `data` from `index` on is still to be read."""

    def __init__(self, stream: BinaryIO, chunk_bytes: int = CHUNK_BYTES) -> None:
        self.data = b""
        self.index = 0
        self.is_complete = False  # the stream has ended
        self._dropped = 0
        self._stream = stream
        self._chunk_bytes = chunk_bytes
        self._searched = 0  # no boundary begins between `index` and here

    @property
    def held(self) -> int:
        """The bytes in hand."""
        return len(self.data) - self.index

    @property
    def offset(self) -> int:
        """The bytes from the start of the stream to `index`."""
        return self._dropped + self.index

    def fill(self) -> bool:
        """Drop what was read and take in as much as is held; return False at the end.

        Growing by the size held keeps repeated attempts at one long element linear.
        """
        if self.is_complete:
            return False
        chunk = self._stream.read(max(self._chunk_bytes, self.held))
        self.is_complete = not chunk
        # A boundary may be cut by the end of what was held.
        searched = min(self._searched, len(self.data) - BOUNDARY_BYTES_MAX)
        self._searched = max(0, searched - self.index)
        self.data = self.data[self.index :] + chunk
        self._dropped += self.index
        self.index = 0
        return True

    def hold(self, size: int) -> bytes:
        """Return the next `size` bytes without reading past them; fewer at the end."""
        while self.held < size and self.fill():
            pass
        return self.data[self.index : self.index + size]

    def peek(self, skipped: re.Pattern[bytes] = SPACE) -> bytes:
        """Read past what `skipped` matches; return the next byte, b"" at the end."""
        while True:
            match = skipped.match(self.data, self.index)
            self.index = match.end() if match else self.index
            if self.held or not self.fill():
                return self.data[self.index : self.index + 1]

    def find_boundary(self, boundary: re.Pattern[bytes]) -> int | None:
        """Return where a boundary begins after `index` in the bytes held, if one does.

        Nothing is searched twice, however often it is asked.
        """
        begin = max(self.index + 1, self._searched)
        if match := boundary.search(self.data, begin):
            self._searched = match.start()
            return match.start()
        self._searched = len(self.data)
        return None
