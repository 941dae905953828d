import os
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from schemas.tables import MENTIONS, STORIES
from tests.builders import TEXT, make_mention, make_story
from transforms.commit import (
    OutputLockedError,
    StagedFile,
    StagedFileLostError,
    SupersededError,
    admitted,
    commit,
    committed_files,
    committed_runs,
    has_files,
    locked,
    recover,
    stage,
)

FIRST, SECOND = "20241110T060000Z", "20241110T070000Z"


def _stage_run(root: Path, run_id: str, count: int) -> list[StagedFile]:
    stories = [make_story(item_id=f"{run_id} {n}") for n in range(count)]
    mentions = [
        make_mention(story, TEXT[:5], "ORG")
        for story in stories
    ]
    return [
        stage(str(root), STORIES, stories, run_id),
        stage(str(root), MENTIONS, mentions, run_id),
    ]


def _visible(root: Path, table: str = "stories") -> dict[str, int]:
    """Return how many rows of each run a reader sees who has nothing but a glob."""
    glob = f"{root}/{table}/**/*.parquet"
    if not list(root.glob(f"{table}/**/*.parquet")):
        return {}
    query = f"select run_id, count(*) from read_parquet('{glob}') group by all order by all"
    return dict(duckdb.sql(query).fetchall())


def _tree(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*.parquet")
    }


def _commit_and_die(root: Path, files: list[StagedFile], at_event: int) -> bool:
    """Commit in a child that dies like kill -9 at its n-th file operation; return if it did."""
    child = os.fork()
    if child == 0:
        left = at_event

        def die(event: str, _: object) -> None:
            nonlocal left
            if event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "open"):
                left -= 1
                if left < 0:
                    os._exit(9)

        sys.addaudithook(die)
        commit(str(root), SECOND, files)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def test_committed_rows_are_visible_and_staged_ones_are_not(tmp_path: Path) -> None:
    files = _stage_run(tmp_path, FIRST, 3)
    assert _visible(tmp_path) == {}
    assert duckdb.sql(f"select * from glob('{tmp_path}/**/*.parquet')").fetchall() == []
    commit(str(tmp_path), FIRST, files)
    assert _visible(tmp_path) == {FIRST: 3}
    assert committed_runs(str(tmp_path)) == [FIRST]
    assert (tmp_path / f"stories/ingest_date=2024-11-10/{FIRST}-00000.parquet").is_file()


def test_a_crash_at_any_step_leaves_the_old_state_or_the_new(tmp_path: Path) -> None:
    died, step = True, 0
    while died:
        root = tmp_path / str(step)
        commit(str(root), FIRST, _stage_run(root, FIRST, 2))
        files = _stage_run(root, SECOND, 4)
        died = _commit_and_die(root, files, step)
        stories, mentions = _visible(root), _visible(root, "mentions")
        assert stories in ({FIRST: 2}, {FIRST: 2, SECOND: 4})
        if SECOND in stories:  # what points at a story is there before the story is
            assert mentions == stories
        finished = recover(str(root))
        assert _visible(root) == _visible(root, "mentions")
        if finished or SECOND in stories:
            assert _visible(root) == {FIRST: 2, SECOND: 4}
        assert not (root / "_staging").exists()
        step += 1
    assert step > 10


def test_committing_the_same_run_again_gives_the_same_bytes(tmp_path: Path) -> None:
    commit(str(tmp_path), FIRST, _stage_run(tmp_path, FIRST, 3))
    before = _tree(tmp_path)
    commit(str(tmp_path), FIRST, _stage_run(tmp_path, FIRST, 3))
    assert _tree(tmp_path) == before


def test_a_rerun_with_fewer_files_leaves_none_of_the_old_ones(tmp_path: Path) -> None:
    extra = stage(str(tmp_path), STORIES, [make_story()], FIRST, shard=1)
    commit(str(tmp_path), FIRST, [*_stage_run(tmp_path, FIRST, 3), extra])
    commit(str(tmp_path), FIRST, _stage_run(tmp_path, FIRST, 3))
    assert _visible(tmp_path) == {FIRST: 3}


def test_history_is_read_as_of_the_run(tmp_path: Path) -> None:
    for run_id in (FIRST, SECOND):
        commit(str(tmp_path), run_id, _stage_run(tmp_path, run_id, 1))
    assert committed_files(str(tmp_path), "stories", before=FIRST) == ()
    (only,) = committed_files(str(tmp_path), "stories", before=SECOND)
    assert FIRST in only


def test_two_runs_cannot_write_to_one_output(tmp_path: Path) -> None:
    with locked(str(tmp_path)), pytest.raises(OutputLockedError, match=str(tmp_path)):  # noqa: SIM117
        with locked(str(tmp_path)):
            pass
    with locked(str(tmp_path)):
        pass


