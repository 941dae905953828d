"""Compaction changes the boundaries of files and nothing else, whatever happens meanwhile."""

import json
import os
import re
import shlex
import shutil
import sys
import threading
from configparser import ConfigParser
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.show import read_steadily
from schemas.rows import in_order
from schemas.tables import FETCHES, STORIES, TABLES
from tests.builders import NOON, make_story
from tests.rounds import (
    LATER,
    commit_round,
    commit_rounds,
    contents,
    dies_at,
    files_of,
    rows_in,
    run_id_at,
    seen_by_glob,
)
from transforms.commit import (
    COMMITS,
    commit,
    committed_files,
    committed_runs,
    locked,
    recover,
    stage,
)
from transforms.compact import (
    CompactionRunningError,
    NotAnOutputError,
    clear_manifests,
    compact,
)
from transforms.compacted_names import runs_of
from transforms.folder_swap import COMPACTION, ForeignFolderError
from transforms.make_room import room_for
from transforms.storage import REPLACED, exclusive
from transforms.stored_items import LISTED_EVERY_MS


def _compact(root: Path, **options: Any) -> int:
    """Compact `root` and return how many folders of days were changed."""
    return len(compact(str(root), LATER, patience_s=0, **options))


def test_the_small_files_of_a_day_become_one(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(30))
    commit_rounds(tmp_path, range(5), day=11)
    before = seen_by_glob(tmp_path)
    done = compact(str(tmp_path), LATER, patience_s=0)
    assert seen_by_glob(tmp_path) == before
    assert len(files_of(tmp_path)) == 2 * 4  # two days of four tables
    day = next(one for one in done if one.table == "stories" and one.day == "2024-11-10")
    assert (day.files_before, day.files_after, day.rows) == (30, 1, 60)
    assert day.bytes_after == files_of(tmp_path, "stories")[0].stat().st_size


def test_a_merged_file_is_written_as_one_run_would_have_written_it(tmp_path: Path) -> None:
    root, whole = tmp_path / "root", tmp_path / "whole"
    run_id = run_id_at(0)
    commit_round(root, run_id, 9, shards=4)
    commit_round(whole, run_id, 9)
    _compact(root)
    for table in ("stories", "mentions"):
        (merged,), (alike,) = files_of(root, table), files_of(whole, table)
        assert merged.read_bytes() == alike.read_bytes()
        schema = pq.read_schema(merged)
        assert schema.metadata == TABLES[table].schema.metadata
        assert [field.metadata for field in schema] == [f.metadata for f in TABLES[table].schema]


def test_other_readers_see_the_same_rows(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(8))

    def read() -> pa.Table:
        found = pa.dataset.dataset(tmp_path / "stories", partitioning="hive")
        return found.to_table().sort_by([("story_id", "ascending")])

    before = read()
    _compact(tmp_path)
    assert read().equals(before)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(
    st.integers(0, 1439), st.tuples(st.integers(0, 20), st.integers(1, 3)), max_size=6
), st.integers(0, 6), st.sampled_from([20_000, 2**27]), st.sampled_from([1, 30]))
def test_any_runs_keep_their_rows_and_end_in_the_same_files(
    tmp_path_factory: pytest.TempPathFactory, runs: dict[int, tuple[int, int]], first: int,
    full_bytes: int, days: int,
) -> None:
    now = datetime(2024, 11, 10, 12, tzinfo=timezone.utc) + timedelta(days=days)

    def compact_now() -> int:
        return len(compact(str(root), now, full_bytes=full_bytes, patience_s=0))

    root = tmp_path_factory.mktemp("root")
    root.joinpath(COMMITS).mkdir()
    for minute in sorted(runs)[:first]:
        commit_round(root, run_id_at(minute), *runs[minute])
    compact_now()
    for minute in sorted(runs)[first:]:
        commit_round(root, run_id_at(minute), *runs[minute])
    before = seen_by_glob(root)
    compact_now()
    assert seen_by_glob(root) == before
    once = contents(root)
    assert compact_now() == 0
    assert contents(root) == once
    for minute in runs:  # a run has whole files before it, and none of its own or of later ones
        seen = {
            run_id for path in committed_files(str(root), "stories", before=run_id_at(minute))
            for run_id in pq.read_table(path, partitioning=None)["run_id"].to_pylist()
        }
        assert max(seen, default="") < run_id_at(minute)


