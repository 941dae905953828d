"""What deduplicating a stream keeps as state and costs, beside the batch on the same items.

    python -m benchmarks.stream_state

The items of `dedup_scale` come at an even pace, three in ten of them copies. State is counted
after some days, when as much is forgotten as is added, on a runner in this process
(`stream_executor.py`) that keeps it as bytes, as any runner does. Time is measured on fewer items,
in polls of a quarter of an hour: on that runner; on Prism, if it is there; and of the batch on
Beam's local runner.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

import apache_beam as beam
from apache_beam.coders.typecoders import registry
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.test_stream import TestStream
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Timestamp

from benchmarks.dedup_scale import BLOCK_ITEMS, DAY_S, generate
from benchmarks.stream_executor import Executor
from schemas.records import Story
from transforms.deduplicate import Deduplicate
from transforms.deduplicate_stream import DeduplicateStream
from transforms.event_time import StreamClock
from transforms.recall import History

START_S = 1_700_006_400
HORIZON_DAYS = 3
POLL_US = 900 * 1_000_000
CLOCK = StreamClock(slot_s=3600, lateness_s=3600, floor_s=START_S)
PRISM = shutil.which("prism") or str(Path(__file__).parents[1] / ".cache" / "prism")

_Run: TypeAlias = Callable[[Sequence[Story], str], None]


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=4_800)
    parser.add_argument("--days", type=int, default=6)
    parser.add_argument("--timed", type=int, default=600, help="in the polls of one hour")
    args = parser.parse_args()
    _measure_state(list(_paced(args.items, args.days)), args.items / args.days)
    stories = list(_paced(args.timed, 1 / 24))
    batch_s = _timed("batch, local runner", _in_a_batch, stories)
    streams: dict[str, _Run] = {"stream, in this process": _in_process}
    if Path(PRISM).is_file():
        streams["stream, Prism"] = _on_prism
    for name, run in streams.items():
        took_s = _timed(name, run, stories)
        print(f"  {took_s / batch_s:.1f} times as long as the batch")


def _paced(items: int, days: float) -> Iterator[Story]:
    """Yield the items of `generate` in its order, spread evenly over some days."""
    made = (story for block in range(-(-items // BLOCK_ITEMS)) for story in generate(block))
    for number, story in zip(range(items), made, strict=False):
        time_s = START_S + int(number * days * DAY_S / items)
        yield story._replace(
            published_at=Timestamp(time_s), first_seen_at=Timestamp(time_s), fingerprint=b""
        )


def _measure_state(stories: Sequence[Story], per_day: float) -> None:
    executor = _executor()
    _feed(executor, stories)
    held_items = per_day * HORIZON_DAYS
    print(f"{len(stories):,} items, {per_day:,.0f} a day; for each item of {HORIZON_DAYS} days:")
    total = 0
    for label, held in executor.state().items():
        total += held["bytes"]
        print(f"  {label.split('/')[1]:<16}{held['bytes'] / held_items:>7,.0f} bytes, "
              f"{held['cells'] / held_items:.1f} cells, {held['timers'] / held_items:.1f} timers")
    print(f"  {'all':<16}{total / held_items:>7,.0f} bytes; a day of horizon at 100,000 items a "
          f"day: {total / held_items / 10:,.0f} MB")


def _executor() -> Executor:
    pipeline = beam.Pipeline("FnApiRunner")
    source = pipeline | beam.Create([]).with_output_types(Story)
    _ = source | DeduplicateStream(History(), CLOCK)
    return Executor(pipeline, source)


def _polls(stories: Sequence[Story]) -> Iterator[tuple[Timestamp, list[Story]]]:
    """Yield the stories of each poll and the watermark after it."""
    for number, group in groupby(stories, lambda one: one.first_seen_at.micros // POLL_US):
        yield Timestamp(micros=(number + 1) * POLL_US), list(group)


def _feed(executor: Executor, stories: Sequence[Story]) -> None:
    for watermark, group in _polls(stories):
        for story in group:
            executor.feed(story, story.first_seen_at)
        executor.advance(watermark)


def _in_process(stories: Sequence[Story], folder: str) -> None:
    executor = _executor()
    _feed(executor, stories)
    executor.finish()


def _in_a_batch(stories: Sequence[Story], folder: str) -> None:
    with beam.Pipeline("FnApiRunner") as pipeline:
        _ = pipeline | beam.Create(stories) | Deduplicate(History(), folder)


def _on_prism(stories: Sequence[Story], folder: str) -> None:
    script = TestStream(coder=registry.get_coder(Story))
    for watermark, group in _polls(stories):
        stamped = [TimestampedValue(story, story.first_seen_at.micros // 10**6) for story in group]
        script = script.add_elements(stamped).advance_watermark_to(watermark)
    script = script.advance_watermark_to_infinity()
    flags = ["--runner=PrismRunner", f"--prism_location={PRISM}", "--streaming",
             "--environment_type=LOOPBACK"]
    with beam.Pipeline(options=PipelineOptions(flags)) as pipeline:
        stream = pipeline | script.with_output_types(Story)
        _ = stream | DeduplicateStream(History(), CLOCK)


def _timed(name: str, run: _Run, stories: Sequence[Story]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        started_s = time.monotonic()
        run(stories, folder)
        took_s = time.monotonic() - started_s
    print(f"{name}: {took_s:,.1f} s, {len(stories) / took_s:,.0f} items/s", flush=True)
    return took_s


if __name__ == "__main__":
    main()
