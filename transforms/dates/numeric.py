"""Read dates in digits: D/M/Y, D-M-Y, D.M.Y, ISO 8601, and D/M where something says it is one."""

from collections.abc import Sequence

from transforms.dates.clauses import tense_around
from transforms.dates.readings import Clock, Range, Reading, Written
from transforms.dates.tokens import Token, are_joined
from transforms.dates.words import word_set
from transforms.dates.years import HIJRI_YEARS, direction, era

Match = tuple[Reading, int]

_SIGNS = ("/", "-", ".")
_YEARS = range(1800, 2200)
_NUMBERED = word_set(
    "رقم الرقم قرار القرار قانون القانون مرسوم المرسوم مادة المادة هاتف الهاتف فاكس إصدار "
    "الإصدار نسخة النسخة رقمه رقمها قضية القضية ملف الملف صفحة البند بند بنتيجة نتيجة فاز تغلب"
)
"""What a number behind them numbers, so that it is no date."""
CLAUSE_ENDS = frozenset(
    {"", "\n", ".", "،", ",", "؛", ":", "!", "?", "؟", ")", "»", '"', "”", "]", "…"}
)
_OF_MONTHS = frozenset({"في", "شهر", "منذ", "خلال", "حتي"})
_OF_SEASONS = word_set(
    "موسم الموسم الدراسي الدراسية الجامعي الجامعية المدرسي المدرسية المالية المالي"
)


def is_numbered(tokens: Sequence[Token], i: int) -> bool:
    """Say whether a number is the number of something: a law, a telephone, a version."""
    return any(token.word in _NUMBERED for token in tokens[max(0, i - 2) : i])


def numeric(tokens: Sequence[Token], i: int, *, has_cue: bool = False) -> Match | None:
    """Read a date in digits.

    Args:
        has_cue: What stands around says that two numbers are a day and a month.
    """
    if tokens[i].number < 0 or not _begins(tokens, i) or is_numbered(tokens, i):
        return None
    sign = tokens[i + 1].word
    if sign not in _SIGNS or tokens[i + 2].number < 0 or not _is_set(tokens, i + 1, sign):
        return None
    if tokens[i + 3].word == sign and _is_set(tokens, i + 3, sign) and tokens[i + 4].number >= 0:
        return _of_three(tokens, i, sign)
    if sign == "." or not _ends(tokens, i + 3):
        return None
    return _of_two(tokens, i, has_cue=has_cue)


def _is_set(tokens: Sequence[Token], i: int, sign: str) -> bool:
    """Say whether the sign between two numbers is set as in a date: a point without spaces."""
    is_tight = are_joined(tokens, i) and are_joined(tokens, i + 1)
    return is_tight or sign == "/" or (sign == "-" and not are_joined(tokens, i))


def _begins(tokens: Sequence[Token], i: int) -> bool:
    """Say whether nothing before the digits makes them a piece of something longer."""
    if not are_joined(tokens, i):
        return True
    before = tokens[i - 1].word
    if before in ("-", "/", ".", ",", ":", "+", "_", "$", "="):
        return before in ("-", "/", ",") and not are_joined(tokens, i - 1) and i > 1
    return not (before.isascii() and before.isalpha())


def _ends(tokens: Sequence[Token], i: int) -> bool:
    """Say whether nothing behind the digits makes them a piece of something longer."""
    if not are_joined(tokens, i):
        return True
    if tokens[i].word in ("-", "/", ".", ",", ":", "%"):
        return not are_joined(tokens, i + 1) or tokens[i + 1].number < 0
    return not (tokens[i].word.isascii() and tokens[i].word.isalpha())


