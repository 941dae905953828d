"""Measure how well dates are found and reckoned, on labelled sentences."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.evaluate import Evaluation, EvaluationError, Mistake, ratio, read_lines, text_field
from transforms.dates.anchors import Anchor
from transforms.dates.expressions import Expression, find_expressions
from transforms.fold import fold, fold_key

_MISSED, _WRONG_VALUE, _WRONG_GRANULARITY = "not found", "another value", "another granularity"
_INVENTED = "a date where there is none"

_MODIFIERS = {"start": "START", "mid": "MID", "end": "END", "approx": "APPROX",
              "before": "BEFORE", "after": "AFTER"}
_GRANULARITIES = {"part_of_day": "day_part", "hijri_month": "month", "hijri_year": "year",
                  "hour": "clock", "minute": "clock", "half": "half_year"}
_WHOLE_HOUR = re.compile(r"T(\d\d)(?=$|[Z+/ -])")
_SECONDS = re.compile(r"(T\d\d:\d\d):00")


class LabelledDate(NamedTuple):
    """A sentence and what is right in it; no value is right where it holds no date."""

    name: str
    category: str
    sentence: str
    spans: Sequence[tuple[int, int]]  # where the expression stands
    values: Sequence[str]  # any of them is right
    granularity: str
    anchor: Anchor


def evaluate_dates(path: Path) -> Evaluation:
    """Return how many labelled sentences are read rightly: the date found, or none invented.

    Raises:
        EvaluationError: the file is not such labelled data.
    """
    labelled = read_dates(path)
    right, whole = Counter[str](), Counter(one.category for one in labelled)
    exact = 0
    mistakes = []
    for one in labelled:
        found = find_expressions(one.sentence, one.anchor)
        mistake = _mistake(one, found)
        if mistake is None:
            right[one.category] += 1
            exact += any((item.start, item.end) in one.spans for item in found)
        else:
            mistakes.append(mistake)
    dated = sum(bool(one.values) for one in labelled)
    invented = sum(mistake.sort == _INVENTED for mistake in mistakes)
    details = {
        "cases": len(labelled),
        "right": right.total(),
        "dates": {"right": right.total() - (len(labelled) - dated - invented), "of": dated},
        "without_a_date": {"left_alone": len(labelled) - dated - invented,
                           "of": len(labelled) - dated},
        "exact_spans": exact,
        "categories": {
            name: {"right": right[name], "of": whole[name],
                   "share": ratio(right[name], whole[name])}
            for name in sorted(whole)
        },
    }
    score = ratio(right.total(), len(labelled))
    measure = "share of cases right, sentences without a date left alone among them"
    return Evaluation("dates", measure, score, details, mistakes)


def read_dates(path: Path) -> list[LabelledDate]:
    """Return the cases of a file: one JSON object with a reference time and cases.

    Raises:
        EvaluationError: the file is not such labelled data.
    """
    text = "".join(line for _, line in read_lines(path))
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EvaluationError(f"{path}: not JSON ({error})") from error
    cases = whole.get("cases") if isinstance(whole, dict) else None
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        raise EvaluationError(
            f"{path}: should hold one JSON object with 'reference', the time from which dates are "
            "reckoned, and 'cases', a list of objects"
        )
    if not cases:
        raise EvaluationError(f"{path}: 'cases' is empty: there is nothing to measure")
    return [
        _labelled(f"{path}, case {number}", case, whole) for number, case in enumerate(cases, 1)
    ]


def _labelled(place: str, case: Mapping[str, Any], whole: Mapping[str, Any]) -> LabelledDate:
    sentence = text_field(place, case, "sent")
    expression = case.get("expr") or ""
    if not isinstance(expression, str):
        raise EvaluationError(f"{place}: the field 'expr' should be text and holds {expression!r}")
    values = _values(place, case)
    spans = _spans(sentence, expression)
    if expression and not spans:
        raise EvaluationError(f"{place}: 'expr' ({expression}) does not stand in 'sent'")
    if values and not expression:
        raise EvaluationError(f"{place}: 'expected' needs 'expr', the words that it stands for")
    category = case.get("cat")
    granularity = text_field(place, case, "gran") if values else ""
    return LabelledDate(
        name=str(case.get("id", place)),
        category=category if isinstance(category, str) else "all",
        sentence=sentence,
        spans=spans,
        values=[_canonical(value) for value in values],
        granularity=_GRANULARITIES.get(granularity, granularity),
        anchor=_anchor(place, {**whole, **case}),
    )


def _values(place: str, case: Mapping[str, Any]) -> list[str]:
    """Return the values that are right; none where there is no date."""
    if "expected" not in case:
        raise EvaluationError(f"{place}: the field 'expected' is missing; null says: no date")
    expected = case["expected"]
    values = expected if isinstance(expected, list) else [expected] if expected else []
    if not all(isinstance(value, str) for value in values):
        raise EvaluationError(
            f"{place}: the field 'expected' should be text, a list of texts, or null, and holds "
            f"{expected!r:.40}"
        )
    return values


def _anchor(place: str, case: Mapping[str, Any]) -> Anchor:
    """Return the reference time, in its own zone."""
    reference = text_field(place, case, "reference")
    try:
        # Python 3.10 does not read the Z of ISO 8601.
        moment = datetime.fromisoformat(reference.replace("Z", "+00:00")).replace(tzinfo=None)
    except ValueError as error:
        raise EvaluationError(
            f"{place}: the field 'reference' should be a time like 2024-11-10T12:00:00+03:00 "
            f"and holds {reference!r}"
        ) from error
    return Anchor(moment.date(), moment)


def _spans(sentence: str, expression: str) -> list[tuple[int, int]]:
    """Return where an expression stands, whatever its marks."""
    spans = [match.span() for match in re.finditer(re.escape(expression), sentence)]
    if spans or not expression:
        return spans if expression else []
    folded = fold(sentence)
    keys = re.finditer(re.escape(fold_key(expression)), folded.key)
    return [folded.span(*match.span()) for match in keys]


def _mistake(one: LabelledDate, found: Sequence[Expression]) -> Mistake | None:
    """Return what is wrong in a sentence, or None.

    The found expression that shares most characters with the labelled one answers for it.
    """
    if not one.values:
        invented = [item for item in found if item.value and _counts(one, item)]
        if not invented:
            return None
        return Mistake(_INVENTED, one.category, one.sentence, _shown(one, invented[0]))
    best = max(found, key=lambda item: _overlap(one, item), default=None)
    right = f"{one.sentence} [{' or '.join(one.values)}, {one.granularity}]"
    if best is None or not _overlap(one, best):
        return Mistake(_MISSED, one.category, right, "")
    if _canonical(value_of(best)) not in one.values:
        return Mistake(_WRONG_VALUE, one.category, right, _shown(one, best))
    if _GRANULARITIES.get(best.granularity, best.granularity) != one.granularity:
        return Mistake(_WRONG_GRANULARITY, one.category, right, _shown(one, best))
    return None


def _counts(one: LabelledDate, found: Expression) -> bool:
    """Say whether what was found stands where there should be nothing."""
    return not one.spans or _overlap(one, found) > 0


def _overlap(one: LabelledDate, found: Expression) -> int:
    """Return how many characters an expression shares with the labelled one."""
    shared = (min(end, found.end) - max(start, found.start) for start, end in one.spans)
    return max((0, *shared))


def value_of(found: Expression) -> str:
    """Return a value as labelled files write it: "2024-11 MID"; "" if it is unresolved."""
    if found.value is None:
        return ""
    modifier = _MODIFIERS.get(found.value.modifier or "", "")
    return f"{found.value.value} {modifier}".rstrip()


def _canonical(value: str) -> str:
    """Return a value in one notation: clock times with minutes, without seconds that are 0."""
    value = _WHOLE_HOUR.sub(r"T\1:00", value.strip())
    return _SECONDS.sub(r"\1", value).replace("+00:00", "Z")


def _shown(one: LabelledDate, found: Expression) -> str:
    value = value_of(found) or found.unresolved
    return f"{one.sentence[found.start:found.end]} [{value}, {found.granularity}]"
