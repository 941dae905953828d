"""Tell how many people an event harmed, and how, as the text counts them."""

from functools import lru_cache
from typing import NamedTuple

from schemas.labels import CASUALTY_KINDS
from schemas.records import Casualties
from transforms.clitics import is_one_of
from transforms.events.lexicon import load_lexicon
from transforms.events.people_counts import Count, one_person, people_counts
from transforms.events.words import Words

_WORDS_KEPT = 32_768
_BEFORE_REACH, _AFTER_REACH = 4, 3


class Harm(NamedTuple):
    """A count with what was done, and the word that says so."""

    casualties: Casualties
    at: int


def find_casualties(words: Words) -> list[Harm]:
    """Return the people harmed that a sentence counts, in order. Linear in the sentence."""
    told = [index for index, word in enumerate(words.words) if kind_of(word.key)]
    if not told:
        return []
    singles = [count for index in told if (count := one_person(words, index + 1))]
    counts = [count for count in people_counts(words) if not words.is_dated(count.first)]
    taken = {index for count in counts for index in range(count.first, count.last)}
    counts += [count for count in singles if count.first not in taken]
    harms = []
    for count in sorted(counts):
        kind = _kind(words, count)
        if kind:
            start, end = words.words[count.first].start, words.words[count.last - 1].end
            casualties = Casualties(kind[0], count.people, count.qualifier, start, end)
            harms.append(Harm(casualties, kind[1]))
    return harms


@lru_cache(maxsize=_WORDS_KEPT)
def kind_of(key: str) -> str | None:
    """Return what kind of harm a word tells of, if any; of labels.CASUALTY_KINDS."""
    lists = load_lexicon().words
    for kind in CASUALTY_KINDS:
        if is_one_of(key, lists[kind]):
            return kind
    return None


def _kind(words: Words, count: Count) -> tuple[str, int] | None:
    """Return the kind of harm that a count tells of, and the word that says so.

    That is the noun counted ("12 killed"), else the nearest verb or noun before it, else one
    that follows ("12 people were killed").
    """
    own = kind_of(count.noun) if _is_people(count.noun) else None
    if own:
        is_inside = words.key(count.last - 1).endswith(count.noun)
        return own, count.last - 1 if is_inside else count.last
    if not _counts_people(words, count):
        return None
    for index in words.undated(count.first - 1, _BEFORE_REACH, -1):
        kind = kind_of(words.key(index))
        if kind:
            return kind, index
        if words.is_clause_end(index) or words.key(index)[0].isdigit():
            break
    for index in words.undated(count.last, _AFTER_REACH):
        if words.is_clause_end(index) or words.key(index)[0] == "و":
            break
        kind = kind_of(words.key(index))
        if kind:
            return kind, index
    return None


def _counts_people(words: Words, count: Count) -> bool:
    """Say whether a number counts people: by its noun, or because it needs none there."""
    return (
        _is_people(count.noun) or words.is_clause_end(count.last)
        or words.key(count.last)[0] == "و"
        or words.key(count.last) in load_lexicon().words["AFTER_PEOPLE"]
    )


def _is_people(noun: str) -> bool:
    lists = load_lexicon().words
    return any(
        noun in lists[label]
        for label in ("PEOPLE", "TWO_PEOPLE", "TWO_IF_COUNTED", "ONE_PERSON")
    )
