"""Part, in a stream, the rejects that are new from those that repeat one."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from apache_beam.coders import RowCoder, VarIntCoder
from apache_beam.coders.typecoders import registry
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import (
    BagRuntimeState,
    BagStateSpec,
    ReadModifyWriteRuntimeState,
    ReadModifyWriteStateSpec,
    RuntimeTimer,
    TimerSpec,
    on_timer,
)
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Timestamp

from schemas.records import Reject
from transforms.moments import (
    KEY,
    TAG,
    TIME,
    StateParam,
    Step,
    TimerParam,
    moment_of,
    take,
    time_of,
)
from transforms.stored_items import LooksUp

_Unchanged = TaggedOutput[Literal["unchanged"], str]
_UnchangedThen = TaggedOutput[Literal["unchanged"], TimestampedValue[str]]


class WaitingReject(NamedTuple):
    """A reject that waits for its moment."""

    moment_ms: int
    reject: Reject


registry.register_coder(WaitingReject, RowCoder)


class ForgetRejects(LooksUp):
    """Under a reject: yield the first of it; of those that repeat it, the sources."""

    FIRST = ReadModifyWriteStateSpec("first", VarIntCoder())
    WAITING = BagStateSpec("waiting", registry.get_coder(WaitingReject))
    DUE = TimerSpec("due", TimeDomain.WATERMARK)
    FORGET = TimerSpec("forget", TimeDomain.WATERMARK)

    def process(
        self,
        keyed: tuple[str, Reject],
        time: Timestamp = TIME,
        first: ReadModifyWriteRuntimeState = StateParam(FIRST),
        waiting: BagRuntimeState = StateParam(WAITING),
        due: RuntimeTimer = TimerParam(DUE),
        forget: RuntimeTimer = TimerParam(FORGET),
    ) -> Iterator[Reject | _Unchanged]:
        (_, reject), moment_ms, first_ms = keyed, moment_of(time), first.read()
        forget.set(time_of(moment_ms + self._remembered_ms, Step.NUMBER))
        if first_ms is not None and first_ms < moment_ms:
            yield _Unchanged("unchanged", reject.source_id)
            return
        first.write(moment_ms)
        waiting.add(WaitingReject(moment_ms, reject))
        due.set(time_of(moment_ms, Step.NUMBER), dynamic_timer_tag=str(moment_ms))

    @on_timer(DUE)
    def part(
        self,
        reject_id: str = KEY,
        tag: str = TAG,
        first: ReadModifyWriteRuntimeState = StateParam(FIRST),
        waiting: BagRuntimeState = StateParam(WAITING),
    ) -> Iterator[TimestampedValue[Reject] | _UnchangedThen]:
        for moment_ms, group in take(waiting, int(tag)):
            is_known = first.read() < moment_ms or self._stored.has_reject(reject_id, moment_ms)
            rejects = sorted(one.reject for one in group)
            if not is_known:
                yield TimestampedValue(rejects.pop(0), time_of(moment_ms))
            for reject in rejects:
                stamped = TimestampedValue(reject.source_id, time_of(moment_ms))
                yield _UnchangedThen("unchanged", stamped)

    @on_timer(FORGET)
    def forget_reject(
        self, time: Timestamp = TIME, first: ReadModifyWriteRuntimeState = StateParam(FIRST)
    ) -> None:
        first_ms = first.read()
        expires = time_of(moment_of(time) - self._remembered_ms, -Step.NUMBER)
        if first_ms is not None and time_of(first_ms) <= expires:
            first.clear()
