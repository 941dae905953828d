"""Name who does what is told without its subject: "at the hands of", "by fire of", "launched by".
"""

from schemas.records import Mention
from transforms.clitics import without_conjunction
from transforms.events.lexicon import load_lexicon
from transforms.events.name_phrases import REACH, attached_name, is_nationality, next_name
from transforms.events.trigger_selection import Trigger
from transforms.events.words import Words

_PHRASES = (("علي", "يد"), ("علي", "ايدي"), ("من", "قبل"), ("من", "جانب"), ("بقياده",),
            ("بايدي",), ("بيد",), ("برئاسه",))
_STOPS = frozenset({".", "؛"})
_BETWEEN = frozenset({"جوي", "جويه", "بري", "بريه", "مدفعي", "مدفعيه", "صاروخي", "صاروخيه",
                      "مسيره", "عسكريه", "عنيف", "عنيفه", "حي"})
"""What stands between the means and whose they are: "غارة جوية إسرائيلية"."""


def agent_phrase(words: Words, trigger: Trigger) -> tuple[Mention, str] | None:
    """Return who stands after "by", "at the hands of", "led by", "which … launched"."""
    doing = load_lexicon().words["DOER"]
    for index in range(trigger.last, min(len(words.words), trigger.last + 2 * REACH)):
        if words.key(index) in _STOPS:
            break
        for phrase in _PHRASES:
            if tuple(words.key(index + step) for step in range(len(phrase))) == phrase:
                return _named(next_name(words, index + len(phrase)), "agent_phrase")
        if words.key(index) in doing and trigger.hit.form.row.event_type == "ASSAULT":
            return _named(next_name(words, index + 1), "agent_verb")
    return None


def _named(name: Mention | None, rule: str) -> tuple[Mention, str] | None:
    return (name, rule) if name else None


def means(words: Words, trigger: Trigger, *, is_known: bool) -> tuple[Mention, str] | None:
    """Return whose fire, raid or shelling harms somebody: "مقتل ثلاثة في غارة إسرائيلية".

    Args:
        is_known: The verb has a subject already.
    """
    if is_known or "harm" not in trigger.hit.form.row.flags:
        return None
    if trigger.hit.form.row.event_type != "ASSAULT":
        return None
    for index in range(trigger.last, min(len(words.words), trigger.last + 2 * REACH)):
        if words.key(index) in _STOPS:
            return None
        if without_conjunction(words.key(index)) in load_lexicon().words["MEANS"]:
            return _named(_owner(words, index + 1), "means")
    return None


def _owner(words: Words, index: int) -> Mention | None:
    """Return whose the means before a word are: a nationality, a body, or behind "ل"."""
    while words.key(index) in _BETWEEN:
        index += 1
    name = words.name(index)
    if name and (is_nationality(name) or name.label == "ORG"):
        return name
    if words.key(index) in load_lexicon().words["BODY"]:
        return next_name(words, index)
    return attached_name(words, index) if words.key(index)[:1] == "ل" else None
