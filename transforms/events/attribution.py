"""Say whose word an event is: who says, claims, or is quoted as a source."""

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
    lists: Mapping[str, frozenset[str]] = load_lexicon().words
    found: list[Source] = []
    for index, word in enumerate(words.words):
        saying = scan.cue(index, "REPORT", "ALLEGE")
        if saying:
            label = "alleged" if scan.cue(index, "ALLEGE") else "reported"
            end = _end_of_name(words, index + 1, scan)
            name = _printed(words, index + 1, end) or _name_before(words, index)
            found.append(Source(name, index + 1, _end_of_speech(words, end, scan), label))
        elif word.key in lists["SOURCE"]:
            end = _end_of_name(words, index + 1, scan)
            first = 0 if words.key(index - 1) in _BREAKS else _clause_start(words, index)
            found.append(
                Source(_printed(words, index + 1, end), first, len(words.words), "reported")
            )
        elif word.key in lists["ALLEGE"]:
            found.append(Source(None, index, len(words.words), "alleged"))
        elif word.key in lists["DOCUMENT"] and index:
            found.append(Source(words.surface(index, index + 1), index, len(words.words),
                                "reported"))
        elif word.key == ":" and 0 < index <= _FIRST_WORDS and not found:
            found.append(Source(words.surface(0, index), index, len(words.words), "reported"))
    return found


_BREAKS = frozenset({"،", ",", "-", "–", "»", '"', ""})


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
        ):
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


def _printed(words: Words, start: int, end: int) -> str | None:
    while start < end and words.key(start) in ("ل", "علي", "عن", "الي"):
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
