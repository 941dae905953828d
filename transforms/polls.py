"""Polls under way in this process: a slow server holds up no step of another feed."""

import functools
from collections.abc import Callable
from multiprocessing.pool import AsyncResult, ThreadPool
from typing import NamedTuple

from schemas.records import Fetch, RawItem, Reject, SourceSpec
from transforms.feed_cursor import FeedCursor

POLLS_MAX = 16
"""Polls at a time in one process."""

WAIT_S = 1.0
"""How long a step waits for an answer before it makes way for other feeds."""


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
        self, feed: SourceSpec, cursor: FeedCursor, poll: Callable[[], Polled]
    ) -> Polled | None:
        """Return what `poll` gives at `cursor`; None while it is under way: ask again later."""
        key = (feed.source_id, feed.location)
        begun = self._under_way.get(key)
        if begun is None or begun[0] != cursor:
            begun = self._under_way[key] = (cursor, self._threads.apply_async(poll))
            begun[1].wait(WAIT_S)
        if not begun[1].ready():
            return None
        del self._under_way[key]
        return begun[1].get()


@functools.cache
def polls() -> Polls:
    """Return the polls of this process: the next step of a feed may be another DoFn's."""
    return Polls()
