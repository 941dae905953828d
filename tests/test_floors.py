"""Quality does not fall: floors on the project's own labelled data, with the data's hash.

How to raise a floor, and when its data may change: docs/evaluation.md.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.evaluate import KINDS

EPSILON = {"aliases": 0.0005, "dates": 0.0005, "dedup": 0.0005, "events": 0.01, "ner": 0.004,
           "places": 0.0005}
"""Figures are rounded to four places; a labelled item is worth at least three times this for
deduplication. A model's last bits depend on the processor: one name of ner may fall with them,
and one event, whose trigger stands beside a name.
"""

TESTS = Path(__file__).parent
FLOORS: dict[str, dict[str, Any]] = json.loads(
    (TESTS / "floors.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", FLOORS)
def test_the_data_are_those_that_the_floor_was_measured_on(name: str) -> None:
    found = hashlib.sha256((TESTS / "data" / name).read_bytes()).hexdigest()
    assert found == FLOORS[name]["sha256"], f"{name} has changed: measure its floors anew"


@pytest.mark.parametrize("name", FLOORS)
def test_quality_reaches_the_floors(name: str) -> None:
    kind = FLOORS[name]["kind"]
    evaluation = KINDS[kind](TESTS / "data" / name)
    assert evaluation.details.get("truncated_words", 0) == 0
    for path, floor in FLOORS[name]["floors"].items():
        figure: Any = {"score": evaluation.score, **evaluation.details}
        for step in path.split("."):
            figure = figure[step]
        assert figure >= floor - EPSILON[kind], f"{name}: {path} is {figure}, below {floor}"


def test_every_kind_of_evaluation_has_a_floor() -> None:
    assert {entry["kind"] for entry in FLOORS.values()} == set(KINDS)
