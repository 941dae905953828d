"""Find the dates of a story and reckon them from its dateline or its publication time."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.ids import digest
from schemas.records import DateMention, Story
from transforms.dates.anchors import Anchor
from transforms.dates.expressions import Expression, Found, find_readings, reckon, reckon_all
from transforms.dates.readings import Written
from transforms.sentences import sentence_spans

_NOT_READ = frozenset({"promotion", "closing_mark", "signature"})
_ANCHORS = {"itself": "absolute", "text": "text"}  # else that of the story
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class StoryAnchor(NamedTuple):
    """What the relative dates of a story are reckoned from, and where that was read."""

    anchor: Anchor | None
    source: str  # labels.DATE_ANCHORS


def date_mentions(story: Story) -> list[DateMention]:
    """Return the temporal expressions of title and text, title first, each in text order.

    The wire's own adverts, end marks and signatures are not read.
    """
    lead = max((span.end for span in story.wire_spans if span.kind == "dateline"), default=0)
    readings = find_readings(story.text, dateline_end=lead)
    text = [found for found in readings if not _is_of_wire(story, found)]
    published = publication_anchor(story)
    start = _from_dateline(story, text, published)
    # The dateline's own date cannot be reckoned from itself.
    own = StoryAnchor(published, "publication")
    anchors = [own if _is_in_dateline(story, found) else start for found in text]
    title = find_readings(story.title)
    mentions = _mentions(story, "title", title, [start] * len(title))
    return _with_sentences(story, mentions + _mentions(story, "text", text, anchors))


def publication_anchor(story: Story) -> Anchor | None:
    """Return the day and moment of publication in the desk's zone, or None without either.

    A time that was read from a dateline is a day, in UTC already.
    """
    if story.published_at is None:
        return None
    try:
        moment = _UNIX_EPOCH + timedelta(microseconds=story.published_at.micros)
        local = moment.astimezone(_zone(story.timezone)).replace(tzinfo=None)
    except OverflowError:  # beyond the year 9999
        return None
    if story.published_from.startswith("dateline"):
        return Anchor(moment.date())
    return Anchor(local.date(), local)


def _zone(name: str) -> ZoneInfo | timezone:
    """Return a zone by its IANA name; UTC where the system does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return timezone.utc


def _is_of_wire(story: Story, found: Found) -> bool:
    """Say whether an expression stands in what the wire adds to its stories."""
    return any(
        span.kind in _NOT_READ and found.start < span.end and span.start < found.end
        for span in story.wire_spans
    )


def _is_in_dateline(story: Story, found: Found) -> bool:
    return any(
        span.kind == "dateline" and span.start <= found.start and found.end <= span.end
        for span in story.wire_spans
    )


def _from_dateline(
    story: Story, readings: Sequence[Found], published: Anchor | None
) -> StoryAnchor:
    """Return the day in the dateline as the anchor, else the publication."""
    for found in readings:
        if _is_in_dateline(story, found):
            day = _dateline_day(found, published)
            if day is not None:
                is_same = published is not None and published.day == day
                return StoryAnchor(published if is_same else Anchor(day), "dateline")
    return StoryAnchor(published, "publication" if published else "none")


def _dateline_day(found: Found, published: Anchor | None) -> date | None:
    """Return the day that a dateline names; its year is that nearest to the publication."""
    if not isinstance(found.reading, Written) or found.reading.day is None:
        return None
    candidates = [reckon(found, published)]
    if found.reading.year is None and published is not None:
        candidates = [
            reckon(found._replace(reading=found.reading._replace(year=year)), None)
            for year in range(published.day.year - 1, published.day.year + 2)
        ]
    days = [one.value.first for one in candidates if one.value and one.value.first]
    if published is None or not days:
        return days[0] if days else None
    anchor = published.day
    return min(days, key=lambda day: abs((day - anchor).days))


def _mentions(
    story: Story, field: str, readings: Sequence[Found], anchors: Sequence[StoryAnchor]
) -> list[DateMention]:
    text: str = getattr(story, field)
    pairs = zip(readings, [start.anchor for start in anchors], strict=True)
    return [
        _mention(story, field, found, start)
        for found, start in zip(reckon_all(text, pairs), anchors, strict=True)
    ]


def _mention(story: Story, field: str, found: Expression, start: StoryAnchor) -> DateMention:
    text: str = getattr(story, field)
    value = found.value
    anchor = _ANCHORS.get(found.base, start.source) if value else "none"
    return DateMention(
        date_id=digest(story.story_id, field, str(found.start), str(found.end), found.rule),
        story_id=story.story_id,
        field=field,
        sentence=0,
        start=found.start,
        end=found.end,
        surface=text[found.start : found.end],
        kind=found.kind,
        value=value.value if value else None,
        first_day=value.first.isoformat() if value and value.first else None,
        last_day=value.last.isoformat() if value and value.last else None,
        granularity=found.granularity,
        modifier=value.modifier if value else None,
        anchor=anchor,
        calendar=value.calendar if value else "gregorian",
        rule=found.rule,
        unresolved=found.unresolved,
    )


def _with_sentences(story: Story, mentions: Sequence[DateMention]) -> list[DateMention]:
    """Return the mentions with the number of the sentence that each begins in."""
    starts = {
        field: [start for start, _ in sentence_spans(getattr(story, field))]
        for field in {mention.field for mention in mentions}
    }
    return [
        mention._replace(sentence=max(0, bisect_right(starts[mention.field], mention.start) - 1))
        for mention in mentions
    ]
