"""Read ranges: "من 3 إلى 5 مايو", "بين عامي 2011 و2020", "يومي السبت والأحد"."""

from collections.abc import Sequence
from itertools import pairwise

from transforms.dates.days import day, day_part
from transforms.dates.months import hijri_month, month
from transforms.dates.numbers import cardinal, day_number, year_number
from transforms.dates.numeric import Match
from transforms.dates.readings import (
    TODAY,
    DayPart,
    Fixed,
    OfText,
    Range,
    Reading,
    Vague,
    Weekday,
    Written,
)
from transforms.dates.stretches import is_uncounted, modified, stretch
from transforms.dates.tokens import Token
from transforms.dates.words import WEEKDAYS, YEAR_PLURALS, YEAR_WORDS, word_set
from transforms.dates.written import written
from transforms.dates.years import counts_something, direction, plain_year

_TO = frozenset({"الي", "حتي", "لغايه"})
_DASHES = frozenset({"-", "–", "—"})
_PERIOD = frozenset({"الفتره", "فتره", "المده"})
_DAYS = frozenset({"يومي", "ايام", "يومين", "ليلتي"})
_BEFORE_YEARS = YEAR_PLURALS | YEAR_WORDS | _PERIOD | {"بين", "ل", "في", "خلال"}
_MONTHS = frozenset({"شهري", "اشهر", "شهور"})
_TERMS = word_set("الفترة الولاية العهدة الدورة المرحلة المدة الخطة")
"""Behind these and an adjective stand the years that they last."""
_SPREAD = word_set(
    "يتراوح تتراوح تراوح تراوحت يتراوحون سعر أسعار السعر الأسعار بسعر مسافة بمسافة أونصة مستوى "
    "مستويات نقطة"
)
_MEASURED = _SPREAD | word_set(
    "ارتفع ارتفعت انخفض انخفضت تراجع تراجعت صعد هبط قفز زاد زادت نزل عدد عددهم العدد المؤشر مؤشر"
)
"""Words of amounts: "ارتفع المؤشر من 1950 إلى 2010"; with "بين" its years may follow."""


def date_range(tokens: Sequence[Token], i: int) -> Match | None:
    """Read a range from its first word."""
    at = i
    has_cue = tokens[at].word in _PERIOD
    if has_cue:
        at += 1
        while tokens[at].word in ("الزمنيه", "الممتده", "ما", "الواقعه"):
            at += 1
        if tokens[at].word in ("ل", "و"):
            return None
    word = tokens[at].word
    if word in ("من", "منذ"):
        return _between(tokens, at + 1, _TO, has_cue=has_cue)
    if word == "بين":
        return _between(tokens, at + 1, frozenset({"و", "الي"}), has_cue=has_cue)
    if word in YEAR_WORDS:
        return _dashed_years(tokens, at + 1)
    if word in _DAYS or word in _MONTHS or word in YEAR_PLURALS:
        return _listed(tokens, at)
    found = _between(tokens, at, _TO, has_cue=False) if at > i else None
    return found or _dashed(tokens, at)


def _between(
    tokens: Sequence[Token], i: int, links: frozenset[str], *, has_cue: bool
) -> Match | None:
    """Read two ends with a link between them."""
    is_plural = tokens[i].word in YEAR_PLURALS | _DAYS | _MONTHS
    first = _end_of_range(tokens, i + is_plural)
    if first is None:
        return None
    at = _behind_link(tokens, first[1], links)
    if at is None:
        return None
    last = _end_of_range(tokens, at)
    if last is None:
        return None
    is_sure = has_cue or is_plural or tokens[i].number < 0
    if not is_sure and tokens[at - 1].word != "حتي" and _is_measured(tokens, i):
        return None
    is_between = "و" in links
    return _joined(tokens, first[0], last, is_sure=is_sure, is_between=is_between)


def _is_measured(tokens: Sequence[Token], i: int) -> bool:
    """Say whether the clause before two bare years may give the size of something."""
    words = _MEASURED if tokens[i - 1].word in ("من", "منذ") else _SPREAD
    is_large = tokens[i].number > 31
    return is_large and any(token.word in words for token in tokens[max(0, i - 6) : i])


def _behind_link(tokens: Sequence[Token], i: int, links: frozenset[str]) -> int | None:
    """Return what stands behind the word or the dash that links two ends."""
    at = i + (tokens[i].word in ("،", ","))
    if tokens[at].word == "و" and tokens[at + 1].word in _TO and links == _TO:
        at += 1
    if tokens[at].word in links or tokens[at].word in _DASHES:
        at += 1
    elif tokens[at].word == "ل" and tokens[at + 1].word == "غايه" and "الي" in links:
        at += 2
    else:
        return None
    return at + (tokens[at].word == "غايه")


