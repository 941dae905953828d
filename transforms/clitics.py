"""The clitics that Arabic writes together with the word behind them, folded.

"And" and "so" stand first, then a preposition. The article is no clitic here: "لل" is ل and one
that has lost its alef.
"""

from collections.abc import Container, Iterator

CONJUNCTIONS = frozenset("وف")
PREPOSITIONS = frozenset("بلك")
CLITICS = CONJUNCTIONS | PREPOSITIONS
SEQUENCES = CLITICS | {first + second for first in CONJUNCTIONS for second in PREPOSITIONS}
"""All that may stand before a word."""


def clitic_lengths(word: str) -> Iterator[int]:
    """Yield how many letters of a word may be clitics, fewest first."""
    yield from (
        length for length in (1, 2) if length <= len(word) and word[:length] in SEQUENCES
    )


def without_conjunction(word: str) -> str:
    """Return a word without "and" or "so" before it, if it may begin with one."""
    return word[1:] if word[:1] in CONJUNCTIONS else word


def is_one_of(word: str, known: Container[str]) -> bool:
    """Say whether a word is a known one, perhaps behind clitics."""
    return word in known or any(word[length:] in known for length in clitic_lengths(word))
