"""Rounds of --follow beside a new process each time, on the same feed: seconds, and memory.

    python -m benchmarks.follow --rounds 160

A feed on this machine shows twenty stories, one of them new each round. The rounds of --follow
run in one process, whose resident memory is read after each; as many runs of `naba run` as
--processes says, each a process of its own, are the baseline.
"""

import argparse
import logging
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from statistics import median

import psutil

from pipeline.follow import follow
from pipeline.options import Options
from tests.loopback import Reply, Seen, serve

_WORDS = [f"كلمة{number}" for number in range(5_000)]


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=160)
    parser.add_argument("--processes", type=int, default=10)
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    one_process = list(_follow(args.rounds))
    seconds = median(seconds for seconds, _ in one_process[1:])
    tenth = max(1, len(one_process) // 10)
    memory = [resident for _, resident in one_process]
    early, late = median(memory[tenth : 2 * tenth]), median(memory[-tenth:])
    apart = median(_processes(args.processes))
    print(f"a round of --follow  {seconds:6.2f} s   a new process {apart:6.2f} s   "
          f"ratio {apart / seconds:.1f}")
    print(f"{len(memory)} rounds with a new story each: resident {early:,.0f} MiB in the second "
          f"tenth, {late:,.0f} MiB in the last, ratio {late / early:.2f}, peak {max(memory):,.0f}")


def _follow(rounds: int) -> Iterator[tuple[float, float]]:
    """Yield the seconds of each round and the MiB resident after it."""
    stop, asked = threading.Event(), 0

    def answer(_: Seen) -> Reply:
        nonlocal asked
        asked += 1
        if asked >= rounds:
            stop.set()
        return _feed(asked)

    process = psutil.Process()
    with serve() as server, tempfile.TemporaryDirectory() as output:
        server.routes["/feed.xml"] = answer
        options = Options(output=output, allow_loopback=True, every=1)
        for row in follow([f"{server.url}/feed.xml"], options, (), stop):
            if isinstance(row, Exception):
                raise row
            yield row["duration_s"], process.memory_info().rss / 2**20


def _processes(runs: int) -> Iterator[float]:
    """Yield the seconds of each of `runs` processes that read the same feed."""
    asked = 0

    def answer(_: Seen) -> Reply:
        nonlocal asked
        asked += 1
        return _feed(asked)

    with serve() as server, tempfile.TemporaryDirectory() as output:
        server.routes["/feed.xml"] = answer
        command = [sys.executable, "-m", "pipeline", "run", f"{server.url}/feed.xml",
                   "--allow-loopback", "--json", "--output", output]
        for _ in range(runs):
            began_s = time.monotonic()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            yield time.monotonic() - began_s


def _feed(first: int) -> Reply:
    """Return a feed of the stories `first` to `first + 19`."""
    items = "".join(
        f"<item><guid>{number}</guid><title>خبر {number}</title><description>"
        f"{' '.join(random.Random(number).choices(_WORDS, k=60))}</description></item>"
        for number in range(first, first + 20)
    )
    channel = f"<channel><title>أخبار</title>{items}</channel>"
    return Reply(f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'.encode())


if __name__ == "__main__":
    main()
