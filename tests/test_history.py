import os
import random
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.testing.util import assert_that, equal_to
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records import Duplicate, Story
from schemas.tables import DUPLICATES, REJECTS, STORIES
from tests.builders import NOON, TEXT, make_story
from transforms import history_index
from transforms.commit import commit, stage
from transforms.copies import candidate_of
from transforms.history import (
    WantedBuilder,
    item_key,
    keys_of,
    read_past,
    recent_files,
    slot_key,
    text_key,
)
from transforms.history_index import FOLDER, Keys, locate, refresh
from transforms.outcomes import with_fingerprint
from transforms.recall import History, ReadHistory, history_before

HOUR, DAY = 3600, 86_400
LAST = "29991231T000000Z"
RUNS = 40


def _story(number: int, **fields: object) -> Story:
    plain = {"item_id": f"guid-{number}", "text": f"{TEXT} {number}",
             "published_at": NOON + number * DAY}
    return with_fingerprint(make_story(**{**plain, **fields}))


def _commit(root: Path, number: int, stories: Sequence[Story], copies: Sequence[Duplicate] = (),
            ) -> None:
    run_id = f"2024{1 + number // 28:02d}{1 + number % 28:02d}T060000Z"
    commit(str(root), run_id, [
        stage(str(root), STORIES, stories, run_id),
        stage(str(root), DUPLICATES, copies, run_id),
        stage(str(root), REJECTS, [], run_id),
    ])


def _archive(root: Path, runs: int = RUNS) -> History:
    for number in range(runs):
        _commit(root, number, [_story(number)])
    return history_before(str(root), LAST)


def _wanted(*stories: Story) -> Keys:
    builder = WantedBuilder()
    for story in stories:
        builder.add(candidate_of(story))
    return builder.build()


def _located(history: History, wanted: Keys) -> dict[str, Keys]:
    found: dict[str, Keys] = {}
    for segment in history.segments:
        found |= locate(segment, wanted)
    return found


def _read(history: History, wanted: Keys) -> tuple[set[str], set[str]]:
    """Return the ids of versions and of candidates that the history holds of `wanted`."""
    past = [read_past(f"{history.root}/{path}", keys, wanted)
            for path, keys in _located(history, wanted).items()]
    return (
        {version.story_id for one in past for version in one.versions},
        {candidate.story_id for one in past for candidate in one.candidates},
    )


def test_only_files_that_hold_something_wanted_are_opened(tmp_path: Path) -> None:
    history = _archive(tmp_path)
    old, new = _story(3), _story(RUNS, text=f"{TEXT} جديد")
    wanted = _wanted(old._replace(published_at=new.published_at), new)
    found = _located(history, wanted)
    assert len(found) <= 1 + 7, "the item's own file, and those of its window"
    for path in tmp_path.glob("stories/*/*.parquet"):
        if str(path.relative_to(tmp_path)) not in found:
            path.write_bytes(b"nobody reads this")
    versions, candidates = _read(history, wanted)
    assert versions == {old.story_id}
    assert old.story_id in candidates, "the same text, whenever it appeared"
    assert {_story(RUNS - 1).story_id, _story(RUNS - 2).story_id} <= candidates


def test_segments_stay_few_and_a_refresh_indexes_only_new_files(tmp_path: Path) -> None:
    indexed: list[str] = []

    def counted(path: str) -> Keys:
        indexed.append(path)
        return keys_of(path)

    for number in range(RUNS):
        _commit(tmp_path, number, [_story(number)])
        paths = sorted(map(str, tmp_path.glob("stories/*/*.parquet")))
        segments = refresh(str(tmp_path), paths, counted)
    assert len(indexed) == len(set(indexed)) == RUNS
    assert len(segments) <= 7
    assert {path.name for path in (tmp_path / FOLDER).iterdir()} == {
        Path(segment).name for segment in segments
    }


