"""A day's wires end to end: feeds in, tables out, beside the model alone on the same stories.

    python -m benchmarks.replay articles.jsonl.xz --items 5000

The items become one RSS feed per outlet and are read by `naba run` in a process of its own; then
another process tags the stories that were kept, and nothing else. CPU seconds are of the whole
process for the run, and of the tagging alone for the model.
"""

import argparse
import json
import lzma
import multiprocessing
import os
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import pyarrow.parquet as pq

BATCH_STORIES = 512


class Cost(NamedTuple):
    """What a piece of work took."""

    cpu_s: float
    wall_s: float
    peak_mib: float
    count: int


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wires, tables = Path(folder, "wires"), Path(folder, "tables")
        count = write_feeds(args.articles, args.items, wires)
        whole = measure(run_naba, wires, tables, args.workers)
        model = measure(tag_kept, tables)
    print(f"{count:,} items in, {model.count:,} stories kept, {args.workers} worker(s)")
    print(f"whole run   {count / whole.wall_s:8.1f} items/s  {whole.cpu_s:8.1f} CPU s  "
          f"{whole.wall_s:8.1f} s  peak {whole.peak_mib:,.0f} MiB")
    print(f"model alone {model.count / model.wall_s:8.1f} stories/s {model.cpu_s:7.1f} CPU s  "
          f"{model.wall_s:8.1f} s  peak {model.peak_mib:,.0f} MiB")
    print(f"outside the model: {1 - model.cpu_s / whole.cpu_s:.0%} of the run's CPU time; "
          f"run / model alone = {whole.cpu_s / model.cpu_s:.2f}")


def write_feeds(articles: Path, items: int, folder: Path) -> int:
    """Write the first `items` articles as one RSS feed per outlet; return how many there were."""
    outlets = defaultdict(list)
    opened = lzma.open if articles.suffix == ".xz" else open
    with opened(articles, "rt", encoding="utf-8") as lines:
        for line in islice(lines, items):
            article = json.loads(line)
            outlets[article["src"]].append(_item(article))
    folder.mkdir(parents=True)
    for outlet, shown in outlets.items():
        Path(folder, f"{outlet}.xml").write_text(
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
            f"<title>{outlet}</title>{''.join(shown)}</channel></rss>",
            encoding="utf-8",
        )
    return sum(map(len, outlets.values()))


def _item(article: dict[str, Any]) -> str:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in article["text"].split("\n"))
    return (
        f"<item><guid isPermaLink='false'>{escape(article['docno'])}</guid>"
        f"<title>{escape(article['title'])}</title><link>{escape(article['url'])}</link>"
        f"<pubDate>{escape(article['time'])}</pubDate>"
        f"<description>{escape(paragraphs)}</description></item>"
    )


def run_naba(wires: Path, tables: Path, workers: int) -> Cost:
    """Run the command and return its cost, imports included; of all its processes."""
    from pipeline.cli import main as naba

    started_s = time.monotonic()
    naba(["run", str(wires), "--output", str(tables), "--workers", str(workers), "--json"])
    return _cost(started_s, 0.0, 0)


def tag_kept(tables: Path) -> Cost:
    """Tag the stories of `tables` and return what that took, loading left out."""
    from tests.builders import make_story
    from transforms.mentions import tag_stories
    from transforms.model_loader import load_tagger

    files = sorted(tables.glob("stories/*/*.parquet"))
    rows = [row for file in files
            for row in pq.read_table(file, columns=["title", "text", "language"],
                                     partitioning=None).to_pylist()]
    stories = [make_story(**row) for row in rows]
    tagger = load_tagger("", threads=1)
    started_s, started_cpu_s = time.monotonic(), time.process_time()
    for first in range(0, len(stories), BATCH_STORIES):
        tag_stories(stories[first : first + BATCH_STORIES], tagger, any_language=False)
    return _cost(started_s, started_cpu_s, len(stories))


def _cost(started_s: float, started_cpu_s: float, count: int) -> Cost:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return Cost(
        cpu_s=sum(usage.ru_utime + usage.ru_stime for usage in usages) - started_cpu_s,
        wall_s=time.monotonic() - started_s,
        peak_mib=max(usage.ru_maxrss for usage in usages) / 1024,
        count=count,
    )


def measure(work: Callable[..., Cost], *arguments: object) -> Cost:
    """Return what `work` says that it took, done in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1, initializer=_quiet) as pool:
        return pool.apply(work, arguments)


def _quiet() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    main()
