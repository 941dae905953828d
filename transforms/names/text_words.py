"""The words of a text, folded, with their way back to it."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from transforms.fold import Folded, fold
from transforms.names.name_words import WORD, WORD_LETTERS_MAX, respell

_BETWEEN = re.compile(r"[ \t]*[«»“”\"'(\[\-–]?[ \t]*|\.")  # between two words of one name
_OPENING = {"«": "»", "“": "”", '"': '"', "(": ")", "[": "]"}


class TextWord(NamedTuple):
    """A word of the key of a text: `key[start:end]`, spelled one way, its first letters."""

    word: str
    start: int
    end: int


class TextWords(NamedTuple):
    """A text's words in order."""

    folded: Folded
    words: Sequence[TextWord]
    starts: Sequence[int]  # where each word starts in the text

    def are_together(self, first: int) -> bool:
        """Say whether the words `first` and `first + 1` may belong to one name."""
        gap = self.folded.key[self.words[first].end : self.words[first + 1].start]
        if gap == ".":
            return self.words[first].end - self.words[first].start == 1
        return _BETWEEN.fullmatch(gap) is not None and gap != ""

    def range_of(self, start: int, end: int) -> tuple[int, int]:
        """Return [first, last) of the words that `text[start:end]` has a part of."""
        last = bisect_left(self.starts, end)
        return max(0, min(bisect_right(self.starts, start) - 1, last)), last

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the text behind `key[start:end]`, with a mark that it opens."""
        inside, key = self.folded.key[start:end], self.folded.key
        closing = {_OPENING[mark] for mark in _OPENING if inside.count(mark) == 1}
        if end < len(key) and key[end] in closing - set(inside) | closing & {'"'}:
            end += 1
        return self.folded.span(start, end)


def find_text_words(text: str) -> TextWords:
    """Return the words of `text`."""
    folded = fold(text)
    is_respelled = respell(folded.key) != folded.key
    words = [
        TextWord(_read(match[0], is_respelled=is_respelled), *match.span())
        for match in WORD.finditer(folded.key)
    ]
    return TextWords(folded, words, [folded.offsets[word.start] for word in words])


def _read(word: str, *, is_respelled: bool) -> str:
    first = word[:WORD_LETTERS_MAX]
    return respell(first) if is_respelled else first