def test_a_file_written_again_is_indexed_anew(tmp_path: Path) -> None:
    _archive(tmp_path, 6)
    _commit(tmp_path, 2, [_story(99)])
    history = history_before(str(tmp_path), LAST)
    assert _read(history, _wanted(_story(2)))[0] == set()
    assert _read(history, _wanted(_story(99)))[0] == {_story(99).story_id}
    assert _read(history, _wanted(_story(3)))[0] == {_story(3).story_id}


def test_a_file_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    _archive(tmp_path, 4)
    next(tmp_path.glob("stories/ingest_date=2024-01-02/*.parquet")).unlink()
    history = history_before(str(tmp_path), LAST)
    assert _read(history, _wanted(_story(1)))[0] == set()
    assert _read(history, _wanted(_story(2)))[0] == {_story(2).story_id}


@pytest.mark.parametrize("damage", [b"", b"ARROW1 and no more", None])
def test_a_broken_index_is_built_again(tmp_path: Path, damage: bytes | None) -> None:
    for segment in _archive(tmp_path, 4).segments:
        Path(segment).unlink() if damage is None else Path(segment).write_bytes(damage)
    (tmp_path / FOLDER / "left by a crash.inprogress").write_bytes(b"")
    history = history_before(str(tmp_path), LAST)
    assert _read(history, _wanted(_story(1)))[0] == {_story(1).story_id}
    assert {str(path) for path in (tmp_path / FOLDER).iterdir()} == set(history.segments)


def test_an_index_of_another_version_is_built_again(tmp_path: Path) -> None:
    (segment,) = _archive(tmp_path, 1).segments
    with pa.ipc.new_file(segment, pa.schema([("key", pa.uint64())])) as writer:
        writer.write_table(pa.table({"key": pa.array([1], pa.uint64())}))
    history = history_before(str(tmp_path), LAST)
    assert _read(history, _wanted(_story(0)))[0] == {_story(0).story_id}


def test_parts_that_a_crash_left_beside_their_merger_count_once(tmp_path: Path) -> None:
    (first,) = _archive(tmp_path, 1).segments
    part = Path(first).read_bytes()
    _archive(tmp_path, 2)
    (tmp_path / FOLDER / "part.segment").write_bytes(part)
    history = history_before(str(tmp_path), LAST)
    holders = [one for one in history.segments if locate(one, _wanted(_story(0)))]
    assert len(holders) == 1


def test_what_later_runs_have_stored_is_no_history(tmp_path: Path) -> None:
    _archive(tmp_path, 5)
    history = history_before(str(tmp_path), "20240103T060000Z")
    assert len(history.stories) == 2
    later = {path for path in _located(history, _wanted(_story(4)))
             if f"{history.root}/{path}" in history.stories}
    assert all("2024-01-05" not in path for path in later)


def test_a_copy_is_found_by_its_text(tmp_path: Path) -> None:
    copy = Duplicate(
        copy_id="c" * 32, source_id="sana", source_kind="rss", item_id="7", revision=1, url=None,
        agency=None, title="", text_sha256=_story(1).text_sha256, published_at=None,
        first_seen_at=NOON, story_id="a" * 32, relation="contained", similarity=0.5, evidence="",
        origin="", position="",
    )
    _commit(tmp_path, 0, [], [copy])
    history = history_before(str(tmp_path), LAST)
    (found,) = _located(history, _wanted(_story(1))).items()
    (candidate,) = read_past(f"{history.root}/{found[0]}", found[1], _wanted(_story(1))).candidates
    assert (candidate.story_id, candidate.copy_of, candidate.copied_as, candidate.similarity) == (
        "c" * 32, "a" * 32, "contained", 0.5
    )


