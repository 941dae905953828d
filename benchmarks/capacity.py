"""What a story costs in each stage, and what a million a day would need: docs/capacity.md.

    python -m benchmarks.capacity --stories 1000 > docs/capacity.md

Real text is that of $NABA_SHARED/raw/ant_wires/articles.jsonl.xz; where that is not set, the
examples of this repository are told again and again, their words shuffled. Stages are timed one
by one, in CPU time, while `naba run` reads the same documents in a process beside: what it takes
beyond its stages is the runtime. The formulas are in capacity_model.py.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, cycle, islice
from pathlib import Path
from typing import NamedTuple, TypeVar
from xml.sax.saxutils import escape

import apache_beam as beam
import pyarrow.parquet as pq
from apache_beam.utils.timestamp import Timestamp

from benchmarks.capacity_model import MIB, Costs, page
from benchmarks.replay import Cost, measure, run_naba, write_feeds
from benchmarks.stream_executor import Executor
from schemas.records import CodedStory, RawItem, SourceSpec, Story, TaggedStory
from schemas.tables import TABLES
from transforms.commit import stage
from transforms.copies import candidate_of
from transforms.deduplicate_stream import DeduplicateStream
from transforms.event_time import StreamClock
from transforms.extract import extract
from transforms.mentions import tag_stories
from transforms.model_loader import load_tagger
from transforms.normalise import normalise
from transforms.outcomes import with_fingerprint
from transforms.pairing import verdicts_in_memory
from transforms.reading import Reading
from transforms.recall import History, history_before
from transforms.resolve import resolve
from transforms.sources import load_sources
from transforms.tagger import Tagger

_NOW = Timestamp(int(time.time()))
_EXAMPLES = Path(__file__).parents[1] / "examples" / "feeds"
_ARTICLES = "raw/ant_wires/articles.jsonl.xz"
_LATER = "99991231T000000Z"
_GROWING = ("stories", "mentions", "dates", "events")
_WARM_UP = 20
_BATCH_STORIES = 512
_REMEMBERED = 300  # stories, of which the state of a stream is measured

In = TypeVar("In")
Out = TypeVar("Out")


class Timed(NamedTuple):
    """What the stages took of a number of stories."""

    cpu_ms: dict[str, float]  # a story, by stage
    cpu_s: float  # all of them together
    state_bytes: float  # remembered of a story
    stories: int


class Wires(NamedTuple):
    """Documents to read, and where their text is from."""

    folder: Path
    text: str


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stories", type=int, default=2_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wires = _wires(folder, args.stories)
        small = folder / "small"
        small.mkdir()
        (small / "story.txt").write_text("عنوان\n\nوصل الوفد إلى بغداد.", encoding="utf-8")
        start = measure(run_naba, small, folder / "start", 1)
        with ThreadPoolExecutor(1) as beside:  # both under the same load of the machine
            run = beside.submit(measure, run_naba, wires.folder, folder / "tables", 1)
            timed = _time_stages(wires.folder, folder / "staged")
            whole = run.result()
        costs = _costs(folder / "tables", timed, start, whole)
    heading = (
        f"Measured on {timed.stories:,} stories, {wires.text}, in one process on one core, on the "
        "machine of\n[benchmarks.md](benchmarks.md#the-machine), both cores of which were busy. "
        "Write this page anew with\n\n"
        f"    python -m benchmarks.capacity --stories {args.stories} > docs/capacity.md"
    )
    sys.stdout.write(page(costs, heading))


def _wires(folder: Path, stories: int) -> Wires:
    shared = os.environ.get("NABA_SHARED")
    if shared:
        write_feeds(Path(shared, _ARTICLES), stories, folder / "wires")
        return Wires(folder / "wires", "items of five Arabic outlets")
    items = list(chain.from_iterable(map(_read, sorted(_EXAMPLES.iterdir()))))
    folder = folder / "wires"
    folder.mkdir()
    told = "".join(
        f"<item><guid>{number}</guid><title>{_shuffled(item.title, number)}</title><description>"
        f"{_shuffled(item.body, number)}</description></item>"
        for number, item in enumerate(islice(cycle(items), stories))
    )
    (folder / "examples.xml").write_text(
        f'<?xml version="1.0"?><rss version="2.0"><channel>{told}</channel></rss>',
        encoding="utf-8",
    )
    return Wires(folder, "the examples of this repository, again and again")


def _shuffled(text: str, seed: int) -> str:
    """Return the words in another order, so that no story is a copy."""
    words = text.split()
    random.Random(seed).shuffle(words)
    return escape(" ".join(words))


def _read(path: Path) -> list[RawItem]:
    reading = Reading(SourceSpec(path.stem, str(path)), load_sources(), as_of=_NOW)
    return [item for item in reading if isinstance(item, RawItem)]


def _time_stages(wires: Path, staged: Path) -> Timed:
    tagger = load_tagger("", threads=1)
    took_s: dict[str, float] = {}
    items = list(chain.from_iterable(_timed(took_s, "read", _read, sorted(wires.iterdir()))))
    stories = _timed(took_s, "normalise", _story, items)
    for warm in _tag(tagger, stories[:_WARM_UP]):  # fills tables that load once
        extract(resolve(warm))
    (kept,) = _timed(took_s, "deduplicate", _kept, [stories])
    batches = [kept[at : at + _BATCH_STORIES] for at in range(0, len(kept), _BATCH_STORIES)]
    tagged = _timed(took_s, "recognise", lambda batch: _tag(tagger, batch), batches)
    resolved = _timed(took_s, "resolve", resolve, list(chain.from_iterable(tagged)))
    coded = _timed(took_s, "extract", extract, resolved)
    _timed(took_s, "write", lambda rows: _write(staged, rows), [coded])
    counts = dict.fromkeys(("read", "normalise", "deduplicate"), len(items))
    return Timed(
        cpu_ms={name: took / counts.get(name, len(kept)) * 1e3 for name, took in took_s.items()},
        cpu_s=sum(took_s.values()),
        state_bytes=_state_bytes(stories[:_REMEMBERED]),
        stories=len(kept),
    )


def _timed(
    took_s: dict[str, float], name: str, step: Callable[[In], Out], inputs: Sequence[In]
) -> list[Out]:
    began_s = time.process_time()
    results = [step(one) for one in inputs]
    took_s[name] = time.process_time() - began_s
    return results


def _story(item: RawItem) -> Story:
    return normalise(item, first_seen_at=_NOW)


def _tag(tagger: Tagger, stories: Sequence[Story]) -> Sequence[TaggedStory]:
    return tag_stories(stories, tagger, any_language=False).stories


def _kept(stories: Sequence[Story]) -> list[Story]:
    """Return the stories that are no copies."""
    stories = [with_fingerprint(story) for story in stories]
    copies = {
        one.key for one in verdicts_in_memory(map(candidate_of, stories))
        if one.outcome == "duplicate"
    }
    return [story for story in stories if story.story_id not in copies]


def _write(folder: Path, coded: Sequence[CodedStory]) -> None:
    """Stage the rows of the tables that grow with the stories, as one run."""
    records: dict[str, Sequence[NamedTuple]] = {
        "stories": [one.story for one in coded],
        "mentions": [mention for one in coded for mention in one.mentions],
        "dates": [date for one in coded for date in one.dates],
        "events": [event for one in coded for event in one.events],
    }
    for name, rows in records.items():
        stage(str(folder), TABLES[name], rows, "20240101T000000Z")


def _state_bytes(stories: Sequence[Story]) -> float:
    """Return what deduplication in a stream remembers of a story, within the window."""
    pipeline = beam.Pipeline("FnApiRunner")
    source = pipeline | beam.Create([]).with_output_types(Story)
    _ = source | DeduplicateStream(History(), StreamClock(60, 60, int(_NOW)))
    executor = Executor(pipeline, source)
    for story in stories:
        executor.feed(story, _NOW)
    executor.advance(_NOW + 3_600)
    return sum(held["bytes"] for held in executor.state().values()) / len(stories)


def _costs(tables: Path, timed: Timed, start: Cost, whole: Cost) -> Costs:
    stories = pq.read_table(tables / "stories", columns=["story_id"]).num_rows
    history_before(str(tables), _LATER)  # builds the index
    others = (name for name in TABLES if name not in _GROWING)
    return Costs(
        cpu_ms={
            **timed.cpu_ms,
            "runtime": max(0.0, (whole.cpu_s - start.cpu_s - timed.cpu_s) / stories * 1e3),
        },
        stored_bytes={name: _bytes(tables / name) / stories for name in _GROWING},
        held_bytes={name: pq.read_table(tables / name).nbytes / stories for name in _GROWING},
        slot_bytes=sum(_bytes(tables / name) for name in others),
        index_bytes=_bytes(tables / "_index") / stories,
        state_bytes=timed.state_bytes,
        worker_bytes=whole.peak_mib * MIB,
        start_s=start.cpu_s,
    )


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
