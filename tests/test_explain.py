import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from pipeline.cli import main
from pipeline.explain import UnknownIdError, explain
from pipeline.marked_text import FSI, PDI, Span, marked
from schemas.records import WireSpan
from schemas.views import NoTablesError
from tests.builders import make_mention, make_story
from tests.news_lake import Lake, make_date, make_event, small_lake, write_lake

LAKE = small_lake()
VISIT = next(event for event in LAKE.events if event.trigger == "يزور")
COMMANDS_TO_TERMINALS = "\x1b]0;عنوان\x07\x1b[2J\x9b31m"


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tables")
    write_lake(root, LAKE)
    return root


def _shown(root: Path, wanted: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["explain", wanted, "--tables", str(root)]) == 0
    return re.sub(f"[{FSI}{PDI}]", "", capsys.readouterr().out)


def test_a_story_by_its_id_or_its_beginning(tables: Path) -> None:
    story_id = LAKE.visit.story_id
    for wanted in (story_id, story_id[:6], story_id[:9].upper()):
        found = explain(str(tables), wanted)
        assert found["story"]["story_id"] == story_id
        assert found["wanted"]["kind"] == "story"
    assert [row["surface"] for row in found["mentions"]] == ["هاكان فيدان", "مصر", "اليونان"]
    assert [row["trigger"] for row in found["events"]] == ["يزور", "بيان", "وضرب"]
    assert [row["relation"] for row in found["duplicates"]] == ["near_copy"]


def test_an_event_comes_with_its_names_place_and_date(tables: Path) -> None:
    found = explain(str(tables), VISIT.event_id)
    event = next(row for row in found["events"] if row["event_id"] == VISIT.event_id)
    assert found["wanted"]["kind"] == "event"
    assert event["actors"][0]["role"] == "وزير الخارجية التركي"
    assert event["place_mention"]["surface"] == "مصر"
    assert event["time_date"]["surface"] == "الأحد"
    assert event["quad"] == "verbal cooperation"


def test_a_copy_leads_to_the_story_that_was_kept(tables: Path) -> None:
    found = explain(str(tables), LAKE.duplicates[0].copy_id)
    assert found["wanted"]["kind"] == "copy"
    assert found["story"]["story_id"] == LAKE.visit.story_id


