"""Measure quality on labelled data: what every kind of evaluation has in common."""

import json
import lzma
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

MERGED, MISSED = "merged, but two stories", "told apart, but one story"

LINE_CHARS_MAX = 8_000_000  # a labelled text, generously


class EvaluationError(ValueError):
    """A file cannot be read as labelled data."""


class Mistake(NamedTuple):
    """One wrong answer, laid beside what it is about."""

    sort: str  # what went wrong
    label: str  # what the labelled data say of it
    one: str
    other: str


class Evaluation(NamedTuple):
    """What a file of labelled data says of the quality of one stage."""

    kind: str
    measure: str  # what `score` is
    score: float  # 0 to 1, the headline figure
    details: Mapping[str, Any]
    mistakes: Sequence[Mistake]


def _dedup(path: Path) -> Evaluation:
    # Beam takes a second to import: the command line offers the kinds without it.
    from pipeline.evaluate_dedup import evaluate_dedup

    return evaluate_dedup(path)


def _ner(path: Path, model: str = "") -> Evaluation:
    from pipeline.evaluate_ner import evaluate_ner

    return evaluate_ner(path, model)


def _aliases(path: Path) -> Evaluation:
    from pipeline.evaluate_aliases import evaluate_aliases

    return evaluate_aliases(path)


def _dates(path: Path) -> Evaluation:
    from pipeline.evaluate_dates import evaluate_dates

    return evaluate_dates(path)


def _events(path: Path, model: str = "") -> Evaluation:
    from pipeline.evaluate_events import evaluate_events

    return evaluate_events(path, model)


def _places(path: Path) -> Evaluation:
    from pipeline.evaluate_places import evaluate_places

    return evaluate_places(path)


KINDS: dict[str, Callable[..., Evaluation]] = {
    "dedup": _dedup,
    "ner": _ner,
    "aliases": _aliases,
    "dates": _dates,
    "events": _events,
    "places": _places,
}
"""What can be evaluated, by the name that the command line offers; each takes a path."""

WITH_MODEL = frozenset({"ner", "events"})
"""The kinds that also take a model, as `naba run --model` does."""


def read_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the place and the fields of each row of a JSON Lines file, compressed (.xz) or not.

    Raises:
        EvaluationError: the file cannot be read, or a line of it is no JSON object.
    """
    for place, line in read_lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise EvaluationError(
                f"{place}: not JSON ({error}); a labelled file holds one JSON object a line"
            ) from error
        if not isinstance(row, dict):
            raise EvaluationError(f"{place}: a {type(row).__name__}, where an object should be")
        yield place, row


def read_lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of each line of a file, compressed (.xz) or not.

    Raises:
        EvaluationError: the file cannot be read, or a line of it is longer than any should be.
    """
    for number, line in enumerate(_lines(path), 1):
        place = f"{path}, line {number}"
        if len(line) > LINE_CHARS_MAX:
            raise EvaluationError(f"{place}: longer than {LINE_CHARS_MAX:,} characters")
        yield place, line


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file, each cut just above the size allowed."""
    try:
        with (
            lzma.open(path, "rt", encoding="utf-8-sig") if path.suffix == ".xz"
            else path.open(encoding="utf-8-sig")
        ) as lines:
            while line := lines.readline(LINE_CHARS_MAX + 1):
                yield line
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path}: not UTF-8 ({error}); save it as UTF-8") from error
    except (EOFError, lzma.LZMAError) as error:
        raise EvaluationError(f"{path}: a broken .xz file ({error})") from error
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror or error}") from error


def text_field(place: str, row: Mapping[str, Any], name: str) -> str:
    """Return a field that must be text.

    Raises:
        EvaluationError: it is missing or something else.
    """
    value = row.get(name)
    if not isinstance(value, str):
        found = f"holds {value!r:.40}" if name in row else "is missing"
        raise EvaluationError(f"{place}: the field {name!r} should be text and {found}")
    return value


def ratio(part: int, whole: int) -> float:
    """Return `part` of `whole`, rounded to four places; of nothing, everything is right."""
    return round(part / whole, 4) if whole else 1.0
