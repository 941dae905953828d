"""What a run reads of its history, after few runs and after many.

    python -m benchmarks.dedup_history --runs 10 100 1000

Each run has stored as many stories, four hours after the one before. The next run has as many
items: half are new, a quarter it has seen in the last run, and a quarter in the very first. The
baseline reads of every file the columns that identify and date a row. Bytes are those that the
process has asked the system for (`rchar`); the index is mapped into memory and not among them.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from benchmarks.dedup_scale import BLOCK_ITEMS, generate
from schemas.ids import RUN_ID_FORMAT
from schemas.records import Story
from schemas.tables import DUPLICATES, STORIES, Table, to_arrow
from transforms.commit import final_path
from transforms.copies import candidate_of
from transforms.history import WantedBuilder, past_sampled, read_past, recent_files
from transforms.history_index import Keys, locate
from transforms.outcomes import with_fingerprint
from transforms.recall import History, history_before
from transforms.stop_shingles import LEARNED_DAYS

ITEMS = 200
STEP = timedelta(hours=4)
START = datetime(2024, 1, 1, tzinfo=timezone.utc)


class Reading(NamedTuple):
    """What reading has cost."""

    files: int
    mib: float
    seconds: float


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, nargs="+", default=[10, 100, 1000])
    args = parser.parse_args()
    for runs in args.runs:
        with tempfile.TemporaryDirectory() as root:
            for number in range(runs):
                _store(root, number, _stories(number))
            _report(root, runs)


def _report(root: str, runs: int) -> None:
    built = _measure(lambda: len(_history(root, runs).stories))
    again = _measure(lambda: len(_history(root, runs).stories))
    history = _history(root, runs)
    wanted = _wanted(
        _stories(runs)[: ITEMS // 2], _stories(runs - 1)[: ITEMS // 4], _stories(0)[: ITEMS // 4]
    )
    print(f"{runs:,} runs of {ITEMS} stories; index built in {built.seconds:.1f} s, "
          f"looked after in {again.seconds * 1e3:.0f} ms")
    for name, cost in (
        ("looked up", _measure(lambda: _look_up(history, wanted))),
        ("stop shingles", _measure(lambda: _learn(history))),
        ("scan", _measure(lambda: _scan(history))),
    ):
        print(f"  {name:14} {cost.files:5,} files {cost.mib:8.2f} MiB {cost.seconds:7.2f} s")


def _stories(run: int) -> list[Story]:
    """Return the stories of a run, none of which another run has."""
    block, first = divmod(run * ITEMS, BLOCK_ITEMS)
    at = (START + run * STEP).timestamp()
    return [
        with_fingerprint(story._replace(published_at=story.first_seen_at.of(at)))
        for story in list(generate(block))[first : first + ITEMS]
    ]


def _run_id(run: int) -> str:
    return (START + run * STEP).strftime(RUN_ID_FORMAT)


def _store(root: str, run: int, stories: list[Story]) -> None:
    _write(root, run, STORIES, stories)
    _write(root, run, DUPLICATES, [])


def _write(root: str, run: int, table: Table, records: list[Story]) -> None:
    path = Path(root, final_path(table.name, _run_id(run), 0))
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(to_arrow(table, records, _run_id(run)), path, compression="zstd")


def _history(root: str, runs: int) -> History:
    return history_before(root, _run_id(runs))


def _wanted(*groups: list[Story]) -> Keys:
    builder = WantedBuilder()
    for story in (story for group in groups for story in group):
        builder.add(candidate_of(story))
    return builder.build()


def _look_up(history: History, wanted: Keys) -> int:
    files = 0
    for segment in history.segments:
        for path, keys in locate(segment, wanted).items():
            read_past(f"{history.root}/{path}", keys, wanted)
            files += 1
    return files


def _learn(history: History) -> int:
    paths = recent_files(history.stories, LEARNED_DAYS)
    for path in paths:
        for _ in past_sampled(path):
            pass
    return len(paths)


def _scan(history: History) -> int:
    for path in history.stories:
        pq.read_table(path, columns=["item_id", "text_sha256", "published_at"], partitioning=None)
    return len(history.stories)


def _measure(read: Callable[[], int]) -> Reading:
    before, started_s = _bytes_read(), time.monotonic()
    files = read()
    return Reading(files, (_bytes_read() - before) / 2**20, time.monotonic() - started_s)


def _bytes_read() -> int:
    for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines():
        if line.startswith("rchar"):
            return int(line.split()[1])
    raise OSError("/proc/self/io has no rchar")


if __name__ == "__main__":
    main()
