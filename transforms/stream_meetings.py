"""Find, in a stream, which stories may be copies: each step keeps state under a key, for a time.

What waits, waits for its moment; what is remembered is forgotten when nothing can meet it any
more. The rules are in `moment_rules.py`. Timers of a key fire in the order of time.
"""

from collections.abc import Iterator
from typing import NamedTuple

import apache_beam as beam
from apache_beam.coders import BytesCoder, RowCoder
from apache_beam.coders.typecoders import registry
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

from transforms.copies import Candidate, compare
from transforms.moment_rules import (
    Claim,
    MomentRows,
    equal_texts,
    held_at,
    meeting_moments,
    meetings,
    unpack_rows,
)
from transforms.moments import (
    KEY,
    STATE_MS,
    TAG,
    TIME,
    StateParam,
    Step,
    TimerParam,
    keep,
    moment_of,
    take,
    time_of,
)
from transforms.stored_items import LooksUp

CHOOSER = 0
"""The one key of all claims: who is a copy of whom is decided in the order of time."""

_SLACK_MS = 60_000  # by which a story that is asked for is remembered longer than it is found
_ROWS_FEW = 64  # so many rows are not written anew to drop what has expired


class Held(NamedTuple):
    """A candidate, and the moment at which it is decided on."""

    moment_ms: int
    candidate: Candidate


class ToMeet(NamedTuple):
    """Of a new story: what it is, or whom it meets under a key."""

    candidate: Candidate | None
    met_id: str = ""


class Met(NamedTuple):
    """A story, or another that meets it and is to be compared with it."""

    candidate: Candidate
    is_guest: bool


for record in (Held, ToMeet, Met):
    registry.register_coder(record, RowCoder)


class Pair(beam.DoFn):
    """Under a key of `pairing`: yield whom each new story meets there."""

    ROWS = BagStateSpec("rows", BytesCoder())
    DUE = TimerSpec("due", TimeDomain.WATERMARK)
    FORGET = TimerSpec("forget", TimeDomain.WATERMARK)

    def start_bundle(self) -> None:
        self._added_to: set[int] = set()  # keys, in this bundle

    def process(
        self,
        keyed: tuple[int, bytes],
        rows: BagRuntimeState = StateParam(ROWS),
        due: RuntimeTimer = TimerParam(DUE),
        forget: RuntimeTimer = TimerParam(FORGET),
    ) -> Iterator[tuple[str, ToMeet]]:
        key, row = keyed
        every = unpack_rows([*rows.read(), row])
        rows.add(row)
        self._added_to.add(key)
        for moment_ms in meeting_moments(every):  # most rows stay alone, and need no timer
            due.set(time_of(moment_ms, Step.PAIR), dynamic_timer_tag=str(moment_ms))
        forget.set(time_of(int(every[:, 0].max()) + STATE_MS, Step.PAIR))
        return iter(())

    @on_timer(DUE)
    def pair(
        self, tag: str = TAG, rows: BagRuntimeState = StateParam(ROWS)
    ) -> Iterator[TimestampedValue[tuple[str, ToMeet]]]:
        moment_ms, every = int(tag), unpack_rows(rows.read())
        for story_id, met_id in meetings(every, moment_ms):
            yield TimestampedValue((story_id, ToMeet(None, met_id)), time_of(moment_ms))
        if len(every) > _ROWS_FEW and len(held_at(every, moment_ms)) * 2 < len(every):
            _keep_since(rows, every, moment_ms - STATE_MS)

    @on_timer(FORGET)
    def forget_rows(
        self,
        key: int = KEY,
        time: Timestamp = TIME,
        rows: BagRuntimeState = StateParam(ROWS),
    ) -> None:
        if key in self._added_to:  # and so the timer, which was on its way, has been put off
            _keep_since(rows, unpack_rows(rows.read()), moment_of(time) - Step.PAIR - STATE_MS)
        else:
            rows.clear()


def _keep_since(rows: BagRuntimeState, every: MomentRows, after_ms: int) -> None:
    """Keep the rows of moments after one."""
    keep(rows, (row.tobytes() for row in every if int(row[0]) > after_ms))


