"""Measure the coding of events on real wires, against one regular expression per trigger.

Run: python -m benchmarks.events $NABA_SHARED/raw/ant_wires/articles.jsonl.xz [--stories 300]

The baseline is built from the same lexicon: an alternation of the forms of each row, with
optional prefixes, run over the folded text once per row. It only matches; it judges nothing.
"""

import argparse
import json
import lzma
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from apache_beam.utils.timestamp import Timestamp

from schemas.records import RawItem, ResolvedStory
from transforms.events.find import find_events
from transforms.events.lexicon import Row, load_lexicon
from transforms.events.triggers import scan
from transforms.events.words import read_words
from transforms.fold import fold_key
from transforms.mentions import tag_stories
from transforms.model_loader import load_tagger
from transforms.normalise import normalise
from transforms.resolve import resolve

_ROUNDS = 3
_PREFIXES = r"(?<!\w)[وف]?(?:س|ال|لل|[بلك](?:ال)?)?"
_STORY_CHARS = 2_400
_FIRST_SEEN_AT = Timestamp(1_540_000_000)


def read_stories(path: Path, stories: int) -> list[ResolvedStory]:
    """Return wires with names and dates, as the extract stage gets them."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in islice(lines, 0, 7 * stories, 7)]
    items = [
        RawItem(
            source_id=record["src"], source_kind="rss", item_id=record["docno"],
            origin="wires", position=record["docno"], title=record["title"],
            body=record["text"], markup="plain", published_at=Timestamp(1_530_000_000),
        )
        for record in records
    ]
    plain = [normalise(item, first_seen_at=_FIRST_SEEN_AT) for item in items]
    tagged = tag_stories(plain, load_tagger(""), any_language=False)
    return [resolve(one) for one in tagged.stories]


def expressions() -> list[re.Pattern[str]]:
    """Return one regular expression per row of the lexicon."""
    forms: dict[Row, list[str]] = defaultdict(list)
    for key, found in load_lexicon().forms.items():
        for form in found:
            forms[form.row].append(re.escape(key))
    return [
        re.compile(rf"{_PREFIXES}(?:{'|'.join(sorted(keys))})(?!\w)") for keys in forms.values()
    ]


def _each_expression(stories: list[ResolvedStory], patterns: list[re.Pattern[str]]) -> int:
    return sum(
        1
        for one in stories
        for key in (fold_key(one.story.title), fold_key(one.story.text))
        for pattern in patterns
        for _ in pattern.finditer(key)
    )


def _each_word(stories: list[ResolvedStory]) -> int:
    return sum(
        len(found.triggers) + sum(map(len, found.cues.values()))
        for one in stories
        for field in ("title", "text")
        for words in read_words(one, field)
        for found in [scan(words)]
    )


def _each_event(stories: list[ResolvedStory]) -> int:
    return sum(len(find_events(one)) for one in stories)


def _measure(work: Callable[[], int], rounds: int) -> Iterator[tuple[float, int]]:
    for _ in range(rounds):
        started = time.process_time()
        found = work()
        yield time.process_time() - started, found


def main() -> int:
    """Print milliseconds of CPU for a story of 2,400 characters; return 1 above --max."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--stories", type=int, default=300)
    parser.add_argument("--max", type=float, default=4.0, help="milliseconds allowed")
    args = parser.parse_args()
    stories = read_stories(args.path, args.stories)
    chars = sum(len(one.story.title) + len(one.story.text) for one in stories)
    scale = 1_000 * _STORY_CHARS / chars
    patterns = expressions()
    baseline, matched = min(_measure(lambda: _each_expression(stories, patterns), 1))
    matching, hits = min(_measure(lambda: _each_word(stories), _ROUNDS))
    coding, events = min(_measure(lambda: _each_event(stories), _ROUNDS))
    print(f"{len(stories)} stories, {chars:,} characters; per {_STORY_CHARS:,} characters:")
    print(f"{len(patterns)} expressions one by one  {baseline * scale:7.2f} ms  {matched} matches")
    print(f"read and match words        {matching * scale:7.2f} ms  {hits} triggers and cues")
    print(f"find_events                 {coding * scale:7.2f} ms  {events} events")
    print(f"matching is {baseline / matching:.1f} x, all of it {baseline / coding:.1f} x as fast "
          "as matching by one expression per trigger")
    return int(coding * scale > args.max)


if __name__ == "__main__":
    raise SystemExit(main())
