"""Runs before, after and in the midst of files that hold the rows of several runs."""

import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from pipeline.follow import follow
from pipeline.options import Options
from pipeline.run import feed_memory, run
from schemas.records import Fetch
from schemas.tables import FETCHES
from tests.builders import NOON, TEXT
from tests.lake import check_laws, rows
from tests.loopback import Reply, Seen, serve
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
    final_path,
    locked,
    stage,
)
from transforms.compact import CompactionRunningError, NotAnOutputError, compact
from transforms.compacted_names import Runs, runs_of
from transforms.folder_swap import COMPACTION, finish, swap
from transforms.history import item_key, keys_of, read_past
from transforms.history_index import open_index, search
from transforms.make_room import make_room, room_for
from transforms.recall import history_before

WORDS = TEXT.split()
SLOTS = ["2024-11-10T06:00Z", "2024-11-10T07:00Z", "2024-11-10T08:00Z", "2024-11-11T06:00Z"]


def _compact(root: Path) -> None:
    compact(str(root), LATER, patience_s=0)


def _feed(path: Path, items: dict[str, str]) -> None:
    """Write an RSS feed of texts by their guid, and one item that cannot be used."""
    body = "".join(
        f"<item><guid>{guid}</guid><title>{text and f'خبر {guid}'}</title>"
        f"<description>{text}</description>"
        f"<pubDate>Sun, 10 Nov 2024 05:00:00 GMT</pubDate></item>"
        for guid, text in {**items, "فارغ": ""}.items()
    )
    path.write_text(
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>و</title>{body}</channel></rss>',
        encoding="utf-8",
    )


def _text(number: int) -> str:
    return " ".join([f"كلمة{number}", *WORDS[number:], *(f"{word}{number}" for word in WORDS)])


def _run_slot(root: Path, wires: Path, slot: int) -> None:
    """Run a slot whose feeds bring news, a repetition, a copy, a change and a reject."""
    wires.mkdir(exist_ok=True)
    _feed(wires / "aa.xml", {str(n): _text(n) for n in range(slot, slot + 3)})
    _feed(wires / "sana.xml", {"c": _text(max(0, slot - 1)), "v": f"{_text(20)} {slot}"})
    run([str(wires)], Options(output=str(root), run_id=SLOTS[slot]))


