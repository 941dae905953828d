"""Read numbers: in digits, in words, as ordinals."""

from collections.abc import Sequence

from transforms.dates.tokens import Token, are_joined
from transforms.number_words import (
    BARE_FIRST,
    CARDINAL_WORDS_MAX,
    ELEVENTH,
    NUMBER_WORDS,
    ORDINALS,
    TEN,
    TENS,
    read_cardinal,
)

_YEARS = range(1000, 2200)

Read = tuple[int, int]
"""A number and the index of the token behind it."""


def digits(tokens: Sequence[Token], i: int) -> Read | None:
    """Read a whole number in digits, perhaps behind an article ("الـ24"); no part of a decimal."""
    at = i + 1 if tokens[i].word == "ال" else i
    if tokens[at].number < 0 or _touches_number(tokens, at):
        return None
    return tokens[at].number, at + 1


def _touches_number(tokens: Sequence[Token], i: int) -> bool:
    """Say whether the digits are a piece of a decimal, a thousand, a percentage or a code."""
    after = tokens[i + 1].word if are_joined(tokens, i + 1) else ""
    if after in (".", ",") and are_joined(tokens, i + 2) and tokens[i + 2].number >= 0:
        return True
    if after in ("%", "٪") or (after and after[0].isascii() and after[0].isalpha()):
        return True
    if not are_joined(tokens, i):
        return False
    before = tokens[i - 1].word
    if before in (".", ","):
        return i > 1 and are_joined(tokens, i - 1) and tokens[i - 2].number >= 0
    return before in ("%", "$", "€", "£", "#", "+", "_") or (
        before[0].isascii() and before[0].isalpha()
    )


def cardinal(tokens: Sequence[Token], i: int) -> Read | None:
    """Read a cardinal in words: "خمسة وعشرين", "ألف وتسعمائة وثمانية وسبعون"."""
    if tokens[i].word not in NUMBER_WORDS:
        return None
    found = read_cardinal([token.word for token in tokens[i : i + CARDINAL_WORDS_MAX]], 0)
    return (found[0], i + found[1]) if found else None


def ordinal(tokens: Sequence[Token], i: int) -> Read | None:
    """Read an ordinal with the article: "السابع", "الحادي عشر", "الخامس والعشرين"."""
    word = tokens[i].word
    if word in TENS and word.startswith("ال"):
        return TENS[word], i + 1
    ones = 1 if word in ELEVENTH else ORDINALS.get(word)
    if ones is None:
        return None
    if tokens[i + 1].word in TEN and word not in ("الاول", "الاولي"):
        return 10 + ones, i + 2
    if tokens[i + 1].word == "و" and tokens[i + 2].word in TENS:
        return TENS[tokens[i + 2].word] + ones, i + 3
    return None if word in ELEVENTH else (ones, i + 1)


def amount(tokens: Sequence[Token], i: int) -> Read | None:
    """Read how many: digits or a cardinal."""
    return digits(tokens, i) or cardinal(tokens, i)


def day_number(tokens: Sequence[Token], i: int) -> Read | None:
    """Read the number of a day in its month."""
    if tokens[i].word in BARE_FIRST or tokens[i].word in ("غره", "فاتح", "الفاتح"):
        return 1, i + 1
    found = digits(tokens, i) or ordinal(tokens, i) or cardinal(tokens, i)
    return found if found is not None and 1 <= found[0] <= 31 else None


def year_number(tokens: Sequence[Token], i: int, *, least: int = 1000) -> Read | None:
    """Read a year of four digits, or of three if `least` allows them."""
    if not least <= tokens[i].number < _YEARS.stop or tokens[i].word[0] == "0":
        return None
    return digits(tokens, i)


def year_words(tokens: Sequence[Token], i: int) -> Read | None:
    """Read a year in words: "ألفين وخمسة"."""
    found = cardinal(tokens, i)
    return found if found is not None and found[0] in _YEARS else None
