"""Read labelled corpora, raw text and name lists into plain sentences."""

import json
import lzma
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ENTITY_TYPES = ("PER", "ORG", "LOC", "MISC")
LABELS = ("O", *(f"{prefix}-{kind}" for kind in ENTITY_TYPES for prefix in "BI"))

# The pipeline splits text into words the same way: a mark of punctuation is a word of its own.
WORD = re.compile(r"[\w\u0610-\u061a\u064b-\u065f\u0670]+|[^\w\s]")

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ARABIC_WORD = re.compile(r"[\u0621-\u064a]+")
_SENTENCE_END = re.compile(r"(?<=[.!?؟؛])\s+|\n+")
_PROCLITICS = frozenset("وفبلكس")
_PRONOUNS = frozenset({"ه", "ها", "هم", "هما", "هن", "نا"})
_PREPOSITIONS = {"الى": "الي", "على": "علي", "لدى": "لدي"}

# ANERcorp, whose guidelines the model follows, leaves nationalities and groups unmarked.
_FANE_TYPES = {
    "PER": "Politician Other_PER Artist Scientist Religious_PER Athlete Businessperson Engineer "
    "Lawyer Police",
    "ORG": "Commercial Non-Governmental Government Sports Media Educational Religious_ORG "
    "Entertainment Medical-Science",
    "LOC": "Population-Center Nation Water-Body State-or-Province Continent "
    "Land-Region-Natural County-or-District GPE-Cluster Airport",
    "MISC": "Air Software Book Hardware Movie Sound Projectile",
}
_WOJOOD_LABEL = {
    "PERS": "PER", "ORG": "ORG", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC", "EVENT": "MISC",
    "PRODUCT": "MISC", "LAW": "MISC",
}  # fmt: skip
_FANE_LABEL = {fine: kind for kind, names in _FANE_TYPES.items() for fine in names.split()}


class Sentence(NamedTuple):
    """Words of one sentence and their BIO tags, one per word."""

    words: list[str]
    tags: list[str]


def read_conll(path: Path) -> list[Sentence]:
    """Return the sentences of a two-column file; a line without both columns is skipped."""
    rows: list[list[str]] = []
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        fields = _INVISIBLE.sub("", line).split()
        if not fields or len(fields) == 2:
            rows.append(fields)
    return [
        Sentence([word for word, _ in group], repair_tags([tag for _, tag in group]))
        for group in _groups(rows)
    ]


def read_wikifane(path: Path) -> list[Sentence]:
    """Return WikiFANE sentences in the four coarse types, with clitics written as in print."""
    rows: list[list[str]] = []
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        word, _, fine = _INVISIBLE.sub("", line).partition("\t")
        rows.append([word.strip(), _coarse(fine.strip())] if word.strip() else [])
    return [
        attach_clitics(Sentence([word for word, _ in group], [tag for _, tag in group]))
        for group in _groups(rows)
    ]


def read_wojood(path: Path) -> list[Sentence]:
    """Return Wojood sentences with the outermost of their nested names, in the four types."""
    rows: list[list[str]] = []
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        word, *tags = line.split() or ["$#$"]
        prefix, _, fine = (tags or ["O"])[0].partition("-")
        kind = _WOJOOD_LABEL.get(fine)
        rows.append([] if word == "$#$" else [word, f"{prefix}-{kind}" if kind else "O"])
    return [
        Sentence([word for word, _ in group], repair_tags([tag for _, tag in group]))
        for group in _groups(rows)
    ]


def attach_clitics(sentence: Sentence) -> Sentence:
    """Join split proclitics and pronouns to their word, which keeps the tag of its stem."""
    words: list[str] = []
    tags: list[str] = []
    prefix, prefix_tag = "", "O"
    for word, tag in zip(sentence.words, sentence.tags, strict=True):
        if word in _PRONOUNS and not prefix and words and _ARABIC_WORD.fullmatch(words[-1]):
            words[-1] = _inflect(words[-1]) + word
        elif word in _PROCLITICS or (word == "ال" and tag == "O"):
            prefix_tag = tag if not prefix else prefix_tag
            prefix += word
        else:
            words.append(_prefixed(prefix, word))
            tags.append(prefix_tag if prefix and prefix_tag.startswith("B") else tag)
            prefix, prefix_tag = "", "O"
    if prefix:
        words.append(prefix)
        tags.append(prefix_tag)
    return Sentence(words, repair_tags(tags))