def test_the_bytes_do_not_tell_in_how_many_steps_they_came(tmp_path: Path) -> None:
    steps, at_once = tmp_path / "steps", tmp_path / "at_once"
    for minute in range(6):
        commit_rounds(steps, [minute])
        _compact(steps)
    commit_rounds(at_once, range(6))
    _compact(at_once)
    assert contents(steps) == contents(at_once)


def test_rows_of_several_runs_have_one_order(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(3))
    polls = [pq.read_table(path, partitioning=None) for path in files_of(tmp_path, "fetches")]
    forth, back = (in_order(FETCHES, pa.concat_tables(one)) for one in (polls, polls[::-1]))
    assert forth.equals(back)
    assert forth["run_id"].to_pylist() == [run_id_at(minute) for minute in range(3)]


def test_what_is_full_is_left_alone(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(12), stories=40)
    one_file = pq.read_table(files_of(tmp_path, "stories")[0], partitioning=None).nbytes
    _compact(tmp_path, full_bytes=5 * one_file)
    assert [rows_in(path) for path in files_of(tmp_path, "stories")] == [200, 200, 80]
    named = [runs_of(path.name) for path in files_of(tmp_path, "stories")]
    assert [runs and runs.is_full for runs in named] == [True, True, False]
    commit_rounds(tmp_path, [20, 30], stories=40)
    full = {path: path.read_bytes() for path in files_of(tmp_path, "stories")[:2]}
    _compact(tmp_path, full_bytes=5 * one_file)
    assert [rows_in(path) for path in files_of(tmp_path, "stories")] == [200, 200, 160]
    assert all(path.read_bytes() == content for path, content in full.items())


def test_today_is_left_alone_unless_asked_for_and_fresh_runs_always(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(4))
    noon = LATER.replace(year=2024, month=11, day=10, hour=12)
    for manifest in tmp_path.glob("_commits/*.json"):
        fresh = manifest.stem == run_id_at(3)
        time_s = (noon - timedelta(minutes=30 if fresh else 90)).timestamp()
        os.utime(manifest, (time_s, time_s))
    assert compact(str(tmp_path), noon, patience_s=0) == []
    compact(str(tmp_path), noon, with_today=True, patience_s=0)
    assert [rows_in(path) for path in files_of(tmp_path, "stories")] == [6, 2]


def test_a_run_whose_commit_was_cut_short_is_left_alone(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(3))
    manifest = tmp_path / COMMITS / f"{run_id_at(1)}.json"
    shutil.copy(manifest, manifest.with_suffix(".intent"))
    _compact(tmp_path)
    names = {path.name for path in files_of(tmp_path, "stories")}
    assert len(names) == 2
    assert f"{run_id_at(1)}-00000.parquet" in names


def test_files_of_another_version_are_merged_with_their_like(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(6))
    old = pa.schema([*list(STORIES.schema)[:-2], STORIES.schema.field("run_id")],
                    metadata={"naba.schema_version": "1", "naba.table": "stories"})
    for path in files_of(tmp_path, "stories")[:3]:
        rows = pq.read_table(path, partitioning=None).select(old.names).cast(old)
        pq.write_table(rows, path)
    _compact(tmp_path)
    first, second = files_of(tmp_path, "stories")
    assert (rows_in(first), rows_in(second)) == (6, 6)
    assert pq.read_schema(first).metadata == old.metadata
    assert pq.read_schema(second).metadata == STORIES.schema.metadata


def test_what_is_none_of_ours_stays(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(3))
    day = files_of(tmp_path, "stories")[0].parent
    day.joinpath("notes.txt").write_text("ملاحظة", encoding="utf-8")
    day.chmod(0o750)
    _compact(tmp_path)
    assert day.joinpath("notes.txt").read_text(encoding="utf-8") == "ملاحظة"
    assert day.stat().st_mode & 0o777 == 0o750
    day.joinpath("inside").mkdir()
    commit_rounds(tmp_path, [9])
    with pytest.raises(ForeignFolderError, match=r"inside is a folder"):
        _compact(tmp_path)


