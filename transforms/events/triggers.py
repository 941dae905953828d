"""Find the triggers and cues of a sentence: one look-up of each word in one table of forms."""

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from typing import NamedTuple

from transforms.events.lexicon import Form, load_lexicon
from transforms.events.trigger_conditions import holds
from transforms.events.word_patterns import Expressions, is_at
from transforms.events.words import Words

_AHEAD, _VERB_AHEAD = 8, 12
"""How many words after a trigger are read for what it asks for; a verb's subject may come first.
"""

_NEAR = 3
_WORDS_KEPT = 65_536


class Hit(NamedTuple):
    """A form of the lexicon in a sentence: words [first, last)."""

    first: int
    last: int
    form: Form
    preposition: str  # what is attached before it: ب, ل, ك or nothing
    is_definite: bool
    is_future: bool  # س before an imperfect
    is_purpose: bool  # ل before an imperfect

    @property
    def is_verb(self) -> bool:
        """Say whether this is a finite verb."""
        return self.form.part == "verb"


class _Reading(NamedTuple):
    """A word without what may be attached before it."""

    key: str
    preposition: str
    is_definite: bool
    is_future: bool
    is_purpose: bool


class Scan(NamedTuple):
    """The triggers of a sentence in order, none overlapping another, and all its cues by word."""

    triggers: Sequence[Hit]
    cues: Mapping[int, Sequence[Hit]]

    def cue(self, index: int, *labels: str) -> Hit | None:
        """Return a cue with one of the labels at a word."""
        return next((hit for hit in self.cues.get(index, ()) if hit.form.row.cue in labels), None)

    def verb(self, index: int) -> Hit | None:
        """Return the finite verb that the lexicon knows at a word."""
        hits = (*self.cues.get(index, ()), *self.triggers)
        return next((hit for hit in hits if hit.first == index and hit.is_verb), None)


def scan(words: Words) -> Scan:
    """Return the triggers and cues of a sentence.

    Linear in the sentence: a few look-ups a word, and a bounded look around each that succeeds.
    """
    triggers: list[Hit] = []
    cues: dict[int, list[Hit]] = {}
    verbs: set[int] = set()
    free = 0
    for index, word in enumerate(words.words):
        if not _candidates(word.key):
            continue
        hits = list(hits_at(words, index))
        cues[index] = [hit for hit in hits if hit.form.row.cue and is_allowed(words, hit)]
        if any(hit.is_verb for hit in cues[index]):
            verbs.add(index)
        trigger = _trigger(words, hits, verbs, free) if index >= free and hits else None
        if trigger:
            triggers.append(trigger)
            free = trigger.last
            if trigger.is_verb:
                verbs.add(index)
    return Scan(triggers, {index: found for index, found in cues.items() if found})


def hits_at(words: Words, index: int) -> Iterator[Hit]:
    """Yield every way to read the word at `index` as a trigger or cue, the best first."""
    for reading, form in _candidates(words.words[index].key):
        if form.is_suffixed and words.ends_in_teh_marbuta(index):
            continue
        if not form.rest or is_at(form.rest, words.keys, index + 1):
            yield Hit(index, index + 1 + len(form.rest), form, *reading[1:])


@lru_cache(maxsize=_WORDS_KEPT)
def _candidates(key: str) -> tuple[tuple[_Reading, Form], ...]:
    """Return the forms that a word may be: the same wherever it stands, so kept."""
    lexicon = load_lexicon()
    if key in lexicon.never:
        return ()
    return tuple(
        (reading, form)
        for reading in _readings(key)
        for form in lexicon.forms.get(reading.key, ())
        if _fits(reading, form)
    )


def _trigger(
    words: Words, hits: Sequence[Hit], verbs: Set[int], free: int
) -> Hit | None:
    """Return the reading of a word that holds as a trigger here; the last one ended at `free`."""
    index = hits[0].first
    allowed = [hit for hit in hits if not hit.form.row.cue and is_allowed(words, hit)]
    if any(hit.is_verb for hit in allowed) and words.is_dated(index):
        allowed = [hit for hit in allowed if not hit.is_verb]
    if len({hit.is_verb for hit in hits}) > 1 and allowed and not allowed[0].form.rest:
        is_noun = (free == index > 0) or in_noun_position(words, index, verbs)
        allowed = [hit for hit in allowed if hit.is_verb != is_noun]
    return allowed[0] if allowed else None