def repair_tags(tags: Iterable[str]) -> list[str]:
    """Return BIO tags in our names, in which no entity starts with an I- tag."""
    repaired: list[str] = []
    previous = "O"
    for raw in tags:
        tag = raw.replace("PERS", "PER")
        if tag.startswith("I-") and previous[2:] != tag[2:]:
            tag = "B" + tag[1:]
        repaired.append(tag)
        previous = tag
    return repaired


def split_punctuation(sentence: Sentence) -> Sentence:
    """Split words the way the pipeline does; marks at the edge of an entity are tagged O."""
    words: list[str] = []
    tags: list[str] = []
    following = [*sentence.tags[1:], "O"]
    for word, tag, after in zip(sentence.words, sentence.tags, following, strict=True):
        pieces = WORD.findall(word)
        inside = "O" if tag == "O" else "I" + tag[1:]
        lettered = [index for index, piece in enumerate(pieces) if piece[0].isalnum()]
        first, last = (lettered[0], lettered[-1]) if lettered else (0, len(pieces) - 1)
        if after == inside:
            last = len(pieces) - 1
        words += pieces
        tags += [
            tag if index == first else inside if first < index <= last else "O"
            for index in range(len(pieces))
        ]
    return Sentence(words, repair_tags(tags))


def hold_out(sentences: Sequence[Sentence], part: int) -> tuple[list[Sentence], list[Sentence]]:
    """Return all but the last one in `part` of the sentences, and those."""
    cut = len(sentences) * (part - 1) // part
    return list(sentences[:cut]), list(sentences[cut:])


def split_marks(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return the sentences split as the pipeline splits, marks of punctuation apart."""
    return list(map(split_punctuation, sentences))


def split_sentences(text: str, *, max_words: int = 60) -> Iterator[list[str]]:
    """Yield the sentences of `text` as words; the very long and the one-word ones are left out."""
    for part in _SENTENCE_END.split(text):
        words = WORD.findall(_INVISIBLE.sub("", part))
        if 3 <= len(words) <= max_words:
            yield words


def read_texts(folder: Path) -> Iterator[str]:
    """Yield the texts of `articles.jsonl.xz` without their wiki frame."""
    with lzma.open(folder / "articles.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield re.sub(r"</?doc\b[^>]*>", "", json.loads(line)["text"])


def read_names(folder: Path) -> frozenset[str]:
    """Return the Arabic spellings of person-name words from the Wikidata pairs."""
    names: set[str] = set()
    for path in sorted(folder.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            spelling = line.split("\t")[1].replace(" ", "")
            if len(spelling) > 1:
                names.add(spelling)
    return frozenset(names)


def _groups(rows: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    """Yield runs of non-empty rows."""
    group: list[list[str]] = []
    for row in rows:
        if row:
            group.append(row)
        elif group:
            yield group
            group = []
    if group:
        yield group


def _coarse(fine: str) -> str:
    """Return the coarse tag of a WikiFANE tag, O for the classes outside our guidelines."""
    prefix, _, name = fine.partition("-")
    kind = _FANE_LABEL.get(name)
    return f"{prefix}-{kind}" if kind else "O"


def _prefixed(prefix: str, word: str) -> str:
    """Write proclitics before a word: l + al- is written ll-."""
    if prefix.endswith("ل") and word.startswith("ال"):
        return prefix + word[1:]
    return prefix + word


def _inflect(word: str) -> str:
    """Return the form a word takes before a pronoun."""
    if word in _PREPOSITIONS:
        return _PREPOSITIONS[word]
    if word.endswith("ة"):
        return word[:-1] + "ت"
    return word[:-1] + "ا" if word.endswith("ى") else word
