"""Show a text with the spans in it: by colour, and by signs where there is none."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from rich.console import Console
from rich.style import Style
from rich.text import Text

FSI, PDI = "\u2068", "\u2069"
JOINERS = "\u200c\u200d"
"""They shape letters, so they stay; all other invisible characters go."""

STYLES = {
    "wire": "dim", "PER": "green", "ORG": "magenta", "LOC": "cyan", "MISC": "yellow",
    "date": "blue", "event": "bold underline",
}
_SIGNS = {"wire": "‹›", "date": "{}", "event": "**"}
_NAME_SIGNS = "[]"


class Span(NamedTuple):
    """A stretch of a text, half-open in code points, and what it is: a key of STYLES."""

    start: int
    end: int
    kind: str


def legend(console: Console) -> Text:
    """Return what the styles, or the signs, mean."""
    if has_colour(console):
        return Text(" ").join(Text(kind, style=style) for kind, style in STYLES.items())
    return Text("[name] {date} *event* ‹wire›")


def has_colour(console: Console) -> bool:
    """Return whether `console` shows colours: a terminal where NO_COLOR is not set."""
    return console.color_system is not None and not console.no_color


def marked(
    console: Console, text: str, spans: Sequence[Span], *, start: int = 0, end: int | None = None
) -> Iterator[Text]:
    """Yield the lines of `text[start:end]` with `spans` marked, each line isolated (UAX #9).

    Nothing in the text can command the terminal or turn the line around it.
    """
    end = len(text) if end is None else end
    within = [
        Span(max(span.start, start), min(span.end, end), span.kind)
        for span in spans if span.start < end and span.end > start
    ]
    at = start
    for line in text[start:end].split("\n"):
        stop = at + len(line)
        if line.strip():
            inside = [span for span in within if span.start < stop and span.end > at]
            yield _line(console, text, inside, at, stop)
        at = stop + 1


def _line(console: Console, text: str, spans: Sequence[Span], start: int, end: int) -> Text:
    colour = has_colour(console)
    cuts = {start, end, *(cut for span in spans for cut in (span.start, span.end))}
    bounds = sorted(cut for cut in cuts if start <= cut <= end)
    shown = Text(FSI)
    for first, last in pairwise(bounds):
        opened = [span for span in spans if max(span.start, start) == first]
        closed = [span for span in spans if min(span.end, end) == last]
        around = [span for span in spans if span.start <= first and span.end >= last]
        if not colour:
            shown.append("".join(_sign(span)[0] for span in _outermost_first(opened)))
        shown.append(printable(text[first:last]), _style(around) if colour else None)
        if not colour:
            shown.append("".join(_sign(span)[1] for span in _outermost_first(closed)[::-1]))
    return shown.append(PDI)


def printable(text: str) -> str:
    """Return `text` without control characters: white space becomes a space, the rest nothing."""
    return "".join(
        c if c.isprintable() or c in JOINERS else " " if c.isspace() else "" for c in text
    )


def _outermost_first(spans: Sequence[Span]) -> list[Span]:
    return sorted(spans, key=lambda span: (span.start, -span.end, list(STYLES).index(span.kind)))


def _sign(span: Span) -> str:
    return _SIGNS.get(span.kind, _NAME_SIGNS)


def _style(spans: Sequence[Span]) -> Style:
    kinds = sorted({span.kind for span in spans}, key=list(STYLES).index)
    return Style.combine([Style.null(), *(Style.parse(STYLES[kind]) for kind in kinds)])