def _readings(key: str) -> Iterator[_Reading]:
    """Yield a word as it stands, then without conjunction, future sign, preposition, article."""
    yield _Reading(key, "", False, False, False)
    yield from _bare(key)
    if key[0] in "وف" and len(key) > _NEAR:
        yield _Reading(key[1:], "", False, False, False)
        yield from _bare(key[1:])


def _bare(key: str) -> Iterator[_Reading]:
    if len(key) <= _NEAR:
        return
    if key[0] == "س" and key[1] in "يتن":
        yield _Reading(key[1:], "", False, True, False)
    elif key[:2] == "ال":
        yield _Reading(key[2:], "", True, False, False)
    elif key[:2] == "لل":
        yield _Reading(key[2:], "ل", True, False, False)
    elif key[0] in "بلك":
        if key[1:3] == "ال":
            yield _Reading(key[3:], key[0], True, False, False)
        yield _Reading(key[1:], key[0], False, False, key[0] == "ل" and key[1] in "يتن")


def _fits(reading: _Reading, form: Form) -> bool:
    """Say whether what is attached suits the part of speech."""
    if form.part != "verb":
        return not reading.is_future and not (form.is_suffixed and reading.is_definite)
    if reading.is_definite or (reading.preposition and not reading.is_purpose):
        return False
    return form.tense == "imperfect" or not (reading.is_future or reading.is_purpose)


def is_allowed(words: Words, hit: Hit) -> bool:
    """Say whether the words around a hit are those that its row asks for."""
    row, keys = hit.form.row, words.keys
    if row.barred and (
        row.barred.stand_at(keys, hit.last)
        or (not words.is_clause_end(hit.last) and row.barred.stand_at(keys, hit.last + 1))
    ):
        return False
    if row.barred_next.stand_at(keys, hit.last) or row.barred_before.end_at(keys, hit.first):
        return False
    if row.barred_ahead and _within(words, hit.last, _AHEAD, row.barred_ahead):
        return False
    if not row.is_conditional:
        return True
    near, reach = (_NEAR, _VERB_AHEAD) if hit.is_verb else (2, _AHEAD)
    return bool(
        (row.wanted_next and _within(words, hit.last, near, row.wanted_next))
        or (row.wanted and _within(words, hit.last, reach, row.wanted))
        or any(holds(kind, words, hit.first, hit.last) for kind in row.wanted_kinds)
    )


def _within(words: Words, start: int, count: int, sought: Expressions) -> bool:
    """Say whether an expression begins in the `count` words from `start`, before a full stop."""
    keys = words.keys
    for index in range(start, min(start + count, len(keys))):
        if keys[index] in _STOPS:
            return False
        if sought.stand_at(keys, index):
            return True
    return False


_STOPS = frozenset({".", "؛", ":", "؟", "!", ""})



def in_noun_position(words: Words, index: int, verbs: Set[int]) -> bool:
    """Say whether a word that may be verb or noun stands where only a noun can.

    That is after a preposition or a noun that takes a genitive, or as the object of a verb
    before it in the clause, with no "that" between.
    """
    before = words.key(index - 1)
    if before in load_lexicon().words["NOUN_AFTER"] or before in load_lexicon().words["TOPIC"]:
        return True
    for step in range(index - 1, max(-1, index - 1 - _AHEAD), -1):
        if words.key(step) in _SUBORDINATORS or (
            words.is_clause_end(step) and not words.is_around_date(step)
        ):
            return False
        if step in verbs:
            return not _is_joined(words.key(index))
    return False


def _is_joined(key: str) -> bool:
    """Say whether "and" is attached to a word, so that it may begin a clause of its own."""
    return key[0] in "وف" and bool(_candidates(key[1:]))


_SUBORDINATORS = frozenset({"ان", "انه", "انها", "انهم", "الذي", "التي", "الذين", "حيث"})
