"""Choose, in a stream, which stories are kept, and let each story leave with what was chosen."""

import heapq
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Literal, NamedTuple

import apache_beam as beam
from apache_beam.coders import RowCoder
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

from schemas.records import Duplicate, Story
from transforms.copies import Verdict
from transforms.event_time import StreamClock
from transforms.moment_rules import Claim, choose_at
from transforms.moments import (
    TAG,
    TIME,
    StateParam,
    Step,
    TimerParam,
    keep,
    moment_of,
    time_of,
)
from transforms.outcomes import decide
from transforms.stored_items import remembered_ms

_SLACK_MS = 60_000  # by which a copy is remembered longer than the stories that may meet it
_DONE_FEW = 1_000  # bags with so many entries that are done with are not written anew

_Copy = TaggedOutput[Literal["duplicates"], Duplicate]
_CopyThen = TaggedOutput[Literal["duplicates"], TimestampedValue[Duplicate]]


class Part(NamedTuple):
    """A story that waits for verdicts, or a verdict on it."""

    story: Story | None
    verdict: Verdict | None


class Copied(NamedTuple):
    """A copy, and the moment at which it was decided on."""

    moment_ms: int
    verdict: Verdict


class _Progress(NamedTuple):
    """Up to which moment it has been decided, and whose memory holds all of the state."""

    token: str
    done_ms: int


for record in (Part, Copied, _Progress):
    registry.register_coder(record, RowCoder)


class Ledger:
    """Claims that wait, and copies that are remembered, as the state of the chooser has them."""

    def __init__(
        self, claims: Iterable[Claim] = (), copies: Iterable[Copied] = (), done_ms: int = 0
    ) -> None:
        self.token = uuid.uuid4().hex
        self.done_ms = done_ms
        self.waiting: dict[int, list[Claim]] = {}
        self.copied = deque(sorted(copies, key=attrgetter("moment_ms")))
        self._moments: list[int] = []
        self._copies = {one.verdict.key: one.verdict for one in self.copied}
        self._claims_done = self._copies_done = 0
        for claim in claims:
            if claim.moment_ms > done_ms:
                self.add(claim)

    def add(self, claim: Claim) -> None:
        """Let a claim wait for its moment."""
        if claim.moment_ms not in self.waiting:
            heapq.heappush(self._moments, claim.moment_ms)
        self.waiting.setdefault(claim.moment_ms, []).append(claim)

    def choose(self, until_ms: int, remembered_ms: int) -> Iterator[tuple[int, list[Verdict]]]:
        """Decide on the claims of all moments up to one, in order; yield the verdicts of each."""
        while self._moments and self._moments[0] <= until_ms:
            moment_ms = heapq.heappop(self._moments)
            claims = self.waiting.pop(moment_ms)
            self._claims_done += len(claims)
            self._forget(moment_ms - remembered_ms)
            verdicts = list(choose_at(claims, self._copies))
            self.copied.extend(
                Copied(moment_ms, one) for one in verdicts if one.outcome == "duplicate"
            )
            self.done_ms = moment_ms
            yield moment_ms, verdicts

    def sweep(self, claims: BagRuntimeState, copies: BagRuntimeState) -> None:
        """Drop from the state what is done with, once that is most of it."""
        if self._claims_done > _DONE_FEW + sum(map(len, self.waiting.values())):
            keep(claims, (claim for group in self.waiting.values() for claim in group))
            self._claims_done = 0
        if self._copies_done > _DONE_FEW + len(self.copied):
            keep(copies, self.copied)
            self._copies_done = 0

    def _forget(self, until_ms: int) -> None:
        while self.copied and self.copied[0].moment_ms <= until_ms:
            del self._copies[self.copied.popleft().verdict.key]
            self._copies_done += 1


