import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.evaluate import KINDS, Evaluation, EvaluationError
from pipeline.evaluate_aliases import MERGED, MISSED


def _evaluate(path: Path, content: Any) -> Evaluation:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return KINDS["aliases"](path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "aliases.json"


def test_merges_and_misses_both_count(file: Path) -> None:
    found = _evaluate(file, {"pairs": [
        ["هاكان فيدان", "فيدان", 1],
        ["محمود عباس", "عباس عراقجي", 0],
        ["هاكان فيدان", "فيدان", 0],
        ["محمود عباس", "عباس عراقجي", 1],
    ]})
    assert (found.kind, found.measure, found.score) == ("aliases", "accuracy", 0.5)
    assert found.details == {
        "pairs": 4, "same": 2, "different": 2, "precision": 0.5, "recall": 0.5,
        "false_merges": 1, "missed": 1,
    }
    assert [mistake.sort for mistake in found.mistakes] == [MERGED, MISSED]
    assert found.mistakes[1].one == "محمود عباس"


@pytest.mark.parametrize("content", [
    [], {}, {"pairs": {}}, {"pairs": []}, {"pairs": [["واحد", "اثنان"]]},
    {"pairs": [["واحد", "اثنان", 2]]}, {"pairs": [["واحد", 2, 1]]}, {"pairs": ["واحد"]},
], ids=repr)
def test_a_file_without_labelled_pairs_is_refused(file: Path, content: Any) -> None:
    with pytest.raises(EvaluationError, match=r"aliases\.json"):
        _evaluate(file, content)


def test_what_is_no_json_is_refused(file: Path) -> None:
    file.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(EvaluationError, match="not JSON"):
        KINDS["aliases"](file)


def test_the_command_prints_what_it_found(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _evaluate(file, {"pairs": [["غوغل", "جوجل", 1], ["غوغل", "آبل", 1]]})
    assert main(["evaluate", "aliases", str(file), "--json", "--min", "0.6"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["score"] == 0.5
    assert answer["details"]["missed"] == 1