def _of_three(tokens: Sequence[Token], i: int, sign: str) -> Match | None:
    one, two, three = (tokens[at] for at in (i, i + 2, i + 4))
    sizes = len(one.word), len(two.word), len(three.word)
    end = i + 5
    if sizes[0] == 4 and max(sizes[1:]) <= 2:
        date = _day_month_year(three.number, two.number, one.number)
        if date is not None and tokens[end].word in ("T", "t"):
            return _with_clock(tokens, date, end + 1) or (date, end)
    elif sizes[2] == 4 and max(sizes[:2]) <= 2:
        date = _day_month_year(one.number, two.number, three.number)
    elif sizes[2] == 2 and max(sizes[:2]) <= 2 and sign != ".":
        century = 2000 if three.number < 70 else 1900
        date = _day_month_year(one.number, two.number, century + three.number)
    else:
        return None
    if date is None or not _ends(tokens, end):
        return None
    sign_of_era = era(tokens, end)
    end = sign_of_era[1] if sign_of_era else end
    return _with_clock(tokens, date, end) or (date, end)


def _day_month_year(day: int, month: int, year: int) -> Written | None:
    if 12 < month <= 31 and 1 <= day <= 12:  # the American order, where no other is possible
        day, month = month, day
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    if year in HIJRI_YEARS:
        return Written(day, month, year, is_hijri=True)
    return Written(day, month, year) if year in _YEARS else None


def _with_clock(tokens: Sequence[Token], date: Written, i: int) -> Match | None:
    """Read the time of an ISO 8601 moment, behind its T or its space."""
    hour, minute = tokens[i].number, tokens[i + 2].number
    is_clock = tokens[i + 1].word == ":" and are_joined(tokens, i + 1)
    if not is_clock or not (0 <= hour < 24 and 0 <= minute < 60):
        return None
    i += 3
    if tokens[i].word == ":" and tokens[i + 1].number >= 0:
        i += 2
    if tokens[i].word in ("Z", "z"):
        return Clock(hour, minute, "Z", date), i + 1
    if tokens[i].word in ("+", "-") and tokens[i + 1].number >= 0 and tokens[i + 2].word == ":":
        offset = f"{tokens[i].word}{tokens[i + 1].word}:{tokens[i + 3].word}"
        return Clock(hour, minute, offset, date), i + 4
    return Clock(hour, minute, "", date), i


def _looks_dated(tokens: Sequence[Token], i: int, sizes: tuple[int, int]) -> bool:
    """Say whether two numbers at the end of a clause are more likely a date than a score.

    A score is told of the past, so that two numbers in a clause of the future are none.
    """
    if tokens[i + 3].word not in CLAUSE_ENDS:
        return False
    has_zero = sizes == (2, 2) and tokens[i + 2].word < "13" and tokens[i + 2].word[0] == "0"
    is_in = tokens[i - 1].word == "في" if i else False
    is_large = max(tokens[i].number, tokens[i + 2].number) > 12
    if (has_zero and tokens[i + 1].word == "/") or (is_in and is_large):
        return True
    return is_large and tense_around(tokens, i, i + 3) > 0


def _of_two(tokens: Sequence[Token], i: int, *, has_cue: bool) -> Match | None:
    one, two = tokens[i], tokens[i + 2]
    before = tokens[i - 1].word if i else ""
    sizes = len(one.word), len(two.word)
    if sizes == (4, 4):
        is_season = before in _OF_SEASONS and two.number == one.number + 1
        return (Range(Written(year=one.number), Written(year=two.number)), i + 3) if (
            is_season and one.number in _YEARS) else None
    if 4 in sizes:
        year, month = (one, two) if sizes[0] == 4 else (two, one)
        fits = year.number in _YEARS and 1 <= month.number <= 12 and before in _OF_MONTHS
        return (Written(month=month.number, year=year.number), i + 3) if fits else None
    if max(sizes) > 2:
        return None
    shift = direction(tokens, i + 3)
    date = _day_month_year(one.number, two.number, 2000)
    is_day = has_cue or shift or before in ("يوم", "بتاريخ") or _looks_dated(tokens, i, sizes)
    if date is None or not is_day:
        return None
    date = date._replace(year=None, direction=shift[0] if shift else None)
    return date, shift[1] if shift else i + 3
