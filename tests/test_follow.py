"""Continuous runs: what each round reads, what it commits, and how it ends."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pipeline.follow import Follower, follow
from pipeline.options import Options, OptionsError
from pipeline.run import run
from pipeline.runners import JobError
from tests.builders import TEXT
from tests.lake import check_laws, rows
from tests.loopback import Reply, Seen, serve
from transforms.commit import STAGING, committed_runs, locked
from transforms.feed_cursor import FAILING_WAIT_MAX_S
from transforms.file_memory import SETTLE_S

NOW_S = 1_731_240_000.0
FEED = "https://news.example/feed.xml"


def _write(path: Path, text: str, modified_s: float = NOW_S - 60) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (modified_s, modified_s))
    return path


def _round(follower: Follower, now_s: float, failed: tuple[str, ...] = ()) -> list[str]:
    """Return the names of what a round reads, once it has ended."""
    plan = follower.plan(now_s)
    follower.settle(plan, failed, now_s)
    return [Path(spec.location).name for spec in plan.sources]


def test_a_file_is_read_when_it_is_new_and_when_it_has_changed(tmp_path: Path) -> None:
    follower = Follower([str(tmp_path)], Options())
    _write(tmp_path / "a.txt", "واحد")
    assert _round(follower, NOW_S) == ["a.txt"]
    assert _round(follower, NOW_S + 60) == []
    _write(tmp_path / "b.txt", "اثنان")
    assert _round(follower, NOW_S + 120) == ["b.txt"]
    _write(tmp_path / "a.txt", "واحد وأكثر")
    assert _round(follower, NOW_S + 180) == ["a.txt"]


def test_a_file_replaced_by_one_of_the_same_size_and_time_is_read(tmp_path: Path) -> None:
    follower = Follower([str(tmp_path)], Options())
    _write(tmp_path / "a.txt", "واحد")
    _round(follower, NOW_S)
    _write(tmp_path / "new", "أحمد").rename(tmp_path / "a.txt")
    assert _round(follower, NOW_S + 60) == ["a.txt"]


def test_a_file_that_is_being_written_waits_one_round(tmp_path: Path) -> None:
    follower = Follower([str(tmp_path)], Options())
    _write(tmp_path / "a.txt", "نصف", NOW_S - SETTLE_S / 2)
    assert _round(follower, NOW_S) == []
    _write(tmp_path / "a.txt", "نصف ونصف", NOW_S + 60 - SETTLE_S / 2)
    assert _round(follower, NOW_S + 60) == ["a.txt"]


def test_a_round_that_never_ended_is_read_again(tmp_path: Path) -> None:
    follower = Follower([str(tmp_path)], Options())
    _write(tmp_path / "a.txt", "واحد")
    follower.plan(NOW_S)
    assert _round(follower, NOW_S + 60) == ["a.txt"]


def test_a_file_that_changes_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    follower = Follower([str(tmp_path)], Options())
    _write(tmp_path / "a.txt", "واحد")
    plan = follower.plan(NOW_S)
    _write(tmp_path / "a.txt", "واحد واثنان")
    follower.settle(plan, (), NOW_S)
    assert _round(follower, NOW_S + 60) == ["a.txt"]


def test_a_feed_is_polled_each_round_and_less_often_while_it_fails() -> None:
    follower = Follower([FEED], Options(every=60))
    polled = [s for s in range(0, 4 * 3600, 60) if _round(follower, NOW_S + s, failed=(FEED,))]
    waits = [later - earlier for earlier, later in pairwise(polled)]
    assert waits[:3] == [120, 240, 480]
    assert max(waits) == FAILING_WAIT_MAX_S
    end_s = polled[-1] + FAILING_WAIT_MAX_S
    assert _round(follower, NOW_S + end_s) == ["feed.xml"]
    assert _round(follower, NOW_S + end_s + 60) == ["feed.xml"]


def test_what_is_no_file_is_rejected_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    follower = Follower([str(tmp_path)], Options())
    first = follower.plan(NOW_S)
    assert [reject.reason for reject in first.rejects] == ["source-not-a-file"]
    follower.settle(first, (), NOW_S)
    assert follower.plan(NOW_S + 60).rejects == ()


def _item(guid: str, text: str) -> str:
    return (f"<item><guid>{guid}</guid><title>خبر {guid}</title><description>{text}</description>"
            "<pubDate>Sun, 10 Nov 2024 06:00:00 GMT</pubDate></item>")


def _rss(*items: str) -> bytes:
    return ('<?xml version="1.0"?><rss version="2.0"><channel><title>و</title>'
            f"{''.join(items)}</channel></rss>").encode()


def _stories(root: Path) -> list[tuple[Any, ...]]:
    return rows(root, """
        select source_id, item_id, title, text, revision from @stories order by all
    """)


def test_rounds_together_give_what_one_run_over_everything_gives(tmp_path: Path) -> None:
    one, two = _item("1", TEXT), _item("2", TEXT[::-1])
    answers = [_rss(one), _rss(one), b"", _rss(one, two), _rss(one, two)]
    wires = tmp_path / "wires"
    _write(wires / "a.txt", "عنوان\nزار وفد من تركيا مدينة بغداد اليوم الأحد.")
    asked: list[Seen] = []

    def answer(seen: Seen) -> Reply:
        asked.append(seen)
        if len(asked) >= len(answers):
            stop.set()
        if len(asked) == 2:
            _write(wires / "b.txt", "عنوان آخر\nوصل وزير خارجية مصر إلى الرياض مساء السبت.")
        body = answers[min(len(asked), len(answers)) - 1]
        return Reply(body) if body else Reply(status=503)

    stop = threading.Event()
    options = Options(output=str(tmp_path / "tables"), allow_loopback=True, every=1)
    with serve() as server:
        server.routes["/feed.xml"] = answer
        url = f"{server.url}/feed.xml"
        outcomes = list(follow([url, str(wires)], options, (), stop))
        whole = Options(output=str(tmp_path / "whole"), allow_loopback=True)
        run([url, str(wires)], whole)
    assert [row["outcome"] for row in outcomes if isinstance(row, dict)] == [
        "complete", "partial", "complete",  # the second round and the last one were quiet
    ]
    assert len(committed_runs(options.output)) == len(outcomes)
    assert _stories(Path(options.output)) == _stories(Path(whole.output))
    check_laws(Path(options.output))


def test_an_output_that_another_run_holds_is_tried_again(tmp_path: Path) -> None:
    wires, root = tmp_path / "wires", str(tmp_path / "tables")
    _write(wires / "a.txt", TEXT)
    stop = threading.Event()
    rounds = follow([str(wires)], Options(output=root, every=1), (), stop)
    assert isinstance(next(rounds), dict)
    with locked(root):
        _write(wires / "b.txt", TEXT[::-1])
        assert "another run" in str(next(rounds))
    row = next(rounds)
    assert isinstance(row, dict)
    assert row["counts"][0]["stories"] == 1
    stop.set()
    assert list(rounds) == []


def test_what_is_wrong_from_the_start_ends_it(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match="is empty"):
        next(follow([""], Options(output=str(tmp_path)), (), threading.Event()))
    with pytest.raises(OptionsError, match="leave one away"):
        Options(follow=True, run_id="2024-11-10")


def test_sigterm_ends_it_after_the_round(tmp_path: Path) -> None:
    _write(tmp_path / "wires" / "a.txt", TEXT)
    command = [sys.executable, "-m", "pipeline", "run", str(tmp_path / "wires"), "--follow",
               "--output", str(tmp_path / "tables"), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert b'"run_id"' in process.stdout.readline()
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, errors) == (0, b"")
    assert len(committed_runs(str(tmp_path / "tables"))) == 1


def test_a_file_that_two_sources_name_is_read_for_each(tmp_path: Path) -> None:
    _write(tmp_path / "a.txt", "واحد", NOW_S - SETTLE_S / 2)
    _write(tmp_path / "feeds.toml", "\n".join(
        f'[[source]]\nid = "{name}"\npath = "a.txt"' for name in ("one", "two")
    ))
    follower = Follower([str(tmp_path / "feeds.toml")], Options())
    assert _round(follower, NOW_S) == [], "it is being written"
    assert _round(follower, NOW_S + 60) == ["a.txt", "a.txt"]
    assert _round(follower, NOW_S + 120) == []


def test_a_clock_that_is_set_back_silences_no_feed() -> None:
    follower = Follower([FEED], Options(every=60))
    assert _round(follower, NOW_S, failed=(FEED,)) == ["feed.xml"]
    assert _round(follower, NOW_S + 60) == []
    assert _round(follower, NOW_S - 86_400) == ["feed.xml"]


def test_a_folder_may_come_later(tmp_path: Path) -> None:
    follower = Follower([str(tmp_path / "wires")], Options())
    assert _round(follower, NOW_S) == ["wires"], "missing: a reject says so"
    assert _round(follower, NOW_S + 60) == []
    _write(tmp_path / "wires" / "a.txt", "واحد")
    assert _round(follower, NOW_S + 120) == ["a.txt"]


def test_a_feeds_toml_that_is_broken_in_between_is_told_and_read_again(tmp_path: Path) -> None:
    feeds = _write(tmp_path / "feeds.toml", '[[source]]\nid = "one"\npath = "a.txt"')
    _write(tmp_path / "a.txt", TEXT)
    stop = threading.Event()
    rounds = follow([str(feeds)], Options(output=str(tmp_path / "t"), every=1), (), stop)
    assert isinstance(next(rounds), dict)
    feeds.write_text("[[source", encoding="utf-8")
    assert "not valid TOML" in str(next(rounds))
    _write(tmp_path / "b.txt", TEXT[::-1])
    feeds.write_text('[[source]]\nid = "two"\npath = "b.txt"', encoding="utf-8")
    while isinstance(row := next(rounds), Exception):
        pass
    assert [count["source_id"] for count in row["counts"]] == ["two"]
    stop.set()
    assert list(rounds) == []


def test_a_quiet_round_leaves_nothing_behind(tmp_path: Path) -> None:
    wires, root = tmp_path / "wires", tmp_path / "tables"
    _write(wires / "a.txt", TEXT)
    run([str(wires)], Options(output=str(root)))
    stop = threading.Event()
    ticks = threading.Timer(2, stop.set)
    ticks.start()
    assert list(follow([str(wires)], Options(output=str(root), every=1), (), stop)) == []
    ticks.join()
    assert len(committed_runs(str(root))) == 1
    assert not (root / STAGING).exists()


def test_a_server_that_answers_not_modified_and_asks_to_wait_is_not_asked_before(
    tmp_path: Path
) -> None:
    stop = threading.Event()
    asked: list[float] = []

    def answer(_: Seen) -> Reply:
        asked.append(time.time())
        if len(asked) == 1:
            return Reply(_rss(_item("1", TEXT)), headers=(("ETag", '"v1"'),))
        return Reply(status=304, headers=(("Retry-After", "60"),))

    options = Options(output=str(tmp_path / "tables"), allow_loopback=True, every=1)
    with serve() as server:
        server.routes["/feed.xml"] = answer
        rounds = follow([f"{server.url}/feed.xml"], options, (), stop)
        assert isinstance(next(rounds), dict)
        row = next(rounds)
        assert isinstance(row, dict), "committed, for the wait must be remembered"
        threading.Timer(4, stop.set).start()
        assert list(rounds) == []
    assert len(asked) == 2


def test_a_disk_that_is_full_ends_the_round_and_not_the_watch(tmp_path: Path) -> None:
    wires, root = tmp_path / "wires", tmp_path / "tables"
    _write(wires / "a.txt", TEXT)
    stop = threading.Event()
    rounds = follow([str(wires)], Options(output=str(root), every=1), (), stop)
    assert isinstance(next(rounds), dict)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    _write(wires / "b.txt", TEXT[::-1])
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, limits[1]))
    try:
        error = next(rounds)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert isinstance(error, (OSError, JobError)), error
    assert "File too large" in str(error)
    row = next(rounds)
    assert isinstance(row, dict)
    assert row["counts"][0]["stories"] == 1
    stop.set()
    assert list(rounds) == []
    check_laws(root)


@pytest.mark.parametrize(("signals", "status", "stories"), [(1, 0, 1), (2, 130, 0)])
def test_ctrl_c_reaches_the_workers_and_only_we_act_on_it(
    tmp_path: Path, signals: int, status: int, stories: int
) -> None:
    root = tmp_path / "tables"
    _write(tmp_path / "wires" / "a.txt", TEXT)
    command = [sys.executable, "-m", "pipeline", "run", str(tmp_path / "wires"), "--follow",
               "--workers", "2", "--output", str(root), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               start_new_session=True)
    try:
        _wait_for(lambda: (root / STAGING).is_dir() and any((root / STAGING).iterdir()))
        for _ in range(signals):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.5)
        output, errors = process.communicate(timeout=90)
        assert process.returncode == status, errors.decode()
        assert len(output.splitlines()) == len(committed_runs(str(root))) == stories
        assert b"Traceback" not in errors
        with pytest.raises(ProcessLookupError):
            _wait_for(lambda: os.killpg(process.pid, 0))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_reader_that_goes_away_ends_it_without_a_word(tmp_path: Path) -> None:
    _write(tmp_path / "wires" / "a.txt", TEXT)
    command = [sys.executable, "-m", "pipeline", "run", str(tmp_path / "wires"), "--follow",
               "--output", str(tmp_path / "tables"), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    try:
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait(60) == 1
    finally:
        process.kill()
        process.wait()
    assert len(committed_runs(str(tmp_path / "tables"))) == 1


def _wait_for(holds: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)