def test_a_commit_repeated_after_its_end_is_the_same_commit(tmp_path: Path) -> None:
    files = _stage_run(tmp_path, FIRST, 3)
    commit(str(tmp_path), FIRST, files)
    before = _tree(tmp_path)
    again = stage(str(tmp_path), MENTIONS, [], FIRST)  # a worker stages some tables at the end
    commit(str(tmp_path), FIRST, [files[0], again])
    assert _tree(tmp_path) == before
    assert not (tmp_path / "_staging").exists()


def test_a_worker_that_dies_in_a_commit_is_replaced_at_any_step(tmp_path: Path) -> None:
    died, step = True, 0
    while died:
        root = tmp_path / str(step)
        commit(str(root), FIRST, _stage_run(root, FIRST, 2))
        files = _stage_run(root, SECOND, 4)
        died = _commit_and_die(root, files, step)
        commit(str(root), SECOND, files)
        assert _visible(root) == _visible(root, "mentions") == {FIRST: 2, SECOND: 4}
        assert recover(str(root)) == []
        step += 1
    assert step > 10


def test_a_commit_leaves_what_another_run_has_staged(tmp_path: Path) -> None:
    first, second = (_stage_run(tmp_path, run_id, 2) for run_id in (FIRST, SECOND))
    commit(str(tmp_path), FIRST, first)
    commit(str(tmp_path), SECOND, second)
    assert _visible(tmp_path) == {FIRST: 2, SECOND: 2}
    assert not (tmp_path / "_staging").exists()


def test_a_lost_file_stops_the_commit(tmp_path: Path) -> None:
    commit(str(tmp_path), FIRST, _stage_run(tmp_path, FIRST, 2))
    files = _stage_run(tmp_path, FIRST, 4)
    (tmp_path / files[0].staged).unlink()
    with pytest.raises(StagedFileLostError, match=r"stories-00000.* is gone"):
        commit(str(tmp_path), FIRST, files)
    assert _visible(tmp_path) == {FIRST: 2}


def test_two_attempts_never_write_to_one_staged_file(tmp_path: Path) -> None:
    one, other = (_stage_run(tmp_path, FIRST, 2)[0] for _ in range(2))
    assert one.staged != other.staged
    assert one.final == other.final
    assert (tmp_path / one.staged).read_bytes() == (tmp_path / other.staged).read_bytes()


def test_a_job_that_outlives_its_run_may_not_commit_after_the_next_has_begun(
    tmp_path: Path
) -> None:
    with locked(str(tmp_path)) as abandoned:
        pass
    with admitted(str(tmp_path), abandoned):  # nobody has come since
        pass
    with locked(str(tmp_path)) as latest:
        with admitted(str(tmp_path), latest):
            pass
        with (
            pytest.raises(SupersededError, match="nothing was committed"),
            admitted(str(tmp_path), abandoned),
        ):
            pass


def test_a_run_waits_for_a_commit_under_way(tmp_path: Path) -> None:
    has_begun = threading.Event()

    def begin() -> None:
        with locked(str(tmp_path)):
            has_begun.set()

    with locked(str(tmp_path)) as abandoned:
        pass
    thread = threading.Thread(target=begin)
    with admitted(str(tmp_path), abandoned):
        thread.start()
        assert not has_begun.wait(0.3)
    assert has_begun.wait(30)
    thread.join()


def test_what_has_another_name_is_no_file_of_a_run(tmp_path: Path) -> None:
    commit(str(tmp_path), FIRST, _stage_run(tmp_path, FIRST, 1))
    (day,) = (tmp_path / "stories").iterdir()
    for name in ("0.parquet", "00000000-0.parquet", f"{FIRST}-00000.parquet.bak", "notes.txt"):
        (day / name).write_bytes(b"not ours")
    (day.parent / "ingest_date=all").mkdir()
    (day.parent / "ingest_date=all" / f"{FIRST}-00000.parquet").write_bytes(b"not ours")
    (day.parent / "readme").write_bytes(b"not ours")
    (only,) = committed_files(str(tmp_path), "stories", before=SECOND)
    assert only == f"{day}/{FIRST}-00000.parquet"


def test_a_table_has_files_as_of_a_run(tmp_path: Path) -> None:
    assert not has_files(str(tmp_path), "stories", before=SECOND)
    commit(str(tmp_path), FIRST, _stage_run(tmp_path, FIRST, 1))
    assert has_files(str(tmp_path), "stories", before=SECOND)
    assert not has_files(str(tmp_path), "stories", before=FIRST)
    assert not has_files(str(tmp_path), "events", before=SECOND)


def test_a_lock_that_is_a_link_leaves_what_it_leads_to_alone(tmp_path: Path) -> None:
    (tmp_path / "_commits").mkdir()
    letters = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for name, letter in zip(("lock", "committing"), letters, strict=True):
        letter.write_text("خاص", encoding="utf-8")
        (tmp_path / "_commits" / name).symlink_to(letter)
    with locked(str(tmp_path)):
        pass
    assert [letter.read_text(encoding="utf-8") for letter in letters] == ["خاص", "خاص"]
