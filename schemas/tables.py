"""The output tables: every column once, with its type and a one-line meaning.

`docs/tables.md` is generated from here (`python -m schemas.tables`), and the meanings travel in
the Arrow field metadata of every file.
"""

from collections.abc import Mapping
from typing import NamedTuple

import pyarrow as pa

from schemas.records import (
    DateMention,
    Duplicate,
    Event,
    Fetch,
    Mention,
    Reject,
    Run,
    Story,
)

SCHEMA_VERSION = "2"

_TEXT = pa.string()
_TIME = pa.timestamp("us", tz="UTC")
_TEXTS = pa.list_(_TEXT)
_SPANS = pa.list_(pa.struct([("kind", _TEXT), ("start", pa.int32()), ("end", pa.int32())]))
_CASUALTIES = pa.list_(pa.struct([
    ("kind", _TEXT), ("people", pa.int64()), ("qualifier", _TEXT), ("start", pa.int32()),
    ("end", pa.int32()),
]))
_COUNTS = pa.list_(pa.struct([
    ("source_id", _TEXT), ("read", pa.int64()), ("stories", pa.int64()),
    ("duplicates", pa.int64()), ("unchanged", pa.int64()), ("rejects", pa.int64()),
]))


class Table(NamedTuple):
    """One output table: its record type, its columns, and the order of rows in a file."""

    name: str
    meaning: str
    record: type
    schema: pa.Schema
    sort_by: tuple[str, ...]


def _table(
    name: str,
    meaning: str,
    record: type,
    columns: Mapping[str, tuple[pa.DataType, str]],
    sort_by: tuple[str, ...],
) -> Table:
    described = {
        **columns,
        "run_id": (_TEXT, "The run that wrote this row; joins with `runs`."),
    }
    schema = pa.schema(
        [
            pa.field(column, kind, metadata={"description": text})
            for column, (kind, text) in described.items()
        ],
        metadata={"naba.schema_version": SCHEMA_VERSION, "naba.table": name},
    )
    return Table(name, meaning, record, schema, sort_by)


STORIES = _table(
    "stories",
    "One row per version of a story that was kept: a changed item is a new row with the next "
    "revision, never an overwrite.",
    Story,
    {
        "story_id": (_TEXT, "Names this version: BLAKE2b-128 hex of source, item and content."),
        "revision": (pa.int32(), "Version of the item (source_id, item_id): 1, 2, 3 and on."),
        "source_id": (_TEXT, "The source that published it, as named in feeds.toml or by file."),
        "source_kind": (_TEXT, "rss, atom, jsonfeed, telegram or text."),
        "item_id": (_TEXT, "Identity inside the source: guid, link, message or content id."),
        "url": (_TEXT, "Link to the story, as published."),
        "agency": (_TEXT, "The agency: from feeds.toml, else from the story's own credit."),
        "author": (_TEXT, "Author or byline, as published."),
        "language": (_TEXT, "BCP 47 language of the text, detected; und if undecided."),
        "item_type": (_TEXT, "story, alert, correction, withdrawal, advisory, digest or media."),
        "title": (_TEXT, "Headline as published: NFC, control characters and markup removed."),
        "text": (_TEXT, "Body as published: NFC, controls and markup removed, nothing cut."),
        "text_sha256": (_TEXT, "SHA-256 hex of `text` in UTF-8."),
        "published_at": (_TIME, "When the source says it was published, UTC; null if unknown."),
        "published_from": (_TEXT, "The field or rule that gave published_at."),
        "updated_at": (_TIME, "When the source says it was last changed, UTC."),
        "timezone": (_TEXT, "IANA zone of the desk, for what it calls today: from feeds.toml, "
                            "else the agency's, else UTC."),
        "first_seen_at": (_TIME, "Logical time of the run that first saw this version, UTC."),
        "wire_spans": (_SPANS, "Parts of `text` that belong to the wire: dateline, agency, "
                               "byline, closing_mark, promotion, signature; code points."),
        "dateline_place": (_TEXT, "Place named in the dateline, as printed."),
        "status": (_TEXT, "usable, corrected or withdrawn."),
        "replaces": (_TEXT, "The story_id of the text that this one updates or corrects."),
        "replaces_as": (_TEXT, "update_of or correction_of, where `replaces` is set."),
        "forwarded_from": (_TEXT, "Whom a Telegram post was forwarded from."),
        "priority": (pa.int32(), "Priority of the source, lower wins a tie between copies."),
        "repairs": (_TEXTS, "What was mended on the way: charset, mojibake, JSON escapes."),
        "origin": (_TEXT, "The file or URL that it was read from."),
        "position": (_TEXT, "Where in the origin: item number or byte offset."),
        "fingerprint": (pa.binary(), "What near-duplicate search needs of this story."),
    },
    ("published_at", "story_id"),
)

