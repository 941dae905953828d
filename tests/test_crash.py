"""A run that is killed leaves the tables as they were, and the next one completes it."""

import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.builders import TEXT
from tests.lake import check_laws, checksums, rows

KILLS, KILLS_FOLLOWING = 20, 6
FIRST, SECOND = "2024-11-10T06:00Z", "2024-11-10T07:00Z"


def _start(root: Path, story: Path, *flags: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pipeline", "run", story, "--output", root, *flags]
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)


def _finish(root: Path, story: Path, slot: str) -> None:
    process = _start(root, story, "--run-id", slot)
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 0, output.decode()


def _visible(root: Path) -> list[tuple[str, ...]]:
    return rows(root, """
        select s.run_id, count(distinct story_id), count(mention_id)
        from @stories s left join @mentions m using (story_id) group by all order by all
    """)


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("stories")
    paths = [folder / "first.txt", folder / "second.txt"]
    for path, place in zip(paths, ("بغداد", "دمشق"), strict=True):
        path.write_text(f"{TEXT[::-1] if place == 'دمشق' else TEXT}\nزار وفد تركيا مدينة {place}.",
                        encoding="utf-8")
    return paths


@pytest.mark.timeout(900)
def test_a_killed_run_is_completed_by_the_next_as_if_nothing_had_happened(
    tmp_path: Path, stories: list[Path]
) -> None:
    undisturbed = tmp_path / "undisturbed"
    _finish(undisturbed, stories[0], FIRST)
    before = _visible(undisturbed)
    started = shutil.copytree(undisturbed, tmp_path / "started")
    started_s = time.monotonic()
    _finish(undisturbed, stories[1], SECOND)
    duration_s = time.monotonic() - started_s
    after, expected = _visible(undisturbed), checksums(undisturbed)
    moments = random.Random(2024)

    def kill_and_rerun(root: Path, moment_s: float) -> None:
        shutil.copytree(started, root)
        process = _start(root, stories[1], "--run-id", SECOND)
        try:
            process.wait(timeout=moment_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        assert _visible(root) in (before, after)
        _finish(root, stories[1], SECOND)
        assert checksums(root) == expected
        check_laws(root)

    with ThreadPoolExecutor(2) as pool:
        kills = [
            pool.submit(kill_and_rerun, tmp_path / str(number), moments.uniform(0, duration_s))
            for number in range(KILLS)
        ]
        for kill in kills:
            kill.result()


@pytest.mark.timeout(900)
def test_a_follower_that_is_killed_is_completed_by_the_next_run(
    tmp_path: Path, stories: list[Path]
) -> None:
    started = tmp_path / "started"
    _finish(started, stories[0], FIRST)
    assert not (started / "_index").exists()  # the round must build it
    before = rows(started, "select story_id from @stories")
    moments = random.Random(2025)
    duration_s = 0.0
    for number in range(KILLS_FOLLOWING):
        root = shutil.copytree(started, tmp_path / str(number))
        process, began_s = _start(root, stories[1], "--follow", "--json"), time.monotonic()
        if number == 0:  # the first lives until its round is committed
            assert process.stdout is not None
            assert process.stdout.readline()
            duration_s = time.monotonic() - began_s
        else:
            time.sleep(moments.uniform(0.5, 1.0) * duration_s)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert len(rows(root, "select story_id from @stories")) in (len(before), len(before) + 1)
        _finish(root, stories[1], "2099-01-01")
        assert len(rows(root, "select story_id from @stories")) == len(before) + 1
        check_laws(root)
