"""The words of nationality, in every inflection: فلسطيني, الفلسطينيون, فلسطينيات, الأتراك."""

from collections.abc import Iterable, Iterator
from functools import cache

from schemas.ids import digest
from transforms.fold import fold_key
from transforms.places.forms import clitic_forms
from transforms.places.gazetteer import load_gazetteer, nationalities

ENDING_LETTERS = 3

_ARTICLE = "ال"
_FEMININE = "ه"
# Feminine, plurals, duals and the accusative of an adjective in ي, folded.
_ENDINGS = ("", _FEMININE, "ون", "ين", "ات", "ان", "تان", "تين", "ا")

# Forms that are another word: dairy, courses of events, the Americas, a given name.
_OTHER_WORDS = frozenset(fold_key(
    "ألبان الألبان مجريات المجريات الأمريكيتين الأميركيتين الأمريكيتان الأميركيتان كوبي مجري "
    "ماليات الماليات قمريات القمريات"
).split())


def nationality(key: str) -> tuple[str, ...]:
    """Return the countries whose people or things a word is said of, the likeliest first."""
    form = nationality_form(key)
    return nationality_forms()[form] if form else ()


def nationality_form(key: str) -> str | None:
    """Return the word of nationality that a key is, without clitics; None if it is none."""
    forms = nationality_forms()
    if key in forms:
        return key
    return next((form for form in clitic_forms(key) if form in forms), None) if key else None


@cache
def nationality_forms() -> dict[str, tuple[str, ...]]:
    """Return the countries of every form of every nationality, by matching key.

    A form that is the name of a country is left to that: "روسيا" is no accusative, "تشيلي" no
    adjective; "السعودية" and "سورية" are both.
    """
    places = load_gazetteer().places
    forms: dict[str, dict[str, None]] = {}
    for country, adjectives, nouns in nationalities():
        for form in (*_inflected(map(fold_key, adjectives)), *_defined(map(fold_key, nouns))):
            place = places[form][0] if form in places else None
            is_country = place is not None and place.kind == "country"
            is_both = form.startswith(_ARTICLE) or form.endswith(_FEMININE)
            if form not in _OTHER_WORDS and (is_both or not is_country):
                forms.setdefault(form, {})[country] = None
    return {form: tuple(countries) for form, countries in forms.items()}


def _inflected(adjectives: Iterable[str]) -> Iterator[str]:
    """Yield the forms of adjectives; in one of several words, each word in ي is inflected."""
    for adjective in adjectives:
        words = adjective.split(" ")
        for ending in _ENDINGS:
            yield from _defined([
                " ".join(word + ending if word.endswith("ي") else word for word in words)
            ])


def _defined(forms: Iterable[str]) -> Iterator[str]:
    """Yield forms without article, with one, and with one before each word."""
    for form in forms:
        yield form
        yield _ARTICLE + form
        if " " in form:
            yield " ".join(_ARTICLE + word for word in form.split(" "))


@cache
def nationality_endings() -> frozenset[str]:
    """Return the last letters of the first words of all forms: what ends otherwise is none."""
    return frozenset(form.split(" ")[0][-ENDING_LETTERS:] for form in nationality_forms())


@cache
def nationality_version() -> str:
    """Return twelve hex digits that change with the words."""
    return digest(*(f"{form} {codes}" for form, codes in nationality_forms().items()))[:12]
