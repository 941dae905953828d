"""Decompress with memory bounded at every step, whatever the ratio."""

import zlib
from collections.abc import Callable, Iterator

import brotli  # type: ignore[import-untyped]  # ships no type hints

ACCEPTED = "gzip, deflate, br"
_PIECE_BYTES = 65_536
_CODINGS_MAX = 3
_GZIP = 31  # zlib's window bits for a gzip wrapper
_ZLIB = 15
_RAW_DEFLATE = -15


class DamagedBytesError(OSError):
    """The coding is unknown, or the bytes are not in it."""


class TooManyBytesError(OSError):
    """More bytes than allowed, as sent or decompressed."""


def decode_content(chunks: Iterator[bytes], codings: str, bytes_max: int) -> bytes:
    """Return the body that `chunks` carry, at most `bytes_max` as sent and at every layer.

    Args:
        chunks: the body as sent.
        codings: the header Content-Encoding, in the order applied (RFC 9110 §8.4).
        bytes_max: the limit; the body is read no further.

    Raises:
        DamagedBytesError: a coding is unknown, or the bytes are not in it.
        TooManyBytesError: the limit is reached.
    """
    names = [name.strip().lower() for name in codings.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    unknown = [name for name in names if name not in _DECODERS]
    if unknown or len(names) > _CODINGS_MAX:
        raise DamagedBytesError(f"Content-Encoding {codings[:100]!r}")
    layer = limited(chunks, bytes_max, "as sent")
    for name in reversed(names):
        layer = limited(_DECODERS[name](layer), bytes_max, "decompressed")
    return b"".join(layer)


def limited(chunks: Iterator[bytes], bytes_max: int, state: str) -> Iterator[bytes]:
    """Yield `chunks` until they exceed `bytes_max`."""
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > bytes_max:
            raise TooManyBytesError(f"more than {bytes_max:,} bytes {state}")
        yield chunk


def gunzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what the gzip members in `chunks` hold; bytes after the last member are padding."""
    inflater = zlib.decompressobj(_GZIP)
    is_started = False
    for chunk in chunks:
        data = chunk
        while data:
            if inflater.eof:
                if not data.startswith(b"\x1f"):
                    return
                inflater = zlib.decompressobj(_GZIP)
            is_started = True
            yield from _inflated(inflater, data)
            data = inflater.unused_data
    if is_started and not inflater.eof:
        raise DamagedBytesError("the gzip data breaks off")


def _undeflate(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what the zlib data in `chunks` holds; some servers send it without its wrapper."""
    first = next(chunks, b"")
    if not first:
        return
    has_wrapper = first[0] & 0x0F == 8 and int.from_bytes(first[:2], "big") % 31 == 0  # RFC 1950
    inflater = zlib.decompressobj(_ZLIB if has_wrapper else _RAW_DEFLATE)
    yield from _inflated(inflater, first)
    for chunk in chunks:
        yield from _inflated(inflater, chunk)
    if not inflater.eof:
        raise DamagedBytesError("the deflate data breaks off")


def _inflated(inflater: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    """Yield what `data` inflates to, piece by piece."""
    try:
        while data and not inflater.eof:
            yield inflater.decompress(data, _PIECE_BYTES)
            data = inflater.unconsumed_tail
    except zlib.error as error:
        raise DamagedBytesError(str(error)) from error


def _unbrotli(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what the brotli data in `chunks` holds, piece by piece."""
    decompressor = brotli.Decompressor()
    is_started = False
    try:
        for chunk in chunks:
            is_started = True
            yield decompressor.process(chunk, output_buffer_limit=_PIECE_BYTES)
            while not (decompressor.can_accept_more_data() or decompressor.is_finished()):
                yield decompressor.process(b"", output_buffer_limit=_PIECE_BYTES)
    except brotli.error as error:
        raise DamagedBytesError(str(error)) from error
    if is_started and not decompressor.is_finished():
        raise DamagedBytesError("the brotli data breaks off")


_DECODERS: dict[str, Callable[[Iterator[bytes]], Iterator[bytes]]] = {
    "gzip": gunzip,
    "x-gzip": gunzip,
    "deflate": _undeflate,
    "br": _unbrotli,
}
