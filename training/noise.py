"""Spell sentences as careless wires do, where the tokenizer does not fold the difference."""

from collections.abc import Sequence

import numpy as np

from training.corpora import Sentence

# Diacritics, tatweel, hamza on alef, alef maqsura and digits are folded and need no noise.
_CARELESS = str.maketrans({"ؤ": "و", "ئ": "ي", "ء": None})


def spell_carelessly(
    sentences: Sequence[Sentence], share: float, random: np.random.Generator
) -> list[Sentence]:
    """Return the sentences with a share of the words spelt carelessly."""
    return [
        Sentence(
            [_spell(word) if random.random() < share else word for word in sentence.words],
            sentence.tags,
        )
        for sentence in sentences
    ]


def _spell(word: str) -> str:
    """Return the word with a final teh marbuta as heh, and hamzas as their seats or left out."""
    if len(word) < 3:
        return word
    return (word[:-1] + "ه" if word.endswith("ة") else word).translate(_CARELESS)
