"""The words of a story as event rules see them: folded, by sentence, with the names over them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from schemas.records import DateMention, Mention, ResolvedStory
from transforms.fold import fold
from transforms.sentences import sentence_spans

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d]+|[^\w\s]")
_WORD_LETTERS = 64  # of a word's key: no word that is looked up is longer
_SENTENCE_WORDS = 400
"""A sentence longer than this is read in stretches, so that a hostile one costs no more."""

_CLAUSE_END = frozenset("،؛,;:.!؟?()[]«»\"“”…")


class Word(NamedTuple):
    """A word or one mark of punctuation: its key, and where it stands in the field."""

    key: str
    start: int
    end: int


class Words(NamedTuple):
    """One sentence of one field."""

    field: str
    sentence: int
    text: str  # of the field
    words: Sequence[Word]
    keys: Sequence[str]  # of the words
    names: Sequence[Mention]  # of this stretch, in order
    name_at: Sequence[int]  # for each word the index of the name over it, or -1
    dates: Sequence[DateMention]

    def key(self, index: int) -> str:
        """Return the key of a word; outside the sentence there are none."""
        return self.keys[index] if 0 <= index < len(self.keys) else ""

    def name(self, index: int) -> Mention | None:
        """Return the name over a word."""
        if not 0 <= index < len(self.words) or self.name_at[index] < 0:
            return None
        return self.names[self.name_at[index]]

    def is_dated(self, index: int) -> bool:
        """Say whether a word is part of a date: in "فجر الاثنين" nobody blew up two."""
        start = self.words[index].start
        return any(date.start <= start < date.end for date in self.dates)

    def undated(self, start: int, count: int, step: int = 1) -> Iterator[int]:
        """Yield the next `count` words from one on that are part of no date."""
        index = start
        while count > 0 and 0 <= index < len(self.words):
            if not self.dates or not self.is_dated(index):
                count -= 1
                yield index
            index += step

    def is_around_date(self, index: int) -> bool:
        """Say whether a word is a comma beside a date, which ends no clause."""
        beside = (at for at in (index - 1, index + 1) if 0 <= at < len(self.words))
        return self.key(index) == "،" and bool(self.dates) and any(map(self.is_dated, beside))

    def is_clause_end(self, index: int) -> bool:
        """Say whether a clause may end here: punctuation, or an end of the sentence."""
        return self.key(index) in _CLAUSE_END or not 0 <= index < len(self.words)

    def ends_in_teh_marbuta(self, index: int) -> bool:
        """Say whether a word as printed ends in ة, which folds to the pronoun ه."""
        return "ة" in self.text[self.words[index].end - 2 : self.words[index].end]

    def surface(self, first: int, last: int) -> str:
        """Return the text of words [first, last)."""
        return self.text[self.words[first].start : self.words[last - 1].end]


def read_words(resolved: ResolvedStory, field: str) -> Iterator[Words]:
    """Yield the sentences of a field, each with its names and dates."""
    story = resolved.story
    text = story.title if field == "title" else story.text
    spans = sentence_spans(text)
    starts = [start for start, _ in spans]
    hidden = [
        (span.start, span.end) for span in story.wire_spans
        if field == "text" and span.kind in ("promotion", "closing_mark", "signature", "dateline")
    ]
    grouped: list[list[Word]] = [[] for _ in spans]
    folded = fold(text)
    for match in _WORD.finditer(folded.key):
        start, end = folded.span(*match.span())
        if spans and not (hidden and any(first <= start < last for first, last in hidden)):
            key = match[0][:_WORD_LETTERS]
            grouped[max(0, bisect_right(starts, start) - 1)].append(Word(key, start, end))
    names = _outermost(name for name in resolved.mentions if name.field == field)
    dates = sorted((date for date in resolved.dates if date.field == field), key=_start)
    for number, words in enumerate(grouped):
        for first in range(0, len(words), _SENTENCE_WORDS):
            yield _stretch(field, number, text, words[first : first + _SENTENCE_WORDS],
                           names, dates)


def _outermost(names: Iterable[Mention]) -> list[Mention]:
    """Return names in order, without a place that stands inside the name of an organisation.

    The organisation takes part in an event; the place need not be where it happens.
    """
    kept: list[Mention] = []
    for name in sorted(names, key=lambda name: (name.start, -name.end)):
        if not kept or name.end > kept[-1].end:
            kept.append(name)
    return kept


def _stretch(
    field: str, number: int, text: str, words: Sequence[Word],
    names: Sequence[Mention], dates: Sequence[DateMention],
) -> Words:
    start, end = words[0].start, words[-1].end
    inside = names[bisect_left(names, start, key=_start) : bisect_left(names, end, key=_start)]
    name_at = [-1] * len(words)
    starts = [word.start for word in words]
    for index, name in enumerate(inside):
        first = max(0, bisect_right(starts, name.start) - 1)
        while first < len(words) and words[first].start < name.end:
            if name_at[first] < 0:
                name_at[first] = index
            first += 1
    return Words(
        field, number, text, words, [word.key for word in words], inside, name_at,
        dates[bisect_left(dates, start, key=_start) : bisect_left(dates, end, key=_start)],
    )


def _start(found: Mention | DateMention) -> int:
    return found.start
