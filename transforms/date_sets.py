"""Read what recurs: "كل يوم جمعة", "كل أربع سنوات", "سنويا"."""

from collections.abc import Sequence

from transforms.date_lengths import iso_duration, length
from transforms.date_numeric import Match
from transforms.date_readings import Fixed
from transforms.date_tokens import Token
from transforms.date_words import DAY_PARTS, INDEFINITE_WEEKDAYS, SEASONS, WEEKDAYS
from transforms.date_years import counts_something

_ADVERBS = {"يوميا": "P1D", "اسبوعيا": "P1W", "شهريا": "P1M", "سنويا": "P1Y"}
_LOOK_BACK = 6


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
    return _every(tokens, i + 1) if word == "كل" else None


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
