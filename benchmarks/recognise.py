"""Speed of the recognise stage beside its bare network, the library's pipeline and a BERT-base.

    python -m benchmarks.recognise --data articles.jsonl.xz --stories 1024 --workers 2

Data: JSON lines with "title" and "text", plain or xz. All run on the same stories and threads, in
one process, and are compared by its CPU seconds, which other processes take no part of. What is
nearly as fast as the bare network is measured in turn with it, several times over. The workers run
last, each in a process of its own, its model loading counted.
"""

import argparse
import contextlib
import json
import lzma
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import apache_beam as beam
import numpy as np
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.utils.timestamp import Timestamp

from schemas.records import Story, TaggedStory
from transforms.mentions import tag_stories
from transforms.model_files import find_model
from transforms.model_loader import (
    Model,
    build_tagger,
    load_compact,
    load_library_model,
    load_model,
    load_network,
    load_tokenizer,
)
from transforms.recognise import Recognise
from transforms.tagger import BATCH_PIECES, Ids, Logits, Tagger

_BATCH_STORIES = 256
_BASE_STORIES = 24  # a BERT-base reads about one a second
_BARE, _STAGE, _SOURCE = "bare network, packed", "stage (RunInference)", "source without the stage"

Key = tuple[str, str, int, int, str]  # story, field, start, end, label


class Timing(NamedTuple):
    """What one way of tagging took."""

    cpu_s: float
    wall_s: float


class Recorder:
    """Predicts, and notes the windows it is shown, without their padding."""

    def __init__(self, predict: Callable[[Ids, Ids], Logits]) -> None:
        self._predict = predict
        self.windows: list[Ids] = []

    def predict(self, ids: Ids, mask: Ids) -> Logits:
        """Return the network's logits."""
        self.windows += [row[shown == 1] for row, shown in zip(ids, mask, strict=True)]
        return self._predict(ids, mask)


def read_stories(path: Path, count: int) -> list[Story]:
    """Return the first `count` stories of a corpus."""
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, count)]
    return [_make_story(number, row["title"], row["text"]) for number, row in enumerate(rows)]


def _make_story(number: int, title: str, text: str) -> Story:
    return Story(
        story_id=f"{number:032x}", revision=1, source_id="corpus", source_kind="text",
        item_id=str(number), url=None, agency=None, author=None, language="ar",
        item_type="story", title=title, text=text, text_sha256="", published_at=None,
        published_from="none", updated_at=None, timezone="UTC",
        first_seen_at=Timestamp(0), wire_spans=(),
        dateline_place=None,
        status="usable", replaces=None, replaces_as=None,
        forwarded_from=None, priority=100, repairs=(),
        origin="", position="", fingerprint=b"",
    )


@contextlib.contextmanager
def timed(timings: dict[str, Timing], name: str) -> Iterator[None]:
    """Note what the block takes."""
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    timings[name] = Timing(time.process_time() - cpu, time.perf_counter() - wall)


def run_stage(stories: list[Story], model: str, threads: int) -> None:
    """Tag the stories as the pipeline does."""
    with beam.Pipeline("FnApiRunner", options=PipelineOptions([])) as pipeline:
        _ = pipeline | beam.Create(stories) | "Recognise" >> Recognise(model, threads)


def run_source(stories: list[Story]) -> None:
    """Bring the stories into a pipeline that tags none: what is no part of the stage."""
    with beam.Pipeline("FnApiRunner", options=PipelineOptions([])) as pipeline:
        _ = pipeline | beam.Create(stories) | "Pass" >> beam.Map(_tag_nothing)


def _tag_nothing(story: Story) -> TaggedStory:
    return TaggedStory(story, ())


