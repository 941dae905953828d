"""Near-duplicate fingerprints: what is stored of a story so that copies of it can be found.

The measure is containment behind three gates (lead, numbers, time), after a study of real
reposts between Arabic outlets, where whole-text Jaccard similarity misses most true copies
because tails, datelines and cuts change the whole while the lead survives. All comparisons are
symmetric integer arithmetic on seedless hashes, so a verdict never depends on order or machine.
"""

from itertools import accumulate
from typing import NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from schemas.records import WireSpan
from transforms.fold import fold_key
from transforms.folded_words import folded_words

WINDOW_US = 72 * 3600 * 1_000_000  # copies of wire copy arrive within three days
SHINGLED_WORDS_MAX = 2_000  # bounds the fingerprint of a book-length text, in words
EXACT_WORDS_MIN = 8  # shorter texts ("عاجل") coincide without being copies
LEAD_WORDS = 20
KEYED_WORDS_AND_KEYS = ((14, 6), (100, 12))  # bottom-k keys of the opening and of the top

# Set together on labelled items and real pairs (naba evaluate dedup): flat from 5/20 to 7/20 and
# from 1/5 to 3/10 once the days of the week must agree. Change none without the others.
LEAD_TWENTIETHS, LEAD_TWENTIETHS_OF_ONE_SOURCE = 6, 12
CONTAINED_QUARTERS = 1

_HASHES = np.dtype("<u4")
_SECTIONS = 4  # shingles, lead, numbers, keys

Hashes = NDArray[np.uint32]
NO_HASHES: Hashes = np.array([], np.uint32)


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
    head, body = folded_words(title, _without(text, wire_spans))
    del head[SHINGLED_WORDS_MAX:], body[SHINGLED_WORDS_MAX:]
    words = head + body
    hashes = _hashes(words)
    shingles = _shingles(hashes)
    return Fingerprint(
        shingles=_distinct(shingles),
        lead=_distinct(hashes[: len(head) + LEAD_WORDS]),
        numbers=_distinct(_hashes([word for word in words if word.isdecimal()])),
        keys=_distinct(np.concatenate([
            _distinct(shingles[: max(first - 2, 1)])[:count]
            for first, count in KEYED_WORDS_AND_KEYS
        ])),
    )


def pack(prints: Fingerprint) -> bytes:
    """Return `prints` as bytes: four little-endian uint32 counts, then the hashes."""
    counts = np.array([len(section) for section in prints], _HASHES)
    return np.concatenate((counts, *prints), dtype=_HASHES).tobytes()


NO_FINGERPRINT = bytes(_SECTIONS * _HASHES.itemsize)
"""Four empty sections, packed."""


def unpack(packed: bytes) -> Fingerprint:
    """Return what `pack` packed."""
    hashes = np.frombuffer(packed, _HASHES)
    _, lead, numbers, keys, end = accumulate(hashes[:_SECTIONS].tolist(), initial=_SECTIONS)
    return Fingerprint(
        hashes[_SECTIONS:lead], hashes[lead:numbers], hashes[numbers:keys], hashes[keys:end]
    )


def likeness(
    a: Fingerprint, b: Fingerprint, *, same_source: bool, same_url: bool = False
) -> Likeness | None:
    """Return how alike `a` and `b` are if they tell the same story, else None.

    The time window is the caller's to check: it needs no fingerprint.
    """
    lead, lead_min = _overlap(a.lead, b.lead), min(len(a.lead), len(b.lead))
    # A source repeats its own background paragraphs: its follow-ups need a closer lead,
    # unless they stand under the same link.
    close = LEAD_TWENTIETHS_OF_ONE_SOURCE if same_source and not same_url else LEAD_TWENTIETHS
    if 20 * lead < close * lead_min or not (same_url or _same_facts(a, b)):
        return None
    shared, smaller = _overlap(a.shingles, b.shingles), min(len(a.shingles), len(b.shingles))
    if smaller == 0 or 4 * shared < CONTAINED_QUARTERS * smaller:
        return None
    return Likeness(
        contained=shared / smaller,
        size_ratio=smaller / max(len(a.shingles), len(b.shingles)),
        lead=lead / lead_min if lead_min else 1.0,
        is_first_larger=len(a.shingles) > len(b.shingles),
    )


def _same_facts(a: Fingerprint, b: Fingerprint) -> bool:
    """Say whether numbers and days agree: bulletins of one form differ in little else."""
    numbers = min(len(a.numbers), len(b.numbers))
    if numbers >= 2 and 2 * _overlap(a.numbers, b.numbers) < numbers:
        return False
    days, others = (_DAYS.intersection(side.lead.tolist()) for side in (a, b))
    return days <= others or others <= days


def _without(text: str, spans: tuple[WireSpan, ...]) -> str:
    kept, done = [], 0
    for span in sorted(spans, key=lambda span: span.start):
        kept.append(text[done : span.start])
        done = max(done, span.end)
    return " ".join([*kept, text[done:]])


def _hashes(words: list[str]) -> Hashes:
    digests = map(xxhash.xxh3_64_intdigest, map(str.encode, words))
    return np.fromiter(digests, np.uint64, len(words)).astype(np.uint32)  # the lower half


_DAYS = frozenset(_hashes(
    fold_key("السبت الأحد الاثنين الثلاثاء الأربعاء الخميس الجمعة").split()
).tolist())


def _shingles(words: Hashes) -> Hashes:
    """Return a hash for each run of three words, in text order; for fewer words, for all."""
    hashes = words.astype(np.uint64)
    if not len(hashes):
        return np.array([], np.uint32)
    if len(hashes) < 3:
        hashes = np.pad(hashes, (0, 3 - len(hashes)))
    # Multiply-shift over the ordered triple (Dietzfelbinger et al., 1997); wraps modulo 2**64.
    mixed = (
        hashes[:-2] * np.uint64(0x9E3779B97F4A7C15)
        + hashes[1:-1] * np.uint64(0xC2B2AE3D27D4EB4F)
        + hashes[2:] * np.uint64(0x165667B19E3779F9)
    )
    mixed ^= mixed >> np.uint64(29)
    return ((mixed * np.uint64(0xBF58476D1CE4E5B9)) >> np.uint64(32)).astype(np.uint32)


def _distinct(hashes: Hashes) -> Hashes:
    """Return what `numpy.unique` does, at a third of its cost for short arrays."""
    hashes = np.sort(hashes)
    is_first = np.ones(len(hashes), np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=is_first[1:])
    return hashes[is_first]


def _overlap(a: Hashes, b: Hashes) -> int:
    """Return how many hashes two sections share: what stands twice in the two together."""
    both = np.concatenate((a, b))
    both.sort()
    return int(np.count_nonzero(both[1:] == both[:-1]))