def _end_of_range(tokens: Sequence[Token], i: int) -> Match | None:
    """Read one end: any date, or a number whose month or kind the other end may tell."""
    if tokens[i].word == "الان":
        return TODAY, i + 1
    found = modified(tokens, i) or day_part(tokens, i) or _month(tokens, i) or stretch(tokens, i)
    if found is not None:
        return None if isinstance(found[0], (Vague, Fixed, OfText)) else found
    number = year_number(tokens, i)
    if number is None:
        words = cardinal(tokens, i)
        number = words if words and 1900 < words[0] < 2100 else None
    if number is not None:
        year = plain_year(tokens, i)
        if year is not None:
            return Written(year=year.year, is_hijri=year.is_hijri), year.end
    number = day_number(tokens, i)
    return (Written(day=number[0]), number[1]) if number else None


def _month(tokens: Sequence[Token], i: int) -> Match | None:
    at = i + (tokens[i].word == "شهر")
    if month(tokens, at) or hijri_month(tokens, at):
        return written(tokens, i, is_sure=True)
    return None


def _joined(
    tokens: Sequence[Token],
    first: Reading,
    last: Match,
    *,
    is_sure: bool,
    is_between: bool = False,
) -> Match | None:
    """Return the range between two ends, where together they are dates."""
    reading, end = last
    if not isinstance(first, Written) or not isinstance(reading, Written):
        if isinstance(first, Written) and first == Written(day=first.day):
            return None
        if isinstance(reading, Written) and reading == Written(day=reading.day):
            return None
        return Range(first, reading), end
    if reading.month is None and reading.month_shift is None and reading.day is not None:
        reading, end = _with_this_month(tokens, reading, end)
    if _is_year(first) and _is_year(reading):
        if not is_sure and not _ends_years(
            tokens, end, first, reading, is_between=is_between
        ):
            return None
        return Range(first, reading), end
    first, reading = _completed(first, reading)
    if not _is_dated(first) or not _is_dated(reading):
        return None
    return Range(first, reading), end


def _is_year(date: Written) -> bool:
    return date.year is not None and date.month is None and date.day is None


def _ends_years(
    tokens: Sequence[Token], i: int, first: Written, last: Written, *, is_between: bool
) -> bool:
    """Say whether two bare numbers are years: near ours, and nothing behind that they count."""
    years = (first.year or 0, last.year or 0)
    is_recent = all(1900 <= year <= 2100 for year in years) and years[0] < years[1]
    if years[1] == years[0] + 1 or (is_between and not all(year % 50 == 0 for year in years)):
        return is_recent and not counts_something(tokens, i)
    return is_recent and is_uncounted(tokens, i)


def _with_this_month(tokens: Sequence[Token], date: Written, end: int) -> tuple[Written, int]:
    """Read "من الشهر الجاري" or "هذا الشهر" behind the day of the second end."""
    at = end + (tokens[end].word in ("من", "في"))
    if tokens[at].word == "هذا" and tokens[at + 1].word == "الشهر":
        return date._replace(month_shift=0), at + 2
    shift = direction(tokens, at + 1) if tokens[at].word == "الشهر" else None
    if shift is not None:
        return date._replace(month_shift=shift[0]), shift[1]
    return date, end


def _completed(first: Written, last: Written) -> tuple[Written, Written]:
    """Give each end what only the other one says."""
    if first.day is not None and first.month is None and first.month_shift is None:
        first = last._replace(day=first.day, weekday=first.weekday)
        if last.day is None:
            return first._replace(month=None), last
        return first, last
    if last.day is not None and last.month is None and last.month_shift is None:
        return first, first._replace(day=last.day, weekday=last.weekday)
    if None in (first.month, last.month) or first.month_shift is not None:
        return first, last
    first = sharing_year(first, last)
    if first.year is not None and last.year is None and last.year_shift is None:
        wraps = (first.month or 0) > (last.month or 0)
        last = last._replace(year=first.year + wraps)
    return first, last


def sharing_year(first: Written, last: Written) -> Written:
    """Return the first of two dates with the year that only the second one says."""
    has_year = (last.year, last.year_shift, last.direction) != (None, None, None)
    is_open = (first.year, first.year_shift, first.direction) == (None, None, None)
    if not has_year or not is_open or None in (first.month, last.month):
        return first
    wraps = (first.month or 0) > (last.month or 0)
    year = last.year - wraps if last.year is not None else None
    shift = last.year_shift - wraps if last.year_shift is not None else None
    return first._replace(year=year, year_shift=shift, direction=last.direction)


def _is_dated(date: Written) -> bool:
    """Say whether an end has a month, or is a year."""
    return date.month is not None or date.month_shift is not None or _is_year(date)


