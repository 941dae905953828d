import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.evaluate import KINDS, EvaluationError


def _write(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "places.json"
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return path


def _row(mention: str, iso: str | None, **fields: Any) -> dict[str, Any]:
    plain = {"geonameid": None, "kind": "city", "ctx": None}
    return {"mention": mention, "iso": iso, **plain, **fields}


def test_a_name_is_right_if_country_and_place_are(tmp_path: Path) -> None:
    file = _write(
        tmp_path,
        _row("غزة", "PS", geonameid=281133),
        _row("القدس", "PS|IL"),
        _row("طرابلس", "LB", ctx="LB", geonameid=266826),
        _row("أوروبا", None, kind="region"),
        _row("الأتراك", "TR", kind="demonym"),
        _row("غزة", "PS", geonameid=1),
        _row("دمشق", "LB"),
        _row("لا مكان", "LB"),
    )
    evaluation = KINDS["places"](file)
    assert evaluation.score == round(5 / 8, 4)
    assert evaluation.details["kinds"]["city"] == {"right": 3, "of": 6, "share": 0.5}
    assert [one.sort for one in evaluation.mistakes] == [
        "another place", "another country", "not linked",
    ]


@pytest.mark.parametrize("text", [
    "{}", "[1]", "[", '[{"iso": "PS", "kind": "city"}]',
    '[{"mention": "غزة", "iso": 5, "kind": "city"}]',
    '[{"mention": "غزة", "iso": "PS", "kind": "city", "geonameid": "x"}]',
])
def test_files_of_another_form_are_refused_with_the_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "places.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationError, match=r"places\.json"):
        KINDS["places"](path)


def test_the_command_fails_below_the_minimum(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _write(tmp_path, _row("دمشق", "LB"))
    assert main(["evaluate", "places", str(file), "--min", "0.5", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["score"] == 0.0
