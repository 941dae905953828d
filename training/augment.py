"""Vary the training examples: windows of several sentences, names of other people."""

from collections.abc import Iterator, Sequence

import numpy as np

from training.corpora import Sentence
from training.encoding import Encoded

WINDOW = 192  # sub-tokens
JOINED = 0.5  # share of the windows that are joined
SHORTEST_REPLACED = 4  # letters; particles such as "بن" and "ال" stay


def join_windows(encoded: Sequence[Encoded], random: np.random.Generator) -> list[Encoded]:
    """Return the sentences in order, about half of them joined with their neighbours.

    The pipeline gives the model windows of several sentences; the corpora give sentences.
    """
    examples: list[Encoded] = []
    for window in _windows(encoded, random):
        if len(window) > 1 and random.random() < JOINED:
            examples.append(_join(window))
        else:
            examples += window
    return examples


def replace_people(
    sentences: Sequence[Sentence], names: Sequence[str], random: np.random.Generator
) -> list[Sentence]:
    """Return the sentences with each longer word of a person's name drawn from `names`."""
    return [
        Sentence(
            [
                names[int(random.integers(len(names)))] if _is_replaced(word, tag) else word
                for word, tag in zip(sentence.words, sentence.tags, strict=True)
            ],
            sentence.tags,
        )
        for sentence in sentences
    ]


def _windows(encoded: Sequence[Encoded], random: np.random.Generator) -> Iterator[list[Encoded]]:
    """Cut the sentences into windows of up to a random length, each of one sentence at least."""
    window: list[Encoded] = []
    length, limit = 0, int(random.integers(WINDOW // 3, WINDOW + 1))
    for item in encoded:
        if window and length + len(item.ids) > limit:
            yield window
            window, length, limit = [], 0, int(random.integers(WINDOW // 3, WINDOW + 1))
        window.append(item)
        length += len(item.ids)
    if window:
        yield window


def _join(window: Sequence[Encoded]) -> Encoded:
    """Join sentences between one opening and one closing mark."""
    first, last = window[0], window[-1]
    return Encoded(
        np.concatenate([first.ids[:1], *(item.ids[1:-1] for item in window), last.ids[-1:]]),
        np.concatenate(
            [first.targets[:1], *(item.targets[1:-1] for item in window), last.targets[-1:]]
        ),
    )


def _is_replaced(word: str, tag: str) -> bool:
    return tag.endswith("PER") and len(word) >= SHORTEST_REPLACED and word.isalpha()
