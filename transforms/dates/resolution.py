"""Reckon what a reading stands for from an anchor."""

from collections.abc import Callable
from datetime import date
from functools import singledispatch

from transforms.dates import values
from transforms.dates.anchors import OF_ANOTHER_DATE, Anchor, Context, UnresolvedError
from transforms.dates.hijri import HijriError, hijri_year_month
from transforms.dates.nearest import existing, first_of, last_of, nearest
from transforms.dates.readings import (
    Ago,
    Century,
    Clock,
    DayPart,
    DayShift,
    Decade,
    FewAgo,
    Fixed,
    Modified,
    NthWeekday,
    OfText,
    Part,
    Range,
    Reading,
    Rest,
    Season,
    UnitShift,
    Vague,
    Weekday,
    Window,
    Written,
)
from transforms.dates.shifts import ago, few_ago, unit_of, window
from transforms.dates.values import NoSuchDayError, Value, moved, moved_months

NO_SUCH_DAY = "no such day"
NOT_IN_TABLES = "outside the tables of Umm al-Qura"



def resolve(reading: Reading, context: Context) -> Value:
    """Return what `reading` stands for.

    Raises:
        UnresolvedError: that cannot be said.
    """
    try:
        return _resolve(reading, context)
    except NoSuchDayError as error:
        raise UnresolvedError(NO_SUCH_DAY) from error
    except HijriError as error:
        raise UnresolvedError(NOT_IN_TABLES) from error


@singledispatch
def _resolve(reading: object, context: Context) -> Value:
    raise TypeError(f"no rule resolves {reading!r}")


_resolve.register(UnitShift, unit_of)
_resolve.register(Ago, ago)
_resolve.register(FewAgo, few_ago)
_resolve.register(Window, window)


@_resolve.register
def _written(reading: Written, context: Context) -> Value:
    stretch = _stretch(reading)
    if reading.month_shift is not None:
        month = moved_months(context.day.replace(day=1), reading.month_shift)
        return values.day_value(values.make_date(month.year, month.month, reading.day or 1))
    if reading.month is None and reading.year is None and reading.year_shift is None:
        return _day_alone(reading, context)
    if reading.year is not None:
        return stretch(reading.year)
    year = hijri_year_month(context.day)[0] if reading.is_hijri else context.day.year
    if reading.year_shift is not None:
        return stretch(year + reading.year_shift)
    if reading.direction == 0:
        return stretch(year)
    found = existing(stretch, range(year - 4, year + 5))
    if reading.weekday is not None and reading.direction is None:
        near = [one for one in found if abs((first_of(one) - context.day).days) < 400]
        found = [one for one in near if first_of(one).weekday() == reading.weekday] or found
    return nearest(found, reading.direction, context)


def _stretch(reading: Written) -> Callable[[int], Value]:
    """Return what gives the day, month or year of the reading in a year."""
    def of_year(year: int) -> Value:
        if reading.is_hijri:
            return values.hijri_value(year, reading.month, reading.day)
        if reading.month is None:
            return values.year_value(year)
        if reading.day is None:
            return values.month_value(year, reading.month)
        return values.day_value(values.make_date(year, reading.month, reading.day))

    return of_year


def _day_alone(reading: Written, context: Context) -> Value:
    """Return the day of that number in a month near the anchor, on its weekday if that is said."""
    first = context.day.replace(day=1)

    def of_month(shift: int) -> Value:
        month = moved_months(first, shift)
        return values.day_value(values.make_date(month.year, month.month, reading.day or 0))

    found = existing(of_month, range(-6, 7))
    if reading.weekday is not None:
        found = [one for one in found if first_of(one).weekday() == reading.weekday]
        if not found:
            raise NoSuchDayError("not on that weekday")
        return min(found, key=lambda one: abs((first_of(one) - context.day).days))
    return nearest(found, reading.direction, context)


@_resolve.register
def _weekday(reading: Weekday, context: Context) -> Value:
    day = context.day
    if reading.week_shift is not None:
        monday = moved(day, 7 * reading.week_shift - day.weekday())
        return values.day_value(moved(monday, reading.weekday))
    back = (day.weekday() - reading.weekday) % 7
    if reading.direction is None:
        days = -back if context.tense <= 0 or back == 0 else 7 - back
    elif reading.direction == 0:
        days = reading.weekday - day.weekday()
    elif reading.direction < 0:
        days = -(back or 7) + 7 * (reading.direction + 1)
    else:
        days = 7 - back + 7 * (reading.direction - 1)
    return values.day_value(moved(day, days))


