"""Show that a run is alive: a status line on a terminal, plain lines elsewhere."""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status

_SECONDS_BETWEEN_LINES = 10.0

logger = logging.getLogger("naba")


class _ProgressHandler(logging.Handler):
    """Turns the stages' events ("tagged", stories=256) into one line of running totals."""

    def __init__(self, console: Console, status: Status | None) -> None:
        super().__init__()
        self._console = console
        self._status = status
        self._totals: dict[str, int] = {}
        self._printed_s = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        count = getattr(record, "count", 1)
        event = record.getMessage()
        self._totals[event] = self._totals.get(event, 0) + count
        line = " · ".join(f"{name} {total:,}" for name, total in self._totals.items())
        if self._status is not None:
            self._status.update(line)
        elif time.monotonic() - self._printed_s >= _SECONDS_BETWEEN_LINES:
            self._printed_s = time.monotonic()
            self._console.print(line, markup=False)


@contextmanager
def progress(is_quiet: bool) -> Iterator[None]:
    """Show the progress of what runs inside, on standard error; nothing if `is_quiet`."""
    if is_quiet:
        yield
        return
    console = Console(file=sys.stderr, highlight=False)
    status = console.status("reading") if console.is_terminal else None
    handler = _ProgressHandler(console, status)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        if status is None:
            yield
        else:
            with status:
                yield
    finally:
        logger.removeHandler(handler)
