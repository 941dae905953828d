"""Look up a name in the gazetteer, in every form that it may stand in there."""

from functools import cache, lru_cache
from typing import NamedTuple

from transforms.fold import fold_key
from transforms.places.forms import clitic_forms, place_forms
from transforms.places.gazetteer import NEAR, Place, load_gazetteer, unspaced
from transforms.places.nationalities import nationality

_CACHED_NAMES = 20_000
_NAME_CHARS_MAX = 80  # twice the longest in the gazetteer

# A namesake is thought of without a word in the text only if it is not this many times smaller:
# Arabic wires name the villages of their own region, but no Cairo of Georgia.
_FAR_RATIO, _NEAR_RATIO = 10, 500
_VILLAGE_POPULATION = 300  # where it is not known

KNOWN_POPULATION = 50_000
"""From which a far city is known to wires: a smaller one is the last thing that a name means."""

_CAPITAL = fold_key("العاصمة")
# What stands before an adjective of nationality: "الجمهورية اللبنانية", "الشمال السوري".
_LANDS = frozenset(fold_key(
    "الجمهورية المملكة الدولة السلطنة الإمارة الاتحاد الأراضي الشمال الجنوب الشرق الغرب الساحل "
    "الريف الحدود السواحل البادية الصحراء المياه الأجواء المناطق المدن البلدات الشواطئ الموانئ "
    "الداخل"
).split())

# How desks write the sounds that Arabic has no letter for; hamza is often left out.
_SOUNDS = str.maketrans({
    "ج": "غ", "گ": "غ", "ڤ": "ف", "پ": "ب", "چ": "ش", "ژ": "غ", "ئ": "ي", "ؤ": "و", "ء": "",
    "ه": "ا",
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
    if not 0 < len(key) <= _NAME_CHARS_MAX:
        return None
    weak: Found | None = None
    places = load_gazetteer().places
    if key not in places and (named := _by_nationality(key)):
        return named
    for form, rule in place_forms(key):
        if weak and rule not in ("exact", "clitic"):
            break
        if form in places:
            found = Found(places[form], rule)
            if is_known(found.places[0]):
                return found
            weak = found if rule == "exact" else weak
    return weak or _joined(key) or _by_spelling(key)


def find_with_word_before(word: str, key: str) -> Found | None:
    """Return the places whose name begins with the word that stands before it in the text.

    "سلطنة" before "عمان", "نهر" before "الأردن": the rest alone names something else.
    """
    places = load_gazetteer().places.get(f"{word} {key}")
    return Found(places, "with_word_before") if places else None


def find_capital(country: str) -> Found | None:
    """Return the capital of a country."""
    capital = load_gazetteer().capitals.get(country)
    return Found((capital,), "capital") if capital else None


@lru_cache(_CACHED_NAMES)
def without_far_namesakes(places: tuple[Place, ...]) -> tuple[Place, ...]:
    """Return the places but those that nobody means who does not say so."""
    first = places[0]
    return (first, *(place for place in places[1:] if _is_plausible(place, first)))


def _is_plausible(place: Place, first: Place) -> bool:
    if place.kind == "country" or place.country == first.country:
        return True
    if first.kind == "region":
        return place.country in NEAR or place.kind == "region" or is_known(place)
    if first.kind == "country":
        return place.kind == "region"
    is_near = place.country in NEAR or place.kind == "region"
    if not is_near and first is load_gazetteer().capitals.get(first.country or ""):
        return False
    ratio = _NEAR_RATIO if is_near else _FAR_RATIO
    population = max(place.population, _VILLAGE_POPULATION)
    return population * ratio >= first.population and is_known(place)


def is_known(place: Place) -> bool:
    return place.kind != "city" or place.country in NEAR or place.population >= KNOWN_POPULATION


def find_country(country: str) -> Found:
    """Return a country as what an adjective of nationality says."""
    return Found((load_gazetteer().countries[country],), "nationality")


def without_nationality(key: str) -> tuple[str, str | None]:
    """Return "طرابلس اللبنانية" without its adjective, and the adjective's country."""
    rest, _, last = key.rpartition(" ")
    countries = nationality(last) if rest and last.startswith("ال") else ()
    return (rest, countries[0]) if countries else (key, None)


def _by_nationality(key: str) -> Found | None:
    """Return the country of "الجمهورية اللبنانية", the capital of "العاصمة السورية"."""
    head, *others = key.split(" ")
    heads = {head, *clitic_forms(head)}
    countries = [nationality(word) for word in others if word.startswith("ال")]
    country = next((named[0] for named in countries if len(named) == 1), None)
    if country and _CAPITAL in heads:
        return find_capital(country)
    return find_country(country) if country and heads & _LANDS else None


def _joined(key: str) -> Found | None:
    """Return the places whose name differs in where its words are split."""
    gazetteer = load_gazetteer()
    for form, _ in place_forms(key):
        whole = unspaced(form)
        name = whole if whole in gazetteer.places else gazetteer.joined.get(whole, "")
        places = gazetteer.places.get(name)
        if places and is_known(places[0]):
            return Found(places, "joined")
    return None


def _by_spelling(key: str) -> Found | None:
    """Return well-known places whose name differs in how foreign sounds are written."""
    for form, _ in place_forms(key):
        found = _spellings().get(_spelling(form))
        if found:
            return Found(found, "spelling")
    return None


@cache
def _spellings() -> dict[str, tuple[Place, ...]]:
    """Return the well-known places by how their names sound."""
    spellings: dict[str, tuple[Place, ...]] = {}
    for key, places in load_gazetteer().places.items():
        sound = _spelling(key)
        if len(sound) >= _SPELLING_MIN and (
            places[0].kind != "city" or places[0].population >= KNOWN_POPULATION
        ):
            spellings.setdefault(sound, places)
    return spellings


def _spelling(key: str) -> str:
    """Return the letters of a key that do not vary with the habits of a desk."""
    return unspaced(key).translate(_SOUNDS)
