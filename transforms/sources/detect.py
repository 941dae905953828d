"""What a document is: its kind by content, and gzip undone while reading."""

import io
from collections.abc import Iterator
from typing import BinaryIO

from transforms.sources import SNIFFED_BYTES, Source
from transforms.sources.content_coding import gunzip, limited

_GZIP_MAGIC = b"\x1f\x8b\x08"  # RFC 1952 §2.3.1, compression method deflate
_PIECE_BYTES = 65_536


def recognise_kind(head: bytes, sources: dict[str, Source]) -> str | None:
    """Return the kind that is surest of `head`, None when none is; the first name wins a tie.

    Args:
        head: the first SNIFFED_BYTES of the document, decompressed.
        sources: every source by its kind.
    """
    scores = {kind: sources[kind].recognise(head) for kind in sorted(sources)}
    best = max(scores, key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] > 0 else None


def decompress(stream: BinaryIO, bytes_max: int) -> io.BufferedReader:
    """Return `stream`, decompressed while it is read when it is gzip.

    `peek(SNIFFED_BYTES)` gives its head without moving on. Closing it closes `stream`.

    Raises (on reading, as OSError):
        DamagedBytesError: the gzip data is damaged or breaks off.
        TooManyBytesError: it holds more than `bytes_max` bytes.
    """
    head = stream.read(len(_GZIP_MAGIC))
    pieces = _pieces(head, stream)
    if head == _GZIP_MAGIC:
        pieces = limited(gunzip(pieces), bytes_max, "decompressed")
    return io.BufferedReader(_PieceReader(pieces, stream), SNIFFED_BYTES)


def _pieces(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    """Yield `head` and then the rest of `stream`."""
    piece = head
    while piece:
        yield piece
        piece = stream.read(_PIECE_BYTES)


class _PieceReader(io.RawIOBase):
    """A raw stream over pieces of bytes."""

    def __init__(self, pieces: Iterator[bytes], owner: BinaryIO) -> None:
        self._pieces = filter(None, pieces)
        self._owner = owner
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # no Buffer before 3.12
        """Fill `buffer` as far as the pieces reach, so that one peek sees the whole head."""
        filled = 0
        while filled < len(buffer):
            self._left = self._left or next(self._pieces, b"")
            if not self._left:
                break
            taken = self._left[: len(buffer) - filled]
            buffer[filled : filled + len(taken)] = taken
            self._left = self._left[len(taken) :]
            filled += len(taken)
        return filled

    def close(self) -> None:
        if not self.closed:
            self._owner.close()
        super().close()
