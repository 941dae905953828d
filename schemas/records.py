"""The records that flow between stages: NamedTuples with RowCoder, deterministic as keys.

Times are Beam Timestamps in UTC. Offsets are half-open and count Unicode code points of the
stored field. Change a record with `_replace`; never mutate one.
"""

from collections.abc import Sequence
from typing import NamedTuple

from apache_beam.coders import RowCoder
from apache_beam.coders.typecoders import registry
from apache_beam.utils.timestamp import Timestamp

from schemas.ids import digest
from schemas.reasons import REASONS

RAW_BYTES_KEPT = 4096
"""How many bytes of what was rejected are kept in the rejects table."""


class SourceSpec(NamedTuple):
    """One source to read, as planned for a run: where it lies and what its owner says of it."""

    source_id: str
    location: str  # a path, an object-store URL or an http(s) URL
    is_named: bool = True  # source_id was chosen by its owner, not derived from the location
    kind: str = ""  # a name in the entry points "naba.sources"; "" = recognise by content
    agency: str = ""
    timezone: str = "UTC"  # IANA name; for times without an offset
    language: str = ""  # BCP 47; "" = detect
    priority: int = 100  # lower wins when two sources publish the same story at the same time
    identity: str = "auto"  # auto (guid, else link, else content), guid, link or content
    encoding: str = ""  # overrides every charset declaration
    # Feed memory, from the fetches of earlier runs; empty for files.
    etag: str = ""
    last_modified: str = ""
    not_before_s: float = 0.0  # Unix seconds; do not poll earlier (Retry-After)


class RawItem(NamedTuple):
    """One item as its source gives it: text decoded and repaired, markup still in place."""

    source_id: str
    source_kind: str  # rss, atom, jsonfeed, telegram, text
    item_id: str  # identity inside the source
    origin: str  # the file or URL that it was read from
    position: str  # where in the origin: "item 3", "byte 1024", "line 1"
    title: str
    body: str
    markup: str  # "html" or "plain": what title and body are written in
    url: str | None = None
    agency: str | None = None
    author: str | None = None
    language: str | None = None  # as declared
    published_at: Timestamp | None = None
    published_from: str = "none"  # the field or rule that gave published_at
    updated_at: Timestamp | None = None
    forwarded_from: str | None = None
    has_media: bool = False
    priority: int = 100
    repairs: Sequence[str] = ()  # what was mended on reading: "mojibake:cp1256-as-latin1"
    timezone: str = "UTC"  # IANA name of the source's zone, as its owner gives it


class WireSpan(NamedTuple):
    """A stretch of `text` that belongs to the wire and not to the story."""

    kind: str  # labels.WIRE_SPAN_KINDS
    start: int
    end: int


class Story(NamedTuple):
    """One version of one item, ready to read. `story_id` names the version."""

    story_id: str
    revision: int  # 1 for the first version of (source_id, item_id) ever seen
    source_id: str
    source_kind: str
    item_id: str
    url: str | None
    agency: str | None
    author: str | None
    language: str
    item_type: str
    title: str
    text: str
    text_sha256: str
    published_at: Timestamp | None
    published_from: str
    updated_at: Timestamp | None
    timezone: str  # IANA zone of the desk: what "today" means to it
    first_seen_at: Timestamp  # the run's logical time, never the wall clock
    wire_spans: Sequence[WireSpan]
    dateline_place: str | None
    status: str
    replaces: str | None  # story_id of the text that this one updates or corrects
    replaces_as: str | None  # labels.REPLACEMENTS
    forwarded_from: str | None
    priority: int
    repairs: Sequence[str]
    origin: str
    position: str
    fingerprint: bytes  # what near-duplicate search needs; see transforms/fingerprint.py


class Duplicate(NamedTuple):
    """A copy that was not kept as a story, and the story that stands for it."""

    copy_id: str  # what its story_id would have been
    source_id: str
    source_kind: str
    item_id: str
    revision: int
    url: str | None
    agency: str | None
    title: str
    text_sha256: str
    published_at: Timestamp | None
    first_seen_at: Timestamp
    story_id: str
    relation: str  # labels.RELATIONS
    similarity: float
    evidence: str
    origin: str
    position: str


class Mention(NamedTuple):
    """A name in a story: `story.<field>[start:end] == surface`."""

    mention_id: str
    story_id: str
    field: str  # "title" or "text"
    sentence: int  # 0-based, in that field
    start: int
    end: int
    surface: str
    label: str  # labels.ENTITY_LABELS
    score: float
    entity_key: str
    role: str | None
    country: str | None
    country_alternatives: Sequence[str]  # other ISO codes that claim or share the place or name
    geonameid: int | None
    latitude: float | None
    longitude: float | None
    link_rule: str | None
    model_id: str


class TaggedStory(NamedTuple):
    """A story with the names that the model found in it, in text order, title first."""

    story: Story
    mentions: Sequence[Mention]


