"""Draw what a command prints on a terminal as SVG, with Arabic that browsers join and order.

    FORCE_COLOR=1 COLUMNS=96 naba show tables --latest 2 \\
        | python docs/images/draw_terminal.py 'naba show tables' > docs/images/show.svg

Each name and each border is placed on its own: a renderer that has other widths for Arabic
moves nothing else, and no letters are torn apart to fill a line.
"""

import re
import sys
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

CELL_WIDTH, LINE_HEIGHT, MARGIN, FONT_SIZE = 8.4, 19.0, 16.0, 14
_BOX = r"\u2500-\u257f"
_RUN = re.compile(rf"[{_BOX}]+|\u2068[^\u2069]*\u2069|[^\s{_BOX}\u2068]+(?: [^\s{_BOX}\u2068]+)*")
_CLASSES = {"bold": "b", "dim": "d", "bold red": "r"}
_HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">
<title>{title}</title>
<style>
text {{ font: {size}px "DejaVu Sans Mono", "Cascadia Mono", Menlo, Consolas, monospace;
       fill: #d7dae0; white-space: pre; }}
.b {{ font-weight: bold; fill: #ffffff; }}
.d {{ fill: #8b93a1; }}
.r {{ font-weight: bold; fill: #ff7a7a; }}
.x {{ fill: #5c6370; }}
</style>
<rect width="100%" height="100%" rx="8" fill="#21252b"/>
"""


class Run(NamedTuple):
    """Characters of one line that are drawn together."""

    column: int
    text: str
    style: str


def runs_of(line: Text) -> Iterator[Run]:
    """Yield the runs of a line: borders, names, and stretches without wide gaps."""
    for match in _RUN.finditer(line.plain):
        column = cell_len(line.plain[: match.start()])
        is_border = "\u2500" <= match[0][0] <= "\u257f"
        style = "x" if is_border else _style_at(line, match.start())
        yield Run(column, match[0].strip("\u2068\u2069"), style)


def _style_at(line: Text, position: int) -> str:
    styles = [str(span.style) for span in line.spans if span.start <= position < span.end]
    return next((_CLASSES[style] for style in styles if style in _CLASSES), "")


def draw(printed: str, title: str) -> str:
    """Return `printed`, with its ANSI escapes, as an SVG document."""
    lines = [Text.from_ansi(line) for line in [f"\x1b[2m$ {title}\x1b[0m", *printed.splitlines()]]
    columns = max(cell_len(line.plain) for line in lines)
    parts = [_HEAD.format(
        width=columns * CELL_WIDTH + 2 * MARGIN, height=len(lines) * LINE_HEIGHT + 2 * MARGIN,
        title=escape(title), size=FONT_SIZE,
    )]
    for number, line in enumerate(lines, 1):
        y = MARGIN + number * LINE_HEIGHT - 5
        parts += [
            f'<text x="{MARGIN + run.column * CELL_WIDTH:.1f}" y="{y:.1f}" class="{run.style}">'
            f"{escape(run.text)}</text>\n"
            for run in runs_of(line)
        ]
    return "".join([*parts, "</svg>\n"])


if __name__ == "__main__":
    sys.stdout.write(draw(sys.stdin.read(), sys.argv[1]))
