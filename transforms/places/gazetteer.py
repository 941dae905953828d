"""The gazetteer: places by name, from GeoNames, CLDR and lists kept by hand.

What each file of `gazetteer_data` holds, and how to rebuild it: docs/places.md.
"""

import gzip
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from transforms.fold import fold_key

DATA = Path(__file__).parent / "gazetteer_data"
GENERATED = "places.tsv.gz"
"""Built by training/gazetteer.py."""

COUNTRIES, CURATED, DISPUTED = "countries.tsv", "curated.tsv", "disputed.tsv"
"""Edited by hand."""

NEAR = frozenset((
    "AE", "BH", "DJ", "DZ", "EG", "EH", "IL", "IQ", "JO", "KM", "KW", "LB", "LY", "MA", "MR", "OM",
    "PS", "QA", "SA", "SD", "SO", "SS", "SY", "TN", "YE",
))
"""Where Arabic wires name villages: the Arab League, Israel and South Sudan."""

_JOINTS = re.compile("[ '-]")


class Place(NamedTuple):
    """A country, a city, or a region: land or water, of one country or across countries."""

    kind: str  # country, city or region
    name: str
    country: str | None  # ISO 3166-1 alpha-2
    geonameid: int | None  # of a city
    latitude: float | None  # of a city, or of a region's seat
    longitude: float | None
    population: int
    claims: tuple[str, ...]  # the other countries that claim it
    is_disputed: bool


class Nationality(NamedTuple):
    """What the people of a country are called."""

    country: str
    adjectives: tuple[str, ...]  # masculine singular, without the article
    nouns: tuple[str, ...]  # those that are not made from the adjective


class Gazetteer(NamedTuple):
    """Places by the matching key of their name, the likeliest first."""

    places: dict[str, tuple[Place, ...]]
    joined: dict[str, str]  # keys of several words, by what they are without spaces
    countries: dict[str, Place]  # by code
    capitals: dict[str, Place]  # by code of the country


_Named = tuple[Place, tuple[str, ...]]  # a place and its keys
_Disputes = Mapping[str, tuple[str, ...]]


@cache
def load_gazetteer() -> Gazetteer:
    """Return the gazetteer that ships with the package; it is read once."""
    text = gzip.decompress((DATA / GENERATED).read_bytes()).decode()
    head, _, tail = text.partition("\n\n")
    disputes = {row[0]: _fields(row[2], " ") for row in _rows(DISPUTED)}
    cities = dict(_cities(tail, disputes))
    countries = dict(_countries(head, disputes))
    first, last = _curated(cities, countries, disputes)
    names: dict[str, dict[Place, None]] = {}
    for place, keys in chain(first, countries.values(), cities.values(), last):
        for key in keys:
            names.setdefault(key, {})[place] = None
    capitals = (line.split("\t") for line in head.split("\n"))
    return Gazetteer(
        places={key: tuple(found) for key, found in names.items()},
        joined={unspaced(key): key for key in reversed(names) if _JOINTS.search(key)},
        countries={code: place for code, (place, _) in countries.items()},
        capitals={code: cities[int(seat)][0] for code, _, seat in capitals if int(seat) in cities},
    )


def unspaced(key: str) -> str:
    """Return a key as one word."""
    return _JOINTS.sub("", key)


def curated_ids() -> frozenset[int]:
    """Return the cities that the lists kept by hand name: the built file must hold them."""
    return frozenset(int(row[2]) for row in _rows(CURATED) if row[2])


def nationalities() -> list[Nationality]:
    """Return what the people of each country are called."""
    return [
        Nationality(code, _fields(adjectives), _fields(nouns))
        for code, _, adjectives, nouns, *_ in _rows(COUNTRIES)
    ]


def _rows(file: str) -> Iterator[list[str]]:
    """Yield the fields of each line of a list kept by hand, four of them at least."""
    for line in (DATA / file).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            fields = line.split("\t")
            yield fields + [""] * (4 - len(fields))


def _fields(text: str, separator: str = "|") -> tuple[str, ...]:
    return tuple(filter(None, text.split(separator)))


def _cities(tail: str, disputes: _Disputes) -> Iterator[tuple[int, _Named]]:
    """Yield the cities of the built file by geonameid, from the largest down."""
    names = {row[2]: _fields(row[3])[0] for row in _rows(CURATED) if row[0] in ("city", "town")}
    for line in tail.split("\n"):
        geonameid, country, population, latitude, longitude, name, keys = line.split("\t")
        city = Place(
            "city", names.get(geonameid, name), country, int(geonameid), float(latitude),
            float(longitude), int(population), disputes.get(geonameid, ()), geonameid in disputes,
        )
        yield int(geonameid), (city, _fields(keys))


def _countries(head: str, disputes: _Disputes) -> Iterator[tuple[str, _Named]]:
    """Yield every country by code, under its name in CLDR and the other names that wires use."""
    names = {row[0]: _fields(row[1]) for row in _rows(COUNTRIES)}
    for line in head.split("\n"):
        code, name, _ = line.split("\t")
        country = Place(
            "country", name, code, None, None, None, 0, disputes.get(code, ()), code in disputes
        )
        yield code, (country, tuple(map(fold_key, (name, *names.get(code, ())))))


def _curated(
    cities: Mapping[int, _Named], countries: Mapping[str, _Named], disputes: _Disputes
) -> tuple[list[_Named], list[_Named]]:
    """Return the places of the list kept by hand: those that come first, and those last."""
    first: list[_Named] = []
    last: list[_Named] = []
    for kind, code, geonameid, listed, *_ in _rows(CURATED):
        names = _fields(listed)
        if kind == "country":
            place = countries[code][0]
        elif kind in ("city", "town"):
            place = cities[int(geonameid)][0]
        else:
            place = _region(names[0], code, cities[int(geonameid)][0] if geonameid else None)
            claims = disputes.get(names[0])
            if claims is not None:
                place = place._replace(claims=claims, is_disputed=True)
        group = last if kind in ("town", "locality") else first
        group.append((place, tuple(map(fold_key, names))))
    return first, last


def _region(name: str, country: str, seat: Place | None) -> Place:
    latitude, longitude = (seat.latitude, seat.longitude) if seat else (None, None)
    return Place("region", name, country or None, None, latitude, longitude, 0, (), False)
