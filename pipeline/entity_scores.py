"""Score entities, exact in span and kind, as seqeval does in its default mode."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from schemas.labels import ENTITY_LABELS


class Entity(NamedTuple):
    """A name made of words [first, last)."""

    first: int
    last: int
    label: str


class Counts(NamedTuple):
    """How many entities are labelled, are found, and are both."""

    right: int
    found: int
    labelled: int

    def rates(self) -> dict[str, float]:
        """Return precision, recall, F1 and support; what is undefined counts as 0."""
        return {
            "precision": _share(self.right, self.found),
            "recall": _share(self.right, self.labelled),
            "f1": _share(2 * self.right, self.found + self.labelled),
            "support": self.labelled,
        }


def find_entities(tags: Sequence[str]) -> list[Entity]:
    """Return the entities that BIO tags mark, in order.

    An I- tag that nothing of its kind precedes begins an entity, like a B- tag.
    """
    entities: list[Entity] = []
    for index, tag in enumerate(tags):
        last = entities[-1] if entities else Entity(0, 0, "")
        if tag.startswith("I-") and last.last == index and last.label == tag[2:]:
            entities[-1] = last._replace(last=index + 1)
        elif tag != "O":
            entities.append(Entity(index, index + 1, tag[2:]))
    return entities


def count(
    pairs: Iterable[tuple[Sequence[Entity], Sequence[Entity]]]
) -> tuple[Counts, Mapping[str, Counts]]:
    """Return the counts of all entities and those of each kind.

    Args:
        pairs: What is labelled and what is found in each sentence.
    """
    right, found, labelled = Counter[str](), Counter[str](), Counter[str]()
    for expected, seen in pairs:
        right.update(one.label for one in {*expected} & {*seen})
        found.update(one.label for one in seen)
        labelled.update(one.label for one in expected)
    kinds = {kind: Counts(right[kind], found[kind], labelled[kind]) for kind in ENTITY_LABELS}
    return Counts(right.total(), found.total(), labelled.total()), kinds


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
