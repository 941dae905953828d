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
        opener = _afterthought(words, index) if saying else None
        if opener is not None:
            name = _printed(words, index + 1, _end_of_name(words, index + 1, scan))
            first = _first_reported(words, opener)
            found.append(Source(name, first, len(words.words), "reported"))
        elif saying:
            label = "alleged" if scan.cue(index, "ALLEGE") else "reported"
            end = _end_of_name(words, index + 1, scan)
            name = _printed(words, index + 1, end) or _name_before(words, index)
            found.append(Source(name, index + 1, _end_of_speech(words, end, scan), label))
        elif word.key in _AS or (word.key in lists["SOURCE"] and words.key(index + 1) in _WHAT):
            continue  # the verb that follows names who says so
        elif word.key in lists["SOURCE"]:
            end = _end_of_name(words, index + 1, scan)
            first = _first_reported(words, index)
            found.append(
                Source(_printed(words, index + 1, end), first, len(words.words), "reported")
            )
        elif word.key in lists["ALLEGE"]:
            found.append(Source(None, index, len(words.words), "alleged"))
        elif word.key in lists["DOCUMENT"] and index and not _is_said(found, index):
            found.append(Source(words.surface(index, index + 1), index, len(words.words),
                                "reported"))
        elif word.key == ":" and 0 < index <= _FIRST_WORDS and not found:
            name = words.surface(_after_label(words, index), index)
            found.append(Source(name, index, len(words.words), "reported"))
    return found


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
