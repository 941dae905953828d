"""Say when an event happens and how certain the text is that it does."""

from typing import NamedTuple

from schemas.records import DateMention
from transforms.events.lexicon import load_lexicon
from transforms.events.light_verbs import announces
from transforms.events.times import nearest_date
from transforms.events.trigger_selection import Trigger
from transforms.events.triggers import Hit, Scan
from transforms.events.words import Words

_NEAR = 2
_GOVERNS = 6
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
    if verb is None or (verb is trigger.light and announces(verb)):
        return _of_noun(words, trigger, scan, published)
    told = _of_verb(words, verb, scan)
    if told.tense == "present" and _is_ahead(nearest_date(words, trigger), published):
        return told._replace(tense="planned")
    return told


def _is_ahead(date: DateMention | None, published: str | None) -> bool:
    return bool(date and published and date.first_day and date.first_day > published)


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
    first = trigger.hit.first
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
    if _is_ahead(date, published):
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
        verb = scan.verb(index)
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
        verb = scan.verb(index)
        if verb:
            if verb.is_future:
                return "planned"
            return "past" if verb.form.tense == "perfect" else "present"
    return "unknown"
