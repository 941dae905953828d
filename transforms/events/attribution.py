"""Say whose word an event is: who says, claims, or is quoted as a source."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from transforms.events.lexicon import load_lexicon
from transforms.events.trigger_selection import Trigger
from transforms.events.triggers import Scan
from transforms.events.words import Words


class Source(NamedTuple):
    """Somebody's word in a sentence: who says, where it begins to count, how sure it is."""

    name: str | None
    first: int  # what is said begins here
    last: int  # and ends here
    factuality: str  # reported or alleged


_SAYING_REACH = 14
_STOPS = frozenset({"ان", "انه", "انها", "انهم", "بان", "عن", ":", "،", "«", "\"", "“", "."})
_FIRST_WORDS = 7


def sources(words: Words, scan: Scan) -> list[Source]:
    """Return whose word a sentence gives, in order."""
    found: list[Source] = []
    for index in range(len(words.words)):
        if scan.cue(index, "REPORT", "ALLEGE"):
            found.append(_spoken(words, scan, index))
        elif one := _cited(words, scan, index, found):
            found.append(one)
    return found


def _spoken(words: Words, scan: Scan, index: int) -> Source:
    """Return whose word the verb of saying at `index` gives."""
    label = "alleged" if scan.cue(index, "ALLEGE") else "reported"
    end = _end_of_name(words, index + 1, scan)
    name = _printed(words, index + 1, end)
    opener = _afterthought(words, index)
    if opener is not None:
        return Source(name, _first_reported(words, opener), len(words.words), label)
    name = name or _name_before(words, index)
    return Source(name, index + 1, _end_of_speech(words, end, scan), label)


def _cited(words: Words, scan: Scan, index: int, found: Sequence[Source]) -> Source | None:
    """Return whose word is given without a verb: "according to", a document, a colon."""
    lists: Mapping[str, frozenset[str]] = load_lexicon().words
    key, every = words.key(index), len(words.words)
    if key in lists["SOURCE"]:
        first = _first_reported(words, index)
        what = index + (words.key(index + 1) in _WHAT)
        if scan.cue(what + 1, "REPORT", "ALLEGE") and (what > index or key in _AS):
            return None  # that verb names who says so
        name = _printed(words, index + 1, _end_of_name(words, index + 1, scan))
        return Source(None if what > index else name, first, every, "reported")
    if key in lists["ALLEGE"]:
        return Source(None, index, every, "alleged")
    if key in lists["DOCUMENT"] and index and not _is_said(found, index):
        return Source(words.surface(index, index + 1), index, every, "reported")
    if key == ":" and 0 < index <= _FIRST_WORDS and not found and not _is_topic(words, index):
        return Source(words.surface(_after_label(words, index), index), index, every, "reported")
    return None


def _is_said(found: Sequence[Source], index: int) -> bool:
    """Say whether somebody who is named speaks here, so that a document is but the means."""
    return any(one.name and one.first <= index < one.last for one in found)


_WHAT = frozenset({"ما", "لما"})
_AS = frozenset({"حسبما", "وفقما", "بحسبما"})


def _afterthought(words: Words, index: int) -> int | None:
    """Return where "according to what X said" begins, if that is the verb at `index`."""
    if words.key(index - 1) in _AS:
        return index - 1
    opener = words.key(index - 2)
    is_one = opener == "علي" or opener in load_lexicon().words["SOURCE"]
    return index - 2 if is_one and words.key(index - 1) in _WHAT else None


def _first_reported(words: Words, opener: int) -> int:
    """Return where begins what a source named at its end has said."""
    return 0 if words.key(opener - 1) in _BREAKS else _clause_start(words, opener)


_BREAKS = frozenset({"،", ",", "-", "–", "»", '"', ""})


_SPOKEN = frozenset({"لا", "لن", "لم", "لسنا", "ليس", "ليست", "علي", "يجب", "نحن", "اننا", "انها",
                     "انه", "ان", "هناك"})
_WE = re.compile(r"(?:س?ن[^ا]|سوف ن)\w{2,}")


def _is_topic(words: Words, colon: int) -> bool:
    """Say whether a place before a colon is where the news is from: "ليبيا: مقتل ثلاثة".

    It speaks ("طهران: لن نقبل") where what follows is said: a quote, a denial, "we".
    """
    first = _after_label(words, colon)
    name = words.name(first)
    if name is None or name.label != "LOC" or words.name(colon - 1) is not name:
        return False
    following = words.key(colon + 1)
    is_said = following in _SPOKEN or following in "«\"“" or _WE.fullmatch(following)
    return not is_said


_LABEL_ENDS = frozenset({"-", "–", "|", "•"})


def _after_label(words: Words, colon: int) -> int:
    """Return where the name before a colon begins: after "urgent |" or the dash of a list."""
    return next(
        (at + 1 for at in range(colon - 2, -1, -1) if words.key(at) in _LABEL_ENDS), 0
    )


def _clause_start(words: Words, index: int) -> int:
    """Return where the clause begins that a source without a comma before it belongs to."""
    return next((at + 1 for at in range(index, -1, -1) if words.key(at) == "،"), 0)


_NEW_CLAUSE = frozenset({"فيما", "بينما", "كما", "غير", "لكن"})


def _end_of_speech(words: Words, start: int, scan: Scan) -> int:
    """Return where what somebody says ends: at a comma before "while", or "and" with a verb."""
    for index in range(start, len(words.words) - 1):
        if words.key(index) == "،":
            following = words.key(index + 1)
            verb = scan.verb(index + 1)
            if following in _NEW_CLAUSE or (
                verb and following.startswith("و") and words.name(index + 2)
            ):
                return index
    return len(words.words)


def _end_of_name(words: Words, start: int, scan: Scan) -> int:
    """Return where the name of who says ends."""
    for index in range(start, min(len(words.words), start + _SAYING_REACH)):
        key = words.key(index)
        if key in _STOPS or key in ("في", "خلال", "اليوم", "امس", "مساء", "صباح", "مقتل"):
            return index
        if words.name_at[index] < 0 and index > start and (
            any(hit.first == index for hit in scan.triggers) or index in scan.cues
        ) and not _is_of_office(words, start, index):
            return index
        name, before = words.name(index), words.name(index - 1)
        if index > start and before and before.label == "PER" and name is not before:
            return index
        if name and before and index > start and name is not before and (
            "MISC" not in (name.label, before.label)
        ):
            return index
        date_start = words.words[index].start
        if any(date.start == date_start for date in words.dates):
            return index
    return min(len(words.words), start + _SAYING_REACH)


def _is_of_office(words: Words, start: int, index: int) -> bool:
    """Say whether a definite word completes an office: "the rapporteur of the meeting"."""
    return (
        index == start + 1 and words.key(index).startswith("ال")
        and not words.key(start).startswith("ال") and words.name(start) is None
    )


def _printed(words: Words, start: int, end: int) -> str | None:
    while start < end and words.key(start) in ("ل", "علي", "عن", "الي", "به"):
        start += 1
    return words.surface(start, end) if start < end and start < len(words.words) else None


def _name_before(words: Words, index: int) -> str | None:
    name = words.name(index - 1)
    return name.surface if name else None


def source_of(trigger: Trigger, found: Sequence[Source]) -> Source | None:
    """Return whose word an event is: the nearest that begins before it."""
    at = trigger.hit.first
    inside = [one for one in found if one.first <= at < one.last]
    return max(inside, key=lambda one: one.first, default=None)
