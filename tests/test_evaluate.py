import json
import lzma
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.agreement import PairCounts
from pipeline.cli import main
from pipeline.evaluate import KINDS, MERGED, MISSED, Evaluation, EvaluationError

TEXT = (
    "أعلنت إدارة المرفأ، الأحد، استئناف الملاحة بعد توقف دام خمسة أيام جراء العاصفة التي ضربت "
    "الساحل الشمالي وألحقت أضرارا برصيفين. وقالت الإدارة في بيان إن السفينة الأولى محملة بنحو "
    "32 ألف طن من القمح وإنها رست عند الرصيف الرابع."
)
OTHER = (
    "قررت وزارة التربية تأجيل امتحانات الشهادة الثانوية أسبوعا واحدا بسبب موجة الحر التي تضرب "
    "البلاد. وقالت الوزارة إن القرار يشمل 180 ألف طالب موزعين على 950 مركزا."
)
HOUR_S = 3600


def _item(item_id: str, cluster: str, body: str = TEXT, **fields: Any) -> dict[str, Any]:
    item = {"id": item_id, "cluster": cluster, "src": f"src-{item_id}", "ts": 1_772_323_200,
            "title": "خبر", "body": body}
    return {**item, **fields}


def _evaluate(path: Path, rows: list[Any]) -> Evaluation:
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(lines, encoding="utf-8")
    return KINDS["dedup"](path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "items.jsonl"


def test_items_rightly_clustered_score_one(file: Path) -> None:
    found = _evaluate(file, [
        _item("a", "1", rel="base"), _item("b", "1", rel="exact"), _item("c", "2", OTHER),
    ])
    assert (found.measure, found.score) == ("adjusted Rand index", 1.0)
    assert found.details["recall"] == {"exact": {"items": 1, "recall": 1.0}}
    assert found.details["links"] == {"asserted": 1, "precision": 1.0}
    assert found.mistakes == []


def test_a_false_merge_costs_and_is_laid_side_by_side(file: Path) -> None:
    found = _evaluate(file, [
        _item("a", "1", rel="base"), _item("b", "2", rel="neg_template"), _item("c", "3", OTHER),
    ])
    assert found.score == 0.0
    assert found.details["pairs"]["precision"] == 0.0
    assert found.details["hard_negatives"] == {"items": 1, "merged": 1.0}
    [mistake] = found.mistakes
    assert mistake.sort == MERGED
    assert mistake.one.startswith("خبر — أعلنت إدارة المرفأ")


def test_a_missed_copy_costs_recall_of_its_relation(file: Path) -> None:
    found = _evaluate(file, [
        _item("a", "1", rel="base"), _item("b", "1", OTHER, rel="para"), _item("c", "1"),
    ])
    assert found.details["recall"] == {
        "": {"items": 1, "recall": 1.0}, "para": {"items": 1, "recall": 0.0},
    }
    assert found.details["pairs"] == {"precision": 1.0, "recall": 0.3333, "f1": 0.5}
    assert [mistake.sort for mistake in found.mistakes] == [MISSED]


def test_versions_of_one_item_are_one_story(file: Path) -> None:
    first, second = _item("a", "1"), _item("b", "1", OTHER, src="src-a", ts=1_772_330_000)
    first["guid"] = second["guid"] = "g"
    assert _evaluate(file, [second, first]).score == 1.0


def test_an_update_kept_as_a_story_stays_in_its_cluster(file: Path) -> None:
    longer = f"{TEXT} {OTHER}"
    found = _evaluate(file, [
        _item("a", "1"), _item("b", "1", longer, src="src-a", ts=1_772_323_200 + HOUR_S),
    ])
    assert found.details["pairs"]["recall"] == 1.0


def test_an_item_that_is_rejected_stands_alone(file: Path) -> None:
    found = _evaluate(file, [_item("a", "1"), _item("b", "2", "!", title="")])
    assert found.details["rejected"] == 1
    assert found.score == 1.0


def _pair(label: str, text: str, **side: Any) -> dict[str, Any]:
    a = {"id": "x", "src": "one", "time": "2026-03-01T06:00:00+00:00", "title": "خبر",
         "text": TEXT}
    b = {**a, "id": "y", "src": "two", "text": text, "time": "2026-03-01T09:00:00Z"}
    return {"label": label, "a": a, "b": {**b, **side}}


def test_pairs(file: Path) -> None:
    found = _evaluate(file, [
        _pair("S", TEXT), _pair("S", OTHER), _pair("E", TEXT), _pair("N", OTHER),
        _pair("S", TEXT[:170]),
    ])
    assert (found.measure, found.score) == ("F1", 0.6667)
    assert (found.details["precision"], found.details["recall"]) == (0.6667, 0.6667)
    assert found.details["merged"]["E"] == {"pairs": 1, "merged": 1}
    assert [mistake.sort for mistake in found.mistakes] == [MISSED, MERGED]


def test_a_time_without_offset_is_utc(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Etc/GMT+12")
    time.tzset()
    try:
        almost_three_days_later = _pair("S", TEXT[:170], time="2026-03-04T05:00:00")
        assert _evaluate(file, [almost_three_days_later]).score == 1.0
    finally:
        monkeypatch.undo()
        time.tzset()


WRONG = {
    "empty": ("", "neither a labelled item"),
    "no json": ("خبر", "line 1: not JSON"),
    "array": ("[1]", "line 1: a list"),
    "deep": ("[" * 100_000, "line 1: not JSON"),
    "other fields": ('{"tokens": ["خبر"]}', "it has tokens"),
    "time in ms": (json.dumps(_item("a", "1", ts=1_772_323_200_000)), "seconds since 1970"),
    "time as text": (json.dumps(_item("a", "1", ts="now")), "seconds since 1970"),
    "number for text": (json.dumps(_item("a", "1", title=7)), "'title' should be text"),
    "same id twice": (f'{json.dumps(_item("a", "1"))}\n\n{json.dumps(_item("a", "2"))}',
                      "line 3: a second item"),
    "label": ('{"a": {}, "b": {}, "label": "yes"}', "'yes' is none of S, E, N"),
    "no side": ('{"a": 1, "b": {}, "label": "S"}', "line 1, a: should be an object"),
    "no time": ('{"a": {"time": "yesterday"}, "b": {}, "label": "S"}', "should be ISO 8601"),
}


@pytest.mark.parametrize(("content", "message"), WRONG.values(), ids=WRONG)
def test_wrong_files_say_what_is_wrong(file: Path, content: str, message: str) -> None:
    file.write_text(content, encoding="utf-8")
    with pytest.raises(EvaluationError) as caught:
        KINDS["dedup"](file)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [("a.jsonl", "خبر".encode("cp1256"), "not UTF-8"), ("a.xz", b"no xz", "broken .xz"),
     ("a.jsonl.xz", lzma.compress(b'{"a": 1}')[:-9], "broken .xz")],
    ids=["charset", "no xz", "cut xz"],
)
def test_files_of_other_bytes(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(EvaluationError, match=message):
        KINDS["dedup"](path)


def test_a_line_without_end(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.evaluate.LINE_CHARS_MAX", 100)
    with pytest.raises(EvaluationError, match="line 1: longer than 100 characters"):
        _evaluate(file, [_item("a", "1")])


def test_compressed_items(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl.xz"
    path.write_bytes(lzma.compress(json.dumps(_item("a", "1")).encode()))
    assert KINDS["dedup"](path).details["items"] == 1


def test_the_command(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _evaluate(file, [_item("a", "1"), _item("b", "2"), _item("c", "3", OTHER)])
    assert main(["evaluate", "dedup", str(file)]) == 0
    assert "merged, but two stories: 1" in capsys.readouterr().out
    assert main(["evaluate", "dedup", str(file), "--json", "--min", "0.9", "--errors", "0"]) == 1
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    assert answer["score"] == 0.0
    assert answer["details"]["mistakes"] == {MERGED: 1}
    assert answer["mistakes"] == []
    assert "below 0.9" in printed.err


def test_the_command_on_what_is_no_labelled_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "dedup", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("naba: ")


@pytest.mark.parametrize(
    "arguments",
    [["sports", "x"], ["dedup"], ["dedup", "x", "--min", "2"], ["dedup", "x", "--errors", "-1"]],
    ids=["kind", "no file", "min", "errors"],
)
def test_a_wrong_command(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["evaluate", *arguments])
    assert stop.value.code == 2


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=2))
def test_agreement_ignores_which_clustering_is_which(places: list[tuple[str, str]]) -> None:
    one, other = PairCounts.of(places), PairCounts.of([place[::-1] for place in places])
    assert one.adjusted_rand_index() == pytest.approx(other.adjusted_rand_index())
    assert one.rates()["f1"] == other.rates()["f1"]
    assert PairCounts.of((place, place) for place, _ in places).adjusted_rand_index() == 1.0


def test_adjusted_rand_index_of_a_known_table() -> None:
    # Hubert and Arabie's index by hand: 2 of 15 pairs in both, 6 and 3 in one: (2-1.2)/(4.5-1.2)
    counts = PairCounts.of(zip("aaabbb", "xxyyzz", strict=True))
    assert counts == (2, 6, 3, 15)
    assert counts.adjusted_rand_index() == pytest.approx(0.8 / 3.3)
