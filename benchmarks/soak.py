"""Hours of a newsroom, compressed: failing feeds, arriving files, kills; and the tables after.

    python -m benchmarks.soak --hours 30 --seconds 240 --kills 6
    python -m benchmarks.soak --runner PrismRunner --every 2 --lateness 60 -- \\
        --prism_location=.cache/prism

Ten feeds on this machine add, change and repeat items, copy each other, and answer with errors,
Retry-After, 304, pages, wrong charsets, broken and slow documents, while wires and Telegram
exports arrive in a folder. `naba run --follow` reads them in a process that is killed at moments
drawn from the seed. At the end every version that was served whole and whose round was committed
must be in the tables exactly once, the books of each run must balance, and the tables must equal
those of one run over all that was served. What may differ, and why, is in soak_differences.py.
The exit status is 1 if anything else differs.
"""

import argparse
import contextlib
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from benchmarks.followed import Command, CommandError, followed
from benchmarks.newsroom import FEEDS, HOUR_S, WIRES, Newsroom
from benchmarks.newsroom_files import Arrivals
from benchmarks.newsroom_server import Server
from benchmarks.soak_check import Report, check, read_at_once
from benchmarks.soak_served import settled
from pipeline.options import Options
from tests.loopback import serve

_STEP_S = 0.05
_START_S, _END_S = 120.0, 300.0
_POLLS_AFTER = 2  # of each feed, once nothing new comes


class Settings(NamedTuple):
    """What is to be gone through."""

    hours: float = 30.0
    seconds: float = 240.0
    kills: int = 6
    seed: int = 1
    every_s: int = 1
    lateness_s: int = 5
    runner: str = Options.runner
    beam_flags: Sequence[str] = ()

    @property
    def speed(self) -> float:
        """Return how many seconds of the newsroom pass in one of the machine's."""
        return self.hours * HOUR_S / self.seconds

    @property
    def is_stream(self) -> bool:
        """Say whether the command follows as one endless job."""
        return self.runner != Options.runner


def main() -> int:
    """Print what came of it; return 1 if anything is lost, doubled or unexplained."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name in ("hours", "seconds"):
        parser.add_argument(f"--{name}", type=float, default=getattr(Settings(), name))
    for name in ("kills", "seed", "every_s", "lateness_s"):
        flag = f"--{name.removesuffix('_s')}"
        parser.add_argument(flag, dest=name, type=int, default=getattr(Settings(), name))
    parser.add_argument("--runner", default=Settings().runner)
    parser.add_argument("--keep", type=Path, help="folder to work in, which is left behind")
    parser.add_argument("beam_flags", nargs="*", metavar="BEAM_FLAG", help="after --")
    args = vars(parser.parse_args())
    keep = args.pop("keep")
    logging.disable(logging.WARNING)
    with contextlib.ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        report = soak(Settings(**args), folder)
    print("\n".join(report.lines))
    return 1 if report.findings else 0


def soak(settings: Settings, folder: Path) -> Report:
    """Go through the hours in an empty `folder`, and report on the tables.

    Raises:
        CommandError: the command under test failed.
    """
    newsroom = Newsroom(settings.seed, settings.hours)
    arrivals = Arrivals(newsroom, folder)
    with serve() as at:
        server = Server(newsroom, settings.speed, settings.seed)
        (folder / WIRES).mkdir(parents=True)
        (folder / "feeds.toml").write_text(server.mount(at), encoding="utf-8")
        _live_through(settings, folder, server, arrivals)
    tables = folder / "tables"
    slot_s = settings.every_s if settings.is_stream else 0
    served = settled(tables, server.answers, arrivals.states, slot_s=slot_s)
    statuses = Counter(answer.fault or str(answer.status) for answer in server.answers)
    asked = ", ".join(f"{count} {name}" for name, count in sorted(statuses.items()))
    heading = (
        f"{settings.hours:g} hours in {settings.seconds:g} s on {settings.runner}, "
        f"{server.generation} kills; {len(FEEDS)} feeds answered {len(server.answers):,} times "
        f"({asked}); {len(arrivals.states)} states of files"
    )
    read_at_once(served, folder / "served", folder / "batch")
    report = check(tables, served, folder / "batch", slot_s)
    return report._replace(lines=(heading, *report.lines))


def _live_through(
    settings: Settings, folder: Path, server: Server, arrivals: Arrivals
) -> None:
    """Run the command while time passes; kill it now and then, and end it when all is told."""
    rng = random.Random(settings.seed)
    moments_s = sorted(rng.uniform(0.05, 0.95) * settings.seconds for _ in range(settings.kills))
    flags = (
        "--every", str(settings.every_s), "--lateness", str(settings.lateness_s),
        "--runner", settings.runner,
        *(("--", *settings.beam_flags) if settings.beam_flags else ()),
    )
    wanted = Command(folder, ("feeds.toml", WIRES), flags)
    with contextlib.ExitStack() as stack:
        command = stack.enter_context(followed(wanted))
        for _ in _ticks(command, _START_S):
            if server.clock is not None:
                break
        assert server.clock is not None
        while not server.is_over():
            command.check()
            arrivals.write_due(server.clock)
            time.sleep(_STEP_S)
            if moments_s and time.time() > server.clock.start_s + moments_s[0]:
                moments_s.pop(0)
                stack.close()
                server.generation += 1
                command = stack.enter_context(followed(wanted))
        arrivals.write_due(server.clock)
        _finish(command, server, arrivals, folder / "tables")


def _finish(command: Command, server: Server, arrivals: Arrivals, tables: Path) -> None:
    """Wait until all is read and committed, and end the command as its users do."""
    served = len(server.answers)
    for _ in _ticks(command, _END_S):
        last = Counter(one.source for one in server.answers[served:] if one.status in (200, 304))
        if all(last[source] >= _POLLS_AFTER for source in FEEDS):
            break
    source = arrivals.write_last_word()
    seen: set[Path] = set()
    for _ in _ticks(command, _END_S):
        new = set(tables.glob("stories/*/*.parquet")) - seen
        if any(source in _sources(path) for path in new):  # runs are committed in order
            break
        seen |= new
    command.end(_END_S)


def _sources(path: Path) -> list[str]:
    found: list[str] = pq.read_table(path, columns=["source_id"])["source_id"].to_pylist()
    return found


def _ticks(command: Command, limit_s: float) -> Iterator[None]:
    """Yield now and then while the command runs, until the time is up.

    Raises:
        CommandError: it is, or the command has ended.
    """
    until_s = time.monotonic() + limit_s
    while time.monotonic() < until_s:
        command.check()
        yield
        time.sleep(_STEP_S)
    raise CommandError(f"waited {limit_s:g} s in vain; {command.errors()}")


if __name__ == "__main__":
    sys.exit(main())
