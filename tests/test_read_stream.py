"""The stream of readings on runners: windows fire while it goes on, and no server is harassed."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email.utils import formatdate
from functools import partial
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.pvalue import PCollection
from apache_beam.runners.runner import PipelineState
from apache_beam.transforms.error_handling import CollectingErrorHandler
from apache_beam.transforms.window import FixedWindows

from schemas.records import Fetch, RawItem, Reject, SourceSpec
from tests.builders import TEXT
from tests.loopback import Reply, Seen, serve
from transforms.event_time import StreamClock
from transforms.file_memory import Found
from transforms.read_stream import ReadStream

ROOT = Path(__file__).parents[1]
PRISM = shutil.which("prism") or str(ROOT / ".cache" / "prism")
SLOT_S, LATENESS_S, EVERY_S = 2, 3, 2
LIMIT_S = 120.0


def _in_folder(folder: str) -> list[Found]:
    return [SourceSpec(path.name, str(path)) for path in sorted(Path(folder).iterdir())]


def _stream(
    pipeline: beam.Pipeline, feeds: Sequence[SourceSpec], folder: Path
) -> dict[str, PCollection[Any]]:
    now_s = int(time.time())
    clock = StreamClock(SLOT_S, LATENESS_S, now_s // SLOT_S * SLOT_S)
    files = partial(_in_folder, str(folder))
    with CollectingErrorHandler() as errors:
        read = pipeline | ReadStream(
            feeds, files, errors, clock, every_s=EVERY_S, allow_loopback=True
        )
    return {"items": read.items, "fetches": read.fetches, "rejects": errors.output()}


class _Note(beam.DoFn):
    """Write what a window counted to a file, which the test looks at while the stream runs."""

    def __init__(self, notes: Path, kind: str) -> None:
        super().__init__()
        self._notes = notes
        self._kind = kind

    def process(self, counted: tuple[str, int], window: Any = beam.DoFn.WindowParam) -> None:
        source_id, count = counted
        line = json.dumps([self._kind, source_id, int(window.start), count])
        with self._notes.open("a") as notes:
            notes.write(f"{line}\n")


def _weight(record: RawItem | Fetch | Reject) -> tuple[str, int]:
    """Return what a record counts for: a fetch for the items that it says to have seen."""
    return record.source_id, record.items_seen if isinstance(record, Fetch) else 1


def _count_by_slot(streams: dict[str, PCollection[Any]], notes: Path) -> None:
    for kind, records in streams.items():
        _ = (
            records
            | f"Weigh {kind}" >> beam.Map(_weight)
            | f"Slots {kind}" >> beam.WindowInto(FixedWindows(SLOT_S))
            | f"Count {kind}" >> beam.CombinePerKey(sum)
            | f"Note {kind}" >> beam.ParDo(_Note(notes, kind))
        )


@contextmanager
def _running(pipeline: beam.Pipeline) -> Iterator[None]:
    result = pipeline.run()
    try:
        yield
        assert result.state == PipelineState.RUNNING
    finally:
        result.cancel()


def _until(is_reached: Callable[[], bool]) -> None:
    until_s = time.monotonic() + LIMIT_S
    while not is_reached():
        if time.monotonic() > until_s:
            raise TimeoutError("the stream does not get that far")
        time.sleep(0.1)


def _growing_feed(served: list[Seen], wait_s: float = 0.0) -> Callable[[Seen], Reply]:
    """Return a route that has an item of long ago, and a new one at each poll."""
    def answer(seen: Seen) -> Reply:
        served.append(seen)
        time.sleep(wait_s)
        dates = ["Sun, 10 Nov 2024 06:00:00 GMT", *[formatdate(time.time())] * len(served)]
        items = "".join(
            f"<item><guid>{n}</guid><title>خبر {n}</title><description>{TEXT}</description>"
            f"<pubDate>{date}</pubDate></item>" for n, date in enumerate(dates)
        )
        body = f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'
        return Reply(body.encode(), headers=(("ETag", f'"{len(served)}"'),))
    return answer


@pytest.mark.skipif(
    not Path(PRISM).is_file(), reason="no Prism here: make prism builds it, which needs Go"
)
def test_windows_fire_while_feeds_are_polled_and_files_come(tmp_path: Path) -> None:
    folder, notes = tmp_path / "wires", tmp_path / "notes"
    folder.mkdir()
    notes.touch()
    flags = ["--runner=PrismRunner", f"--prism_location={PRISM}", "--streaming"]
    pipeline = beam.Pipeline(options=PipelineOptions(flags))
    served: list[Seen] = []
    with serve() as server:
        server.routes["/live"] = _growing_feed(served)
        server.routes["/slow"] = _growing_feed([], wait_s=4)
        feeds = [SourceSpec(name, f"{server.url}/{name}") for name in ("live", "slow", "broken")]
        _count_by_slot(_stream(pipeline, feeds, folder), notes)

        def noted(kind: str, source_id: str) -> list[tuple[int, int]]:
            lines = map(json.loads, notes.read_text().splitlines())
            return [(start, n) for a, b, start, n in lines if (a, b) == (kind, source_id)]

        with _running(pipeline):
            _until(lambda: len(noted("fetches", "live")) >= 2)
            (folder / "late.txt").write_text(TEXT)
            _until(lambda: bool(noted("items", "late.txt")) and bool(noted("items", "slow")))
            _until(lambda: len(noted("rejects", "broken")) >= 2)
            _until(lambda: len(noted("fetches", "live")) >= 5)
    for source_id in ("live", "slow", "late.txt"):
        slots = [start for start, _ in noted("items", source_id)]
        assert len(slots) == len(set(slots)), "a slot was counted twice"
        seen = sum(n for _, n in noted("fetches", source_id))
        assert 0 < seen <= sum(n for _, n in noted("items", source_id)), "an item was lost"
    tags = [seen.headers.get("if-none-match") for seen in served]
    assert tags[:3] == [None, '"1"', '"2"']
    assert all(start % SLOT_S == 0 for start, _ in noted("items", "live"))


_ON_A_RUNNER_WITHOUT_WAITS = """
import sys
import apache_beam as beam
from schemas.records import SourceSpec
from transforms.event_time import StreamClock
from transforms.poll_feeds import PollFeed
with beam.Pipeline("FnApiRunner") as pipeline:
    feeds = pipeline | beam.Create([SourceSpec("live", sys.argv[1])])
    feeds | beam.ParDo(PollFeed(StreamClock(2, 3, 0), 2, allow_loopback=True))
"""


def test_a_server_is_not_harassed_by_a_runner_that_ignores_waits() -> None:
    served: list[Seen] = []
    with serve() as server:
        server.routes["/live"] = _growing_feed(served)
        command = [sys.executable, "-c", _ON_A_RUNNER_WITHOUT_WAITS, f"{server.url}/live"]
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            _until(lambda: len(served) >= 2)
            began_s = time.monotonic()
            _until(lambda: len(served) >= 4)
            assert time.monotonic() - began_s > 1.9 * EVERY_S
        finally:
            process.kill()
            process.wait()
    assert [seen.headers.get("if-none-match") for seen in served] == [None, '"1"', '"2"', '"3"']
