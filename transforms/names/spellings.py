"""Tell whether two words are one word spelled in two ways."""

from functools import lru_cache

from rapidfuzz.fuzz import ratio

from transforms.names.country_words import country_of
from transforms.names.institution_list import words_of_all
from transforms.names.person_words import PERSON_NAMES

RATIO_MIN = 80
LETTERS_MIN = 4
_VOWELS = str.maketrans("", "", "اويىءئؤ")
# Sounds that Arabic has no one letter for: غوغل and جوجل, شولتس and شولتز, غوتيريش and غوتيريس.
_SOUNDS = str.maketrans({"ج": "غ", "ق": "غ", "گ": "غ", "چ": "ش", "ز": "س", "ش": "س", "ث": "س",
                         "ط": "ت", "ڤ": "ف", "پ": "ب"})
_ENDINGS = ("ي", "يه", "ه", "ين", "ون", "ان", "ات")  # they make another word: هاشم, هاشمي


@lru_cache(maxsize=65_536)
def same_word(one: str, other: str) -> bool:
    """Say whether two folded words, without articles, are one.

    A country's name and its adjectives are one word, those of two countries are not. Foreign
    names vary in their vowels and in sounds that Arabic lacks; two Arabic names that differ in
    them are two names: حسن and حسين, محمد and محمود.
    """
    if one == other:
        return True
    countries = country_of(one), country_of(other)
    if any(countries):
        return countries[0] == countries[1]
    if min(len(one), len(other)) < LETTERS_MIN or (_is_familiar(one) and _is_familiar(other)):
        return False
    return _sounds_alike(one, other)


def _is_familiar(word: str) -> bool:
    return word in PERSON_NAMES or word in words_of_all()


def _sounds_alike(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if longer.startswith(shorter) and longer[len(shorter):] in _ENDINGS:
        return False
    return skeleton(one) == skeleton(other) and ratio(_sounds(one), _sounds(other)) >= RATIO_MIN


def _sounds(word: str) -> str:
    """Return a word as it sounds: بنزيمة as بنزيما."""
    return (f"{word[:-1]}ا" if word.endswith("ه") else word).translate(_SOUNDS)


@lru_cache(maxsize=65_536)
def skeleton(word: str) -> str:
    """Return what a word shares with every word that `same_word` takes for it."""
    return country_of(word) or _sounds(word).translate(_VOWELS)
