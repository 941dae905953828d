"""What a story says, around a name, of the country that the name is in."""

import re
from typing import NamedTuple

from transforms.fold import fold_key
from transforms.gazetteer import load_gazetteer
from transforms.nationalities import nationality

_AFTER_CHARS, _BEFORE_CHARS = 60, 40
_COUNTRY_WORDS_MAX = 4
_WORDS_BETWEEN_MAX = 4
_WORD = re.compile(r"\w+")
_CLAUSE = re.compile(r"[.؛:!؟?\n«»\"]")
_NEXT = re.compile(r"\s*[،,(/–-]?\s*\Z")  # what may stand between a name and its country
_LISTED = re.compile(r"\s*(?:[،,]\s*|و)")

# Words between a place and the country that it is in: "بلدة الخيام جنوبي لبنان".
_BETWEEN = frozenset(fold_key(
    "في شمال شمالي شرق شرقي غرب غربي جنوب جنوبي وسط أقصى بشمال بجنوب بشرق بغرب بوسط الواقعة "
    "الواقع شمالى جنوبى الساحلية الحدودية القديمة دولة جمهورية ولاية"
).split())


class Surroundings(NamedTuple):
    """What stands around a name in its field."""

    country: str | None  # "طرابلس، لبنان", "طرابلس اللبنانية", "العاصمة الليبية طرابلس"
    before: str  # the word before it, as a key
    is_listed: bool  # a country's name is joined to it by "و" or a comma


NOTHING_AROUND = Surroundings(None, "", False)


def look_around(text: str, start: int, end: int) -> Surroundings:
    """Return what stands around `text[start:end]`, in the clause."""
    before = _CLAUSE.split(fold_key(text[max(0, start - _BEFORE_CHARS) : start]))[-1]
    after = _CLAUSE.split(fold_key(text[end : end + _AFTER_CHARS]))[0]
    last = _last_word(before)
    return Surroundings(
        country=_country_after(after) or _country_before(before),
        before=last,
        is_listed=_is_listed(before, after, joined=text.startswith("و", start)),
    )


def _last_word(before: str) -> str:
    """Return the word that stands directly before the name."""
    words = _WORD.findall(before)
    return words[-1] if words and before.rstrip().endswith(words[-1]) else ""


def _country_after(after: str) -> str | None:
    """Return the country named right after a place, or by an adjective."""
    words = [*_WORD.finditer(after)]
    end = 0
    for index, word in enumerate(words[: _WORDS_BETWEEN_MAX + 1]):
        if not _NEXT.match(after[end : word.start()]):
            return None
        country = _definite(word[0]) or _named_from([other[0] for other in words[index:]])
        if country:
            return country
        if word[0] not in _BETWEEN:
            return None
        end = word.end()
    return None


def _country_before(before: str) -> str | None:
    """Return the country of an adjective right before a place: "العاصمة السعودية الرياض"."""
    word = _last_word(before)
    return _definite(word) if word else None


def _definite(word: str) -> str | None:
    """Return the country of an adjective with the article."""
    countries = nationality(word) if word.startswith("ال") else ()
    return countries[0] if len(countries) == 1 else None


def _named_from(words: list[str]) -> str | None:
    """Return the country whose name begins the words, with ب or ل before it or not."""
    for count in range(min(len(words), _COUNTRY_WORDS_MAX), 0, -1):
        key = " ".join(words[:count])
        for form in (key, key[1:]) if key[0] in "بل" else (key,):
            found = load_gazetteer().places.get(form, ())
            if found and found[0].kind == "country":
                return found[0].country
    return None


def _is_listed(before: str, after: str, *, joined: bool) -> bool:
    """Say whether a country stands beside the name in a list."""
    joint = _LISTED.match(after)
    if joint and _named_from(_WORD.findall(after[joint.end() :])):
        return True
    words = _WORD.findall(before)
    joined = joined or before.rstrip().endswith(("،", ",", " و"))
    return joined and any(_named_from(words[-count:]) for count in (1, 2) if len(words) >= count)
