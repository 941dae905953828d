"""Find who does what a verb tells, where the subject stands before it or is a pronoun."""

from collections.abc import Sequence

from schemas.records import Mention
from transforms.events.lexicon import load_lexicon
from transforms.events.name_phrases import (
    REACH,
    after_time,
    head,
    holder,
    phrase_ends,
    phrase_names,
)
from transforms.events.triggers import Hit, Scan
from transforms.events.words import Words

_OPENERS = frozenset({"ان", "وان", "فان", "لان", "كما", "لكن", "ولكن", "فيما", "بينما", "حيث",
                      "بان", "بعدما", "عندما", "اذ", "و", "قد", "كان", "كانت", "وكان", "وكانت",
                      "وقد", "لم", "لن", "سوف"})
_PARTICLES = frozenset({"قد", "لم", "لن", "سوف", "كان", "كانت", "لا"})
_WAS = frozenset({"كان", "كانت", "وكان", "وكانت"})
_RELATIVE = frozenset({"الذي", "التي", "الذين"})
_THAT_ONE = frozenset({"انه", "بانه", "وانه", "انها", "بانها", "وانها"})
_SPEECH_REACH = 2 * REACH
_ASIDE_REACH = 16
_MASCULINE_COUNTRIES = frozenset({"العراق", "لبنان", "السودان", "المغرب", "الاردن", "اليمن"})


def subject_before(words: Words, first: int) -> Mention | None:
    """Return the name right before a verb that begins its clause: "X said"."""
    index = first - 1
    while words.key(index) in _PARTICLES:
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


def joined_before(words: Words, subject: Mention) -> Sequence[Mention]:
    """Return the name that "and" joins to a subject right after it: "Egypt and Turkey signed"."""
    first = next(
        index for index in range(len(words.words)) if words.name(index) is subject
    )
    before = words.name(first - 1)
    if before and before.label == subject.label and words.key(first).startswith("و"):
        return (before,)
    return ()


def agrees(words: Words, verb: Hit, start: int, subject: Mention) -> bool:
    """Say whether a name right after a verb can be its subject by gender and case.

    A masculine verb has no feminine subject right behind it ("طالب روسيا بالرد"), nor one in the
    accusative ("اتهم الفلسطينيين").
    """
    if subject.label == "PER" or words.name(start) is not subject:
        return True
    if subject.label == "MISC" and words.key(start).endswith("ين"):
        return False
    return is_feminine(words, verb) or not _names_feminine(words, start, subject)


def is_feminine(words: Words, verb: Hit) -> bool:
    """Say whether a verb has the form of the feminine: فرضت, تفرض."""
    key = words.key(verb.first).removeprefix("و").removeprefix("س")
    return key.endswith("ت") if verb.form.tense == "perfect" else key.startswith("ت")


def _names_feminine(words: Words, start: int, name: Mention) -> bool:
    key = words.key(start)
    if name.label == "LOC":
        return name.link_rule is not None and key not in _MASCULINE_COUNTRIES and (
            "country" in name.link_rule)
    return key.endswith("ه") or key == "الامم"


def antecedent(words: Words, verb: Hit) -> Mention | None:
    """Return the name that "who" stands for: "… رامي الحمد الله الذي يزور".

    Only where the name is no genitive: "مرسوم ترامب الذي".
    """
    first = verb.first
    index = first - 1
    while words.key(index) in _PARTICLES:
        index -= 1
    name = words.name(index - 1)
    if words.key(index) not in _RELATIVE or name is None or name.label == "MISC":
        return None
    if (words.key(index) == "التي") != is_feminine(words, verb):
        return None  # "ترامب الذي وجهت إليه تهم"
    start = index - 1
    while words.name(start - 1) is name:
        start -= 1
    return name if _is_head(words, start, name) else None


def _is_head(words: Words, start: int, name: Mention) -> bool:
    """Say whether a name is no genitive of the word before it."""
    before, lists = words.key(start - 1), load_lexicon().words
    if words.is_clause_end(start - 1) or before in phrase_ends():
        return True
    if words.words[start].start < name.start:
        return True  # a preposition is attached
    is_office = before in lists["TITLE"] or before.startswith("ال") or words.name(start - 1)
    return name.label == "PER" and bool(is_office)


def speaker(words: Words, verb: Hit, scan: Scan) -> Mention | None:
    """Return who says of himself what a verb tells: "the army announced that it had shelled"."""
    index = verb.first - 1
    while words.key(index) in _PARTICLES:
        index -= 1
    if words.key(index) not in _THAT_ONE:
        return None
    for at in range(index - 1, max(-1, index - _SPEECH_REACH), -1):
        said = scan.cue(at, "REPORT")
        if said:
            return _subject_of(words, said, scan) if _is_alike(words, said, verb) else None
        if words.key(at) in (".", "؛"):
            return None
    return None


def _is_alike(words: Words, one: Hit, other: Hit) -> bool:
    return is_feminine(words, one) == is_feminine(words, other)


def _subject_of(words: Words, verb: Hit, scan: Scan) -> Mention | None:
    """Return who does what a verb tells, from the names right around it."""
    before = subject_before(words, verb.first)
    if before:
        return before
    start = after_time(words, verb.last)
    return holder(words, start) or head(words, start, list(phrase_names(words, start, scan)))


def apart(words: Words, first: int, scan: Scan) -> Mention | None:
    """Return the subject that an aside parts from its verb: "وكانت السويد، العضو …، طالبت"."""
    if words.key(first - 1) != "،":
        return None
    for index in range(first - 2, max(-1, first - _ASIDE_REACH), -1):
        if words.key(index) in _WAS:
            name = words.name(index + 1)
            closes = name is not None and _follows(words, index + 1, name) == "،"
            return name if closes else None
        if scan.verb(index) or words.key(index) in (".", "؛", ":"):
            return None
    return None


def _follows(words: Words, index: int, name: Mention) -> str:
    while words.name(index) is name:
        index += 1
    return words.key(index)


def shared_subject(words: Words, verb: Hit, scan: Scan) -> Mention | None:
    """Return who does what an "and" joins to the verb before: "X visited … and spoke with …".

    Only where a preposition follows at once, so that no subject of its own does, and where both
    verbs have the same ending and tense.
    """
    following = words.key(verb.last)
    key = words.key(verb.first)
    if key[:1] != "و" or key in load_lexicon().forms or not (
        following in phrase_ends() or following[:2] in ("بال", "لل") or following[:1] == "ب"
    ):
        return None
    before = _verb_before(words, verb.first, scan)
    if before is None or verb.first - before.last > _SPEECH_REACH:
        return None
    if not _is_alike(words, before, verb) or before.form.tense != verb.form.tense or (
        before.form.row.roles & {"passive", "either"}
    ):
        return None
    return _subject_of(words, before, scan)


def _verb_before(words: Words, first: int, scan: Scan) -> Hit | None:
    """Return the verb before a word that the lexicon knows, as a trigger or as a cue."""
    verbs = (scan.verb(index) for index in range(first - 1, -1, -1))
    return next(filter(None, verbs), None)
