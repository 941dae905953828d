"""Turn the tag probabilities of words into names: constrained decoding, then spans."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.label_map import TAGS

Probabilities = npt.NDArray[np.float64]  # (words, tags)
TagNumbers = npt.NDArray[np.int64]  # (words,)
SentenceNumbers = Sequence[int] | npt.NDArray[np.int64]  # (words,)


class Span(NamedTuple):
    """A name made of words [first, last)."""

    first: int
    last: int
    label: str
    score: float  # 0 to 1; mean probability that its words belong to a name of this kind


# ALLOWED[a, b]: tag b may follow tag a; I-X only follows B-X or I-X. Odd tags begin a name.
_NUMBERS = np.arange(len(TAGS))
_IS_INSIDE = (_NUMBERS > 0) & (_NUMBERS % 2 == 0)
_KINDS = (_NUMBERS + 1) // 2
ALLOWED = ~_IS_INSIDE[None, :] | (_KINDS[:, None] == _KINDS[None, :])
_PENALTY = np.where(ALLOWED, 0.0, -np.inf)


def merge_outputs(logits: npt.NDArray[np.float32], tags: Sequence[int]) -> Probabilities:
    """Return the probability of each of TAGS, summed over the model outputs that count for it.

    Args:
        logits: (words, outputs), as the model gives them.
        tags: The tag of each output.
    """
    scores = logits.astype(np.float64)
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    merged = np.zeros((len(scores), len(TAGS)))
    for output, tag in enumerate(tags):
        merged[:, tag] += scores[:, output]
    return merged


def decode(probabilities: Probabilities, sentences: SentenceNumbers, scheme: str) -> TagNumbers:
    """Return the most probable sequence of tags that the scheme allows in each sentence.

    Where the best tag of every word makes an allowed sequence, that is the answer; only other
    sentences are searched (Viterbi).

    Args:
        sentences: Sentence number of each word, never falling.
    """
    tags = probabilities.argmax(axis=1)
    if scheme != "BIO" or not len(tags):
        return tags
    numbers = np.asarray(sentences)
    previous = np.where(np.diff(numbers, prepend=-1) == 0, np.roll(tags, 1), 0)
    for sentence in np.unique(numbers[~ALLOWED[previous, tags]]):
        start, stop = np.searchsorted(numbers, [sentence, sentence + 1])
        tags[start:stop] = _viterbi(probabilities[start:stop])
    return tags


def _viterbi(probabilities: Probabilities) -> TagNumbers:
    """Return the best allowed path; before its first word stands O."""
    with np.errstate(divide="ignore"):
        emissions = np.log(probabilities)
    best = emissions[0] + _PENALTY[0]
    sources = np.zeros(probabilities.shape, dtype=np.int64)
    for word in range(1, len(emissions)):
        candidates = best[:, None] + _PENALTY
        sources[word] = candidates.argmax(axis=0)
        best = candidates.max(axis=0) + emissions[word]
    path = np.zeros(len(emissions), dtype=np.int64)
    path[-1] = best.argmax()
    for word in range(len(emissions) - 1, 0, -1):
        path[word - 1] = sources[word, path[word]]
    return path


def find_spans(
    tags: TagNumbers, probabilities: Probabilities, sentences: SentenceNumbers
) -> list[Span]:
    """Return the names in order; none crosses a sentence end.

    An inside tag that nothing of its kind precedes begins a name.
    """
    starts: list[int] = []
    lasts: list[int] = []
    for word in np.flatnonzero(tags).tolist():
        continues = (
            bool(lasts)
            and lasts[-1] == word
            and _IS_INSIDE[tags[word]]
            and _KINDS[tags[word]] == _KINDS[tags[word - 1]]
            and sentences[word] == sentences[word - 1]
        )
        if continues:
            lasts[-1] = word + 1
        else:
            starts.append(word)
            lasts.append(word + 1)
    words = np.arange(len(tags))
    inside = _KINDS[tags] * 2  # the inside tag of each word's kind, the beginning one before it
    kinds = probabilities[words, inside - 1] + probabilities[words, inside]
    return [
        Span(first, last, TAGS[tags[first]][2:], _mean(kinds[first:last]))
        for first, last in zip(starts, lasts, strict=True)
    ]


def _mean(probabilities: npt.NDArray[np.float64]) -> float:
    """Return the mean, rounded, so that the last bits of an arithmetic unit do not show."""
    return round(float(probabilities.sum()) / len(probabilities), 4)
