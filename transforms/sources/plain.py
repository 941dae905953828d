"""A plain text file is one story: its headline, if it has one, and its text."""

import re
from collections.abc import Iterator

from schemas.ids import digest
from schemas.records import RawItem, Reject, make_reject
from transforms.charset import Decoded, decode, repair_mojibake, wide_by_nulls
from transforms.sources import SNIFFED_BYTES, Document, Source

TEXT_BYTES_MAX = 16 * 1024 * 1024
HEADLINE_CHARS_MAX = 200
_CATCH_ALL = 10  # any source that knows its own format is surer

_MAGIC = {
    b"%PDF-": "a PDF document",
    b"PK\x03\x04": "a ZIP archive, or a DOCX, XLSX or ODT document",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "a DOC, XLS or PPT document",
    b"{\\rtf": "an RTF document",
    b"\x89PNG\r\n": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"RIFF": "a WebP image, or WAV or AVI media",
    b"OggS": "Ogg media",
    b"ID3": "an MP3 recording",
    b"\x7fELF": "an ELF program",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\0": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"SQLite format 3\0": "an SQLite database",
    b"PAR1": "a Parquet file",
}
# A page of HTML (an error, a consent form), other XML or JSON is no story: its markup would be
# stored as text. Byte order marks and the NULs of UTF-16 are passed over.
_MARKUP_OR_JSON = re.compile(rb"""<[!?/a-zA-Z]|[{\[]\s*["{\[]|\{\s*\}""")
_BEFORE_TEXT = b"\xef\xbb\xbf\xff\xfe \t\r\n"
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1b"))  # escape: ISO-2022 charsets
_CONTROL_SHARE_MAX = 0.02
_SENTENCE_END = re.compile(r"""[.!?؟…،؛:,;][\s»"”’')\]]*$""")


def recognise(head: bytes) -> int:
    """Say how sure it is that `head` begins a plain text: text may be one, markup is none."""
    start = head[:1024].replace(b"\0", b"").lstrip(_BEFORE_TEXT)
    if not head.strip() or _MARKUP_OR_JSON.match(start) or binary_kind(head):
        return 0
    return _CATCH_ALL


def read(document: Document) -> Iterator[RawItem | Reject]:
    """Yield the story that `document` is, or the reject that says why it is none."""
    try:
        with document.stream as stream:
            raw = stream.read(TEXT_BYTES_MAX + 1)
    except OSError as error:
        yield _reject(document, "source-unreadable", f"reading failed: {error}", b"")
        return
    kind = binary_kind(raw[:SNIFFED_BYTES])
    if len(raw) > TEXT_BYTES_MAX:
        yield _reject(document, "source-too-large", f"more than {TEXT_BYTES_MAX:,} bytes", raw)
    elif kind:
        yield _reject(document, "source-binary", f"this is {kind}, no text", raw)
    else:
        decoded = decode(
            raw, content_type=document.content_type, override=document.spec.encoding
        )
        yield _item(document, decoded, raw)


def _item(document: Document, decoded: Decoded, raw: bytes) -> RawItem | Reject:
    """Return the story in `decoded`."""
    text, repair = repair_mojibake(decoded.text)
    title, body = split_headline(re.sub("\r\n?", "\n", text).strip())
    if not body:
        return _reject(document, "source-empty", "no text", raw)
    spec = document.spec
    return RawItem(
        source_id=spec.source_id,
        source_kind="text",
        item_id=digest("content", title, body),
        origin=document.origin,
        position="line 1",
        title=title,
        body=body,
        markup="plain",
        agency=spec.agency or None,
        language=spec.language or None,
        priority=spec.priority,
        repairs=(*decoded.repairs, repair) if repair else decoded.repairs,
        timezone=spec.timezone,
    )


def split_headline(text: str) -> tuple[str, str]:
    """Return the headline of `text`, "" when it has none, and the rest.

    A headline is a first line of at most HEADLINE_CHARS_MAX characters that does not end like a
    sentence, with more text below it.
    """
    first, _, rest = text.partition("\n")
    first, rest = first.strip(), rest.strip()
    if not rest or len(first) > HEADLINE_CHARS_MAX or _SENTENCE_END.search(first):
        return "", text
    return first, rest


def binary_kind(head: bytes) -> str:
    """Return what `head` seems to be when it is no text, else ""."""
    # A magic number in plain letters ("ID3") may as well be the first word of a text.
    for magic, kind in _MAGIC.items():
        if head.startswith(magic) and not (magic.isalnum() and _is_text(head)):
            return kind
    return "" if _is_text(head) else "binary data"


def _is_text(head: bytes) -> bool:
    """Say whether `head` has no more control characters than a text may have."""
    wide = wide_by_nulls(head[:1024])
    if wide:
        head = head.decode(wide, "ignore").encode()
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls <= len(head) * _CONTROL_SHARE_MAX


def _reject(document: Document, reason: str, problem: str, raw: bytes) -> Reject:
    """Return the reject of the whole document."""
    return make_reject(
        reason,
        problem,
        stage="read",
        source_id=document.spec.source_id,
        origin=document.origin,
        position="byte 0",
        raw=raw,
    )


SOURCE = Source("text", recognise, read)
