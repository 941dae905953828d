import pickle
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.coders import BytesCoder
from apache_beam.coders.typecoders import registry
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.test_stream import TestStream as ScriptedStream
from apache_beam.transforms.userstate import RuntimeTimer
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Timestamp
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from benchmarks.stream_executor import Bag, Executor
from schemas.records import Duplicate, Reject, Story, make_reject
from schemas.tables import DUPLICATES, REJECTS, STORIES, Table
from tests.builders import NOON, TEXT, make_story
from tests.newswire import HOUR, newswire
from transforms.commit import commit, stage
from transforms.copies import candidate_of
from transforms.deduplicate_stream import DeduplicateStream, ForgetKnownRejectsStream
from transforms.event_time import StreamClock, run_id_at
from transforms.moment_rules import moment_rows
from transforms.moments import STATE_MS, Step, time_of
from transforms.outcomes import decide, with_fingerprint
from transforms.pairing import key_rows, verdicts_in_memory
from transforms.recall import History, history_before
from transforms.stop_shingles import NO_STOPS
from transforms.stream_meetings import Pair
from transforms.versions import number_versions, numbered, version_rows

FLOOR = NOON.micros // 1_000_000 // HOUR * HOUR - HOUR
LATENESS = 6 * HOUR
CLOCK = StreamClock(slot_s=HOUR, lateness_s=LATENESS, floor_s=FLOOR)
NOTHING = History()
DAY = 24 * HOUR
OTHER = " ".join(f"كلمة{n}" for n in range(40))
PRISM = shutil.which("prism") or str(Path(__file__).parents[1] / ".cache" / "prism")
_needs_prism = pytest.mark.skipif(
    not Path(PRISM).is_file(), reason="no Prism here: make prism builds it, which needs Go"
)
FORGETS = {"Choose"}  # what it holds is bounded, and dropped as it goes on


class Stream:
    """A stream that is deduplicated in this process, and what has left it."""

    def __init__(self, history: History = NOTHING, order: random.Random | None = None) -> None:
        pipeline = beam.Pipeline("FnApiRunner")
        source = pipeline | beam.Create([]).with_output_types(Story)
        left = source | DeduplicateStream(history, CLOCK)
        self._executor = Executor(pipeline, source, order)
        self._stories, self._duplicates, self._unchanged = map(self._executor.collect, left)
        self.advance(FLOOR)

    def feed(self, story: Story, moment: Timestamp | None = None) -> None:
        self._executor.feed(story, moment or story.published_at or story.first_seen_at)

    def advance(self, watermark: float) -> None:
        self._executor.advance(Timestamp(watermark))

    def finish(self) -> None:
        self._executor.finish()

    @property
    def stories(self) -> list[Story]:
        return [one.value for one in self._stories]

    @property
    def duplicates(self) -> list[Duplicate]:
        return [one.value for one in self._duplicates]

    @property
    def unchanged(self) -> list[str]:
        return [one.value for one in self._unchanged]

    @property
    def moments(self) -> dict[str, Timestamp]:
        stories = {one.value.story_id: one.timestamp for one in self._stories}
        return stories | {one.value.copy_id: one.timestamp for one in self._duplicates}

    @property
    def steps_with_state(self) -> set[str]:
        return {label.split("/")[1].split("(")[0] for label in self._executor.state()}


def _streamed(stories: Sequence[Story], history: History = NOTHING) -> Stream:
    """Return the stream after all `stories`, fed in their order and decided on at the end."""
    stream = Stream(history)
    for story in stories:
        stream.feed(story)
    stream.finish()
    return stream


