"""Group the names of one story that are of one entity."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from transforms.names.name_words import name_words
from transforms.names.person_names import person_words
from transforms.names.same_name import same_name
from transforms.names.spellings import skeleton

BLOCK_MAX = 32
"""How many names that share a word are compared; more of them are a list, not one entity's."""


class Form(NamedTuple):
    """A name in a story, as it is compared; several mentions may share it."""

    name: str
    label: str


def group_forms(forms: Sequence[Form]) -> list[tuple[Form, ...]]:
    """Return the fullest forms that each form may stand for.

    Fuller forms come first, whatever their order in the story, so that a surname finds its
    name before or after it. A form with two answers is for the reader of the story to decide.
    """
    roots: dict[tuple[str, str], list[Form]] = defaultdict(list)
    answers: dict[Form, tuple[Form, ...]] = {}
    for form in sorted(dict.fromkeys(forms), key=_fullness):
        blocks = [(form.label, block) for block in _blocks(form)]
        likely = dict.fromkeys(
            root for block in blocks if len(roots[block]) <= BLOCK_MAX for root in roots[block]
        )
        found = tuple(root for root in likely if same_name(form.name, root.name, form.label))
        answers[form] = found or (form,)
        if not found:
            for block in blocks:
                roots[block].append(form)
    return [answers[form] for form in forms]


def _fullness(form: Form) -> tuple[int, str]:
    return -len(name_words(form.name)), form.name


def _blocks(form: Form) -> Iterator[str]:
    """Yield what two forms of one label have in common if they may be one entity's."""
    words = person_words(form.name) if form.label == "PER" else name_words(form.name)
    parts = [skeleton(word) for word in words]
    yield "".join(parts)
    if form.label == "PER":
        yield from parts[-1:]
        yield " ".join(parts[:2])
    else:
        yield from parts[:2]
