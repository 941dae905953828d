"""Read dates with the names of their months, Gregorian and Hijri, whole or in part."""

from collections.abc import Sequence

from transforms.dates.anchors import OF_ANOTHER_DATE
from transforms.dates.clauses import tense_around
from transforms.dates.months import MonthRead, hijri_month, month
from transforms.dates.numbers import day_number, digits, ordinal
from transforms.dates.numeric import CLAUSE_ENDS, Match, numeric
from transforms.dates.readings import Fixed, OfText, Vague, Written
from transforms.dates.tokens import Token
from transforms.dates.words import CORRESPONDING, INDEFINITE_WEEKDAYS, MONTHS, THIS, WEEKDAYS
from transforms.dates.years import (
    HIJRI_YEARS,
    NEXT,
    SAME,
    YearRead,
    direction,
    plain_year,
    year_phrase,
)

_PARTS_OF_MONTHS = frozenset({"تشرين", "كانون", "الشهر", "شهر"})
_COMMAS = ("،", ",")
_BEFORE_WEAK = frozenset({"في", "منذ", "خلال", "حتي", "الي", "قبل", "بعد"})
_BEFORE_AB = frozenset({"في", "منذ", "خلال", "حتي"})
"""Before "أب" (father) stand other prepositions too."""


def is_end(tokens: Sequence[Token], i: int) -> bool:
    """Say whether a clause may end here."""
    return tokens[i].word in CLAUSE_ENDS


def written(tokens: Sequence[Token], i: int, *, is_sure: bool = False) -> Match | None:
    """Read a date with a day or a month in it; a weekday may stand before.

    Args:
        is_sure: What stands before says that a month follows, whatever else it may be called.
    """
    weekday = leading_weekday(tokens, i)
    if weekday is not None:
        return _behind_weekday(tokens, *weekday)
    if tokens[i].word == "يوم":
        found = _dated(tokens, i + 1, has_cue=True)
        return found if found is not None else _bare_day(tokens, i + 1)
    found = _dated(tokens, i) or _month_alone(tokens, i, is_sure=is_sure)
    return found or _day_to_come(tokens, i)


