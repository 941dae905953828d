"""Measure how fast a feed becomes items, against feedparser alone on the same bytes.

    python -m benchmarks.feeds [--items 2000] [--bytes 1500]

The feed is read whole, salvaged (one bare ampersand) and doubled in size, to show that the cost
grows with the feed and no faster.
"""

import argparse
import io
import time
from collections.abc import Callable

import feedparser

from schemas.records import SourceSpec
from transforms.sources import Document
from transforms.sources.feeds import SOURCE

_SENTENCE = "أعلنت وزارة النقل، اليوم الأحد، افتتاح خط جديد يربط العاصمة بالمدن الساحلية. "


def make_feed(items: int, item_bytes: int, title: str = "أخبار") -> bytes:
    """Return an RSS feed of so many items."""
    body = _SENTENCE * max(1, (item_bytes - 300) // len(_SENTENCE.encode()))
    parts = [
        f"<item><title>خبر رقم {number}</title><link>/{number}</link><guid>{number}</guid>"
        f"<description>&lt;p&gt;{body}&lt;/p&gt;</description>"
        "<pubDate>الأحد، 26 نوفمبر 2023 10:00 ص</pubDate></item>"
        for number in range(items)
    ]
    channel = f"<channel><title>{title}</title>{''.join(parts)}</channel>"
    return f"<rss version='2.0'>{channel}</rss>".encode()


def read(raw: bytes) -> int:
    """Return how many items and rejects `raw` gives."""
    spec = SourceSpec("benchmark", "https://news.example/")
    return sum(1 for _ in SOURCE.read(Document(spec, spec.location, io.BytesIO(raw))))


def parse(raw: bytes) -> int:
    """Return how many entries feedparser alone finds in `raw`, as it comes."""
    return len(feedparser.parse(io.BytesIO(raw)).entries)


def best_s(function: Callable[[bytes], int], raw: bytes, expected: int) -> float:
    """Return the best processor time of three."""
    times = []
    for _ in range(3):
        started_s = time.process_time()
        found = function(raw)
        times.append(time.process_time() - started_s)
        if found != expected:
            raise SystemExit(f"{found} items instead of {expected}")
    return min(times)


def main() -> None:
    """Print items per second and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--bytes", type=int, default=1500, help="size of one item")
    arguments = parser.parse_args()
    plain = make_feed(arguments.items, arguments.bytes)
    broken = make_feed(arguments.items, arguments.bytes, "نفط & غاز")
    double = make_feed(2 * arguments.items, arguments.bytes)
    baseline_s = best_s(parse, plain, arguments.items)
    megabytes, baseline = len(plain) / 1e6, arguments.items / baseline_s
    print(f"{megabytes:.1f} MB, feedparser alone: {baseline:.0f} items/s")
    for name, raw, items in (("read", plain, arguments.items),
                             ("read, salvaged", broken, arguments.items),
                             ("read, twice as long", double, 2 * arguments.items)):
        speed = items / best_s(read, raw, items)
        print(f"{name}: {speed:.0f} items/s, {speed / baseline:.2f} of it")


if __name__ == "__main__":
    main()
