"""Evaluate deduplication on labelled items, which form clusters, or on labelled pairs.

Clusters are scored by the adjusted Rand index (Hubert and Arabie, 1985), pairs by F1.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from pipeline.agreement import PairCounts
from pipeline.evaluate import (
    MERGED,
    MISSED,
    Evaluation,
    EvaluationError,
    Mistake,
    ratio,
    read_rows,
)
from pipeline.evaluate_dedup_pairs import PAIR_FIELDS, evaluate_pairs
from pipeline.labelled_items import ITEM_FIELDS, Decided, LabelledItem, decide, labelled_item

_HARD_NEGATIVE = "neg_"  # how the `rel` begins of items made to look like copies


def evaluate_dedup(path: Path) -> Evaluation:
    """Return how well deduplication does on the labelled items or pairs in a file.

    Raises:
        EvaluationError: the file holds neither.
    """
    rows = read_rows(path)
    place, first = next(rows, (str(path), {}))
    rows = chain([(place, first)], rows)
    if all(field in first for field in PAIR_FIELDS):
        return evaluate_pairs(rows)
    if all(field in first for field in ITEM_FIELDS):
        return _evaluate_items(rows)
    raise EvaluationError(
        f"{place}: neither a labelled item ({', '.join(ITEM_FIELDS)}) nor a labelled pair "
        f"({', '.join(PAIR_FIELDS)}); it has {', '.join(first) or 'no fields'}"
    )


def _evaluate_items(rows: Iterable[tuple[str, dict[str, Any]]]) -> Evaluation:
    items: dict[str, LabelledItem] = {}
    for place, row in rows:
        item = labelled_item(place, row)
        if item.item_id in items:
            raise EvaluationError(f"{place}: a second item has the id {item.item_id!r}")
        items[item.item_id] = item
    found = decide(list(items.values()))
    counts = PairCounts.of((item.cluster, found.root[item.item_id]) for item in items.values())
    right = sum(items[one].cluster == items[other].cluster for one, other in found.links)
    first = _first_of_clusters(items.values())
    details = {
        "items": len(items),
        "rejected": sum(item.story is None for item in items.values()),
        "pairs": counts.rates(),
        "links": {"asserted": len(found.links), "precision": ratio(right, len(found.links))},
        "recall": _recall(items.values(), first, found.root),
        "hard_negatives": _hard_negatives(items.values(), found.root),
    }
    return Evaluation(
        "dedup", "adjusted Rand index", round(max(counts.adjusted_rand_index(), 0.0), 4),
        details, [*_merged(items, found), *_missed(items, first, found.root)],
    )


def _first_of_clusters(items: Iterable[LabelledItem]) -> dict[str, LabelledItem]:
    """Return the earliest item of each cluster: the story that the others repeat."""
    first: dict[str, LabelledItem] = {}
    for item in items:
        if item.cluster not in first or item.time_s < first[item.cluster].time_s:
            first[item.cluster] = item
    return first


def _recall(
    items: Iterable[LabelledItem], first: Mapping[str, LabelledItem], root: Mapping[str, str]
) -> dict[str, dict[str, float]]:
    """Return for each relation how many items were found with the first of their cluster."""
    total, hit = Counter[str](), Counter[str]()
    for item in items:
        base = first[item.cluster]
        if item is not base:
            total[item.relation] += 1
            hit[item.relation] += root[item.item_id] == root[base.item_id]
    return {
        relation: {"items": count, "recall": ratio(hit[relation], count)}
        for relation, count in sorted(total.items())
    }


def _hard_negatives(items: Iterable[LabelledItem], root: Mapping[str, str]) -> dict[str, float]:
    """Return how many hard negatives stand in one cluster with another story."""
    stories = defaultdict(set)
    items = list(items)
    for item in items:
        stories[root[item.item_id]].add(item.cluster)
    hard = [item for item in items if item.relation.startswith(_HARD_NEGATIVE)]
    merged = sum(len(stories[root[item.item_id]]) > 1 for item in hard)
    return {"items": len(hard), "merged": ratio(merged, len(hard)) if hard else 0.0}


def _merged(items: Mapping[str, LabelledItem], found: Decided) -> Iterator[Mistake]:
    for one, other in found.links:
        if items[one].cluster != items[other].cluster:
            label = f"{items[one].relation}, {items[other].relation}"
            yield Mistake(MERGED, label, items[other].beginning, items[one].beginning)


def _missed(
    items: Mapping[str, LabelledItem], first: Mapping[str, LabelledItem], root: Mapping[str, str]
) -> Iterator[Mistake]:
    for item in items.values():
        base = first[item.cluster]
        if root[item.item_id] != root[base.item_id]:
            yield Mistake(MISSED, item.relation, base.beginning, item.beginning)
