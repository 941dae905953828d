"""Say where and when an event happens, and where that was read."""

from typing import NamedTuple

from schemas.records import DateMention, Mention, ResolvedStory, Story
from transforms.clitics import without_conjunction
from transforms.dates.find import publication_anchor
from transforms.events.lexicon import load_lexicon
from transforms.events.participants import Parts
from transforms.events.times import nearest_date
from transforms.events.trigger_selection import Trigger
from transforms.events.words import Words

_AREA_WORDS = 3
_BEFORE_COSTS = 2


class Place(NamedTuple):
    """Where an event happens."""

    name: str | None
    source: str | None  # labels.PLACE_SOURCES
    mention: Mention | None


class Time(NamedTuple):
    """When an event happens."""

    value: str | None
    source: str | None  # labels.TIME_SOURCES
    date_id: str | None
    first_day: str | None
    last_day: str | None
    granularity: str | None


NOWHERE = Place(None, None, None)
UNDATED = Time(None, None, None, None, None, None)


class Frame(NamedTuple):
    """What the frame of a story says of all that it tells: dateline and publication."""

    place: Place
    date: DateMention | None
    published: str | None  # YYYY-MM-DD in the desk's zone


def frame(resolved: ResolvedStory) -> Frame:
    """Return the place and the date of a story's dateline, and its day of publication."""
    story = resolved.story
    datelines = [span for span in story.wire_spans if span.kind == "dateline"]
    places = [
        name for name in resolved.mentions
        if name.field == "text" and name.label == "LOC"
        and any(span.start <= name.start < span.end for span in datelines)
    ]
    dates = [
        date for date in resolved.dates
        if date.field == "text" and date.first_day and date.kind in ("date", "time")
        and any(span.start <= date.start < span.end for span in datelines)
    ]
    if places:
        place = Place(places[0].surface, "dateline", places[0])
    else:
        place = Place(story.dateline_place, "dateline", None) if story.dateline_place else NOWHERE
    return Frame(place, dates[0] if dates else None, publication_day(story))


def publication_day(story: Story) -> str | None:
    """Return the day of publication in the desk's zone."""
    anchor = publication_anchor(story)
    return anchor.day.isoformat() if anchor else None


def place_of(words: Words, trigger: Trigger, parts: Parts, around: Frame) -> Place:
    """Return where an event happens: the place its sentence gives it, else the dateline's."""
    if trigger.hit.form.row.mode == "visit":
        goal = next((name for name in parts.recipients.names if name.label == "LOC"), None)
        if goal:
            return Place(goal.surface, "sentence", goal)
    found = [
        (cost, name) for name in words.names if name.label == "LOC"
        for cost in [_cost(words, trigger, name)] if cost is not None
    ]
    if found:
        name = _inner(words, min(found, key=lambda pair: pair[0])[1])
        return Place(name.surface, "sentence", name)
    struck = next((name for name in parts.recipients.names if name.label == "LOC"), None)
    if struck and trigger.hit.form.row.event_type in _STRIKES:
        return Place(struck.surface, "sentence", struck)
    return around.place


_STRIKES = frozenset({"ASSAULT", "COERCE"})
"""Types of event that happen at the place that they are done to."""


def _inner(words: Words, name: Mention) -> Mention:
    """Return the city that follows a country at once: "the Saudi capital Riyadh". A country
    after its city ("Jeddah Saudi Arabia") adds nothing."""
    following = next((other for other in words.names if other.start > name.start), None)
    is_next = following is not None and following.start - name.end == 1
    if following and is_next and following.label == "LOC" and following.surface[0] != "و":
        return name if name.geonameid and not following.geonameid else following
    return name


def _cost(words: Words, trigger: Trigger, name: Mention) -> int | None:
    """Return how far a place is from a trigger, or None if nothing says that it is one here."""
    index = next(
        index for index, word in enumerate(words.words) if word.end > name.start
    )
    if not _is_located(words, index, name):
        return None
    if index >= trigger.last:
        is_topic = any(words.key(step) in _TOPICS for step in range(trigger.last, index))
        return None if is_topic else index - trigger.last
    is_apart = index > _OPENING_WORDS and any(
        _breaks(words, step) for step in range(index, trigger.first)
    )
    return None if is_apart else _BEFORE_COSTS * (trigger.first - index)


def _breaks(words: Words, comma: int) -> bool:
    """Say whether a comma parts what follows from a place before it.

    Not one around a date ("في جدة، السبت، …"), nor one before what came of it ("… في بغداد، ما
    أدى إلى مقتل").
    """
    if words.key(comma) != "،":
        return False
    key = words.key(comma + 1)
    if key in _CONSEQUENCES or without_conjunction(key) in _CONSEQUENCES:
        return False
    return _past_date(words, comma, 1) != "،" and (
        key in _NEW_CLAUSES or _past_date(words, comma, -1) != "،")


def _past_date(words: Words, comma: int, step: int) -> str:
    """Return the word behind, or before, a date that stands beside a comma; "" without one."""
    index = comma + step
    while 0 <= index < len(words.words) and words.is_dated(index):
        index += step
    return "" if index == comma + step else words.key(index)


_NEW_CLAUSES = frozenset({"فيما", "بينما", "حيث", "كما", "لكن", "ولكن", "وفق", "بحسب"})


_CONSEQUENCES = frozenset({
    "ما", "مما", "ادي", "ادت", "اسفر", "اسفرت", "خلف", "خلفت", "اوقع", "اوقعت", "اودي", "اودت",
    "راح", "اسفرا", "نجم", "تسبب", "تسببت",
})


_OPENING_WORDS = 4
_TOPICS = frozenset({"حول", "بشان", "الاوضاع", "الوضع", "الازمه", "تطورات", "التطورات", "ملف"})


def _is_located(words: Words, index: int, name: Mention) -> bool:
    """Say whether "in" or the like introduces the place, perhaps with "the city of" between."""
    lists = load_lexicon().words
    key = words.key(index)
    if key[0] == "ب" and words.words[index].start == name.start and not _is_whole(name):
        return len(key) > _AREA_WORDS
    if key[0] == "ب" and words.words[index].start < name.start:
        return True
    for step in range(1, _AREA_WORDS + 1):
        before = words.key(index - step)
        if before in lists["IN"]:
            return True
        if before not in lists["AREA"] and not (before.startswith("ال") and step == 1):
            return False
    return False


def _is_whole(name: Mention) -> bool:
    """Say whether the place's own name begins with the letter that may be a preposition."""
    return name.surface.startswith(("بيروت", "بغداد", "باريس", "برلين", "بروكسل", "بنغازي",
                                    "بريطانيا", "بكين", "بولندا", "بلجيكا", "باكستان", "البصرة"))


def time_of(
    words: Words, trigger: Trigger, around: Frame, *, tense: str, is_main_line: bool
) -> Time:
    """Return when an event happens, and where that was read.

    The dateline and the day of publication date only what the main line of a story tells as
    past or present, never a plan and never the background.
    """
    date = nearest_date(words, trigger)
    if date:
        return _dated(date, "sentence")
    if not is_main_line or tense not in ("past", "present"):
        return UNDATED
    if around.date:
        return _dated(around.date, "dateline")
    day = around.published
    return Time(day, "publication", None, day, day, "day") if day else UNDATED


def _dated(date: DateMention, source: str) -> Time:
    return Time(
        date.value, source, date.date_id, date.first_day, date.last_day, date.granularity
    )