def _in_a_batch(stories: Sequence[Story]) -> tuple[list[Story], list[Duplicate], list[str]]:
    """Return what a batch makes of `stories`."""
    coder = registry.get_coder(Story)
    printed = [coder.decode(coder.encode(with_fingerprint(story))) for story in stories]
    candidates = [candidate_of(story) for story in printed]
    told = list(number_versions([version_rows(candidates).tobytes()], []))
    repeats = {one.key for one in told if one.outcome == "unchanged"}
    revised = {one.key: one for one in told if one.outcome == "revised"}
    verdicts = verdicts_in_memory(numbered(candidates), NO_STOPS)
    copies = {one.key: one for one in verdicts}
    left = [
        decide(story, revised, copies)
        for story, candidate in zip(printed, candidates, strict=True)
        if candidate.occurrence not in repeats
    ]
    unchanged = [
        story.source_id for story, candidate in zip(printed, candidates, strict=True)
        if candidate.occurrence in repeats
    ]
    return (
        sorted(one for one in left if isinstance(one, Story)),
        sorted(one for one in left if isinstance(one, Duplicate)),
        sorted(unchanged),
    )


def _arrivals(
    stories: Sequence[Story], lateness_s: int, order: random.Random
) -> list[tuple[int, Story]]:
    """Return when each of `stories` comes, at most so much after its publication."""
    late = [(_time_s(story) + order.randint(0, lateness_s), story) for story in stories]
    return sorted(late, key=lambda arrival: arrival[0])


