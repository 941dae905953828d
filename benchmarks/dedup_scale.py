"""Deduplication of many generated items on the local runner: time, memory, same as in memory.

    python -m benchmarks.dedup_scale --items 1000000 --workers 2

Three items in ten are copies: whole, edited, cut short, or a headline. The items come in blocks
that share nothing, so the outcome of a sample of blocks can be checked against the reference in
memory. Peak memory is the sum over all processes, sampled twice a second.
"""

import argparse
import contextlib
import hashlib
import json
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam
import psutil
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.utils.timestamp import Timestamp

from benchmarks.in_memory import kept_by_item
from schemas.ids import digest
from schemas.records import Duplicate, Story
from transforms.copies import candidate_of
from transforms.deduplicate import Deduplicate
from transforms.outcomes import with_fingerprint
from transforms.recall import History

BLOCK_ITEMS = 1_000
DAY_S = 86_400
_LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sample", type=int, default=3, help="blocks to check")
    args = parser.parse_args()
    blocks = args.items // BLOCK_ITEMS
    with tempfile.TemporaryDirectory() as folder:
        with PeakMemory() as memory:
            started_s = time.monotonic()
            _run(blocks, args.workers, folder)
            took_s = time.monotonic() - started_s
        kept = _read(Path(folder))
    copies = sum(copy != leader for copy, leader in kept.items())
    print(f"{blocks * BLOCK_ITEMS:,} items, {copies:,} copies, {args.workers} workers: "
          f"{took_s:,.0f} s, {blocks * BLOCK_ITEMS / took_s:,.0f} items/s, "
          f"peak {memory.peak_mib:,.0f} MiB")
    for block in random.Random(1).sample(range(blocks), args.sample):
        stories = [with_fingerprint(story) for story in generate(block)]
        expected = kept_by_item([candidate_of(story) for story in stories])
        assert all(kept[story_id] == leader for story_id, leader in expected.items()), block
    print(f"{args.sample} blocks equal the reference in memory")


def generate(block: int) -> Iterator[Story]:
    """Yield the items of a block, always the same."""
    rng = random.Random(block)
    words = ["".join(rng.choices(_LETTERS, k=rng.randint(2, 7))) for _ in range(3_000)]
    originals: list[tuple[str, str, float]] = []
    start_s = 1_700_000_000 + (block % 60) * DAY_S
    for number in range(BLOCK_ITEMS):
        time_s = start_s + rng.uniform(0, DAY_S)
        if originals and rng.random() < 0.3:
            title, text, first_s = rng.choice(originals)
            title, text = rng.choice(_EDITS)(title, text)
            time_s = first_s + rng.expovariate(1 / 14_400)
        else:
            title = " ".join(rng.choices(words, k=8))
            text = " ".join(rng.choices(words, k=rng.randint(40, 160)))
            originals.append((title, text, time_s))
        yield _story(f"{block}-{number}", f"outlet-{rng.randrange(20)}", title, text, time_s)


_EDITS = (
    lambda title, text: (title, text),
    lambda title, text: (title, text + " المصدر وكالات"),
    lambda title, text: (title, " ".join(text.split()[:40])),
    lambda title, text: ("", f"عاجل {title}"),
    lambda title, text: ("خبر " + title, text.replace(" ", "  ", 5)),
)


def _story(item_id: str, source_id: str, title: str, text: str, time_s: float) -> Story:
    at = Timestamp(int(time_s))
    return Story(
        story_id=digest(item_id), revision=1, source_id=source_id, source_kind="rss",
        item_id=item_id, url=None, agency=None, author=None, language="ar", item_type="story",
        title=title, text=text, text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        published_at=at, published_from="", updated_at=None, timezone="UTC",
        first_seen_at=at, wire_spans=(),
        dateline_place=None, status="usable", replaces=None, replaces_as=None,
        forwarded_from=None, priority=100, repairs=(), origin="", position=item_id,
        fingerprint=b"",
    )


def _run(blocks: int, workers: int, folder: str) -> None:
    flags = ["--runner=FnApiRunner"]
    if workers > 1:
        flags += [f"--direct_num_workers={workers}", "--direct_running_mode=multi_processing",
                  "--default_sdk_harness_log_level=ERROR"]
    with beam.Pipeline(options=PipelineOptions(flags)) as pipeline:
        stories = (
            pipeline
            | "Blocks" >> beam.Create(range(blocks)).with_output_types(int)
            | "Generate" >> beam.FlatMap(generate).with_output_types(Story)
        )
        kept = stories | "Deduplicate" >> Deduplicate(History(), f"{folder}/aside")
        own = kept.stories | "Own" >> beam.Map(_own)
        copies = kept.duplicates | "Copies" >> beam.Map(_copy)
        _ = (own, copies) | "Both" >> beam.Flatten() | beam.io.WriteToText(f"{folder}/kept")


def _own(story: Story) -> str:
    return json.dumps([story.story_id, story.story_id])


def _copy(copy: Duplicate) -> str:
    return json.dumps([copy.copy_id, copy.story_id])


def _read(folder: Path) -> dict[str, str]:
    lines = (line for path in folder.glob("kept*") for line in path.open())
    return dict(json.loads(line) for line in lines)


class PeakMemory:
    """Samples the memory of this process and its children while the block runs."""

    def __enter__(self) -> "PeakMemory":
        self.peak_mib = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        own = psutil.Process()
        while not self._done.wait(0.5):
            total = 0
            for process in (own, *own.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    total += process.memory_info().rss
            self.peak_mib = max(self.peak_mib, total / 2**20)


if __name__ == "__main__":
    main()