def test_row_groups_far_in_time_are_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "stories" / "ingest_date=2024-01-01"
    folder.mkdir(parents=True)
    _commit(tmp_path / "one", 0, [_story(number) for number in range(0, 100, 5)])
    (whole,) = tmp_path.glob("one/stories/*/*.parquet")
    path = folder / "20240101T060000Z-00000.parquet"
    pq.write_table(pq.read_table(whole, partitioning=None), path, row_group_size=1)
    wanted = _wanted(_story(50, item_id="another", text=f"{TEXT} آخر"))
    found = np.intersect1d(keys_of(str(path)), wanted)
    metadata, data = pq.ParquetFile(path).metadata, bytearray(path.read_bytes())
    for number in set(range(20)) - {9, 10, 11}:  # one row a group; the window lies in these
        for column in map(metadata.row_group(number).column, range(metadata.num_columns)):
            start = column.dictionary_page_offset or column.data_page_offset
            data[start : start + column.total_compressed_size] = bytes(
                column.total_compressed_size
            )
    path.write_bytes(data)
    past = read_past(str(path), found, wanted)
    assert {one.story_id for one in past.candidates} >= {_story(50).story_id}
    with pytest.raises(OSError, match=r"Parquet|Corrupt|thrift|page|compress"):
        keys_of(str(path))


def test_times_without_a_date_and_before_1970_are_found(tmp_path: Path) -> None:
    old = _story(0, published_at=NOON - 60 * 365 * DAY)
    undated = _story(1, published_at=None)
    _commit(tmp_path, 0, [old, undated])
    history = history_before(str(tmp_path), LAST)
    near_old = _story(7, published_at=old.published_at + HOUR)
    assert _read(history, _wanted(near_old))[1] == {old.story_id}
    near_undated = _story(8, published_at=undated.first_seen_at + HOUR)
    assert _read(history, _wanted(near_undated))[1] == {undated.story_id}


def test_recent_files_end_with_the_last_day_that_has_any() -> None:
    days = ("01-01", "02-01", "02-10")
    paths = [f"out/stories/ingest_date=2024-{day}/x.parquet" for day in days]
    assert recent_files(paths, 14) == paths[1:]
    assert recent_files([], 14) == []


def test_keys_of_different_kinds_differ() -> None:
    assert len({item_key("", "1"), item_key("1", ""), text_key("1"), slot_key(1)}) == 4


