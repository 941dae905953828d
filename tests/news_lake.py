"""A small lake with known rows: a corrected story, a withdrawn one, a visit with a copy."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.ids import digest
from schemas.records import (
    Casualties,
    DateMention,
    Duplicate,
    Event,
    Mention,
    Run,
    SourceCount,
    Story,
    WireSpan,
)
from schemas.rows import to_arrow
from schemas.tables import TABLES
from tests.builders import NOON, make_mention, make_story

RUN_ID = "20241110T120000Z"

_AIR_RAID = (
    "غزة/ الأناضول\nقتل {killed} أشخاص وأصيب آخرون في غارة على غزة أمس السبت، بحسب وزارة الصحة. "
    "ونفى الجيش قصف مدرسة."
)
_VISIT = (
    "القاهرة (أ ف ب) - يزور وزير الخارجية التركي هاكان فيدان مصر الأحد، وفق بيان. "
    "وضرب زلزال اليونان."
)


def make_date(story: Story, surface: str, **fields: Any) -> DateMention:
    """Return a date where `surface` first stands in the story's text."""
    start = story.text.index(surface)
    plain = {
        "date_id": digest(story.story_id, surface), "story_id": story.story_id, "field": "text",
        "sentence": 0, "start": start, "end": start + len(surface), "surface": surface,
        "kind": "date", "value": None, "first_day": None, "last_day": None,
        "granularity": "day", "modifier": None, "anchor": "publication",
        "calendar": "gregorian", "rule": "weekday", "unresolved": None,
    }
    return DateMention(**{**plain, **fields})


def make_event(story: Story, trigger: str, event_type: str | None, **fields: Any) -> Event:
    """Return an event where `trigger` first stands in the story's text."""
    start = story.text.index(trigger)
    plain = {
        "event_id": digest(story.story_id, trigger, str(event_type)), "story_id": story.story_id,
        "field": "text", "sentence": 0, "trigger_start": start,
        "trigger_end": start + len(trigger), "trigger": trigger, "trigger_kind": "finite_verb",
        "event_type": event_type, "event_mode": None, "extension_type": None, "actors": (),
        "actors_rule": None, "recipients": (), "recipients_rule": None, "participants": (),
        "place": None, "place_from": None, "place_mention": None, "country": None,
        "geonameid": None, "latitude": None, "longitude": None, "time": None, "time_from": None,
        "time_date": None, "first_day": None, "last_day": None, "granularity": None,
        "tense": "past", "factuality": "asserted", "reported_by": None, "casualties": (),
        "tier": "A", "rule": f"lexicon:{trigger}",
    }
    return Event(**{**plain, **fields})


class Lake(NamedTuple):
    """The records of the small lake."""

    first_count: Story
    corrected_count: Story
    visit: Story
    withdrawn: Story
    stories: Sequence[Story]
    mentions: Sequence[Mention]
    dates: Sequence[DateMention]
    events: Sequence[Event]
    duplicates: Sequence[Duplicate]
    runs: Sequence[Run]


def small_lake() -> Lake:
    """Return the records: four stories in five versions, of which two are current."""
    first = _air_raid(3)
    corrected = _air_raid(
        5, revision=2, item_type="correction", status="corrected", replaces=first.story_id,
        replaces_as="correction_of",
    )
    visit = make_story(
        source_id="afp-ar", item_id="guid-2", agency="afp", title="وزير الخارجية التركي في مصر",
        text=_VISIT, url="https://afp.example/2", dateline_place="القاهرة",
        timezone="Europe/Paris", wire_spans=(WireSpan("dateline", 0, 18),),
    )
    rumour = make_story(item_id="guid-3", title="وفاة فنان", text="توفي الفنان سمير غانم.")
    kill = make_story(
        item_id="guid-3", revision=2, title="إلغاء: وفاة فنان", text="الرجاء إلغاء الخبر",
        item_type="withdrawal", status="withdrawn",
    )
    mentions, dates, events = [], [], []
    for coded in (_code_air_raid(first, 3), _code_air_raid(corrected, 5), _code_visit(visit),
                  ((), (), [make_event(rumour, "توفي", None, extension_type="DEATH")])):
        mentions += coded[0]
        dates += coded[1]
        events += coded[2]
    return Lake(
        first, corrected, visit, rumour, (first, corrected, visit, rumour, kill), mentions, dates,
        events, [_copy_of(visit)], [_run()],
    )


def write_lake(root: Path, lake: Lake, *, without: Iterable[str] = ()) -> None:
    """Write the tables of `lake` into `root`, but not those named in `without`."""
    for name, table in TABLES.items():
        if name not in set(without):
            write_rows(root, name, to_arrow(table, getattr(lake, name, ()), RUN_ID))


