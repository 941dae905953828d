"""Train the CRF teacher on the gold corpus and let it label raw sentences."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pycrfsuite

from training.corpora import LABELS, Sentence
from training.tokenizer import fold

_CRF_OPTIONS = {
    "c1": 0.15,
    "c2": 0.02,
    "max_iterations": 90,
    "feature.possible_transitions": True,
}


class Knowledge(NamedTuple):
    """What the teacher knows beyond the gold corpus."""

    clusters: Mapping[str, tuple[int, ...]]
    names: frozenset[str]  # folded
    lexicon: Mapping[str, str]  # folded word: its usual tag in Wikipedia


def build_lexicon(sentences: Iterable[Sentence]) -> dict[str, str]:
    """Return the usual tag of each word that names something in at least half of its uses."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            counts[stem(fold(word))][tag] += 1
    lexicon = {}
    for word, tags in counts.items():
        tag, count = tags.most_common(1)[0]
        if tag != "O" and 2 * count >= tags.total() and len(word) > 1:
            lexicon[word] = tag
    return lexicon


def stem(word: str) -> str:
    """Return the word without conjunction, preposition and article, where four letters stay."""
    if word[0] in "وف" and len(word) > 4:
        word = word[1:]
    if word.startswith("لل") and len(word) > 4:
        return word[2:]
    if word[0] in "بلك" and len(word) > 4:
        word = word[1:]
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


def describe(word: str, knowledge: Knowledge) -> list[str]:
    """Return the features of a folded word that its neighbours see too."""
    root = stem(word)
    features = [f"w={word}", f"r={root}"]
    clusters = knowledge.clusters.get(word) or knowledge.clusters.get(root) or ()
    features += [f"c{level}={number}" for level, number in enumerate(clusters)]
    if word in knowledge.names or root in knowledge.names:
        features.append("name")
    if root in knowledge.lexicon:
        features.append(f"x={knowledge.lexicon[root]}")
    return features


def describe_form(word: str) -> list[str]:
    """Return the features of the letters of a word."""
    features = [f"p{size}={word[:size]}" for size in (1, 2, 3, 4) if len(word) > size]
    features += [f"s{size}={word[-size:]}" for size in (1, 2, 3, 4) if len(word) > size]
    features.append(f"n={min(len(word), 9)}")
    if word[0].isdigit():
        features.append("digit")
    elif word[0].isascii():
        features.append("latin" if word[0].isalpha() else "mark")
    return features


class Describer:
    """Turn sentences into CRF features, each distinct word described once."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._cache: dict[str, tuple[list[str], ...]] = {}

    def features(self, words: Sequence[str]) -> list[list[str]]:
        """Return the features of each word: its own, its letters' and its neighbours'."""
        known = [self._describe(word) for word in words]
        edge = ([], ["edge2-"], ["edge1-"], ["edge1+"], ["edge2+"])
        padded = [edge, edge, *known, edge, edge]
        return [
            padded[at][0] + padded[at - 2][1] + padded[at - 1][2] + padded[at + 1][3]
            + padded[at + 2][4] + [f"b-{padded[at - 1][2][0]}{padded[at][0][0]}"]
            + [f"b+{padded[at][0][0]}{padded[at + 1][3][0]}"]
            for at in range(2, len(padded) - 2)
        ]  # fmt: skip

    def _describe(self, word: str) -> tuple[list[str], ...]:
        if word not in self._cache:
            folded = fold(word) or word
            near = describe(folded, self._knowledge)
            self._cache[word] = (
                near + describe_form(folded),
                *([f"{where}{item}" for item in near] for where in ("-2", "-1", "+1", "+2")),
            )
        return self._cache[word]


def train_teacher(sentences: Sequence[Sentence], describer: Describer, path: Path) -> None:
    """Fit the CRF and write it to `path`."""
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", params=_CRF_OPTIONS, verbose=False)
    for sentence in sentences:
        trainer.append(describer.features(sentence.words), sentence.tags)
    trainer.train(str(path))


class Teacher:
    """A trained CRF."""

    def __init__(self, path: Path, describer: Describer) -> None:
        self._describer = describer
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open(str(path))
        self._labels = set(self._tagger.labels())

    def tag(self, words: Sequence[str]) -> list[str]:
        """Return the best tags."""
        return self._tagger.tag(self._describer.features(words))

    def marginals(self, words: Sequence[str]) -> np.ndarray:
        """Return the probability of each label, (words, labels)."""
        self._tagger.set(self._describer.features(words))
        marginal = self._tagger.marginal
        return np.array(
            [
                [marginal(label, at) if label in self._labels else 0.0 for label in LABELS]
                for at in range(len(words))
            ]
        )
