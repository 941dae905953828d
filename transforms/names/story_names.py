"""Read the names of a story's mentions without the clitics that a model leaves on them."""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.records import Mention
from transforms.clitics import CLITICS
from transforms.names.name_words import (
    NAME_LETTERS_MAX,
    bare,
    name_words,
    plain_words,
    without_clitics,
)
from transforms.names.organisation_names import HEADS
from transforms.names.person_words import FOREIGN_NAMES, PERSON_NAMES
from transforms.places.forms import name_key
from transforms.places.search import find_places

_GIVEN_NAMES = PERSON_NAMES | FOREIGN_NAMES


class ReadName(NamedTuple):
    """A mention's name, and how many letters before it are clitics."""

    name: str
    skipped: int


class _Seen(NamedTuple):
    """What the names of a story are made of."""

    names: frozenset[tuple[str, tuple[str, ...]]]  # label and words
    surnames: frozenset[str]


def read_names(mentions: Sequence[Mention]) -> list[ReadName]:
    """Return the name of each mention, without clitics where something says that they are.

    That is the same name without them elsewhere in the story, a given name, a place or the head
    of an organisation that remains. "لل" stays: without it the name would lose its article.
    """
    names = [(mention.label, mention.surface[:NAME_LETTERS_MAX]) for mention in mentions]
    seen = _Seen(
        frozenset((label, name_words(name)) for label, name in names),
        frozenset(
            name_words(name)[-1] for label, name in names
            if label == "PER" and len(name_words(name)) > 1
        ),
    )
    return [_read(label, name, seen) for label, name in names]


def _read(label: str, printed: str, seen: _Seen) -> ReadName:
    words = plain_words(printed)
    if words and words[0][0] in CLITICS and not _begins_so(label, printed, words[0]):
        for skipped, form in without_clitics(words[0]):
            name = " ".join((form, *words[1:]))
            if form != words[0] and _is_supported(label, name, seen):
                return ReadName(name, skipped)
    return ReadName(printed, 0)


def _begins_so(label: str, name: str, word: str) -> bool:
    """Say whether a name's first word is known to begin with what looks like a clitic: "وليد"."""
    if label == "LOC":
        return _is_place(name)
    known = {"PER": _GIVEN_NAMES, "ORG": HEADS}
    return bare(word) in known.get(label, frozenset())


def _is_supported(label: str, name: str, seen: _Seen) -> bool:
    """Say whether something speaks for a name that remains without clitics."""
    words = name_words(name)
    if (label, words) in seen.names:
        return True
    if label == "PER":
        return words[0] in _GIVEN_NAMES or (len(words) == 1 and words[0] in seen.surnames)
    if label == "ORG":
        return words[0] in HEADS
    return label == "LOC" and _is_place(name)


def _is_place(name: str) -> bool:
    found = find_places(name_key(name))
    return found is not None and found.form == "exact"
