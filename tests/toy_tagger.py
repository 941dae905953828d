"""A tagger whose model is a table of names, for tests of what stands around the model."""

from collections.abc import Sequence

import numpy as np

from transforms.label_map import TAGS, LabelMap
from transforms.tagger import Frame, Ids, Logits, Tagger

NAMES = {
    "محمد": "B-PER", "علي": "I-PER", "مصر": "B-LOC", "القاهرة": "B-LOC",
    "الأمم": "B-ORG", "المتحدة": "I-ORG", "«": "B-MISC",
}
POISON_SPLIT = "سم"  # the tokenizer fails on it
POISON_MODEL = "زرنيخ"  # the network fails on it
POISON_NUMBERS = "قصدير"  # the network answers NaN
POISON_MEMORY = "رصاص"  # the device has no room for it

_FIRST_TAG, _OTHER, _REST = 10, 30, 31
_POISONED = {POISON_MODEL: 96, POISON_NUMBERS: 97, POISON_MEMORY: 98}


class OutOfMemoryError(RuntimeError):
    """Named as torch names its own."""


class ToyModel:
    """Splits words into pieces of three letters; counts what it is shown."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def split(self, words: Sequence[str]) -> list[list[int]]:
        if POISON_SPLIT in words:
            raise ValueError("cannot split")
        pieces: list[list[int]] = []
        for word in words:
            first = _POISONED.get(word, _OTHER)
            if word in NAMES:
                first = _FIRST_TAG + TAGS.index(NAMES[word])
            pieces.append([first] + [_REST] * ((len(word) - 1) // 3))
        return pieces

    def predict(self, ids: Ids, mask: Ids) -> Logits:
        self.shapes.append(ids.shape)
        if (ids == _POISONED[POISON_MODEL]).any():
            raise IndexError("index out of range in self")
        if (ids == _POISONED[POISON_MEMORY]).any():
            raise OutOfMemoryError("CUDA out of memory")
        tags = np.where((ids >= _FIRST_TAG) & (ids < _OTHER), ids - _FIRST_TAG, 0)
        logits = (np.eye(len(TAGS))[tags] * 9).astype(np.float32)
        logits[ids == _POISONED[POISON_NUMBERS]] = np.nan
        return logits


def make_toy_tagger(model: ToyModel | None = None, *, longest: int = 64) -> Tagger:
    """Return a tagger that knows NAMES."""
    model = model or ToyModel()
    return Tagger(
        split=model.split,
        predict=model.predict,
        labels=LabelMap(tuple(range(len(TAGS))), "BIO"),
        frame=Frame((2,), (3,), 0),
        longest=longest,
        model_id="toy@0",
    )