def run_bare(predict: Callable[[Ids, Ids], Logits], windows: list[Ids]) -> None:
    """Run the network alone over ready windows, sorted by length over the whole corpus."""
    ordered = sorted(windows, key=len)
    while ordered:
        length = len(ordered[-1])
        rows = min(len(ordered), BATCH_PIECES // length)
        batch = [ordered.pop() for _ in range(rows)]
        ids = np.zeros((rows, length), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(batch):
            ids[row, : len(window)] = window
            mask[row, : len(window)] = 1
        predict(ids, mask)


def run_library(classify: Callable[[str], Any], stories: list[Story]) -> None:
    """Tag one text after the other, as the library's documentation shows."""
    for story in stories:
        for text in (story.title, story.text):
            if text.strip():
                classify(text)


def make_base() -> Any:
    """Return the library's pipeline on a BERT-base of random weights."""
    from transformers import BertConfig, BertForTokenClassification
    from transformers import pipeline as make_pipeline

    tokenizer = load_tokenizer(find_model("").folder)
    return make_pipeline(
        "token-classification", model=BertForTokenClassification(BertConfig(num_labels=9)).eval(),
        tokenizer=tokenizer, aggregation_strategy="first", stride=64,
    )  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--stories", type=int, default=1024)
    parser.add_argument("--repeats", type=int, default=3, help="of the bare network and the stage")
    parser.add_argument("--model", default="", help="as for naba run; default: the embedded one")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes of the last measurement")
    parser.add_argument("--only-workers", action="store_true", help="leave out the comparison")
    parser.add_argument("--part", help=argparse.SUPPRESS)  # "1/2": be the second of two workers
    options = parser.parse_args()
    stories = read_stories(options.data, options.stories)
    if options.part:
        be_worker(stories, options)
        return
    if not options.only_workers:
        measure(stories, options)
    run_workers(options)


def measure(stories: list[Story], options: argparse.Namespace) -> None:
    """Time every way of tagging the stories and print the ratios."""
    import torch

    torch.set_num_threads(options.threads)
    files = find_model(options.model)
    loaded = load_model(files.folder)
    recorder = Recorder(loaded.predict)
    found = tag_in_batches(build_tagger(files, loaded._replace(predict=recorder.predict)), stories)
    ways: dict[str, Callable[[], object]] = {
        _BARE: lambda: run_bare(loaded.predict, recorder.windows),
        "stage without Beam": lambda: tag_in_batches(build_tagger(files, loaded), stories),
        _STAGE: lambda: run_stage(stories, options.model, options.threads),
        _SOURCE: lambda: run_source(stories),
    }
    rounds = [time_each(ways) for _ in range(options.repeats)]
    print(f"{len(stories)} stories, {sum(map(len, recorder.windows))} sub-words")
    for timings in rounds:
        report(timings, len(stories))
    report_stage(rounds)
    report(time_each(library_ways(stories, files.folder, recorder.windows)), len(stories))
    base: dict[str, Timing] = {}
    with timed(base, "BERT-base, story by story"):
        run_library(make_base(), stories[:_BASE_STORIES])
    report(base, len(stories[:_BASE_STORIES]))
    for name, other in other_ways(loaded, files.folder):
        others = tag_in_batches(build_tagger(files, other), stories)
        print(f"mentions in which it agrees with {name}: {agreement(found, others):.4f}")


def time_each(ways: Mapping[str, Callable[[], object]]) -> dict[str, Timing]:
    """Return what each way takes, one after the other."""
    timings: dict[str, Timing] = {}
    for name, run in ways.items():
        with timed(timings, name):
            run()
    return timings


def library_ways(
    stories: list[Story], folder: Path, windows: list[Ids]
) -> dict[str, Callable[[], object]]:
    """Return how the library tags with the same weights."""
    from transformers import pipeline as make_pipeline

    network = load_network(folder)
    classify = make_pipeline(
        "token-classification", model=network.model, tokenizer=load_tokenizer(folder),
        aggregation_strategy="first", stride=64, device=network.device,
    )  # fmt: skip
    return {
        "library, story by story": lambda: run_library(classify, stories),
        "library's network, packed": lambda: run_bare(network.predict, windows),
    }


def report_stage(rounds: list[dict[str, Timing]]) -> None:
    """Print the speed of the stage as a share of the bare network's, without and with the source.

    The source would bring its stories into any pipeline; the stage adds the rest.
    """
    alone = [
        timings[_BARE].cpu_s / (timings[_STAGE].cpu_s - timings[_SOURCE].cpu_s)
        for timings in rounds
    ]
    together = [timings[_BARE].cpu_s / timings[_STAGE].cpu_s for timings in rounds]
    for name, shares in (("stage", alone), ("stage with its source", together)):
        print(
            f"{name}: {median(shares):.3f} of the bare network's speed, the median of "
            f"{len(shares)} ({min(shares):.3f} to {max(shares):.3f})"
        )


def other_ways(loaded: Model, folder: Path) -> Iterator[tuple[str, Model]]:
    """Yield the other ways to run a model."""
    if loaded.predict.__self__.__class__.__name__ == "CompactBert":  # type: ignore[attr-defined]
        yield "its floats", load_compact(folder, integers=False)
        yield "the library's", load_library_model(folder)


def run_workers(options: argparse.Namespace) -> None:
    """Let so many processes tag a part each, at the same time."""
    command = [sys.executable, "-m", "benchmarks.recognise", *sys.argv[1:], "--part"]
    workers = [
        subprocess.Popen([*command, f"{part}/{options.workers}"], stdout=subprocess.PIPE)
        for part in range(options.workers)
    ]
    answers = [json.loads(worker.communicate()[0].splitlines()[-1]) for worker in workers]
    wall = max(answer["wall_s"] for answer in answers)
    cpu = sum(answer["cpu_s"] for answer in answers)
    print(
        f"{options.workers} workers: {options.stories / wall:.1f} stories/s, "
        f"{options.stories / cpu:.1f} stories/CPU-s, "
        f"peak RSS {max(answer['peak_mib'] for answer in answers):.0f} MiB each"
    )


def be_worker(stories: list[Story], options: argparse.Namespace) -> None:
    """Tag one part of the stories and print what it took."""
    part, parts = map(int, options.part.split("/"))
    timings: dict[str, Timing] = {}
    with timed(timings, "stage"):
        run_stage(stories[part::parts], options.model, options.threads)
    print(json.dumps(timings["stage"]._asdict() | {"peak_mib": peak_mib()}))


def peak_mib() -> float:
    """Return the greatest memory that this process held; on others than Linux, or its parent."""
    status = Path("/proc/self/status")
    if status.is_file():
        (line,) = (row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def tag_in_batches(tagger: Tagger, stories: list[Story]) -> set[Key]:
    """Return the mentions of all stories, tagged in batches as Beam makes them."""
    return {
        (mention.story_id, mention.field, mention.start, mention.end, mention.label)
        for start in range(0, len(stories), _BATCH_STORIES)
        for tagged in tag_stories(
            stories[start : start + _BATCH_STORIES], tagger, any_language=True
        ).stories
        for mention in tagged.mentions
    }


def agreement(first: set[Key], second: set[Key]) -> float:
    """Return the F1 of one set of mentions against the other."""
    return 2 * len(first & second) / max(1, len(first) + len(second))


def report(timings: dict[str, Timing], stories: int) -> None:
    """Print one line for each way, with its speed relative to the first."""
    first = next(iter(timings.values())).cpu_s
    for name, timing in timings.items():
        print(
            f"{name:26}{stories / timing.cpu_s:8.1f} stories/CPU-s "
            f"{stories / timing.wall_s:8.1f} stories/s {first / timing.cpu_s:6.2f} of the first"
        )


if __name__ == "__main__":
    main()
