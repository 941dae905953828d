"""Link the names of places in a story to countries, coordinates and GeoNames.

What is linked, by which rules, and what `link_rule` says: docs/places.md.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from schemas.records import Mention, Story
from transforms.fold import fold_key
from transforms.places.context import NOWHERE, Sight, country_beside, is_listed, word_before
from transforms.places.demonyms import NATIONALITY
from transforms.places.forms import name_key
from transforms.places.gazetteer import Place
from transforms.places.nationalities import nationality
from transforms.places.search import (
    Found,
    find_country,
    find_places,
    find_with_word_before,
    without_far_namesakes,
    without_nationality,
)

_STORY_OUTWEIGHS = 3
"""How often a story names a country that is to outweigh the dateline's, named there alone."""

_CAPITAL, _CITY = fold_key("العاصمة"), fold_key("مدينة")
_CITY_HEADS = frozenset({_CAPITAL, _CITY})

# What only the marks tell apart: Oman and Amman.
_MARKED = {"عمان": ((re.compile("ع\u064f"), "OM"), (re.compile("م[\u064e\u064f]?\u0651"), "JO"))}


class Link(NamedTuple):
    """The place that a name stands for, and how that was decided."""

    place: Place
    rule: str
    alternatives: tuple[str, ...]  # other countries that claim it, or have a place of the name


class Setting(NamedTuple):
    """The countries that a story is about, as far as it says."""

    dateline: str | None
    counts: Mapping[str, int]


ANYWHERE = Setting(None, {})


class _Name(NamedTuple):
    """A name to link, with what decides between its places."""

    surface: str
    key: str
    places: tuple[Place, ...]  # the likeliest first
    is_city: bool  # the words say so
    country: str | None  # that an adjective in the name itself says
    sight: Sight
    setting: Setting


def link_places(story: Story, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions, those of places and nationalities with their country and place."""
    setting = story_setting(story, mentions)
    return [_resolved(story, mention, setting) for mention in mentions]


def link_dateline(story: Story, mentions: Sequence[Mention]) -> Link | None:
    """Return the place of the dateline; of a country and its capital of one name, the capital."""
    return _link_dateline(story, _counts(mentions))


def link_name(
    surface: str, setting: Setting = ANYWHERE, sight: Sight = NOWHERE
) -> Link | None:
    """Return the place that a name stands for, or None if the gazetteer has no such place."""
    key = name_key(surface)
    if not key:
        return None
    before = word_before(sight)
    found = (find_with_word_before(before, key) if before else None) or find_places(key)
    country = None
    if found is None:
        rest, country = without_nationality(key)
        if country is None:
            return None
        found = _within(find_places(rest), country)
    is_city = before in _CITY_HEADS or _names_city(key)
    name = _Name(surface, key, found.places, is_city, country, sight, setting)
    return _link(name, found.form)


def story_setting(story: Story, mentions: Sequence[Mention]) -> Setting:
    """Return the countries that a story's dateline and its unambiguous names stand for."""
    counts = _counts(mentions)
    dateline = _link_dateline(story, counts)
    return Setting(dateline and dateline.place.country, counts)


def _link_dateline(story: Story, counts: Mapping[str, int]) -> Link | None:
    if not story.dateline_place:
        return None
    city = f"{_CITY} {story.dateline_place}"
    setting = Setting(None, counts)
    return link_name(city, setting) or link_name(story.dateline_place, setting)


def _counts(mentions: Sequence[Mention]) -> Counter[str]:
    possible = map(_possible_countries, mentions)
    return Counter(countries[0] for countries in possible if len(countries) == 1)


def _possible_countries(mention: Mention) -> tuple[str, ...]:
    if mention.label == "MISC":
        return nationality(name_key(mention.surface))
    found = find_places(name_key(mention.surface)) if mention.label == "LOC" else None
    places = without_far_namesakes(found.places) if found else ()
    return tuple(dict.fromkeys(place.country for place in places if place.country))


def _within(found: Found | None, country: str) -> Found:
    """Return what was found if it has a place in the country, else the country."""
    if found is None or _in_country(found.places, country) is None:
        return find_country(country)
    return found


def _link(name: _Name, form: str) -> Link:
    plausible = without_far_namesakes(name.places)
    place, reason = _choose(name, plausible)
    kind = f"disputed_{place.kind}" if place.is_disputed else place.kind
    codes = dict.fromkeys((*place.claims, *(other.country for other in plausible)))
    alternatives = tuple(code for code in codes if code and code != place.country)
    return Link(place, ":".join(filter(None, (kind, form, reason))), alternatives)


def _choose(name: _Name, plausible: tuple[Place, ...]) -> tuple[Place, str]:
    """Return the place meant among those of a name, and what decided; "" if there is one."""
    places = name.places
    if name.is_city:
        # A country and its capital of one name; a province and its chief town.
        places = (*(place for place in places if place.kind == "city"), *places)
    if len({place.country for place in places}) == 1:
        return places[0], ""
    country = name.country or country_beside(name.sight)
    if country and (named := _in_country(places, country)):
        return named, "in_text"
    if len({place.country for place in plausible}) == 1:
        return places[0], ""
    if places[0].country is None:
        return places[0], "population"
    for reason, hint in _hints(name, plausible):
        if hint and (hinted := _in_country(places, hint)) in plausible:
            return hinted, reason
    return places[0], "population"


def _hints(name: _Name, places: Sequence[Place]) -> Iterator[tuple[str, str | None]]:
    """Yield what may say which country is meant, the strongest first."""
    setting = name.setting
    yield "marks", _marked_country(name)
    countries = [place.country for place in places if place.kind == "country"]
    if countries and is_listed(name.sight):
        yield "listed", countries[0]
    named = _most_named([place.country for place in places], setting)
    if _count(named, setting) >= _STORY_OUTWEIGHS and _count(setting.dateline, setting) <= 1:
        yield "story", named
    yield "dateline", setting.dateline
    yield "story", named


def _count(country: str | None, setting: Setting) -> int:
    return setting.counts.get(country or "", 0)


def _most_named(countries: Sequence[str | None], setting: Setting) -> str | None:
    """Return the country that the story names most often, or None if it names none."""
    named = [country for country in countries if country and country in setting.counts]
    return max(named, key=lambda country: setting.counts[country], default=None)


def _marked_country(name: _Name) -> str | None:
    for marked, country in _MARKED.get(name.key[-4:], ()):
        if marked.search(name.surface):
            return country
    return None


def _in_country(places: Sequence[Place], country: str) -> Place | None:
    return next((place for place in places if place.country == country), None)


def _names_city(key: str) -> bool:
    words = key.split(" ")
    return words[0] in _CITY_HEADS or words[-1] == _CAPITAL


def _resolved(story: Story, mention: Mention, setting: Setting) -> Mention:
    if mention.label == "LOC":
        text = story.title if mention.field == "title" else story.text
        link = link_name(mention.surface, setting, Sight(text, mention.start, mention.end))
    elif mention.label == "MISC":
        link = _link_site(mention.surface, setting)
    else:
        return mention
    return linked(mention, link) if link else _of_nationality(mention, setting)


def _link_site(surface: str, setting: Setting) -> Link | None:
    """Return the place of a site that is called by more than one word, such as a mosque.

    Guidelines differ on sites, and models take them for other names.
    """
    key = name_key(surface)
    found = find_places(key) if " " in key else None
    is_site = found is not None and found.form == "exact" and found.places[0].kind == "region"
    return link_name(surface, setting) if is_site else None


def linked(mention: Mention, link: Link) -> Mention:
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
