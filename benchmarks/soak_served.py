"""What of all that was served has been read by rounds that were committed: that is owed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.newsroom import Key
from benchmarks.newsroom_files import State
from benchmarks.newsroom_server import SLOW_S, Answer
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


class _Run(NamedTuple):
    started_s: float  # in a stream, when that began
    logical_s: float


def settled(
    tables: Path, answers: Sequence[Answer], states: Sequence[State], *, slot_s: int
) -> Served:
    """Part what was served by what the tables say of the rounds that read it.

    A round that brings nothing new leaves no row in `fetches`. Without a stream it has ended if
    its process has asked the same feed again. In a stream of slots it has if a later slot has been
    committed, for slots are committed in order and hold what was published before they end.
    """
    polls, runs = _polls(tables), _runs(tables)
    whole = [one for one in answers if one.status == 200 and one.fault != "broken"]
    read = [
        one for one in whole
        if _was_committed(one, polls) or (
            _was_passed(one, answers, runs, slot_s) if slot_s else _was_followed(one, answers)
        )
    ]
    last = {state.source: state for state in states}
    sizes = {(poll.source, poll.bytes) for poll in polls}
    files = [
        one for one in states
        if one is last[one.source] or (one.source, len(one.body)) in sizes
    ]
    owed = _told(read) | _told(files)
    bodies = {Body(one.source, one.body) for one in read}
    bodies |= {Body(one.source, one.body) for one in files}
    return Served(frozenset(bodies), owed, (_told(whole) | _told(states)) - owed)


def _told(documents: Iterable[Answer] | Iterable[State]) -> frozenset[Key]:
    return frozenset(key for one in documents for key in one.told)


def _polls(tables: Path) -> list[_Poll]:
    return [_Poll(*row) for row in rows(tables, """
        select source_id, epoch_us(fetched_at) / 1e6, epoch_us(fetched_at) / 1e6 + duration_s,
            bytes from @fetches
    """)]


def _runs(tables: Path) -> list[_Run]:
    return [_Run(*row) for row in rows(tables, """
        select epoch_us(started_at) / 1e6, epoch_us(logical_time) / 1e6 from @runs
    """)]


def _was_committed(answer: Answer, polls: Sequence[_Poll]) -> bool:
    return any(
        poll.source == answer.source
        and poll.start_s - _CLOCK_S <= answer.at_s <= poll.end_s + _CLOCK_S
        for poll in polls
    )


def _was_followed(answer: Answer, answers: Sequence[Answer]) -> bool:
    """Say whether its process asked that feed again, or was the last and ended by itself."""
    last = max(one.generation for one in answers)
    return answer.generation == last or any(
        one.generation == answer.generation and one.source == answer.source
        and one.at_s > answer.at_s
        for one in answers
    )


def _was_passed(
    answer: Answer, answers: Sequence[Answer], runs: Sequence[_Run], slot_s: int
) -> bool:
    """Say whether its stream has committed a slot that begins after the poll had ended."""
    before_s = max(
        (one.at_s for one in answers if one.generation < answer.generation), default=0.0
    )
    return any(
        before_s < run.started_s < answer.at_s < run.logical_s - slot_s - SLOW_S for run in runs
    )


def by_source(bodies: Iterable[Body]) -> dict[str, list[bytes]]:
    """Return the documents of each source, in an order of their own."""
    grouped: dict[str, list[bytes]] = defaultdict(list)
    for one in sorted(bodies):
        grouped[one.source].append(one.body)
    return grouped
