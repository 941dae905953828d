"""Link the names of places in a story to countries, coordinates and GeoNames.

What is linked, by which rules, and what `link_rule` says: docs/places.md.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from schemas.records import Mention, Story
from transforms.demonyms import NATIONALITY
from transforms.fold import fold_key
from transforms.gazetteer import Place
from transforms.nationalities import nationality
from transforms.place_context import NOTHING_AROUND, Surroundings, look_around
from transforms.place_forms import name_key
from transforms.place_search import (
    Found,
    find_country,
    find_places,
    find_with_word_before,
    without_far_namesakes,
    without_nationality,
)

_STORY_OUTWEIGHS = 3
"""How often a story names a country that is to outweigh the dateline's, named there alone."""

# What only the marks tell apart; the marks of Oman and of Amman.
_MARKED = {"عمان": ((re.compile("ع\u064f"), "OM"), (re.compile("م[\u064e\u064f]?\u0651"), "JO"))}


_CAPITAL, _CITY = fold_key("العاصمة"), fold_key("مدينة")
_CITY_HEADS = frozenset({_CAPITAL, _CITY})


class Link(NamedTuple):
    """The place that a name stands for, and how that was decided."""

    place: Place
    rule: str
    alternatives: tuple[str, ...]  # other countries that claim it, or have a place of the name


class Setting(NamedTuple):
    """The countries that a story is about, as far as it says."""

    dateline: str | None
    counts: Mapping[str, int]


NOWHERE = Setting(None, {})


def link_places(story: Story, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions, those of places and nationalities with their country and place."""
    setting = story_setting(story, mentions)
    return [_resolved(story, mention, setting) for mention in mentions]


def link_dateline(story: Story, setting: Setting = NOWHERE) -> Link | None:
    """Return the place of the dateline: of a country and its capital of one name, the capital."""
    if not story.dateline_place:
        return None
    return link_name(story.dateline_place, setting, NOTHING_AROUND._replace(before=_CITY))


def link_name(
    surface: str, setting: Setting = NOWHERE, around: Surroundings = NOTHING_AROUND
) -> Link | None:
    """Return the place that a name stands for, or None if the gazetteer has no such place."""
    key = name_key(surface)
    found = find_with_word_before(around.before, key) or find_places(key)
    if found is None:
        rest, country = without_nationality(key)
        if country is None:
            return None
        around = around._replace(country=country)
        found = _within(find_places(rest), country)
    place, reason = _choose(found, key, setting, around, surface)
    kind = f"disputed_{place.kind}" if place.is_disputed else place.kind
    rule = ":".join(filter(None, (kind, found.form, reason)))
    others = (other.country for other in without_far_namesakes(found.places))
    codes = dict.fromkeys(code for code in (*place.claims, *others) if code)
    return Link(place, rule, tuple(code for code in codes if code != place.country))


def _within(found: Found | None, country: str) -> Found:
    """Return what was found if it has a place in the country, else the country."""
    if found is None or _in_country(found.places, country) is None:
        return find_country(country)
    return found


def _choose(
    found: Found, key: str, setting: Setting, around: Surroundings, surface: str
) -> tuple[Place, str]:
    """Return the place meant among those of one name, and what decided; "" if there is one."""
    places = found.places
    if around.before in _CITY_HEADS or _names_city(key):
        # A country and its capital of one name; or a province and its chief town.
        places = (*(place for place in places if place.kind == "city"), *places)
    plausible = without_far_namesakes(places)
    if around.country and (place := _in_country(places, around.country)):
        several = len({place.country for place in plausible}) > 1
        return place, "in_text" if several or place.country != places[0].country else ""
    if len({place.country for place in plausible}) == 1:
        return places[0], ""
    for reason, country in _hints(plausible, surface, setting, around):
        if country and (place := _in_country(plausible, country)):
            return place, reason
    return places[0], "population"


def _hints(
    places: Sequence[Place], surface: str, setting: Setting, around: Surroundings
) -> Iterator[tuple[str, str | None]]:
    """Yield what may say which country is meant, the strongest first."""
    yield "marks", _marked_country(surface)
    if around.is_listed:
        countries = (place.country for place in places if place.kind == "country")
        yield "listed", next(countries, None)
    named = _most_named([place.country for place in places], setting)
    if _count(named, setting) >= _STORY_OUTWEIGHS and _count(setting.dateline, setting) <= 1:
        yield "story", named
    yield "dateline", setting.dateline
    yield "story", named


def _most_named(countries: Sequence[str | None], setting: Setting) -> str | None:
    """Return the country that the story names most often, or None if it names none."""
    named = [country for country in countries if country and country in setting.counts]
    return max(named, key=lambda country: setting.counts[country], default=None)


def _count(country: str | None, setting: Setting) -> int:
    return setting.counts.get(country or "", 0)


def _marked_country(surface: str) -> str | None:
    for marked, country in _MARKED.get(name_key(surface)[-4:], ()):
        if marked.search(surface):
            return country
    return None


def _in_country(places: Sequence[Place], country: str) -> Place | None:
    return next((place for place in places if place.country == country), None)


def _names_city(key: str) -> bool:
    words = key.split(" ")
    return words[0] in _CITY_HEADS or words[-1] == _CAPITAL


def story_setting(story: Story, mentions: Sequence[Mention]) -> Setting:
    """Return the countries that a story's dateline and its unambiguous names stand for."""
    counts = Counter(
        countries[0]
        for mention in mentions
        for countries in [_possible_countries(mention)]
        if len(countries) == 1
    )
    dateline = link_dateline(story, Setting(None, counts))
    return Setting(dateline and dateline.place.country, counts)


def _possible_countries(mention: Mention) -> tuple[str, ...]:
    if mention.label == "MISC":
        return nationality(name_key(mention.surface))
    found = find_places(name_key(mention.surface)) if mention.label == "LOC" else None
    places = without_far_namesakes(found.places) if found else ()
    return tuple(dict.fromkeys(place.country for place in places if place.country))


def _resolved(story: Story, mention: Mention, setting: Setting) -> Mention:
    if mention.label == "MISC":
        return _of_nationality(mention, setting)
    if mention.label != "LOC":
        return mention
    text = story.title if mention.field == "title" else story.text
    around = look_around(text, mention.start, mention.end)
    link = link_name(mention.surface, setting, around)
    if link is None:
        return mention
    place = link.place
    return mention._replace(
        country=place.country,
        country_alternatives=link.alternatives,
        geonameid=place.geonameid,
        latitude=place.latitude,
        longitude=place.longitude,
        link_rule=link.rule,
    )


def _of_nationality(mention: Mention, setting: Setting) -> Mention:
    """Return a mention with the country whose people or things its word is said of."""
    countries = nationality(name_key(mention.surface))
    if not countries:
        return mention
    country = _most_named(countries, setting) or countries[0]
    return mention._replace(
        country=country,
        country_alternatives=tuple(code for code in countries if code != country),
        link_rule=NATIONALITY,
    )