def test_a_folder_without_tables_and_a_damaged_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotAnOutputError, match="holds no tables"):
        _compact(tmp_path)
    commit_rounds(tmp_path, range(3))
    damaged = files_of(tmp_path, "stories")[1]
    damaged.write_bytes(b"PAR1 no more")
    with pytest.raises(pa.ArrowInvalid, match=damaged.name):
        _compact(tmp_path)
    assert len(files_of(tmp_path, "stories")) == 3


def test_two_compactions_do_not_meet(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(2))
    lock = str(tmp_path / COMMITS / "compacting")
    with exclusive(lock, wait=False), pytest.raises(CompactionRunningError, match="is under way"):
        _compact(tmp_path)


def test_the_lock_and_the_ticket_of_a_run_under_way_are_left_alone(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(3))
    with locked(str(tmp_path)):
        before = tmp_path.joinpath(COMMITS, "ticket").read_bytes()
        assert _compact(tmp_path) == 4
        assert tmp_path.joinpath(COMMITS, "ticket").read_bytes() == before


def test_a_file_that_is_written_again_meanwhile_is_left_for_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit_rounds(tmp_path, range(3))
    real_merge = sys.modules["transforms.compact"].merge_small  # type: ignore[attr-defined]

    def merge_slowly(table: Any, *rest: Any) -> Any:
        yield from real_merge(table, *rest)
        if table.name == "stories":
            commit_round(tmp_path, run_id_at(1), 5)

    monkeypatch.setattr("transforms.compact.merge_small", merge_slowly)
    assert _compact(tmp_path) == 3  # mentions, fetches and runs
    assert len(seen_by_glob(tmp_path)["stories"]) == 2 + 5 + 2


def test_a_kill_at_any_step_neither_doubles_nor_loses_a_row(tmp_path: Path) -> None:
    started = tmp_path / "started"
    commit_rounds(started, range(2))
    for table in ("mentions", "fetches", "runs"):
        shutil.rmtree(started / table)
    rows = seen_by_glob(started)
    expected = shutil.copytree(started, tmp_path / "expected")
    _compact(expected)
    for step in count():
        root = shutil.copytree(started, tmp_path / "root")
        died = dies_at(step, lambda: _compact(tmp_path / "root"))
        assert seen_by_glob(root) == rows
        if step % 2:  # either a run or a compaction comes next
            with locked(str(root)):
                recover(str(root))
        _compact(root)
        assert contents(root) == contents(expected)
        assert [path.name for path in root.joinpath(COMPACTION).iterdir()] == ["replaced"]
        shutil.rmtree(root)
        if not died:
            break
    assert step > 25


def test_a_reader_sees_all_rows_or_is_told_that_a_file_is_gone(tmp_path: Path) -> None:
    for day in (1, 2, 3):
        commit_rounds(tmp_path, range(20), day=day)
    query = f"select count(*), count(distinct story_id) from '{tmp_path}/stories/*/*.parquet'"
    answers: list[tuple[int, int] | None] = []
    has_ended = threading.Event()

    def ask() -> tuple[int, int] | None:
        with duckdb.connect() as connection:
            try:
                return connection.execute(query).fetchall()[0]
            except duckdb.IOException:
                return None

    def read() -> None:
        while not has_ended.is_set():
            answers.append(ask())

    thread = threading.Thread(target=read)
    thread.start()
    try:
        _compact(tmp_path)
    finally:
        has_ended.set()
        thread.join()
    assert set(answers) <= {(120, 120), None}
    assert (120, 120) in answers
    assert ask() == (120, 120)


def test_files_that_a_run_may_have_listed_stay_for_days(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(3))
    kept = tmp_path / REPLACED
    for days, files in ((0, 3), (3, 3), (5, 0)):
        compact(str(tmp_path), LATER + timedelta(days=days), patience_s=0)
        assert len(list(kept.glob("stories/*/*"))) == files
    assert not tmp_path.joinpath(COMPACTION).exists()


