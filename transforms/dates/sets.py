"""Read what recurs: "كل يوم جمعة", "كل أربع سنوات", "سنويا", "مرتين في الأسبوع"."""

from collections.abc import Sequence

from transforms.dates.lengths import iso_duration, length
from transforms.dates.numbers import amount, ordinal
from transforms.dates.numeric import Match
from transforms.dates.readings import Fixed
from transforms.dates.tokens import Token
from transforms.dates.words import DAY_PARTS, INDEFINITE_WEEKDAYS, SEASONS, THE_UNIT, WEEKDAYS
from transforms.dates.years import SAME, counts_something, direction

_ADVERBS = {"يوميا": "P1D", "اسبوعيا": "P1W", "شهريا": "P1M", "سنويا": "P1Y"}
_LOOK_BACK = 6
_TIMES = frozenset({"مره", "مرتين", "مرات"})


def recurrence(tokens: Sequence[Token], i: int) -> Match | None:
    """Read a set of times, as how far apart they lie."""
    word = tokens[i].word
    if word in _ADVERBS:
        # "مليون برميل يوميا" is a rate.
        before = range(max(0, i - _LOOK_BACK), i)
        is_rate = any(tokens[at].number >= 0 or counts_something(tokens, at) for at in before)
        return None if is_rate else (Fixed("set", _ADVERBS[word]), i + 1)
    if word == "ايام" and tokens[i + 1].word in WEEKDAYS:
        is_list = tokens[i + 2].word in ("و", "،", ",")
        return None if is_list else (Fixed("set", "P1W"), i + 2)
    return _every(tokens, i + 1) if word == "كل" else _times_in(tokens, i)


def _times_in(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "مرتين في الأسبوع", "ثلاث مرات يوميا", "مرة كل شهرين"."""
    number = amount(tokens, i)
    at = number[1] if number else i
    if tokens[at].word not in _TIMES or (i and tokens[i - 1].word in ("اول", "اخر")):
        return None
    at += 1 + (tokens[at + 1].word == "واحده")
    at += 2 * (tokens[at].word == "علي" and tokens[at + 1].word in ("الاقل", "الاكثر"))
    word = tokens[at].word
    if word in _ADVERBS:
        return Fixed("set", _ADVERBS[word]), at + 1
    if word == "كل":
        return _every(tokens, at + 1)
    unit = THE_UNIT.get(tokens[at + 1].word) if word in ("في", "ب", "خلال") else None
    return _of_unit(tokens, at + 2, unit) if unit else None


def _of_unit(tokens: Sequence[Token], i: int, unit: str) -> Match | None:
    """Read a unit that stands for all its kind, and not for one that is named."""
    if tokens[i].word in ("الواحد", "الواحده"):
        return Fixed("set", iso_duration([(1, unit)])), i + 1
    is_one = direction(tokens, i) or ordinal(tokens, i) or tokens[i].word in SAME
    is_qualified = tokens[i].word.startswith("ال") and tokens[i].word != "الي"
    is_one = is_one or is_qualified or tokens[i].number >= 0
    return None if is_one else (Fixed("set", iso_duration([(1, unit)])), i)


def _every(tokens: Sequence[Token], i: int) -> Match | None:
    at = i + (tokens[i].word == "يوم")
    word = tokens[at].word
    if word in INDEFINITE_WEEKDAYS or word in WEEKDAYS:
        return Fixed("set", "P1W"), at + 1
    if word in DAY_PARTS:
        return Fixed("set", "P1D"), at + 1
    if word in SEASONS and not word.startswith("ال"):
        return Fixed("set", "P1Y"), at + 1
    found = length(tokens, i)
    return (Fixed("set", iso_duration(found.amounts)), found.end) if found else None
