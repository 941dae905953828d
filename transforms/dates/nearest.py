"""Choose among stretches that recur: which 7 October, which summer is meant."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from transforms.dates.anchors import Context
from transforms.dates.hijri import HijriError
from transforms.dates.values import NoSuchDayError, Value

_FAR_DAYS, _NEAR_DAYS = 270, 60
"""A date without a year is the last one, unless that lies so far back and the next is so near."""


def existing(stretch: Callable[[int], Value], numbers: Iterable[int]) -> list[Value]:
    """Return the stretches that exist: not every year has a 29 February.

    Raises:
        NoSuchDayError: none does.
    """
    found = [value for number in numbers for value in _if_exists(stretch, number)]
    if not found:
        raise NoSuchDayError("in no year near the anchor")
    return found


def _if_exists(stretch: Callable[[int], Value], number: int) -> Iterator[Value]:
    try:
        yield stretch(number)
    except (NoSuchDayError, HijriError):
        return


def first_of(value: Value) -> date:
    """Return the first day of a value that has days."""
    return value.first or date.min


def last_of(value: Value) -> date:
    """Return the last day of a value that has days."""
    return value.last or date.min


def nearest(found: Sequence[Value], direction: int | None, context: Context) -> Value:
    """Return the one meant among stretches in order: before, after or near the anchor.

    Raises:
        NoSuchDayError: there is none on that side.
    """
    day = context.day
    if direction == -1:
        choices = [one for one in found if last_of(one) < day][-1:]
    elif direction == 1:
        choices = [one for one in found if first_of(one) > day][:1]
    else:
        choices = _of_either_side(found, day, context.tense)
    if not choices:
        raise NoSuchDayError("none near the anchor")
    return choices[0]


def _of_either_side(found: Sequence[Value], day: date, tense: int) -> list[Value]:
    """Return the last one, or the next where the clause speaks of the future.

    Not one that is far on that side where the other is near: "يبدأ" may tell of the past too.
    """
    before = [one for one in found if first_of(one) <= day][-1:]
    after = [one for one in found if last_of(one) >= day and one not in before][:1]
    if not before or not after:
        return before or after
    back, ahead = (day - last_of(before[0])).days, (first_of(after[0]) - day).days
    if tense > 0:
        is_past = back <= 0 or (back <= _NEAR_DAYS and ahead > _FAR_DAYS)
        return before if is_past else after
    is_next = (day - first_of(before[0])).days > _FAR_DAYS and ahead <= _NEAR_DAYS
    return after if is_next else before
