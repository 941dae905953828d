"""Days of the Hijri calendar of Umm al-Qura, as hijridate's tables give them (1343 to 1500 AH)."""

from datetime import date, timedelta

from hijridate import Gregorian, Hijri


class HijriError(ValueError):
    """A Hijri date lies outside the tables, or does not exist."""


def hijri_day(year: int, month: int, day: int) -> date:
    """Return the Gregorian date of a Hijri day.

    Raises:
        HijriError: the tables do not hold it.
    """
    try:
        found = Hijri(year, month, day).to_gregorian()
    except (ValueError, OverflowError) as error:
        raise HijriError(f"{year}-{month}-{day} AH: {error}") from error
    return date(found.year, found.month, found.day)


def hijri_month(year: int, month: int) -> tuple[date, date]:
    """Return the first and the last day of a Hijri month.

    Raises:
        HijriError: the tables do not hold it.
    """
    first = hijri_day(year, month, 1)
    return first, first + timedelta(Hijri(year, month, 1).month_length() - 1)


def hijri_year(year: int) -> tuple[date, date]:
    """Return the first and the last day of a Hijri year.

    Raises:
        HijriError: the tables do not hold it.
    """
    return hijri_day(year, 1, 1), hijri_month(year, 12)[1]


def hijri_year_month(day: date) -> tuple[int, int]:
    """Return the Hijri year and month that a day falls in.

    Raises:
        HijriError: the tables do not hold it.
    """
    try:
        found = Gregorian(day.year, day.month, day.day).to_hijri()
    except (ValueError, OverflowError) as error:
        raise HijriError(f"{day}: {error}") from error
    return found.year, found.month
