"""Read labelled sentences: a word and its tag a line, an empty line between sentences (CoNLL)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.evaluate import EvaluationError, read_lines
from transforms.label_map import find_tag

_BLANKS = re.compile(r"[ \t]+")
_DOCUMENT_START = "-DOCSTART-"  # CoNLL-2003's line between documents


class LabelledSentence(NamedTuple):
    """Words and the tag of each."""

    words: tuple[str, ...]
    tags: tuple[str, ...]  # of transforms.label_map.TAGS


def read_conll(path: Path) -> Iterator[LabelledSentence]:
    """Yield the sentences of a file: the first column is the word, the last one the tag.

    Raises:
        EvaluationError: a line has no tag, or one that names no known kind of name.
    """
    rows: list[tuple[str, str]] = []
    for place, line in read_lines(path):
        columns = _columns(line)
        if columns and not _is_comment(columns, line):
            rows.append((columns[0], _tag(place, columns)))
        elif rows and not columns:
            yield _sentence(rows)
            rows = []
    if rows:
        yield _sentence(rows)


def _columns(line: str) -> list[str]:
    """Return the columns, split at tabs if there are any; none between two sentences."""
    line = line.strip(" \t\r\n")
    columns = line.split("\t") if "\t" in line else _BLANKS.split(line)
    return [] if columns[0] in ("", _DOCUMENT_START) else [one.strip(" ") for one in columns]


def _is_comment(columns: list[str], line: str) -> bool:
    """Say whether a line is a remark; a lone # with a tag is a word, as a hashtag leaves it."""
    is_word = len(columns) == 2 and find_tag(columns[1]) is not None
    return line.startswith("#") and columns[0].partition(" ")[0] == "#" and not is_word


def _tag(place: str, columns: list[str]) -> str:
    if len(columns) < 2:
        raise EvaluationError(f"{place}: {columns[0]!r:.40} has no tag; write the word, a tab, O")
    tag = find_tag(columns[-1])
    if tag is None:
        raise EvaluationError(
            f"{place}: the last column should be a tag such as O, B-PER or I-LOC, and holds "
            f"{columns[-1]!r:.40}"
        )
    return tag


def _sentence(rows: list[tuple[str, str]]) -> LabelledSentence:
    words, tags = zip(*rows, strict=True)
    return LabelledSentence(words, tags)
