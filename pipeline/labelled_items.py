"""Labelled items, normalised and decided on as in a run of their own."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple

from apache_beam.utils.timestamp import Timestamp

from pipeline.evaluate import EvaluationError, text_field
from schemas.records import RawItem, Story
from transforms.copies import candidate_of
from transforms.normalise import NormaliseError, normalise
from transforms.outcomes import with_fingerprint
from transforms.pairing import verdicts_in_memory
from transforms.text import clean_line
from transforms.versions import numbered

ITEM_FIELDS = ("id", "cluster", "src", "ts", "title", "body")
_YEARS = (1900, 2200)  # bounds a time in seconds, against milliseconds and nonsense
_BEGINNING_CHARS = 160


class LabelledItem(NamedTuple):
    """A labelled item, and what normalising made of it."""

    item_id: str
    cluster: str
    relation: str
    time_s: float
    story: Story | None  # None if it was rejected
    beginning: str  # title and first words, to be read by a person


class Decided(NamedTuple):
    """What deduplication says of items: who stands with whom, and by which links."""

    root: Mapping[str, str]  # item_id → item_id of the first of its cluster
    links: Sequence[tuple[str, str]]  # a copy or replacement, and what it follows


def labelled_item(place: str, row: Mapping[str, Any]) -> LabelledItem:
    """Return the item that a row describes.

    Raises:
        EvaluationError: a field is missing or wrong.
    """
    item_id, cluster, source_id, title, body = (
        text_field(place, row, name) for name in ("id", "cluster", "src", "title", "body")
    )
    time_s = _seconds(place, row.get("ts"))
    story = _story(RawItem(
        source_id=source_id, source_kind="rss", item_id=str(row.get("guid") or item_id),
        origin=place, position=item_id, title=title, body=body, markup="plain",
        url=row.get("url") or None, published_at=Timestamp(time_s), published_from="ts",
    ))
    return LabelledItem(
        item_id, cluster, clean_line(str(row.get("rel") or "")), time_s,
        with_fingerprint(story) if story else None,
        _beginning(title, body),
    )


def _beginning(*fields: str) -> str:
    return " — ".join(filter(None, (clean_line(field[:_BEGINNING_CHARS]) for field in fields)))


def _seconds(place: str, time_s: Any) -> float:
    first, last = (datetime(year, 1, 1, tzinfo=timezone.utc).timestamp() for year in _YEARS)
    if not isinstance(time_s, int | float) or not first <= time_s < last:
        raise EvaluationError(
            f"{place}: the field 'ts' should be seconds since 1970 and holds {time_s!r:.40}"
        )
    return time_s


def _story(item: RawItem) -> Story | None:
    try:
        return normalise(item, first_seen_at=item.published_at or Timestamp(0))
    except NormaliseError:
        return None


def decide(items: Sequence[LabelledItem]) -> Decided:
    """Return what one run over `items` would decide, versions of one item included."""
    stories = [item.story for item in items if item.story]
    new = numbered([candidate_of(story) for story in stories])
    copies = {verdict.key: verdict.kept_id for verdict in verdicts_in_memory(new)}
    revisions = {one.story_id: one.predecessor for one in new if one.predecessor}
    return _told_in_items(items, revisions | copies, copies)


def _told_in_items(
    items: Sequence[LabelledItem], follows: Mapping[str, str], copies: Mapping[str, str]
) -> Decided:
    """Return links between stories as links between the items that tell them."""
    teller = {item.story.story_id: item.item_id for item in items if item.story}
    root = {}
    for item in items:
        story_id = item.story.story_id if item.story else ""
        while story_id in follows:  # always earlier in the order, so it ends
            story_id = follows[story_id]
        root[item.item_id] = teller.get(story_id, item.item_id)
    return Decided(root, sorted((teller[one], teller[other]) for one, other in copies.items()))
