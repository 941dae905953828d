"""Tell whether two names of people are one person's."""

from functools import lru_cache

from transforms.names.country_words import country_of
from transforms.names.name_words import bare, joined_words, key_text, name_words, plain_words
from transforms.names.person_words import (
    DYNASTIES,
    FOREIGN_NAMES,
    HONORIFICS,
    NUMBERED,
    PERSON_NAMES,
    RELATIONS,
    TITLE_COMPLEMENTS,
    TITLES,
)
from transforms.names.spellings import same_word

Words = tuple[str, ...]

# People whom wires call by two names that share no word, or no surname: any name → the full one.
_NAMES = {
    name_words(name): full
    for full, names in {
        "محمود عباس": ("أبو مازن",),
        "ياسر عرفات": ("أبو عمار",),
        "أحمد الشرع": ("أبو محمد الجولاني", "الجولاني"),
        "محمد حمدان دقلو": ("حميدتي", "محمد حمدان حميدتي"),
        "عبد ربه منصور هادي": ("منصور هادي",),
        "لويس إيناسيو لولا دا سيلفا": ("لولا دا سيلفا", "لولا"),
        "شي جين بينغ": ("شي", "جين بينغ"),
        "كيم جونغ أون": ("جونغ أون",),
        "محمد الضيف": ("أبو خالد الضيف",),
        "أسامة بن لادن": ("بن لادن",),
        "صدام حسين": ("صدام",),
        "نيكولا ساركوزي": ("نيكولاس ساركوزي",),
        "تيدروس أدهانوم غيبريسوس": ("تيدروس أدهانوم", "تيدروس"),
    }.items()
    for name in names
}


def same_person(one: str, other: str) -> bool:
    """Say whether two names may be one person's.

    The shorter name must be the surname of the longer, or have its first and last word with
    others in order between them. A title in front is no part of a name.
    """
    first, second = person_words(one), person_words(other)
    if not first or not second or _is_anothers(first) != _is_anothers(second):
        return False
    shorter, longer = sorted((first, second), key=len)
    if "".join(shorter) == "".join(longer):
        return True
    if len(shorter) == 1:
        return same_word(shorter[0], longer[-1])
    has_title = _title_length(one) + _title_length(other) > 0
    return _is_abridged(shorter, longer, has_title=has_title)


@lru_cache(maxsize=16_384)
def person_words(name: str) -> Words:
    """Return the words of a person's name without titles; none if nothing else is there."""
    words = name_words(name)[_title_length(name):]
    return name_words(_NAMES[words]) if words in _NAMES else words


def person_key(name: str) -> str:
    """Return a person's name without titles, as a key has it."""
    titles = _title_length(name)
    full = _NAMES.get(name_words(name)[titles:])
    words = plain_words(full) if full else plain_words(name)[titles:]
    return key_text(words or plain_words(name))


def _is_anothers(words: Words) -> bool:
    """Say whether a name is said of somebody else: "نجل الرئيس"."""
    return len(words) > 1 and words[0] in RELATIONS


@lru_cache(maxsize=16_384)
def _title_length(name: str) -> int:
    """Return how many of the first words are titles with what belongs to them."""
    words = joined_words(name)
    length = 0
    while length < len(words) and _continues_title(words, length):
        length += 1
    return length


def _continues_title(words: Words, index: int) -> bool:
    """Say whether a word belongs to the titles that the words before it begin.

    Args:
        words: With their articles: "الأمير" is a title, "أمير" a name unless it is of something.
    """
    word, following = bare(words[index]), bare(words[index + 1]) if words[index + 1:] else ""
    if word in HONORIFICS:
        return True
    if word in TITLES and (word != words[index] or word not in PERSON_NAMES):
        return True
    if word in TITLES:
        return _is_complement(following) or following in TITLES
    is_surname = index == len(words) - 1 and index > 1 and word in PERSON_NAMES
    return index > 0 and not is_surname and _is_complement(word)


def _is_complement(word: str) -> bool:
    return word in TITLE_COMPLEMENTS or country_of(word) is not None


def _is_abridged(shorter: Words, longer: Words, *, has_title: bool) -> bool:
    """Say whether `shorter`, two words or more, leaves out words of `longer`.

    Args:
        has_title: Words of a title may be left over before the name.
    """
    if same_word(shorter[0], longer[0]):
        if same_word(shorter[-1], longer[-1]):
            return is_subsequence(shorter, longer)
        return _drops_ancestors(shorter, longer)
    drops_first = len(longer) > len(shorter) and (has_title or shorter[0] not in PERSON_NAMES)
    return drops_first and all(map(same_word, shorter, longer[-len(shorter):]))


def _drops_ancestors(shorter: Words, longer: Words) -> bool:
    """Say whether `shorter` ends before a forefather, a house or a second surname.

    محمد بن زايد [آل نهيان], صباح الأحمد [الجابر الصباح], نيكولاس مادورو [موروس]; but not
    محمد علي [الحوثي].
    """
    rest = longer[len(shorter):]
    if not rest or not all(map(same_word, shorter, longer)):
        return False
    has_father = any(word.startswith("بن") and len(word) > 3 for word in (shorter[1], rest[0]))
    is_foreign = shorter[0] in FOREIGN_NAMES and rest[0] not in NUMBERED
    return has_father or is_foreign or rest[-1] in DYNASTIES


def is_subsequence(shorter: Words, longer: Words) -> bool:
    """Say whether the words of `shorter` stand in `longer` in order."""
    rest = iter(longer)
    return all(any(same_word(word, candidate) for candidate in rest) for word in shorter)
