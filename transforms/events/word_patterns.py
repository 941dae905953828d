"""Expressions that a row of the lexicon looks for beside its trigger, ready for one look-up."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from transforms.events.inflection import with_affixes
from transforms.fold import fold_key

Pattern = tuple[frozenset[str], ...]
"""The spellings that each of some consecutive words may have."""

_SHORTEST = 4
"""A preposition attached to a word makes no shorter one: "بها" and "له" are whole words."""


class Expressions(NamedTuple):
    """Single words in all their spellings, attached prepositions, and phrases."""

    words: frozenset[str] = frozenset()
    letters: tuple[str, ...] = ()
    phrases: tuple[Pattern, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.letters or self.phrases)

    def stand_at(self, keys: Sequence[str], index: int) -> bool:
        """Say whether one of them begins at `keys[index]`."""
        if not 0 <= index < len(keys):
            return False
        key = keys[index]
        if key in self.words or (len(key) >= _SHORTEST and key.startswith(self.letters)):
            return True
        return bool(self.phrases) and any(is_at(phrase, keys, index) for phrase in self.phrases)

    def end_at(self, keys: Sequence[str], index: int) -> bool:
        """Say whether one of them ends right before `keys[index]`."""
        if index > 0 and keys[index - 1] in self.words:
            return True
        return any(is_at(phrase, keys, index - len(phrase)) for phrase in self.phrases)


def is_at(pattern: Pattern, keys: Sequence[str], index: int) -> bool:
    """Say whether the words from `keys[index]` on have the spellings of `pattern`."""
    if not 0 <= index <= len(keys) - len(pattern):
        return False
    return all(keys[index + step] in forms for step, forms in enumerate(pattern))


def expressions(texts: Iterable[str]) -> Expressions:
    """Return the expressions that a row writes: "ب", "عقوبات", "من_الاتفاق"."""
    patterns = [tuple(map(fold_key, text.split("_"))) for text in texts]
    singles = [pattern[0] for pattern in patterns if len(pattern) == 1]
    return Expressions(
        words=frozenset().union(*(with_affixes(word) for word in singles if len(word) > 1)),
        letters=tuple(word for word in singles if len(word) == 1),
        phrases=tuple(
            tuple(with_affixes(word) for word in pattern) for pattern in patterns if pattern[1:]
        ),
    )
