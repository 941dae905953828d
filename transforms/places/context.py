"""What a story says, around a name, of the country that the name is in."""

import re
from typing import NamedTuple

from transforms.fold import fold_key
from transforms.places.gazetteer import load_gazetteer
from transforms.places.nationalities import nationality

_AFTER_CHARS, _BEFORE_CHARS = 60, 40
_COUNTRY_WORDS_MAX = 4
_WORDS_BETWEEN_MAX = 4
_WORD_CHARS = 24
_WORD = re.compile(r"\w+")
_LAST_WORD = re.compile(r"([^\s.؛:!؟?«»\"()،,/]+)[^\S\n]+\Z")
_CLAUSE = re.compile(r"[.؛:!؟?\n«»\"]")
_NEXT = re.compile(r"\s*[،,(/–-]?\s*\Z")  # what may stand between a name and its country
_LISTED = re.compile(r"\s*(?:[،,]\s*|و)")

# Words between a place and the country that it is in: "بلدة الخيام جنوبي لبنان".
_BETWEEN = frozenset(fold_key(
    "في شمال شمالي شرق شرقي غرب غربي جنوب جنوبي وسط أقصى بشمال بجنوب بشرق بغرب بوسط الواقعة "
    "الواقع شمالى جنوبى الساحلية الحدودية القديمة دولة جمهورية ولاية"
).split())


class Sight(NamedTuple):
    """Where a name stands: `text[start:end]`."""

    text: str
    start: int
    end: int

    def before(self) -> str:
        """Return what precedes the name in its clause, as a key."""
        first = max(0, self.start - _BEFORE_CHARS)
        return _CLAUSE.split(fold_key(self.text[first : self.start]))[-1]

    def after(self) -> str:
        """Return what follows the name in its clause, as a key."""
        return _CLAUSE.split(fold_key(self.text[self.end : self.end + _AFTER_CHARS]))[0]


NOWHERE = Sight("", 0, 0)


def word_before(sight: Sight) -> str:
    """Return the key of the word that stands directly before a name, "" for none."""
    match = _LAST_WORD.search(sight.text, max(0, sight.start - _WORD_CHARS), sight.start)
    return fold_key(match[1]) if match else ""


def country_beside(sight: Sight) -> str | None:
    """Return the country of "طرابلس، لبنان", "طرابلس اللبنانية", "العاصمة الليبية طرابلس"."""
    return _country_after(sight.after()) or _definite(word_before(sight))


def is_listed(sight: Sight) -> bool:
    """Say whether the name of a country is joined to a name by "و" or a comma."""
    return _is_listed(
        sight.before(), sight.after(), joined=sight.text.startswith("و", sight.start)
    )


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
