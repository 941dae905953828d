"""Time everything that is done to a story after its names are tagged, step by step.

    python -m benchmarks.arabic_layer ARTICLES [--stories 300]

ARTICLES is raw/ant_wires/articles.jsonl.xz. The baseline is the tagging of the same stories, in
the same process on one core. Beside dateparser: benchmarks.dates; beside one expression per
trigger: benchmarks.events.
"""

import argparse
import json
import lzma
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from apache_beam.utils.timestamp import Timestamp

from schemas.records import RawItem, Story, TaggedStory
from transforms.dates.find import date_mentions
from transforms.events.find import find_events
from transforms.feed_dates import parse_feed_date
from transforms.mentions import tag_stories
from transforms.model_loader import load_tagger
from transforms.names.grouping import group_names
from transforms.names.institutions import complete_names
from transforms.names.roles import with_roles
from transforms.names.verb_tails import cut_verbs
from transforms.normalise import normalise
from transforms.places.demonyms import demonym_mentions
from transforms.places.link import link_places
from transforms.places.nested import nested_places
from transforms.places.widen import widen_places
from transforms.resolve import resolve

_NOW = Timestamp(1_540_000_000)
_WARM_UP = 20  # stories that fill the tables before the clock starts

In, Out = TypeVar("In"), TypeVar("Out")


def main() -> None:
    """Print milliseconds a story."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--stories", type=int, default=300)
    args = parser.parse_args()
    stories = load(args.articles, args.stories)
    tagger = load_tagger("", threads=1)
    for tagged in tag_stories(stories[:_WARM_UP], tagger, any_language=False).stories:
        find_events(resolve(tagged))
    began_s = time.process_time()
    rows = tag_stories(stories, tagger, any_language=False).stories
    tagging_ms = (time.process_time() - began_s) / len(stories) * 1e3
    chars = sum(len(story.text) for story in stories) / len(stories)
    print(f"{len(stories)} stories of {chars:,.0f} characters; CPU ms a story")
    layer_ms = _time_layer(rows)
    print(f"the layer      {layer_ms:7.2f}\ntagging        {tagging_ms:7.2f}   "
          f"tagging / layer = {tagging_ms / layer_ms:.1f}")


def _time_layer(rows: Sequence[TaggedStory]) -> float:
    """Print what each step takes; return their sum."""
    names = [row.mentions for row in rows]
    total_ms = 0.0
    for label, step in (
        ("verbs cut off", cut_verbs), ("institutions", complete_names),
        ("places widened", widen_places), ("nationalities", demonym_mentions),
        ("places", link_places), ("offices", with_roles), ("places inside", nested_places),
        ("groups", group_names),
    ):
        pairs = list(zip([row.story for row in rows], names, strict=True))
        names, took_ms = _timed(label, lambda pair, step=step: step(*pair), pairs)
        total_ms += took_ms
    _, took_ms = _timed("dates", lambda row: date_mentions(row.story), rows)
    total_ms += took_ms
    _, took_ms = _timed("events", find_events, [resolve(row) for row in rows])
    return total_ms + took_ms


def _timed(label: str, step: Callable[[In], Out], items: Sequence[In]) -> tuple[list[Out], float]:
    began_s = time.process_time()
    results = [step(item) for item in items]
    took_ms = (time.process_time() - began_s) / len(items) * 1e3
    print(f"{label:14} {took_ms:7.2f}")
    return results, took_ms


def load(path: Path, stories: int) -> list[Story]:
    """Return the first articles of a corpus as stories."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [_story(number, json.loads(line)) for number, line in
                enumerate(islice(lines, stories))]


def _story(number: int, article: dict[str, str]) -> Story:
    date = parse_feed_date(article["time"])
    published_at = Timestamp.from_utc_datetime(date.moment) if date else None
    item = RawItem(
        source_id="wires", source_kind="rss", item_id=str(number), origin="", position="",
        title=article["title"], body=article["text"], markup="plain", published_at=published_at,
    )
    return normalise(item, first_seen_at=_NOW)


if __name__ == "__main__":
    main()
