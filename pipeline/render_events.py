"""Put events into lines for people: short ones for lists, a block for one event."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from pipeline.render import isolate

_READ_IN = {
    "sentence": "read in the sentence", "dateline": "read in the dateline",
    "publication": "taken from the publication time",
}
_QUALIFIERS = {"exact": "", "at_least": "at least ", "at_most": "at most ", "about": "about "}
_WIDTH = 60
_OTHERS = 6  # names of a sentence that a short line has room for

_Row = Mapping[str, Any]


def short_lines(event: _Row) -> list[Text]:
    """Return an event in one to three lines, with all that it rests on."""
    found = f"{_words(event['trigger_kind'])}, {isolate(event['rule'])}"
    facts = [headline(event), found, certainty(event), harm(event)]
    first = Text(" · ".join(filter(None, facts)), style="dim" if event["tier"] == "C" else "")
    lines = [first.append(f" · {event['event_id'][:12]}", "dim")]
    others = list(dict.fromkeys(row["surface"] for row in event["participants"]))
    more = f" and {len(others) - _OTHERS} more" if len(others) > _OTHERS else ""
    who = {
        "who": _names(event["actors"], event["actors_rule"]),
        "to whom": _names(event["recipients"], event["recipients_rule"]),
        "with": ", ".join(isolate(name, _WIDTH) for name in others[:_OTHERS]) + more,
    }
    setting = {"where": _place(event), "when": _time(event)}
    for facts_by_label in (who, setting):
        named = [f"{label} {fact}" for label, fact in facts_by_label.items() if fact]
        if named:
            lines.append(Text(" · ".join(named)))
    return lines


def block(event: _Row) -> list[Text]:
    """Return one event with each of its facts on a line of its own."""
    facts = {
        "found": f"{_words(event['trigger_kind'])} in sentence {event['sentence'] + 1} of the "
                 f"{event['field']}, by {isolate(event['rule'])}",
        "who": _names(event["actors"], event["actors_rule"]),
        "to whom": _names(event["recipients"], event["recipients_rule"]),
        "with": _names(event["participants"], None),
        "where": _place(event),
        "when": _time(event),
        "certain": certainty(event),
        "harmed": harm(event),
        "quad": event["quad"] or "outside PLOVER",
        "event": event["event_id"],
    }
    lines = [Text(f"{label:8}{fact}") for label, fact in facts.items() if fact]
    return [Text(headline(event), style="bold"), *lines]


def headline(event: _Row) -> str:
    """Return type, mode, trigger and tier."""
    kind = event["event_type"] or event["extension_type"] or "?"
    mode = f"/{event['event_mode']}" if event["event_mode"] else ""
    return f"{kind}{mode} {isolate(event['trigger'], _WIDTH)} · tier {event['tier']}"


def certainty(event: _Row) -> str:
    """Return whether it happened, who says so, and when seen from the text."""
    said = f" by {isolate(event['reported_by'], _WIDTH)}" if event["reported_by"] else ""
    tense = "tense unknown" if event["tense"] == "unknown" else event["tense"]
    return f"{event['factuality']}{said}, {tense}"


def harm(event: _Row) -> str:
    """Return how many people were killed, injured and so on."""
    return ", ".join(
        f"{_QUALIFIERS.get(row['qualifier'], '')}{row['people']:,} {row['kind']}"
        for row in event["casualties"] or ()
    )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _names(mentions: Sequence[_Row], rule: str | None) -> str:
    names = ", ".join(
        f"{isolate(row['surface'], _WIDTH)} "
        f"({' '.join(filter(None, (row['label'], row['country'])))})"
        for row in mentions
    )
    return f"{names} by {isolate(rule)}" if names and rule else names


def _place(event: _Row) -> str:
    if not event["place"]:
        return ""
    facts = [isolate(event["place"], _WIDTH), event["country"] or "in no country"]
    if event["geonameid"]:
        facts.append(f"GeoNames {event['geonameid']}")
    if event["latitude"] is not None and event["longitude"] is not None:
        facts.append(f"{event['latitude']:.2f}, {event['longitude']:.2f}")
    return f"{' '.join(facts)} {_READ_IN.get(event['place_from'], '')}"


def _time(event: _Row) -> str:
    if not event["time"]:
        return ""
    printed = event["time_date"]
    words = f" {isolate(printed['surface'])} by {isolate(printed['rule'])}" if printed else ""
    return f"{event['time']} {_READ_IN.get(event['time_from'], '')}{words}"
