"""Make one event of two triggers of a sentence that tell of the same: the harm and its cause."""

from collections.abc import Sequence

from transforms.events.trigger_selection import Trigger
from transforms.events.words import Words

_CAUSE_REACH = 22
_OUTWEIGHS = 2
_CAUSES = ("ACCIDENT", "DISASTER")


def merge(words: Words, triggers: Sequence[Trigger]) -> list[Trigger]:
    """Return the triggers with every harm and its cause made one.

    "12 killed in an air raid" is one assault, told by its first trigger, with the mode of the
    raid; "12 killed in a road accident" is one accident. Two harms in a row are one, and so are a
    verb and its object that say the same: "hosts a conference".
    """
    kept: list[Trigger] = []
    for trigger in triggers:
        earlier = kept[-1] if kept else None
        if earlier and _belong(words, earlier, trigger):
            kept[-1] = _joined(earlier, trigger)
        elif earlier and _says_again(earlier, trigger):
            continue
        else:
            kept.append(trigger)
    return kept


def with_cause(triggers: Sequence[Trigger], cause: str | None) -> list[Trigger]:
    """Return the triggers with every harm that names no cause given that of its story."""
    if cause is None:
        return list(triggers)
    return [
        _of_cause(trigger, cause) if is_harm(trigger) and "merged" not in _flags(trigger)
        else trigger
        for trigger in triggers
    ]


def story_cause(triggers: Sequence[Trigger]) -> str | None:
    """Return the disaster or accident that a story tells of, if it hardly tells of assaults."""
    causes = [trigger for trigger in triggers if is_cause(trigger) and not is_harm(trigger)]
    kinds = [trigger.hit.form.row.extension_type for trigger in causes]
    told = max(dict.fromkeys(kinds), key=kinds.count, default=None)
    return told if kinds.count(told) > _OUTWEIGHS * kinds.count(None) else None


def _of_cause(trigger: Trigger, cause: str) -> Trigger:
    row = trigger.hit.form.row._replace(event_type=None, mode=None, extension_type=cause)
    return trigger._replace(hit=trigger.hit._replace(form=trigger.hit.form._replace(row=row)))


def _flags(trigger: Trigger) -> frozenset[str]:
    return trigger.hit.form.row.flags


def is_harm(trigger: Trigger) -> bool:
    """Say whether a trigger tells only that people were harmed, not by what."""
    return "harm" in trigger.hit.form.row.flags


def is_cause(trigger: Trigger) -> bool:
    """Say whether a trigger tells of what may harm people."""
    row = trigger.hit.form.row
    return row.event_type == "ASSAULT" or row.extension_type in _CAUSES


def _belong(words: Words, one: Trigger, other: Trigger) -> bool:
    if not (is_harm(one) or is_harm(other)) or not (
        (is_harm(one) or is_cause(one)) and (is_harm(other) or is_cause(other))
    ):
        return False
    if other.first - one.last > _CAUSE_REACH:
        return False
    return not any(words.key(index) in (".", "؛", ":") for index in range(one.last, other.first))


def _says_again(verb: Trigger, noun: Trigger) -> bool:
    """Say whether a noun is carried by a verb that tells of the same by itself."""
    one, other = verb.hit.form.row, noun.hit.form.row
    return (
        noun.light is not None and noun.light.first == verb.hit.first
        and (one.event_type, one.extension_type) == (other.event_type, other.extension_type)
    )


def _joined(one: Trigger, other: Trigger) -> Trigger:
    """Return one trigger for two: the cause says of what kind, the first says where."""
    if is_harm(one) and is_harm(other):
        return one
    harm, cause = (one, other) if is_harm(one) else (other, one)
    row, told = cause.hit.form.row, harm.hit.form.row
    form = one.hit.form._replace(row=one.hit.form.row._replace(
        event_type=row.event_type, extension_type=row.extension_type, mode=row.mode or told.mode,
        flags=one.hit.form.row.flags | {"merged"},
    ))
    return one._replace(hit=one.hit._replace(form=form))