class MatchTexts(LooksUp):
    """Under a text: claim that each new story of it equals the first, whenever that came."""

    WAITING = BagStateSpec("waiting", registry.get_coder(Held))
    FIRST = ReadModifyWriteStateSpec("first", registry.get_coder(Held))
    DUE = TimerSpec("due", TimeDomain.WATERMARK)
    FORGET = TimerSpec("forget", TimeDomain.WATERMARK)

    def process(
        self,
        keyed: tuple[str, Candidate],
        time: Timestamp = TIME,
        waiting: BagRuntimeState = StateParam(WAITING),
        due: RuntimeTimer = TimerParam(DUE),
    ) -> Iterator[tuple[int, Claim]]:
        moment_ms = moment_of(time)
        waiting.add(Held(moment_ms, keyed[1]))
        due.set(time_of(moment_ms, Step.PAIR), dynamic_timer_tag=str(moment_ms))
        return iter(())

    @on_timer(DUE)
    def match(
        self,
        text_sha256: str = KEY,
        tag: str = TAG,
        waiting: BagRuntimeState = StateParam(WAITING),
        first: ReadModifyWriteRuntimeState = StateParam(FIRST),
        forget: RuntimeTimer = TimerParam(FORGET),
    ) -> Iterator[TimestampedValue[tuple[int, Claim]]]:
        for moment_ms, group in take(waiting, int(tag)):
            known = self._known(first.read(), text_sha256, moment_ms)
            candidates = [held.candidate for held in group]
            edges, earliest = equal_texts(candidates, known.candidate if known else None)
            if known is None or earliest != known.candidate:
                known = Held(moment_ms, earliest)
            first.write(known)
            forget.set(time_of(known.moment_ms + self._remembered_ms, Step.PAIR))
            for edge in edges:
                claim = Claim(moment_ms, edge.later, edge)
                yield TimestampedValue((CHOOSER, claim), time_of(moment_ms))

    def _known(self, held: Held | None, text_sha256: str, moment_ms: int) -> Held | None:
        """Return the first story of a text, as it is known at a moment."""
        if held is not None and held.moment_ms > moment_ms - self._remembered_ms:
            return held
        stored = self._stored.first_of_text(text_sha256, moment_ms)
        return Held(moment_ms, stored) if stored else None

    @on_timer(FORGET)
    def forget_text(
        self,
        time: Timestamp = TIME,
        first: ReadModifyWriteRuntimeState = StateParam(FIRST),
    ) -> None:
        held = first.read()
        if held and time_of(held.moment_ms + self._remembered_ms, Step.PAIR) <= time:
            first.clear()


class Meet(beam.DoFn):
    """Under a new story: send it as a guest to each story that it meets, once."""

    TOLD = BagStateSpec("told", registry.get_coder(ToMeet))
    DUE = TimerSpec("due", TimeDomain.WATERMARK)

    def process(
        self,
        keyed: tuple[str, ToMeet],
        time: Timestamp = TIME,
        told: BagRuntimeState = StateParam(TOLD),
        due: RuntimeTimer = TimerParam(DUE),
    ) -> Iterator[tuple[str, Met]]:
        moment_ms = moment_of(time)
        told.add(keyed[1])
        due.set(time_of(moment_ms, Step.MEET), dynamic_timer_tag=str(moment_ms))
        return iter(())

    @on_timer(DUE)
    def meet(
        self, tag: str = TAG, told: BagRuntimeState = StateParam(TOLD)
    ) -> Iterator[TimestampedValue[tuple[str, Met]]]:
        every = list(told.read())
        (story,) = (one.candidate for one in every if one.candidate is not None)
        for met_id in sorted({one.met_id for one in every if one.candidate is None}):
            yield TimestampedValue((met_id, Met(story, True)), time_of(int(tag)))
        told.clear()


class Compare(beam.DoFn):
    """Under a story: compare it with its guests; claim for each what it resembles."""

    STORY = ReadModifyWriteStateSpec("story", registry.get_coder(Held))
    GUESTS = BagStateSpec("guests", registry.get_coder(Held))
    DUE = TimerSpec("due", TimeDomain.WATERMARK)
    FORGET = TimerSpec("forget", TimeDomain.WATERMARK)

    def process(
        self,
        keyed: tuple[str, Met],
        time: Timestamp = TIME,
        story: ReadModifyWriteRuntimeState = StateParam(STORY),
        guests: BagRuntimeState = StateParam(GUESTS),
        due: RuntimeTimer = TimerParam(DUE),
        forget: RuntimeTimer = TimerParam(FORGET),
    ) -> Iterator[tuple[int, Claim]]:
        moment_ms, (candidate, is_guest) = moment_of(time), keyed[1]
        if is_guest:
            guests.add(Held(moment_ms, candidate))
            due.set(time_of(moment_ms, Step.COMPARE), dynamic_timer_tag=str(moment_ms))
        else:
            story.write(Held(moment_ms, candidate))
            forget.set(time_of(moment_ms + STATE_MS + _SLACK_MS, Step.COMPARE))
        return iter(())

    @on_timer(DUE)
    def compare(
        self,
        tag: str = TAG,
        story: ReadModifyWriteRuntimeState = StateParam(STORY),
        guests: BagRuntimeState = StateParam(GUESTS),
    ) -> Iterator[TimestampedValue[tuple[int, Claim]]]:
        host = story.read()
        for moment_ms, group in take(guests, int(tag)):
            is_published = host.candidate.published or host.moment_ms < moment_ms
            candidate = host.candidate._replace(published=is_published)
            for guest in group:
                edge = compare(candidate, guest.candidate)
                if edge is not None:
                    claim = Claim(moment_ms, edge.later, edge)
                    yield TimestampedValue((CHOOSER, claim), time_of(moment_ms))

    @on_timer(FORGET)
    def forget_story(
        self, story: ReadModifyWriteRuntimeState = StateParam(STORY)
    ) -> None:
        story.clear()