DUPLICATES = _table(
    "duplicates",
    "One row per copy that was not kept, with the story that stands for it.",
    Duplicate,
    {
        "copy_id": (_TEXT, "Names the copy, as story_id would have."),
        "source_id": (_TEXT, "The source of the copy."),
        "source_kind": (_TEXT, "rss, atom, jsonfeed, telegram or text."),
        "item_id": (_TEXT, "Identity of the copy inside its source."),
        "revision": (pa.int32(), "Version of the item, as in stories."),
        "url": (_TEXT, "Link to the copy, as published."),
        "agency": (_TEXT, "The agency that published or is credited by the copy."),
        "title": (_TEXT, "Headline of the copy."),
        "text_sha256": (_TEXT, "SHA-256 hex of the copy's text in UTF-8."),
        "published_at": (_TIME, "When the copy was published, UTC; null if unknown."),
        "first_seen_at": (_TIME, "Logical time of the run that first saw the copy, UTC."),
        "story_id": (_TEXT, "The story kept."),
        "relation": (_TEXT, "exact_copy, near_copy, contained or forward_of."),
        "similarity": (pa.float64(), "Share of the shorter text's shingles found in the other."),
        "evidence": (_TEXT, "What decided: the key shared and the measures."),
        "origin": (_TEXT, "The file or URL that the copy was read from."),
        "position": (_TEXT, "Where in the origin."),
    },
    ("published_at", "copy_id"),
)

MENTIONS = _table(
    "mentions",
    "One row per name found in a story: `stories.<field>[start:end] == surface`.",
    Mention,
    {
        "mention_id": (_TEXT, "Names the mention: story, field, offsets and label."),
        "story_id": (_TEXT, "The story that it stands in."),
        "field": (_TEXT, "title or text: what the offsets index."),
        "sentence": (pa.int32(), "0-based number of the sentence in that field."),
        "start": (pa.int32(), "First code point, 0-based."),
        "end": (pa.int32(), "One past the last code point."),
        "surface": (_TEXT, "The name as printed."),
        "label": (_TEXT, "PER, ORG, LOC or MISC."),
        "score": (pa.float64(), "Mean probability of the label over the name's words."),
        "entity_key": (_TEXT, "Groups mentions of one entity: geo:, org: or the label and the "
                              "folded name."),
        "role": (_TEXT, "Office or title printed beside a person, as printed."),
        "country": (_TEXT, "ISO 3166-1 alpha-2: of a place, of an adjective of nationality, or "
                           "of the office that a person holds."),
        "country_alternatives": (_TEXTS, "Other countries that claim a disputed place, or that "
                                         "have a place of this name."),
        "geonameid": (pa.int64(), "GeoNames id of a place."),
        "latitude": (pa.float64(), "Degrees north, WGS 84."),
        "longitude": (pa.float64(), "Degrees east, WGS 84."),
        "link_rule": (_TEXT, "The rule that linked or grouped the name."),
        "model_id": (_TEXT, "Who found it: the model and the hash of its weights, or a "
                            "list of known names."),
    },
    ("story_id", "field", "start", "end"),
)

