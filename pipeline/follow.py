"""Follow sources: one run after the other in one process, each committed, until told to stop."""

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from pipeline.options import Options, OptionsError
from pipeline.plan import Plan, plan_sources
from pipeline.run import run_plan
from pipeline.runners import JobError
from schemas.locations import is_web
from schemas.records import SourceSpec
from transforms.commit import OutputLockedError, SupersededError
from transforms.feed_cursor import FAILING_WAIT_MAX_S, wait_s
from transforms.file_memory import FileMemory, due


class Follower:
    """Chooses what each round reads: feeds that are due, files that are new or have changed.

    It remembers within the process only. After a restart the first round reads every file, and
    the tables say what of it is new.
    """

    def __init__(self, inputs: Sequence[str], options: Options) -> None:
        self._inputs = inputs
        self._options = options
        self._files = FileMemory()
        self._files_after = FileMemory()  # once the round planned has ended
        self._failures: dict[str, int] = {}
        self._not_before_s: dict[str, float] = {}

    def plan(self, now_s: float) -> Plan:
        """Return what is to be read at the Unix time `now_s`.

        Raises:
            OptionsError: an input or a feeds.toml is wrong.
        """
        plan = plan_sources(self._inputs, timezone=self._options.timezone)
        files = [spec for spec in plan.sources if not is_web(spec.location)]
        found, self._files_after = due([*files, *plan.rejects], self._files, now_s)
        self._files = self._files._replace(moving=self._files_after.moving)
        chosen = set(found)
        return Plan(
            tuple(s for s in plan.sources if s in chosen or self._is_due(s, now_s)),
            tuple(reject for reject in plan.rejects if reject in chosen),
        )

    def settle(self, plan: Plan, failed_sources: Sequence[str], now_s: float) -> None:
        """Note that a round has ended: what it read need not be read again.

        A feed that failed waits longer each time. What changed while it was read is read again.
        """
        self._files = self._files_after
        for spec in plan.sources:
            if not is_web(spec.location):
                continue
            if spec.source_id in failed_sources:
                failures = self._failures.get(spec.source_id, 0) + 1
                self._failures[spec.source_id] = failures
                self._not_before_s[spec.source_id] = now_s + wait_s(self._options.every, failures)
            else:
                self._failures.pop(spec.source_id, None)
                self._not_before_s.pop(spec.source_id, None)

    def _is_due(self, spec: SourceSpec, now_s: float) -> bool:
        """Say whether `spec` is a feed that is to be polled."""
        silent_s = self._not_before_s.get(spec.source_id, 0.0) - now_s
        is_silent = 0 < silent_s <= FAILING_WAIT_MAX_S  # longer: the clock was set back
        return is_web(spec.location) and not is_silent


def follow(
    inputs: Sequence[str], options: Options, beam_flags: Sequence[str], stop: threading.Event
) -> Iterator[dict[str, Any] | Exception]:
    """Yield the row of `runs` of each round that brought something, until `stop` is set.

    A round that fails, because another run holds the output, a feeds.toml has been broken or the
    disk has filled meanwhile, is yielded as its error, and tried again at the next.

    Raises:
        OptionsError: an input or an option is wrong from the start.
        ConservationError: an item was lost or doubled; that round was not committed.
    """
    follower = Follower(inputs, options)
    has_begun = False
    while not stop.is_set():
        began_s = time.monotonic()  # no clock that may be set
        try:
            plan = follower.plan(time.time())
            if plan.sources or plan.rejects:
                row = run_plan(plan, inputs, options, beam_flags, skip_quiet=True)
                follower.settle(plan, row["failed_sources"] if row else (), time.time())
                if row:
                    yield row
            has_begun = True
        except (OptionsError, OutputLockedError, SupersededError, JobError, OSError) as error:
            if not has_begun:
                raise
            yield error
        stop.wait(max(0.0, began_s + options.every - time.monotonic()))


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """Give an event that the first SIGTERM or SIGINT sets: the round under way is finished.

    The second one interrupts the round; what it had not committed is left for the next run.
    """
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt("interrupted")
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
