"""Find the date in a sentence that tells when an event happens."""

from schemas.records import DateMention
from transforms.events.trigger_selection import Trigger
from transforms.events.words import Words


def nearest_date(words: Words, trigger: Trigger) -> DateMention | None:
    """Return the date of the sentence that stands nearest to a trigger; what follows is nearer.

    Durations and recurring times date nothing.
    """
    start, end = words.words[trigger.first].start, words.words[trigger.last - 1].end
    dates = [
        date for date in words.dates
        if date.kind in ("date", "time") and date.value and date.first_day
    ]
    return min(dates, key=lambda date: _distance(date, start, end), default=None)


_BEFORE_COSTS = 1.5  # a date tells more often of the event before it than of the one after


def _distance(date: DateMention, start: int, end: int) -> float:
    if date.start >= end:
        return date.start - end
    return _BEFORE_COSTS * max(0, start - date.end)
