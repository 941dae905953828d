"""What the words of a date say, before anything is reckoned from an anchor.

Shifts and directions count from the anchor: -1 the last, 0 the current, 1 the next.
"""

from collections.abc import Sequence
from typing import NamedTuple, Optional, TypeAlias


class Written(NamedTuple):
    """A day, month or year that is written out, in whole or in part."""

    day: int | None = None
    month: int | None = None
    year: int | None = None
    month_shift: int | None = None  # "11 من الشهر الجاري"
    year_shift: int | None = None  # "11 تشرين الثاني من العام الماضي"
    direction: int | None = None  # "أيلول الماضي"
    weekday: int | None = None  # Monday is 0
    is_hijri: bool = False


class Weekday(NamedTuple):
    """A day of the week."""

    weekday: int
    direction: int | None = None  # ±2 for the one beyond the last or the next
    week_shift: int | None = None  # "الجمعة من الأسبوع المقبل"


class NthWeekday(NamedTuple):
    """"أول يوم جمعة من يوليو"; the number is -1 for the last."""

    number: int
    weekday: int
    month: "Reading"


class DayShift(NamedTuple):
    """Today, yesterday, tomorrow; the weekday, if named, corrects a wrong anchor."""

    days: int
    weekday: int | None = None


class UnitShift(NamedTuple):
    """The year, month, week … of the anchor, or one before or after it."""

    unit: str
    shift: int


class Ago(NamedTuple):
    """So long before (sign -1) or after (1) the anchor."""

    amounts: Sequence[tuple[int, str]]
    sign: int
    modifier: str | None = None


class FewAgo(NamedTuple):
    """Three to nine units before the anchor: "قبل بضعة أيام"."""

    unit: str


class OfText(NamedTuple):
    """The unit of the date that the text names before, or the next; perhaps a day in it."""

    unit: str
    shift: int = 0
    month: int | None = None
    day: int | None = None


class Window(NamedTuple):
    """The last (sign -1) or the next (1) so many units."""

    number: int
    unit: str
    sign: int


class Rest(NamedTuple):
    """What is left of the week, month or year of the anchor."""

    unit: str


class Part(NamedTuple):
    """A quarter, half or week of a year or month; the number is -1 for the last."""

    unit: str  # quarter, half_year, week
    number: int
    whole: Optional["Reading"]  # None: of the year that fits


class Season(NamedTuple):
    """A season: of a year, of the last year, or the last one."""

    season: int  # 0 spring to 3 winter
    year: int | None = None
    year_shift: int | None = None
    direction: int | None = None


class Decade(NamedTuple):
    """Ten years of a century, which is given by its first year or by its shift."""

    tens: int
    century: int | None = None
    century_shift: int | None = None


class Century(NamedTuple):
    """A hundred years, by the first of them."""

    first_year: int


class Modified(NamedTuple):
    """The start, middle or end of a stretch."""

    modifier: str
    whole: "Reading"


class DayPart(NamedTuple):
    """The morning (MO), afternoon (AF), evening (EV) or night (NI) of a day."""

    part: str
    day: "Reading"


class Clock(NamedTuple):
    """A clock time on a day; the hour alone if `minute` is None."""

    hour: int
    minute: int | None
    zone: str  # "Z", "+03:00", an IANA name, or "" for the local time of wherever it happens
    day: "Reading"


class Range(NamedTuple):
    """From one stretch to another, both included."""

    first: "Reading"
    last: "Reading"


class Fixed(NamedTuple):
    """A duration or a set, in ISO 8601: P3D."""

    kind: str  # duration, set
    value: str


class Vague(NamedTuple):
    """An expression that the text alone does not place on the calendar."""

    granularity: str
    reason: str


Reading: TypeAlias = (
    Written | Weekday | NthWeekday | DayShift | UnitShift | Ago | FewAgo | OfText | Window | Rest
    | Part | Season | Decade | Century | Modified | DayPart | Clock | Range | Fixed | Vague
)

TODAY = DayShift(0)
