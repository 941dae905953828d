"""How far two clusterings of the same items agree, counted in pairs of items."""

from collections import Counter
from collections.abc import Iterable
from math import comb
from typing import NamedTuple

from pipeline.evaluate import ratio


class PairCounts(NamedTuple):
    """Of all pairs of items: how many are together where."""

    both: int
    labelled: int
    found: int
    all: int

    @classmethod
    def of(cls, places: Iterable[tuple[str, str]]) -> "PairCounts":
        """Count pairs, given each item's labelled and found cluster."""
        together = Counter(places)
        labelled, found = Counter[str](), Counter[str]()
        for (cluster, root), count in together.items():
            labelled[cluster] += count
            found[root] += count
        both, in_labelled, in_found = (
            sum(comb(count, 2) for count in sizes.values())
            for sizes in (together, labelled, found)
        )
        return cls(both, in_labelled, in_found, comb(together.total(), 2))

    def rates(self) -> dict[str, float]:
        """Return precision, recall and F1."""
        return {
            "precision": ratio(self.both, self.found),
            "recall": ratio(self.both, self.labelled),
            "f1": ratio(2 * self.both, self.labelled + self.found),
        }

    def adjusted_rand_index(self) -> float:
        """Return the agreement of the two clusterings, 0 being that of chance."""
        chance = self.labelled * self.found / max(self.all, 1)
        best = (self.labelled + self.found) / 2
        return (self.both - chance) / (best - chance) if best > chance else 1.0
