import json
import re
from pathlib import Path

import duckdb
import pytest

from pipeline.cli import main
from pipeline.show import overview, read_steadily
from tests.news_lake import make_event, small_lake, write_lake

LAKE = small_lake()


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tables")
    write_lake(root, LAKE)
    return root


def _shown(root: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["show", str(root)]) == 0
    return re.sub("[\u2068\u2069]", "", capsys.readouterr().out).splitlines()


def test_overview_counts_events_of_current_stories(tables: Path) -> None:
    found = overview(str(tables), latest=5)
    assert found["rows"]["events"] == 8
    counts = {row["type"]: row["events"] for row in found["events"]}
    assert counts == {"ASSAULT": 2, "CONSULT": 1, "STATEMENT": 1, "DISASTER": 1}
    assert {row["type"]: row["quad"] for row in found["events"]}["CONSULT"] == "verbal cooperation"
    assert [(row["country"], row["events"]) for row in found["countries"]] == [
        ("EG", 1), ("GR", 1), ("PS", 1)]


def test_latest_stories_have_their_events_best_first(tables: Path) -> None:
    latest = {row["story_id"]: row for row in overview(str(tables), latest=5)["latest"]}
    visit = latest[LAKE.visit.story_id]
    assert [event["trigger"] for event in visit["events"]] == ["يزور", "وضرب", "بيان"]
    assert visit["copies"] == 1
    assert visit["is_current"] is True
    assert latest[LAKE.first_count.story_id]["is_current"] is False


def test_names_are_counted_by_entity(tmp_path: Path) -> None:
    gaza = next(name for name in LAKE.mentions if name.story_id == LAKE.corrected_count.story_id)
    names = [gaza._replace(mention_id=f"m{number}", start=number, surface=surface)
             for number, surface in enumerate(("غزة", "قطاع غزة", "غزة"))]
    write_lake(tmp_path, LAKE._replace(mentions=names, events=()))
    found = overview(str(tmp_path), latest=5)
    assert [(row["surface"], row["mentions"]) for row in found["names"]] == [("غزة", 3)]
    (story,) = [row for row in found["latest"] if row["names"]]
    assert story["names"] == [{"surface": "غزة", "label": "LOC", "count": 3}]


def test_show_prints_events_in_a_few_words(
    tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = _shown(tables, capsys)
    assert "  CONSULT/visit يزور · مصر EG · 2024-11-10 · present · reported" in shown
    assert "  STATEMENT بيان · 2024-11-10 (publication)" in shown
    assert "  ASSAULT/aerial غارة · غزة PS · 2024-11-09 · reported" in shown
    assert "  ASSAULT قصف · negated" in shown
    assert "  sort material conflict · events ASSAULT (2)" in shown
    assert "  sort countries · events EG (1) GR (1) PS (1)" in shown
    assert any("not current" in line and "revision" not in line for line in shown)


def test_show_says_how_to_go_on(tables: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = _shown(tables, capsys)[-1].rpartition(": naba ")[2].split()
    assert command[0] == "explain"
    assert main(command) == 0


def test_show_of_many_events_stays_short(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = [make_event(LAKE.visit, "يزور", "CONSULT", event_id=f"{number:032x}")
              for number in range(30)]
    write_lake(tmp_path, LAKE._replace(events=events))
    shown = _shown(tmp_path, capsys)
    assert sum("CONSULT يزور" in line for line in shown) == 4
    assert "  and 26 more" in shown


def test_an_older_lake_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lake(tmp_path, LAKE, without=("dates", "events"))
    assert "وزير الخارجية التركي في مصر" in "\n".join(_shown(tmp_path, capsys))
    assert main(["show", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["rows"]["events"], found["events"]) == (0, [])


def test_tables_that_a_run_replaces_while_they_are_read_are_read_again(tmp_path: Path) -> None:
    commits = tmp_path / "_commits"
    commits.mkdir()
    readings = 0

    def read() -> int:
        nonlocal readings
        readings += 1
        if readings == 1:
            (commits / "20241110T060000Z.intent").touch()
            raise duckdb.IOException("a file is gone")
        if readings == 2:
            (commits / "20241110T060000Z.intent").rename(commits / "20241110T060000Z.json")
            raise duckdb.InvalidInputException("half of another file")
        return readings

    assert read_steadily(str(tmp_path), read) == 3


def test_a_damaged_file_is_told_at_once(tmp_path: Path) -> None:
    readings: list[str] = []

    def read() -> None:
        readings.append("once")
        raise duckdb.IOException("damaged")

    with pytest.raises(duckdb.IOException, match="damaged"):
        read_steadily(str(tmp_path), read)
    assert len(readings) == 1
