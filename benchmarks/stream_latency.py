"""From publication on a server to the committed row: latency, and items a second, of --follow.

    python -m benchmarks.stream_latency --backlog 100 --rate 1 --seconds 20 \\
        -- --prism_location=.cache/prism

The same work goes through rounds on the local runner and then through a stream on Prism, each a
`naba run --follow` of its own. First a backlog is published at once: what it takes until its last
row is committed gives the items a second, the loading of the model left out. Then items come one
by one: the latency of each is measured from the moment it is published until the commit of its
run. Without Beam flags after `--`, only the local runner is measured.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil
import pyarrow.parquet as pq

from benchmarks.followed import Command, followed
from benchmarks.newsroom import NEWS_WORDS
from tests.loopback import Loopback, Reply, Seen, serve
from transforms.commit import committed_runs

_LOOK_S = 0.05
_WAIT_S = 300.0
_FEEDS = 4
_SHOWN = 1_000
_FIRST_ITEMS = 8  # until the model is loaded and the stream runs


class Measured(NamedTuple):
    """What one way of following took."""

    items_per_s: float
    cpu_ms: float  # an item, of all its processes
    latencies_s: Sequence[float]


class Board:
    """Feeds to which items are put up, and when each was."""

    def __init__(self) -> None:
        self.published_s: dict[str, float] = {}
        self._items: dict[str, list[str]] = {f"/{number}": [] for number in range(_FEEDS)}

    def mount(self, server: Loopback) -> list[str]:
        """Serve the feeds and return their URLs."""
        server.routes.update((path, self._answer(path)) for path in self._items)
        return [f"{server.url}{path}" for path in self._items]

    def publish(self, count: int) -> None:
        """Put up `count` items now, spread over the feeds."""
        now_s = time.time()
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(now_s))
        for _ in range(count):
            name = str(len(self.published_s))
            rng = random.Random(name)
            title, text = (" ".join(rng.choices(NEWS_WORDS, k=k)) for k in (7, 60))
            self._items[f"/{int(name) % _FEEDS}"].append(
                f"<item><guid isPermaLink='false'>{name}</guid><title>{title}</title>"
                f"<description>{text}</description><pubDate>{date}</pubDate></item>"
            )
            self.published_s[name] = now_s

    def _answer(self, path: str) -> Callable[[Seen], Reply]:
        def answer(_: Seen) -> Reply:
            shown = "".join(reversed(self._items[path][-_SHOWN:]))
            return Reply(
                f'<?xml version="1.0"?><rss version="2.0"><channel><title>أخبار</title>{shown}'
                "</channel></rss>".encode()
            )

        return answer


class Watch:
    """Notes when the items of each run were committed."""

    def __init__(self, tables: Path) -> None:
        self.committed_s: dict[str, float] = {}
        self._tables = tables
        self._runs: set[str] = set()

    def look(self) -> None:
        """Note what has been committed since the last look."""
        now_s = time.time()
        for run_id in set(committed_runs(str(self._tables))) - self._runs:
            self._runs.add(run_id)
            for table in ("stories", "duplicates"):
                for path in self._tables.glob(f"{table}/*/{run_id}-*.parquet"):
                    items = pq.read_table(path, columns=["item_id"], partitioning=None)
                    self.committed_s.update(dict.fromkeys(items["item_id"].to_pylist(), now_s))


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--backlog", type=int, default=500)
    parser.add_argument("--rate", type=float, default=2.0, help="items a second, one by one")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long these come")
    parser.add_argument("--every", type=int, default=1, help="of naba run")
    parser.add_argument("--lateness", type=int, default=1, help="of naba run")
    parser.add_argument("beam_flags", nargs="*", metavar="BEAM_FLAG", help="for Prism, after --")
    args = parser.parse_args()
    pace = ("--every", str(args.every), "--lateness", str(args.lateness))
    ways: dict[str, tuple[str, ...]] = {"rounds on the local runner": pace}
    if args.beam_flags:
        ways["a stream on Prism"] = (*pace, "--runner=PrismRunner", "--", *args.beam_flags)
    measured = {name: _measure(flags, args) for name, flags in ways.items()}
    baseline = next(iter(measured.values()))
    for name, found in measured.items():
        middle, late = statistics.median(found.latencies_s), _percentile(found.latencies_s, 99)
        print(f"{name:26} {found.items_per_s:6.1f} items/s, "
              f"{found.items_per_s / baseline.items_per_s:.2f} of the first, "
              f"{found.cpu_ms:.1f} CPU ms an item; latency of "
              f"{len(found.latencies_s)} items: median {middle:.2f} s, p99 {late:.2f} s, "
              f"{middle / statistics.median(baseline.latencies_s):.2f} times the first")


def _measure(flags: Sequence[str], args: argparse.Namespace) -> Measured:
    board = Board()
    with serve() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs, watch = board.mount(server), Watch(folder / "tables")
        with followed(Command(folder, inputs, flags)) as command:
            board.publish(_FIRST_ITEMS)
            _wait(command, board, watch)
            began_s, began_cpu_s = time.time(), _cpu_s(command)
            board.publish(args.backlog)
            _wait(command, board, watch)
            backlog_s = max(watch.committed_s.values()) - began_s
            cpu_s = _cpu_s(command) - began_cpu_s
            alone = len(board.published_s)
            for _ in _beats(args.rate, args.seconds):
                board.publish(1)
                watch.look()
            _wait(command, board, watch)
    latencies = [
        watch.committed_s[name] - published_s
        for name, published_s in list(board.published_s.items())[alone:]
    ]
    return Measured(args.backlog / backlog_s, cpu_s / args.backlog * 1e3, latencies)


def _cpu_s(command: Command) -> float:
    """Return the CPU seconds of the command and of all that it has started."""
    assert command.process is not None
    own = psutil.Process(command.process.pid)
    times = [one.cpu_times() for one in (own, *own.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def _wait(command: Command, board: Board, watch: Watch) -> None:
    """Wait until all that is published is committed.

    Raises:
        TimeoutError: it is not.
    """
    until_s = time.monotonic() + _WAIT_S
    while board.published_s.keys() - watch.committed_s.keys():
        command.check()
        if time.monotonic() > until_s:
            raise TimeoutError(f"not committed within {_WAIT_S:g} s; {command.errors()}")
        time.sleep(_LOOK_S)
        watch.look()


def _beats(rate: float, seconds: float) -> Iterator[None]:
    """Yield at a steady rate."""
    began_s = time.monotonic()
    for number in range(round(rate * seconds)):
        time.sleep(max(0.0, began_s + number / rate - time.monotonic()))
        yield


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    main()