def test_a_run_that_begins_ends_what_earlier_ones_have_listed(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(3))
    _compact(tmp_path)
    with room_for(str(tmp_path), run_id_at(9)):
        assert not tmp_path.joinpath(REPLACED).exists()


def test_a_stream_sees_what_lies_before_a_part_of_a_day(tmp_path: Path) -> None:
    for hour in range(24):
        commit_round(tmp_path, run_id_at(60 * hour), 1)
    today = LATER.replace(year=2024, month=11, day=11)
    hours_a_part = LISTED_EVERY_MS // 3_600_000
    for moment, files in ((today, 24 // hours_a_part), (today + timedelta(days=8), 1)):
        compact(str(tmp_path), moment, patience_s=0)
        assert len(files_of(tmp_path, "stories")) == files
        for hour in range(0, 24, hours_a_part):
            seen = committed_files(str(tmp_path), "stories", before=run_id_at(60 * hour))
            if files > 1:
                assert sum(rows_in(Path(path)) for path in seen) == hour


def test_old_manifests_are_cleared_but_the_latest(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(4))
    week_ago_s = (LATER - timedelta(days=6)).timestamp()
    os.utime(tmp_path / COMMITS / f"{run_id_at(2)}.json", (week_ago_s, week_ago_s))
    assert clear_manifests(str(tmp_path), LATER) == 2
    assert committed_runs(str(tmp_path)) == [run_id_at(2), run_id_at(3)]


def test_a_commit_repeated_after_a_compaction_is_the_same_commit(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(2))
    run_id = run_id_at(2)
    files = [stage(str(tmp_path), STORIES, [make_story(published_at=NOON)], run_id)]
    commit(str(tmp_path), run_id, files)
    _compact(tmp_path)
    before = seen_by_glob(tmp_path)
    commit(str(tmp_path), run_id, files)
    assert seen_by_glob(tmp_path) == before


def test_the_command_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commit_rounds(tmp_path, range(3))
    assert main(["compact", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["files_before"], told["files_after"], told["manifests_cleared"]) == (12, 4, 2)
    assert told["bytes_after"] == sum(path.stat().st_size for path in files_of(tmp_path))
    assert [day["table"] for day in told["days"]] == ["mentions", "fetches", "stories", "runs"]
    commit_rounds(tmp_path, [7])
    assert main(["compact", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "day 2024-11-10 · table stories · files before 2 · files 1" in shown
    assert main(["compact", str(tmp_path)]) == 0
    assert "no small files to merge" in capsys.readouterr().out


def test_the_command_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compact", str(tmp_path / "none")]) == 1
    assert "holds no tables" in capsys.readouterr().err
    assert main(["compact", "s3://bucket/tables"]) == 2
    assert "works on a disk" in capsys.readouterr().err
    commit_rounds(tmp_path, range(2))
    files_of(tmp_path, "stories")[0].write_bytes(b"PAR1")
    assert main(["compact", str(tmp_path)]) == 1
    assert "is damaged" in capsys.readouterr().err


def test_what_is_shown_is_asked_for_again_after_a_compaction(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(2))
    readings = 0

    def read() -> int:
        nonlocal readings
        readings += 1
        if readings == 1:
            _compact(tmp_path)
            raise duckdb.IOException("a file is gone")
        return readings

    assert read_steadily(str(tmp_path), read) == 2


def test_the_timer_starts_a_command_that_exists(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(__file__).parents[1] / "deploy" / "systemd"
    unit = ConfigParser(interpolation=None)
    unit.read_string(folder.joinpath("naba-compact.service").read_text(encoding="utf-8"))
    program, command, output, *flags = shlex.split(unit["Service"]["ExecStart"])
    assert (program, command) == ("/opt/naba/bin/naba", "compact")
    assert output.startswith(f"/var/lib/{unit['Service']['StateDirectory']}/")
    with pytest.raises(SystemExit):
        main(["compact", "--help"])
    assert set(flags) <= set(re.findall(r"--[a-z]+", capsys.readouterr().out))
    timer = folder.joinpath("naba-compact.timer").read_text(encoding="utf-8")
    assert re.search(r"^OnCalendar=\*-\*-\* \d\d:\d\d:00 UTC$", timer, re.MULTILINE)
