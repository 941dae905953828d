"""Tell which known institution a name stands for."""

import re
from functools import lru_cache
from typing import NamedTuple

from transforms.names.country_words import country_of
from transforms.names.institution_list import COMMON_WORDS, Institution, load_institutions
from transforms.names.name_words import name_words
from transforms.names.national_bodies import national_body

_BRACKETED = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*")
# What may follow a name without making it another: "مجلس الأمن التابع للأمم المتحدة".
_BELONGING = frozenset(("تابع", "تابعه"))
_WIDE = frozenset(("دولي", "دوليه", "عالمي", "عالميه", "اممي", "امميه"))


class Known(NamedTuple):
    """A known institution: its entity key, and its country where it has one."""

    key: str
    country: str | None


@lru_cache(maxsize=16_384)
def find_known(name: str) -> Known | None:
    """Return the institution that `name` stands for, if it is a known one.

    A country or "الدولي" after the name may be more than the list has: "حزب الله اللبناني". A
    country that is not the institution's own makes it another.
    """
    words = name_words(name)
    unbracketed = name_words(_BRACKETED.sub(" ", name))
    return _exactly(words) or _exactly(unbracketed) or _with_more(unbracketed)


def _exactly(words: tuple[str, ...]) -> Known | None:
    """Return the institution that `words` name, without a word more."""
    known = load_institutions()
    key = known.keys.get(words)
    if words and words[0] in COMMON_WORDS and words[1:] in known.plain:
        key = key or known.keys[words[1:]]
    if key:
        return Known(key, known.institutions[key].country)
    national = national_body(words)
    return Known(national.key, national.country) if national else None


def _with_more(words: tuple[str, ...]) -> Known | None:
    """Return the institution that the longest beginning of `words` names, if the rest agrees."""
    known = load_institutions()
    for length in range(len(words) - 1, 0, -1):
        key = known.keys.get(words[:length])
        if key:
            institution = known.institutions[key]
            agrees = _agrees(words[length:], institution)
            return Known(key, institution.country) if agrees else None
    return None


def _agrees(rest: tuple[str, ...], institution: Institution) -> bool:
    """Say whether what follows a name of the institution leaves it the same."""
    if rest[0] in _BELONGING:
        return load_institutions().keys.get(rest[1:], "") == institution.parent
    if len(rest) == 1 and rest[0] in _WIDE:
        return institution.country is None
    return institution.country is not None and country_of(*rest) == institution.country
