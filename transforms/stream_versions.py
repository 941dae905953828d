"""Number the versions of items in a stream; what was decided on is remembered under the item.

State is a cache of the tables: what it has forgotten is looked up there.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

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

from schemas.records import Story
from transforms.copies import NewVersion, PastVersion, version_of, version_order
from transforms.moment_rules import (
    KnownVersion,
    Numbered,
    number,
    remembered,
)
from transforms.moments import (
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


class Reading(NamedTuple):
    """A reading of an item that waits for its moment."""

    moment_ms: int
    story: Story


class WaitingVersion(NamedTuple):
    """A version of which a reading waits."""

    moment_ms: int
    version: NewVersion


class KnownItem(NamedTuple):
    """What is known of an item."""

    decided: Sequence[KnownVersion]
    waiting: Sequence[WaitingVersion]

    def has(self, moment_ms: int, version: NewVersion) -> bool:
        """Say whether a reading tells nothing new, whatever else is still to come."""
        place = moment_ms, version_order(version)
        return any(one.version.story_id == version.story_id for one in self.decided) or any(
            one.version.story_id == version.story_id
            and (one.moment_ms, version_order(one.version)) <= place
            for one in self.waiting
        )


for record in (Reading, WaitingVersion, KnownItem):
    registry.register_coder(record, RowCoder)


class NumberVersions(LooksUp):
    """Under an item: yield each new version with its number; of the rest, the sources."""

    KNOWN = ReadModifyWriteStateSpec("known", registry.get_coder(KnownItem))
    READINGS = BagStateSpec("readings", registry.get_coder(Reading))
    DUE = TimerSpec("due", TimeDomain.WATERMARK)
    FORGET = TimerSpec("forget", TimeDomain.WATERMARK)

    def process(
        self,
        keyed: tuple[str, Story],
        time: Timestamp = TIME,
        known: ReadModifyWriteRuntimeState = StateParam(KNOWN),
        readings: BagRuntimeState = StateParam(READINGS),
        due: RuntimeTimer = TimerParam(DUE),
        forget: RuntimeTimer = TimerParam(FORGET),
    ) -> Iterator[Numbered | _Unchanged]:
        (_, story), moment_ms = keyed, moment_of(time)
        item, version = known.read() or KnownItem((), ()), version_of(story)
        forget.set(time_of(moment_ms + self._remembered_ms, Step.NUMBER))
        if item.has(moment_ms, version):
            yield _Unchanged("unchanged", story.source_id)
            return
        readings.add(Reading(moment_ms, story))
        waiting = [*item.waiting, WaitingVersion(moment_ms, version)]
        known.write(item._replace(waiting=waiting))
        due.set(time_of(moment_ms, Step.NUMBER), dynamic_timer_tag=str(moment_ms))

    @on_timer(DUE)
    def number(
        self,
        tag: str = TAG,
        known: ReadModifyWriteRuntimeState = StateParam(KNOWN),
        readings: BagRuntimeState = StateParam(READINGS),
    ) -> Iterator[TimestampedValue[Numbered] | _UnchangedThen]:
        item = known.read() or KnownItem((), ())
        decided = list(item.decided)
        for moment_ms, group in take(readings, int(tag)):
            stories = [reading.story for reading in group]
            past = self._past(stories[0], decided, moment_ms)
            new, unchanged = number(stories, past)
            sighted = [*map(_as_past, new), *_sighted(unchanged, past)]
            decided += [KnownVersion(moment_ms, version) for version in sighted]
            decided = remembered(decided, moment_ms - self._remembered_ms)
            yield from (TimestampedValue(one, time_of(moment_ms)) for one in new)
            for story in unchanged:
                stamped = TimestampedValue(story.source_id, time_of(moment_ms))
                yield _UnchangedThen("unchanged", stamped)
        waiting = [one for one in item.waiting if one.moment_ms > int(tag)]
        known.write(KnownItem(decided, waiting))

    def _past(
        self, story: Story, decided: Sequence[KnownVersion], moment_ms: int
    ) -> list[PastVersion]:
        """Return the versions of an item; which of them are copies, the tables know best."""
        versions = {one.version.story_id: one.version for one in decided}
        stored = self._stored.versions(story.source_id, story.item_id, moment_ms)
        return [*(versions | {one.story_id: one for one in stored}).values()]

    @on_timer(FORGET)
    def forget_item(
        self,
        time: Timestamp = TIME,
        known: ReadModifyWriteRuntimeState = StateParam(KNOWN),
        forget: RuntimeTimer = TimerParam(FORGET),
    ) -> None:
        item = known.read() or KnownItem((), ())
        latest_ms = max((one.moment_ms for one in (*item.decided, *item.waiting)), default=0)
        expires = time_of(latest_ms + self._remembered_ms, Step.NUMBER)
        if expires <= time:
            known.clear()
        else:
            forget.set(expires)


def _as_past(new: Numbered) -> PastVersion:
    story = new.story  # it counts as kept until the tables say that it is a copy
    return PastVersion(story.story_id, story.source_id, story.item_id, story.revision, True)


def _sighted(stories: Iterable[Story], past: Iterable[PastVersion]) -> Iterator[PastVersion]:
    seen = {story.story_id for story in stories}
    return (version for version in past if version.story_id in seen)
