"""Print outcomes for people: tables on a terminal, plain lines elsewhere."""

import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rich.box import HEAVY_HEAD, Box
from rich.console import Console, JustifyMethod
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.options import Options

_FSI, _PDI = "\u2068", "\u2069"
_EVENTS_SHOWN = 4
_COUNTS = ("read", "stories", "duplicates", "unchanged", "rejects")


def isolate(text: str, width: int = 0) -> str:
    """Return `text` so that its direction does not disturb the line around it (UAX #9).

    Control characters and line breaks become spaces; beyond `width` code points it is cut.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if width and len(line) > width:
        line = line[: width - 1] + "…"
    return f"{_FSI}{line}{_PDI}" if line else ""


def print_summary(row: dict[str, Any], rejects: Sequence[dict[str, Any]], output: str) -> None:
    """Print what a run did, source by source."""
    console = make_console()
    headings = ("source", "read", "kept", "duplicates", "unchanged", "rejected")
    lines = [
        (isolate(count["source_id"], 48), *(str(count[name]) for name in _COUNTS))
        for count in row["counts"]
    ]
    if len(lines) > 1:
        totals = (str(sum(count[name] for count in row["counts"])) for name in _COUNTS)
        lines.append(("total", *totals))
    print_table(console, f"Run {row['run_id']} · {row['duration_s']:.1f} s", headings, lines)
    _print_reasons(console, rejects)
    for source_id in row["failed_sources"]:
        console.print(Text(f"failed: {isolate(source_id)}", style="bold red"))
    console.print(Text(f"tables in {output} · look at them with: naba show {output}"))


def print_overview(found: dict[str, Any]) -> None:
    """Print what the tables hold."""
    console = make_console()
    rows = " · ".join(f"{name} {count:,}" for name, count in found["rows"].items())
    console.print(Text(f"{found['output']}: {rows}", style="bold"))
    print_table(
        console, "Sources", ("source", "stories", "duplicates", "rejects", "newest"),
        [(isolate(row["source_id"], 48), str(row["stories"] or 0), str(row["duplicates"]),
          str(row["rejects"]), time_text(row["newest"])) for row in found["sources"]],
    )
    print_table(
        console, "Latest runs", ("run", "outcome", *_COUNTS),
        [(row["run_id"], row["outcome"], *(str(row[name] or 0) for name in _COUNTS))
         for row in found["runs"]],
    )
    if found["rejects"]:
        print_table(
            console, "Rejects", ("reason", "count", "example"),
            [(row["reason"], str(row["count"]), isolate(row["example"], 100))
             for row in found["rejects"]],
        )
    _print_names(console, found["names"])
    _print_events(console, found["events"], found["countries"])
    for story in found["latest"]:
        _print_story(console, story)
    if found["latest"]:
        console.print()
        console.print(Text(_what_next(found["latest"][0]["story_id"], found["output"])))


def _what_next(story_id: str, output: str) -> str:
    is_default = output.rstrip("/") == Options.output
    folder = "" if is_default else f" --tables {shlex.quote(output)}"
    return f"the evidence behind a story: naba explain {story_id[:8]}{folder}"


def _print_names(console: Console, names: Sequence[dict[str, Any]]) -> None:
    labels = sorted({row["label"] for row in names})
    print_table(
        console, "Names most mentioned", ("label", "names (mentions)"),
        [(label, " ".join(
            f"{isolate(row['surface'], 40)} ({row['mentions']})"
            for row in names if row["label"] == label))
         for label in labels],
    )


def _print_events(
    console: Console, types: Sequence[dict[str, Any]], countries: Sequence[dict[str, Any]]
) -> None:
    lines = [
        (quad, " ".join(f"{row['type']} ({row['events']})" for row in types
                        if row["quad"] == quad))
        for quad in dict.fromkeys(row["quad"] for row in types)
    ]
    if countries:
        where = " ".join(f"{row['country']} ({row['events']})" for row in countries)
        lines.append(("countries", where))
    if lines:
        print_table(console, "Events of current stories", ("sort", "events"), lines)


def _print_story(console: Console, story: dict[str, Any]) -> None:
    console.print()
    details = [time_text(story["published_at"]), isolate(story["source_id"]), story["item_type"],
               story["story_id"][:8]]
    if story["agency"]:
        details.insert(1, isolate(story["agency"]))
    if not story["is_current"]:
        details.append("not current")
    if story["revision"] > 1:
        details.append(f"revision {story['revision']}")
    if story["copies"]:
        details.append(f"{story['copies']} more copies")
    console.print(Text(" · ".join(details), style="dim"))
    console.print(Text(isolate(story["title"] or story["text"], 160), style="bold"))
    for label in ("PER", "ORG", "LOC", "MISC"):
        surfaces = [name["surface"] for name in story["names"] or () if name["label"] == label]
        if surfaces:
            line = " ".join(isolate(surface, 40) for surface in surfaces[:12])
            print_indented(console, Text(f"{label:4} {line}"), 2)
    events = story["events"] or ()
    for event in events[:_EVENTS_SHOWN]:
        print_indented(console, Text(_event(event)), 2)
    if len(events) > _EVENTS_SHOWN:
        console.print(Text(f"  and {len(events) - _EVENTS_SHOWN} more", style="dim"))


def _event(event: dict[str, Any]) -> str:
    """Return one event in a few words: type, trigger, then what is out of the ordinary."""
    kind = event["type"] + (f"/{event['mode']}" if event["mode"] else "")
    facts = [f"{kind} {isolate(event['trigger'], 40)}"]
    if event["place"]:
        facts.append(" ".join(filter(None, (isolate(event["place"], 40), event["country"]))))
    if event["time"]:
        is_assumed = event["time_from"] == "publication"
        facts.append(event["time"] + (" (publication)" if is_assumed else ""))
    facts += [word for word in (event["tense"], event["factuality"])
              if word not in ("past", "unknown", "asserted")]
    return " · ".join(facts)


def _print_reasons(console: Console, rejects: Iterable[dict[str, Any]]) -> None:
    rejects = list(rejects)
    if not rejects:
        return
    first = {row["reason"]: row["message"] for row in reversed(rejects)}
    counts = Counter(row["reason"] for row in rejects)
    print_table(
        console, "Rejected, and why", ("reason", "count", "first of them"),
        [(reason, str(count), isolate(first[reason], 160))
         for reason, count in counts.most_common()],
    )


def print_compaction(outcome: dict[str, Any]) -> None:
    """Print what a compaction has done, day by day and table by table."""
    console = make_console()
    if not outcome["days"]:
        console.print(Text(f"{outcome['output']}: no small files to merge"))
        return
    headings = ("day", "table", "files before", "files", "KiB before", "KiB")
    lines = [_compacted(day["day"], day["table"], day) for day in outcome["days"]]
    lines.append(_compacted("total", "", outcome))
    print_table(console, f"Compacted {outcome['output']} · {outcome['duration_s']:.1f} s",
                headings, lines)


def _compacted(day: str, table: str, counts: dict[str, Any]) -> tuple[str, ...]:
    return (day, table, *(str(counts[name]) for name in ("files_before", "files_after")),
            *(str(counts[name] // 1024) for name in ("bytes_before", "bytes_after")))


def print_table(
    console: Console, title: str, headings: Sequence[str], lines: Sequence[Sequence[str]],
    *, box: Box = HEAVY_HEAD,
) -> None:
    """Print a table on a terminal, elsewhere one line a row with each cell named."""
    if not console.is_terminal:
        console.print(Text(title))
        for line in lines:
            console.print(Text("  " + " · ".join(
                f"{heading} {cell}" for heading, cell in zip(headings, line, strict=True))))
        return
    table = Table(title=title, title_justify="left", title_style="bold", box=box)
    for heading in headings:
        is_number = bool(lines) and all(line[headings.index(heading)].isdigit() for line in lines)
        justify: JustifyMethod = "right" if is_number else "left"
        table.add_column(heading, justify=justify, overflow="fold")
    for line in lines:
        table.add_row(*(Text(cell) for cell in line))
    console.print(table)


def print_indented(console: Console, line: Text, indent: int) -> None:
    """Print a line, and what it wraps into, `indent` columns to the right."""
    if console.is_terminal:
        console.print(Padding(line, (0, 0, 0, indent)))
    else:
        console.print(Text(" " * indent).append_text(line))


def time_text(when: Any) -> str:
    """Return a time to the minute."""
    return when.strftime("%Y-%m-%d %H:%M") if when else "undated"


def make_console() -> Console:
    """Return a console that wraps lines only where a person reads them."""
    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console.soft_wrap = True  # a line of a log stays one line
    return console
