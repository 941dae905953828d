"""Near-duplicate fingerprints: what is stored of a story so that copies of it can be found.

The measure is containment behind three gates (lead, numbers, time), after a study of real
reposts between Arabic outlets, where whole-text Jaccard similarity misses most true copies
because tails, datelines and cuts change the whole while the lead survives. All comparisons are
symmetric integer arithmetic on seedless hashes, so a verdict never depends on order or machine.
"""

import re
from typing import NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from schemas.records import WireSpan
from transforms.fold import fold_key

WINDOW_US = 72 * 3600 * 1_000_000  # copies of wire copy arrive within three days
SHINGLED_WORDS_MAX = 2_000  # bounds the fingerprint of a book-length text, in words
EXACT_WORDS_MIN = 8  # shorter texts ("عاجل") coincide without being copies
LEAD_WORDS = 20
KEYED_WORDS_AND_KEYS = ((14, 6), (100, 12))  # bottom-k keys of the opening and of the top

_HASHES = np.dtype("<u4")
_SECTIONS = 4  # shingles, lead, numbers, keys
_WORD = re.compile(r"\w+")

Hashes = NDArray[np.uint32]


class Fingerprint(NamedTuple):
    """Sorted unique 32-bit hashes: word 3-shingles, lead words, numbers, candidate keys."""

    shingles: Hashes
    lead: Hashes
    numbers: Hashes
    keys: Hashes


class Likeness(NamedTuple):
    """How alike two stories are; `contained` is the share of the smaller one's shingles."""

    contained: float
    size_ratio: float  # smaller over larger, in shingles
    lead: float
    is_first_larger: bool  # the first of the two has more shingles


def fingerprint(title: str, text: str, wire_spans: tuple[WireSpan, ...] = ()) -> Fingerprint:
    """Return the fingerprint of a story; what the wire added around it does not count."""
    body = _words(_without(text, wire_spans))
    head = _words(title)
    words = head + body
    shingles = _shingles(words)
    return Fingerprint(
        shingles=np.unique(shingles),
        lead=np.unique(_hashes(head + body[:LEAD_WORDS])),
        numbers=np.unique(_hashes([word for word in head + body if word.isdecimal()])),
        keys=np.unique(np.concatenate([
            np.unique(shingles[: max(first - 2, 1)])[:count]
            for first, count in KEYED_WORDS_AND_KEYS
        ])),
    )


def pack(prints: Fingerprint) -> bytes:
    """Return `prints` as bytes: four little-endian uint32 counts, then the hashes."""
    counts = np.array([len(section) for section in prints], _HASHES)
    return b"".join(section.astype(_HASHES).tobytes() for section in (counts, *prints))


def unpack(packed: bytes) -> Fingerprint:
    """Return what `pack` packed."""
    hashes = np.frombuffer(packed, _HASHES)
    bounds = _SECTIONS + np.cumsum(hashes[:_SECTIONS])
    return Fingerprint(*np.split(hashes[_SECTIONS:], bounds[:-1] - _SECTIONS))


def likeness(
    a: Fingerprint, b: Fingerprint, *, same_source: bool, same_url: bool = False
) -> Likeness | None:
    """Return how alike `a` and `b` are if they tell the same story, else None.

    The time window is the caller's to check: it needs no fingerprint.
    """
    lead, lead_min = _overlap(a.lead, b.lead), min(len(a.lead), len(b.lead))
    # A source repeats its own background paragraphs: its follow-ups need a closer lead,
    # unless they stand under the same link.
    if 20 * lead < (12 if same_source and not same_url else 7) * lead_min:
        return None
    numbers_min = min(len(a.numbers), len(b.numbers))
    if numbers_min >= 2 and 2 * _overlap(a.numbers, b.numbers) < numbers_min and not same_url:
        return None
    shared, smaller = _overlap(a.shingles, b.shingles), min(len(a.shingles), len(b.shingles))
    if smaller == 0 or 10 * shared < 3 * smaller:
        return None
    return Likeness(
        contained=shared / smaller,
        size_ratio=smaller / max(len(a.shingles), len(b.shingles)),
        lead=lead / lead_min if lead_min else 1.0,
        is_first_larger=len(a.shingles) > len(b.shingles),
    )


def _without(text: str, spans: tuple[WireSpan, ...]) -> str:
    kept, done = [], 0
    for span in sorted(spans, key=lambda span: span.start):
        kept.append(text[done : span.start])
        done = max(done, span.end)
    return " ".join([*kept, text[done:]])


def _words(text: str) -> list[str]:
    return _WORD.findall(fold_key(text))[:SHINGLED_WORDS_MAX]


def _hashes(words: list[str]) -> Hashes:
    digests = [xxhash.xxh3_64_intdigest(word.encode()) & 0xFFFFFFFF for word in words]
    return np.array(digests, np.uint32)


def _shingles(words: list[str]) -> Hashes:
    """Return a hash for each run of three words, in text order; for fewer words, for all."""
    hashes = _hashes(words).astype(np.uint64)
    if len(hashes) < 3:
        hashes = np.pad(hashes, (0, 3 - len(hashes))) if len(hashes) else hashes
    if not len(hashes):
        return np.array([], np.uint32)
    # Multiply-shift over the ordered triple (Dietzfelbinger et al., 1997); wraps modulo 2**64.
    mixed = (
        hashes[:-2] * np.uint64(0x9E3779B97F4A7C15)
        + hashes[1:-1] * np.uint64(0xC2B2AE3D27D4EB4F)
        + hashes[2:] * np.uint64(0x165667B19E3779F9)
    )
    mixed ^= mixed >> np.uint64(29)
    return ((mixed * np.uint64(0xBF58476D1CE4E5B9)) >> np.uint64(32)).astype(np.uint32)


def _overlap(a: Hashes, b: Hashes) -> int:
    if len(a) > len(b):
        a, b = b, a
    if not len(b):
        return 0
    found = np.searchsorted(b, a)
    found[found == len(b)] = 0
    return int((b[found] == a).sum())
