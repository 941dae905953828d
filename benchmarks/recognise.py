"""Speed of the recognise stage beside the bare network and the library's own pipeline.

    python -m benchmarks.recognise --data articles.jsonl.xz --stories 500

Data: JSON lines with "title" and "text", plain or xz. All run on the same stories, weights and
threads. CPU seconds are of this process; model loading and imports are left out.
"""

import argparse
import contextlib
import json
import lzma
import resource
import time
import warnings
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import apache_beam as beam
import numpy as np
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.utils.timestamp import Timestamp

from schemas.records import Story
from transforms.mentions import tag_stories
from transforms.model_files import find_model
from transforms.model_loader import Network, build_tagger, load_network, load_tokenizer
from transforms.recognise import Recognise
from transforms.tagger import BATCH_PIECES, Ids, Logits, Tagger

_BATCH_STORIES = 256

Key = tuple[str, str, int, int, str]  # story, field, start, end, label


class Timing(NamedTuple):
    """What one way of tagging took."""

    cpu_s: float
    wall_s: float


class Recorder(Network):
    """A network that notes the windows it is shown, without their padding."""

    def __init__(self, network: Network) -> None:
        super().__init__(network.model, network.device)
        self.windows: list[Ids] = []

    def predict(self, ids: Ids, mask: Ids) -> Logits:
        """Return the network's logits."""
        self.windows += [row[shown == 1] for row, shown in zip(ids, mask, strict=True)]
        return super().predict(ids, mask)


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


def run_bare(network: Network, windows: list[Ids]) -> None:
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
        network.predict(ids, mask)


def run_library(classify: Callable[[str], Any], stories: list[Story]) -> None:
    """Tag one text after the other, as the library's documentation shows."""
    for story in stories:
        for text in (story.title, story.text):
            if text.strip():
                classify(text)


def quantise(network: Network) -> Network:
    """Return the network with 8-bit weights in its linear layers (CPU only)."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a deprecation that names another package
        model = torch.ao.quantization.quantize_dynamic(
            network.model, {torch.nn.Linear}, dtype=torch.qint8
        )
    return Network(model, network.device)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--stories", type=int, default=500)
    parser.add_argument("--model", default="", help="as for naba run; default: the embedded one")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--int8", action="store_true", help="try 8-bit weights as well")
    options = parser.parse_args()
    stories = read_stories(options.data, options.stories)
    measure(stories, options.model, options.threads, int8=options.int8)


def measure(stories: list[Story], model: str, threads: int, *, int8: bool) -> None:
    """Time every way of tagging the stories and print the ratios."""
    import torch
    from transformers import pipeline as make_pipeline

    torch.set_num_threads(threads)
    files = find_model(model)
    tokenizer, network = load_tokenizer(files.folder), load_network(files.folder)
    recorder = Recorder(network)
    reference = tag_in_batches(build_tagger(files, tokenizer, recorder), stories)
    timings: dict[str, Timing] = {}
    with timed(timings, "bare network, packed"):
        run_bare(network, recorder.windows)
    with timed(timings, "stage without Beam"):
        tag_in_batches(build_tagger(files, tokenizer, network), stories)
    with timed(timings, "stage (RunInference)"):
        run_stage(stories, model, threads)
    classify = make_pipeline(
        "token-classification", model=network.model, tokenizer=load_tokenizer(files.folder),
        aggregation_strategy="first", stride=64, device=network.device,
    )
    with timed(timings, "library, story by story"):
        run_library(classify, stories)
    if int8:
        small = quantise(network)
        with timed(timings, "stage without Beam, int8"):
            found = tag_in_batches(build_tagger(files, tokenizer, small), stories)
        print(f"int8 and fp32 agree on {agreement(reference, found):.4f} of their mentions")
    pieces = sum(len(window) for window in recorder.windows)
    report(timings, len(stories), pieces)


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


def report(timings: dict[str, Timing], stories: int, pieces: int) -> None:
    """Print one line for each way, with its speed relative to the bare network."""
    bare = timings["bare network, packed"].cpu_s
    print(f"{stories} stories, {pieces} sub-words")
    for name, timing in timings.items():
        print(
            f"{name:26}{stories / timing.cpu_s:8.1f} stories/CPU-s "
            f"{stories / timing.wall_s:8.1f} stories/s {bare / timing.cpu_s:6.2f} of bare"
        )
    print(f"peak RSS {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
