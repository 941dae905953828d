"""Split text into words with offsets, and long texts into windows that a model can read."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

# Letters and digits with the marks written over and under them; tatweel is a letter to `re`.
_LETTER = (
    r"\w\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670"
    r"\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08e1\u08e3-\u08ff"
)
# Joiners and controls of direction hold a word together inside it, and are nothing outside it.
_JOINER = r"\u00ad\u034f\u061c\u200c-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
_WORD = re.compile(
    rf"[{_LETTER}]+(?:[{_JOINER}]+[{_LETTER}]+)*|[^\s{_LETTER}{_JOINER}\u200b\x00-\x1f\x7f-\x9f]"
)

_ARABIC_LETTER = re.compile(
    r"[\u0620-\u064a\u066e\u066f\u0671-\u06d3\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9"
    r"\ufb50-\ufdff\ufe70-\ufefc]"
)


Word = tuple[int, int]
"""A word, or one mark of punctuation: `text[start:end]`, in code points."""


class Window(NamedTuple):
    """Words [first, last) shown to the model at once; the tags of [core_first, core_last) count.

    The cores of a text's windows follow one another without gap or overlap.
    """

    first: int
    last: int
    core_first: int
    core_last: int


def find_words(text: str) -> list[Word]:
    """Return the words of `text` in order; white space and stray controls belong to none."""
    return [match.span() for match in _WORD.finditer(text)]


def has_arabic_letters(text: str) -> bool:
    """Say whether `text` holds a letter of the Arabic script."""
    return _ARABIC_LETTER.search(text) is not None


def group_by_sentence(words: Sequence[Word], sentences: Sequence[tuple[int, int]]) -> list[int]:
    """Return the sentence of each word, by where the word starts."""
    cuts = [bisect_left(words, (start,)) for start, _ in sentences[1:]]
    bounds = zip([0, *cuts], [*cuts, len(words)], strict=True)
    return [number for number, (first, last) in enumerate(bounds) for _ in range(first, last)]


def plan_windows(pieces: Sequence[int], sentences: Sequence[int], *, room: int) -> list[Window]:
    """Cover all words with windows of at most `room` pieces, cut at sentence ends if possible.

    A sentence too long for one window is read in overlapping ones; a word in the overlap is
    judged where more of its context is seen.

    Args:
        pieces: Sub-words of each word, at most `room` each.
        sentences: Sentence number of each word, never falling.
        room: Sub-words that fit one window.
    """
    ends = [0, *accumulate(pieces)]
    windows: list[Window] = []
    first = 0
    for start, stop in _sentence_runs(sentences):
        if ends[stop] - ends[first] <= room:
            continue
        if first < start:
            windows.append(Window(first, start, first, start))
            first = start
        if ends[stop] - ends[start] > room:
            windows += _overlapping(ends, start, stop, room)
            first = stop
    if first < len(pieces):
        windows.append(Window(first, len(pieces), first, len(pieces)))
    return windows


def _sentence_runs(sentences: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield [start, stop) of each run of equal sentence numbers."""
    start = 0
    for index in range(1, len(sentences) + 1):
        if index == len(sentences) or sentences[index] != sentences[start]:
            yield start, index
            start = index


def _overlapping(ends: Sequence[int], start: int, stop: int, room: int) -> Iterator[Window]:
    """Yield windows over one long sentence; neighbours share about a quarter of the room.

    Args:
        ends: `ends[k]` is how many pieces the first k words have.
    """
    first, core_first = start, start
    while True:
        last = bisect_right(ends, ends[first] + room, first, stop + 1) - 1
        if last == stop:
            yield Window(first, last, core_first, last)
            return
        following = bisect_left(ends, ends[last] - room // 4, first, last)
        # The next window must reach at least one word further than this one.
        while ends[last + 1] - ends[following] > room:
            following += 1
        core_last = (following + last + 1) // 2
        yield Window(first, last, core_first, core_last)
        first, core_first = following, core_last