def _listed(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "يومي 10 و11 نوفمبر", "أيام 3 و4 و5 مايو", "شهري أكتوبر ونوفمبر", "عامي 2011 و2012"."""
    ends: list[Match] = []
    at = i + 1
    for _ in range(8):
        found = _end_of_range(tokens, at)
        if found is None:
            break
        ends.append(found)
        if tokens[found[1]].word not in ("و", "،", "-", "–", "/"):
            break
        at = found[1] + 1
        at += tokens[at].word == "و"
    if len(ends) < 2:
        return None
    readings = [end[0] for end in ends]
    if all(isinstance(one, Written) and _is_year(one) for one in readings):
        is_run = tokens[ends[0][1]].word in _DASHES or _is_run(readings)
        if not is_run:
            # Two years apart are no stretch: each is read by itself.
            return readings[0], ends[0][1]
    whole = _joined(tokens, readings[0], ends[-1], is_sure=True)
    return _first_if_apart(whole, ends[0][1]) if len(ends) == 2 else whole


def _first_if_apart(whole: Match | None, end: int) -> Match | None:
    """Return the first of two days that are no neighbours; the other is read by itself."""
    if whole is not None and isinstance(whole[0], Range):
        first, last = whole[0]
        if _are_apart(first, last):
            return first, end
    return whole


def _are_apart(first: Reading, last: Reading) -> bool:
    """Say whether two days of one month are no neighbours, so that each is read by itself."""
    if not isinstance(first, Written) or not isinstance(last, Written):
        return False
    days = (first.day, last.day)
    is_one_month = first._replace(day=None) == last._replace(day=None)
    return is_one_month and None not in days and (last.day or 0) - (first.day or 0) > 1


def _is_run(readings: Sequence[Reading]) -> bool:
    years = [one.year or 0 for one in readings if isinstance(one, Written)]
    return all(after == before + 1 for before, after in pairwise(years))


def _dashed(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "19-20 نوفمبر", "2 أكتوبر إلى 22 أكتوبر", "(2011-2020)"."""
    if tokens[i].number < 0 and tokens[i].word not in WEEKDAYS:
        return _dashed_months(tokens, i)
    if tokens[i].number > 31:
        return _dashed_years(tokens, i)
    first = _end_of_range(tokens, i)
    if first is None or not isinstance(first[0], (Written, Weekday, DayPart)):
        return None
    at = first[1]
    is_bare = first[0] == Written(day=tokens[i].number)
    if is_bare and tokens[at].word == "و" and i and tokens[i - 1].word == "في":
        last = _end_of_range(tokens, at + 1)
        is_day = last is not None and isinstance(last[0], Written) and last[0].day is not None
        whole = _joined(tokens, first[0], last, is_sure=False) if last and is_day else None
        return _first_if_apart(whole, at)
    if tokens[at].word not in (_DASHES if is_bare else _DASHES | {"الي", "حتي"}):
        return None
    last = _end_of_range(tokens, at + 1)
    if last is None or (isinstance(last[0], Written) and last[0].day is None):
        return None
    return _joined(tokens, first[0], last, is_sure=False)


def _dashed_months(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "تموز - آب 2006"."""
    first = month(tokens, i)
    if first is None or tokens[first.end].word not in _DASHES:
        return None
    last = _month(tokens, first.end + 1)
    if last is None or not isinstance(last[0], Written) or last[0].year is None:
        return None
    return _joined(tokens, Written(month=first.number), last, is_sure=True)


def _dashed_years(tokens: Sequence[Token], i: int) -> Match | None:
    if tokens[i].number < 0:
        return None
    first, last = sorted((tokens[i].number, tokens[i + 2].number))
    is_slashed = tokens[i + 1].word == "/" and last == first + 1
    fits = 1800 <= first < last <= 2100 and (tokens[i + 1].word in _DASHES or is_slashed)
    before = tokens[i - 1].word if i else ""
    is_bracketed = before == "(" and tokens[i + 3].word == ")"
    is_term = i > 1 and before.startswith("ال") and tokens[i - 2].word in _TERMS
    if fits and (is_bracketed or is_term or before in _BEFORE_YEARS):
        return Range(Written(year=first), Written(year=last)), i + 3
    return None


def days_together(tokens: Sequence[Token], i: int) -> Match | None:
    """Read two weekdays that one word places: "السبت والأحد المقبلين"."""
    if tokens[i].word not in WEEKDAYS or tokens[i + 1].word != "و":
        return None
    last = day(tokens, i + 2)
    if last is None or not isinstance(last[0], Weekday) or last[0].direction is None:
        return None
    if tokens[last[1] - 1].word not in ("المقبلين", "الماضيين", "القادمين"):
        return None
    return Range(Weekday(WEEKDAYS[tokens[i].word]), last[0]), last[1]
