import json
import logging
from pathlib import Path

import pytest

from transforms.label_map import LABELS_FILE, TAGS, LabelError, LabelMap, map_labels


def read_map(labels: list[str], folder: Path) -> list[str]:
    return [TAGS[tag] for tag in map_labels(dict(enumerate(labels)), folder).tags]


LABEL_SETS = {
    "camelbert": (
        ["O", "B-LOC", "B-ORG", "B-PERS", "B-MISC", "I-LOC", "I-ORG", "I-PERS", "I-MISC"],
        ["O", "B-LOC", "B-ORG", "B-PER", "B-MISC", "I-LOC", "I-ORG", "I-PER", "I-MISC"],
    ),
    "hatmimoha": (
        ["O", "B-PERSON", "I-ORGANIZATION", "B-LOCATION", "B-DATE", "I-PRODUCT",
         "B-COMPETITION", "B-PRIZE", "I-EVENT", "B-DISEASE"],
        ["O", "B-PER", "I-ORG", "B-LOC", "O", "I-MISC", "B-MISC", "B-MISC", "I-MISC", "O"],
    ),
    "marefa": (
        ["O", "B-job", "I-job", "B-nationality", "B-person", "I-person", "B-location",
         "B-time", "B-event", "I-organization", "B-product", "I-artwork"],
        ["O", "O", "O", "B-MISC", "B-PER", "I-PER", "B-LOC", "O", "B-MISC", "I-ORG", "B-MISC",
         "I-MISC"],
    ),
    "wojood": (
        ["B-PERS", "B-NORP", "I-OCC", "B-ORG", "I-GPE", "B-LOC", "B-FAC", "B-EVENT", "B-DATE",
         "B-TIME", "B-LANGUAGE", "B-WEBSITE", "I-LAW", "B-PRODUCT", "B-CARDINAL", "B-ORDINAL",
         "B-PERCENT", "B-QUANTITY", "B-UNIT", "B-MONEY", "I-CURR", "O"],
        ["B-PER", "B-MISC", "O", "B-ORG", "I-LOC", "B-LOC", "B-LOC", "B-MISC", *["O"] * 4,
         "I-MISC", "B-MISC", *["O"] * 8],
    ),
    "fane": (
        ["B-Politician", "I-Non-Governmental", "B-Population-Center", "B-Other_PER", "O"],
        ["B-PER", "I-ORG", "B-LOC", "B-PER", "O"],
    ),
    "bilou": (
        ["O", "B-PER", "I-PER", "L-PER", "U-PER"], ["O", "B-PER", "I-PER", "I-PER", "B-PER"],
    ),
    "bioes": (
        ["O", "B-LOC", "I-LOC", "E-LOC", "S-LOC"], ["O", "B-LOC", "I-LOC", "I-LOC", "B-LOC"],
    ),
    "underscore": (["O", "B_PERS", "I_PERS"], ["O", "B-PER", "I-PER"]),
    "no_prefix": (["O", "PER", "GPE", "date"], ["O", "I-PER", "I-LOC", "O"]),
}


@pytest.mark.parametrize(("labels", "tags"), LABEL_SETS.values(), ids=LABEL_SETS.keys())
def test_map_labels_of_known_sets(labels: list[str], tags: list[str], tmp_path: Path) -> None:
    assert read_map(labels, tmp_path) == tags


@pytest.mark.parametrize(
    ("labels", "scheme"),
    [(["O", "B-PER", "I-PER"], "BIO"), (["O", "I-PER", "I-LOC"], "IO"), (["O", "PER"], "IO")],
    ids=["beginnings", "inside_only", "no_prefix"],
)
def test_map_labels_names_the_scheme(labels: list[str], scheme: str, tmp_path: Path) -> None:
    assert map_labels(dict(enumerate(labels)), tmp_path).scheme == scheme


def test_map_labels_drops_and_logs_unknown_kinds_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        tags = read_map(["O", "B-PER", "B-PLANET", "I-PLANET"], tmp_path)
    assert tags == ["O", "B-PER", "O", "O"]
    (record,) = caplog.records
    assert record.__dict__["labels"] == ["B-PLANET", "I-PLANET"]


def test_map_labels_refuses_labels_without_names(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"LABEL_0.*naba_labels\.json"):
        map_labels({0: "LABEL_0", 1: "LABEL_1"}, tmp_path)


def test_map_labels_follows_the_folder(tmp_path: Path) -> None:
    labels = {
        "LABEL_1": "B-PER", "label_2": "I-PER", "TEAM": "ORG", "B-JOB": "MISC", "GPE": None,
        "LABEL_0": "O",
    }
    (tmp_path / LABELS_FILE).write_text(json.dumps({"labels": labels, "scheme": "IOB1"}))
    given = ["LABEL_0", "LABEL_1", "LABEL_2", "I-Team", "B-JOB", "I-JOB", "B-GPE"]
    mapped = map_labels(dict(enumerate(given)), tmp_path)
    assert [TAGS[tag] for tag in mapped.tags] == [
        "O", "B-PER", "I-PER", "I-ORG", "B-MISC", "O", "O"
    ]
    assert mapped.scheme == "IOB1"


def test_map_labels_keeps_the_table_beside_an_override(tmp_path: Path) -> None:
    (tmp_path / LABELS_FILE).write_text('{"scheme": "IO"}')
    assert map_labels({0: "O", 1: "B-PERS"}, tmp_path) == LabelMap((0, 1), "IO")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "no JSON"),
        ("[]", "object"),
        ('{"labels": []}', "object"),
        ('{"labels": {"A": "PLANET"}}', "PLANET"),
        ('{"labels": {"A": ["PER"]}}', "PER"),
        ('{"scheme": "BILOU"}', "BILOU"),
    ],
    ids=["broken", "list", "labels_list", "unknown_kind", "nested", "unknown_scheme"],
)
def test_map_labels_refuses_a_bad_file(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / LABELS_FILE).write_text(content)
    with pytest.raises(LabelError, match=message):
        map_labels({0: "O", 1: "B-PER"}, tmp_path)