@_resolve.register
def _nth_weekday(reading: NthWeekday, context: Context) -> Value:
    month = _resolve(reading.month, context)
    first, last = first_of(month), last_of(month)
    if reading.number < 0:
        return values.day_value(moved(last, -((last.weekday() - reading.weekday) % 7)))
    days = (reading.weekday - first.weekday()) % 7 + 7 * (reading.number - 1)
    found = moved(first, days)
    if found > last:
        raise NoSuchDayError("no such weekday in the month")
    return values.day_value(found)


@_resolve.register
def _day_shift(reading: DayShift, context: Context) -> Value:
    day = moved(context.day, reading.days)
    if reading.weekday is not None:
        days = (reading.weekday - day.weekday() + 3) % 7 - 3
        day = moved(day, days)
    return values.day_value(day)


_FINER = {"day": ("day", "day_part", "hour", "minute"), "week": ("day", "day_part"),
          "month": ("day", "day_part", "month"), "year": ("day", "day_part", "month", "year")}


@_resolve.register
def _of_text(reading: OfText, context: Context) -> Value:
    before = context.before
    if before is not None and before.granularity in _FINER[reading.unit]:
        day = before.day
    elif context.is_first and context.tense > 0 and reading.shift > 0:
        day = context.day  # what comes next where nothing was named is next to the writing
    else:
        raise UnresolvedError(OF_ANOTHER_DATE)
    whole = unit_of(UnitShift(reading.unit, reading.shift), Context(Anchor(day)))
    if reading.month is None and reading.day is None:
        return whole
    first = first_of(whole)
    month = reading.month or first.month
    if reading.day is None:
        return values.month_value(first.year, month)
    return values.day_value(values.make_date(first.year, month, reading.day))


@_resolve.register
def _rest(reading: Rest, context: Context) -> Value:
    whole = _resolve(UnitShift(reading.unit, 0), context)
    return values.days_value(context.day, last_of(whole), "range")


@_resolve.register
def _part(reading: Part, context: Context) -> Value:
    if reading.whole is None:
        years = range(context.day.year - 2, context.day.year + 3)
        found = [_resolve(reading._replace(whole=Written(year=y)), context) for y in years]
        return nearest(found, None, context)
    whole = _resolve(reading.whole, context)
    first, last = first_of(whole), last_of(whole)
    if whole.granularity in ("decade", "century"):
        return _part_of_years(reading, whole)
    if reading.unit == "quarter":
        return values.quarter_value(first.year, 4 if reading.number < 0 else reading.number)
    if reading.unit == "week":
        if reading.number < 0 and whole.granularity != "year":
            return values.days_value(moved(last, -6), last, "week")
        if whole.granularity == "year":
            return values.week_value(_monday_of(first.year, reading.number))
        start = moved(first, 7 * (reading.number - 1))
        return values.days_value(start, min(moved(start, 6), last), "week")
    half = 2 if reading.number < 0 else reading.number
    if whole.granularity == "month":
        middle = first.replace(day=15)
        return values.days_value(
            *((first, middle) if half == 1 else (moved(middle, 1), last)), "range"
        )
    return values.half_year_value(first.year, half)


def _part_of_years(reading: Part, whole: Value) -> Value:
    """Return the years of a half or a quarter of a decade or a century."""
    parts = 4 if reading.unit == "quarter" else 2
    first, last = first_of(whole).year, last_of(whole).year
    years = (last - first + 1) // parts
    if years * parts != last - first + 1:
        raise NoSuchDayError("no whole number of years")
    number = parts if reading.number < 0 else reading.number
    first += years * (number - 1)
    one, other = values.year_value(first), values.year_value(first + years - 1)
    return Value(f"{one.value}/{other.value}", one.first, other.last, "range")


def _monday_of(year: int, week: int) -> date:
    """Return the Monday of an ISO 8601 week, -1 for the last one: that of 28 December.

    Raises:
        NoSuchDayError: the year has no such week.
    """
    if week < 0:
        week = date(year, 12, 28).isocalendar()[1]
    try:
        return date.fromisocalendar(year, week, 1)
    except ValueError as error:
        raise NoSuchDayError(f"{year}-W{week}: {error}") from error


@_resolve.register
def _season(reading: Season, context: Context) -> Value:
    if reading.year is not None:
        return values.season_value(reading.year, reading.season)
    if reading.year_shift is not None:
        return values.season_value(context.day.year + reading.year_shift, reading.season)
    found = [
        values.season_value(year, reading.season)
        for year in range(context.day.year - 2, context.day.year + 3)
    ]
    if reading.direction == 0:
        return min(found, key=lambda one: _distance(one, context.day))
    return nearest(found, reading.direction, context)


def _distance(value: Value, day: date) -> int:
    """Return how many days lie between a day and a stretch; 0 inside it."""
    return max((first_of(value) - day).days, (day - last_of(value)).days, 0)