class Choose(beam.DoFn):
    """Under the one key of all claims: yield what is decided on the stories that make them.

    It remembers the copies of a window. Its state is held in memory too, with a token in the state
    that says whose memory was the last to change it.
    """

    CLAIMS = BagStateSpec("claims", registry.get_coder(Claim))
    COPIES = BagStateSpec("copies", registry.get_coder(Copied))
    PROGRESS = ReadModifyWriteStateSpec("progress", registry.get_coder(_Progress))
    DUE = TimerSpec("due", TimeDomain.WATERMARK)

    def __init__(self, clock: StreamClock) -> None:
        super().__init__()
        self._remembered_ms = remembered_ms(clock) + _SLACK_MS

    def setup(self) -> None:
        self._ledger = Ledger()

    def start_bundle(self) -> None:
        self._is_current = False

    def process(
        self,
        keyed: tuple[int, Claim],
        claims: BagRuntimeState = StateParam(CLAIMS),
        copies: BagRuntimeState = StateParam(COPIES),
        progress: ReadModifyWriteRuntimeState = StateParam(PROGRESS),
        due: RuntimeTimer = TimerParam(DUE),
    ) -> Iterator[tuple[str, Part]]:
        claim = keyed[1]
        self._current(claims, copies, progress).add(claim)
        claims.add(claim)
        due.set(time_of(claim.moment_ms, Step.CHOOSE), dynamic_timer_tag=str(claim.moment_ms))
        return iter(())

    @on_timer(DUE)
    def choose(
        self,
        tag: str = TAG,
        claims: BagRuntimeState = StateParam(CLAIMS),
        copies: BagRuntimeState = StateParam(COPIES),
        progress: ReadModifyWriteRuntimeState = StateParam(PROGRESS),
    ) -> Iterator[TimestampedValue[tuple[str, Part]]]:
        ledger = self._current(claims, copies, progress)
        for moment_ms, verdicts in ledger.choose(int(tag), self._remembered_ms):
            for verdict in verdicts:
                yield TimestampedValue((verdict.key, Part(None, verdict)), time_of(moment_ms))
                if verdict.outcome == "duplicate":
                    copies.add(Copied(moment_ms, verdict))
        ledger.sweep(claims, copies)
        progress.write(_Progress(ledger.token, ledger.done_ms))

    def _current(
        self,
        claims: BagRuntimeState,
        copies: BagRuntimeState,
        progress: ReadModifyWriteRuntimeState,
    ) -> Ledger:
        """Return what the state holds: from memory, unless another has changed the state."""
        if not self._is_current:
            last = progress.read() or _Progress("", 0)
            if last.token != self._ledger.token:
                self._ledger = Ledger(claims.read(), copies.read(), last.done_ms)
            self._ledger.token = uuid.uuid4().hex  # a bundle that fails leaves the old one behind
            progress.write(_Progress(self._ledger.token, self._ledger.done_ms))
            self._is_current = True
        return self._ledger


class Decide(beam.DoFn):
    """Under a story: let it leave with the verdicts on it."""

    PARTS = BagStateSpec("parts", registry.get_coder(Part))
    DUE = TimerSpec("due", TimeDomain.WATERMARK)

    def process(
        self,
        keyed: tuple[str, Part],
        time: Timestamp = TIME,
        parts: BagRuntimeState = StateParam(PARTS),
        due: RuntimeTimer = TimerParam(DUE),
    ) -> Iterator[Story | _Copy]:
        moment_ms = moment_of(time)
        parts.add(keyed[1])
        due.set(time_of(moment_ms, Step.DECIDE), dynamic_timer_tag=str(moment_ms))
        return iter(())

    @on_timer(DUE)
    def decide(
        self, tag: str = TAG, parts: BagRuntimeState = StateParam(PARTS)
    ) -> Iterator[TimestampedValue[Story] | _CopyThen]:
        every = list(parts.read())
        (story,) = (part.story for part in every if part.story is not None)
        told = [part.verdict for part in every if part.verdict is not None]
        revised = {one.key: one for one in told if one.outcome == "revised"}
        copies = {one.key: one for one in told if one.outcome != "revised"}
        decided, time = decide(story, revised, copies), time_of(int(tag))
        if isinstance(decided, Duplicate):
            yield _CopyThen("duplicates", TimestampedValue(decided, time))
        else:
            yield TimestampedValue(decided, time)
        parts.clear()