@settings(max_examples=40, deadline=None)
@given(
    batches=st.lists(st.lists(st.integers(0, 60), max_size=12), min_size=1, max_size=12),
    wanted=st.sets(st.integers(0, 70), max_size=20),
)
def test_the_index_finds_what_a_scan_finds(
    batches: list[list[int]], wanted: set[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("lake")
    content: dict[str, list[int]] = {}
    for number, batch in enumerate(batches):
        path = root / f"{number}.parquet"
        path.write_bytes(b"")
        content[str(path)] = batch
        segments = refresh(str(root), list(content), lambda path: np.array(
            content[path], np.uint64
        ))
    keys = np.array(sorted(wanted), np.uint64)
    found: dict[str, set[int]] = {}
    for segment in segments:
        for name, hits in locate(segment, keys).items():
            found.setdefault(str(root / name), set()).update(hits.tolist())
    assert found == {
        path: wanted & set(batch) for path, batch in content.items() if wanted & set(batch)
    }


def test_a_wanted_builder_gives_the_same_however_its_parts_are_merged() -> None:
    stories = [_story(number) for number in range(30)]
    parts = [WantedBuilder() for _ in range(4)]
    for story in random.Random(1).sample(stories, 30):
        parts[len(story.item_id) % 4].add(candidate_of(story))
    merged = WantedBuilder()
    for part in parts:
        merged.merge(part)
    assert merged.build().tolist() == _wanted(*stories).tolist()
    assert history_index.is_among(_wanted(stories[0]), merged.build()).all()


def test_a_segment_that_is_gone_while_it_is_needed_is_an_error(tmp_path: Path) -> None:
    (segment,) = _archive(tmp_path, 1).segments
    Path(segment).unlink()
    with pytest.raises(FileNotFoundError):
        locate(segment, _wanted(_story(0)))


@pytest.mark.parametrize("files", [b"", b"{}", b"[[1]]", b"[1]", b"[]", b"\xff", None])
def test_a_segment_that_does_not_know_its_files_is_built_again(
    tmp_path: Path, files: bytes | None
) -> None:
    (segment,) = _archive(tmp_path, 1).segments
    with pa.memory_map(segment) as file:
        table = pa.ipc.open_file(file).read_all()
    said = {b"version": table.schema.metadata[b"version"]} | ({b"files": files} if files else {})
    table = table.replace_schema_metadata(said)
    with pa.ipc.new_file(f"{segment}.new", table.schema) as writer:
        writer.write_table(table)
    Path(f"{segment}.new").replace(segment)
    history = history_before(str(tmp_path), LAST)
    assert _read(history, _wanted(_story(0)))[0] == {_story(0).story_id}


def test_what_is_not_of_the_index_is_left_alone(tmp_path: Path) -> None:
    _archive(tmp_path, 1)
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / FOLDER).rename(elsewhere)
    (tmp_path / FOLDER).symlink_to(elsewhere)
    (elsewhere / "letter.txt").write_text("خاص", encoding="utf-8")
    (elsewhere / "folder.segment").mkdir()
    history = history_before(str(tmp_path), LAST)
    assert _read(history, _wanted(_story(0)))[0] == {_story(0).story_id}
    assert (elsewhere / "letter.txt").read_text(encoding="utf-8") == "خاص"


def test_segments_never_share_a_file(tmp_path: Path) -> None:
    def write(*numbers: int) -> bytes:
        paths = [str(path) for number in numbers
                 for path in tmp_path.glob(f"stories/ingest_date=2024-01-0{number + 1}/*")]
        shutil.rmtree(tmp_path / FOLDER, ignore_errors=True)
        (segment,) = refresh(str(tmp_path), paths, keys_of)
        return Path(segment).read_bytes()

    _archive(tmp_path, 3)
    parts = [write(0, 1), write(1, 2)]
    for number, part in enumerate(parts):
        (tmp_path / FOLDER / f"{number}.segment").write_bytes(part)
    history = history_before(str(tmp_path), LAST)
    for number in range(3):
        holders = [one for one in history.segments
                   if any(f"2024-01-0{number + 1}" in path and "stories" in path
                          for path in locate(one, _wanted(_story(number))))]
        assert len(holders) == 1


def test_a_refresh_that_dies_at_any_step_is_made_good_by_the_next(tmp_path: Path) -> None:
    _archive(tmp_path / "whole", 4)
    for number in range(4, 7):  # files that the index does not know yet
        _commit(tmp_path / "whole", number, [_story(number)])
    died, step = True, 0
    while died:
        root = shutil.copytree(tmp_path / "whole", tmp_path / str(step))
        died = _refresh_and_die(root, step)
        history = history_before(str(root), LAST)
        for number in range(7):
            assert _read(history, _wanted(_story(number)))[0] == {_story(number).story_id}
        assert {str(path) for path in (root / FOLDER).iterdir()} == set(history.segments)
        step += 1
    assert step > 3


def _refresh_and_die(root: Path, at_event: int) -> bool:
    """Refresh in a child that dies like kill -9 at its n-th file operation; return if it did."""
    child = os.fork()
    if child == 0:
        left = at_event

        def die(event: str, _: object) -> None:
            nonlocal left
            if event in ("os.rename", "os.remove", "os.mkdir", "open"):
                left -= 1
                if left < 0:
                    os._exit(9)

        sys.addaudithook(die)
        history_before(str(root), LAST)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.parametrize("where", [".", "tables", "./tables/../tables"])
def test_history_is_found_however_the_output_is_named(
    tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tables").mkdir()
    _archive(tmp_path / where, 2)
    monkeypatch.chdir(tmp_path)
    history = history_before(where, LAST)
    wanted = _wanted(_story(1))
    with beam.Pipeline("FnApiRunner") as pipeline:
        candidates = pipeline | beam.Create([candidate_of(_story(1))])
        past = candidates | ReadHistory(history)
        ids = past.versions | beam.Map(lambda version: version.story_id)
        assert_that(ids, equal_to([_story(1).story_id]))
    assert [path for one in history.segments for path in locate(one, wanted)]
