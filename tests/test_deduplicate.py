import pickle
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.combiners import ToList

from benchmarks.in_memory import kept_by_item
from schemas.records import Duplicate, Reject, Story, make_reject
from schemas.tables import DUPLICATES, REJECTS, STORIES
from tests.builders import NOON, TEXT, make_story
from transforms.commit import commit, stage
from transforms.copies import candidate_of
from transforms.deduplicate import Deduplicate
from transforms.outcomes import with_fingerprint
from transforms.recall import ForgetKnownRejects, History, history_before

HOUR = 3600
NOTHING = History()
FIRST, SECOND = "20241110T060000Z", "20241110T070000Z"


class Outcome(NamedTuple):
    """What a run of the stage has given, collected for assertions."""

    stories: list[Story]
    duplicates: list[Duplicate]
    unchanged: list[str]


def _run(
    stories: Sequence[Story], root: Path, history: History = NOTHING, workers: int = 1
) -> Outcome:
    """Deduplicate with a real pipeline."""
    options = PipelineOptions([
        "--runner=FnApiRunner", f"--direct_num_workers={workers}",
        f"--direct_running_mode={'multi_threading' if workers > 1 else 'in_memory'}",
    ])
    with beam.Pipeline(options=options) as pipeline:
        kept = pipeline | beam.Create(stories) | Deduplicate(history, str(root / "aside"))
        assert kept.stories.element_type == Story
        assert kept.duplicates.element_type == Duplicate
        assert kept.unchanged.element_type is str
        for name in Outcome._fields:
            collected = getattr(kept, name) | f"Collect {name}" >> ToList()
            _ = collected | f"Keep {name}" >> beam.Map(_keep, str(root / f"{name}.pickle"))
    files = (root / f"{name}.pickle" for name in Outcome._fields)
    return Outcome(*(pickle.loads(file.read_bytes()) for file in files))


def _keep(records: list[object], path: str) -> None:
    Path(path).write_bytes(pickle.dumps(records))


def _commit(root: Path, run_id: str, outcome: Outcome) -> None:
    commit(str(root), run_id, [
        stage(str(root), STORIES, outcome.stories, run_id),
        stage(str(root), DUPLICATES, outcome.duplicates, run_id),
    ])


def _wire(seed: int, count: int) -> list[Story]:
    rng = random.Random(seed)
    words = [f"كلمة{n}" for n in range(400)]
    bodies = [" ".join(rng.choices(words, k=40)) for _ in range(5)]
    return [
        make_story(
            source_id=rng.choice("abcd"), item_id=str(n), title="", position=str(n),
            text=rng.choice([body := rng.choice(bodies), body + " مساء",
                             " ".join(body.split()[:25])]),
            published_at=NOON + rng.randrange(60) * HOUR,
        )
        for n in range(count)
    ]


def _bulletins(days: int) -> list[Story]:
    """Return forecasts of one form, a day each, for another city."""
    form = (
        "توقعت الهيئة العامة للأنواء الجوية والرصد الزلزالي أن يكون الطقس في مدينة{0} لون{0} مع "
        "فرصة لتصاعد الغبار في بعض المناطق فيما تكون الرياح شمالية غربية خفيفة السرعة"
    )
    return [
        make_story(source_id="weather", item_id=f"day {n}", title=f"حالة الطقس في مدينة{n}",
                   text=form.format(n), published_at=NOON + n * 24 * HOUR, position=f"w{n}")
        for n in range(days)
    ]


def test_copies_point_at_the_story_kept(tmp_path: Path) -> None:
    story = make_story()
    copy = make_story(source_id="sana", text=TEXT + " وفق البيان", published_at=NOON + HOUR)
    outcome = _run([copy, story], tmp_path)
    assert [one.story_id for one in outcome.stories] == [story.story_id]
    (duplicate,) = outcome.duplicates
    assert (duplicate.copy_id, duplicate.story_id) == (copy.story_id, story.story_id)
    assert duplicate.relation == "near_copy"
    assert 0.9 < duplicate.similarity <= 1


@pytest.mark.parametrize("workers", [1, 3])
def test_the_pipeline_decides_as_the_reference_in_memory(tmp_path: Path, workers: int) -> None:
    stories = [*_wire(1, 60), *_bulletins(12)]
    outcome = _run(random.Random(2).sample(stories, len(stories)), tmp_path, workers=workers)
    kept = kept_by_item([candidate_of(with_fingerprint(story)) for story in stories])
    assert {one.story_id for one in outcome.stories} == set(kept.values())
    assert {one.copy_id: one.story_id for one in outcome.duplicates} == {
        story_id: leader for story_id, leader in kept.items() if story_id != leader
    }
    assert 0 < len(outcome.duplicates) < 60
    assert not any(one.title.startswith("حالة الطقس") for one in outcome.duplicates)


def test_stop_shingles_are_learned_from_earlier_runs(tmp_path: Path) -> None:
    *earlier, first, second = _bulletins(14)
    first = first._replace(published_at=second.published_at)
    fresh = _run([first, second], tmp_path)
    assert len(fresh.duplicates) == 1, "nothing tells these forecasts apart"
    _commit(tmp_path, FIRST, _run(earlier, tmp_path))
    taught = _run([first, second], tmp_path, history_before(str(tmp_path), SECOND))
    assert taught.duplicates == []


