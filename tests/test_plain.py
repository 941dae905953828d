import gzip
import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import RawItem, Reject, SourceSpec
from transforms.sources import Document
from transforms.sources.plain import (
    HEADLINE_CHARS_MAX,
    SOURCE,
    TEXT_BYTES_MAX,
    binary_kind,
    split_headline,
)

HEADLINE = "مجلس الأمن يبحث وقف إطلاق النار"
BODY = "نيويورك (وفا) - عقد مجلس الأمن جلسة طارئة اليوم.\n\nوقال المندوب إن الوضع خطير."
LONG = "وكان الاجتماع الأول للقمة قد عقد في الرياض، " * 6 + "تحت سقف واحد."


def read(raw: bytes, **spec: object) -> RawItem | Reject:
    source = SourceSpec("desk", "story.txt", **spec)
    (outcome,) = SOURCE.read(Document(source, "story.txt", io.BytesIO(raw)))
    return outcome


def item(raw: bytes, **spec: object) -> RawItem:
    outcome = read(raw, **spec)
    assert isinstance(outcome, RawItem), outcome
    return outcome


def test_first_line_is_the_headline() -> None:
    found = item(f"\ufeff\n {HEADLINE} \r\n\r\n{BODY}\n".encode())
    assert (found.title, found.body) == (HEADLINE, BODY)
    assert (found.source_kind, found.markup, found.position) == ("text", "plain", "line 1")
    assert (found.source_id, found.origin, found.repairs) == ("desk", "story.txt", ())


@pytest.mark.parametrize(
    "text",
    [
        f"{LONG}\n{BODY}",  # a long paragraph
        f"انتهت القمة.\n{BODY}", f"«انتهت القمة.»\n{BODY}", f"هل انتهت القمة؟\n{BODY}",
        f"قال الرئيس:\n{BODY}", f"قال الرئيس…\n{BODY}", HEADLINE, "خبر",
        f"{'ا' * (HEADLINE_CHARS_MAX + 1)}\n{BODY}",
    ],
)
def test_text_without_a_headline_is_whole(text: str) -> None:
    assert split_headline(text) == ("", text)
    assert (item(text.encode()).title, item(text.encode()).body) == ("", text)


def test_longest_headline_is_taken() -> None:
    assert split_headline(f"{'ا' * HEADLINE_CHARS_MAX}\n{BODY}")[1] == BODY


@given(st.text(alphabet="اب .؟\n«»", max_size=300))
def test_split_headline_loses_nothing_but_white_space(text: str) -> None:
    assert "".join("".join(split_headline(text)).split()) == "".join(text.split())


def test_item_id_follows_the_content_and_nothing_else() -> None:
    windows = item(f"{HEADLINE}\r\n{BODY}".encode("cp1256"))
    assert windows.item_id == item(f"{HEADLINE}\n{BODY}\n".encode("utf-16")).item_id
    assert windows.item_id != item(f"{HEADLINE}\n{BODY}!".encode()).item_id
    assert windows.repairs == ("charset:windows-1256-not-utf-8",)


def test_spec_gives_agency_language_priority_and_charset() -> None:
    found = item("Новости\nМосква".encode("koi8-r"), agency="ТАСС", language="ru", priority=5,
                 encoding="koi8-r")
    assert (found.title, found.agency, found.language, found.priority) == (
        "Новости", "ТАСС", "ru", 5
    )


def test_damaged_text_is_mended_with_its_repair() -> None:
    found = item(f"{HEADLINE}\n{BODY}".encode().decode("cp1256").encode())
    assert (found.title, found.repairs) == (HEADLINE, ("mojibake:utf-8-as-cp1256",))


