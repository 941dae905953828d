"""Bytes to text: which charset a document is in, whatever it and its server claim.

Precedence as in RFC 7303 §3: byte order mark, HTTP charset, declaration inside the document.
A claim that the bytes contradict loses, and the repair is recorded.
"""

import codecs
import re
from functools import lru_cache
from typing import NamedTuple

from transforms.letter_pairs import WORST_BITS, pair_cost
from transforms.mojibake import LETTERS_MIN, PLAUSIBLE_BITS, is_arabic, repair_mojibake, scrub

__all__ = ["Decoded", "decode", "repair_mojibake", "scrub", "wide_by_nulls"]


class Decoded(NamedTuple):
    """A document as text, without byte order mark, NUL or surrogates."""

    text: str
    encoding: str  # "utf-8", "windows-1256", …
    repairs: tuple[str, ...]  # "charset:utf-8-not-windows-1256", …


_HEAD_BYTES = 1024  # where declarations stand: WHATWG HTML, "prescan a byte stream"
_SAMPLE_BYTES = 65_536
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HTTP_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s;"',]{1,40})""", re.IGNORECASE)
_DECLARATIONS = (
    re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"'\s>]{1,40})"""),
    re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?([^"'\s>;/]{1,40})""", re.IGNORECASE),
)
_NOT_CHARSETS = frozenset({"utf-7", "idna", "unicode-escape", "raw-unicode-escape"})
_WIDE = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})
_LABELS = {"utf8": "utf-8", "xsjis": "cp932", "asmo708": "iso8859-6", "visual": "iso8859-8"}
# What publishers mean by a name, after the WHATWG Encoding Standard §4.2.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
    "utf-8-sig": "utf-8",
}
_MIXED = "utf-8 with windows-1256"
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_ASCII = bytes(range(128))
_BEYOND_ASCII = bytes(range(128, 256))
_NEVER = float("inf")
_STRETCHES = re.compile(rb"""[<>"\n]+|[^<>"\n]+""")
_WESTERN = "A-Za-z\u00c0-\u024f"
_ARABIC_WORD = re.compile(f"(?<![{_WESTERN}])[\u0621-\u0652]+(?![{_WESTERN}])")
_MIXED_WORD = re.compile(f"[{_WESTERN}][\u0621-\u0652]|[\u0621-\u0652][{_WESTERN}]")
_ARABIC = ("cp1256", "iso8859-6")
# Claims that servers make by default, and Arabic ones: Arabic content overrules them.
_DOUBTED = frozenset({"cp1252", "cp1254", "cp1250", "iso8859-15", "iso8859-2", *_ARABIC})
_BETTER_BITS = 0.4
"""By how much another Arabic charset must be more plausible than the one declared."""


@lru_cache(maxsize=256)
def _codec(label: str) -> str:
    """Return Python's name for the charset `label`, or "" when there is none of that name."""
    plain = label.strip(" \t\"'").lower()
    squeezed = re.sub("[^a-z0-9]", "", plain)
    shortened = re.sub(r"^x-?|^(?:windows|win|cp|ibm|ms)[-_ ]?(?=\d)", "", plain)
    names = (_LABELS.get(squeezed, plain), shortened, f"cp{shortened}")
    found = next(filter(None, map(_text_codec, names)), "")
    return _SUPERSETS.get(found, found)


def _text_codec(name: str) -> str:
    """Return the canonical name of a text codec that ASCII is a part of, or ""."""
    try:
        found = codecs.lookup(name).name
        is_ascii_part = found in _WIDE or b"<a 1>".decode(found) == "<a 1>"
    except (LookupError, ValueError):
        return ""
    return found if is_ascii_part and found not in _NOT_CHARSETS else ""


def _public_name(codec: str) -> str:
    """Return the IANA-like name of a Python codec."""
    if codec == _MIXED:
        return "utf-8"
    if re.fullmatch(r"cp125\d", codec):
        return f"windows-{codec[2:]}"
    return codec.replace("iso8859", "iso-8859").replace("_", "-")


def decode(raw: bytes, *, content_type: str = "", override: str = "") -> Decoded:
    """Return the text of `raw`; never raises.

    Mojibake inside stays: a document mixes damaged and clean fields, and a field is mended alone.

    Args:
        raw: a whole document.
        content_type: the HTTP header, "" when there is none.
        override: a charset that the owner of the source vouches for, whatever the bytes say.
    """
    claims = _claims(raw, content_type)
    raw = raw.removeprefix(codecs.BOM_UTF8)
    codec = _codec(override)
    repairs: tuple[str, ...] = ()
    if not codec:
        codec = _choose(raw, claims)
        repairs = _contradiction(codec, claims)
    text, notes = _decode_mixed(raw) if codec == _MIXED else _decode_all(raw, codec)
    return Decoded(scrub(text.removeprefix("\ufeff")), _public_name(codec), (*repairs, *notes))


def _claims(raw: bytes, content_type: str) -> list[str]:
    """Return the charsets that the document and its server name, the strongest claim first."""
    labels = [codec for mark, codec in _BYTE_ORDER_MARKS if raw.startswith(mark)][:1]
    labels += _HTTP_CHARSET.findall(content_type[:1000])[:1]
    head = raw[:_HEAD_BYTES].removeprefix(codecs.BOM_UTF8)
    for declaration in _DECLARATIONS:
        labels += [found.decode("ascii", "ignore") for found in declaration.findall(head)[:1]]
    return [codec for codec in map(_codec, labels) if codec]