def leading_weekday(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """Read a weekday, perhaps behind "يوم"; without the article only there."""
    if tokens[i].word == "يوم":
        word = tokens[i + 1].word
        day = WEEKDAYS.get(word, INDEFINITE_WEEKDAYS.get(word))
        return None if day is None else (day, i + 2)
    day = WEEKDAYS.get(tokens[i].word)
    return None if day is None else (day, i + 1)


def _behind_weekday(tokens: Sequence[Token], weekday: int, i: int) -> Match | None:
    """Read the date that a weekday belongs to."""
    is_bracketed = tokens[i].word == "("
    shift = direction(tokens, i)
    at = i = shift[1] if shift else i
    has_preposition = tokens[i].word == "في"
    if is_bracketed or has_preposition or tokens[at].word in (*_COMMAS, "-", "–"):
        at += 1
    at = corresponding(tokens, at) or at
    if tokens[at].word == "يوم":
        at += 1
    found = _dated(tokens, at, has_cue=True)
    if found is None:
        return _bare_day(tokens, at, weekday=weekday, in_words=has_preposition)
    reading, end = found
    if is_bracketed:
        if tokens[end].word != ")":
            return None
        end += 1
    if isinstance(reading, Written):
        reading = reading._replace(weekday=weekday)
    return reading, end


def corresponding(tokens: Sequence[Token], i: int) -> int | None:
    """Read "الموافق" and its kin; return what stands behind."""
    at = i + 1 if tokens[i].word in (*_COMMAS, "-", "–", "(") else i
    if tokens[at].word not in CORRESPONDING:
        return None
    at += 1
    return at + 1 if tokens[at].word in (":", "ل") else at


def _dated(tokens: Sequence[Token], i: int, *, has_cue: bool = False) -> Match | None:
    """Read a date that has a day, with what corresponds to it in the other calendar."""
    found = numeric(tokens, i, has_cue=has_cue) or _day_and_month(tokens, i)
    found = found or _month_and_day(tokens, i)
    if found is None:
        return None
    return _with_counterpart(tokens, found)


def _with_counterpart(tokens: Sequence[Token], found: Match) -> Match:
    """Read the same day in the other calendar, behind "الموافق" or a mark."""
    at = corresponding(tokens, found[1])
    if at is None and tokens[found[1]].word in ("-", "–", "/", "(", "،", ","):
        at = found[1] + 1
        is_marked = True
    elif at is None:
        return found
    else:
        is_marked = False
    weekday = leading_weekday(tokens, at)
    at = weekday[1] if weekday else at
    other = numeric(tokens, at, has_cue=True) or _day_and_month(tokens, at)
    if other is None or (is_marked and not _are_counterparts(found[0], other[0])):
        return found
    end = other[1]
    is_bracketed = tokens[found[1]].word == "(" and tokens[end].word == ")"
    return _gregorian_of(found[0], other[0]), end + is_bracketed


def _are_counterparts(one: object, other: object) -> bool:
    """Say whether two dates are of different calendars, so that they may name one day."""
    return isinstance(one, Written) and isinstance(other, Written) and (
        one.is_hijri != other.is_hijri)


def _gregorian_of(one: object, other: object) -> Written | Vague:
    """Return the Gregorian one of two dates that name one day, else the one with a year."""
    dates = [date for date in (one, other) if isinstance(date, Written)]
    gregorian = [date for date in dates if not date.is_hijri]
    if gregorian and gregorian[0].year is None and len(dates) > len(gregorian):
        hijri = next(date for date in dates if date.is_hijri)
        return hijri if hijri.year is not None else gregorian[0]
    return gregorian[0] if gregorian else dates[0] if dates else Vague("day", OF_ANOTHER_DATE)


def _day_and_month(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "7 أكتوبر", "السابع من أكتوبر 2023", "11 من الشهر الجاري", "9 الجاري"."""
    day = _first_of(tokens, i) or day_number(tokens, i)
    if day is None:
        return None
    number, at = day
    if tokens[at].word in ("من", ".", "-", "/", "ل"):
        at += 1
    if tokens[at].word == "شهر":
        at += 1
    if tokens[at].word == "كل" and tokens[at + 1].word == "شهر" and at > day[1]:
        return Fixed("set", "P1M"), at + 2
    named = month(tokens, at) or hijri_month(tokens, at)
    if named is not None:
        return _with_year(tokens, named, number)
    this = tokens[at].word in THIS and tokens[at + 1].word == "الشهر"
    if this:
        return Written(number, month_shift=0), at + 2
    if tokens[at].word == "الشهر":
        if tokens[at + 1].word in SAME | NEXT:
            return OfText("month", int(tokens[at + 1].word in NEXT), day=number), at + 2
        shift = direction(tokens, at + 1)
        return (Written(number, month_shift=shift[0]), shift[1]) if shift else None
    shift = direction(tokens, at) if tokens[i].number >= 0 and at == day[1] else None
    if shift is None or abs(shift[0]) > 1:
        return None
    return Written(number, month_shift=shift[0]), shift[1]


def _first_of(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """Read "أول أيام", "اليوم الأول من" before a month."""
    if tokens[i].word == "اول" and tokens[i + 1].word in ("ايام", "يوم"):
        return 1, i + 2
    day = ordinal(tokens, i + 1) if tokens[i].word == "اليوم" else None
    return day if day and day[0] <= 31 and tokens[day[1]].word == "من" else None


def _month_and_day(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "يناير الثاني والعشرين، 2018": only where a year or the end of the clause follows."""
    named = month(tokens, i)
    if named is None:
        return None
    at = named.end + (tokens[named.end].word == "-")
    day = day_number(tokens, at)
    if day is None or tokens[at].word == "اول":
        return None
    found = _with_year(tokens, named._replace(end=day[1]), day[0])
    has_year = found is not None and isinstance(found[0], Written) and found[0].year is not None
    return found if has_year or is_end(tokens, day[1]) else None


def _month_alone(tokens: Sequence[Token], i: int, *, is_sure: bool) -> Match | None:
    """Read "أيلول/سبتمبر الماضي", "شهر رمضان", "نوفمبر 2024"."""
    at = i + (tokens[i].word in ("شهر", "هذا"))
    named = month(tokens, at) or hijri_month(tokens, at)
    if named is None:
        return None
    found = _with_year(tokens, named, None)
    if found is None or not isinstance(found[0], Written):
        return found
    date = found[0]
    if tokens[i].word == "هذا":
        date = date._replace(direction=0)
    is_dated = (date.year, date.year_shift, date.direction) != (None, None, None)
    if is_dated or at > i or is_sure or _is_month(tokens, i, named):
        return date, found[1]
    return None


def _is_month(tokens: Sequence[Token], i: int, named: MonthRead) -> bool:
    """Say whether a name without a day or a year is a month by itself or by what precedes."""
    if named.is_sure:
        return True
    before = tokens[i - 1].word if i else ""
    if named.is_hijri:
        return False
    return before in (_BEFORE_AB if tokens[i].word == "اب" else _BEFORE_WEAK)


def _with_year(tokens: Sequence[Token], named: MonthRead, day: int | None) -> Match | None:
    """Read the year behind a month, if there is one."""
    date = Written(day, named.number, is_hijri=named.is_hijri)
    end = named.end
    at = end
    if named.is_hijri and tokens[at].word in ("المبارك", "الفضيل", "المعظم", "الحرام", "الكريم"):
        at = end = at + 1
    shift = direction(tokens, at)
    if shift is not None and abs(shift[0]) < 2:
        year = _year_behind(tokens, shift[1])
        if year is not None and year.year is not None:
            return date._replace(year=year.year), year.end
        return date._replace(direction=shift[0]), shift[1]
    if [token.word for token in tokens[at : at + 2]] == ["من", "كل"]:
        is_yearly = tokens[at + 2].word in ("عام", "سنه")
        return (Fixed("set", "P1Y"), at + 3) if is_yearly else (date, end)
    year = _year_behind(tokens, at)
    if year is None:
        is_doubtful = named.is_hijri and named.number in (1, 2) and day is not None
        if is_doubtful and named.number == 2:
            return None  # "3 صفر" is a score
        return date, end
    if year.year is None and year.shift is None:
        if named.is_hijri:
            return Vague("month" if day is None else "day", OF_ANOTHER_DATE), year.end
        return OfText("year", year.text_shift, named.number, day), year.end
    if named.is_hijri and year.year is not None and year.year not in HIJRI_YEARS:
        return date, end
    behind = direction(tokens, year.end)
    return date._replace(year=year.year, year_shift=year.shift), behind[1] if behind else year.end


def _year_behind(tokens: Sequence[Token], i: int) -> YearRead | None:
    """Read a year behind a month: "2024", "، 2024", "من العام الماضي", "عام 1969"."""
    if tokens[i].word in ("من", "في", "ل", "ب"):
        found = year_phrase(tokens, i + 1)
        if found is None and tokens[i].word == "من":
            found = plain_year(tokens, i + 1)
        return found
    if tokens[i].word in (*_COMMAS, ".", "/", "-"):
        found = plain_year(tokens, i + 1)
        if found is not None or tokens[i].word not in _COMMAS:
            return found
        return year_phrase(tokens, i + 1)
    return year_phrase(tokens, i) or plain_year(tokens, i)


_LOOK_BACK = 24


def _day_to_come(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "سيعود في 15": a day's number that ends a clause of the future.

    Not where a month is named before, which may be its own, nor in "الفوز في 5".
    """
    before = [token.word for token in tokens[max(0, i - _LOOK_BACK) : i]]
    day = digits(tokens, i) if before[-1:] == ["في"] else None
    if day is None or not 1 <= day[0] <= 31 or not is_end(tokens, day[1]):
        return None
    if any(word in MONTHS or word in _PARTS_OF_MONTHS for word in before):
        return None
    is_to_come = tense_around(tokens, i, day[1]) > 0
    return (Written(day[0]), day[1]) if is_to_come else None


def _bare_day(
    tokens: Sequence[Token], i: int, *, weekday: int | None = None, in_words: bool = False
) -> Match | None:
    """Read a day's number alone, behind "يوم" or a weekday, where the clause ends after it."""
    day = day_number(tokens, i) if in_words or tokens[i].number >= 0 else None
    if day is None or not (is_end(tokens, day[1]) or tokens[day[1]].word in ("الي", "حتي")):
        return None
    return Written(day[0], weekday=weekday), day[1]
