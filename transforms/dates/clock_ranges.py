"""Read stretches between two clock times: "من الثامنة صباحا حتى الرابعة عصرا"."""

from collections.abc import Sequence

from transforms.dates.clock import Moment, moment
from transforms.dates.numeric import Match
from transforms.dates.readings import TODAY, Clock, Range
from transforms.dates.tokens import Token

_TO = frozenset({"الي", "حتي"})
_LINKS = {"من": _TO, "منذ": _TO, "بين": frozenset({"و"}), "الساعه": _TO | {"-", "–"}}


def clock_range(tokens: Sequence[Token], i: int) -> Match | None:
    """Read two clock times with a link between them; one of them must look like one."""
    links = _LINKS.get(tokens[i].word)
    if links is None:
        return None
    first = moment(tokens, i + (tokens[i].word != "الساعه"), is_hour=True)
    at = _behind_link(tokens, first.end, links) if first else None
    last = moment(tokens, at, is_hour=True) if at is not None else None
    if first is None or last is None or not (first.is_sure or last.is_sure):
        return None
    return Range(_first(first, last), _last(first, last)), last.end


def _behind_link(tokens: Sequence[Token], i: int, links: frozenset[str]) -> int | None:
    at = i + (tokens[i].word in ("،", ","))
    at += tokens[at].word == "و" and tokens[at + 1].word in links
    return at + 1 if tokens[at].word in links else None


def _first(first: Moment, last: Moment) -> Clock:
    """Return the start; day, zone and part of the day may be named at the end alone."""
    is_before = first.time.hour < last.time.hour
    found = first.reading(last.part if is_before else None)
    day = last.day if found.day == TODAY else found.day
    return found._replace(day=day, zone=found.zone or last.zone)


def _last(first: Moment, last: Moment) -> Clock:
    is_afternoon = first.part == "MO" and last.part is None and last.time.hour < first.time.hour
    found = last.reading("AF" if is_afternoon else None)
    day = first.day if found.day == TODAY else found.day
    return found._replace(day=day, zone=found.zone or first.zone)
