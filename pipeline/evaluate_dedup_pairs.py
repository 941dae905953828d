"""Evaluate deduplication on labelled pairs, each decided on by itself."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from pipeline.evaluate import (
    MERGED,
    MISSED,
    Evaluation,
    EvaluationError,
    Mistake,
    ratio,
    text_field,
)
from pipeline.labelled_items import LabelledItem, decide, labelled_item

PAIR_FIELDS = ("a", "b", "label")
_LABELS = {"S": "one story", "E": "same thread, another lead", "N": "different stories"}


def evaluate_pairs(rows: Iterable[tuple[str, dict[str, Any]]]) -> Evaluation:
    """Return how often pairs are merged exactly if they are labelled as one story.

    Raises:
        EvaluationError: a row is no labelled pair.
    """
    counts = Counter[tuple[str, bool]]()
    mistakes = []
    for place, row in rows:
        label = text_field(place, row, "label")
        if label not in _LABELS:
            raise EvaluationError(f"{place}: the label {label!r} is none of {', '.join(_LABELS)}")
        one, other = (_side(place, row.get(name), name, label) for name in ("a", "b"))
        found = decide([one, other])
        merged = found.root["a"] == found.root["b"]
        counts[label, merged] += 1
        if merged != (label == "S"):
            mistakes.append(Mistake(
                MERGED if merged else MISSED, _LABELS[label], one.beginning, other.beginning
            ))
    details = _pair_rates(counts)
    return Evaluation("dedup", "F1", details["f1"], details, mistakes)


def _side(place: str, side: Any, name: str, label: str) -> LabelledItem:
    place = f"{place}, {name}"
    if not isinstance(side, dict):
        raise EvaluationError(f"{place}: should be an object with src, time, title and text")
    return labelled_item(place, {
        **side, "id": name, "guid": side.get("id"), "cluster": label,
        "ts": _seconds(place, text_field(place, side, "time")),
        "body": text_field(place, side, "text"),
    })


def _seconds(place: str, time: str) -> float:
    """Return a time in ISO 8601 as seconds since 1970; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(time.replace("Z", "+00:00"))
    except ValueError as error:
        raise EvaluationError(f"{place}: the field 'time' should be ISO 8601: {error}") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def _pair_rates(counts: Counter[tuple[str, bool]]) -> dict[str, Any]:
    right, missed = counts["S", True], counts["S", False]
    wrong = counts["E", True] + counts["N", True]
    return {
        "pairs": counts.total(),
        "precision": ratio(right, right + wrong),
        "recall": ratio(right, right + missed),
        "f1": ratio(2 * right, 2 * right + wrong + missed),
        "merged": {
            label: {"pairs": counts[label, True] + counts[label, False],
                    "merged": counts[label, True]}
            for label in _LABELS
        },
    }