def test_a_second_run_over_the_same_adds_nothing(tmp_path: Path) -> None:
    stories = _wire(3, 20)
    _commit(tmp_path, FIRST, _run(stories, tmp_path))
    again = _run(stories, tmp_path, history_before(str(tmp_path), SECOND))
    assert (again.stories, again.duplicates) == ([], [])
    assert len(again.unchanged) == len(stories)


def test_a_rerun_of_a_run_does_not_see_its_own_stories(tmp_path: Path) -> None:
    stories = _wire(3, 20)
    first = _run(stories, tmp_path)
    _commit(tmp_path, FIRST, first)
    again = _run(stories, tmp_path, history_before(str(tmp_path), FIRST))
    assert sorted(again.stories) == sorted(first.stories)
    assert sorted(again.duplicates) == sorted(first.duplicates)


def test_copies_and_versions_are_found_across_runs(tmp_path: Path) -> None:
    story = make_story()
    _commit(tmp_path, FIRST, _run([story], tmp_path))
    near = make_story(source_id="sana", text=TEXT + " وفق البيان", published_at=NOON + HOUR)
    equal_much_later = make_story(source_id="nna", title="", published_at=NOON + 9999 * HOUR)
    changed = make_story(text=TEXT + " مساء")
    history = history_before(str(tmp_path), SECOND)
    outcome = _run([near, equal_much_later, changed], tmp_path, history)
    assert [(one.story_id, one.revision) for one in outcome.stories] == [(changed.story_id, 2)]
    assert {(one.copy_id, one.story_id, one.relation) for one in outcome.duplicates} == {
        (near.story_id, story.story_id, "near_copy"),
        (equal_much_later.story_id, story.story_id, "exact_copy"),
    }


def test_a_text_equal_to_a_copy_found_long_ago_is_a_copy_of_the_story_kept(tmp_path: Path) -> None:
    story = make_story()
    copy = make_story(source_id="sana", text=TEXT + " وفق البيان", published_at=NOON + HOUR)
    _commit(tmp_path, FIRST, _run([story, copy], tmp_path))
    again = make_story(source_id="nna", title="", text=copy.text, published_at=NOON + 9999 * HOUR)
    forward = again._replace(story_id="f" * 32, item_id="7", forwarded_from="سانا")
    history = history_before(str(tmp_path), SECOND)
    outcome = _run([again, forward], tmp_path, history)
    assert outcome.stories == []
    assert {(one.story_id, one.relation, one.evidence) for one in outcome.duplicates} == {
        (story.story_id, "near_copy", f"same text as {copy.story_id}"),
        (story.story_id, "forward_of", f"same text as {copy.story_id}"),
    }
    assert {one.similarity for one in outcome.duplicates} == {
        one.similarity for one in _run([story, copy], tmp_path).duplicates
    }


def test_a_new_version_of_a_copy_replaces_nothing(tmp_path: Path) -> None:
    story = make_story()
    copy = make_story(source_id="sana", published_at=NOON + HOUR)
    other = " ".join(f"كلمة{n}" for n in range(40))
    changed = make_story(source_id="sana", title="", text=other, published_at=NOON + 2 * HOUR)
    outcome = _run([story, copy, changed], tmp_path)
    assert [one.copy_id for one in outcome.duplicates] == [copy.story_id]
    assert {(one.story_id, one.revision, one.replaces) for one in outcome.stories} == {
        (story.story_id, 1, None), (changed.story_id, 2, None)
    }


def test_a_correction_comes_after_its_original_when_nothing_else_tells(tmp_path: Path) -> None:
    story = make_story()
    corrected = make_story(title="تصحيح: موسم الزيتون", text=TEXT + " 12", status="corrected")
    outcome = _run([corrected, story], tmp_path)
    revisions = {one.story_id: (one.revision, one.replaces_as) for one in outcome.stories}
    assert revisions == {story.story_id: (1, None), corrected.story_id: (2, "correction_of")}


def test_the_same_item_read_twice_is_unchanged_once(tmp_path: Path) -> None:
    outcome = _run([make_story(), make_story(origin="copy of anadolu.xml")], tmp_path)
    assert (len(outcome.stories), outcome.unchanged) == (1, ["anadolu"])


def _reject(reason: str) -> Reject:
    return make_reject(reason, "m", stage="read", source_id="s", origin="o", position="p")


def test_known_rejects_are_unchanged(tmp_path: Path) -> None:
    known = [_reject("source-empty"), _reject("source-missing")]
    commit(str(tmp_path), FIRST, [stage(str(tmp_path), REJECTS, known, FIRST)])
    with beam.Pipeline("FnApiRunner") as pipeline:
        rejects = pipeline | beam.Create([*known, _reject("source-unrecognised")])
        parted = rejects | ForgetKnownRejects(history_before(str(tmp_path), SECOND))
        assert parted.rejects.element_type == Reject
        reasons = parted.rejects | beam.Map(lambda reject: reject.reason)
        assert_that(reasons, equal_to(["source-unrecognised"]))
        assert_that(parted.unchanged, equal_to(["s", "s"]), label="Unchanged")