def test_what_replaces_what_is_told_from_both_sides(tables: Path) -> None:
    first = explain(str(tables), LAKE.first_count.story_id)
    assert [row["replaces_as"] for row in first["replaced_by"]] == ["correction_of"]
    assert first["story"]["is_current"] is False
    corrected = explain(str(tables), LAKE.corrected_count.story_id)
    assert [row["revision"] for row in corrected["replaces"]] == [1]
    assert corrected["story"]["is_current"] is True
    rumour = explain(str(tables), LAKE.withdrawn.story_id)
    assert [row["status"] for row in rumour["other_versions"]] == ["withdrawn"]
    assert rumour["story"]["is_current"] is False


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [("0" * 32, "has the ID 000"), ("abc", "6 to 32 of the characters"),
     ("قمة الرياض", "is no ID"), ("a%b_c'd\"", "is no ID"), ("a" * 33, "is no ID")],
    ids=["absent", "short", "words", "patterns", "long"],
)
def test_what_is_no_known_id_fails_in_one_line(
    tables: Path, capsys: pytest.CaptureFixture[str], wanted: str, problem: str
) -> None:
    with pytest.raises(UnknownIdError, match=problem):
        explain(str(tables), wanted)
    assert main(["explain", wanted, "--tables", str(tables)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("naba: ")


def test_a_beginning_of_several_ids_lists_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twins = [make_story(story_id=f"abcdef{number}" + "0" * 25, item_id=str(number),
                        title=f"خبر {number}\x1b[31m") for number in (1, 2)]
    write_lake(tmp_path, LAKE._replace(stories=twins, mentions=(), dates=(), events=()))
    assert main(["explain", "abcdef", "--tables", str(tmp_path)]) == 1
    first, *others = capsys.readouterr().err.splitlines()
    assert first == "naba: 2 IDs begin with abcdef:"
    assert [line.split()[:2] for line in others] == [
        ["story", twin.story_id] for twin in twins]
    assert "\x1b" not in "".join(others)
    assert main(["explain", "abcdef1", "--tables", str(tmp_path)]) == 0


def test_a_folder_without_tables_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NoTablesError):
        explain(str(tmp_path), "abcdef")
    assert main(["explain", "abcdef", "--output", str(tmp_path)]) == 1
    assert "has naba run written there?" in capsys.readouterr().err


def test_a_damaged_file_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lake(tmp_path, LAKE)
    damaged = next(tmp_path.glob("stories/*/*.parquet"))
    damaged.write_bytes(b"PAR1")
    assert main(["explain", "abcdef", "--tables", str(tmp_path)]) == 1
    assert "is damaged" in capsys.readouterr().err


def test_an_older_lake_without_dates_and_events_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lake(tmp_path, LAKE, without=("dates", "events"))
    assert "No events" in _shown(tmp_path, LAKE.visit.story_id, capsys)


def test_json_holds_the_same(tables: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", VISIT.event_id[:8], "--tables", str(tables), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["wanted"]["id"] == VISIT.event_id
    assert found["story"]["text"] == LAKE.visit.text
    assert found["events"][0]["actors"][0]["entity_key"] == "PER:هاكان فيدان"


def test_a_story_on_one_screen(tables: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = _shown(tables, LAKE.corrected_count.story_id, capsys)
    for line in (
        "غارة على غزة",
        "anadolu · aa · correction · ar · revision 2 · current",
        "published 2024-11-10 12:00 UTC (2024-11-10 15:00 Europe/Istanbul), from pubDate · "
        "first seen 2024-11-10 12:00 UTC",
        f"corrects {LAKE.first_count.story_id[:12]}, revision 1 in anadolu: غارة على غزة",
        "‹غزة/ الأناضول›",
        "قتل 5 أشخاص وأصيب آخرون في *غارة* على [غزة] {أمس السبت}، بحسب [وزارة الصحة]. "
        "ونفى الجيش *قصف* مدرسة.",
        "marked: [name] {date} *event* ‹wire›",
    ):
        assert line in shown.splitlines()
    assert ("ASSAULT/aerial غارة · tier A · event noun, lexicon:غارة · "
            "reported by وزارة الصحة, past · 5 killed") in shown
    assert "where غزة PS GeoNames 281133 31.50, 34.47 read in the sentence" in shown
    assert "when 2024-11-09 read in the sentence أمس السبت by yesterday_weekday" in shown
    assert "ASSAULT قصف · tier C · event noun, lexicon:قصف · negated, past" in shown
    assert "names غزة · label LOC · entity geo:281133 · place PS GeoNames 281133" in shown
    assert len(shown.splitlines()) < 30


def test_a_story_with_copies_and_one_that_is_replaced(
    tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = _shown(tables, LAKE.visit.story_id, capsys)
    assert "relation near_copy · similarity 0.93" in shown
    assert "evidence 12 shared shingles" in shown
    assert "who هاكان فيدان (PER TR) by verb_subject · to whom مصر (LOC EG) by verb_" in shown
    shown = _shown(tables, LAKE.first_count.story_id, capsys)
    assert f"corrected by {LAKE.corrected_count.story_id[:12]}, revision 2" in shown
    assert "revision 1 · not current" in shown


def test_an_event_alone_shows_what_it_rests_on(
    tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = _shown(tables, VISIT.event_id, capsys)
    assert "CONSULT/visit يزور · tier A" in shown
    assert "found   finite verb in sentence 1 of the text, by lexicon:يزور" in shown
    assert "certain reported by بيان, present" in shown
    assert "DISASTER" not in shown
    assert "*يزور* وزير" in shown
    assert "وفق بيان." in shown  # an event, but another one
    names = shown[shown.index("Names"):]
    assert "هاكان فيدان" in names
    assert "اليونان" not in names
    assert "near_copy" not in shown


def test_an_event_in_a_headline_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story = make_story(title="غارة على غزة", text="تفاصيل لاحقا")
    raid = make_event(make_story(text=story.title), "غارة", "ASSAULT")._replace(
        story_id=story.story_id, field="title")
    write_lake(tmp_path, LAKE._replace(stories=[story], mentions=(), dates=(), events=[raid]))
    assert "*غارة* على غزة" in _shown(tmp_path, raid.event_id, capsys)


def test_a_long_story_is_cut_and_an_event_shows_its_surroundings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story = make_story(text="كلام " * 1_000 + "غارة جوية. " + "كلام " * 1_000)
    raid = make_event(story, "غارة", "ASSAULT")
    write_lake(tmp_path, LAKE._replace(stories=[story], mentions=(), dates=(), events=[raid]))
    assert "characters more" in _shown(tmp_path, story.story_id, capsys)
    shown = _shown(tmp_path, raid.event_id, capsys)
    assert "*غارة* جوية" in shown
    assert "characters before" in shown
    assert len(shown) < 3_000


@pytest.mark.parametrize("of", ["story", "event"])
def test_an_endless_word_is_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], of: str
) -> None:
    story = make_story(text="ه" * 20_000 + "غارة" + "ه" * 20_000)
    raid = make_event(story, "غارة", "ASSAULT")
    write_lake(tmp_path, LAKE._replace(stories=[story], mentions=(), dates=(), events=[raid]))
    shown = _shown(tmp_path, story.story_id if of == "story" else raid.event_id, capsys)
    assert len(shown) < 5_000


def _hostile_lake() -> Lake:
    text = f"قتل {COMMANDS_TO_TERMINALS} ثلاثة \u202eفي غارة\u2066 على غزة أمس\r\n\x1b[1A وأصيب"
    story = make_story(
        title=f"عاجل {COMMANDS_TO_TERMINALS}", text=text, url="https://x.example/\x1b[31m",
        agency="\x1b[5m", author="\x1b[7m", item_id="\x1b[8m", origin="\x1b[9m.xml",
        wire_spans=(WireSpan("dateline", 0, 6),),
    )
    name = make_mention(story, f"{COMMANDS_TO_TERMINALS} ثلاثة \u202eفي", "LOC",
                        role="\x1b[31m", entity_key="geo:\x1b[32m", link_rule="\x1b[33m",
                        model_id="\x1b[34m")
    day = make_date(story, "أمس\r\n\x1b[1A", rule="\x1b[35m")
    raid = make_event(
        story, "غارة\u2066 على", "ASSAULT", rule="\x1b[36m", actors=[name.mention_id],
        actors_rule="\x1b[37m", place="\x1b[38m", place_from="sentence", reported_by="\x1b[39m",
        time="2024", time_from="sentence", time_date=day.date_id, participants=[name.mention_id],
    )
    copy = LAKE.duplicates[0]._replace(story_id=story.story_id, source_id="\x1b[40m",
                                       evidence="\x1b[41m")
    return LAKE._replace(stories=[story], mentions=[name], dates=[day], events=[raid],
                         duplicates=[copy])


@pytest.mark.parametrize("of", ["story", "event"])
def test_nothing_in_a_text_commands_the_terminal_or_turns_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], of: str
) -> None:
    lake = _hostile_lake()
    write_lake(tmp_path, lake)
    wanted = lake.stories[0].story_id if of == "story" else lake.events[0].event_id
    assert main(["explain", wanted, "--tables", str(tmp_path)]) == 0
    assert main(["show", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066\u2067]", shown)
    for line in shown.splitlines():
        assert line.count(FSI) == line.count(PDI)


def _on_console(text: str, spans: list[Span], **options: Any) -> str:
    console = Console(file=StringIO(), width=80, **options)
    return "\n".join(line.plain for line in marked(console, text, spans))


def test_marks_keep_their_place_whatever_is_dropped_before_them() -> None:
    text = "\u200f\x1b\u200eقال وزير\u200cها في غزة"
    start = text.index("غزة")
    assert _on_console(text, [Span(start, start + 3, "LOC")]) == \
        f"{FSI}قال وزير\u200cها في [غزة]{PDI}"


def test_marks_may_nest_cross_and_span_lines() -> None:
    assert _on_console("أبج", [Span(0, 3, "date"), Span(1, 2, "LOC")]) == f"{FSI}{{أ[ب]ج}}{PDI}"
    assert _on_console("أبج", [Span(0, 2, "LOC"), Span(0, 2, "event")]) == f"{FSI}[*أب*]ج{PDI}"
    assert _on_console("أب\n\nج", [Span(0, 5, "wire")]) == \
        f"{FSI}‹أب›{PDI}\n{FSI}‹ج›{PDI}"


@pytest.mark.parametrize("no_color", [True, False], ids=["NO_COLOR", "colour"])
def test_signs_stand_in_for_colour(no_color: bool) -> None:
    shown = _on_console("في غزة", [Span(3, 6, "LOC")], force_terminal=True,
                        color_system="truecolor", no_color=no_color)
    assert ("[غزة]" in shown) is no_color


def test_explaining_needs_neither_beam_nor_the_model() -> None:
    code = ("import sys, pipeline.cli, pipeline.explain, pipeline.render_explain; "
            "print([name for name in ('apache_beam', 'torch', 'pyarrow') if name in sys.modules])")
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                            check=True)
    assert answer.stdout.strip() == "[]"
