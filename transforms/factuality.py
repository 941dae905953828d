"""Say when an event happens and how certain the text is that it does."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.records import DateMention
from transforms.event_words import Words
from transforms.lexicon import load_lexicon
from transforms.trigger_selection import Trigger
from transforms.triggers import Hit, Scan

_NEAR = 2
_GOVERNS = 6
_WORD_LIST = load_lexicon
_NEGATED_PAST, _NEGATED_FUTURE = "لم", "لن"
_NEGATIONS = frozenset({"لم", "لن", "لا", "ليس", "ليست", "ولم", "ولن", "ولا", "فلم", "وليس"})
_NO_NOUN = frozenset({"عدم", "بعدم", "لعدم", "وعدم", "دون", "بدون", "تفادي", "لتفادي", "تجنب",
                      "لتجنب", "لا", "غير"})
_THAT = frozenset({"ان", "بان", "لان"})
_UNTIL = frozenset({"حتي", "كي", "لكي"})
_MAY = frozenset({"قد", "وقد", "فقد"})


class Manner(NamedTuple):
    """How an event is told."""

    tense: str  # labels.TENSES
    factuality: str  # labels.FACTUALITIES, but for who reports it


def manner(words: Words, trigger: Trigger, scan: Scan, *, published: str | None) -> Manner:
    """Return the tense of an event and what the words right around it say of its truth.

    Args:
        published: The day of publication, YYYY-MM-DD, against which dates are future or past.
    """
    verb = trigger.hit if trigger.hit.is_verb else trigger.light
    if verb:
        return _of_verb(words, verb, scan)
    return _of_noun(words, trigger, scan, published)


def _of_verb(words: Words, verb: Hit, scan: Scan) -> Manner:
    before = words.key(verb.first - 1)
    if before in _NEGATIONS:
        if before.endswith(_NEGATED_FUTURE):
            return Manner("planned", "negated")
        return Manner("past" if before.endswith(_NEGATED_PAST) else "present", "negated")
    if verb.is_future or before in ("سوف", "وسوف"):
        return Manner("planned", "asserted")
    if _is_planned(words, verb.first, scan):
        return Manner("planned", "asserted")
    is_imperfect = verb.form.tense == "imperfect"
    governed = _governed(words, verb.first, scan)
    if governed and (is_imperfect or governed.factuality != "asserted"):
        return governed
    if verb.is_purpose:
        return Manner("planned", "hypothetical")
    if is_imperfect and before in _MAY:
        return Manner("planned", "hypothetical")
    if _is_conditional(words, verb.first):
        return Manner("unknown", "hypothetical")
    if is_imperfect and before.removeprefix("و") not in ("كان", "كانت", "كانوا"):
        return Manner("present", "asserted")
    return Manner("past", "asserted")


def _is_planned(words: Words, first: int, scan: Scan) -> bool:
    """Say whether a verb of planning governs the word, which is then a noun: "means to hold"."""
    for index in range(first - 1, max(-1, first - 1 - _GOVERNS), -1):
        if words.is_clause_end(index) or words.key(index) in _THAT:
            return False
        if scan.cue(index, "PLAN"):
            return not words.key(first).startswith("و")
    return False


def _governed(words: Words, first: int, scan: Scan) -> Manner | None:
    """Return what governs a verb after "that": plans, requests, possibilities, denials."""
    lists = load_lexicon().words
    that = next(
        (index for index in range(first - 1, max(-1, first - 1 - _GOVERNS), -1)
         if words.key(index) in _THAT or words.key(index) in _UNTIL), None,
    )
    if that is None or words.key(that) in _UNTIL:
        return None if that is None else Manner("planned", "hypothetical")
    for index in range(that - 1, max(-1, that - 1 - _GOVERNS), -1):
        if words.key(index) in (".", "،"):
            return None
        if words.key(index) in lists["PLAN"] or scan.cue(index, "PLAN"):
            return Manner("planned", "asserted")
        if scan.cue(index, "DENY"):
            return Manner("unknown", "negated")
        if any(hit.first == index and hit.form.row.event_type == "REQUEST"
               for hit in scan.triggers):
            return Manner("planned", "requested")
        if words.key(index) in lists["MAYBE"]:
            return Manner("planned", "hypothetical")
        if words.key(index) in ("قبل", "ضروره", "بضروره"):
            return Manner("unknown", "requested" if "ضرور" in words.key(index) else "asserted")
    return None


def _is_conditional(words: Words, first: int) -> bool:
    for index in range(first - 1, max(-1, first - 1 - _GOVERNS), -1):
        if words.key(index) in (".", "،"):
            return False
        if words.key(index).removeprefix("و") in ("لو", "اذا", "ربما", "لعل", "حال"):
            return True
    return False


def _of_noun(words: Words, trigger: Trigger, scan: Scan, published: str | None) -> Manner:
    first = trigger.first
    lists = load_lexicon().words
    before = words.key(first - 1)
    if before in _NO_NOUN:
        return Manner("unknown", "negated")
    if before in lists["MAYBE"] or _is_conditional(words, first):
        return Manner("unknown", "hypothetical")
    near = [words.key(index) for index in range(trigger.last, trigger.last + _NEAR + 1)]
    if any(key in lists["NEXT"] for key in near):
        return Manner("planned", "asserted")
    date = nearest_date(words, trigger)
    if date and published and date.first_day and date.first_day > published:
        return Manner("planned", "asserted")
    if any(key in lists["LAST"] for key in near):
        return Manner("past", "asserted")
    if date and published and date.last_day and date.last_day < published:
        return Manner("past", "asserted")
    return _inherited(words, trigger, scan)


_AFTER = frozenset({"بعد", "عقب", "اثر", "منذ", "غداه", "جراء", "نتيجه", "بسبب", "وبعد", "وعقب"})
_COMPLETED = frozenset({"مقتل", "اغتيال", "استشهاد", "إصابة", "مصرع", "وفاة", "اعتقال", "تحطم"})


def _inherited(words: Words, trigger: Trigger, scan: Scan) -> Manner:
    """Return the tense that a noun takes from the verb that governs its sentence."""
    lists = load_lexicon().words
    before = words.key(trigger.first - 1)
    if before in _AFTER:
        return Manner("past", "asserted")
    for index in range(trigger.first - 1, max(-1, trigger.first - 1 - 3 * _GOVERNS), -1):
        key = words.key(index)
        if key in lists["PLAN"] or scan.cue(index, "PLAN"):
            return Manner("planned", "asserted")
        if scan.cue(index, "DENY", "STOP"):
            return Manner("unknown", "negated")
        verb = verb_at(scan, index)
        if verb:
            if words.key(index - 1) in _NEGATIONS:
                return Manner("past", "asserted")
            if verb.is_future:
                return Manner("planned", "asserted")
            return Manner("past" if verb.form.tense == "perfect" else "present", "asserted")
    rule = trigger.hit.form.row.rule.partition(" ")[2]
    row = trigger.hit.form.row
    if rule in _COMPLETED or "harm" in row.flags or row.event_type == "REQUEST":
        return Manner("past", "asserted")
    return Manner(_first_tense(words, scan, trigger.last), "asserted")


def _first_tense(words: Words, scan: Scan, start: int) -> str:
    """Return the tense of the first verb after a noun that begins its sentence."""
    for index in range(start, min(len(words.words), start + 3 * _GOVERNS)):
        verb = verb_at(scan, index)
        if verb:
            if verb.is_future:
                return "planned"
            return "past" if verb.form.tense == "perfect" else "present"
    return "unknown"


def verb_at(scan: Scan, index: int) -> Hit | None:
    """Return the finite verb that the lexicon knows at a word."""
    cues: Sequence[Hit] = scan.cues.get(index, ())
    return next((hit for hit in cues if hit.is_verb), None) or next(
        (hit for hit in scan.triggers if hit.first == index and hit.is_verb), None
    )


def nearest_date(words: Words, trigger: Trigger) -> DateMention | None:
    """Return the date of the sentence that stands nearest to a trigger; what follows is nearer.

    Durations and recurring times date nothing.
    """
    start, end = words.words[trigger.first].start, words.words[trigger.last - 1].end
    dates = [
        date for date in words.dates
        if date.kind in ("date", "time") and date.value and date.first_day
    ]
    return min(dates, key=lambda date: _distance(date, start, end), default=None)


_BEFORE_COSTS = 1.5  # a date tells more often of the event before it than of the one after


def _distance(date: DateMention, start: int, end: int) -> float:
    if date.start >= end:
        return date.start - end
    return _BEFORE_COSTS * max(0, start - date.end)


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
            found.append(Source(_printed(words, index + 1, end), 0, len(words.words), "reported"))
        elif word.key in lists["ALLEGE"]:
            found.append(Source(None, index, len(words.words), "alleged"))
        elif word.key in lists["DOCUMENT"] and index:
            found.append(Source(words.surface(index, index + 1), index, len(words.words),
                                "reported"))
        elif word.key == ":" and 0 < index <= _FIRST_WORDS and not found:
            found.append(Source(words.surface(0, index), index, len(words.words), "reported"))
    return found


_NEW_CLAUSE = frozenset({"فيما", "بينما", "كما", "غير", "لكن"})


def _end_of_speech(words: Words, start: int, scan: Scan) -> int:
    """Return where what somebody says ends: at a comma before "while", or "and" with a verb."""
    for index in range(start + 1, len(words.words) - 1):
        if words.key(index) == "،":
            following = words.key(index + 1)
            verb = verb_at(scan, index + 1)
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
    inside = [one for one in found if one.first <= trigger.first and trigger.first < one.last]
    return max(inside, key=lambda one: one.first, default=None)
