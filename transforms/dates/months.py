"""Read the names of months, alone or in pairs: "نوفمبر/تشرين الثاني", "أيار (مايو)"."""

from collections.abc import Sequence
from typing import NamedTuple

from transforms.dates.tokens import Token
from transforms.dates.words import HIJRI_MONTHS, MONTHS, WEAK_MONTHS

NAMES_LIKE_MONTHS = frozenset({7, 8, 9})
"""رجب, شعبان and رمضان are also names of men."""
WORDS_LIKE_MONTHS = frozenset({1, 2})
"""محرم is also "forbidden", صفر also "nil"."""


class MonthRead(NamedTuple):
    """A month; a name that is also another word is not sure."""

    number: int
    end: int
    is_sure: bool
    is_hijri: bool = False


def month(tokens: Sequence[Token], i: int) -> MonthRead | None:
    """Read a Gregorian month, with its name in another system beside it."""
    found = _name(tokens, i)
    if found is None:
        return None
    for at, closers in _partner_places(tokens, found.end):
        other = _name(tokens, at)
        if other is not None and other.number == found.number:
            end = other.end + closers
            if closers == 0 or tokens[other.end].word == ")":
                return MonthRead(found.number, end, is_sure=True)
    return found


def hijri_month(tokens: Sequence[Token], i: int) -> MonthRead | None:
    """Read a month of the Hijri calendar."""
    for words in (2, 1):
        name = " ".join(token.word for token in tokens[i : i + words])
        if name in HIJRI_MONTHS:
            number = HIJRI_MONTHS[name]
            is_sure = number not in NAMES_LIKE_MONTHS | WORDS_LIKE_MONTHS
            return MonthRead(number, i + words, is_sure, is_hijri=True)
    return None


def _name(tokens: Sequence[Token], i: int) -> MonthRead | None:
    word = tokens[i].word
    number = MONTHS.get(f"{word} {tokens[i + 1].word}")
    if number is not None:
        return MonthRead(number, i + 2, is_sure=True)
    number = MONTHS.get(word)
    return None if number is None else MonthRead(number, i + 1, word not in WEAK_MONTHS)


def _partner_places(tokens: Sequence[Token], i: int) -> list[tuple[int, int]]:
    """Return where a second name may begin, with how many brackets close behind it."""
    if tokens[i].word in ("/", "-", "–", "\\"):
        return [(i + 1, 0)]
    return [(i + 1, 1)] if tokens[i].word == "(" else [(i, 0)]
