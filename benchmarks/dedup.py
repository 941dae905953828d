"""Where deduplication spends its time, beside equality of texts; the same in any order.

    python -m benchmarks.dedup ITEMS.jsonl[.xz] [--orders 5]

ITEMS are labelled items as `naba evaluate dedup` reads them; how good the outcome is, it says.
Times are CPU time of this process; the median of three runs counts.
"""

import argparse
import hashlib
import random
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from pipeline.evaluate import read_rows
from pipeline.labelled_items import labelled_item
from schemas.records import Story
from transforms.copies import Candidate, candidate_of, choose_kept, compare
from transforms.outcomes import with_fingerprint
from transforms.pairing import candidate_pairs, key_rows, story_ids, verdicts_in_memory
from transforms.stop_shingles import learn_stops, screened

ROUNDS = 3
Result = TypeVar("Result")


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("items", type=Path)
    parser.add_argument("--orders", type=int, default=0, help="shuffled orders to compare")
    args = parser.parse_args()
    items = (labelled_item(place, row) for place, row in read_rows(args.items))
    stories = [item.story for item in items if item.story]
    rounds = [_measure(stories) for _ in range(ROUNDS)]
    steps = {step: statistics.median(one[step] for one in rounds) for step in rounds[0]}
    equal_us = steps.pop("equal text")
    for step, us in steps.items():
        print(f"{step:12} {us:6.1f} µs a story")
    total_us = sum(steps.values())
    print(f"{'all':12} {total_us:6.1f} µs a story, {1e6 / total_us:,.0f} stories/s; "
          f"{total_us / equal_us:.0f} × the time of comparing whole texts by SHA-256")
    size = sum(len(with_fingerprint(story).fingerprint) for story in stories) / len(stories)
    print(f"fingerprint: {size:,.0f} bytes a story")
    _compare_orders(stories, args.orders)


def _measure(stories: list[Story]) -> dict[str, float]:
    """Return the microseconds that each step takes for a story."""
    steps: dict[str, float] = {}

    def timed(step: str, work: Callable[[], Result]) -> Result:
        started_s = time.process_time()
        result = work()
        steps[step] = (time.process_time() - started_s) / len(stories) * 1e6
        return result

    printed = timed("fingerprint", lambda: [with_fingerprint(story) for story in stories])
    candidates = timed("candidates", lambda: _by_id(map(candidate_of, printed)))
    stops = timed("stops", lambda: learn_stops(candidates.values()))
    candidates = timed("screening", lambda: _by_id(
        screened(one, stops) for one in candidates.values()
    ))
    rows = timed("keys", lambda: [key_rows(one).tobytes() for one in candidates.values()])
    pairs = timed("pairs", lambda: [story_ids(pair) for pair in candidate_pairs(rows).tolist()])
    edges = timed("comparisons", lambda: [
        edge for one, other in pairs if (edge := compare(candidates[one], candidates[other]))
    ])
    timed("choice", lambda: list(choose_kept(edges)))
    timed("equal text", lambda: {hashlib.sha256(story.text.encode()).digest(): story.story_id
                                 for story in stories})
    return steps


def _by_id(candidates: Iterable[Candidate]) -> dict[str, Candidate]:
    return {candidate.story_id: candidate for candidate in candidates}


def _compare_orders(stories: list[Story], orders: int) -> None:
    """Check that shuffled stories are decided on as sorted ones are."""
    candidates = [candidate_of(with_fingerprint(story)) for story in stories]
    expected = sorted(verdicts_in_memory(candidates))
    for seed in range(orders):
        random.Random(seed).shuffle(candidates)
        assert sorted(verdicts_in_memory(candidates)) == expected, f"order {seed} differs"
    if orders:
        print(f"{len(expected):,} verdicts, the same in {orders} other orders")


if __name__ == "__main__":
    main()
