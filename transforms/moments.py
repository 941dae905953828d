"""Decide at a moment of a stream: when all that stands for it has come, one step after another.

A stream is a row of small runs, one for each moment. A step may act on a moment once its
input watermark has passed it; and since a runner lets the watermark go on to where a timer is set,
and not only to what the timer will emit, each step waits a millisecond longer than the one whose
output it reads. So when step k acts on a moment, at k milliseconds after it, every step before has
acted on it, whether timers fire at the watermark or after it.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from itertools import groupby
from operator import attrgetter
from typing import Any

import apache_beam as beam
from apache_beam.transforms.userstate import BagRuntimeState
from apache_beam.utils.timestamp import Timestamp

from transforms.fingerprint import WINDOW_US

# How a DoFn says what it wants to be given: of another type than what it is given.
KEY: Any = beam.DoFn.KeyParam
TAG: Any = beam.DoFn.DynamicTimerTagParam
TIME: Any = beam.DoFn.TimestampParam
StateParam: Any = beam.DoFn.StateParam
TimerParam: Any = beam.DoFn.TimerParam

STATE_MS = WINDOW_US // 1_000 + 2_000
"""How long a moment is remembered: the window in which copies are looked for, rounded up as in
`pairing`."""


class Step(IntEnum):
    """The steps by which a moment is decided on."""

    NUMBER = 1
    PAIR = 2
    MEET = 3
    COMPARE = 4
    CHOOSE = 5
    DECIDE = 6


def moment_of(time: Timestamp) -> int:
    """Return the moment of an element, in milliseconds: nothing finer travels between workers."""
    return int(time.micros // 1_000)


def time_of(moment_ms: int, step: int = 0) -> Timestamp:
    """Return when `step` acts on a moment; without a step, the time of what it emits."""
    return Timestamp(micros=(moment_ms + step) * 1_000)


def take(waiting: BagRuntimeState, moment_ms: int) -> Iterator[tuple[int, list[Any]]]:
    """Take what waits for a moment, or for an earlier one, out of a bag; yield it by moment."""
    held = list(waiting.read())
    ready = [one for one in held if one.moment_ms <= moment_ms]
    if ready:
        keep(waiting, [one for one in held if one.moment_ms > moment_ms])
    ready.sort(key=_moment)
    for moment, group in groupby(ready, _moment):
        yield moment, list(group)


def keep(bag: BagRuntimeState, kept: Iterable[object]) -> None:
    """Let `bag` hold `kept` and nothing else."""
    bag.clear()
    for one in kept:
        bag.add(one)


_moment = attrgetter("moment_ms")
