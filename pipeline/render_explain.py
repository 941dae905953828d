"""Print the evidence behind a story or an event: one screen for a person."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.text import Text

from pipeline.marked_text import Span, legend, marked
from pipeline.render import isolate, make_console, print_indented, print_table, time_text
from pipeline.render_events import block, short_lines

_STORY_CHARS = 3_000
_AROUND_CHARS = 300
_WORD_CHARS_MAX = 40

_Row = Mapping[str, Any]


def print_explanation(found: _Row) -> None:
    """Print what `explain` has found: for an event, that event and what it rests on."""
    console = make_console()
    wanted = found["wanted"]
    events = [event for event in found["events"]
              if wanted["kind"] != "event" or event["event_id"] == wanted["id"]]
    _print_head(console, found, events)
    _print_text(console, found, events)
    _print_events(console, events, is_one=wanted["kind"] == "event")
    _print_dates(console, _used(found["dates"], events, wanted, "date_id"))
    _print_names(console, _used(found["mentions"], events, wanted, "mention_id"))
    if wanted["kind"] != "event":
        _print_duplicates(console, found["duplicates"], wanted)


def _print_head(console: Console, found: _Row, events: Sequence[_Row]) -> None:
    story = found["story"]
    for line in marked(console, story["title"] or "", _spans(found, events, "title")):
        line.stylize("bold")
        console.print(line)
    facts = [
        isolate(story["source_id"]), isolate(story["agency"] or ""),
        isolate(story["author"] or "", 60), story["item_type"], story["language"],
        f"revision {story['revision']}", "current" if story["is_current"] else "not current",
    ]
    console.print(Text(" · ".join(fact for fact in facts if fact)))
    console.print(Text(_times(story)))
    console.print(Text(f"story {story['story_id']} · {isolate(story['url'] or '', 120)}"
                       if story["url"] else f"story {story['story_id']}", style="dim"))
    console.print(Text(f"read from {isolate(story['origin'], 100)}, {isolate(story['position'])}"
                       f" · run {story['run_id']}", style="dim"))
    for relation in _relations(found):
        console.print(Text(relation, style="bold"))


def _times(story: _Row) -> str:
    if story["published_at"] is None:
        published = f"publication time unknown ({isolate(story['published_from'])})"
    else:
        published = (f"published {time_text(story['published_at'])} UTC"
                     f"{_in_zone(story)}, from {isolate(story['published_from'])}")
    updated = f" · updated {time_text(story['updated_at'])} UTC" if story["updated_at"] else ""
    return f"{published}{updated} · first seen {time_text(story['first_seen_at'])} UTC"


def _in_zone(story: _Row) -> str:
    """Return the time on the desk's clock, which "today" in the text goes by."""
    zone = story["timezone"]
    if not zone or zone == "UTC":
        return ""
    try:
        local = story["published_at"].astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return ""
    return f" ({time_text(local)} {zone})"


def _relations(found: _Row) -> Iterator[str]:
    story, wanted = found["story"], found["wanted"]
    if wanted["kind"] == "copy":
        yield f"{wanted['id']} is a copy of this story"
    if story["status"] == "withdrawn":
        yield "This is a notice that a story is withdrawn"
    verbs = {"update_of": "updates", "correction_of": "corrects"}
    for other in found["replaces"]:
        yield f"{verbs.get(story['replaces_as'], 'replaces')} {_other(other)}"
    verbs = {"update_of": "updated by", "correction_of": "corrected by"}
    for other in found["replaced_by"]:
        yield f"{verbs.get(other['replaces_as'], 'replaced by')} {_other(other)}"
    told = {row["story_id"] for row in (*found["replaces"], *found["replaced_by"])}
    for other in found["other_versions"]:
        if other["story_id"] not in told:
            withdrawn = " (withdrawn)" if other["status"] == "withdrawn" else ""
            yield f"another version of the item: {_other(other)}{withdrawn}"


def _other(row: _Row) -> str:
    return (f"{row['story_id'][:12]}, revision {row['revision']} in {isolate(row['source_id'])}: "
            f"{isolate(row['title'], 60)}")


def _spans(found: _Row, events: Sequence[_Row], field: str) -> list[Span]:
    spans = [Span(row["start"], row["end"], row["label"])
             for row in found["mentions"] if row["field"] == field]
    spans += [Span(row["start"], row["end"], "date")
              for row in found["dates"] if row["field"] == field]
    spans += [Span(row["trigger_start"], row["trigger_end"], "event")
              for row in events if row["field"] == field]
    if field == "text":
        spans += [Span(row["start"], row["end"], "wire")
                  for row in found["story"]["wire_spans"] or ()]
    return spans


