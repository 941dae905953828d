"""Count Arabic letter pairs and print the table of transforms/letter_pairs.py.

Run: python -m training.letter_pairs CORPUS.jsonl.xz (JSON lines with "title" and "text").
"""

import argparse
import json
import lzma
import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from transforms.letter_pairs import LETTERS, WORST_BITS, fold


def texts(path: Path) -> Iterator[str]:
    """Yield the titles and texts of the articles in `path`."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            yield article.get("title", "")
            yield article["text"]


def count_pairs(path: Path) -> Counter[str]:
    """Return how often each pair of letters occurs in words; a space stands for a word's edge."""
    words: Counter[str] = Counter()
    for text in texts(path):
        words.update(re.findall(f"[{LETTERS[1:]}]+", fold(text)))
    pairs: Counter[str] = Counter()
    for word, times in words.items():
        padded = f" {word} "
        for first, second in pairwise(padded):
            pairs[first + second] += times
    return pairs


def costs(pairs: Counter[str]) -> list[str]:
    """Return one row per first letter: -log2 P(second | first), add-one, as a hex digit each."""
    rows = []
    for first in LETTERS:
        total = sum(pairs[first + second] + 1 for second in LETTERS)
        bits = (-math.log2((pairs[first + second] + 1) / total) for second in LETTERS)
        rows.append("".join(f"{min(WORST_BITS, round(cost)):x}" for cost in bits))
    return rows


def main() -> None:
    """Print the rows for the corpus named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    for row in costs(count_pairs(parser.parse_args().corpus)):
        print(f'    "{row}",')


if __name__ == "__main__":
    main()