def _time_s(story: Story) -> int:
    assert story.published_at is not None
    return int(story.published_at.micros // 1_000_000)


@settings(max_examples=8, deadline=None, phases=[Phase.generate])  # a smaller one tells no more
@given(
    seed=st.integers(0, 10_000), step_s=st.sampled_from([HOUR, 7]),
    lateness_h=st.sampled_from([0, 6, 48]), arrival=st.integers(0, 10_000),
)
def test_a_stream_decides_as_a_batch_whatever_the_order(
    seed: int, step_s: int, lateness_h: int, arrival: int
) -> None:
    order = random.Random(arrival)
    stories = newswire(seed, 36, hours=76 if step_s == HOUR else 1, step_s=step_s)
    stories += [one._replace(position="again") for one in order.sample(stories, 3)]
    stream = Stream(order=order)
    for at_s, story in _arrivals(stories, lateness_h * HOUR, order):
        stream.advance(max(at_s - lateness_h * HOUR, FLOOR))
        stream.feed(story)
    stream.finish()
    left = sorted(stream.stories), sorted(stream.duplicates), sorted(stream.unchanged)
    assert left == _in_a_batch(stories)
    published = {one.story_id: one.published_at for one in stream.stories}
    published |= {one.copy_id: one.published_at for one in stream.duplicates}
    assert stream.moments == published
    assert stream.steps_with_state <= FORGETS


def test_a_copy_that_comes_before_its_original_does_not_take_its_place() -> None:
    story = make_story(published_at=NOON)
    copy = make_story(source_id="sana", text=TEXT + " وفق البيان", published_at=NOON + HOUR)
    stream = _streamed([copy, story])
    assert [one.story_id for one in stream.stories] == [story.story_id]
    assert [one.story_id for one in stream.duplicates] == [story.story_id]


def test_nothing_leaves_before_its_moment_is_over() -> None:
    stream = Stream()
    stream.feed(make_story())
    stream.advance(_time_s(make_story()))
    assert stream.moments == {}
    stream.advance(_time_s(make_story()) + 1)
    assert stream.moments == {make_story().story_id: NOON}


def test_a_variant_four_days_later_is_no_copy_and_meets_no_state() -> None:
    stream = Stream()
    stream.feed(make_story())
    stream.advance(_time_s(make_story()) + 4 * DAY)
    assert stream.steps_with_state == set()
    variant = make_story(
        source_id="sana", text=TEXT + " وفق البيان", published_at=NOON + 4 * DAY
    )
    stream.feed(variant)
    stream.finish()
    assert [one.story_id for one in stream.stories] == [make_story().story_id, variant.story_id]


def test_a_row_that_comes_with_the_end_of_others_stays() -> None:
    candidate = candidate_of(with_fingerprint(make_story()))
    old_ms, new_ms = NOON.micros // 1_000, NOON.micros // 1_000 + STATE_MS + 1
    (key, old), (_, new) = (next(moment_rows(key_rows(candidate), at)) for at in (old_ms, new_ms))
    pair, rows, timer = Pair(), Bag(BytesCoder()), RuntimeTimer()
    for row in (old, new):
        pair.start_bundle()
        assert list(pair.process((key, row), rows, timer, timer)) == []
    pair.forget_rows(key, time_of(old_ms + STATE_MS, Step.PAIR), rows)
    assert rows.read() == [new]
    pair.start_bundle()
    pair.forget_rows(key, time_of(new_ms + STATE_MS, Step.PAIR), rows)
    assert rows.read() == []


def test_what_a_feed_repeats_is_unchanged_at_once() -> None:
    stream = Stream()
    for hour in range(5):
        stream.feed(make_story(position=str(hour)), NOON + hour * HOUR)
        stream.advance(FLOOR + HOUR + hour * HOUR)
    assert stream.unchanged == ["anadolu"] * 4
    stream.finish()
    assert [one.position for one in stream.stories] == ["0"]


def test_an_item_is_remembered_while_its_feed_repeats_it() -> None:
    stream = Stream()
    for day in range(10):
        stream.advance(_time_s(make_story()) + day * DAY)
        stream.feed(make_story(), NOON + day * DAY)
    stream.finish()
    assert (len(stream.stories), len(stream.unchanged)) == (1, 9)


def test_versions_are_numbered_on_and_those_of_a_copy_replace_nothing() -> None:
    story = make_story()
    copy = make_story(source_id="sana", published_at=NOON + HOUR)
    changed = make_story(title="", text=OTHER, published_at=NOON + 2 * HOUR)
    of_copy = make_story(
        source_id="sana", title="", text=OTHER[::-1], published_at=NOON + 3 * HOUR
    )
    stream = _streamed([of_copy, changed, copy, story])
    assert [one.copy_id for one in stream.duplicates] == [copy.story_id]
    assert {(one.story_id, one.revision, one.replaces) for one in stream.stories} == {
        (story.story_id, 1, None), (changed.story_id, 2, story.story_id),
        (of_copy.story_id, 2, None),
    }


def test_a_version_that_ranks_before_the_one_it_follows_replaces_no_copy() -> None:
    original = make_story(source_id="sana", priority=1)
    first = make_story(text=TEXT + " وفق البيان", priority=3)
    second = make_story(title="", text=OTHER, priority=2, updated_at=NOON + 60)
    stories, duplicates, _ = _in_a_batch([original, first, second])
    assert [one.copy_id for one in duplicates] == [first.story_id]
    stream = _streamed([second, first, original])
    assert (sorted(stream.stories), stream.duplicates) == (stories, duplicates)


def test_a_copy_of_a_copy_that_is_unlike_the_original_is_kept() -> None:
    words = [f"كلمة{n}" for n in range(80)]
    chain = [
        make_story(source_id=f"s{n}", title="", text=" ".join(words[n * 9 : n * 9 + 26]),
                   published_at=NOON + n * HOUR)
        for n in range(3)
    ]
    stories, duplicates, _ = _in_a_batch(chain)
    assert [one.copy_id for one in duplicates] == [chain[1].story_id]
    stream = _streamed(chain[::-1])
    assert (sorted(stream.stories), stream.duplicates) == (stories, duplicates)


def test_an_original_that_comes_too_late_is_a_copy_of_what_was_kept() -> None:
    copy = make_story(source_id="sana", text=TEXT + " وفق البيان", published_at=NOON + HOUR)
    stream = Stream()
    stream.feed(copy)
    stream.advance(FLOOR + 10 * HOUR)
    stream.feed(make_story(), Timestamp(FLOOR + 10 * HOUR))
    stream.finish()
    assert [one.story_id for one in stream.stories] == [copy.story_id]
    assert [one.story_id for one in stream.duplicates] == [copy.story_id]
    assert stream.moments[make_story().story_id] == Timestamp(FLOOR + 10 * HOUR)


@pytest.mark.parametrize("seed", range(2))
def test_what_comes_too_late_is_decided_alike_in_any_order(seed: int) -> None:
    rng = random.Random(seed)
    stories = newswire(seed, 30, hours=60)
    moments = [
        (max(_time_s(story), FLOOR + rng.randrange(60) * HOUR), story) for story in stories
    ]
    outcomes = []
    for order in (random.Random(1), random.Random(2)):
        stream = Stream(order=order)
        for at_s, story in sorted(order.sample(moments, len(moments)), key=lambda one: one[0]):
            stream.advance(at_s)
            stream.feed(story, Timestamp(at_s))
        stream.finish()
        outcomes.append((sorted(stream.stories), sorted(stream.duplicates)))
    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0][1]) > 5


