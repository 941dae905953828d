"""Whole runs, from the command to the tables."""

import json
import random
import shutil
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.run import MEMORY_RUNS, feed_memory
from schemas.records import Fetch
from schemas.tables import FETCHES
from tests.builders import NOON, TEXT
from tests.lake import check_laws, checksums, rows
from tests.loopback import Reply, serve
from transforms.commit import stage

SLOT, LATER = "2024-11-10T06:00Z", "2024-11-10T07:00Z"
WORDS = [f"كلمة{n}" for n in range(300)]


def _feed(path: Path, items: list[tuple[str, str, str]]) -> Path:
    """Write an RSS feed of (guid, title, text)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = "".join(
        f"<item><guid>{guid}</guid><title>{title}</title><description>{text}</description>"
        f"<pubDate>Sun, 10 Nov 2024 {number % 24:02}:00:00 GMT</pubDate></item>"
        for number, (guid, title, text) in enumerate(items)
    )
    path.write_text(
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>و</title>{body}</channel></rss>',
        encoding="utf-8",
    )
    return path


@pytest.fixture
def wires(tmp_path: Path) -> Path:
    """Three outlets that copy from each other, a broken file and an item without text."""
    rng = random.Random(7)
    stories = [" ".join(rng.choices(WORDS, k=50)) for _ in range(12)]
    folder = tmp_path / "wires"
    outlets = (("aa", "", 0), ("sana", " وفق البيان", 4), ("nna", " كما أعلن", 2))
    for outlet, tail, first in outlets:
        _feed(folder / f"{outlet}.xml",
              [(f"{outlet}-{n}", f"خبر {n}", stories[n] + tail) for n in range(first, first + 8)])
    _feed(folder / "broken.xml", [("b-1", "", "")])
    (folder / "story.txt").write_text(TEXT, encoding="utf-8")
    return folder


def _run(output: Path, *arguments: object) -> int:
    return main(["run", *map(str, arguments), "--output", str(output)])


def _kept(root: Path) -> set[str]:
    return {story_id for (story_id,) in rows(root, "select story_id from @stories")}


def test_a_second_run_adds_no_story(tmp_path: Path, wires: Path) -> None:
    output = tmp_path / "tables"
    assert _run(output, wires) == 0
    before = _kept(output)
    assert len(before) == 13
    assert _run(output, wires) == 0
    assert _kept(output) == before
    ((read, unchanged),) = rows(output, """
        select list_sum([c.read for c in counts]), list_sum([c.unchanged for c in counts])
        from @runs order by run_id desc limit 1
    """)
    assert read == unchanged == 26
    check_laws(output)


def test_the_same_slot_again_gives_the_same_bytes(tmp_path: Path, wires: Path) -> None:
    output = tmp_path / "tables"
    _run(output, wires, "--run-id", SLOT)
    _run(output, wires, "--run-id", LATER)
    before = checksums(output)
    _run(output, wires, "--run-id", SLOT)
    _run(output, wires, "--run-id", LATER)
    assert checksums(output) == before


def test_neither_order_nor_workers_nor_shards_change_the_rows(
    tmp_path: Path, wires: Path
) -> None:
    files = sorted(wires.iterdir())
    _run(tmp_path / "one", *files, "--run-id", SLOT)
    _run(tmp_path / "two", *files[::-1], "--run-id", SLOT, "--workers", 2)
    assert checksums(tmp_path / "one") == checksums(tmp_path / "two")
    _run(tmp_path / "three", *files, "--run-id", SLOT, "--shards", 3)
    for table in ("stories", "mentions", "dates", "events", "duplicates", "rejects"):
        everything = f"select * exclude (ingest_date) from @{table} order by all"
        assert rows(tmp_path / "three", everything) == rows(tmp_path / "one", everything)


def test_inputs_split_over_two_runs_keep_each_story_once(tmp_path: Path, wires: Path) -> None:
    whole, split = tmp_path / "whole", tmp_path / "split"
    _run(whole, wires, "--run-id", SLOT)
    files = sorted(wires.iterdir())
    _run(split, *files[::2], "--run-id", SLOT)
    _run(split, *files[1::2], "--run-id", LATER)
    for output in (whole, split):
        check_laws(output)
        assert len(_kept(output)) == 13
        assert rows(output, "select count(*) from @duplicates") == [(12,)]


def test_a_changed_item_is_a_new_revision(tmp_path: Path) -> None:
    output, feed = tmp_path / "tables", tmp_path / "aa.xml"
    _run(output, _feed(feed, [("1", "خبر", TEXT)]))
    _run(output, _feed(feed, [("1", "خبر", TEXT + " وارتفعت الحصيلة مساء")]))
    assert rows(output, "select item_id, revision from @stories order by revision") == [
        ("1", 1), ("1", 2)
    ]
    assert rows(output, "select items_new, items_changed from @fetches order by run_id") == [
        (1, 0), (0, 1)
    ]


def test_a_feed_is_polled_with_its_memory(tmp_path: Path) -> None:
    output = tmp_path / "tables"
    body = _feed(tmp_path / "aa.xml", [("1", "خبر", TEXT)]).read_bytes()

    with serve() as server:
        server.routes["/rss"] = lambda seen: (
            Reply(status=304) if seen.headers.get("if-none-match") == '"v1"'
            else Reply(body, headers=(("ETag", '"v1"'),))
        )
        for _ in range(3):
            assert _run(output, f"{server.url}/rss", "--allow-loopback") == 0
    assert rows(output, "select outcome, status from @fetches order by run_id") == [
        ("ok", 200), ("not_modified", 304), ("not_modified", 304)
    ]
    assert len(_kept(output)) == 1


def test_a_feed_on_this_machine_is_refused_unless_allowed(tmp_path: Path) -> None:
    with serve() as server:
        assert _run(tmp_path / "tables", f"{server.url}/rss") == 1
        assert server.requests == []


def test_a_repeated_run_never_loses_what_it_has_committed(
    tmp_path: Path, wires: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "tables"
    _run(output, wires / "story.txt", "--run-id", SLOT)
    before = checksums(output)
    (wires / "story.txt").rename(tmp_path / "elsewhere")
    assert _run(output, wires / "story.txt", "--run-id", SLOT) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("naba: this slot has been committed before")
    assert "wires/story.txt cannot be read" in last
    assert "while running" not in last
    assert checksums(output) == before


def test_a_repeated_run_is_refused_if_a_feed_now_breaks_off(tmp_path: Path) -> None:
    output, feed = tmp_path / "tables", tmp_path / "aa.xml"
    _run(output, _feed(feed, [("1", "خبر", TEXT), ("2", "خبر", TEXT[::-1])]), "--run-id", SLOT)
    before = checksums(output)
    feed.write_bytes(feed.read_bytes()[:-80])
    assert _run(output, feed, "--run-id", SLOT) == 1
    assert checksums(output) == before


def test_exports_that_overlap_are_one_source(tmp_path: Path) -> None:
    def export(folder: str, *texts: str) -> Path:
        path = tmp_path / folder / "result.json"
        path.parent.mkdir()
        messages = [
            {"id": n, "type": "message", "date_unixtime": str(1_731_240_000 + n), "text": text}
            for n, text in enumerate(texts)
        ]
        path.write_text(json.dumps({"name": "قناة", "type": "public_channel", "id": 7,
                                    "messages": messages}), encoding="utf-8")
        return path

    output = tmp_path / "tables"
    first, second = TEXT, " ".join(reversed(TEXT.split()))
    _run(output, export("march", first, second))
    _run(output, export("april", first, second + " مساء"))
    assert rows(output, "select source_id, item_id, revision from @stories order by all") == [
        ("telegram/7", "7/0", 1), ("telegram/7", "7/1", 1), ("telegram/7", "7/1", 2)
    ]
    assert rows(output, "select items_new, items_changed from @fetches order by run_id") == [
        (2, 0), (0, 1)
    ]


def test_a_repeated_run_is_refused_if_an_export_is_now_cut_off(tmp_path: Path) -> None:
    output, export = tmp_path / "tables", tmp_path / "result.json"
    messages = [{"id": n, "type": "message", "text": f"{TEXT} {n}"} for n in range(3)]
    whole = json.dumps({"type": "public_channel", "id": 7, "messages": messages})
    export.write_text(whole)
    _run(output, export, "--run-id", SLOT)
    before = checksums(output)
    export.write_text(whole[:-200])
    assert _run(output, export, "--run-id", SLOT) == 1
    assert checksums(output) == before


def test_the_output_may_lie_in_the_folder_that_is_read(tmp_path: Path, wires: Path) -> None:
    output = wires / "tables"
    assert _run(output, wires) == 0
    assert _run(output, wires) == 0
    assert len(_kept(output)) == 13


def test_an_output_whose_name_is_a_pattern_is_taken_by_its_name(
    tmp_path: Path, wires: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(tmp_path / "ta", wires / "aa.xml")
    _run(tmp_path / "t[ab]", wires / "story.txt")
    capsys.readouterr()
    main(["show", str(tmp_path / "t[ab]"), "--json"])
    assert json.loads(capsys.readouterr().out)["rows"]["stories"] == 1


@pytest.mark.parametrize(
    ("sources", "status"),
    [(["story.txt"], 0), (["story.txt", "absent.xml"], 3), (["absent.xml"], 1)],
    ids=["success", "partial", "failure"],
)
def test_exit_status_tells_partial_failure_apart(
    tmp_path: Path, wires: Path, sources: list[str], status: int
) -> None:
    assert _run(tmp_path / "tables", *(wires / name for name in sources)) == status


def test_json_outcome_is_readable_arabic(
    tmp_path: Path, wires: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "tables"
    shutil.copy(wires / "story.txt", tmp_path / "خبر.txt")
    _run(output, tmp_path / "خبر.txt", "--json")
    text = capsys.readouterr().out
    assert "خبر.txt" in text
    outcome = json.loads(text)
    assert outcome["counts"][0]["stories"] == 1
    assert outcome["rejects"] == []
    main(["show", str(output), "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert shown["rows"]["stories"] == 1
    assert TEXT in shown["latest"][0]["text"]


def test_a_folder_without_files_fails_with_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert _run(tmp_path / "tables", tmp_path / "empty") == 1
    assert "no files" in capsys.readouterr().err


def test_an_output_that_is_the_working_folder_has_a_history(
    tmp_path: Path, wires: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tables").mkdir()
    monkeypatch.chdir(tmp_path / "tables")
    for _ in range(2):
        assert _run(Path(), wires / "story.txt") == 0
    assert rows(tmp_path / "tables", "select count(*) from @stories") == [(1,)]


def test_the_latest_poll_is_remembered_and_few_files_are_read_for_a_new_source(
    tmp_path: Path
) -> None:
    def poll(number: int, source_id: str, etag: str) -> str:
        fetch = Fetch(source_id, "https://a.example", NOON, 0.1, "ok", 200, None, etag, None, None,
                      0, None, 0, 0, 0, [])
        staged = stage(str(tmp_path), FETCHES, [fetch], f"20241110T06{number:04d}Z")
        return str(tmp_path / staged.staged)

    files = [poll(0, "long ago", "v0"), *(poll(1, "nna", "v1") for _ in range(MEMORY_RUNS - 1)),
             poll(2, "aa", "v2"), poll(3, "aa", "v3")]
    Path(files[0]).write_bytes(b"not read")
    Path(files[1]).write_bytes(b"not read")
    memory = feed_memory(files, {"aa", "nna", "new"})
    assert {name: row["etag"] for name, row in memory.items()} == {"aa": "v3", "nna": "v1"}
    for path in files[:-1]:
        Path(path).write_bytes(b"not read")
    assert feed_memory(files, {"aa"})["aa"]["etag"] == "v3"


def test_a_slot_that_is_run_late_or_again_sees_nothing_of_later_ones(
    tmp_path: Path, wires: Path
) -> None:
    output, files = tmp_path / "tables", sorted(wires.iterdir())
    _run(output, *files[::2], "--run-id", SLOT)
    _run(output, *files[1::2], "--run-id", LATER)
    _run(output, *files, "--run-id", "2024-11-10T06:30Z")  # comes late
    counts = rows(output, """
        select c.source_id, c.read, c.unchanged
        from (select run_id, unnest(counts) as c from @runs) where run_id like '%T063000Z'
        order by c.source_id
    """)
    assert counts == [("wires/aa.xml", 8, 8), ("wires/broken.xml", 1, 0), ("wires/nna.xml", 8, 8),
                      ("wires/sana.xml", 8, 0), ("wires/story.txt", 1, 1)]
    before = checksums(output)
    for slot, sources in ((SLOT, files[::2]), ("2024-11-10T06:30Z", files)):
        _run(output, *sources, "--run-id", slot)
        assert checksums(output) == before
        shutil.rmtree(output / "_index")
        _run(output, *sources, "--run-id", slot)
        assert checksums(output) == before