def _contradiction(codec: str, claims: list[str]) -> tuple[str, ...]:
    """Return the repair to record when `codec` is not what was claimed; UTF-8 is the default."""
    claimed = claims[0] if claims else "utf-8"
    if codec == _MIXED or codec.startswith(claimed) or (codec in _WIDE and not claims):
        return ()
    return (f"charset:{_public_name(codec)}-not-{_public_name(claimed)}",)


def _choose(raw: bytes, claims: list[str]) -> str:
    """Return the codec that the bytes bear out, or _MIXED."""
    wide = claims[0] if raw.startswith(_WIDE_MARKS) else wide_by_nulls(raw[:_HEAD_BYTES])
    if wide:
        return wide
    claims = [codec for codec in claims if codec not in _WIDE]
    if raw.isascii():
        return claims[0] if claims else "utf-8"
    if _is_well_formed(raw, "utf-8"):
        return "utf-8"
    legacy = [codec for codec in claims if codec != "utf-8"]
    for codec in legacy:
        if codec not in _DOUBTED and _is_well_formed(raw, codec):
            return codec
    lost = _lost_bytes(raw, "utf-8")
    beyond_ascii = len(raw) - len(raw.translate(None, _BEYOND_ASCII))
    if beyond_ascii - lost > lost:
        return _MIXED
    return _one_byte(raw, legacy[0] if legacy else "")


def wide_by_nulls(head: bytes) -> str:
    """Return the UTF-16 or UTF-32 codec whose pattern of zero bytes `head` shows, or "".

    The high byte of a UTF-16 unit is 0 for Latin and 6 for Arabic, and nearly always one of them.
    """
    if b"\0" not in head:
        return ""
    planes = [sum(byte in (0, 6) for byte in head[column::4]) for column in range(4)]
    zeros = [head[column::4].count(0) for column in range(4)]
    rows = max(1, len(head) // 4)
    if min(zeros[0], zeros[1]) >= rows > zeros[3]:
        return "utf-32-be"
    if min(zeros[2], zeros[3]) >= rows > zeros[0]:
        return "utf-32-le"
    even, odd = planes[0] + planes[2], planes[1] + planes[3]
    if max(even, odd) < 1.6 * rows or min(even, odd) > rows:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _is_well_formed(raw: bytes, codec: str) -> bool:
    """Say whether `raw` decodes without error, but for a last character that was cut off."""
    try:
        raw.decode(codec)
    except UnicodeDecodeError as error:
        cut_off = error.end >= len(raw) and error.start >= len(raw) - 3
        return cut_off and not raw[: error.start].isascii() and codec == "utf-8"
    return True


def _one_byte(raw: bytes, claimed: str) -> str:
    """Return the one-byte charset of `raw`: as claimed, or the Arabic one that fits better."""
    if claimed and claimed not in _DOUBTED:
        return claimed
    start = len(raw) - len(raw.lstrip(_ASCII))
    sample = raw[max(0, start - 1) : start + _SAMPLE_BYTES]
    costs = {codec: _arabic_cost(sample.decode(codec, "replace")) for codec in _ARABIC}
    expected = claimed if claimed in costs else "cp1256"
    best = min(costs, key=costs.__getitem__)
    if costs[best] == _NEVER:
        return claimed or "cp1252"
    return expected if costs[expected] <= costs[best] + _BETTER_BITS else best


def _arabic_cost(text: str) -> float:
    """Return the pair cost of the Arabic words in `text`; infinite unless they prevail.

    A letter next to a Western one is an accented letter misread, not Arabic.
    """
    words = " ".join(_ARABIC_WORD.findall(text))
    letters, western = len(words), len(_MIXED_WORD.findall(text))
    if letters > 1 and not western and letters < LETTERS_MIN:
        return PLAUSIBLE_BITS  # too short to judge, but nothing Western either
    if letters <= 2 * western or not is_arabic(words):
        return _NEVER
    cost = pair_cost(words) + WORST_BITS * (text.count("\ufffd") + western) / letters
    return cost if cost <= PLAUSIBLE_BITS else _NEVER


def _decode_all(raw: bytes, codec: str) -> tuple[str, tuple[str, ...]]:
    """Return `raw` decoded, U+FFFD for what is malformed, and the repairs to record."""
    try:
        return raw.decode(codec), ()
    except UnicodeDecodeError:
        lost = max(1, _lost_bytes(raw, codec))
        return raw.decode(codec, "replace"), (f"charset:replaced-{lost}-bytes",)


def _lost_bytes(raw: bytes, codec: str) -> int:
    """Return how many bytes of `raw` the codec cannot decode."""
    return len(raw) - len(raw.decode(codec, "ignore").encode(codec, "ignore"))


def _decode_mixed(raw: bytes) -> tuple[str, tuple[str, ...]]:
    """Return `raw`, UTF-8 for the most part, with its Windows-1256 stretches read as such."""
    parts: list[str] = []
    foreign = lost = 0
    for stretch in _STRETCHES.findall(raw):
        if not _is_well_formed(stretch, "utf-8") and _is_cp1256(stretch):
            parts.append(stretch.decode("cp1256"))
            foreign += 1
            continue
        parts.append(stretch.decode("utf-8", "replace"))
        lost += _lost_bytes(stretch, "utf-8")
    notes = ["charset:windows-1256-in-utf-8"] if foreign else []
    notes += [f"charset:replaced-{lost}-bytes"] if lost else []
    return "".join(parts), tuple(notes)


def _is_cp1256(stretch: bytes) -> bool:
    """Say whether `stretch` is plausible Arabic in Windows-1256."""
    return _arabic_cost(stretch.decode("cp1256")) != _NEVER
