"""The country that words of a name stand for: its own name, or a nationality."""

from functools import lru_cache

from transforms.names.name_words import name_words
from transforms.places.gazetteer import load_gazetteer
from transforms.places.nationalities import nationality_forms

_OTHER_WORDS = frozenset(("مالي", "ماليه", "قمري", "قمريه"))  # finance, the moon

Words = tuple[str, ...]


@lru_cache(maxsize=16_384)
def country_of(*words: str) -> str | None:
    """Return the ISO code of the country that words name, or whose nationality they are.

    Args:
        words: Folded, without articles.
    """
    return _countries().get(words)


@lru_cache(maxsize=1)
def _countries() -> dict[Words, str]:
    """Return the likeliest country of each of its names and words of nationality."""
    countries: dict[Words, str] = {}
    for key, places in load_gazetteer().places.items():
        if places[0].kind == "country" and places[0].country:
            countries.setdefault(name_words(key), places[0].country)
    for key, codes in nationality_forms().items():
        countries.setdefault(name_words(key), codes[0])
    return {
        words: code for words, code in countries.items()
        if words and words[0] not in _OTHER_WORDS
    }
