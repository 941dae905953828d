"""The country that words of a name stand for: its own name, or a nationality."""

from functools import lru_cache

from transforms.demonyms import nationality
from transforms.gazetteer import load_gazetteer
from transforms.name_words import name_words

_OTHER_WORDS = frozenset(("مالي", "ماليه", "قمري", "قمريه"))  # finance, the moon
_PAIRS = {
    "كوري جنوبي": "KR", "كوريه جنوبيه": "KR", "كوري شمالي": "KP", "كوريه شماليه": "KP",
}

Words = tuple[str, ...]


@lru_cache(maxsize=16_384)
def country_of(*words: str) -> str | None:
    """Return the ISO code of the country that words name, or whose nationality they are.

    Args:
        words: Folded, without articles.
    """
    if not words or words[0] in _OTHER_WORDS:
        return None
    adjective = nationality(words[0]) if len(words) == 1 else ()
    return _named().get(words) or next(iter(adjective), None)


@lru_cache(maxsize=1)
def _named() -> dict[Words, str]:
    """Return the likeliest country of each name that countries have."""
    names = {tuple(words.split()): code for words, code in _PAIRS.items()}
    for key, places in load_gazetteer().places.items():
        place = places[0]
        if place.kind == "country" and place.country:
            names.setdefault(name_words(key), place.country)
    return names
