"""Evaluate how well pairs of names are told to be one entity's or two."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from pipeline.evaluate import Evaluation, EvaluationError, Mistake, ratio, read_lines
from transforms.names.same_name import same_name

MERGED, MISSED = "merged, but two entities", "told apart, but one entity"
_LABELS = {0: "two entities", 1: "one entity"}
_SHAPE = 'a JSON object whose "pairs" is a list of [name, other name, 1 or 0]'


def evaluate_aliases(path: Path) -> Evaluation:
    """Return how many labelled pairs of names are judged as they are labelled.

    Raises:
        EvaluationError: the file does not hold labelled pairs.
    """
    pairs = _read_pairs(path)
    if not pairs:
        raise EvaluationError(f"{path}: no pairs; it should hold {_SHAPE}")
    counts = Counter[tuple[int, bool]]()
    mistakes = []
    for one, other, label in pairs:
        merged = same_name(one, other)
        counts[label, merged] += 1
        if merged != bool(label):
            sort = MERGED if merged else MISSED
            mistakes.append(Mistake(sort, _LABELS[label], one, other))
    right = counts[1, True] + counts[0, False]
    score = ratio(right, len(pairs))
    return Evaluation("aliases", "accuracy", score, _details(counts), mistakes)


def _details(counts: Counter[tuple[int, bool]]) -> dict[str, Any]:
    same, merged = counts[1, True] + counts[1, False], counts[1, True] + counts[0, True]
    return {
        "pairs": sum(counts.values()),
        "same": same,
        "different": counts[0, True] + counts[0, False],
        "precision": ratio(counts[1, True], merged),
        "recall": ratio(counts[1, True], same),
        "false_merges": counts[0, True],
        "missed": counts[1, False],
    }


def _read_pairs(path: Path) -> list[tuple[str, str, int]]:
    text = "".join(line for _, line in read_lines(path))
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EvaluationError(f"{path}: not JSON ({error}); it should hold {_SHAPE}") from error
    rows = content.get("pairs") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise EvaluationError(f"{path}: should hold {_SHAPE}")
    return [_read_pair(f"{path}, pair {number}", row) for number, row in enumerate(rows, 1)]


def _read_pair(place: str, row: Any) -> tuple[str, str, int]:
    match row:
        case [str(one), str(other), (0 | 1) as label]:
            return one, other, int(label)
    raise EvaluationError(f"{place}: should be [name, other name, 1 or 0] and is {row!r:.60}")
