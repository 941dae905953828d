"""Conditions that a row of the lexicon may set by name: "=person", "=place", "=number"."""

from collections.abc import Callable

from transforms.events.lexicon import load_lexicon
from transforms.events.words import Words

_NEAR = 4
_AHEAD = 8


def holds(kind: str, words: Words, first: int, last: int) -> bool:
    """Say whether the condition `kind` holds for the trigger at words [first, last).

    Raises:
        KeyError: there is no condition of that name.
    """
    return CONDITIONS[kind](words, first, last)


def _labels(words: Words, start: int, count: int) -> set[str]:
    """Return the kinds of the names over the words from `start` on, up to a clause's end."""
    labels = set()
    for index in range(start, start + count):
        if words.is_clause_end(index):
            break
        name = words.name(index)
        if name:
            labels.add(name.label)
    return labels


def _titled(words: Words, start: int, count: int) -> bool:
    titles = load_lexicon().words["TITLE"]
    for index in range(start, start + count):
        if words.is_clause_end(index):
            return False
        if words.key(index).removeprefix("ل") in titles or words.key(index) in titles:
            return True
    return False


def _person(words: Words, first: int, last: int) -> bool:
    """Somebody stands right after it: a name that can act, or an office."""
    return bool(_labels(words, last, _NEAR) - {"MISC"}) or _titled(words, last, _NEAR)


def _any(words: Words, first: int, last: int) -> bool:
    """Any name, number or people stand right after it."""
    return bool(_labels(words, last, _NEAR)) or _number(words, first, last)


def _number(words: Words, first: int, last: int) -> bool:
    return any(words.key(index)[:1].isdigit() for index in (last, last + 1)) or any(
        words.key(index) in load_lexicon().words["COUNT"] for index in (last, last + 1)
    )


def _definite(words: Words, first: int, last: int) -> bool:
    return words.key(last).startswith("ال")


def _place(words: Words, first: int, last: int) -> bool:
    """A place or a nationality stands near after it: "the war in Gaza"."""
    return bool(_labels(words, last, _NEAR) & {"LOC", "MISC"})


def _visit(words: Words, first: int, last: int) -> bool:
    """Somebody who may visit stands before or after it, and a place follows."""
    after = _labels(words, last, _AHEAD + _NEAR)
    if "LOC" not in after:
        return False
    before = words.name(first - 1)
    return (
        "PER" in after or _titled(words, last, 2) or words.key(last) in ("وفد", "الوفد")
        or (before is not None and before.label == "PER")
    )


def _appoint(words: Words, first: int, last: int) -> bool:
    """An office in the accusative follows: "as director"."""
    offices = load_lexicon().words["OFFICE"]
    return any(words.key(index) in offices for index in range(last, last + _AHEAD))


def _arrested(words: Words, first: int, last: int) -> bool:
    """People are stopped, not things."""
    people = ("متهم", "مشتبه", "متورط", "محتج", "متظاهر", "شرط", "مطلوب", "شخص", "مواطن", "شاب",
              "ناشط", "صحف", "مسلح", "عنصر", "فلسطيني")
    near = [words.key(index) for index in range(last, last + _NEAR)]
    return any(key.startswith(people) for key in near)


def _inquiry(words: Words, first: int, last: int) -> bool:
    """Authorities look into something; who achieves something does so "in" it too."""
    if words.key(last) in ("في", "مع"):
        return words.key(last + 1) not in ("ذلك", "هذا")
    bodies = load_lexicon().words["BODY"]
    return words.key(last) in bodies and any(
        words.key(index) in ("في", "مع") for index in range(last + 1, last + _NEAR)
    )



CONDITIONS: dict[str, Callable[[Words, int, int], bool]] = {
    "person": _person, "any": _any, "number": _number, "def": _definite, "place": _place,
    "visit": _visit, "appoint": _appoint, "arrested": _arrested, "inquiry": _inquiry,
}
"""What each condition asks of the words around a trigger."""
