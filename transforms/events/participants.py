"""Say who does an event and to whom, where a pattern of words shows it; never guess."""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.records import Mention
from transforms.events.lexicon import load_lexicon
from transforms.events.name_phrases import (
    REACH,
    attached_name,
    head,
    is_nationality,
    joined,
    next_name,
    phrase_ends,
    phrase_names,
)
from transforms.events.trigger_selection import Trigger
from transforms.events.triggers import Scan
from transforms.events.words import Words

_AGENT_PHRASES = (("علي", "يد"), ("علي", "ايدي"), ("من", "قبل"), ("من", "جانب"), ("بقياده",),
                  ("بايدي",), ("بيد",), ("برئاسه",))


class Slot(NamedTuple):
    """Names that take a part in an event, and the pattern that says so."""

    names: Sequence[Mention]
    rule: str | None


class Parts(NamedTuple):
    """Who does it, to whom, and the other names of the sentence."""

    actors: Slot
    recipients: Slot
    others: Sequence[Mention]


NOBODY = Slot((), None)


def parts(words: Words, trigger: Trigger, scan: Scan) -> Parts:
    """Return the parts that names of the sentence take in an event."""
    roles = trigger.hit.form.row.roles
    fill = _verb_parts if trigger.hit.is_verb else _noun_parts
    subject, recipients = fill(words, trigger, scan)
    agent = _agent_phrase(words, trigger)
    actors = agent if agent.names else subject
    framed = _framed(words, trigger, roles, taken=(*actors.names, *recipients.names))
    acts = framed.rule == "between" or (framed.rule == "preposition_ل" and "actor=ل" in roles)
    if acts and not actors.names:
        actors = framed
    elif not acts and not recipients.names:
        recipients = framed
    told = [name for name in recipients.names if name not in actors.names]
    recipients = Slot(told, recipients.rule) if told else NOBODY
    taken = {name.mention_id for slot in (actors, recipients) for name in slot.names}
    others = [name for name in words.names if name.mention_id not in taken]
    return Parts(actors, recipients, others)


def _agent_phrase(words: Words, trigger: Trigger) -> Slot:
    """Return who stands after "by", "at the hands of", "led by"."""
    for index in range(trigger.last, min(len(words.words), trigger.last + 2 * REACH)):
        if words.key(index) in (".", "؛"):
            break
        for phrase in _AGENT_PHRASES:
            if tuple(words.key(index + step) for step in range(len(phrase))) == phrase:
                name = next_name(words, index + len(phrase))
                return Slot((name,), "agent_phrase") if name else NOBODY
    return NOBODY


def _verb_parts(words: Words, trigger: Trigger, scan: Scan) -> tuple[Slot, Slot]:
    roles = trigger.hit.form.row.roles
    before = _subject_before(words, trigger.first)
    phrase = list(phrase_names(words, trigger.last, scan))
    if "passive" in roles:
        patient = head(words, trigger.last, phrase)
        return NOBODY, _slot(patient or before, "passive_subject")
    if "either" in roles:
        return _either(words, trigger, before, phrase)
    if before:
        objects = [name for _, name in phrase[:1]] if "obj" in roles else []
        subjects = (*_joined_before(words, before), before)
        return Slot(subjects, "svo"), _slot(objects[0] if objects else None, "object")
    subject = head(words, trigger.last, phrase)
    if subject is None and not phrase:
        return _shared_subject(words, trigger, scan), NOBODY
    if subject is None:
        places = [name for _, name in phrase if name.label == "LOC"]
        is_visit = trigger.hit.form.row.mode == "visit" and "obj" in roles
        return NOBODY, _slot(places[0] if places and is_visit else None, "object")
    if trigger.hit.form.is_suffixed:
        return Slot((subject,), "vso"), NOBODY
    rest = [name for index, name in phrase if name.start > subject.start]
    rest = [
        name for name in rest
        if not is_nationality(name) and _touches(words, subject, name)
    ]
    return Slot((subject,), "vso"), _slot(rest[0] if rest and "obj" in roles else None, "object")


def _shared_subject(words: Words, trigger: Trigger, scan: Scan) -> Slot:
    """Return who does what an "and" joins to the verb before: "X visited … and spoke with …".

    Only where a preposition follows at once, so that no subject of its own does, and where both
    verbs have the same ending and tense.
    """
    verb = trigger.hit
    following = words.key(verb.last)
    if not words.key(verb.first).startswith("و") or not (
        following in phrase_ends() or following[:2] in ("بال", "لل") or following[:1] == "ب"
    ):
        return NOBODY
    earlier = [hit for hit in scan.triggers if hit.is_verb and hit.first < verb.first]
    if not earlier or verb.first - earlier[-1].last > 2 * REACH:
        return NOBODY
    before = earlier[-1]
    is_alike = words.key(before.first).endswith("ت") == words.key(verb.first).endswith("ت")
    if not is_alike or before.form.tense != verb.form.tense or (
        before.form.row.roles & {"passive", "either"}
    ):
        return NOBODY
    phrase = list(phrase_names(words, before.last, scan))
    name = _subject_before(words, before.first) or head(words, before.last, phrase)
    return _slot(name, "shared_subject")