BINARIES = {
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    "ZIP": b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0",
    "DOC": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(50),
    "RTF": b"{\\rtf1\\ansi \\u1582?}",
    "PNG": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "JPEG": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "GIF": b"GIF89a\x01\0\x01\0\x80\0\0",
    "ELF": b"\x7fELF\x02\x01\x01" + bytes(9),
    "gzip": gzip.compress(b"text"),
    "MP3": b"ID3\x04\0\0\0\0\0\x23TSSE\0\0\0\x0f",
    "Parquet": b"PAR1\x15\x04\x15\x80\x01\x15\0",
    "binary data": struct.pack("<32d", *range(32)),
}


@pytest.mark.parametrize("name", BINARIES)
def test_binary_is_rejected_by_name(name: str) -> None:
    outcome = read(BINARIES[name])
    assert isinstance(outcome, Reject)
    assert (outcome.reason, outcome.raw) == ("source-binary", BINARIES[name])
    assert name in outcome.message
    assert "story.txt" in outcome.message
    assert SOURCE.recognise(BINARIES[name]) == 0


@pytest.mark.parametrize(
    "codec", ["utf-8", "cp1256", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_text_in_any_charset_is_no_binary(codec: str) -> None:
    raw = f"{HEADLINE} 123\n{HEADLINE}".encode(codec)
    assert binary_kind(raw) == ""
    assert 0 < SOURCE.recognise(raw) < 50
    assert HEADLINE in item(raw).body


@pytest.mark.parametrize(
    "text", ["ID3 tags explained", "PAR1 and PAR2", "GIF89 turns 35", "RIFF!"]
)
def test_text_that_begins_like_a_magic_number_is_text(text: str) -> None:
    assert item(text.encode()).body == text


@pytest.mark.parametrize(
    "raw", [b"", b" \n\t\r\n", "\ufeff".encode(), b"\xff\xfe", b"\xe2\x80\xa8"]
)
def test_empty_text_is_rejected(raw: bytes) -> None:
    outcome = read(raw)
    assert isinstance(outcome, Reject)
    assert outcome.reason == "source-empty"


def test_text_above_the_limit_is_rejected() -> None:
    assert read(b"a" * (TEXT_BYTES_MAX + 1)).reason == "source-too-large"  # type: ignore[union-attr]


def test_stream_that_fails_is_rejected_as_unreadable() -> None:
    (outcome,) = SOURCE.read(Document(SourceSpec("desk", "a.txt"), "a.txt", Failing()))
    assert isinstance(outcome, Reject)
    assert (outcome.reason, outcome.retryable) == ("source-unreadable", True)


class Failing(io.BytesIO):
    """A stream on a disk that fails."""

    def read(self, size: int | None = -1) -> bytes:
        raise OSError(5, "Input/output error")


@given(st.binary(max_size=400))
def test_any_bytes_give_one_item_or_one_reject(raw: bytes) -> None:
    outcome = read(raw)
    if isinstance(outcome, RawItem):
        (outcome.title + outcome.body).encode()
        assert outcome.body.strip()
        assert "\0" not in outcome.title + outcome.body


def test_stored_noise_is_binary() -> None:
    assert binary_kind(zlib.compress(HEADLINE.encode() * 9, 9)[2:]) == "binary data"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("text", "is_story"),
    [
        ("<!DOCTYPE html><html><p>الموقع تحت الصيانة</p></html>", False),
        ("\n  <html lang=ar><p>الموقع تحت الصيانة</p></html>", False),
        ("<?xml version='1.0'?><newsItem>خبر</newsItem>", False),
        ('{"message": "غير موجود"}', False), ('[{"a": 1}]', False), ("{}", False),
        ("[عاجل] انفجار قرب الميناء", True), ("{تنويه} انفجار قرب الميناء", True),
        ("< 5 قتلى في انفجار قرب الميناء", True), ("«انفجار» قرب الميناء <br>", True),
    ],
)
def test_markup_and_json_are_no_story(text: str, is_story: bool, codec: str) -> None:
    assert bool(SOURCE.recognise(text.encode(codec))) is is_story
