"""Fold Arabic text to a matching key, and map stretches of the key back to the text."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

# Harakat and the other combining marks, Quranic signs, tatweel.
_MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08e1"
_MARKS += "\u08e3-\u08ff"
# Direction marks, zero-width characters, soft hyphen.
_INVISIBLE = "\u0640\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\u061c\ufeff\u00ad"
_DROPPED = re.compile(f"[{_MARKS}{_INVISIBLE}]")
_PRESENTATION = ((0xFB50, 0xFDFF), (0xFE70, 0xFEFC))
_LETTERS = str.maketrans({
    **dict.fromkeys("أإآٱ", "ا"), **dict.fromkeys("ىیې", "ي"), **dict.fromkeys("کڪ", "ك"),
    **dict.fromkeys("ةھہ", "ه"), **dict.fromkeys("\u00a0\u202f", " "), "٫": ".", "٬": ",",
    **{chr(zero + n): str(n) for zero in (0x660, 0x6F0) for n in range(10)},
})
_MARKS_MAX = 30  # over one letter; UAX #15, Stream-Safe Text Format
_FOLDED_BLOCKS = ((0xA0, 0xAE), (0x600, 0x900), (0x2000, 0x2070), (0xFB50, 0xFF00))


def _key_of(character: str) -> str:
    """Return what one character becomes in the key.

    Presentation forms take their compatibility decomposition (UAX #15, NFKC). That of a mark
    standing alone is a space and the mark: no letter, so it leaves nothing.
    """
    if any(first <= ord(character) <= last for first, last in _PRESENTATION):
        character = unicodedata.normalize("NFKC", character)
    kept = _DROPPED.sub("", character)
    return (kept if kept == character else kept.strip()).translate(_LETTERS)


def _changed() -> dict[int, str]:
    """Return every code point whose key differs from it, with its key."""
    codes = chain.from_iterable(range(*block) for block in _FOLDED_BLOCKS)
    keys = ((code, _key_of(chr(code))) for code in codes)
    return {code: key for code, key in keys if key != chr(code)}


KEYS = _changed()
"""The key of each code point that its key differs from."""

_RESIZED = re.compile(
    "[" + "".join(re.escape(chr(code)) for code, key in KEYS.items() if len(key) != 1) + "]"
)


class Folded(NamedTuple):
    """A matching key and, for each of its characters, the index of its source in `text`."""

    text: str
    key: str
    offsets: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of `text` behind `key[start:end]`, with its last letter's marks."""
        if start >= end:
            first = self.offsets[start] if start < len(self.offsets) else len(self.text)
            return first, first
        last = self.offsets[end - 1] + 1
        furthest = min(last + _MARKS_MAX, len(self.text))
        while last < furthest and unicodedata.combining(self.text[last]):
            last += 1
        return self.offsets[start], last


def fold_key(text: str) -> str:
    """Return the matching key of `text`: what differs only in spelling habits becomes equal.

    Marks, tatweel and invisible characters go; forms of alef, yeh, kaf and heh merge; digits
    become ASCII. Lossy by design: عمّان and عُمان share a key.
    """
    return text.translate(KEYS)


def fold(text: str) -> Folded:
    """Return the matching key of `text` with the way back to it."""
    key = fold_key(text)
    if len(key) == len(text) and not _RESIZED.search(text):
        return Folded(text, key, range(len(text)))
    return Folded(text, key, _offsets(text))


def _offsets(text: str) -> list[int]:
    """Return the index in `text` of the source of each character of its key."""
    offsets: list[int] = []
    position = 0
    for match in _RESIZED.finditer(text):
        offsets.extend(range(position, match.start()))
        offsets.extend([match.start()] * len(KEYS[ord(match[0])]))
        position = match.end()
    offsets.extend(range(position, len(text)))
    return offsets
