"""Say who does an event and to whom, where a pattern of words shows it; never guess."""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.records import Mention
from transforms.events.agents import agent_phrase, means
from transforms.events.lexicon import load_lexicon
from transforms.events.name_phrases import (
    REACH,
    after_time,
    attached_name,
    head,
    holder,
    is_nationality,
    joined,
    next_name,
    phrase_names,
)
from transforms.events.subjects import (
    agrees,
    antecedent,
    apart,
    joined_before,
    shared_subject,
    speaker,
    subject_before,
)
from transforms.events.trigger_selection import Trigger
from transforms.events.triggers import Scan
from transforms.events.words import Words


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
    agent = agent_phrase(words, trigger) or means(words, trigger, is_known=bool(subject.names))
    actors = Slot((agent[0],), agent[1]) if agent else subject
    framed = _framed(words, trigger, roles, taken=(*actors.names, *recipients.names))
    acts = framed.rule == "between" or (
        framed.rule == "preposition_ل" and ("actor=ل" in roles or _is_fire(words, trigger)))
    if acts and not actors.names:
        actors = framed
    elif not acts and not recipients.names:
        recipients = framed
    told = [name for name in recipients.names if name not in actors.names]
    recipients = Slot(told, recipients.rule) if told else NOBODY
    taken = {name.mention_id for slot in (actors, recipients) for name in slot.names}
    others = [name for name in words.names if name.mention_id not in taken]
    return Parts(actors, recipients, others)


def _is_fire(words: Words, trigger: Trigger) -> bool:
    """Say whether a noun is a raid or a shelling, which is its owner's: "قصف لقوات النظام"."""
    hit = trigger.hit
    return hit.last == hit.first + 1 and not hit.is_verb and (
        words.key(hit.first) in load_lexicon().words["MEANS"])


def _verb_parts(words: Words, trigger: Trigger, scan: Scan) -> tuple[Slot, Slot]:
    roles = trigger.hit.form.row.roles
    before = subject_before(words, trigger.first)
    start = after_time(words, trigger.last)
    phrase = list(phrase_names(words, start, scan))
    if "passive" in roles:
        patient = head(words, start, phrase) or before or antecedent(words, trigger.hit)
        return NOBODY, _slot(patient, "passive_subject")
    if "either" in roles:
        return _either(words, trigger, before, phrase)
    if before:
        objects = [name for _, name in phrase[:1]] if "obj" in roles else []
        subjects = (*joined_before(words, before), before)
        return Slot(subjects, "svo"), _slot(objects[0] if objects else None, "object")
    subject = holder(words, start) or head(words, start, phrase)
    if subject and not agrees(words, trigger.hit, start, subject):
        return _distant(words, trigger, scan), _slot(subject if "obj" in roles else None, "object")
    if subject is None:
        return _without_subject(words, trigger, scan, phrase)
    if trigger.hit.form.is_suffixed:
        return Slot((subject,), "vso"), NOBODY
    rest = [name for index, name in phrase if name.start > subject.start]
    rest = [
        name for name in rest
        if not is_nationality(name) and _touches(words, subject, name)
    ]
    return Slot((subject,), "vso"), _slot(rest[0] if rest and "obj" in roles else None, "object")


def _without_subject(
    words: Words, trigger: Trigger, scan: Scan, phrase: Sequence[tuple[int, Mention]]
) -> tuple[Slot, Slot]:
    """Return the parts of a verb that no subject of its own follows."""
    actor = _distant(words, trigger, scan)
    roles = trigger.hit.form.row.roles
    if not actor.names and not phrase:
        return _slot(shared_subject(words, trigger.hit, scan), "shared_subject"), NOBODY
    places = [name for _, name in phrase if name.label == "LOC"]
    is_visit = trigger.hit.form.row.mode == "visit" and "obj" in roles
    goal = places[0] if places and is_visit else None
    return actor, _slot(goal, "object")


def _distant(words: Words, trigger: Trigger, scan: Scan) -> Slot:
    """Return the subject that a pronoun before the verb stands for."""
    relative = None if trigger.hit.form.is_suffixed else antecedent(words, trigger.hit)
    if relative:
        return Slot((relative,), "relative")
    name = speaker(words, trigger.hit, scan) or apart(words, trigger.first, scan)
    return _slot(name, "pronoun")


def _either(
    words: Words, trigger: Trigger, before: Mention | None, phrase: list[tuple[int, Mention]]
) -> tuple[Slot, Slot]:
    """Return the parts of a verb that unpointed spelling leaves active or passive."""
    names = [name for _, name in phrase]
    if before is None and not names and (relative := antecedent(words, trigger.hit)):
        return NOBODY, Slot((relative,), "passive_subject")
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


_UNDERGOING = frozenset({"verb تعرض", "verb تلقى"})
"""Light verbs whose subject is who something is done to: "was exposed to criticism"."""


def _noun_parts(words: Words, trigger: Trigger, scan: Scan) -> tuple[Slot, Slot]:
    hit = trigger.hit
    roles = hit.form.row.roles
    subject, objects = NOBODY, NOBODY
    if trigger.light and trigger.light.first < hit.first:
        before = subject_before(words, trigger.light.first)
        phrase = [pair for pair in phrase_names(words, trigger.light.last, scan)
                  if pair[0] < hit.first]
        start = after_time(words, trigger.light.last)
        name = before or holder(words, start, hit.first) or head(words, start, phrase)
        if trigger.light.form.row.rule in _UNDERGOING:
            objects = _slot(name, "passive_subject")
        else:
            subject = _slot(name, "light_verb_subject")
    after = list(phrase_names(words, hit.last, scan))
    if not after or after[0][0] > hit.last + _TITLE_WORDS:
        return subject, objects
    index, name = after[0]
    if is_nationality(name) and index == hit.last + _has_adjective(words, hit.last, name):
        return (Slot((name,), "noun_nationality") if not subject.names else subject), objects
    if index > hit.last and words.key(hit.last) not in load_lexicon().words["TITLE"] and (
        words.key(hit.last) not in load_lexicon().words["BODY"]
    ):
        return subject, objects
    person = head(words, hit.last, after)
    if "gen=recipient" in roles:
        return subject, _slot(person, "noun_genitive")
    if "gen=actor" in roles and not hit.is_definite and not subject.names:
        return _slot(person, "noun_genitive"), objects
    return subject, objects


_TITLE_WORDS = 4


def _has_adjective(words: Words, index: int, name: Mention) -> bool:
    """Say whether one adjective stands before that of a nationality: "غارات جوية إسرائيلية"."""
    key = words.key(index)
    is_indefinite = not name.surface.startswith("ال") and not key.startswith("ال")
    return is_indefinite and words.name(index) is None and key.endswith(("يه", "ي", "يا"))


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
