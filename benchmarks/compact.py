"""A day of a continuous run before and after its compaction: files, queries, history, memory.

    python -m benchmarks.compact --rounds 1440

Each round commits a few stories with their mentions and the polls of ten feeds. The small files
are the baseline; the compaction runs in a process of its own, whose peak memory is taken.
`--scale` makes the rounds so many times as large, to show what that memory goes with.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from apache_beam.utils.timestamp import Timestamp

from schemas.ids import digest
from schemas.records import Fetch, Mention, Run, Story
from schemas.tables import FETCHES, MENTIONS, RUNS, STORIES
from schemas.views import open_tables, rows_of
from tests.builders import make_mention, make_story
from transforms.commit import commit, stage
from transforms.fingerprint import fingerprint, pack
from transforms.recall import history_before

_WORDS = [f"كلمة{number}" for number in range(5_000)]
_WORDS_A_STORY, _NAMES_A_STORY, _FEEDS = 250, 12, 10
_DAY = datetime(2024, 11, 10, tzinfo=timezone.utc)
_QUERIES = {
    "count of stories": "select count(*) from stories",
    "one story by id": "select * from stories where story_id = "
                       "(select max(story_id) from stories)",
    "names of a day": "select surface, count(*) from mentions group by all order by all limit 9",
    "runs": "select count(*), sum(duration_s) from runs",
}


class Measures(NamedTuple):
    """What the tables cost a reader and the next run."""

    files: int
    mib: float
    seconds: dict[str, float]


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1_440)
    parser.add_argument("--stories", type=int, default=7, help="in a round")
    parser.add_argument("--scale", type=int, nargs="*", default=[1])
    args = parser.parse_args()
    for scale in args.scale:
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder), args.rounds, args.stories * scale)


def _measure(root: Path, rounds: int, stories: int) -> None:
    for number in range(rounds):
        _commit_round(root, _DAY + number * timedelta(days=1) / rounds, stories)
    before = _costs(root)
    outcome, mib = _compact(root)
    after = _costs(root)
    print(f"{rounds:,} rounds of {stories} stories: {before.files:,} files, {before.mib:.0f} MiB; "
          f"then {after.files}, {after.mib:.0f} MiB, ratio {before.files / after.files:,.0f}")
    print(f"  compacted in {outcome['duration_s']:.1f} s, {outcome['cpu_s']:.1f} s of CPU, peak "
          f"{mib:.0f} MiB above an idle process", flush=True)
    for name, before_s in before.seconds.items():
        after_s = after.seconds[name]
        print(f"  {name:20} {before_s * 1000:9.1f} ms {after_s * 1000:9.1f} ms   "
              f"ratio {before_s / after_s:.1f}")


def _costs(root: Path) -> Measures:
    files = list(root.glob("*/ingest_date=*/*.parquet"))
    seconds = {}
    with open_tables(str(root)) as tables:
        for name, query in _QUERIES.items():
            seconds[name] = _seconds(partial(rows_of, tables, query))
    seconds["all views opened"] = _seconds(lambda: open_tables(str(root)).close())
    seconds["history, from nothing"] = _seconds(lambda: _history(root, anew=True), rounds=1)
    seconds["history, each round"] = _seconds(lambda: _history(root, anew=False))
    return Measures(len(files), sum(file.stat().st_size for file in files) / 2**20, seconds)


def _seconds(work: Callable[[], object], rounds: int = 5) -> float:
    """Return the median of what `work` takes; the files are in the page cache."""
    taken = []
    for _ in range(rounds):
        began_s = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began_s)
    return median(taken)


def _history(root: Path, *, anew: bool) -> None:
    if anew:
        for path in root.glob("_index/*"):
            path.unlink()
    history_before(str(root), "20241111T000000Z")


def _compact(root: Path) -> tuple[dict[str, float], float]:
    """Compact in another process; return what it tells and the MiB above an idle one."""
    peaks = []
    code = ("import json, os, pathlib, re, sys; "
            "from pipeline.compaction import run_compaction; "
            "told = run_compaction(sys.argv[1]) if sys.argv[1] else {}; "
            "told['cpu_s'] = sum(os.times()[:2]); "
            "status = pathlib.Path('/proc/self/status').read_text(); "
            "peak = re.search(r'VmHWM:\\s+(\\d+)', status); "
            "told['peak'] = int(peak[1]); json.dump(told, sys.stdout)")
    for manifest in root.glob("_commits/*.json"):
        os.utime(manifest, (0, 0))  # committed long ago
    for argument in ("", str(root)):
        answer = subprocess.run([sys.executable, "-c", code, argument], check=True,
                                capture_output=True, text=True)
        told = json.loads(answer.stdout)
        peaks.append(told["peak"] / 1024)
    return told, peaks[1] - peaks[0]


def _commit_round(root: Path, moment: datetime, stories: int) -> None:
    run_id, time_s = moment.strftime("%Y%m%dT%H%M%SZ"), Timestamp.from_utc_datetime(moment)
    rng = random.Random(run_id)
    made = [_story(rng, f"{run_id} {number}", time_s) for number in range(stories)]
    rows = (
        (STORIES, made),
        (MENTIONS, [one for story in made for one in _mentions(rng, story)]),
        (FETCHES, [_fetch(number, time_s) for number in range(_FEEDS)]),
        (RUNS, [_run(time_s)]),
    )
    commit(str(root), run_id, [stage(str(root), table, of, run_id) for table, of in rows])


def _story(rng: random.Random, item_id: str, time_s: Timestamp) -> Story:
    title, text = (" ".join(rng.choices(_WORDS, k=words)) for words in (9, _WORDS_A_STORY))
    return make_story(item_id=item_id, title=title, text=text, published_at=time_s,
                      first_seen_at=time_s, fingerprint=pack(fingerprint(title, text)))


def _mentions(rng: random.Random, story: Story) -> list[Mention]:
    surfaces = dict.fromkeys(rng.choices(story.text.split(), k=_NAMES_A_STORY))
    return [make_mention(story, surface, rng.choice(["PER", "ORG", "LOC"]))
            for surface in surfaces]


def _fetch(number: int, time_s: Timestamp) -> Fetch:
    url = f"https://feed{number}.example/rss.xml"
    return Fetch(
        source_id=f"feed{number}", url=url, fetched_at=time_s, duration_s=0.1, outcome="ok",
        status=200, final_url=url, etag=digest(url, str(time_s)), last_modified=None,
        content_type="application/rss+xml", bytes=30_000, not_before=None, items_seen=20,
        items_new=1, items_changed=0, health=(),
    )


def _run(time_s: Timestamp) -> Run:
    return Run(
        logical_time=time_s, started_at=time_s, duration_s=1.5, outcome="complete",
        inputs=("feeds.toml",), options="{}", versions="{}", model_id="tests", sources=_FEEDS,
        counts=(), failed_sources=(),
    )


if __name__ == "__main__":
    main()
