"""Stretches of the calendar with their values in ISO 8601 and TIMEX3."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from transforms.dates.hijri import hijri_day, hijri_month, hijri_year
from transforms.dates.words import SEASON_CODES


class Value(NamedTuple):
    """A stretch of the calendar, or a length of time, which has no days."""

    value: str
    first: date | None
    last: date | None
    granularity: str
    modifier: str | None = None
    calendar: str = "gregorian"


class NoSuchDayError(ValueError):
    """A day does not exist: 31 November, or before the year 1."""


def make_date(year: int, month: int, day: int) -> date:
    """Return a date.

    Raises:
        NoSuchDayError: the calendar lacks it.
    """
    try:
        return date(year, month, day)
    except (ValueError, OverflowError) as error:
        raise NoSuchDayError(f"{year}-{month}-{day}: {error}") from error


def day_value(day: date, *, calendar: str = "gregorian") -> Value:
    """Return the value of a day."""
    return Value(day.isoformat(), day, day, "day", calendar=calendar)


def month_value(year: int, month: int) -> Value:
    """Return the value of a month."""
    first = make_date(year, month, 1)
    last = first.replace(day=monthrange(year, month)[1])
    return Value(f"{year:04}-{month:02}", first, last, "month")


def year_value(year: int) -> Value:
    """Return the value of a year."""
    return Value(f"{year:04}", make_date(year, 1, 1), make_date(year, 12, 31), "year")


def week_value(day: date) -> Value:
    """Return the value of the ISO 8601 week that a day falls in."""
    year, week, weekday = day.isocalendar()
    first = moved(day, 1 - weekday)
    return Value(f"{year:04}-W{week:02}", first, moved(first, 6), "week")


def quarter_value(year: int, quarter: int) -> Value:
    """Return the value of a quarter of a year."""
    months = (3 * quarter - 2, 3 * quarter)
    return Value(f"{year:04}-Q{quarter}", *_months(year, *months), "quarter")


def half_year_value(year: int, half: int) -> Value:
    """Return the value of a half of a year."""
    months = (6 * half - 5, 6 * half)
    return Value(f"{year:04}-H{half}", *_months(year, *months), "half_year")


def season_value(year: int, season: int) -> Value:
    """Return the value of a meteorological season; a winter begins in December of its year."""
    first = make_date(year, 3 * season + 3, 1)
    end = make_date(year + (season == 3), 2 if season == 3 else 3 * season + 5, 1)
    last = end.replace(day=monthrange(end.year, end.month)[1])
    return Value(f"{year:04}-{SEASON_CODES[season]}", first, last, "season")


def decade_value(first_year: int) -> Value:
    """Return the value of a decade: the three digits that its years share (TIMEX3)."""
    days = make_date(first_year, 1, 1), make_date(first_year + 9, 12, 31)
    return Value(f"{first_year // 10:03}", *days, "decade")


def century_value(first_year: int) -> Value:
    """Return the value of a century: the two digits that its years share (TIMEX3)."""
    days = make_date(first_year, 1, 1), make_date(first_year + 99, 12, 31)
    return Value(f"{first_year // 100:02}", *days, "century")


def days_value(first: date, last: date, granularity: str, *, calendar: str = "gregorian") -> Value:
    """Return the value of a stretch that has no notation of its own."""
    value = f"{first.isoformat()}/{last.isoformat()}"
    return Value(value, first, last, granularity, calendar=calendar)


def hijri_value(year: int, month: int | None, day: int | None) -> Value:
    """Return the value of a Hijri day, month or year in Gregorian days.

    Raises:
        HijriError: the tables of Umm al-Qura do not hold it.
    """
    if month is None:
        return days_value(*hijri_year(year), "year", calendar="hijri")
    if day is None:
        return days_value(*hijri_month(year, month), "month", calendar="hijri")
    return day_value(hijri_day(year, month, day), calendar="hijri")


def clock_value(day: date, hour: int, minute: int | None, offset: str) -> Value:
    """Return the value of a clock time on a day."""
    clock = f"{hour:02}" if minute is None else f"{hour:02}:{minute:02}"
    granularity = "hour" if minute is None else "minute"
    return Value(f"{day.isoformat()}T{clock}{offset}", day, day, granularity)


def offset_on(zone: str, day: date, hour: int) -> str:
    """Return the offset from UTC of a zone on a day: "Z", "+03:00", or "" if it is not known."""
    if "/" not in zone:
        return zone
    offset = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone)).strftime("%z")
    return f"{offset[:3]}:{offset[3:5]}"


def moved(day: date, days: int) -> date:
    """Return the day so many days later.

    Raises:
        NoSuchDayError: the calendar ends before it.
    """
    try:
        return day + timedelta(days)
    except OverflowError as error:
        raise NoSuchDayError(f"{day} and {days} days: {error}") from error


def moved_moment(moment: datetime, minutes: int) -> datetime:
    """Return the moment so many minutes later.

    Raises:
        NoSuchDayError: the calendar ends before it.
    """
    try:
        return moment + timedelta(minutes=minutes)
    except OverflowError as error:
        raise NoSuchDayError(f"{moment} and {minutes} minutes: {error}") from error


def moved_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of that month if it is shorter.

    Raises:
        NoSuchDayError: the calendar ends before it.
    """
    count = 12 * day.year + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    make_date(year, month, 1)
    return make_date(year, month, min(day.day, monthrange(year, month)[1]))


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    return make_date(year, first, 1), make_date(year, last, monthrange(year, last)[1])
