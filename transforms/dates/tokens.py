"""Cut a matching key into the tokens that dates are read from, with clitics apart."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from transforms.clitics import CONJUNCTIONS, SEQUENCES
from transforms.dates import words
from transforms.number_words import NUMBER_WORDS

_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+|\n|[^\w\s]")
_DIGITS_MAX = 9


class Token(NamedTuple):
    """A word, a number, a mark, or a clitic that stands before a known word: key[start:end]."""

    word: str
    start: int
    end: int
    number: int  # -1 where it is none


END = Token("", 0, 0, -1)
"""Stands behind the last token."""

_PADDING = 4

_OTHER_WORDS = words.word_set(
    "اليوم امس الامس البارحه غد غدا الغد الليله ليله ليل من في الي حتي بين قبل بعد منذ مذ كل "
    "خلال لمده مده غضون طوال طيله مدي مدار الساعه الربع النصف الاسبوع القرن العقد غره فاتح "
    "هجري هجريه الهجري الهجريه ميلادي ميلاديه م ه لغايه غايه يومي ايام يوم الان نهايه عطله اخر "
    "الفتره فتره بتوقيت توقيت التوقيت نصف ثلث الثلث حلول بحلول هذا هذه شهر الموافق عامي شهري "
    "سنويا يوميا اسبوعيا شهريا واحد واحده الموسم الشهر نهار اول فصل تغ الميلادي الفاتح بقيه "
    "باقي ما السداسي السداسيه الثلاثي الثلاثيه الا "
    "اكثر اقل"
)
KNOWN: frozenset[str] = frozenset().union(
    words.MONTHS, words.HIJRI_MONTHS, words.WEEKDAYS, words.INDEFINITE_WEEKDAYS, words.ONE_UNIT,
    words.TWO_UNITS, words.MANY_UNITS, words.COUNTED_UNITS, words.THE_UNIT, words.THE_TWO,
    words.THE_MANY, words.DIRECTIONS, words.LATEST, words.MODIFIERS, words.DAY_PARTS,
    words.DAY_PARTS_AFTER, words.THE_DAY_PART, words.SEASONS, words.DECADES, words.YEAR_WORDS,
    words.YEAR_PLURALS, words.APPROXIMATELY, words.VAGUE_AMOUNTS, words.CORRESPONDING,
    NUMBER_WORDS, _OTHER_WORDS,
) | {part for name in (*words.MONTHS, *words.HIJRI_MONTHS) for part in name.split()}
"""The words that dates are made of; only before these are clitics cut off."""
_SHORTEST_BEHIND_CLITIC = 3
_SHORT = frozenset({"", "ال", "غد", "في", "من", "كل", "ست", "مذ", "اب"})


@lru_cache(maxsize=32_768)
def _cuts(word: str) -> tuple[tuple[int, int, str], ...] | None:
    """Return clitics and the word behind them (start, end, as looked up), or None to leave it."""
    if word in KNOWN or len(word) == 1:
        return None
    for length in (1, 2):
        head, rest = word[:length], word[length:]
        if len(rest) < _SHORTEST_BEHIND_CLITIC and rest not in _SHORT:
            continue
        if head not in SEQUENCES:
            break
        if rest == "اب" and head[0] not in CONJUNCTIONS:
            continue  # "لأب" is "to a father"
        known = rest if rest in KNOWN else "ال" + rest[1:] if rest[:1] == "ل" else ""
        if known in KNOWN or rest == "ال":
            clitics = ((at, at + 1, head[at]) for at in range(length))
            return (*clitics, (length, len(word), known or rest))
    return None


def tokens_of(key: str) -> list[Token]:
    """Return the tokens of `key` in order, with padding behind. Linear in the key."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(key):
        word = match[0]
        start, end = match.span()
        if word.isdecimal():
            number = int(word) if len(word) <= _DIGITS_MAX else -1
            tokens.append(Token(word, start, end, number))
            continue
        parts = _cuts(word)
        if parts is None:
            tokens.append(Token(word, start, end, -1))
            continue
        tokens += [Token(part, start + first, start + last, -1) for first, last, part in parts]
    return tokens + [END] * _PADDING


def are_joined(tokens: Sequence[Token], i: int) -> bool:
    """Say whether nothing stands between token `i` and the one before it."""
    return 0 < i < len(tokens) and tokens[i].start == tokens[i - 1].end > 0
