"""Gather the evidence behind one story or one event, from the tables."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from pipeline.open_tables import tables_at
from schemas.views import rows_of

PREFIX_CHARS_MIN = 6
_MATCHES_SHOWN = 10
_ID = re.compile(rf"[0-9a-f]{{{PREFIX_CHARS_MIN},32}}")

_FIND = """
select 'story' as kind, story_id as id, story_id, title as name from stories
where starts_with(story_id, $1)
union all
select 'event', event_id, story_id, trigger from events where starts_with(event_id, $1)
union all
select 'copy', copy_id, story_id, title from duplicates where starts_with(copy_id, $1)
order by kind desc, id
"""

_STORY = """
select stories.* exclude (fingerprint, ingest_date),
    story_id in (select story_id from stories_current) as is_current
from stories where story_id = $1
"""

_VERSIONS = """
select story_id, revision, source_id, title, published_at, first_seen_at, status, item_type,
    replaces_as
from stories
"""
_SAME_ITEM = """
where source_id = $1 and item_id = $2 and story_id != $3 order by revision
"""

_MENTIONS = """
from mentions select * exclude (story_id, run_id, ingest_date)
where story_id = $1 order by field desc, start, "end"
"""

_DATES = """
from dates select * exclude (story_id, run_id, ingest_date)
where story_id = $1 order by field desc, start, "end"
"""

_EVENTS = """
select events.* exclude (story_id, run_id, ingest_date), quad
from events left join event_codes as codes
    on codes.event_type = events.event_type
    and codes.event_mode is not distinct from events.event_mode
where story_id = $1 order by field desc, trigger_start, event_id
"""

_DUPLICATES = """
from duplicates
select copy_id, source_id, agency, title, url, published_at, relation, similarity, evidence
where story_id = $1 order by published_at, copy_id
"""


class UnknownIdError(LookupError):
    """Nothing in the tables has this ID, or several things have IDs that begin like it."""


def explain(root: str, wanted: str) -> dict[str, Any]:
    """Return all that the tables in `root` hold of one story, by its ID, an event's or a copy's.

    The first characters of the ID do, if no other begins with them. `wanted` in the answer is
    the row that has the ID.

    Raises:
        NoTablesError: `root` holds no tables.
        UnknownIdError: no row, or more than one, has such an ID.
    """
    with tables_at(root) as tables:
        found = _find(tables, wanted, root)
        story_id = found["story_id"]
        stories = rows_of(tables, _STORY, story_id)
        if not stories:
            raise UnknownIdError(f"{root} lacks the story {story_id} of {found['kind']} "
                                 f"{found['id']}: is a part of the tables missing?")
        (story,) = stories
        mentions = rows_of(tables, _MENTIONS, story_id)
        dates = rows_of(tables, _DATES, story_id)
        return {
            "wanted": found,
            "story": story,
            "mentions": mentions,
            "dates": dates,
            "events": _resolved(rows_of(tables, _EVENTS, story_id), mentions, dates),
            "duplicates": rows_of(tables, _DUPLICATES, story_id),
            "replaces": rows_of(tables, _VERSIONS + "where story_id = $1", story["replaces"]),
            "replaced_by": rows_of(
                tables, _VERSIONS + "where replaces = $1 order by first_seen_at", story_id),
            "other_versions": rows_of(
                tables, _VERSIONS + _SAME_ITEM, story["source_id"], story["item_id"], story_id),
        }


def _find(tables: duckdb.DuckDBPyConnection, wanted: str, root: str) -> dict[str, Any]:
    prefix = wanted.strip().lower()
    if not _ID.fullmatch(prefix):
        raise UnknownIdError(f"{wanted!r} is no ID: an ID, or its beginning, is "
                             f"{PREFIX_CHARS_MIN} to 32 of the characters 0-9 and a-f")
    found = rows_of(tables, _FIND, prefix)
    if not found:
        raise UnknownIdError(f"nothing in {root} has the ID {prefix}: IDs are the columns "
                             "story_id, event_id and copy_id; naba show prints the latest")
    if len(found) > 1:
        lines = [f"{row['kind']} {row['id']} {_one_line(row['name'])}"
                 for row in found[:_MATCHES_SHOWN]]
        raise UnknownIdError("\n  ".join([f"{len(found)} IDs begin with {prefix}:", *lines]))
    return found[0]


def _one_line(text: str) -> str:
    """Return the beginning of `text`, fit for a terminal."""
    return "".join(c if c.isprintable() else " " for c in text[:60])


def _resolved(
    events: Iterable[dict[str, Any]], mentions: Iterable[Mapping[str, Any]],
    dates: Iterable[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Return the events with rows in place of the IDs of names, places and dates."""
    names = {mention["mention_id"]: mention for mention in mentions}
    days = {date["date_id"]: date for date in dates}
    return [
        {
            **event,
            **{part: [names[key] for key in event[part] or () if key in names]
               for part in ("actors", "recipients", "participants")},
            "place_mention": names.get(event["place_mention"]),
            "time_date": days.get(event["time_date"]),
        }
        for event in events
    ]