def write_rows(root: Path, table: str, rows: pa.Table, *, day: str = "2024-11-10") -> None:
    """Write one Parquet file of `table` where a run would."""
    folder = root / table / f"ingest_date={day}"
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, folder / f"{RUN_ID}-{len(list(folder.iterdir()))}.parquet")


def _air_raid(killed: int, **fields: Any) -> Story:
    return make_story(
        agency="aa", title="غارة على غزة", text=_AIR_RAID.format(killed=killed),
        url="https://aa.example/1", timezone="Europe/Istanbul", dateline_place="غزة",
        wire_spans=(WireSpan("dateline", 0, 13),), **fields,
    )


def _code_air_raid(
    story: Story, killed: int
) -> tuple[Sequence[Mention], Sequence[DateMention], Sequence[Event]]:
    gaza = make_mention(
        story, "غزة", "LOC", start=story.text.index("غزة أمس"), entity_key="geo:281133",
        country="PS", geonameid=281133, latitude=31.5, longitude=34.47, link_rule="city",
    )
    ministry = make_mention(story, "وزارة الصحة", "ORG", link_rule="institution")
    day = make_date(
        story, "أمس السبت", value="2024-11-09", first_day="2024-11-09", last_day="2024-11-09",
        rule="yesterday_weekday",
    )
    count = story.text.index(str(killed))
    raid = make_event(
        story, "غارة", "ASSAULT", event_mode="aerial", trigger_kind="event_noun",
        place="غزة", place_from="sentence", place_mention=gaza.mention_id,
        country="PS", geonameid=281133, latitude=31.5, longitude=34.47,
        time="2024-11-09", time_from="sentence", time_date=day.date_id,
        first_day="2024-11-09", last_day="2024-11-09", granularity="day",
        participants=(ministry.mention_id, gaza.mention_id), factuality="reported",
        reported_by="وزارة الصحة",
        casualties=(Casualties("killed", killed, "exact", count, count + 1),),
    )
    denied = make_event(
        story, "قصف", "ASSAULT", sentence=1, factuality="negated", trigger_kind="event_noun",
        tier="C",
    )
    return [gaza, ministry], [day], [raid, denied]


def _code_visit(
    story: Story,
) -> tuple[Sequence[Mention], Sequence[DateMention], Sequence[Event]]:
    fidan = make_mention(
        story, "هاكان فيدان", "PER", role="وزير الخارجية التركي", country="TR",
        entity_key="PER:هاكان فيدان",
    )
    egypt = make_mention(
        story, "مصر", "LOC", country="EG", entity_key="geo:EG", link_rule="country",
    )
    greece = make_mention(
        story, "اليونان", "LOC", sentence=1, country="GR", entity_key="geo:GR",
        link_rule="country",
    )
    day = make_date(
        story, "الأحد", value="2024-11-10", first_day="2024-11-10", last_day="2024-11-10",
    )
    visit = make_event(
        story, "يزور", "CONSULT", event_mode="visit", actors=(fidan.mention_id,),
        actors_rule="verb_subject", recipients=(egypt.mention_id,), recipients_rule="verb_object",
        place="مصر", place_from="sentence", place_mention=egypt.mention_id, country="EG",
        time="2024-11-10", time_from="sentence", time_date=day.date_id, first_day="2024-11-10",
        last_day="2024-11-10", granularity="day", tense="present", factuality="reported",
        reported_by="بيان",
    )
    statement = make_event(
        story, "بيان", None, extension_type="STATEMENT", trigger_kind="event_noun", tier="B",
        time="2024-11-10", time_from="publication", first_day="2024-11-10",
        last_day="2024-11-10", granularity="day",
    )
    quake = make_event(
        story, "وضرب", None, extension_type="DISASTER", sentence=1,
        place="اليونان", place_from="sentence", place_mention=greece.mention_id, country="GR",
    )
    return [fidan, egypt, greece], [day], [visit, statement, quake]


def _copy_of(story: Story) -> Duplicate:
    return Duplicate(
        copy_id=digest("copy"), source_id="portal", source_kind="rss", item_id="p-9", revision=1,
        url="https://portal.example/9", agency="afp", title=story.title,
        text_sha256=story.text_sha256, published_at=NOON, first_seen_at=NOON,
        story_id=story.story_id, relation="near_copy", similarity=0.93,
        evidence="12 shared shingles", origin="portal.xml", position="item 9",
    )


def _run() -> Run:
    return Run(
        logical_time=NOON, started_at=NOON, duration_s=1.5, outcome="complete",
        inputs=("anadolu.xml", "afp.xml", "portal.xml"), options="{}",
        versions='{"naba": "0.1.0"}', model_id="tests", sources=3,
        counts=(SourceCount("anadolu", 4, 4, 0, 0, 0), SourceCount("afp-ar", 1, 1, 0, 0, 0),
                SourceCount("portal", 1, 0, 1, 0, 0)),
        failed_sources=(),
    )
