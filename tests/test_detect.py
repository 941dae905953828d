import contextlib
import gzip
import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.sources import SNIFFED_BYTES, Source
from transforms.sources.content_coding import DamagedBytesError, TooManyBytesError
from transforms.sources.detect import decompress, recognise_kind

TEXT = "عاجل: انفجار قرب الميناء\n".encode() * 10_000


def read_nothing(_: object) -> Iterator[object]:
    return iter(())


def sources(**scores: int) -> dict[str, Source]:
    return {
        kind: Source(kind, lambda head, score=score: score, read_nothing)
        for kind, score in scores.items()
    }


@pytest.mark.parametrize(
    ("scores", "kind"),
    [
        ({"text": 10, "feed": 90}, "feed"), ({"text": 10, "feed": 0}, "text"),
        ({"text": 0, "feed": 0}, None), ({}, None),
        ({"b": 50, "a": 50}, "a"), ({"a": 50, "b": 50, "c": 40}, "a"),
    ],
)
def test_recognise_kind_takes_the_surest(scores: dict[str, int], kind: str | None) -> None:
    assert recognise_kind(b"head", sources(**scores)) == kind


@pytest.mark.parametrize("raw", [b"", b"a", b"\x1f", b"\x1f\x8b", TEXT, b"\x1f\x8b\x01 no gzip"])
def test_what_is_not_gzip_passes_through(raw: bytes) -> None:
    stream = decompress(io.BytesIO(raw), bytes_max=1)
    assert stream.peek(SNIFFED_BYTES)[:SNIFFED_BYTES] == raw[:SNIFFED_BYTES]
    assert stream.read() == raw


@pytest.mark.parametrize(
    "raw",
    [
        gzip.compress(TEXT), gzip.compress(TEXT[:999]) + gzip.compress(TEXT[999:]),
        gzip.compress(TEXT) + bytes(512),
    ],
    ids=["one", "members", "padded"],
)
def test_gzip_is_undone(raw: bytes) -> None:
    stream = decompress(io.BytesIO(raw), bytes_max=len(TEXT))
    assert len(stream.peek(SNIFFED_BYTES)) == SNIFFED_BYTES
    assert stream.readline() == TEXT[: TEXT.index(b"\n") + 1]
    assert stream.read() == TEXT[TEXT.index(b"\n") + 1 :]


@given(st.binary(max_size=2000), st.integers(1, 300))
def test_reading_in_pieces_gives_the_same(raw: bytes, size: int) -> None:
    stream = decompress(io.BytesIO(gzip.compress(raw)), bytes_max=2000)
    assert b"".join(iter(lambda: stream.read(size), b"")) == raw


def test_gzip_stops_at_the_limit() -> None:
    stream = decompress(io.BytesIO(gzip.compress(TEXT)), bytes_max=len(TEXT) - 1)
    with pytest.raises(TooManyBytesError, match=f"more than {len(TEXT) - 1:,} bytes"):
        stream.read()


def test_gzip_bomb_takes_little_memory() -> None:
    bomb = gzip.compress(bytes(30_000_000), 9)
    tracemalloc.start()
    stream = decompress(io.BytesIO(bomb), bytes_max=20_000_000)
    with pytest.raises(TooManyBytesError):
        sum(map(len, iter(lambda: stream.read(65_536), b"")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize(
    "raw", [gzip.compress(TEXT)[:-9], gzip.compress(TEXT)[:200] + b"damage" * 99]
)
def test_damaged_gzip_fails_as_os_error(raw: bytes) -> None:
    with pytest.raises(DamagedBytesError) as caught:
        decompress(io.BytesIO(raw), bytes_max=len(TEXT)).read()
    assert isinstance(caught.value, OSError)


def test_closing_closes_the_file_below() -> None:
    below = io.BytesIO(gzip.compress(TEXT))
    with decompress(below, bytes_max=len(TEXT)) as stream:
        stream.read(10)
    assert below.closed


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_fail_as_os_error(raw: bytes) -> None:
    stream = decompress(io.BytesIO(b"\x1f\x8b\x08" + raw), bytes_max=10_000)
    with contextlib.suppress(OSError):
        assert len(stream.read()) <= 10_000