def _either(
    words: Words, trigger: Trigger, before: Mention | None, phrase: list[tuple[int, Mention]]
) -> tuple[Slot, Slot]:
    """Return the parts of a verb that unpointed spelling leaves active or passive."""
    names = [name for _, name in phrase]
    if before:
        return Slot((before,), "svo"), _slot(names[0] if names else None, "object")
    body = words.key(trigger.last) in load_lexicon().words["BODY"]
    if body and names:
        return Slot((names[0],), "vso_body"), _slot(names[1] if names[1:] else None, "object")
    if names and names[0].label == "PER":
        return NOBODY, Slot((names[0],), "passive_subject")
    return NOBODY, NOBODY


def _slot(name: Mention | None, rule: str) -> Slot:
    return Slot((name,), rule) if name else NOBODY


def _touches(words: Words, subject: Mention, name: Mention) -> bool:
    """Say whether only offices, bodies, adjectives and a date stand between a subject and a name,
    so that the name is the object and no genitive inside one."""
    lists = load_lexicon().words
    between = [
        word.key for index, word in enumerate(words.words)
        if subject.end <= word.start < name.start and not words.is_dated(index)
    ]
    return all(
        key in lists["TITLE"] or key in lists["BODY"] or key in lists["AREA"]
        or (key.startswith("ال") and step > 0)
        for step, key in enumerate(between)
    )


_OPENERS = frozenset({"ان", "وان", "كما", "لكن", "فيما", "بينما", "حيث", "بان", "و", "قد", "كان",
                      "كانت", "وكان", "وكانت", "وقد", "لم", "لن", "سوف"})


def _subject_before(words: Words, first: int) -> Mention | None:
    """Return the name right before a verb that begins its clause: "X said"."""
    index = first - 1
    while words.key(index) in ("قد", "لم", "لن", "سوف", "كان", "كانت", "لا"):
        index -= 1
    name = words.name(index)
    if name is None or words.key(first).startswith(("و", "ف")):
        return None
    start = index
    while start > 0 and words.name(start - 1) is not None:
        start -= 1
    lists = load_lexicon().words
    while start > 0 and (
        words.key(start - 1) in lists["TITLE"] or words.key(start - 1) in lists["BODY"]
        or (words.key(start - 1).startswith("ال") and index - start < REACH)
    ):
        start -= 1
    if words.is_clause_end(start - 1) or words.key(start - 1) in _OPENERS:
        return name
    return None


def _joined_before(words: Words, subject: Mention) -> Sequence[Mention]:
    """Return the name that "and" joins to a subject right after it: "Egypt and Turkey signed"."""
    first = next(
        index for index in range(len(words.words)) if words.name(index) is subject
    )
    before = words.name(first - 1)
    if before and before.label == subject.label and words.key(first).startswith("و"):
        return (before,)
    return ()


def _noun_parts(words: Words, trigger: Trigger, scan: Scan) -> tuple[Slot, Slot]:
    hit = trigger.hit
    roles = hit.form.row.roles
    subject, objects = NOBODY, NOBODY
    if trigger.light and trigger.light.first < hit.first:
        before = _subject_before(words, trigger.light.first)
        phrase = [pair for pair in phrase_names(words, trigger.light.last, scan)
                  if pair[0] < hit.first]
        name = before or head(words, trigger.light.last, phrase)
        subject = _slot(name, "light_verb_subject")
    after = list(phrase_names(words, hit.last, scan))
    if not after or after[0][0] > hit.last + _TITLE_WORDS:
        return subject, objects
    index, name = after[0]
    if index > hit.last and words.key(hit.last) not in load_lexicon().words["TITLE"] and (
        words.key(hit.last) not in load_lexicon().words["BODY"]
    ):
        return subject, objects
    if is_nationality(name) and index == hit.last:
        return (Slot((name,), "noun_nationality") if not subject.names else subject), objects
    person = head(words, hit.last, after)
    if "gen=recipient" in roles:
        return subject, _slot(person, "noun_genitive")
    if "gen=actor" in roles and not hit.is_definite and not subject.names:
        return _slot(person, "noun_genitive"), objects
    return subject, objects


_TITLE_WORDS = 4


def _framed(
    words: Words, trigger: Trigger, roles: frozenset[str], *, taken: Sequence[Mention]
) -> Slot:
    """Return the names that the trigger's own preposition introduces."""
    seen = {name.mention_id for name in taken}
    for index in range(trigger.hit.last, min(len(words.words), trigger.hit.last + REACH)):
        key = words.key(index)
        if key in (".", "؛", "،", ":"):
            break
        name = words.name(index)
        attached = key[0] if key[:1] in ("ل", "ب") and (
            key[0] in roles or f"actor={key[0]}" in roles
        ) else ""
        if key in roles and key != "في":  # that is where it happens
            name, start = next_name(words, index + 1), index + 1
        elif attached:
            name, start = attached_name(words, index), index
        else:
            continue
        if name and name.mention_id not in seen:
            rule = {"مع": "with", "بين": "between"}.get(key, f"preposition_{key}")
            rule = f"preposition_{attached}" if attached else rule
            names = [name, *joined(words, start, name)] if rule == "between" else [name]
            return Slot(names, rule)
    return NOBODY
