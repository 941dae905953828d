"""Reckon stretches that lie so far from the anchor: the last month, two years ago."""

from datetime import date

from transforms.dates import values
from transforms.dates.anchors import Context
from transforms.dates.readings import Ago, FewAgo, UnitShift, Window
from transforms.dates.values import Value, moved, moved_months

_MONTHS_OF = {"month": 1, "year": 12, "decade": 120, "century": 1200}
_DAYS_OF = {"day": 1, "week": 7}
_MINUTES_OF = {"minute": 1, "hour": 60}


def unit_of(reading: UnitShift, context: Context) -> Value:
    """Return the unit of the anchor, or one before or after it."""
    day, shift = context.day, reading.shift
    if reading.unit == "day":
        return values.day_value(moved(day, shift))
    if reading.unit == "week":
        return values.week_value(moved(day, 7 * shift))
    if reading.unit == "month":
        month = moved_months(day.replace(day=1), shift)
        return values.month_value(month.year, month.month)
    if reading.unit == "quarter":
        month = moved_months(day.replace(day=1), 3 * shift)
        return values.quarter_value(month.year, (month.month + 2) // 3)
    if reading.unit == "decade":
        return values.decade_value(10 * (day.year // 10 + shift))
    if reading.unit == "century":
        return values.century_value(100 * (day.year // 100 + shift))
    return values.year_value(day.year + shift)


def ago(reading: Ago, context: Context) -> Value:
    """Return the stretch so long before or after the anchor, as exact as its smallest unit."""
    units = {unit for _, unit in reading.amounts}
    minutes, days, months = (
        reading.sign * sum(number * table[unit] for number, unit in reading.amounts
                           if unit in table)
        for table in (_MINUTES_OF, _DAYS_OF, _MONTHS_OF)
    )
    if units & _MINUTES_OF.keys():
        moment = values.moved_moment(context.moment, minutes)
        day = moved(moved_months(moment.date(), months), days)
        exact = moment.minute if "minute" in units else None
        value = values.clock_value(day, moment.hour, exact, "")
        return value._replace(modifier=reading.modifier)
    day = moved(moved_months(context.day, months), days)
    value = values.day_value(day)
    if "week" in units and "day" not in units:
        value = values.week_value(day)._replace(value=day.isoformat())
    elif "month" in units and not units & _DAYS_OF.keys():
        value = values.month_value(day.year, day.month)
    elif not units & {"day", "week", "month"}:
        value = values.year_value(day.year)
    return value._replace(modifier=reading.modifier)


_FEWEST, _MOST = 3, 9


def few_ago(reading: FewAgo, context: Context) -> Value:
    """Return the stretch from nine to three units before the anchor: that is what "بضع" says."""
    far, near = (
        ago(Ago(((number, reading.unit),), -1), context) for number in (_MOST, _FEWEST)
    )
    value = f"{far.value}/{near.value}"
    return Value(value, far.first, near.last, "range", "approx")


def window(reading: Window, context: Context) -> Value:
    """Return the stretch of so many units that ends or begins at the anchor."""
    number = reading.sign * reading.number
    if reading.unit in _MINUTES_OF:
        minutes = number * _MINUTES_OF[reading.unit]
        if minutes % 1440:
            moment = context.moment
            ends = sorted((moment, values.moved_moment(moment, minutes)))
            value = "/".join(end.isoformat(timespec="minutes") for end in ends)
            return Value(value, ends[0].date(), ends[1].date(), "range")
        days = minutes // 1440
        return _days_between(context.day, moved(context.day, days))
    if reading.unit in _DAYS_OF:
        far = moved(context.day, number * _DAYS_OF[reading.unit])
        return _days_between(context.day, far)
    far = moved_months(context.day, number * _MONTHS_OF[reading.unit])
    first, last = sorted((context.day, far))
    chars = len("2024-11") if reading.unit == "month" else len("2024")
    return Value(f"{first.isoformat()[:chars]}/{last.isoformat()[:chars]}", first, last, "range")


def _days_between(one: date, other: date) -> Value:
    return values.days_value(min(one, other), max(one, other), "range")
