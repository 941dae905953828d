"""Choose among the triggers of a sentence those that tell of an event, and how they tell it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from transforms.events.lexicon import Lexicon
from transforms.events.light_verbs import HEADS, gives_voice, light_verb, prepositions
from transforms.events.triggers import Hit, Scan
from transforms.events.words import Words

_REPEAT_REACH = 12
_COMPLEMENT_REACH = 4
_SPAN_WORDS = 7
"""A light verb and its noun make one trigger if no more words than this reach over both."""


class Trigger(NamedTuple):
    """Words [first, last) that tell of an event."""

    first: int
    last: int
    hit: Hit  # the verb or the noun that says what happened
    light: Hit | None  # the verb that carries the noun
    is_named: bool  # a name, a number or a preposition of its frame says whose event it is
    prompt: str  # "clear", or why it is less so: "definite", "buried", "bare"

    @property
    def kind(self) -> str:
        """Return what labels.TRIGGER_KINDS calls it."""
        if self.hit.is_verb:
            return "finite_verb"
        return "light_verb" if self.light else "event_noun"


def select(words: Words, scan: Scan, lexicon: Lexicon) -> list[Trigger]:
    """Return the triggers that tell of an event, in order."""
    chosen: list[Trigger] = []
    for hit in scan.triggers:
        if _is_in_name(words, hit) or _is_content(words, hit, chosen, scan):
            continue
        trigger = _verb(hit) if hit.is_verb else _noun(words, hit, scan, lexicon)
        if trigger and not _repeats(words, trigger, chosen):
            chosen.append(trigger)
    return chosen


def _is_in_name(words: Words, hit: Hit) -> bool:
    """Say whether a trigger is a part of a name that does not begin with it."""
    name = words.name(hit.first)
    if name is None:
        return False
    begins = hit.first == 0 or words.name(hit.first - 1) is not name
    return hit.is_verb or not begins or name.label in ("PER", "LOC")


_ASKING = frozenset({"REQUEST", "REJECT", "THREATEN", "AGREE"})
_CHARGING = "verb كلف"


def _is_asking(trigger: Trigger) -> bool:
    """Say whether what follows a trigger is asked for, refused or settled: not yet done."""
    row = trigger.hit.form.row
    return row.event_type in _ASKING or row.rule == _CHARGING


_TO = frozenset({"الي", "علي", "ان", "بان", "من"})


def _is_content(words: Words, hit: Hit, chosen: Sequence[Trigger], scan: Scan) -> bool:
    """Say whether a trigger is what the trigger before it asks for, refuses or threatens.

    That is told by the other's mode. A finite verb after "that" is kept: it has a factuality.
    """
    if not chosen or not _is_asking(chosen[-1]) or "standing" in hit.form.row.flags:
        return False
    asking = chosen[-1]
    types = {hit.form.row.event_type, asking.hit.form.row.event_type}
    if types == {"REQUEST"} and hit.first > asking.last + 1:
        return False
    between = range(asking.hit.last, hit.first)
    if any(words.is_clause_end(index) for index in between):
        return False
    if hit.is_verb:
        return not any(words.key(index) in ("ان", "بان") for index in between)
    if any(other.is_verb and other.first in between for other in scan.triggers):
        return False  # the object of a verb inside what is asked for: presupposed
    return bool(hit.preposition) or any(
        words.key(index) in _TO or words.key(index)[:1] in "لب" for index in between
    ) or asking.hit.form.row.event_type == "REJECT"


def _verb(hit: Hit) -> Trigger:
    return Trigger(hit.first, hit.last, hit, None, True, "clear")


def _noun(words: Words, hit: Hit, scan: Scan, lexicon: Lexicon) -> Trigger | None:
    """Return the trigger of an event noun, or None where it tells of no event of its own."""
    is_definite = hit.is_definite or hit.form.is_suffixed
    if is_definite and (
        words.key(hit.first - 1) in _DEMONSTRATIVES or "indefinite" in hit.form.row.flags
    ):
        return None
    light = light_verb(words, hit, scan)
    row = hit.form.row
    is_named = row.is_conditional or has_complement(words, hit, lexicon)
    if light and "voiced" in row.flags and not gives_voice(light):
        return None
    if light:
        first, last = min(light.first, hit.first), max(light.last, hit.last)
        if last - first > _SPAN_WORDS:
            first, last = hit.first, hit.last
        return Trigger(first, last, hit, light, is_named, "clear")
    prompt = _prompt(words, hit, scan, lexicon)
    if prompt is None or "light" in row.flags or (not is_named and _needs_complement(hit, prompt)):
        return None
    return Trigger(hit.first, hit.last, hit, None, is_named, prompt)


def _needs_complement(hit: Hit, prompt: str) -> bool:
    return bool(
        prompt != "clear" or hit.is_definite or hit.preposition or "weak" in hit.form.row.flags
    )


def has_complement(words: Words, hit: Hit, lexicon: Lexicon) -> bool:
    """Say whether what follows names whose event it is: a name, a number, a framed preposition."""
    roles = hit.form.row.roles
    for index in range(hit.last, hit.last + _COMPLEMENT_REACH):
        key = words.key(index)
        if words.is_clause_end(index):
            return False
        if words.name(index) or key[0].isdigit() or key in lexicon.words["COUNT"]:
            return True
        is_frame = (key in roles and key != "في") or (
            key[0] in roles and key not in lexicon.forms
        )
        if is_frame or any(key in lexicon.words[label] for label in ("TITLE", "BODY", "AREA")):
            return True
    return False


def _prompt(words: Words, hit: Hit, scan: Scan, lexicon: Lexicon) -> str | None:
    """Return how plainly a noun tells of an event, from the word before; None for not at all."""
    before = words.key(hit.first - 1)
    if before in lexicon.words["TOPIC"]:
        return "buried" if "standing" in hit.form.row.flags and before in _ENDING else None
    if hit.preposition in ("ل", "ك"):
        return None
    if hit.is_definite or hit.form.is_suffixed:
        is_adjunct = before in prepositions() and before not in lexicon.words["DONE"]
        if "standing" not in hit.form.row.flags and (
            is_adjunct or not _is_head(words, hit, scan, lexicon)
        ):
            return None
        return "definite"
    if hit.form.row.event_type == "CONSULT" and before in _ORIGINS:
        return None  # "issued by the summit": a body, not a meeting
    if _is_head(words, hit, scan, lexicon):
        return "clear"
    is_asking = hit.form.row.event_type == "REQUEST" and hit.form.row.is_conditional
    return "clear" if is_asking else None


def _is_head(words: Words, hit: Hit, scan: Scan, lexicon: Lexicon) -> bool:
    """Say whether a noun stands for itself, and is no genitive of a noun before it."""
    before = words.key(hit.first - 1)
    return bool(
        words.is_clause_end(hit.first - 1)
        or before in lexicon.words["DONE"]
        or before in prepositions()
        or hit.preposition
        or words.name(hit.first - 1)
        or words.key(hit.first).startswith("و")
        or _follows_verb(words, hit.first, scan)
        or before.startswith("ال")
    )


_ORIGINS = frozenset({"عن", "من", "علي"})
_DEMONSTRATIVES = frozenset({"هذا", "هذه", "ذلك", "تلك", "بهذا", "بهذه", "لهذا", "لهذه", "وهذه"})
_ENDING = frozenset({"انهاء", "لانهاء", "وانهاء", "وقف", "لوقف", "بوقف"})


def _follows_verb(words: Words, first: int, scan: Scan) -> bool:
    """Say whether the word before is a verb: one the lexicon knows, or one after "that"."""
    if first - 1 in scan.cues or any(hit.last == first and hit.is_verb for hit in scan.triggers):
        return True
    return (
        words.key(first - 2) in ("ان", "قد", "لم", "لن") or words.key(first - 1) in HEADS
        or looks_finite(words, first - 1)
    )


_VERB_LETTERS = 4
_NO_VERBS = ("ات", "بيت", "وقت", "صوت", "نت")


def looks_finite(words: Words, index: int) -> bool:
    """Say whether a word that no list knows has the shape of a finite verb: رصدت, يبحث."""
    key = words.key(index)
    if len(key) < _VERB_LETTERS or words.name(index) or not key.isalpha():
        return False
    if key.endswith("ت"):
        return not key.endswith(_NO_VERBS) and not key.startswith("ال")
    return key[0] == "ي" and not key.startswith(("يوم", "يهود", "يمين", "يسار", "يمن"))


def _repeats(words: Words, trigger: Trigger, chosen: Sequence[Trigger]) -> bool:
    """Say whether a noun only names again what the verb just before it told."""
    if not chosen:
        return False
    earlier = chosen[-1]
    if trigger.first < earlier.last:
        return True
    if trigger.hit.is_verb:
        return _describes(words, earlier, trigger)
    if trigger.light:
        return False
    row, other = trigger.hit.form.row, earlier.hit.form.row
    if any(
        sought._replace(letters=()).stand_at(words.keys, trigger.hit.first)
        for sought in (other.wanted, other.wanted_next)
    ):
        return not any(words.is_clause_end(index) for index in _between(earlier, trigger))
    return (
        (row.event_type, row.extension_type) == (other.event_type, other.extension_type)
        and trigger.first - earlier.last < _REPEAT_REACH
        and earlier.hit.is_verb
        and not any(words.is_clause_end(index) for index in _between(earlier, trigger))
    )


_DESCRIBES_WITHIN = 2


def _describes(words: Words, noun: Trigger, verb: Trigger) -> bool:
    """Say whether a verb only goes on about the noun before it: "an attack that targeted"."""
    return (
        not noun.hit.is_verb
        and noun.hit.form.row.event_type == verb.hit.form.row.event_type == "ASSAULT"
        and verb.first - noun.last <= _DESCRIBES_WITHIN
        and not any(words.is_clause_end(index) for index in _between(noun, verb))
        and not words.key(verb.first).startswith("و")
    )


def _between(one: Trigger, other: Trigger) -> Iterator[int]:
    return iter(range(one.last, other.first))
