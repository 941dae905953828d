"""The commit in an object store, which knows no renames and no locks: one in memory."""

import json
from collections.abc import Iterator
from io import BytesIO

import pyarrow.parquet as pq
import pytest

from schemas.tables import MENTIONS, RUNS, STORIES
from tests.builders import TEXT, make_mention, make_story
from tests.memory_store import STORE, Killed
from transforms.commit import (
    StagedFile,
    StagedFileLostError,
    SupersededError,
    admitted,
    commit,
    committed_files,
    committed_runs,
    has_files,
    locked,
    merge,
    recover,
    spill,
    stage,
)

ROOT = "memory://newsroom/tables"
FIRST, SECOND, THIRD = "20241110T060000Z", "20241110T070000Z", "20241111T060000Z"


@pytest.fixture(autouse=True)
def empty_store() -> Iterator[None]:
    """Empty the store, and let nobody die."""
    STORE.__init__()  # type: ignore[misc]  # all of it, as new
    yield
    STORE.granted = None


def _stage_run(run_id: str, count: int) -> list[StagedFile]:
    stories = [make_story(item_id=f"{run_id} {n}") for n in range(count)]
    mentions = [make_mention(story, TEXT[:5], "ORG") for story in stories]
    return [
        stage(ROOT, STORIES, stories, run_id),
        stage(ROOT, MENTIONS, mentions, run_id),
        stage(ROOT, RUNS, [], run_id),
    ]


def _rows(url: str) -> int:
    return pq.ParquetFile(BytesIO(STORE.objects[url][0])).metadata.num_rows


def _seen(table: str = "stories") -> dict[str, int]:
    """Return how many rows of each run a reader sees who has nothing but a glob."""
    found = [url for url in STORE.objects if url.startswith(f"{ROOT}/{table}/")]
    assert all(url.endswith(".parquet") for url in found)
    return {url.rpartition("/")[2][: len(FIRST)]: _rows(url) for url in sorted(found)}


def _committed() -> dict[str, dict[str, int]]:
    """Return the rows of each run and table that a reader sees who goes by the manifests."""
    seen: dict[str, dict[str, int]] = {}
    for url, (content, _) in STORE.objects.items():
        if url.startswith(f"{ROOT}/_commits/") and url.endswith(".json"):
            manifest = json.loads(content)
            seen[manifest["run_id"]] = {
                file["table"]: _rows(f"{ROOT}/{file['final']}") for file in manifest["files"]
            }
    return seen


def _die_in_commit(files: list[StagedFile], after: int) -> bool:
    """Commit and die after so many requests; return whether that came before the end."""
    STORE.granted = after
    try:
        commit(ROOT, SECOND, files)
    except Killed:
        return True
    finally:
        STORE.granted = None
    return False


def test_nothing_is_seen_before_the_commit_and_all_of_it_after() -> None:
    files = _stage_run(FIRST, 3)
    assert _seen() == _committed() == {}
    assert not any(url.endswith(".parquet") for url in STORE.objects)
    commit(ROOT, FIRST, files)
    assert _seen() == _seen("mentions") == {FIRST: 3}
    assert _committed() == {FIRST: {"stories": 3, "mentions": 3, "runs": 0}}
    assert committed_runs(ROOT) == [FIRST]
    assert not any("_staging" in url or url.endswith(".intent") for url in STORE.objects)


def test_a_process_that_dies_at_any_request_leaves_the_old_state_or_the_new() -> None:
    after, died = 0, True
    while died:
        STORE.objects.clear()
        commit(ROOT, FIRST, _stage_run(FIRST, 2))
        old = _committed()
        died = _die_in_commit(_stage_run(SECOND, 4), after)
        new = {**old, SECOND: {"stories": 4, "mentions": 4, "runs": 0}}
        assert _committed() in (old, new)
        if SECOND in _seen():  # what points at a story is there before the story is
            assert _seen("mentions") == _seen()
        if SECOND in _seen("runs"):
            assert _seen() == {FIRST: 2, SECOND: 4}
        is_begun = f"{ROOT}/_commits/{SECOND}.intent" in STORE.objects
        is_done = SECOND in _committed()
        recover(ROOT)
        assert _committed() == (new if is_begun or is_done else old)
        assert _seen() == _seen("mentions") == {
            run_id: rows["stories"] for run_id, rows in _committed().items()
        }
        assert not any("_staging" in url or url.endswith(".intent") for url in STORE.objects)
        after += 1
    assert after > 10


def test_a_worker_that_dies_in_a_commit_is_replaced_at_any_request() -> None:
    after, died = 0, True
    while died:
        STORE.objects.clear()
        files = _stage_run(SECOND, 4)
        died = _die_in_commit(files, after)
        commit(ROOT, SECOND, files)
        assert _seen() == _seen("mentions") == {SECOND: 4}
        assert recover(ROOT) == []
        after += 1
    assert after > 10


def test_a_recovery_that_dies_at_any_request_is_made_good_by_the_next() -> None:
    after, died = 0, True
    while died:
        STORE.objects.clear()
        assert _die_in_commit(_stage_run(SECOND, 4), 5)
        assert f"{ROOT}/_commits/{SECOND}.intent" in STORE.objects
        STORE.granted, died = after, False
        try:
            recover(ROOT)
        except Killed:
            died = True
        STORE.granted = None
        recover(ROOT)
        assert _committed() == {SECOND: {"stories": 4, "mentions": 4, "runs": 0}}
        after += 1
    assert after > 5


