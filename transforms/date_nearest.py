"""Choose among stretches that recur: which 7 October, which summer is meant."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from transforms.date_anchors import Context
from transforms.date_values import NoSuchDayError, Value
from transforms.hijri import HijriError

_PAST_DAYS_MAX, _AHEAD_DAYS_MAX = 270, 60
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
    before = [one for one in found if last_of(one) < day]
    begun = [one for one in found if first_of(one) <= day]
    ahead = [one for one in found if first_of(one) > day]
    not_over = [one for one in found if last_of(one) >= day]
    choices = {-1: before[-1:], 1: ahead[:1]}.get(direction or 0, [])
    if not choices and context.tense > 0:
        choices = not_over[:1]
    if not choices:
        choices = begun[-1:] or ahead[:1]
        is_far = begun and (day - first_of(begun[-1])).days > _PAST_DAYS_MAX
        is_near = ahead and (first_of(ahead[0]) - day).days <= _AHEAD_DAYS_MAX
        if is_far and is_near and context.tense == 0:
            choices = ahead[:1]
    if not choices:
        raise NoSuchDayError("none near the anchor")
    return choices[0]
