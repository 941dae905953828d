"""Read the dates of feeds: RFC 2822, RFC 3339 and what Arabic newsrooms write instead.

Every token of the date must be understood, or there is no date: a wrong date is worse than none.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

from transforms.feed_date_words import WORDS_PER_NAME_MAX, Word, fold, words

DATE_CHARS_MAX = 200
NAMES_CHARS_MAX = 40
YEAR_FIRST = 1900
YEAR_LAST = 2099
FUTURE_DAYS_MAX = 3653
"""A date more than ten years after the run is a template's or a broken clock's."""

_TOKEN = re.compile(
    r"(?P<ymd>\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d))"
    r"|(?P<dmy>\d{1,2}[-/.]\d{1,2}[-/.]\d{4}(?!\d))"
    r"|(?P<compact>\d{8}(?:t?\d{6})?(?!\d))"
    r"|(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?![\d:]))"
    r"|(?P<offset>[+-]\d{1,2}(?::?\d{2})?(?!\d))"
    r"|(?P<number>\d{1,4}(?!\d))"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<separator>[-/.,،;()|_])"
)
_NAME = re.compile(r"[^\W\d_]+")
_LATIN_COMMENT = re.compile(r"\([a-z0-9 +:-]*\)")  # RFC 2822 §3.2.3: "+0300 (+03)"
_DAY_PERIODS = re.compile(r"\b([ap])\.m\.?")
_HIJRI_AND_GREGORIAN = "الموافق"
_ARABIC_LETTER = re.compile(r"[\u0621-\u064a]")
_ARABIC_DIGITS = re.compile(r"[\u0660-\u0669\u06f0-\u06f9]")
_PLAIN_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


class FeedDate(NamedTuple):
    """A moment in UTC and the rules that gave it.

    Rules: "arabic" (Arabic words or digits), "local" (no offset: the source's own zone), "day"
    (no time of day: its first moment).
    """

    moment: datetime
    rules: tuple[str, ...] = ()


class _Parts(NamedTuple):
    """What has been understood of a date so far."""

    numbers: tuple[str, ...] = ()
    day: tuple[int, int, int] | None = None  # year, month, day, where given as figures
    either: tuple[int, int, int] | None = None  # the other reading of "05/04/2024"
    month: int | None = None
    weekday: int | None = None
    clock: timedelta | None = None
    noon: int | None = None
    offset_minutes: int | None = None
    previous: str = ""


class _MisunderstoodError(ValueError):
    """A token has no place in a date."""


def parse_feed_date(
    raw: str, zone: str = "UTC", *, as_of: datetime | None = None
) -> FeedDate | None:
    """Return the moment that `raw` names, or None where it names none that can be true.

    Args:
        raw: what the feed says.
        zone: the IANA zone of a time without an offset.
        as_of: the logical time of the run; bounds the future.
    """
    if len(raw) > DATE_CHARS_MAX:
        return None
    text = " ".join(fold(raw).translate(_PLAIN_DIGITS).split())
    for candidate in _gregorian_first(text):
        try:
            found = _moment(_understand(candidate), zone)
        except (_MisunderstoodError, OverflowError):
            continue
        if _is_plausible(found.moment, as_of):
            is_arabic = _ARABIC_LETTER.search(text) or _ARABIC_DIGITS.search(raw)
            return found._replace(rules=("arabic", *found.rules)) if is_arabic else found
    return None


def _gregorian_first(text: str) -> Iterator[str]:
    """Yield the part of a double date that is more likely Gregorian, then the other."""
    before, _, after = text.partition(fold(_HIJRI_AND_GREGORIAN))
    if after:
        yield after
    yield before


def _understand(text: str) -> _Parts:
    """Return what the tokens of `text` mean together.

    Raises:
        _MisunderstoodError: a token is unknown, or contradicts another.
    """
    text = _DAY_PERIODS.sub(r"\1m", _LATIN_COMMENT.sub(" ", text))
    parts, at = _Parts(), 0
    while at < len(text):
        if text[at] == " ":
            at += 1
            continue
        if text[at] in "+-" and parts.previous not in ("time", "noon", "zone"):
            at += 1  # a separator, as in 26-Nov-2023
            continue
        token = _TOKEN.match(text, at)
        if token is None:
            raise _MisunderstoodError(text[at:])
        kind, value = str(token.lastgroup), token.group()
        if kind == "word":
            word, at = _longest_name(text, at)
            parts = _with_word(parts, word)
        else:
            parts, at = _with_figures(parts, kind, value), token.end()
    return parts


def _longest_name(text: str, at: int) -> tuple[Word, int]:
    """Return the meaning of the longest known name that begins at `at`, and its end.

    Raises:
        _MisunderstoodError: no known name begins there.
    """
    found = list(_NAME.finditer(text, at, at + NAMES_CHARS_MAX))[:WORDS_PER_NAME_MAX]
    for last in reversed(found):
        word = words().get(text[at:last.end()])
        if word is not None:
            return word, last.end()
    if re.fullmatch(r"[a-z]{3,5}", found[0].group()):
        return Word("shared zone"), found[0].end()
    if found[0].group().startswith("t") and text[at + 1:at + 2].isdigit():
        return Word("filler"), at + 1
    raise _MisunderstoodError(found[0].group())


def _with_word(parts: _Parts, word: Word) -> _Parts:
    """Return `parts` with the meaning of one more name.

    Raises:
        _MisunderstoodError: the name contradicts another, or has no place here.
    """
    kind, value = word
    if kind == "era_or_noon":  # م is "AD" after a year and "PM" after a time
        kind, value = ("noon", 12) if parts.previous == "time" else ("filler", 0)
    if kind == "month" and parts.month in (None, value):
        return parts._replace(month=value, previous=kind)
    if kind == "weekday" and parts.weekday in (None, value):
        return parts._replace(weekday=value, previous=kind)
    if kind == "noon" and parts.noon in (None, value):
        return parts._replace(noon=value, previous=kind)
    if kind == "zone" and parts.offset_minutes is None:
        return parts._replace(offset_minutes=value, previous=kind)
    if kind == "filler" or (kind == "shared zone" and parts.clock is not None):
        return parts
    raise _MisunderstoodError(kind)


def _with_figures(parts: _Parts, kind: str, value: str) -> _Parts:
    """Return `parts` with one more token of figures."""
    if kind == "separator":
        return parts
    if kind == "number":
        return parts._replace(numbers=(*parts.numbers, value), previous=kind)
    if kind == "offset":
        return parts._replace(offset_minutes=_offset_minutes(value), previous=kind)
    if kind == "time" and parts.clock is None:
        return parts._replace(clock=_clock(*re.split("[:.,]", value)), previous=kind)
    if kind == "time" or parts.day is not None:
        raise _MisunderstoodError(f"a second {kind}")
    if kind == "compact":
        clock = _clock(value[-6:-4], value[-4:-2], value[-2:]) if len(value) > 8 else None
        day = (int(value[:4]), int(value[4:6]), int(value[6:8]))
        return parts._replace(day=day, clock=clock, previous="time" if clock else kind)
    first, second, third = (int(figure) for figure in re.split("[-/.]", value))
    if kind == "ymd":
        return parts._replace(day=(first, second, third), previous=kind)
    return parts._replace(
        day=(third, second, first), either=(third, first, second), previous=kind
    )


def _offset_minutes(value: str) -> int:
    """Return the minutes east of UTC that "+0300", "+03:00" or "+3" mean."""
    figures = value[1:].replace(":", "")
    hours, minutes = (figures[:-2], figures[-2:]) if len(figures) > 2 else (figures, "0")
    if int(hours) > 14 or int(minutes) > 59:
        raise _MisunderstoodError(value)
    return (int(hours) * 60 + int(minutes)) * (-1 if value[0] == "-" else 1)


def _clock(hours: str, minutes: str, seconds: str = "0", fraction: str = "") -> timedelta:
    """Return the time since midnight; 24:00 is the next midnight, a leap second the one before."""
    if int(hours) > 24 or int(minutes) > 59 or int(seconds) > 60:
        raise _MisunderstoodError(f"{hours}:{minutes}:{seconds}")
    return timedelta(
        hours=int(hours), minutes=int(minutes), seconds=min(int(seconds), 59),
        microseconds=int(fraction[:6].ljust(6, "0")),
    )


def _moment(parts: _Parts, zone: str) -> FeedDate:
    """Return the moment that `parts` make up.

    Raises:
        _MisunderstoodError: a part is missing or impossible.
    """
    try:
        midnight = datetime(*_calendar_day(parts))
    except ValueError as impossible:
        raise _MisunderstoodError(str(impossible)) from impossible
    local = midnight + (_half_day(parts) or timedelta())
    rules = ("day",) if parts.clock is None else ()
    if parts.offset_minutes is not None:
        offset = timezone(timedelta(minutes=parts.offset_minutes))
        return FeedDate(local.replace(tzinfo=offset).astimezone(timezone.utc), rules)
    moment = local.replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)
    return FeedDate(moment, rules or ("local",))


def _half_day(parts: _Parts) -> timedelta | None:
    """Return the time of day with ص and م, AM and PM, applied."""
    hour = timedelta(hours=1)
    if parts.noon is None or parts.clock is None or parts.clock >= 13 * hour:
        return parts.clock
    if parts.clock < hour and parts.noon:
        raise _MisunderstoodError("0 PM")
    return parts.clock % (12 * hour) + parts.noon * hour


def _calendar_day(parts: _Parts) -> tuple[int, int, int]:
    """Return year, month and day."""
    if parts.day is not None and not parts.numbers and parts.month is None:
        return _unambiguous(parts)
    if parts.day is not None or parts.month is None or len(parts.numbers) != 2:
        raise _MisunderstoodError("no day, month and year")
    day, year = sorted(parts.numbers, key=len)  # stable: of two short ones the day comes first
    if len(year) == 2:  # RFC 2822 §4.3
        return int(year) + (2000 if int(year) < 50 else 1900), parts.month, int(day)
    if len(year) != 4 or len(day) > 2:
        raise _MisunderstoodError(f"year {year}")
    return int(year), parts.month, int(day)


def _unambiguous(parts: _Parts) -> tuple[int, int, int]:
    """Return the one reading of "05/04/2024" that its figures or its weekday allow."""
    readings = {
        reading for reading in (parts.day, parts.either)
        if reading is not None and reading[1] <= 12
    }
    if len(readings) > 1 and parts.weekday is not None:
        readings = {day for day in readings if datetime(*day).weekday() == parts.weekday}
    if len(readings) != 1:
        raise _MisunderstoodError("day and month could be either")
    return readings.pop()


def _is_plausible(moment: datetime, as_of: datetime | None) -> bool:
    """Say whether something can have been published at `moment`."""
    if not YEAR_FIRST <= moment.year <= YEAR_LAST:
        return False
    if as_of is not None and moment - as_of > timedelta(days=FUTURE_DAYS_MAX):
        return False
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    return abs(moment - epoch) > timedelta(days=1)  # zero in a field, in any zone