def test_a_slot_that_is_run_again_replaces_its_objects_and_leaves_no_other() -> None:
    extra = stage(ROOT, STORIES, [make_story()], FIRST, shard=1)
    commit(ROOT, FIRST, [*_stage_run(FIRST, 3), extra])
    before = {url: content for url, (content, _) in STORE.objects.items()
              if url.endswith("00000.parquet")}
    commit(ROOT, FIRST, _stage_run(FIRST, 3))
    assert {url: content for url, (content, _) in STORE.objects.items()
            if url.endswith(".parquet")} == before
    assert _committed() == {FIRST: {"stories": 3, "mentions": 3, "runs": 0}}


def test_pieces_are_merged_in_a_store() -> None:
    stories = [make_story(item_id=str(n)) for n in range(5)]
    pieces = [spill(ROOT, STORIES, stories[:2], FIRST), spill(ROOT, STORIES, stories[2:], FIRST)]
    merged = merge(ROOT, STORIES, pieces, FIRST)
    straight = stage(ROOT, STORIES, stories, FIRST)
    assert STORE.objects[f"{ROOT}/{merged.staged}"][0] == (
        STORE.objects[f"{ROOT}/{straight.staged}"][0]
    )


def test_a_commit_leaves_what_another_run_has_staged() -> None:
    first, second = _stage_run(FIRST, 1), _stage_run(SECOND, 2)
    commit(ROOT, FIRST, first)
    commit(ROOT, SECOND, second)
    assert _seen() == {FIRST: 1, SECOND: 2}


def test_a_lost_object_stops_the_commit() -> None:
    commit(ROOT, FIRST, _stage_run(FIRST, 2))
    files = _stage_run(SECOND, 4)
    del STORE.objects[f"{ROOT}/{files[0].staged}"]
    with pytest.raises(StagedFileLostError, match=r"stories-00000.* is gone"):
        commit(ROOT, SECOND, files)
    assert _seen() == {FIRST: 2}


def test_what_a_commit_without_its_staged_objects_has_brought_is_withdrawn() -> None:
    commit(ROOT, FIRST, _stage_run(FIRST, 2))
    assert _die_in_commit(_stage_run(SECOND, 4), 5)
    for url in [url for url in STORE.objects if "/mentions-" in url]:
        del STORE.objects[url]
    STORE.requests.clear()
    assert recover(ROOT) == []
    assert _seen() == _seen("mentions") == {FIRST: 2}
    assert not [one for one in STORE.requests if one.startswith("copy") and "stories-" in one]
    assert recover(ROOT) == []


def test_of_two_runs_the_one_that_has_begun_last_commits() -> None:
    with locked(ROOT) as earlier, locked(ROOT) as later:
        with (
            pytest.raises(SupersededError, match="nothing was committed"),
            admitted(ROOT, earlier),
        ):
            pass
        with admitted(ROOT, later):
            commit(ROOT, FIRST, _stage_run(FIRST, 2), ticket=later)
    assert _seen() == {FIRST: 2}


def test_a_run_that_is_taken_over_between_check_and_commit_withdraws() -> None:
    files = _stage_run(FIRST, 2)
    with locked(ROOT) as earlier, admitted(ROOT, earlier), locked(ROOT):
        with pytest.raises(SupersededError, match=r"taken .* over in this moment"):
            commit(ROOT, FIRST, files, ticket=earlier)
        assert _seen() == _committed() == {}
        assert recover(ROOT) == []


def test_a_commit_that_the_next_run_has_finished_is_no_loss() -> None:
    files = _stage_run(SECOND, 2)
    assert _die_in_commit(files, 5)
    recover(ROOT)  # the next run, while the first one hangs
    commit(ROOT, SECOND, files)
    assert _seen() == {SECOND: 2}


def test_history_is_read_as_of_the_run() -> None:
    for run_id in (FIRST, SECOND, THIRD):
        commit(ROOT, run_id, _stage_run(run_id, 1))
    STORE.put(f"{ROOT}/stories/ingest_date=2024-11-10/notes.txt", b"not ours")
    STORE.put(f"{ROOT}/stories/readme", b"not ours")
    assert committed_files(ROOT, "stories", before=FIRST) == ()
    assert committed_files(ROOT, "stories", before=THIRD) == tuple(
        f"{ROOT}/stories/ingest_date=2024-11-10/{run_id}-00000.parquet"
        for run_id in (FIRST, SECOND)
    )
    assert has_files(ROOT, "stories", before=SECOND)
    assert not has_files(ROOT, "stories", before=FIRST)
    assert not has_files(ROOT, "events", before=THIRD)


def test_a_commit_asks_the_store_no_more_often_the_more_runs_there_were() -> None:
    counts = []
    for day in range(10, 20):
        run_id = f"202411{day}T060000Z"
        files = _stage_run(run_id, 1)
        STORE.requests.clear()
        commit(ROOT, run_id, files)
        counts.append(len(STORE.requests))
    assert len(set(counts)) == 1
