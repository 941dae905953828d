"""Time the reading of dates, beside dateparser's search on the same stories.

    python -m benchmarks.dates ARTICLES [--stories 300]

ARTICLES is raw/ant_wires/articles.jsonl.xz. Both get the texts in one process, one after another,
after the first one was read to load their tables. dateparser is told the language.
"""

import argparse
import json
import lzma
import time
import warnings
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from dateparser.search import search_dates

from transforms.dates.anchors import Anchor
from transforms.dates.expressions import find_expressions
from transforms.feed_dates import parse_feed_date

STORY_CHARS = 2400


def load(path: Path, stories: int) -> list[tuple[str, Anchor]]:
    """Return the first texts of a corpus, each with the time of its publication."""
    found = []
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for article in map(json.loads, islice(lines, stories)):
            date = parse_feed_date(article["time"])
            if date is not None:
                moment = date.moment.replace(tzinfo=None)
                found.append((article["text"], Anchor(moment.date(), moment)))
    return found


def find_ours(text: str, anchor: Anchor) -> int:
    """Return how many expressions are found and given a value."""
    return sum(found.value is not None for found in find_expressions(text, anchor))


def find_theirs(text: str, anchor: Anchor) -> int:
    """Return how many dates dateparser finds."""
    settings: Any = {"RELATIVE_BASE": anchor.moment, "PREFER_DATES_FROM": "past"}
    return len(search_dates(text, languages=["ar"], settings=settings) or ())


def measure(
    stories: list[tuple[str, Anchor]], find: Callable[[str, Anchor], int]
) -> tuple[float, int]:
    """Return the CPU seconds that all stories took, and how many dates were found."""
    find(*stories[0])
    started_s = time.process_time()
    dates = sum(find(*story) for story in stories)
    return time.process_time() - started_s, dates


def main() -> None:
    """Print milliseconds per story, of any length and of STORY_CHARS, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("articles", type=Path)
    parser.add_argument("--stories", type=int, default=300)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)
    stories = load(arguments.articles, arguments.stories)
    chars = sum(len(text) for text, _ in stories)
    print(f"{len(stories)} stories, {chars / len(stories):,.0f} characters each")
    print(f"{'':12}{'ms/story':>10}{f'ms/{STORY_CHARS} chars':>16}{'dates':>8}")
    taken = {}
    for name, find in (("naba", find_ours), ("dateparser", find_theirs)):
        taken[name], dates = measure(stories, find)
        each_ms = 1000 * taken[name] / len(stories)
        full_ms = 1000 * taken[name] / chars * STORY_CHARS
        print(f"{name:12}{each_ms:>10.2f}{full_ms:>16.2f}{dates:>8}")
    print(f"naba is {taken['dateparser'] / taken['naba']:.1f} times as fast")


if __name__ == "__main__":
    main()