def _commit(root: Path, run_id: str, stream: Stream) -> None:
    files: list[tuple[Table, Sequence[Story | Duplicate]]] = [
        (STORIES, stream.stories), (DUPLICATES, stream.duplicates)
    ]
    commit(str(root), run_id, [
        stage(str(root), table, records, run_id) for table, records in files
    ])


def _run_id(seconds: float) -> str:
    return run_id_at(Timestamp(seconds))


@pytest.fixture
def stored(tmp_path: Path) -> History:
    """The history of an hour before the stream: a story and a copy."""
    before = NOON - 2 * HOUR
    story = make_story(published_at=before)
    copy = make_story(source_id="sana", text=TEXT + " وفق البيان", published_at=before + 60)
    stream = Stream()
    stream.feed(story, Timestamp(FLOOR))
    stream.feed(copy, Timestamp(FLOOR + 1))
    stream.finish()
    assert len(stream.duplicates) == 1
    _commit(tmp_path, _run_id(FLOOR), stream)
    return history_before(str(tmp_path), _run_id(FLOOR + 1))


def test_a_cold_start_remembers_through_the_tables(stored: History) -> None:
    story = make_story()
    near = make_story(source_id="nna", text="عاجل " + TEXT, published_at=NOON)
    changed = make_story(text=OTHER, published_at=NOON)
    repeated = make_story(source_id="sana", text=TEXT + " وفق البيان", published_at=NOON)
    stream = _streamed([near, changed, repeated, story], stored)
    assert stream.unchanged == ["sana", "anadolu"]
    assert {(one.copy_id, one.story_id) for one in stream.duplicates} == {
        (near.story_id, story.story_id)
    }
    assert {(one.story_id, one.revision, one.replaces) for one in stream.stories} == {
        (changed.story_id, 2, story.story_id)
    }


def test_a_text_equal_to_one_of_long_ago_is_a_copy(stored: History) -> None:
    later = NOON + 400 * DAY
    equal = make_story(source_id="nna", title="", published_at=later)
    through = make_story(
        source_id="nna", item_id="2", title="", text=TEXT + " وفق البيان", published_at=later
    )
    near = make_story(source_id="nna", item_id="3", text="عاجل " + TEXT, published_at=later)
    stream = Stream(stored)
    stream.advance(_time_s(equal))
    for story in (equal, through):
        stream.feed(story)
    stream.advance(_time_s(equal) + 5 * DAY)
    stream.feed(near._replace(published_at=later + 5 * DAY))
    stream.finish()
    kept = make_story().story_id
    assert {(one.copy_id, one.story_id, one.relation) for one in stream.duplicates} == {
        (equal.story_id, kept, "exact_copy"), (through.story_id, kept, "near_copy")
    }
    assert [one.story_id for one in stream.stories] == [near.story_id]