def _rows(root: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows but those that hold wall-clock times, and the books."""
    seen = seen_by_glob(root)
    books = rows(root, "select run_id, unnest(counts) from @runs order by all")
    return {**{name: seen[name] for name in seen if name not in ("runs", "fetches")},
            "books": books}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of three runs of one day."""
    root = tmp_path_factory.mktemp("lake")
    for slot in range(3):
        _run_slot(root / "tables", root / "wires", slot)
    return root


def _copies(lake: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Return the tables as they are, and again, compacted."""
    plain, compacted = tmp_path / "plain", tmp_path / "compacted"
    for root in (plain, compacted):
        shutil.copytree(lake / "tables", root)
    _compact(compacted)
    assert len(files_of(compacted, "stories")) == 1
    return plain, compacted


def test_a_run_finds_the_same_after_a_compaction(lake: Path, tmp_path: Path) -> None:
    plain, compacted = _copies(lake, tmp_path)
    for root in (plain, compacted):
        _run_slot(root, tmp_path / "wires", 3)
    assert _rows(compacted) == _rows(plain)
    assert rows(plain, "select sum(c.unchanged) from (select unnest(counts) as c from @runs "
                       f"where run_id = '{committed_runs(str(plain))[-1]}')") != [(0,)]
    check_laws(compacted)


def test_a_slot_may_be_run_again_after_a_compaction(lake: Path, tmp_path: Path) -> None:
    plain, compacted = _copies(lake, tmp_path)
    for root in (plain, compacted):
        _run_slot(root, tmp_path / "wires", 1)
    assert _rows(compacted) == _rows(plain)
    _compact(compacted)
    assert _rows(compacted) == _rows(plain)
    assert len(files_of(compacted, "stories")) == 1


def test_a_slot_that_brings_less_leaves_nothing_of_what_it_had(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(5))
    _compact(tmp_path)
    for manifest in tmp_path.glob("_commits/*.json"):
        manifest.unlink()  # cleared, as after a week
    commit_round(tmp_path, run_id_at(2), 0)
    left = [(run_id_at(minute),) for minute in (0, 1, 3, 4)]
    assert rows(tmp_path, "select distinct run_id from @stories order by all") == left
    assert rows(tmp_path, "select distinct run_id from @mentions order by all") == left
    assert rows(tmp_path, "select count(*) from @runs") == [(5,)]


def test_a_late_slot_sees_what_lies_before_it(tmp_path: Path) -> None:
    commit_rounds(tmp_path, [0, 1, 2, 8, 9])
    before = seen_by_glob(tmp_path)
    _compact(tmp_path)
    late = run_id_at(5)
    with room_for(str(tmp_path), late):
        (seen,) = committed_files(str(tmp_path), "stories", before=late)
    assert rows_in(Path(seen)) == 6
    assert seen_by_glob(tmp_path) == before
    assert [runs_of(path.name) for path in files_of(tmp_path, "stories")] == [
        Runs(run_id_at(0), run_id_at(2)), Runs(run_id_at(8), run_id_at(9)),
    ]


def test_a_run_that_comes_after_all_cuts_nothing(tmp_path: Path) -> None:
    commit_rounds(tmp_path, range(3))
    _compact(tmp_path)
    before = contents(tmp_path)
    with room_for(str(tmp_path), run_id_at(9)):
        assert len(committed_files(str(tmp_path), "stories", before=run_id_at(9))) == 1
    assert contents(tmp_path) == before


def test_what_is_merged_again_while_a_slot_is_run_again_is_cut_at_its_commit(
    tmp_path: Path
) -> None:
    commit_rounds(tmp_path, range(4))
    _compact(tmp_path)
    with room_for(str(tmp_path), run_id_at(1)):
        own = tmp_path / final_path("fetches", run_id_at(1), 0)
        assert pq.read_table(own, partitioning=None)["run_id"].to_pylist() == [run_id_at(1)]
    assert len(files_of(tmp_path, "stories")) == 3
    _compact(tmp_path)
    assert len(files_of(tmp_path, "stories")) == 1
    commit_round(tmp_path, run_id_at(1), 7)
    assert rows(tmp_path, "select run_id, count(*) from @stories group by all order by all") == [
        (run_id_at(0), 2), (run_id_at(1), 7), (run_id_at(2), 2), (run_id_at(3), 2),
    ]


def test_a_run_reads_the_files_that_it_has_listed_before_a_compaction(tmp_path: Path) -> None:
    root = str(tmp_path)
    commit_rounds(tmp_path, range(3))
    with locked(root):
        with room_for(root, run_id_at(9)):
            history = history_before(root, run_id_at(9))
        _compact(tmp_path)
        assert not any(Path(path).exists() for path in history.stories)
        for path in history.stories:
            keys = np.unique(keys_of(path))
            assert len(read_past(path, keys, keys).versions) == 2
        shutil.rmtree(tmp_path / "_index")  # a worker that starts late makes its own
        (segment,) = open_index(root, history.stories, keys_of)
    wanted = np.array([item_key("anadolu", f"{run_id_at(1)} 0")], np.uint64)
    (found,) = search(segment, wanted)
    assert str(tmp_path / found) == history.stories[1]


def test_what_the_last_poll_told_is_remembered_after_a_compaction(tmp_path: Path) -> None:
    for minute in range(3):
        polls = [_poll("aa", minute), _poll("sana", minute)][: 2 - minute // 2]
        run_id = run_id_at(minute)
        commit(str(tmp_path), run_id, [stage(str(tmp_path), FETCHES, polls, run_id)])
    before = feed_memory(committed_files(str(tmp_path), "fetches", before="3"), {"aa", "sana"})
    _compact(tmp_path)
    files = committed_files(str(tmp_path), "fetches", before="3")
    assert len(files) == 1
    assert feed_memory(files, {"aa", "sana"}) == before
    assert (before["aa"]["url"], before["sana"]["etag"]) == ("https://aa.example/8", "v1")


def test_a_kill_at_any_step_of_a_cut_neither_doubles_nor_loses_a_row(tmp_path: Path) -> None:
    started, run_id = tmp_path / "started", run_id_at(1)
    commit_rounds(started, range(3))
    for table in ("mentions", "fetches"):
        shutil.rmtree(started / table)
    before = seen_by_glob(started)
    _compact(started)
    shutil.rmtree(started / COMPACTION)
    for step in count():
        root = shutil.copytree(started, tmp_path / "root")
        died = dies_at(step, lambda: make_room(str(tmp_path / "root"), run_id))
        assert seen_by_glob(root) == before
        make_room(str(root), run_id)
        assert seen_by_glob(root) == before
        assert len(files_of(root)) == 2 * 3
        manifest = json.loads(root.joinpath(COMMITS, f"{run_id}.json").read_text("utf-8"))
        listed = {file["final"] for file in manifest["files"]}
        assert {path for path in contents(root) if run_id_at(1) in path} <= listed
        shutil.rmtree(root)
        if not died:
            break
    assert step > 30


def test_without_an_exchange_a_kill_hides_a_day_until_the_next_run_at_most(
    tmp_path: Path
) -> None:
    started = tmp_path / "started"
    commit_rounds(started, range(3))
    before, folder = seen_by_glob(started), "stories/ingest_date=2024-11-10"
    names = [path.name for path in files_of(started, "stories")]
    hidden = 0
    for step in count():
        root = shutil.copytree(started, tmp_path / "root")
        new = tmp_path / "merged"
        pq.write_table(pq.read_table(root / folder, partitioning=None), new)

        def replace() -> None:
            swap(str(tmp_path / "root"), folder, {"merged.parquet": tmp_path / "merged"},
                 names, lambda one, other: False)

        died = dies_at(step, replace)
        if (seen := seen_by_glob(root)) != before:
            assert seen == {name: rows for name, rows in before.items() if name != "stories"}
            hidden += 1
            if hidden % 2:  # a commit comes before anyone has looked
                root.joinpath(folder).mkdir()
        finish(str(root))
        assert seen_by_glob(root) == before
        shutil.rmtree(root)
        if not died:
            break
    assert hidden


def test_a_continuous_run_goes_on_while_its_tables_are_compacted(tmp_path: Path) -> None:
    root, stop, asked = tmp_path / "tables", threading.Event(), 0
    merged = 0

    def answer(_: Seen) -> Reply:
        nonlocal asked
        asked += 1
        _feed(tmp_path / "feed.xml", {str(n): _text(n) for n in range(max(0, asked - 2), asked)})
        if asked == 4:
            stop.set()
        return Reply(tmp_path.joinpath("feed.xml").read_bytes())

    def keep_compacting() -> None:
        nonlocal merged
        while not stop.is_set():
            # A lock lives until a child that was just forked has become another program.
            with suppress(NotAnOutputError, CompactionRunningError):
                merged += len(compact(str(root), LATER, with_today=True, patience_s=0))

    with serve() as server, ThreadPoolExecutor(1) as pool:
        server.routes["/feed.xml"] = answer
        compacting = pool.submit(keep_compacting)
        options = Options(output=str(root), allow_loopback=True, every=1)
        outcomes = list(follow([f"{server.url}/feed.xml"], options, (), stop))
        compacting.result()
    assert [row for row in outcomes if isinstance(row, Exception)] == []
    assert merged > len(outcomes)
    assert rows(root, "select item_id, count(*) from @stories group by all order by all") == [
        (str(number), 1) for number in range(4)
    ]
    check_laws(root)


def _poll(source_id: str, minute: int) -> Fetch:
    return Fetch(
        source_id=source_id, url=f"https://{source_id}.example/{10 - minute}", fetched_at=NOON,
        duration_s=0.1, outcome="ok", status=200, final_url=None, etag=f"v{minute}",
        last_modified=None, content_type=None, bytes=1, not_before=None, items_seen=1,
        items_new=0, items_changed=0, health=(),
    )
