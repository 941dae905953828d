"""Read the lexicon of event triggers: rows of readable text, inflected by rule into forms.

The rows lie in `event_lexicon/`; docs/events.md says how to read and write one. No stemming:
roots conflate words that tell of different things (killed, fighter; visited, minister).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from schemas.labels import EXTENSION_TYPES
from transforms.events.inflection import noun_forms, verb_forms
from transforms.events.word_patterns import Expressions, Pattern, expressions
from transforms.fold import fold_key

_FOLDER = Path(__file__).parent / "event_lexicon"
_CUES = "cues.txt"

class Row(NamedTuple):
    """One line of the lexicon: a trigger, what it tells of and when it does."""

    event_type: str | None
    mode: str | None
    extension_type: str | None
    cue: str | None  # what the row is, where it is a cue and no trigger
    roles: frozenset[str]
    wanted: Expressions  # one of these stands among the words after it
    wanted_next: Expressions  # or one of these right after it
    wanted_kinds: frozenset[str]  # or something of these kinds
    barred: Expressions  # none of these stands right after it, or one word on
    barred_next: Expressions  # none of these stands right after it, with no word between
    barred_before: Expressions  # none of these stands right before it
    barred_ahead: Expressions  # none of these stands among the words after it
    flags: frozenset[str]
    rule: str

    @property
    def is_conditional(self) -> bool:
        """Say whether the row fires only beside certain words."""
        return bool(self.wanted or self.wanted_next or self.wanted_kinds)


class Form(NamedTuple):
    """One spelling of a trigger's first word, and the words that must follow it."""

    row: Row
    part: str  # verb, noun or phrase
    tense: str  # perfect or imperfect for a verb, else ""
    rest: Pattern
    is_suffixed: bool  # a pronoun is attached


class Lexicon(NamedTuple):
    """Every form of every trigger and cue, and the lists of single words."""

    forms: Mapping[str, Sequence[Form]]
    words: Mapping[str, frozenset[str]]
    phrases: Mapping[str, Sequence[tuple[str, ...]]]
    never: frozenset[str]


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """Return the lexicon that ships with the package."""
    forms: dict[str, list[Form]] = defaultdict(list)
    words: dict[str, frozenset[str]] = {}
    phrases: dict[str, tuple[tuple[str, ...], ...]] = {}
    for path in sorted(_FOLDER.glob("*.txt"), key=lambda path: (path.name == _CUES, path.name)):
        for label, part, text, roles, conditions in _lines(path):
            if part == "w":
                listed = [tuple(fold_key(word).split("_")) for word in text.split()]
                words[label] = words.get(label, frozenset()) | {w[0] for w in listed if not w[1:]}
                phrases[label] = tuple(w for w in listed if w[1:])
                continue
            row = _row(label, part, text, roles, conditions)
            for key, form in _forms(row, part, text):
                forms[key].append(form)
    ranked = {key: tuple(sorted(found, key=_rank)) for key, found in forms.items()}
    return Lexicon(ranked, words, phrases, words["NEVER"])


def _rank(form: Form) -> tuple[int, bool, bool, bool]:
    """Order forms of one spelling: longer phrases, then what asks for more, then triggers."""
    row = form.row
    return (-len(form.rest), row.cue is not None, not row.wanted_next, not row.is_conditional)


def _lines(path: Path) -> Iterator[tuple[str, str, str, str, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            cells = [cell.strip() for cell in line.split("|")]
            label, part, text, roles, conditions = [*cells, "", ""][:5]
            yield label, part, text, roles, conditions


def _row(label: str, part: str, text: str, roles: str, conditions: str) -> Row:
    plover, _, extension = label.partition("+")
    event_type, _, mode = plover.partition(":")
    is_cue = part in "vw" and event_type in _CUE_LABELS
    if event_type in EXTENSION_TYPES:
        event_type, extension = "", event_type
    terms = conditions.split()
    return Row(
        event_type=None if is_cue else event_type or None,
        mode=mode or None,
        extension_type=extension or None,
        cue=event_type if is_cue else None,
        roles=frozenset(fold_key(role) if "=" not in role else role for role in roles.split()),
        wanted=_signed(terms, "+"),
        wanted_next=_signed(terms, "++"),
        wanted_kinds=frozenset(term[1:] for term in terms if term.startswith("=")),
        barred=_signed(terms, "-"),
        barred_next=_signed(terms, "--"),
        barred_before=_signed(terms, "<-"),
        barred_ahead=_signed(terms, "!"),
        flags=frozenset(term for term in terms if term[0] not in "+-<=!"),
        rule=f"{_PARTS[part]} {text if part == 'p' else _lemma(text)}",
    )


def _lemma(text: str) -> str:
    """Return the first stem that a row lists."""
    return next(stem.partition("=")[2] or stem for stem in text.split() if stem != "-")


_PARTS = {"v": "verb", "n": "noun", "p": "phrase"}
_SPOKEN = frozenset({"REQUEST", "ACCUSE", "REJECT", "SUPPORT"})
"""Types that quotations tell of in the first person: "we condemn"."""

_CUE_LABELS = frozenset({"LIGHT", "REPORT", "ALLEGE", "PLAN", "DENY", "STOP"})


def _signed(terms: Sequence[str], sign: str) -> Expressions:
    """Return what the terms with this very sign name: "+" is not "++"."""
    return expressions(
        term[len(sign):] for term in terms
        if term.startswith(sign) and term[len(sign)] not in "+-"
    )


def _forms(row: Row, part: str, text: str) -> Iterator[tuple[str, Form]]:
    if part == "v":
        speaks = row.event_type in _SPOKEN
        for key, tense, is_suffixed in verb_forms(text.split(), first_person=speaks):
            yield key, Form(row, "verb", tense, (), is_suffixed)
    elif part == "n":
        for key, is_suffixed in noun_forms(text.split()):
            yield key, Form(row, "noun", "", (), is_suffixed)
    else:
        first, *rest = map(fold_key, text.split())
        for key in {first, first.removesuffix("ه") + "ت" if first.endswith("ه") else first}:
            yield key, Form(row, "phrase", "", tuple(map(with_article, rest)), False)


def with_article(word: str) -> frozenset[str]:
    """Return the word of a phrase with and without the article."""
    return frozenset({word, f"ال{word}", word.removeprefix("ال")})