@_resolve.register
def _decade(reading: Decade, context: Context) -> Value:
    century = reading.century
    if century is None:
        century = 100 * (context.day.year // 100 + (reading.century_shift or 0))
    return values.decade_value(century + reading.tens)


@_resolve.register
def _century(reading: Century, context: Context) -> Value:
    return values.century_value(reading.first_year)


@_resolve.register
def _modified(reading: Modified, context: Context) -> Value:
    return _resolve(reading.whole, context)._replace(modifier=reading.modifier)


@_resolve.register
def _day_part(reading: DayPart, context: Context) -> Value:
    day = _resolve(reading.day, context)
    if day.first is None:  # "مساء الجمعة من كل أسبوع"
        return day
    first = day.first
    return Value(f"{first.isoformat()}T{reading.part}", first, first, "day_part")


@_resolve.register
def _clock(reading: Clock, context: Context) -> Value:
    day = _resolve(reading.day, context)
    if day.first is None:
        return day
    offset = values.offset_on(reading.zone, day.first, reading.hour)
    return values.clock_value(day.first, reading.hour, reading.minute, offset)


@_resolve.register
def _range(reading: Range, context: Context) -> Value:
    first, last = reading
    if isinstance(first, Weekday) and isinstance(last, Weekday):
        if first.direction is None:
            first = first._replace(direction=last.direction)
        return _weekdays(first, last, context)
    one = _resolve(first, context)
    other = _resolve(last, context)
    if isinstance(last, Clock) and other.first and (one.first, one.value) > (
        other.first, other.value
    ) and one.first == other.first:  # past midnight
        day = moved(other.first, 1)
        value = other.value.replace(other.first.isoformat(), day.isoformat())
        other = other._replace(value=value, first=day, last=day)
    if last_of(other) < first_of(one) and _is_bare_weekday(last):
        if context.tense > 0:
            other = _resolve(last, Context(Anchor(first_of(one)), 1))
        else:
            one = _resolve(first, Context(Anchor(first_of(other))))
    if last_of(other) < first_of(one):
        # Neither has a year: the second follows the first.
        after = context._replace(anchor=Anchor(first_of(one)), tense=1)
        other = _resolve(_without_direction(last), after)
    if last_of(other) < first_of(one):
        raise NoSuchDayError("ends before it begins")
    return Value(f"{one.value}/{other.value}", one.first, other.last, "range", None, one.calendar)


def _without_direction(reading: Reading) -> Reading:
    """Return a date without a year as one that just recurs; anything else as it is."""
    if isinstance(reading, Modified):
        return reading._replace(whole=_without_direction(reading.whole))
    if isinstance(reading, Written) and reading.year is None:
        return reading._replace(direction=None, weekday=None)
    return reading


def _is_bare_weekday(reading: Reading) -> bool:
    """Say whether a reading is a weekday that nothing places, or a part of one."""
    if isinstance(reading, DayPart):
        return _is_bare_weekday(reading.day)
    return isinstance(reading, Weekday) and reading.direction is None


def _weekdays(first: Weekday, last: Weekday, context: Context) -> Value:
    """Return the stretch between two weekdays that follow one another."""
    is_past = (last.direction or 0) < 0 or (last.direction is None and context.tense <= 0)
    if is_past:
        end = first_of(_resolve(last, context))
        start = moved(end, -((end.weekday() - first.weekday) % 7))
    else:
        start = first_of(_resolve(first, context))
        end = moved(start, (last.weekday - start.weekday()) % 7)
    return values.days_value(start, end, "range")


@_resolve.register
def _fixed(reading: Fixed, context: Context) -> Value:
    return Value(reading.value, None, None, reading.kind)


@_resolve.register
def _vague(reading: Vague, context: Context) -> Value:
    raise UnresolvedError(reading.reason)


def granularity_of(reading: Reading) -> str:
    """Return how exact a reading is, as far as its words say."""
    if isinstance(reading, Written):
        return "day" if reading.day else "month" if reading.month else "year"
    if isinstance(reading, (Modified, Vague, Fixed)):
        if isinstance(reading, Modified):
            return granularity_of(reading.whole)
        return reading.granularity if isinstance(reading, Vague) else reading.kind
    if isinstance(reading, Ago):
        return reading.amounts[-1][1]
    if isinstance(reading, OfText):
        return "day" if reading.day else "month" if reading.month else reading.unit
    if isinstance(reading, (UnitShift, Part)):
        return reading.unit
    if isinstance(reading, Clock):
        return "hour" if reading.minute is None else "minute"
    names = {Range: "range", Rest: "range", FewAgo: "range", Window: "range",
             Season: "season", Decade: "decade", Century: "century", DayPart: "day_part"}
    return names.get(type(reading), "day")
