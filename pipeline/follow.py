"""Follow sources: one run after the other in one process, each committed, until told to stop."""

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from pipeline.options import Options, OptionsError, is_url
from pipeline.plan import Plan, plan_sources
from pipeline.run import run_plan
from pipeline.runners import JobError
from schemas.records import SourceSpec
from transforms.commit import OutputLockedError, SupersededError

SETTLE_S = 2.0
"""A file that was written to within this time waits for the next round: it may be half there."""

FAILING_WAIT_MAX_S = 3600.0
"""The longest wait before a feed that keeps failing is asked again."""


class FileState(NamedTuple):
    """What tells whether a file has changed since it was read."""

    changed_ns: int
    modified_ns: int
    bytes: int
    inode: int


class Follower:
    """Chooses what each round reads: feeds that are due, files that are new or have changed.

    It remembers within the process only. After a restart the first round reads every file, and
    the tables say what of it is new.
    """

    def __init__(self, inputs: Sequence[str], options: Options) -> None:
        self._inputs = inputs
        self._options = options
        self._planned: dict[str, FileState | None] = {}  # by source, as all that follows
        self._read: dict[str, FileState | None] = {}
        self._unsettled: set[str] = set()
        self._rejected: frozenset[str] = frozenset()
        self._failures: dict[str, int] = {}
        self._not_before_s: dict[str, float] = {}

    def plan(self, now_s: float) -> Plan:
        """Return what is to be read at the Unix time `now_s`.

        Raises:
            OptionsError: an input or a feeds.toml is wrong.
        """
        plan = plan_sources(self._inputs, timezone=self._options.timezone)
        sources = tuple(spec for spec in plan.sources if self._is_due(spec, now_s))
        rejects = tuple(r for r in plan.rejects if r.reject_id not in self._rejected)
        self._rejected &= {reject.reject_id for reject in plan.rejects}
        return Plan(sources, rejects)

    def settle(self, plan: Plan, failed_sources: Sequence[str], now_s: float) -> None:
        """Note that a round has ended: what it read need not be read again.

        A feed that failed waits longer each time. What changed while it was read is read again.
        """
        self._rejected |= {reject.reject_id for reject in plan.rejects}
        for spec in plan.sources:
            if not is_url(spec.location):
                self._read[spec.source_id] = self._planned.pop(spec.source_id)
            elif spec.source_id in failed_sources:
                failures = self._failures.get(spec.source_id, 0) + 1
                self._failures[spec.source_id] = failures
                wait_s = min(self._options.every * 2.0 ** min(failures, 16), FAILING_WAIT_MAX_S)
                self._not_before_s[spec.source_id] = now_s + wait_s
            else:
                self._failures.pop(spec.source_id, None)
                self._not_before_s.pop(spec.source_id, None)

    def _is_due(self, spec: SourceSpec, now_s: float) -> bool:
        if is_url(spec.location):
            wait_s = self._not_before_s.get(spec.source_id, 0.0) - now_s
            return not 0 < wait_s <= FAILING_WAIT_MAX_S  # longer: the clock was set back
        return self._has_changed(spec, now_s)

    def _has_changed(self, spec: SourceSpec, now_s: float) -> bool:
        """Say whether a file is new or another than when it was read, and at rest."""
        state, source_id = _state(spec.location), spec.source_id
        if source_id in self._read and self._read[source_id] == state:
            return False
        is_moving = state is not None and now_s - state.modified_ns / 1e9 < SETTLE_S
        if is_moving and source_id not in self._unsettled:
            self._unsettled.add(source_id)  # once: a file that never rests is read as it is
            return False
        self._unsettled.discard(source_id)
        self._planned[source_id] = state
        return True


def _state(location: str) -> FileState | None:
    try:
        found = Path(location).stat()
    except OSError:
        return None
    return FileState(found.st_ctime_ns, found.st_mtime_ns, found.st_size, found.st_ino)


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
