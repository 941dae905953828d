"""Read clock times: "الساعة 15:30 بتوقيت غرينتش", "الثالثة والنصف عصرا", "(13,00 ت غ)"."""

from collections.abc import Sequence
from typing import NamedTuple

from transforms.dates.days import day_part
from transforms.dates.numbers import amount, digits, ordinal
from transforms.dates.numeric import Match
from transforms.dates.readings import TODAY, Clock, DayPart, Reading
from transforms.dates.tokens import Token, are_joined
from transforms.dates.words import DAY_PARTS_AFTER, word_set
from transforms.dates.zones import zone
from transforms.fold import fold_key
from transforms.number_words import ELEVENTH, ORDINALS

_SIGNS = frozenset({":", ",", "."})
_AT = word_set("في عند على حوالي نحو تمام قرابة حدود الساعة")
_FEMININE = {word: n for word, n in ORDINALS.items() if word.endswith(("ه", "ي")) and n > 1}
_HOURS = _FEMININE | {fold_key("الواحدة"): 1}
_NAMED_MINUTES = {"النصف": 30, "الربع": 15, "الثلث": 20, "نصف": 30, "ربع": 15, "ثلث": 20}


class _Time(NamedTuple):
    """A time of day as read; `is_sure` if its form alone says that it is one."""

    hour: int
    minute: int | None
    end: int
    is_sure: bool


class Moment(NamedTuple):
    """A time of day with the words around it that tell more, and whether they are enough."""

    time: _Time
    part: str | None
    zone: str
    day: Reading  # TODAY if none is named
    end: int
    is_sure: bool

    def reading(self, part: str | None = None) -> Clock:
        """Return the clock time, in its own part of the day or else in `part`."""
        hour = _hour(self.time.hour, self.part or part)
        return Clock(hour, self.time.minute, self.zone, self.day)


def clock(tokens: Sequence[Token], i: int) -> Match | None:
    """Read a clock time, with the day behind it if one follows."""
    found = moment(tokens, i)
    return (found.reading(), found.end) if found is not None and found.is_sure else None


def moment(tokens: Sequence[Token], i: int, *, is_hour: bool = False) -> Moment | None:
    """Read a time of day, whether or not the words say that it is one.

    Args:
        is_hour: A number alone is an hour here.
    """
    has_word = tokens[i].word == "الساعه"
    time = _time(tokens, i + has_word, has_word=has_word or is_hour)
    if time is None:
        return None
    part, at = _part(tokens, time.end)
    place = zone(tokens, at)
    is_of_form = has_word or (time.is_sure and tokens[i].number < 0)
    day, end = _day_behind(tokens, place[1] if place else at)
    if end > time.end and tokens[end - 1].word == "من":
        end -= 1  # of a day that is not read: "من فجر اليوم التالي"
    is_at = i > 0 and tokens[i - 1].word in _AT and isinstance(day, DayPart)
    is_sure = place is not None or part is not None or is_of_form or is_at
    if part is None and isinstance(day, DayPart):
        part = day.part
    day = day.day if isinstance(day, DayPart) else day
    return Moment(time, part, place[0] if place else "", day, end, is_sure)


def clock_behind(tokens: Sequence[Token], i: int, day: Reading) -> Match | None:
    """Read a clock time behind its day: "الأحد عند الساعة العاشرة"."""
    at = i + (tokens[i].word in ("،", ",", "-"))
    for _ in range(3):
        if tokens[at].word not in _AT or tokens[at].word == "الساعه":
            break
        at += 1
    found = clock(tokens, at)
    if found is None or not isinstance(found[0], Clock) or found[0].day != TODAY:
        return None
    time = found[0]
    hour = time.hour
    if isinstance(day, DayPart):
        hour = _hour(hour, day.part)
        day = day.day
    return time._replace(hour=hour, day=day), found[1]


def _time(tokens: Sequence[Token], i: int, *, has_word: bool) -> _Time | None:
    if tokens[i].number >= 0:
        return _digital(tokens, i, has_word=has_word)
    word = tokens[i].word
    hour = _HOURS.get(word, 0)
    end = i + 1
    if word in ELEVENTH or (word == "الثانيه" and tokens[i + 1].word in ("عشر", "عشره")):
        found = ordinal(tokens, i)
        hour, end = (found[0], found[1]) if found and found[0] <= 12 else (0, i)
    if not 1 <= hour <= 12:
        return None
    return _with_minutes(tokens, hour, end)