DATES = _table(
    "dates",
    "One row per temporal expression in a story: `stories.<field>[start:end] == surface`.",
    DateMention,
    {
        "date_id": (_TEXT, "Names the expression: story, field and offsets."),
        "story_id": (_TEXT, "The story that it stands in."),
        "field": (_TEXT, "title or text: what the offsets index."),
        "sentence": (pa.int32(), "0-based number of the sentence in that field."),
        "start": (pa.int32(), "First code point, 0-based."),
        "end": (pa.int32(), "One past the last code point."),
        "surface": (_TEXT, "The expression as printed."),
        "kind": (_TEXT, "date, time, duration or set (TIMEX3 types)."),
        "value": (_TEXT, "ISO 8601 or TIMEX3 value; null if it could not be resolved."),
        "first_day": (_TEXT, "First day, YYYY-MM-DD; null for durations and what is unresolved."),
        "last_day": (_TEXT, "Last day, inclusive."),
        "granularity": (_TEXT, "minute, hour, day_part, day, week, month, quarter, season, "
                               "half_year, year, decade, century, range, duration or set."),
        "modifier": (_TEXT, "start, mid, end, approx, before or after."),
        "anchor": (
            _TEXT, "What it was reckoned from: absolute, dateline, publication, text or none."),
        "calendar": (_TEXT, "gregorian or hijri (Umm al-Qura): as printed; values are Gregorian."),
        "rule": (_TEXT, "The rule that read it."),
        "unresolved": (_TEXT, "Why value is null."),
    },
    ("story_id", "field", "start", "end"),
)

EVENTS = _table(
    "events",
    "One row per event mentioned: `stories.<field>[trigger_start:trigger_end] == trigger`.",
    Event,
    {
        "event_id": (_TEXT, "Names the event: story, field, trigger and type."),
        "story_id": (_TEXT, "The story that mentions it."),
        "field": (_TEXT, "title or text: what the offsets index."),
        "sentence": (pa.int32(), "0-based number of the sentence in that field."),
        "trigger_start": (pa.int32(), "First code point of the trigger, 0-based."),
        "trigger_end": (pa.int32(), "One past its last code point."),
        "trigger": (_TEXT, "The words that tell of the event, as printed."),
        "trigger_kind": (_TEXT, "finite_verb, light_verb or event_noun."),
        "event_type": (_TEXT, "PLOVER type; null where only extension_type fits."),
        "event_mode": (_TEXT, "PLOVER mode, for the types that have modes."),
        "extension_type": (_TEXT, "Naba's own type for what PLOVER lacks: ORG_FORM, TAKE_OFFICE, "
                                  "DISASTER and others."),
        "actors": (_TEXTS, "mention_ids of who does it; only where a pattern of words says so."),
        "actors_rule": (_TEXT, "That pattern."),
        "recipients": (_TEXTS, "mention_ids of whom it is done to, on the same terms."),
        "recipients_rule": (_TEXT, "That pattern."),
        "participants": (_TEXTS, "mention_ids of the sentence's other names, part uncertain."),
        "place": (_TEXT, "Where, as printed."),
        "place_from": (_TEXT, "Where that was read: sentence or dateline; null = no place."),
        "place_mention": (_TEXT, "mention_id of the place."),
        "country": (_TEXT, "ISO 3166-1 alpha-2 of the place."),
        "geonameid": (pa.int64(), "GeoNames id of the place."),
        "latitude": (pa.float64(), "Degrees north, WGS 84."),
        "longitude": (pa.float64(), "Degrees east, WGS 84."),
        "time": (_TEXT, "When: ISO 8601 or TIMEX3 value."),
        "time_from": (_TEXT, "Where that was read: sentence, dateline or publication; null = "
                             "unknown."),
        "time_date": (_TEXT, "date_id of the expression, where there is one."),
        "first_day": (_TEXT, "First day of `time`, YYYY-MM-DD."),
        "last_day": (_TEXT, "Last day of `time`, inclusive."),
        "granularity": (_TEXT, "How exact `time` is, as in dates."),
        "tense": (_TEXT, "past, present, planned or unknown."),
        "factuality": (_TEXT, "asserted, reported, alleged, requested, hypothetical or negated."),
        "reported_by": (_TEXT, "Who says so, as printed; null if the wire itself does."),
        "casualties": (_CASUALTIES, "People harmed, as counted: killed, injured, detained, "
                                    "missing or displaced; exact, at_least, at_most or about."),
        "tier": (_TEXT, "How far to trust it: A, B or C; docs/events.md has what each measures."),
        "rule": (_TEXT, "The rule that fired."),
    },
    ("story_id", "field", "trigger_start", "trigger_end", "event_id"),
)

