"""Look up a name in the gazetteer, in every form that it may stand in there."""

from functools import cache, lru_cache
from typing import NamedTuple

from transforms.demonyms import nationality
from transforms.fold import fold_key
from transforms.gazetteer import NEAR, Place, load_gazetteer, unspaced
from transforms.place_forms import clitic_forms, place_forms

_CACHED_NAMES = 20_000

# A namesake is thought of without a word in the text only if it is not this many times smaller:
# Arabic wires name the villages of their own region, but no Cairo of Georgia.
_FAR_RATIO, _NEAR_RATIO = 30, 2_000

_KNOWN_POPULATION = 50_000
"""From which a far city is known to wires: a smaller one is the last thing that a name means."""

_CAPITAL = fold_key("العاصمة")
# What stands before an adjective of nationality: "الجمهورية اللبنانية", "الشمال السوري".
_LANDS = frozenset(map(fold_key, ["الجمهورية", "المملكة", "الدولة", "السلطنة", "الإمارة", "الاتحاد", "الأراضي", "الشمال", "الجنوب", "الشرق", "الغرب", "الساحل", "الريف", "الحدود", "السواحل", "البادية", "الصحراء", "المياه", "الأجواء", "المناطق", "المدن", "البلدات", "الشواطئ", "الموانئ", "الداخل"]))

# How desks write the sounds that Arabic has no letter for; hamza is often left out.
_SOUNDS = str.maketrans({
    "ج": "غ", "گ": "غ", "ڤ": "ف", "پ": "ب", "چ": "ش", "ژ": "غ", "ئ": "ي", "ؤ": "و", "ء": "",
})
_SPELLING_MIN = 5  # letters


class Found(NamedTuple):
    """What the gazetteer has under a name."""

    places: tuple[Place, ...]  # the likeliest first
    form: str  # the rule that gave the form it stands under


@lru_cache(_CACHED_NAMES)
def find_places(key: str) -> Found | None:
    """Return the places of a name's key; the form nearest to what is printed comes first.

    A little-known far city gives way to a form that names a place wires know.
    """
    weak: Found | None = None
    places = load_gazetteer().places
    for form, rule in place_forms(key) if key else ():
        if weak and rule not in ("exact", "clitic"):
            break
        if form in places:
            found = Found(places[form], rule)
            if _is_known(found.places[0]):
                return found
            weak = weak or found
    return weak or _by_nationality(key) or _joined(key) or _by_spelling(key)


def find_with_word_before(word: str, key: str) -> Found | None:
    """Return the places whose name begins with the word that stands before it in the text.

    "سلطنة" before "عمان", "نهر" before "الأردن": the rest alone names something else.
    """
    places = load_gazetteer().places.get(f"{word} {key}") if word else None
    return Found(places, "with_word_before") if places else None


def find_capital(country: str) -> Found | None:
    """Return the capital of a country."""
    capital = load_gazetteer().capitals.get(country)
    return Found((capital,), "capital") if capital else None


def without_far_namesakes(places: tuple[Place, ...]) -> tuple[Place, ...]:
    """Return the places but those that nobody means who does not say so."""
    first = places[0]
    return (first, *(place for place in places[1:] if _is_plausible(place, first)))


def _is_plausible(place: Place, first: Place) -> bool:
    if place.kind != "city":
        return True
    if first.kind == "country":
        return place.country == first.country
    ratio = _NEAR_RATIO if place.country in NEAR else _FAR_RATIO
    return place.population * ratio >= first.population and _is_known(place)


def _is_known(place: Place) -> bool:
    return place.kind != "city" or place.country in NEAR or place.population >= _KNOWN_POPULATION


def _by_nationality(key: str) -> Found | None:
    """Return the country of "الجمهورية اللبنانية", the capital of "العاصمة السورية"."""
    head, *others = key.split(" ")
    for form in (head, *clitic_forms(head)):
        if form in _LANDS or form == _CAPITAL:
            countries = [nationality(word) for word in others if word.startswith("ال")]
            named = [country[0] for country in countries if len(country) == 1]
            if named and form == _CAPITAL:
                return find_capital(named[0])
            if named:
                return Found((load_gazetteer().countries[named[0]],), "nationality")
    return None


def _joined(key: str) -> Found | None:
    """Return the places whose name differs in where its words are split."""
    gazetteer = load_gazetteer()
    for form, _ in place_forms(key) if key else ():
        whole = unspaced(form)
        name = whole if whole in gazetteer.places else gazetteer.joined.get(whole)
        if name:
            return Found(gazetteer.places[name], "joined")
    return None


def _by_spelling(key: str) -> Found | None:
    """Return well-known places whose name differs in how foreign sounds are written."""
    for form, _ in place_forms(key) if key else ():
        found = _spellings().get(_spelling(form))
        if found:
            return Found(found, "spelling")
    return None


@cache
def _spellings() -> dict[str, tuple[Place, ...]]:
    """Return the well-known places by how their names sound."""
    spellings: dict[str, tuple[Place, ...]] = {}
    for key, places in load_gazetteer().places.items():
        if _is_known(places[0]):
            sound = _spelling(key)
            if len(sound) >= _SPELLING_MIN:
                spellings.setdefault(sound, places)
    return spellings


def _spelling(key: str) -> str:
    """Return the letters of a key that do not vary with the habits of a desk."""
    return unspaced(key).translate(_SOUNDS).rstrip("اه")
