"""Find the light verb that carries an event noun: "held a meeting", "the war broke out"."""

from transforms.events.lexicon import load_lexicon
from transforms.events.triggers import Hit, Scan
from transforms.events.words import Words

_REACH, _HEAD_REACH = 8, 14
_VOICED = frozenset(
    f"verb {verb}" for verb in ("أعرب", "عبر", "أعلن", "أبدى", "جدد", "أكد")
)
"""Verbs by which one gives one's support or regret."""
_ANNOUNCE = "verb أعلن"
_ANNOUNCING = frozenset({_ANNOUNCE, "verb أكد", "verb جدد"})
_MEASURES = frozenset({"جوله", "سلسله", "موجه", "عددا", "عدد", "مزيد"})
HEADS = frozenset({"ان", "وان", "كان", "وكان", "كانت", "وكانت", "بان", "لكن", "بينما", "فيما"})
"""Words after which a clause begins with its subject."""


def light_verb(words: Words, hit: Hit, scan: Scan) -> Hit | None:
    """Return the light verb that carries an event noun, before or after it."""
    return _before(words, hit, scan) or _after(words, hit, scan)


def announces(light: Hit) -> bool:
    """Say whether a light verb tells of a saying, which may come before or after the deed."""
    return light.form.row.rule == _ANNOUNCE


def gives_voice(light: Hit) -> bool:
    """Say whether a light verb tells that somebody expresses something."""
    return light.form.row.rule in _VOICED


def heads_clause(words: Words, first: int) -> bool:
    """Say whether a word begins a clause."""
    return words.is_clause_end(first - 1) or words.key(first - 1) in HEADS


def _before(words: Words, hit: Hit, scan: Scan) -> Hit | None:
    """Return the light verb whose object or subject the noun is."""
    governor = hit.preposition or _preposition_before(words, hit.first)
    is_measured = False
    for index in range(hit.first - 1, max(-1, hit.first - 1 - _REACH), -1):
        if words.is_clause_end(index) and not (
            words.key(index) in "\"«»“”" or words.is_around_date(index)
        ):
            return None
        cue = scan.cue(index, "LIGHT")
        if words.key(index) in _MEASURES and governor == "من":
            governor, is_measured = "", True  # "a round of talks" is talks
        if cue and _governs(cue, governor) and _carries(cue, hit):
            return cue if governor or is_measured or _is_object(words, cue, hit) else None
        if cue or any(other.first == index for other in scan.triggers if other is not hit):
            return None
    return None


_ANNOUNCED = frozenset({"RETREAT", "SUPPORT", "AGREE", "SANCTION", "CONCEDE"})


def _carries(light: Hit, hit: Hit) -> bool:
    """Say whether who announces something does it thereby; a ministry that announces a death
    does not."""
    row = hit.form.row
    return light.form.row.rule not in _ANNOUNCING or (
        row.event_type in _ANNOUNCED or "light" in row.flags or row.mode == "strike"
    )


def _governs(light: Hit, governor: str) -> bool:
    """Say whether a light verb takes its noun by this preposition, or by none."""
    roles = light.form.row.roles
    return governor in roles if governor else not roles or "obj" in roles


def _is_object(words: Words, light: Hit, hit: Hit) -> bool:
    """Say whether a noun is the verb's own object, and not a genitive of it ("breach of a truce").

    One indefinite word between them makes the noun a genitive, unless its ending says otherwise.
    """
    between = range(light.last, hit.first)
    if not between or words.key(hit.first).endswith("ا"):
        return True
    if len(between) > 1 and not hit.is_definite:
        return True
    lists = load_lexicon().words
    key = words.key(between[-1])
    if key in lists["TOPIC"]:
        return False
    return (
        words.name(between[-1]) is not None or key.startswith("ال") or key.endswith(("ون", "ين"))
        or key in lists["DONE"] or key in lists["BODY"] or key in lists["TITLE"]
        or not key.isalpha()
    )


def prepositions() -> frozenset[str]:
    """Return the prepositions that make a noun after them an adjunct."""
    return load_lexicon().words["PREPOSITION"]


def _preposition_before(words: Words, first: int) -> str:
    key = words.key(first - 1)
    return key if key in prepositions() else ""


_HOLDING = frozenset({
    "عقد", "انعقد", "جرى", "تم", "حدث", "حصل", "وقع", "اندلع", "انطلق", "بدأ", "اختتم", "استمر",
    "أسفر", "أدى", "أوقع", "خلف", "تسبب", "أودى", "نشب", "تجدد", "ضرب", "هز", "أقام",
})


def _after(words: Words, hit: Hit, scan: Scan) -> Hit | None:
    """Return the light verb that follows the noun as its subject: "the meeting … was held"."""
    if hit.preposition or not heads_clause(words, hit.first):
        return None
    for index in range(hit.last, hit.last + _HEAD_REACH):
        cue = scan.cue(index, "LIGHT")
        if cue and cue.form.row.rule.removeprefix("verb ") in _HOLDING:
            return cue
        if words.is_clause_end(index) or any(
            other.first == index and not other.preposition for other in scan.triggers
        ):
            return None
    return None
