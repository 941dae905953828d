"""Measure the normalise stage on real wires, against Unicode normalisation alone.

Run: NABA_SHARED=<corpora folder> python -m benchmarks.normalise [--stories 2000]
"""

import argparse
import json
import lzma
import os
import time
import unicodedata
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from pathlib import Path

from apache_beam.utils.timestamp import Timestamp

from schemas.records import RawItem
from transforms.language import detect_language
from transforms.mojibake import repair_mojibake
from transforms.normalise import normalise
from transforms.sentences import sentence_spans
from transforms.text import clean
from transforms.wire import anatomy

ROUNDS = 3
FIRST_SEEN_AT = Timestamp(1_540_000_000)


def read_items(stories: int) -> list[RawItem]:
    """Return every third of the wires, as a feed would give them."""
    path = Path(os.environ["NABA_SHARED"]) / "raw" / "ant_wires" / "articles.jsonl.xz"
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        records = map(json.loads, islice(lines, 0, 3 * stories, 3))
        return [
            RawItem(
                source_id=record["src"], source_kind="rss", item_id=record["docno"],
                origin="ant_wires", position=record["docno"], title=record["title"],
                body=record["text"], markup="plain",
            )
            for record in records
        ]


def best_us(work: Callable[[], object], count: int) -> float:
    """Return the microseconds per story of the fastest round."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times) / count * 1e6


def each(function: Callable[[str], object], texts: Iterable[str]) -> None:
    """Apply `function` to every text."""
    for text in texts:
        function(text)


def main() -> None:
    """Print the microseconds per story of the stage and of its parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=2_000)
    items = read_items(parser.parse_args().stories)
    texts = [item.body for item in items]
    parts: dict[str, Callable[[str], object]] = {
        "repair_mojibake": repair_mojibake, "clean": clean, "anatomy": anatomy,
        "detect_language": detect_language, "sentence_spans (used later)": sentence_spans,
    }
    nfc = partial(unicodedata.normalize, "NFC")
    baseline = best_us(lambda: each(nfc, texts), len(items))
    stage = best_us(
        lambda: [normalise(item, first_seen_at=FIRST_SEEN_AT) for item in items], len(items)
    )
    print(f"{len(items)} stories of {sum(map(len, texts)) / len(items):.0f} characters")
    print(f"{'NFC alone (baseline)':<30}{baseline:8.1f} us/story")
    for name, part in parts.items():
        print(f"{name:<30}{best_us(partial(each, part, texts), len(items)):8.1f} us/story")
    print(f"{'normalise':<30}{stage:8.1f} us/story  {stage / baseline:.0f} x baseline")


if __name__ == "__main__":
    main()