REJECTS = _table(
    "rejects",
    "One row per thing read that could not be used, with where it is and what to do.",
    Reject,
    {
        "reject_id": (_TEXT, "Names the reject: source, stage, reason, place and bytes."),
        "source_id": (_TEXT, "The source that it came from."),
        "stage": (_TEXT, "The stage that refused it."),
        "reason": (_TEXT, "Reason code; docs/operations.md lists them with remedies."),
        "message": (_TEXT, "What is wrong, where, and what to do about it."),
        "origin": (_TEXT, "The file or URL."),
        "position": (_TEXT, "Item or byte offset in the origin."),
        "raw": (pa.binary(), "The bytes refused, the first 4,096 of them."),
        "raw_bytes": (pa.int64(), "How many bytes were refused."),
        "retryable": (pa.bool_(), "True if a later run may succeed without a change."),
    },
    ("source_id", "position", "reject_id"),
)

FETCHES = _table(
    "fetches",
    "One row per reading of a source: a poll of a feed, or a file opened. It is the feed "
    "memory of the next run.",
    Fetch,
    {
        "source_id": (_TEXT, "The source that was read."),
        "url": (_TEXT, "The URL or path asked for."),
        "fetched_at": (_TIME, "When the reading began, wall clock, UTC."),
        "duration_s": (pa.float64(), "How long it took, seconds."),
        "outcome": (_TEXT, "ok, not_modified, not_due or failed."),
        "status": (pa.int32(), "HTTP status; null for files and for connections that failed."),
        "final_url": (_TEXT, "Where redirects led."),
        "etag": (_TEXT, "ETag to send with the next poll."),
        "last_modified": (_TEXT, "Last-Modified to send with the next poll."),
        "content_type": (_TEXT, "Content-Type of the answer."),
        "bytes": (pa.int64(), "Size of the document, decompressed."),
        "not_before": (_TIME, "The server asked not to be polled earlier (Retry-After)."),
        "items_seen": (pa.int64(), "Items found in the document."),
        "items_new": (pa.int64(), "Items of the source never seen before this run."),
        "items_changed": (pa.int64(), "Items of the source seen before with other content."),
        "health": (_TEXTS, "What to look into: failed, empty, moved, undated, "
                            "repaired, rejects, incomplete."),
    },
    ("source_id", "url"),
)

RUNS = _table(
    "runs",
    "One row per run, written last: a run that has a row is complete.",
    Run,
    {
        "logical_time": (_TIME, "The time slot that the run stands for, UTC."),
        "started_at": (_TIME, "When it began, wall clock, UTC."),
        "duration_s": (pa.float64(), "How long it took, seconds."),
        "outcome": (_TEXT, "complete, or partial if a source failed."),
        "inputs": (_TEXTS, "Sources asked for."),
        "options": (_TEXT, "Options of the run, JSON."),
        "versions": (_TEXT, "Versions of Naba and what it ran on, JSON."),
        "model_id": (_TEXT, "The model that tagged the stories."),
        "sources": (pa.int64(), "How many sources were asked for."),
        "counts": (_COUNTS, "Per source: read = stories + duplicates + unchanged + rejects."),
        "failed_sources": (_TEXTS, "Sources that could not be read at all."),
    },
    ("logical_time",),
)

TABLES = {
    table.name: table
    for table in (MENTIONS, DATES, EVENTS, DUPLICATES, REJECTS, FETCHES, STORIES, RUNS)
}
"""Every table, in the order in which a commit makes them visible: `stories` after all that
points at it, `runs` last."""


def to_markdown() -> str:
    """Return the reference of all tables and columns, in Markdown."""
    lines = [
        "# Tables", "",
        "Generated from `schemas/tables.py` by `python -m schemas.tables > docs/tables.md`.", "",
        "Layout: `<output>/<table>/ingest_date=YYYY-MM-DD/<run_id>-<shard>.parquet`, zstd. "
        "`ingest_date` is the UTC date of the run's logical time.", "",
    ]
    for table in TABLES.values():
        lines += [f"## {table.name}", "", table.meaning, "",
                  f"Rows in a file are sorted by {', '.join(table.sort_by)}.", "",
                  "| column | type | meaning |", "|---|---|---|"]
        lines += [
            f"| `{field.name}` | {_type_name(field.type)} "
            f"| {field.metadata[b'description'].decode()} |"
            for field in table.schema
        ]
        lines.append("")
    return "\n".join(lines)


def _type_name(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {_type_name(kind.value_type)}"
    if pa.types.is_struct(kind):
        return "(" + ", ".join(field.name for field in kind) + ")"
    return "timestamp, UTC" if pa.types.is_timestamp(kind) else str(kind)


if __name__ == "__main__":
    print(to_markdown())  # noqa: T201 (this is what the command is for)