def _with_minutes(tokens: Sequence[Token], hour: int, i: int) -> _Time:
    """Return the time of an hour and the minutes named behind it, before or after the hour."""
    minute, end = _named_minutes(tokens, i)
    if minute is not None and minute < 0:
        hour, minute = (hour - 1) or 12, 60 + minute
    return _Time(hour, minute, end, is_sure=minute is not None)


def _digital(tokens: Sequence[Token], i: int, *, has_word: bool) -> _Time | None:
    hour = tokens[i].number
    if _is_piece(tokens, i):
        return None
    if len(tokens[i].word) == 4 and hour % 100 < 60 and zone(tokens, i + 1):
        return _Time(hour // 100, hour % 100, i + 1, is_sure=True) if hour < 2400 else None
    if hour > 23 or len(tokens[i].word) > 2:
        return None
    if (
        tokens[i + 1].word in _SIGNS and len(tokens[i + 2].word) == 2
        and 0 <= tokens[i + 2].number < 60
        and are_joined(tokens, i + 1) and are_joined(tokens, i + 2)
    ):
        end = i + 3
        if tokens[end].word == ":" and 0 <= tokens[end + 1].number < 60:
            end += 2
        return _Time(hour, tokens[i + 2].number, end, is_sure=True)
    is_hour = has_word or (i and tokens[i - 1].word in _AT and 1 <= hour <= 12)
    if not is_hour or digits(tokens, i) is None:
        return None
    return _with_minutes(tokens, hour, i + 1)


def _is_piece(tokens: Sequence[Token], i: int) -> bool:
    """Say whether the digits go on something before them."""
    return are_joined(tokens, i) and tokens[i - 1].word in (":", ".", ",", "-", "/", "+")


def _named_minutes(tokens: Sequence[Token], i: int) -> tuple[int | None, int]:
    """Read "والنصف", "إلا ربعا", "و20 دقيقة"; minutes before the hour are negative."""
    if tokens[i].word == "و":
        minute = _NAMED_MINUTES.get(tokens[i + 1].word)
        if minute is not None:
            return minute, i + 2
        counted = amount(tokens, i + 1)
        unit = tokens[counted[1]].word if counted else ""
        if counted and counted[0] < 60 and unit in ("دقيقه", "دقائق"):
            return counted[0], counted[1] + 1
        if counted and counted[0] < 60 and unit in DAY_PARTS_AFTER:
            return counted
    if tokens[i].word == "الا" and tokens[i + 1].word in ("ربعا", "الربع", "ربع"):
        return -15, i + 2
    if tokens[i].word == "الا" and tokens[i + 1].word in ("ثلثا", "الثلث", "ثلث"):
        return -20, i + 2
    return None, i


def _part(tokens: Sequence[Token], i: int) -> tuple[str | None, int]:
    """Read the part of the day behind a time, unless it begins a day of its own."""
    word, after = tokens[i].word, tokens[i + 1].word
    if word == "من" and after in ("صباح", "مساء", "فجر", "ليل", "بعد", "ظهر", "عصر"):
        return None, i + 1
    if word == "بعد" and after == "منتصف" and tokens[i + 2].word in ("الليل", "ليل"):
        return "MO", i + 2 + (tokens[i + 2].word == "الليل")
    if word in ("بعد", "قبل") and after in ("الظهر", "ظهر"):
        if after == "ظهر" and day_part(tokens, i) is not None:
            return None, i
        return ("AF" if word == "بعد" else "MO"), i + 2
    if word == "مساء" and day_part(tokens, i) is not None:
        return None, i
    part = DAY_PARTS_AFTER.get(word)
    return part, i + (part is not None)


def _day_behind(tokens: Sequence[Token], i: int) -> tuple[Reading, int]:
    """Read the day behind a time; without one, it is the day of writing."""
    at = i + (tokens[i].word in ("من", "،", ",", "في"))
    found = day_part(tokens, at)
    if found is None or isinstance(found[0], Clock):
        return TODAY, i
    return found


def _hour(hour: int, part: str | None) -> int:
    """Return the hour of 24 that is meant in a part of the day."""
    if part == "MO":
        return 0 if hour == 12 else hour
    if part == "AF" and hour <= 8:
        return hour + 12
    if part == "EV" and 1 <= hour < 12:
        return hour + 12
    if part == "NI":
        return 0 if hour == 12 else hour + 12 if 6 <= hour < 12 else hour
    return hour
