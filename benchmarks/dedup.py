"""Deduplication quality and speed on labelled items, beside equality of texts.

    python -m benchmarks.dedup ITEMS.jsonl[.xz]     # items with gold "cluster"
    python -m benchmarks.dedup --pairs PAIRS.jsonl  # real pairs labelled S (same), E or N
"""

import argparse
import hashlib
import json
import lzma
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from math import comb
from pathlib import Path
from typing import Any

from apache_beam.utils.timestamp import Timestamp

from benchmarks.in_memory import clusters
from schemas.ids import digest
from schemas.records import Story
from transforms.copies import candidate_of, compare
from transforms.deduplicate import with_fingerprint
from transforms.wire import anatomy


def main() -> None:
    """Print the measurements asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("items", type=Path)
    parser.add_argument("--pairs", action="store_true", help="the file holds labelled pairs")
    args = parser.parse_args()
    rows = list(_read(args.items))
    if args.pairs:
        _report_pairs(rows)
    else:
        _report_clusters(rows)


def _report_clusters(rows: list[dict[str, Any]]) -> None:
    gold = {digest(row["id"]): row["cluster"] for row in rows}
    started_s = time.process_time()
    stories = [_story(row) for row in rows]
    prepared_s = time.process_time()
    ours = clusters([candidate_of(with_fingerprint(story)) for story in stories])
    ours_s = time.process_time() - prepared_s
    started_s = time.process_time()
    equal = {story.story_id: hashlib.sha256(story.text.encode()).hexdigest() for story in stories}
    equal_s = time.process_time() - started_s
    for name, found, seconds in (("ours", ours, ours_s), ("equal text", equal, equal_s)):
        print(f"{name:12} {_scores(gold, found)}  {len(rows) / seconds:,.0f} stories/s")
    size = sum(len(with_fingerprint(story).fingerprint) for story in stories) / len(stories)
    print(f"fingerprint: {size:,.0f} bytes a story")
    _report_misses(rows, gold, ours)


def _scores(gold: dict[str, str], found: dict[str, str]) -> str:
    together = Counter((gold[item], found[item]) for item in gold)
    both = sum(comb(n, 2) for n in together.values())
    in_gold = sum(comb(n, 2) for n in Counter(gold.values()).values())
    in_found = sum(comb(n, 2) for n in Counter(found.values()).values())
    chance = in_gold * in_found / comb(len(gold), 2)
    ari = (both - chance) / ((in_gold + in_found) / 2 - chance)  # Hubert and Arabie, 1985
    return f"pair P {both / max(in_found, 1):.3f} R {both / in_gold:.3f} ARI {ari:.4f}"


def _report_misses(
    rows: list[dict[str, Any]], gold: dict[str, str], found: dict[str, str]
) -> None:
    leader = {row["cluster"]: found[digest(row["id"])] for row in rows if row["rel"] == "base"}
    missed = Counter(
        row["rel"] for row in rows
        if row["cluster"] in leader and found[digest(row["id"])] != leader[row["cluster"]]
    )
    total = Counter(row["rel"] for row in rows if row["cluster"] in leader)
    print("not with their base:", ", ".join(
        f"{rel} {count}/{total[rel]}" for rel, count in missed.most_common()))


def _report_pairs(rows: list[dict[str, Any]]) -> None:
    counts: Counter[tuple[bool, bool]] = Counter()
    for row in rows:
        a, b = (
            candidate_of(with_fingerprint(_story(_as_item(row[side])))) for side in ("a", "b")
        )
        counts[compare(a, b) is not None, row["label"] == "S"] += 1
    true, false, missed = counts[True, True], counts[True, False], counts[False, True]
    precision, recall = true / (true + false), true / (true + missed)
    print(f"P {precision:.3f} R {recall:.3f} F1 {2 * true / (2 * true + false + missed):.3f}")


def _as_item(side: dict[str, Any]) -> dict[str, Any]:
    time_s = datetime.fromisoformat(side["time"]).timestamp()
    return {**side, "body": side["text"], "ts": time_s}


def _story(row: dict[str, Any]) -> Story:
    time_s = Timestamp(row["ts"])
    return Story(
        story_id=digest(row["id"]), revision=1, source_id=row["src"], source_kind="rss",
        item_id=row["id"], url=row.get("url"), agency=None, author=None, language="ar",
        item_type="story", title=row["title"], text=row["body"],
        text_sha256=hashlib.sha256(row["body"].encode()).hexdigest(),
        published_at=time_s, published_from="", updated_at=None, first_seen_at=time_s,
        wire_spans=anatomy(row["body"]).spans, dateline_place=None,
        status="usable", replaces=None, replaces_as=None,
        forwarded_from=None, priority=100, repairs=(), origin="", position=row["id"],
        fingerprint=b"",
    )


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with lzma.open(path, "rt") if path.suffix == ".xz" else path.open() as lines:
        for line in lines:
            yield json.loads(line)


if __name__ == "__main__":
    main()