def _print_text(console: Console, found: _Row, events: Sequence[_Row]) -> None:
    text = found["story"]["text"]
    start, end = 0, _STORY_CHARS
    if found["wanted"]["kind"] == "event" and events[0]["field"] == "text":
        at = events[0]["trigger_start"]
        start, end = at - _AROUND_CHARS, at + _AROUND_CHARS
    # What would leave out little leaves out nothing.
    start = _word_end(text, start) if start > _AROUND_CHARS else 0
    end = _word_end(text, end) if end + _AROUND_CHARS < len(text) else len(text)
    console.print()
    if start:
        console.print(Text(f"… {start:,} characters before", style="dim"))
    for line in marked(console, text, _spans(found, events, "text"), start=start, end=end):
        console.print(line)
    if end < len(text):
        console.print(Text(f"… {len(text) - end:,} characters more", style="dim"))
    console.print(Text("marked: ").append(legend(console)))


def _word_end(text: str, at: int) -> int:
    """Return where the word ends that `at` is in, unless it is endless."""
    space = text.find(" ", at, at + _WORD_CHARS_MAX)
    return at if space < 0 else space


def _print_events(console: Console, events: Sequence[_Row], *, is_one: bool) -> None:
    console.print()
    if not is_one:
        console.print(Text(f"Events: {len(events)}" if events else "No events", style="bold"))
    for event in events:
        first, *others = block(event) if is_one else short_lines(event)
        print_indented(console, first, 0 if is_one else 2)
        for line in others:
            print_indented(console, line, 2 if is_one else 6)


def _used(rows: Sequence[_Row], events: Sequence[_Row], wanted: _Row, key: str) -> Sequence[_Row]:
    """Return all rows for a story; for an event those that it points at."""
    if wanted["kind"] != "event":
        return rows
    (event,) = events
    pointed = [*event["actors"], *event["recipients"], *event["participants"],
               event["place_mention"] or {}, event["time_date"] or {}]
    keys = {row.get(key) for row in pointed}
    return [row for row in rows if row[key] in keys]


def _print_dates(console: Console, dates: Sequence[_Row]) -> None:
    if not dates:
        return
    print_table(
        console, "Dates", ("printed", "value", "days", "kind", "reckoned from", "rule"),
        [(isolate(row["surface"], 60), row["value"] or f"none: {row['unresolved']}", _days(row),
          " ".join(filter(None, (row["modifier"], row["granularity"], _hijri(row)))),
          row["anchor"], isolate(row["rule"]))
         for row in dates], box=SIMPLE_HEAD,
    )


def _days(row: _Row) -> str:
    days = (row["first_day"], row["last_day"])
    return " to ".join(dict.fromkeys(day for day in days if day)) or "-"


def _hijri(row: _Row) -> str:
    return "hijri" if row["calendar"] == "hijri" else ""


def _print_names(console: Console, mentions: Sequence[_Row]) -> None:
    if not mentions:
        return
    entities: dict[str, list[_Row]] = {}
    for row in mentions:
        entities.setdefault(row["entity_key"], []).append(row)
    model = Counter(row["model_id"] for row in mentions).most_common(1)[0][0]
    print_table(
        console, f"Names, found by {isolate(model)} where nothing else is said",
        ("names", "label", "entity", "place", "role", "rule"),
        [_entity(key, rows, model) for key, rows in entities.items()], box=SIMPLE_HEAD,
    )


def _entity(key: str, rows: Sequence[_Row], model: str) -> tuple[str, ...]:
    """Return the line of one entity: all that its mentions say of it."""
    surfaces = Counter(row["surface"] for row in rows)
    names = ", ".join(isolate(surface, 60) + (f" ×{count}" if count > 1 else "")
                      for surface, count in surfaces.items())
    rules = _distinct(row["link_rule"] for row in rows)
    others = _distinct(row["model_id"] for row in rows if row["model_id"] != model)
    return (
        names, " ".join(dict.fromkeys(row["label"] for row in rows)),
        "its name" if key.startswith(f"{rows[0]['label']}:") else isolate(key, 60),
        ", ".join(dict.fromkeys(filter(None, map(_place, rows)))) or "-",
        _distinct(row["role"] for row in rows) or "-",
        ", found by ".join(filter(None, (rules, others))) or "-",
    )


def _distinct(values: Iterable[str | None]) -> str:
    return ", ".join(isolate(value, 60) for value in dict.fromkeys(values) if value)


def _place(row: _Row) -> str:
    others = ", ".join(row["country_alternatives"] or ())
    return " ".join(filter(None, (
        row["country"], f"or {others}" if others else "",
        f"GeoNames {row['geonameid']}" if row["geonameid"] else "")))


def _print_duplicates(console: Console, duplicates: Sequence[_Row], wanted: _Row) -> None:
    if not duplicates:
        return
    headings = ("copy", "source", "relation", "similarity", "published", "evidence")
    print_table(
        console, f"Copies that stand behind this story: {len(duplicates)}", headings,
        [(row["copy_id"][:12], isolate(row["source_id"], 40), row["relation"],
          f"{row['similarity']:.2f}", time_text(row["published_at"]), isolate(row["evidence"], 80))
         for row in duplicates], box=SIMPLE_HEAD,
    )
