"""Nationalities: the adjectives and nouns that say which country someone or something is of."""

from collections.abc import Iterator
from functools import cache

from transforms.fold import fold_key
from transforms.gazetteer import nationalities
from transforms.place_forms import clitic_forms

_ENDINGS = ("", "ه", "ون", "ين", "ات", "ان", "تان", "تين", "ا")  # folded; "ا" is the accusative


@cache
def _forms() -> dict[str, tuple[str, ...]]:
    """Return the countries of every form of every nationality, by matching key."""
    forms: dict[str, dict[str, None]] = {}
    for country, adjectives, nouns in nationalities():
        for form in _inflected(adjectives, nouns):
            for key in (form, f"ال{form}"):
                forms.setdefault(key, {})[country] = None
    return {key: tuple(countries) for key, countries in forms.items()}


def _inflected(adjectives: tuple[str, ...], nouns: tuple[str, ...]) -> Iterator[str]:
    for adjective in map(fold_key, adjectives):
        yield from (adjective + ending for ending in _ENDINGS)
    yield from map(fold_key, nouns)


def nationality(key: str) -> tuple[str, ...]:
    """Return the countries whose people or things a word is said of."""
    forms = _forms()
    for form in (key, *clitic_forms(key)):
        if form in forms:
            return forms[form]
    return ()
