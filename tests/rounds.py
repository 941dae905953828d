"""Folders of tables as a continuous run leaves them: a few small files for each of many rounds."""

import os
import sys
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
from apache_beam.utils.timestamp import Timestamp

from schemas.ids import digest
from schemas.records import Fetch, Run
from schemas.tables import FETCHES, MENTIONS, RUNS, STORIES, TABLES
from tests.builders import NOON, TEXT, make_mention, make_story
from transforms.commit import COMMITS, commit, committing, stage
from transforms.make_room import make_room

_DIES_AT = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "open", "ctypes.dlsym"}

LATER = datetime.now(timezone.utc) + timedelta(hours=2)
"""When all that has just been written counts as settled."""


def run_id_at(minute: int, day: int = 10) -> str:
    """Return the id of the run of a minute of that day of November 2024."""
    return f"202411{day:02}T{minute // 60:02}{minute % 60:02}00Z"


def commit_round(root: Path, run_id: str, stories: int, shards: int = 1) -> None:
    """Commit a run of so many stories, spread over so many files of a table."""
    files = []
    for shard in range(shards):
        made = [
            make_story(item_id=f"{run_id} {number}", title=f"خبر {number}", text=TEXT[number:],
                       published_at=NOON if number % 3 else None)
            for number in range(shard, stories, shards)
        ]
        mentions = [make_mention(story, story.text[8:20], "ORG") for story in made]
        if made:
            files += [stage(str(root), STORIES, made, run_id, shard),
                      stage(str(root), MENTIONS, mentions, run_id, shard)]
    files += [stage(str(root), FETCHES, [_fetch(run_id)], run_id),
              stage(str(root), RUNS, [_run(run_id)], run_id)]
    with committing(str(root)):
        make_room(str(root), run_id)
        commit(str(root), run_id, files)
    os.utime(root / COMMITS / f"{run_id}.json", (0, 0))  # long ago


def commit_rounds(root: Path, minutes: Iterable[int], stories: int = 2, day: int = 10) -> None:
    """Commit a run for each of `minutes`."""
    for minute in minutes:
        commit_round(root, run_id_at(minute, day), stories)


def seen_by_glob(root: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each table as a reader sees them who has nothing but a glob."""
    found = {}
    for name in TABLES:
        if list(root.glob(f"{name}/*/*.parquet")):
            files = f"read_parquet('{root}/{name}/*/*.parquet', hive_partitioning = true)"
            found[name] = duckdb.sql(f"select * from {files} order by all").fetchall()
    return found


def files_of(root: Path, table: str = "*") -> list[Path]:
    """Return the files of the tables in the order of their names."""
    return sorted(root.glob(f"{table}/ingest_date=*/*.parquet"))


def contents(root: Path) -> dict[str, bytes]:
    """Return what the files of the tables hold, by their paths."""
    return {str(path.relative_to(root)): path.read_bytes() for path in files_of(root)}


def rows_in(path: Path) -> int:
    """Return how many rows a file holds."""
    return int(pq.read_metadata(path).num_rows)


def dies_at(at_event: int, work: Callable[[], object]) -> bool:
    """Do `work` in a child that dies like kill -9 at its n-th file operation; say if it did."""
    child = os.fork()
    if child == 0:
        left = at_event

        def die(event: str, _: object) -> None:
            nonlocal left
            if event in _DIES_AT:
                left -= 1
                if left < 0:
                    os._exit(9)

        sys.addaudithook(die)
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def _fetch(run_id: str) -> Fetch:
    return Fetch(
        source_id="sana", url="https://sana.example/feed", fetched_at=NOON, duration_s=0.1,
        outcome="ok", status=200, final_url="https://sana.example/feed", etag=digest(run_id),
        last_modified=None, content_type="application/rss+xml", bytes=1, not_before=None,
        items_seen=1, items_new=0, items_changed=0, health=(),
    )


def _run(run_id: str) -> Run:
    moment = datetime.strptime(run_id, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    time = Timestamp.from_utc_datetime(moment)
    return Run(
        logical_time=time, started_at=time, duration_s=1.5, outcome="complete", inputs=("تغذية",),
        options="{}", versions="{}", model_id="tests", sources=1, counts=(), failed_sources=(),
    )
