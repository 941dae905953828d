"""Find the names in the noun phrases of a sentence: after a verb, a title, a preposition."""

import re
from collections.abc import Iterator

from schemas.records import Mention
from transforms.clitics import PREPOSITIONS
from transforms.events.lexicon import load_lexicon
from transforms.events.triggers import Scan
from transforms.events.words import Words
from transforms.fold import fold_key

REACH = 9
"""How many words a noun phrase may have."""
_TITLE_WORDS = 4
_OFFICE_WORDS = 16
_HONORIFICS = 2
_WORD = re.compile(r"\w+")


def phrase_ends() -> frozenset[str]:
    """Return the prepositions and conjunctions at which a noun phrase ends."""
    return load_lexicon().words["PHRASE_END"]


def phrase_names(words: Words, start: int, scan: Scan) -> Iterator[tuple[int, Mention]]:
    """Yield the names of the noun phrases from `start` on, up to a preposition, verb or stop."""
    seen: set[str] = set()
    for index in words.undated(start, REACH):
        name = words.name(index)
        if name is None:
            key = words.key(index)
            if words.is_clause_end(index) or key in phrase_ends() or index in scan.cues:
                return
            if any(hit.first == index and hit.is_verb for hit in scan.triggers):
                return
        elif name.mention_id not in seen:
            if words.key(index)[0] in "لب" and name.start == words.words[index].start and (
                name.surface[0] in "لب" and name.label != "PER" and index > start
            ):
                return  # a preposition is attached to the name
            seen.add(name.mention_id)
            yield index, name


def after_time(words: Words, index: int) -> int:
    """Return what follows a date that stands right after a verb: "التقى، السبت، الرئيس".

    And a hash, which stands before names in some wires.
    """
    at = index + (words.key(index) == "،")
    dated = at
    while dated < len(words.words) and words.is_dated(dated):
        dated += 1
    if dated > at:
        index = dated + (words.key(dated) == "،" and at > index)
    return index + (words.key(index) == "#")


def holder(words: Words, start: int, end: int | None = None) -> Mention | None:
    """Return the person whose office stands right here: "المبعوث الأممي إلى اليمن، مارتن …"."""
    if words.key(start) not in load_lexicon().words["TITLE"]:
        return None
    first = words.words[start].start
    last = words.words[min(end or len(words.words), start + _OFFICE_WORDS, len(words.words)) - 1]
    for name in words.names:
        if name.role and first < name.start < last.end:
            between = fold_key(words.text[first : name.start])
            rest = between.removeprefix(fold_key(name.role))
            if rest != between and len(_WORD.findall(rest)) <= _HONORIFICS:
                return name
    return None


def head(words: Words, start: int, phrase: list[tuple[int, Mention]]) -> Mention | None:
    """Return the name that a noun phrase after a verb is about: the person of an office, the
    body of a nationality, or the name that begins it."""
    if not phrase:
        return None
    index, first = phrase[0]
    if index == start:
        return None if _is_behind_preposition(words, index, first) else first
    lists = load_lexicon().words
    key = words.key(start)
    if key in lists["TITLE"]:
        near = [name for at, name in phrase if not begins_anew(words, start + 1, at)]
        person = next((name for name in near if name.label == "PER"), None)
        is_of = is_nationality(first) or not words.key(index - 1).startswith("ال")
        return person or (first if near and is_of else None)
    if key in lists["BODY"] or index - start <= 1:
        return first if key in lists["BODY"] else None
    return None


def _is_behind_preposition(words: Words, index: int, name: Mention) -> bool:
    """Say whether a preposition is attached to a name, which is then no subject: "أشاد بفيدان"."""
    letters = words.key(index)[: max(0, name.start - words.words[index].start)]
    return not PREPOSITIONS.isdisjoint(letters)


def begins_anew(words: Words, start: int, end: int) -> bool:
    """Say whether a second person or a date begins in words [start, end): "the minister
    tomorrow the president"."""
    titles = load_lexicon().words["TITLE"]
    date_starts = {date.start for date in words.dates}
    return any(
        words.words[index].start in date_starts
        or (words.key(index) in titles and words.key(index).startswith("ال"))
        for index in range(start, end)
    )


def attached_name(words: Words, index: int) -> Mention | None:
    """Return the name after an attached preposition: لإسرائيل, or للرئيس التركي أردوغان."""
    name = words.name(index)
    if name:
        return name
    key = words.key(index)
    bare = "ال" + key[2:] if key.startswith("لل") else key[1:]
    lists = load_lexicon().words
    if bare in lists["TITLE"] or bare in lists["BODY"]:
        return next_name(words, index + 1)
    return None


def next_name(words: Words, start: int) -> Mention | None:
    """Return the name that begins here, after an office, a body or a kind of place if need be."""
    lists = load_lexicon().words
    named = None
    for index in range(start, start + _TITLE_WORDS + 2):
        name = words.name(index)
        if name and (name.label == "PER" or named is None):
            named = name
            if name.label != "MISC" or index == start:
                return named
            continue
        if name:
            continue
        key = words.key(index)
        if words.is_clause_end(index) or key in phrase_ends():
            break
        is_title = any(key in lists[label] for label in ("TITLE", "BODY", "AREA"))
        if not is_title and not (index > start and key.startswith("ال")) and (
            key not in ("نظيره", "نظيرته", "مواقع", "دوله", "عدد", "اهداف")
        ):
            break
    return named


def joined(words: Words, start: int, name: Mention) -> list[Mention]:
    """Return the names that "and" joins to one: "between A and B"."""
    found: list[Mention] = []
    for index in range(start, min(len(words.words), start + 2 * _TITLE_WORDS)):
        other = words.name(index)
        if words.is_clause_end(index) or words.key(index) in phrase_ends():
            break
        if other and other is not name and other not in found and (
            words.key(index).startswith("و")
        ):
            found.append(other)
    return found


def is_nationality(name: Mention) -> bool:
    """Say whether a name is an adjective or noun of nationality, not the name of a work."""
    return name.label == "MISC" and name.country is not None
