"""Label raw sentences with two teachers and the student together, institutions by their form."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np

from training.corpora import LABELS
from training.head_words import find_institutions

BLOCK = 2048  # sentences that the student reads at once
FORM = 0.8  # weight of the form of an institution beside the readers
DOUBT = 0.3  # a word that is a person with this probability ends an institution

Readers = Sequence[Callable[[Sequence[list[str]]], Iterable[np.ndarray]]]

_BEGIN, _INSIDE = LABELS.index("B-ORG"), LABELS.index("I-ORG")
_PERSON = [LABELS.index("B-PER"), LABELS.index("I-PER")]


def label(
    sentences: Iterable[list[str]], readers: Readers, weights: Sequence[float]
) -> Iterator[tuple[list[str], np.ndarray]]:
    """Yield each sentence with the weighted mean of what the readers make of it.

    Args:
        readers: Each gives, for sentences, the probabilities of their words, (words, labels).
    """
    waiting = iter(sentences)
    while block := list(islice(waiting, BLOCK)):
        for words, *read in zip(block, *(reader(block) for reader in readers), strict=True):
            mean = sum(weight * one for weight, one in zip(weights, read, strict=True))
            yield words, mark_institutions(words, np.asarray(mean))


def mark_institutions(words: Sequence[str], probabilities: np.ndarray) -> np.ndarray:
    """Return the probabilities drawn towards ORG where the words have the form of one."""
    marked = probabilities.copy()
    for span in find_institutions(words):
        people = probabilities[span.first + 1 : span.last, _PERSON].sum(axis=1) > DOUBT
        last = span.first + 1 + int(people.argmax()) if people.any() else span.last
        if last - span.first < 2:
            continue
        marked[span.first : last] *= 1 - FORM
        marked[span.first, _BEGIN] += FORM
        marked[span.first + 1 : last, _INSIDE] += FORM
    return marked
