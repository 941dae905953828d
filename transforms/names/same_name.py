"""Tell whether two names are of one entity. Pure: knows no story."""

import re

from transforms.fold import fold_key
from transforms.names.country_words import country_of
from transforms.names.name_words import name_words
from transforms.names.organisation_names import has_head, is_anaphor, same_organisation
from transforms.names.person_names import same_person

_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")


def same_name(one: str, other: str, label: str = "") -> bool:
    """Say whether two names may be of one entity.

    What stands in brackets after a name is another name of it, unless it is a country.

    Args:
        label: What both are: "PER", "ORG" or another of schemas.labels.ENTITY_LABELS; "" = judge
            by the names.
    """
    first, second = _BRACKETS.sub(" ", one), _BRACKETS.sub(" ", other)
    if fold_key(one) == fold_key(other) or _same(first, second, label):
        return True
    return any(_same(name, second, label) for name in _bracketed(one)) or any(
        _same(first, name, label) for name in _bracketed(other)
    )


def _bracketed(name: str) -> list[str]:
    """Return the other names that a name gives in brackets."""
    inside = (match[1] for match in _BRACKETS.finditer(name))
    return [text for text in inside if name_words(text) and not country_of(*name_words(text))]


def _same(one: str, other: str, label: str) -> bool:
    first, second = name_words(one), name_words(other)
    if not first or not second:
        return False
    if _is_country(first) or _is_country(second):
        return country_of(*first) == country_of(*second)
    if label == "PER":
        return same_person(one, other)
    if label or is_anaphor(one) or is_anaphor(other) or has_head(one) or has_head(other):
        return same_organisation(one, other)
    return same_person(one, other)


def _is_country(words: tuple[str, ...]) -> bool:
    """Say whether a name is a country's: "السودان", but not "السوداني", who may be a man."""
    return country_of(*words) is not None and not words[-1].endswith(("ي", "يه"))
