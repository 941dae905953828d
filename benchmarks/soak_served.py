"""What of all that was served has been read by rounds that were committed: that is owed."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.newsroom import Key
from benchmarks.newsroom_files import State
from benchmarks.newsroom_server import Answer
from tests.lake import rows

_CLOCK_S = 0.01


class Body(NamedTuple):
    """A document as it was served, whole or cut short by its publisher."""

    source: str
    body: bytes


class Served(NamedTuple):
    """What the tables must hold, and what they may hold."""

    bodies: frozenset[Body]  # read by rounds that were committed, or that had nothing to commit
    owed: frozenset[Key]  # what those told
    other: frozenset[Key]  # told only to rounds that were killed, or overwritten unread


class _Poll(NamedTuple):
    source: str
    start_s: float
    end_s: float
    bytes: int


def settled(
    tables: Path, answers: Sequence[Answer], states: Sequence[State], *, is_stream: bool
) -> Served:
    """Part what was served by what the committed `fetches` say.

    A round that brought nothing new leaves no row there. It has ended if its process has asked
    the same feed again; in a stream a poll does not wait for the one before.
    """
    polls = [
        _Poll(*row) for row in rows(tables, """
            select source_id, epoch_us(fetched_at) / 1e6, epoch_us(fetched_at) / 1e6 + duration_s,
                bytes from @fetches
        """)
    ]
    whole = [one for one in answers if one.status == 200 and one.fault != "broken"]
    read = [one for one in whole if _was_committed(one, polls) or (
        not is_stream and _was_followed(one, answers)
    )]
    last = {state.source: state for state in states}
    sizes = {(poll.source, poll.bytes) for poll in polls}
    files = [
        one for one in states
        if one is last[one.source] or (one.source, len(one.body)) in sizes
    ]
    owed = frozenset(key for one in (*read, *files) for key in one.told)
    told = frozenset(key for one in (*whole, *states) for key in one.told)
    bodies = frozenset(Body(one.source, one.body) for one in (*read, *files))
    return Served(bodies, owed, told - owed)


def _was_committed(answer: Answer, polls: Sequence[_Poll]) -> bool:
    return any(
        poll.source == answer.source
        and poll.start_s - _CLOCK_S <= answer.at_s <= poll.end_s + _CLOCK_S
        for poll in polls
    )


def _was_followed(answer: Answer, answers: Sequence[Answer]) -> bool:
    """Say whether its process asked that feed again, or was the last and ended by itself."""
    later = [
        one for one in answers if one.generation == answer.generation and one.at_s > answer.at_s
    ]
    return any(one.source == answer.source for one in later) or (
        answer.generation == max(one.generation for one in answers)
    )


def by_source(bodies: frozenset[Body]) -> dict[str, list[bytes]]:
    """Return the documents of each source, in an order of their own."""
    grouped: dict[str, list[bytes]] = defaultdict(list)
    for one in sorted(bodies):
        grouped[one.source].append(one.body)
    return grouped
