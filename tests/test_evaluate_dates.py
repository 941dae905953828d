import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.evaluate import KINDS, Evaluation, EvaluationError

REFERENCE = "2024-11-10T12:00:00+03:00"
DATED = {"id": 1, "cat": "abs", "expr": "11 تشرين الثاني 2024", "expected": "2024-11-11",
         "sent": "عُقد الاجتماع في 11 تشرين الثاني 2024.", "gran": "day", "note": ""}
TRAP = {"id": 2, "cat": "trap", "expr": "", "expected": None, "gran": None,
        "sent": "وقال حسين شعبان إن القرار 1701 واضح."}


def _evaluate(tmp_path: Path, *cases: dict[str, Any], **fields: Any) -> Evaluation:
    path = tmp_path / "dates.json"
    whole = {"reference": REFERENCE, "cases": list(cases), **fields}
    path.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    return KINDS["dates"](path)


def _dated(**fields: Any) -> dict[str, Any]:
    return {**DATED, **fields}


def test_dates_found_and_traps_left_alone_are_right(tmp_path: Path) -> None:
    found = _evaluate(tmp_path, DATED, TRAP)
    assert (found.kind, found.score, found.mistakes) == ("dates", 1.0, [])
    assert found.details["dates"] == {"right": 1, "of": 1}
    assert found.details["without_a_date"] == {"left_alone": 1, "of": 1}
    assert found.details["categories"]["trap"] == {"right": 1, "of": 1, "share": 1.0}
    assert found.details["exact_spans"] == 1


@pytest.mark.parametrize(("fields", "sort"), [
    pytest.param({"expected": "2024-11-12"}, "another value", id="value"),
    pytest.param({"gran": "month"}, "another granularity", id="granularity"),
    pytest.param({"expr": "الاجتماع"}, "not found", id="elsewhere"),
    pytest.param({"expected": None, "gran": None}, "a date where there is none", id="invented"),
    pytest.param({"expected": None, "expr": ""}, "a date where there is none", id="trap"),
])
def test_every_sort_of_mistake_is_told(tmp_path: Path, fields: dict[str, Any], sort: str) -> None:
    found = _evaluate(tmp_path, _dated(**fields), TRAP)
    assert found.score == 0.5
    assert [mistake.sort for mistake in found.mistakes] == [sort]


@pytest.mark.parametrize(("sentence", "expression", "expected", "granularity"), [
    pytest.param("منتصف الشهر الجاري.", "منتصف الشهر الجاري", "2024-11 MID", "month", id="mod"),
    pytest.param("وصل مساء السبت.", "مساء السبت", "2024-11-09TEV", "part_of_day", id="part"),
    pytest.param("في شهر رمضان الماضي.", "شهر رمضان الماضي", "2024-03-11/2024-04-09",
                 "hijri_month", id="hijri"),
    pytest.param("الساعة الثامنة مساء.", "الساعة الثامنة مساء", "2024-11-10T20:00", "minute",
                 id="a whole hour is also an hour and no minutes"),
    pytest.param("وصل قبل أيام.", "قبل أيام", None, None, id="rightly unresolved"),
    pytest.param("وصل أمس.", "أمس", ["2024-11-08", "2024-11-09"], "day", id="one of several"),
])
def test_notations_of_labelled_files_are_understood(
    tmp_path: Path, sentence: str, expression: str, expected: Any, granularity: str | None
) -> None:
    case = {"sent": sentence, "expr": expression, "expected": expected, "gran": granularity}
    assert _evaluate(tmp_path, case).score == 1.0


def test_a_case_may_have_its_own_reference_time_and_fields_unknown_here(tmp_path: Path) -> None:
    case = _dated(sent="وصل أمس.", expr="أمس", expected="2020-02-28",
                  reference="2020-02-29T01:00:00Z", annotator="x")
    assert _evaluate(tmp_path, case, author="y").score == 1.0


def test_the_expression_that_shares_most_letters_answers(tmp_path: Path) -> None:
    sentence = "وصل أمس السبت وغادر اليوم الأحد."
    case = _dated(sent=sentence, expr="اليوم الأحد", expected="2024-11-10")
    assert _evaluate(tmp_path, case).score == 1.0


@pytest.mark.parametrize(("content", "message"), [
    pytest.param("{", "not JSON", id="broken"),
    pytest.param("[]", "one JSON object", id="list"),
    pytest.param('{"cases": [1]}', "one JSON object", id="case"),
    pytest.param('{"cases": []}', "is empty", id="empty"),
    pytest.param('{"cases": [{"sent": "أمس"}]}', "'expected' is missing", id="expected"),
    pytest.param('{"cases": [{"sent": 1}]}', "'sent' should be text", id="sentence"),
    pytest.param('{"cases": [{"sent": "أمس", "expected": null}]}', "'reference' should be",
                 id="reference"),
    pytest.param('{"reference": "x", "cases": [{"sent": "أمس", "expected": null}]}',
                 "a time like 2024", id="time"),
    pytest.param('{"cases": [{"sent": "أمس", "expr": "غدا", "expected": "2024"}]}',
                 "does not stand in", id="expression"),
    pytest.param('{"cases": [{"sent": "أمس", "expected": "2024"}]}', "needs 'expr'", id="words"),
    pytest.param('{"cases": [{"sent": "أمس", "expr": "أمس", "expected": 3}]}',
                 "a list of texts, or null", id="number"),
    pytest.param('{"cases": [{"sent": "أمس", "expr": 3, "expected": null}]}', "'expr'", id="expr"),
    pytest.param('{"cases": [{"sent": "أمس", "expr": "أمس", "expected": "2024"}]}', "'gran'",
                 id="granularity"),
])
def test_malformed_files_are_told_what_is_wrong(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "dates.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(EvaluationError, match=message) as raised:
        KINDS["dates"](path)
    assert str(path) in str(raised.value)


def test_the_command_line_evaluates_dates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "dates.json"
    path.write_text(json.dumps({"reference": REFERENCE, "cases": [DATED]}), encoding="utf-8")
    assert main(["evaluate", "dates", str(path), "--json", "--min", "1"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == 1.0
