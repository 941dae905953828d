"""Bodies that every country has: ministries, armies, parliaments, known by their country."""

import sys
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from transforms.names.country_words import country_of
from transforms.names.name_words import name_words

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FILE = Path(__file__).parent / "national_bodies.toml"
_COUNTRY_WORDS_MAX = 3  # "المملكة العربية السعودية"


class NationalBodies(NamedTuple):
    """The bodies, and the names that are looked for."""

    bodies: dict[tuple[str, ...], str]  # words of a name, without articles → body
    found: tuple[str, ...]


class NationalBody(NamedTuple):
    """One country's body."""

    key: str  # "org:tr_foreign_ministry"
    country: str


@lru_cache(maxsize=1)
def load_national_bodies() -> NationalBodies:
    """Return the bodies that come with the package."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    bodies = {
        name_words(name): body
        for body, fields in tables.items()
        for name in (*fields.get("heads", ()), *fields.get("found", ()))
    }
    found = [name for fields in tables.values() for name in fields.get("found", ())]
    return NationalBodies(bodies, tuple(found))


def national_body(words: tuple[str, ...]) -> NationalBody | None:
    """Return the body that is named with its country: after its name, or within it.

    Args:
        words: Of a name, without articles: ("وزاره", "خارجيه", "تركيه").
    """
    bodies = load_national_bodies().bodies
    for first in range(len(words) - 1, 0, -1):
        for last in range(first + 1, min(first + _COUNTRY_WORDS_MAX, len(words)) + 1):
            country = country_of(*words[first:last])
            body = bodies.get(words[:first] + words[last:]) if country else None
            if body and country:
                return NationalBody(f"org:{country.lower()}_{body}", country)
    return None
