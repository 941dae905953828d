"""The curated list of institutions: who is known, and by which names."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, product
from pathlib import Path
from typing import Any, NamedTuple

from schemas.ids import digest
from transforms.names.name_words import bare, joined_words, name_words

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FOLDER = Path(__file__).parent / "institution_lists"
_KEYS = {
    "name": str, "aliases": list, "short": list, "nearby": list, "after": list, "country": str,
    "parent": str,
}

COMMON_WORDS = frozenset(name_words(
    "وكالة قناة صحيفة جريدة مجلة شبكة شركة مجموعة جماعة تنظيم حركة نادي فريق جهاز تحالف تكتل"
))
"""Common words that stay outside of a name that is one by itself; without articles."""

Words = tuple[str, ...]


class InstitutionListError(ValueError):
    """The curated list breaks a rule of its format."""


class Institution(NamedTuple):
    """An institution and its names; docs/names.md says what each kind of name is for."""

    key: str  # "org:oic"
    name: str
    aliases: Sequence[str] = ()
    short: Sequence[str] = ()
    nearby: Sequence[str] = ()
    after: Sequence[str] = ()
    country: str | None = None
    parent: str | None = None  # its key

    def plain_names(self) -> Iterator[str]:
        """Yield the names that are known wherever they stand."""
        return (name for name in (self.name, *self.aliases) if name not in self.short)

    def all_names(self) -> Iterator[str]:
        """Yield every name that stands for it by itself, also after its common words."""
        names = dict.fromkeys((self.name, *self.aliases, *self.short))
        yield from names
        for word, name in product(self.after, names):
            if name.split()[0] not in self.after:
                yield f"{word} {name}"


class InstitutionList(NamedTuple):
    """All institutions, and the ways to find one."""

    institutions: Mapping[str, Institution]  # by key
    keys: Mapping[Words, str]  # words of a name, without articles → key
    nearby: Mapping[Words, str]  # of those that count only near another name of theirs
    plain: frozenset[Words]  # words of the names that are known anywhere
    beginnings: Mapping[Words, str]  # two words that one institution's names begin with → key
    version: str


@lru_cache(maxsize=1)
def load_institutions() -> InstitutionList:
    """Return the list that comes with the package.

    Raises:
        InstitutionListError: it breaks a rule of its format.
    """
    texts = [path.read_text(encoding="utf-8") for path in sorted(_FOLDER.glob("*.toml"))]
    return make_list(texts)


def make_list(texts: Sequence[str]) -> InstitutionList:
    """Return the list that TOML texts hold.

    Raises:
        InstitutionListError: a table is given twice, lacks its name, has an unknown field or a
            name that another has.
    """
    tables = [table for text in texts for table in tomllib.loads(text).items()]
    institutions: dict[str, Institution] = {}
    for table, fields in tables:
        institution = _read(table, fields)
        if institution.key in institutions:
            raise InstitutionListError(f"[{table}] is there twice")
        institutions[institution.key] = institution
    _check_parents(institutions)
    keys = _by_words(institutions)
    nearby = {
        name_words(name): institution.key
        for institution in institutions.values() for name in institution.nearby
    }
    by_themselves = {words: key for words, key in keys.items() if words not in nearby}
    plain = frozenset(
        name_words(name)
        for institution in institutions.values() for name in institution.plain_names()
    )
    return InstitutionList(
        institutions, by_themselves, nearby, plain, _beginnings(institutions), digest(*texts)[:8]
    )


def _beginnings(institutions: Mapping[str, Institution]) -> dict[Words, str]:
    """Return the noun and adjective that one institution's names alone begin with.

    "المجلس الانتقالي" is short for "المجلس الانتقالي الجنوبي"; "حزب الشعب" for no party of that
    name: other parties have the same name with another word after it.
    """
    holders: dict[Words, set[str]] = {}
    for institution in institutions.values():
        for name in (institution.name, *institution.aliases):
            first = joined_words(name)[:2]
            if len(first) == 2 and all(word.startswith("ال") for word in first):
                holders.setdefault(tuple(map(bare, first)), set()).add(institution.key)
    return {words: min(found) for words, found in holders.items() if len(found) == 1}


def _read(table: str, fields: Mapping[str, Any]) -> Institution:
    for field, value in fields.items():
        if not isinstance(value, _KEYS.get(field, ())):
            raise InstitutionListError(f"[{table}] {field}: unknown field, or not its type")
    if "name" not in fields:
        raise InstitutionListError(f"[{table}] has no name")
    parent = f"org:{fields['parent']}" if "parent" in fields else None
    return Institution(**{**fields, "key": f"org:{table}", "parent": parent})


def _check_parents(institutions: Mapping[str, Institution]) -> None:
    for institution in institutions.values():
        if institution.parent and institution.parent not in institutions:
            raise InstitutionListError(f"[{institution.key}] parent: {institution.parent} unknown")


def _by_words(institutions: Mapping[str, Institution]) -> dict[Words, str]:
    """Return the key of each name, by its words.

    Raises:
        InstitutionListError: two institutions share a name.
    """
    keys: dict[Words, str] = {}
    for institution in institutions.values():
        for name in chain(institution.all_names(), institution.nearby):
            holder = keys.setdefault(name_words(name), institution.key)
            if holder != institution.key:
                raise InstitutionListError(f"{name}: {holder} and {institution.key} share it")
    return keys


def words_of_all() -> frozenset[str]:
    """Return every word that the names of known institutions have, without article."""
    return frozenset(chain.from_iterable(load_institutions().keys))

