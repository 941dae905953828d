"""What each figure of deduplication is worth: labelled items decided on with one of them changed.

    python -m benchmarks.dedup_ablation ITEMS.jsonl[.xz]

ITEMS are labelled items as `naba evaluate dedup` reads them. The baseline is the first line.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from pipeline.evaluate import MERGED, Evaluation
from pipeline.evaluate_dedup import evaluate_dedup
from transforms import copies, fingerprint, pairing, stop_shingles
from transforms.stop_shingles import StopSample

HOUR_US = 3_600_000_000


def main() -> None:
    """Print a line for each change."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("items", type=Path)
    args = parser.parse_args()
    for name, changes in (("as it is", []), *_CHANGES):
        with _changed(changes):
            print(f"{name:36} {_line(evaluate_dedup(args.items))}", flush=True)


def _window(hours: int) -> list[tuple[ModuleType | type, str, Any]]:
    seconds = np.uint64(hours * 3600 + 1)
    return [(copies, "WINDOW_US", hours * HOUR_US), (pairing, "_WINDOW_S", seconds)]


_CHANGES: tuple[tuple[str, list[tuple[ModuleType | type, str, Any]]], ...] = (
    ("window 48 hours", _window(48)),
    ("window 168 hours", _window(168)),
    ("opening 25 %", [(fingerprint, "LEAD_TWENTIETHS", 5)]),
    ("opening 35 %", [(fingerprint, "LEAD_TWENTIETHS", 7)]),
    ("text 20 %", [(fingerprint, "CONTAINED_QUARTERS", 0.8)]),
    ("text 30 %", [(fingerprint, "CONTAINED_QUARTERS", 1.2)]),
    ("18 keys of the first 100 words", [(fingerprint, "KEYED_WORDS_AND_KEYS", ((100, 18),))]),
    ("no stop shingles", [(stop_shingles, "DAYS_MIN", 1_000_000)]),
    ("stop shingles of 4 days", [(stop_shingles, "DAYS_MIN", 4)]),
    ("stop shingles of 6 days", [(stop_shingles, "DAYS_MIN", 6)]),
    ("stop shingles of 1 story in 500", [(stop_shingles, "STORIES_PER_STOP", 500)]),
    ("stop shingles of any share", [(stop_shingles, "STORIES_PER_STOP", 1_000_000)]),
    ("all stop keys dropped", [(stop_shingles, "KEYS_LEFT_MIN", 0)]),
    ("stop shingles of 2,000 stories", [(StopSample, "stories_max", 2_000)]),
    ("no headline of one source", [(copies, "TITLE_WORDS_MIN", 1_000_000)]),
)


@contextmanager
def _changed(changes: list[tuple[ModuleType | type, str, Any]]) -> Iterator[None]:
    before = [(place, name, getattr(place, name)) for place, name, _ in changes]
    for place, name, value in changes:
        setattr(place, name, value)
    try:
        yield
    finally:
        for place, name, value in before:
            setattr(place, name, value)


def _line(found: Evaluation) -> str:
    details = found.details
    wrong = sum(mistake.sort == MERGED for mistake in found.mistakes)
    recall = details["pairs"]["recall"]
    hard = details["hard_negatives"]["merged"]
    return (f"ARI {found.score:.4f}  recall {recall:.4f}  wrong links {wrong:2}  "
            f"hard negatives merged {hard:.2%}")


if __name__ == "__main__":
    main()
