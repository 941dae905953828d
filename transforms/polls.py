"""Polls under way in this process: a slow server holds up no step of another feed."""

import atexit
import functools
from collections.abc import Callable
from multiprocessing.pool import AsyncResult, ThreadPool
from typing import NamedTuple

from schemas.records import Fetch, RawItem, Reject, SourceSpec
from transforms.feed_cursor import FeedCursor

POLLS_MAX = 16
"""Polls at a time in one process."""


class Polled(NamedTuple):
    """What a poll brought; held in memory, as the document was."""

    outcomes: list[RawItem | Reject]
    fetch: Fetch


class Polls:
    """Runs polls beside the steps, in threads that end with the process and are not waited for."""

    def __init__(self) -> None:
        self._threads = ThreadPool(POLLS_MAX)
        self._under_way: dict[tuple[str, str], tuple[FeedCursor, AsyncResult[Polled]]] = {}

    def ask(
        self, feed: SourceSpec, cursor: FeedCursor, poll: Callable[[], Polled], wait_s: float
    ) -> Polled | None:
        """Return what `poll` gives, None if it is under way after `wait_s`: ask again later.

        A poll that another process has begun is made again, and waited for to its end: so
        that a runner which moves steps about gets its answer, and a server is asked twice at most.
        """
        key = (feed.source_id, feed.location)
        at = cursor._replace(is_asked=False, resume_at_s=0.0)
        begun, answer = self._under_way.get(key, (None, None))
        if answer is None or begun != at:
            answer = self._threads.apply_async(poll)
            self._under_way[key] = at, answer
            answer.wait(None if cursor.is_asked else wait_s)
        if not answer.ready():
            return None
        del self._under_way[key]
        return answer.get()


    def end(self) -> None:
        """Leave what is under way to itself."""
        self._threads.terminate()


@functools.cache
def polls() -> Polls:
    """Return the polls of this process: the next step of a feed may be another DoFn's."""
    made = Polls()
    atexit.register(made.end)
    return made