class DateMention(NamedTuple):
    """A temporal expression in a story: `story.<field>[start:end] == surface`."""

    date_id: str
    story_id: str
    field: str  # "title" or "text"
    sentence: int  # 0-based, in that field
    start: int
    end: int
    surface: str
    kind: str  # labels.DATE_KINDS
    value: str | None  # ISO 8601 / TIMEX3; None if unresolved
    first_day: str | None  # YYYY-MM-DD
    last_day: str | None  # YYYY-MM-DD, inclusive
    granularity: str  # labels.GRANULARITIES
    modifier: str | None  # labels.DATE_MODIFIERS
    anchor: str  # labels.DATE_ANCHORS
    calendar: str  # labels.CALENDARS
    rule: str
    unresolved: str | None  # why value is None


class ResolvedStory(NamedTuple):
    """A story with its names linked and grouped, and its dates."""

    story: Story
    mentions: Sequence[Mention]
    dates: Sequence[DateMention]


class Casualties(NamedTuple):
    """How many people an event harmed, as the text counts them."""

    kind: str  # labels.CASUALTY_KINDS
    people: int
    qualifier: str  # labels.COUNT_QUALIFIERS
    start: int
    end: int


class Event(NamedTuple):
    """An event that a story mentions: `story.<field>[trigger_start:trigger_end] == trigger`."""

    event_id: str
    story_id: str
    field: str  # "title" or "text"
    sentence: int
    trigger_start: int
    trigger_end: int
    trigger: str
    trigger_kind: str  # labels.TRIGGER_KINDS
    event_type: str | None  # a key of labels.PLOVER_TYPES
    event_mode: str | None  # labels.PLOVER_MODES
    extension_type: str | None  # labels.EXTENSION_TYPES, where PLOVER has no type
    actors: Sequence[str]  # mention_ids
    actors_rule: str | None
    recipients: Sequence[str]
    recipients_rule: str | None
    participants: Sequence[str]  # names of the sentence whose part is not certain
    place: str | None  # the place as printed
    place_from: str | None  # labels.PLACE_SOURCES
    place_mention: str | None  # mention_id
    country: str | None
    geonameid: int | None
    latitude: float | None
    longitude: float | None
    time: str | None  # ISO 8601 / TIMEX3
    time_from: str | None  # labels.TIME_SOURCES
    time_date: str | None  # date_id
    first_day: str | None
    last_day: str | None
    granularity: str | None
    tense: str  # labels.TENSES
    factuality: str  # labels.FACTUALITIES
    reported_by: str | None  # as printed
    casualties: Sequence[Casualties]
    tier: str  # labels.EVENT_TIERS
    rule: str


class CodedStory(NamedTuple):
    """A story with its names, dates and events."""

    story: Story
    mentions: Sequence[Mention]
    dates: Sequence[DateMention]
    events: Sequence[Event]


class Reject(NamedTuple):
    """Something read that could not be used, with enough to find and mend it."""

    reject_id: str
    source_id: str
    stage: str
    reason: str
    message: str
    origin: str
    position: str
    raw: bytes
    raw_bytes: int  # size before the cap
    retryable: bool


class Fetch(NamedTuple):
    """One reading of one source: a poll of a feed, or a file opened."""

    source_id: str
    url: str
    fetched_at: Timestamp
    duration_s: float
    outcome: str  # ok, not_modified, not_due, failed
    status: int | None  # HTTP status; None for a file
    final_url: str | None
    etag: str | None
    last_modified: str | None
    content_type: str | None
    bytes: int
    not_before: Timestamp | None  # the server asks not to be polled earlier
    items_seen: int
    items_new: int
    items_changed: int
    health: Sequence[str]


class SourceCount(NamedTuple):
    """What became of a source's items in one run; read = the sum of the other four."""

    source_id: str
    read: int
    stories: int
    duplicates: int
    unchanged: int
    rejects: int


class Run(NamedTuple):
    """One run: what went in, with what, and what came out."""

    logical_time: Timestamp
    started_at: Timestamp
    duration_s: float
    outcome: str  # complete, partial
    inputs: Sequence[str]
    options: str  # JSON
    versions: str  # JSON
    model_id: str
    sources: int  # how many were asked for
    counts: Sequence[SourceCount]
    failed_sources: Sequence[str]


for record in (
    SourceSpec, RawItem, WireSpan, Story, Duplicate, Mention, TaggedStory, DateMention,
    ResolvedStory, Casualties, Event, CodedStory, Reject, Fetch, SourceCount, Run,
):
    registry.register_coder(record, RowCoder)


def make_reject(
    reason: str,
    problem: str,
    *,
    stage: str,
    source_id: str,
    origin: str,
    position: str,
    raw: bytes = b"",
) -> Reject:
    """Return the reject for one failure: the only constructor of failure records.

    Its message says where, what (`problem`) and what to do about it.

    Raises:
        KeyError: `reason` is not declared in schemas/reasons.py.
    """
    message = f"{origin}, {position}: {problem}; {REASONS[reason].remedy}"
    return Reject(
        reject_id=digest(source_id, stage, reason, position, digest(raw.hex())),
        source_id=source_id,
        stage=stage,
        reason=reason,
        message=message,
        origin=origin,
        position=position,
        raw=raw[:RAW_BYTES_KEPT],
        raw_bytes=len(raw),
        retryable=REASONS[reason].retryable,
    )