def test_what_a_stream_has_committed_and_forgotten_it_finds_in_the_tables(tmp_path: Path) -> None:
    stream = Stream(History(str(tmp_path)))
    stream.feed(make_story())
    stream.advance(_time_s(make_story()) + 4 * DAY)
    _commit(tmp_path, _run_id(FLOOR + 2 * HOUR), stream)
    stream.feed(make_story(), NOON + 5 * DAY)
    stream.feed(make_story(text=OTHER), NOON + 6 * DAY)
    equal = make_story(source_id="nna", title="", published_at=NOON + 6 * DAY)
    stream.feed(equal)
    stream.finish()
    assert stream.unchanged == ["anadolu"]
    assert [one.revision for one in stream.stories] == [1, 2]
    assert [one.copy_id for one in stream.duplicates] == [equal.story_id]


def test_a_stream_that_starts_again_does_not_find_what_it_is_to_decide_on(tmp_path: Path) -> None:
    first = _streamed([make_story()])
    _commit(tmp_path, _run_id(FLOOR + 2 * HOUR), first)
    again = _streamed([make_story()], History(str(tmp_path)))
    assert again.stories == first.stories


def _reject(reason: str) -> Reject:
    return make_reject(reason, "m", stage="read", source_id="s", origin="o", position="p")


def test_a_reject_is_new_once(tmp_path: Path) -> None:
    known, new = _reject("source-empty"), _reject("source-missing")
    run_id = _run_id(FLOOR)
    commit(str(tmp_path), run_id, [stage(str(tmp_path), REJECTS, [known], run_id)])
    history = history_before(str(tmp_path), _run_id(FLOOR + HOUR))
    pipeline = beam.Pipeline("FnApiRunner")
    source = pipeline | beam.Create([]).with_output_types(Reject)
    parted = source | ForgetKnownRejectsStream(history, CLOCK)
    assert (parted.rejects.element_type, parted.unchanged.element_type) == (Reject, str)
    executor = Executor(pipeline, source)
    rejects, unchanged = map(executor.collect, parted)
    for day in range(12):
        executor.advance(Timestamp(FLOOR + day * DAY))
        for reject in (known, new):
            executor.feed(reject, Timestamp(FLOOR + day * DAY))
    executor.finish()
    assert [(one.value, one.timestamp) for one in rejects] == [(new, Timestamp(FLOOR))]
    assert len(unchanged) == 23
    assert executor.state() == {}


def _keep(record: Story | Duplicate | str, folder: str) -> None:
    name = Path(folder, f"{random.SystemRandom().getrandbits(64):x}")
    name.write_bytes(pickle.dumps(record))


@_needs_prism
def test_on_a_streaming_runner_it_decides_as_a_batch(tmp_path: Path) -> None:
    order = random.Random(1)
    stories = newswire(11, 40, hours=60)
    stories += [one._replace(position="again") for one in order.sample(stories, 3)]
    script = ScriptedStream(coder=registry.get_coder(Story)).advance_watermark_to(FLOOR)
    watermark_s = FLOOR
    for at_s, story in _arrivals(stories, LATENESS, order):
        if at_s - LATENESS > watermark_s + 5 * HOUR:
            watermark_s = at_s - LATENESS
            script = script.advance_watermark_to(watermark_s)
        script = script.add_elements([TimestampedValue(story, _time_s(story))])
    script = script.advance_watermark_to(watermark_s + 9 * DAY).advance_watermark_to_infinity()
    flags = ["--runner=PrismRunner", f"--prism_location={PRISM}", "--streaming",
             "--environment_type=LOOPBACK"]
    with beam.Pipeline(options=PipelineOptions(flags)) as pipeline:
        left = pipeline | script.with_output_types(Story) | DeduplicateStream(NOTHING, CLOCK)
        assert left.stories.element_type is Story
        assert left.duplicates.element_type is Duplicate
        assert left.unchanged.element_type is str
        for name, records in left._asdict().items():
            folder = tmp_path / name
            folder.mkdir()
            _ = records | name >> beam.Map(_keep, str(folder))
    kept = [
        sorted(pickle.loads(file.read_bytes()) for file in tmp_path.joinpath(name).iterdir())
        for name in ("stories", "duplicates", "unchanged")
    ]
    assert tuple(kept) == _in_a_batch(stories)
