"""Find the numbers of people in a sentence: digits, number words, duals, vague plurals."""

from collections.abc import Iterator
from typing import NamedTuple

from transforms.events.lexicon import load_lexicon
from transforms.events.words import Words
from transforms.fold import fold_key
from transforms.number_words import NUMBER_WORDS, read_cardinal

_DIGITS_MAX, _GROUP = 9, 3
_NUMBER_WORDS = 9
_SCALES = {fold_key(word): scale for word, scale in (
    ("ألف", 1_000), ("ألفا", 1_000), ("آلاف", 1_000), ("مليون", 1_000_000),
    ("مليونا", 1_000_000), ("ملايين", 1_000_000),
)}
_VAGUE = {fold_key(word): least for word, least in (
    ("عشرات", 20), ("العشرات", 20), ("مئات", 200), ("المئات", 200), ("آلاف", 2_000),
    ("الآلاف", 2_000),
)}
"""The least that each may mean: several tens are more than one ten."""
_BEFORE_NUMBERS = ("و", "ب")
_THOUSANDS = frozenset({fold_key("آلاف"), fold_key("الآلاف")})
_QUALIFIERS = ("at_most", "at_least", "about")
_ONE = frozenset({fold_key("واحد"), fold_key("واحدة")})


class Count(NamedTuple):
    """A number of people: words [first, last), with its qualifier and the noun if it has one."""

    first: int
    last: int
    people: int
    qualifier: str  # labels.COUNT_QUALIFIERS
    noun: str


class Number(NamedTuple):
    """A whole number in a sentence, up to the word before `last`."""

    value: int
    last: int
    is_vague: bool


def people_counts(words: Words) -> Iterator[Count]:
    """Yield the numbers that may count people, in order; none overlaps another."""
    index = 0
    while index < len(words.words):
        count = _counted(words, index) or _by_form(words, index)
        if count:
            yield count
        index = count.last if count else index + 1


def _counted(words: Words, index: int) -> Count | None:
    """Return a count by a number, with its qualifier and the noun after it."""
    lists = load_lexicon().words
    number = read_number(words, index)
    if number is None or words.key(index - 1) in lists["NOT_AFTER"]:
        return None
    last = number.last
    noun = words.key(last + 1) if words.key(last) == "من" else words.key(last)
    if words.key(last) in lists["NOT_PEOPLE"]:
        return None
    qualifier, first = _qualifier(words, index)
    if number.is_vague and qualifier == "exact":
        qualifier = "at_least"
    last += noun_key(words.key(last)) in lists["PEOPLE"]
    if words.key(last) == "علي" and words.key(last + 1) == "الاقل":
        last, qualifier = last + 2, "at_least"
    return Count(first, last, number.value, qualifier, noun_key(noun))


def noun_key(key: str) -> str:
    """Return the noun that a number counts, without the article: "hundreds of the civilians"."""
    return key.removeprefix("ال")


def _by_form(words: Words, index: int) -> Count | None:
    """Return a count that a noun makes by its form: two people, in the dual."""
    lists = load_lexicon().words
    key = words.key(index)
    bare = key[1:] if key[:1] == "و" else key
    is_marked = words.key(index + 1) in lists["TWO"]
    if bare in lists["TWO_PEOPLE"] or (is_marked and bare in lists["TWO_IF_COUNTED"]):
        return Count(index, index + 1 + is_marked, 2, "exact", bare)
    return None


def one_person(words: Words, index: int) -> Count | None:
    """Return the count of a noun for one person, which means one only after what was done."""
    key = words.key(index)
    if key not in load_lexicon().words["ONE_PERSON"]:
        return None
    is_marked = words.key(index + 1) in _ONE
    return Count(index, index + 1 + is_marked, 1, "exact", key)


def read_number(words: Words, index: int) -> Number | None:
    """Return the whole number that begins at a word; no decimals."""
    key = words.key(index)
    if key[:1].isdigit():
        value = _digits(key)
        return None if value is None else _scaled(words, value, index + 1)
    bare = key[1:] if key[:1] in ("و", "ب") and key not in _VAGUE else key
    if bare in _VAGUE:
        return _vague(words, bare, index)
    return _spelled(words, index)


def _digits(key: str) -> int | None:
    """Return a number in digits, with separators of thousands."""
    parts = key.replace(".", ",").split(",")
    if any(len(part) != _GROUP for part in parts[1:]):
        return None
    digits = "".join(parts)
    return int(digits) if len(digits) <= _DIGITS_MAX else None


def _scaled(words: Words, value: int, index: int) -> Number:
    scale = _SCALES.get(words.key(index), 0)
    return Number(value * scale, index + 1, False) if scale else Number(value, index, False)


def _vague(words: Words, bare: str, index: int) -> Number:
    if words.key(index + 1) in _THOUSANDS and bare not in _THOUSANDS:
        return Number(_VAGUE[bare] * 1_000, index + 2, True)
    return Number(_VAGUE[bare], index + 1, True)


def _spelled(words: Words, index: int) -> Number | None:
    """Return a number in words: "ثلاثة", "خمسة وعشرين"; "واحد" alone counts nothing."""
    parts = [
        (part, step) for step in range(index, index + _NUMBER_WORDS)
        for part in _parted(words.key(step))
    ]
    at = int(parts[0][0] in _BEFORE_NUMBERS)
    found = read_cardinal([part for part, _ in parts], at)
    if found is None or words.key(index) in _ONE or found[0] == 1:
        return None
    value, after = found
    return _scaled(words, value, parts[after - 1][1] + 1)


def _parted(key: str) -> tuple[str, ...]:
    """Return a word, or "and" and the number word that it is attached to."""
    if key not in NUMBER_WORDS and key[:1] in _BEFORE_NUMBERS and key[1:] in NUMBER_WORDS:
        return key[0], key[1:]
    return (key,)


def _qualifier(words: Words, index: int) -> tuple[str, int]:
    """Return how exact a number is by the words before it, and where these begin."""
    lexicon = load_lexicon()
    for qualifier in _QUALIFIERS:
        phrases = [*lexicon.phrases[qualifier], *((word,) for word in lexicon.words[qualifier])]
        for phrase in sorted(phrases, key=len, reverse=True):
            first = index - len(phrase)
            keys = tuple(words.key(first + step) for step in range(len(phrase)))
            if first >= 0 and (keys[0].removeprefix("و"), *keys[1:]) == phrase:
                return qualifier, first
    return "exact", index
