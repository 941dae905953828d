"""Deduplication beside its peers: quality, speed and state, on the same items and one core.

    python -m benchmarks.dedup_peers ITEMS.jsonl[.xz]

ITEMS are labelled items as `naba evaluate dedup` reads them. Every method gets the words of title
and text, folded alike, and what it takes for a pair joins clusters; ours chooses as in a run.
Times are CPU time of this process, from text to pairs. State is what must be kept of a story so
that a later copy is found: for peers their index, pickled, with its signatures.
"""

import argparse
import hashlib
import pickle
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from datasketch import MinHash, MinHashLSH
from rensa import RMinHash, RMinHashLSH

from pipeline.agreement import PairCounts
from pipeline.evaluate import read_rows
from pipeline.labelled_items import LabelledItem, labelled_item
from schemas.records import Story
from transforms.copies import candidate_of
from transforms.folded_words import folded_words
from transforms.outcomes import with_fingerprint
from transforms.pairing import verdicts_in_memory

PERMUTATIONS = 128
RENSA_BANDS = {0.3: 64, 0.5: 32}  # so short that the index misses few pairs at the threshold
PLACE_BYTES = 24  # a story's id and time, which every method needs beside its state

Links = list[tuple[int, int]]


class Outcome(NamedTuple):
    """What a method found: pairs of places in the list of stories, and its state in bytes."""

    links: Links
    state_bytes: int


def main() -> None:
    """Print a line for each method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("items", type=Path)
    args = parser.parse_args()
    read = (labelled_item(place, row) for place, row in read_rows(args.items))
    items = sorted((item for item in read if item.story), key=lambda item: item.time_s)
    stories = [item.story for item in items if item.story]
    print("| method | pair P | R | F1 | ARI | stories/s | bytes a story | speed of ours |")
    print("|---|---|---|---|---|---|---|---|")
    ours_s = 0.0
    for name, method in METHODS.items():
        started_s = time.process_time()
        outcome = method(stories)
        seconds = time.process_time() - started_s
        ours_s = ours_s or seconds
        size = outcome.state_bytes / len(stories) + PLACE_BYTES
        print(f"| {name} | {_scores(items, outcome.links)} | {len(stories) / seconds:,.0f} "
              f"| {size:,.0f} | {seconds / ours_s:.1f} × |", flush=True)


def ours(stories: Sequence[Story]) -> Outcome:
    """Deduplicate as a run does."""
    candidates = [candidate_of(with_fingerprint(story)) for story in stories]
    places = {candidate.story_id: place for place, candidate in enumerate(candidates)}
    links = [(places[verdict.key], places[verdict.kept_id])
             for verdict in verdicts_in_memory(candidates)]
    return Outcome(links, sum(len(candidate.fingerprint) for candidate in candidates))


def minhash_datasketch(stories: Sequence[Story], *, threshold: float) -> Outcome:
    """Find pairs with datasketch's MinHash LSH, verified by estimated similarity."""
    index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
    signatures: list[MinHash] = []
    links: Links = []
    for place, story in enumerate(stories):
        signature = MinHash(num_perm=PERMUTATIONS)
        signature.update_batch([shingle.encode() for shingle in _shingles(story)])
        links += [(place, other) for other in index.query(signature)
                  if signature.jaccard(signatures[other]) >= threshold]
        index.insert(place, signature, check_duplication=False)
        signatures.append(signature)
    size = len(pickle.dumps(index)) + sum(one.hashvalues.nbytes for one in signatures)
    return Outcome(links, size)


def minhash_rensa(stories: Sequence[Story], *, threshold: float) -> Outcome:
    """Find pairs with rensa's R-MinHash LSH, verified by estimated similarity."""
    index = RMinHashLSH(threshold, PERMUTATIONS, RENSA_BANDS[threshold])
    signatures: list[RMinHash] = []
    links: Links = []
    for place, story in enumerate(stories):
        signature = RMinHash(PERMUTATIONS, 42)
        signature.update(_shingles(story))
        links += [(place, other) for other in index.query(signature)
                  if signature.jaccard(signatures[other]) >= threshold]
        index.insert(place, signature)
        signatures.append(signature)
    return Outcome(links, len(pickle.dumps(index)) + 4 * PERMUTATIONS * len(signatures))


def equal_bodies_sqlite(stories: Sequence[Story]) -> Outcome:
    """Find pairs of equal bodies in a table of their hashes."""
    table = sqlite3.connect(":memory:")
    table.execute("create table bodies (hash blob primary key, place integer) without rowid")
    links: Links = []
    for place, story in enumerate(stories):
        body = hashlib.sha256(" ".join(folded_words("", story.text)[1]).encode()).digest()
        first = table.execute("select place from bodies where hash = ?", (body,)).fetchone()
        if first:
            links.append((place, first[0]))
        else:
            table.execute("insert into bodies values (?, ?)", (body, place))
    pages, page_bytes = (table.execute(f"pragma {name}").fetchone()[0]
                         for name in ("page_count", "page_size"))
    return Outcome(links, pages * page_bytes)


METHODS: dict[str, Callable[[Sequence[Story]], Outcome]] = {
    "ours": ours,
    "datasketch MinHash LSH, 0.3": partial(minhash_datasketch, threshold=0.3),
    "datasketch MinHash LSH, 0.5": partial(minhash_datasketch, threshold=0.5),
    "rensa R-MinHash LSH, 0.3": partial(minhash_rensa, threshold=0.3),
    "rensa R-MinHash LSH, 0.5": partial(minhash_rensa, threshold=0.5),
    "sqlite, hashes of bodies": equal_bodies_sqlite,
}


def _shingles(story: Story) -> list[str]:
    head, body = folded_words(story.title, story.text)
    words = head + body
    return [" ".join(words[first : first + 3]) for first in range(max(len(words) - 2, 1))]


def _scores(items: Sequence[LabelledItem], links: Links) -> str:
    roots = list(_roots(len(items), links))
    counts = PairCounts.of((item.cluster, str(roots[place])) for place, item in enumerate(items))
    figures = (*counts.rates().values(), counts.adjusted_rand_index())
    return " | ".join(f"{figure:.3f}" for figure in figures)


def _roots(count: int, links: Links) -> Iterator[int]:
    """Yield for each place the first of those it is linked with."""
    parent = list(range(count))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = place = parent[parent[place]]
        return place

    for one, other in links:
        first, second = sorted((root(one), root(other)))
        parent[second] = first
    return map(root, range(count))


if __name__ == "__main__":
    main()
