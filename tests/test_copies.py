import random
from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.in_memory import kept_by_item
from schemas.records import Story
from tests.builders import NOON, TEXT, make_story
from transforms.copies import (
    Candidate,
    PastVersion,
    Verdict,
    candidate_of,
    choose_kept,
    compare,
    new_version,
    occurrence_of,
    order_versions,
    title_key,
)
from transforms.outcomes import with_fingerprint
from transforms.pairing import key_rows
from transforms.versions import numbered

HOUR = 3600


def _candidate(**fields: object) -> Candidate:
    return candidate_of(with_fingerprint(make_story(**fields)))


def _outcomes(new: Sequence[Story], past: Sequence[PastVersion] = ()) -> tuple[
    list[Candidate], list[Verdict]
]:
    candidates = [candidate_of(story) for story in new]
    return numbered(candidates, past), list(order_versions(map(new_version, candidates), past))


def test_a_version_read_twice_is_unchanged_once() -> None:
    twice = [make_story(position="item 1"), make_story(position="item 7")]
    left, verdicts = _outcomes(twice)
    assert len(left) == 1
    assert [verdict.outcome for verdict in verdicts] == ["unchanged"]


def test_a_stored_version_is_unchanged() -> None:
    known = make_story()
    past = [PastVersion(known.story_id, known.source_id, known.item_id, 1, True)]
    left, verdicts = _outcomes([known], past)
    assert left == []
    assert verdicts == [Verdict(occurrence_of(known), "unchanged")]


def test_changed_items_are_numbered_after_the_history() -> None:
    first, second, third = (make_story(text=TEXT + tail, updated_at=NOON + hours * HOUR)
                            for hours, tail in enumerate(("", " مساء", " ليلا")))
    past = [PastVersion(first.story_id, first.source_id, first.item_id, 1, True)]
    left, verdicts = _outcomes([third, first, second], past)
    assert {(one.story_id, one.revision, one.predecessor) for one in left} == {
        (second.story_id, 2, first.story_id), (third.story_id, 3, second.story_id)
    }
    assert Verdict(third.story_id, "revised", revision=3, kept_id=second.story_id) in verdicts


def test_versions_of_one_item_are_not_copies_of_each_other() -> None:
    assert compare(_candidate(), _candidate(text=TEXT + " مساء")) is None


@pytest.mark.parametrize(
    ("changes", "relation"),
    [
        ({}, "exact_copy"),
        ({"text": TEXT + " وفق البيان"}, "near_copy"),
        ({"text": " ".join(TEXT.split()[:14])}, "contained"),
        ({"forwarded_from": "الأناضول"}, "forward_of"),
    ],
    ids=["same text", "edited", "cut", "forwarded"],
)
def test_compare_names_the_relation(changes: dict[str, str], relation: str) -> None:
    copy = _candidate(source_id="sana", published_at=NOON + HOUR, **changes)
    edge = compare(_candidate(), copy)
    assert edge is not None
    assert edge.relation == relation


def test_equal_short_texts_are_not_exact_copies() -> None:
    one = _candidate(title="أسعار", text="ارتفاع أسعار النفط")
    later = _candidate(source_id="sana", title="طقس", text="ارتفاع أسعار النفط",
                       published_at=NOON + 100 * HOUR)
    assert compare(one, later) is None


def test_near_copies_end_at_the_window_and_equal_texts_do_not() -> None:
    edited = _candidate(source_id="sana", text=TEXT + " وفق البيان",
                        published_at=NOON + 73 * HOUR)
    same = _candidate(source_id="sana", published_at=NOON + 1000 * HOUR)
    assert compare(_candidate(), edited) is None
    assert compare(_candidate(), same) is not None


def test_one_headline_in_one_source_brings_stories_together() -> None:
    headline = "اجتماع طارئ لمجلس الوزراء غدا"
    opening = "يعقد مجلس الوزراء اجتماعا طارئا غدا لبحث"
    body = " ".join(f"كلمة{n}" for n in range(30))
    first = _candidate(title=headline, text=f"{opening} أزمة المياه في الجنوب {body}")
    second = {"title": f"{headline}!", "text": f"قال الناطق إن الحكومة ستبحث {body} وأمورا أخرى",
              "item_id": "guid-2", "published_at": NOON + HOUR}
    assert compare(first, _candidate(**second)) is not None
    assert compare(first, _candidate(**{**second, "title": "الحكومة تبحث أزمة المياه"})) is None
    keys, others = ({int(key) for key in key_rows(one)[:, 0]}
                    for one in (first, _candidate(**second)))
    assert any(key >> 61 == 1 for key in keys & others)
    elsewhere = key_rows(_candidate(**{**second, "source_id": "sana"}))[:, 0]
    assert not any(int(key) >> 61 == 1 for key in keys & set(elsewhere.tolist()))


@pytest.mark.parametrize("title", ["", "عاجل", "أسعار العملات", "؟!"])
def test_a_headline_that_names_no_story_is_no_key(title: str) -> None:
    assert title_key(title) == ""
    assert not any(int(key) >> 61 == 1 for key in key_rows(_candidate(title=title))[:, 0])


def test_bulletins_of_one_headline_are_told_apart_by_their_numbers() -> None:
    rates = "بلغ سعر الدولار في السوق {} ليرة وبلغ سعر اليورو {} ليرة والجنيه {} ليرة صباح اليوم"
    bulletins = [
        _candidate(title="أسعار صرف العملات في السوق", text=rates.format(*numbers),
                   item_id=str(numbers), published_at=NOON + n * 24 * HOUR)
        for n, numbers in enumerate([(89500, 97310, 113200), (89700, 97420, 113550)])
    ]
    assert len(set(kept_by_item(bulletins).values())) == 2


def test_a_text_equal_to_a_copy_is_a_copy_of_the_story_kept() -> None:
    story = _candidate()
    copy = _candidate(source_id="sana", text=TEXT + " وفق البيان", published_at=NOON + HOUR)
    again = _candidate(source_id="nna", title="", text=TEXT + " وفق البيان",
                       published_at=NOON + 500 * HOUR)
    assert kept_by_item([again, copy, story])[again.story_id] == story.story_id


def _wire(seed: int, count: int) -> list[Story]:
    """Return stories of four outlets that copy, cut and extend each other."""
    rng = random.Random(seed)
    words = [f"كلمة{n}" for n in range(400)]
    bodies = [" ".join(rng.choices(words, k=40)) for _ in range(4)]
    stories = []
    for n in range(count):
        body = rng.choice(bodies)
        text = rng.choice([body, body + " مساء", " ".join(body.split()[:25]), body + " " + body])
        stories.append(make_story(
            source_id=rng.choice("abcd"), item_id=str(n), title="", text=text,
            published_at=NOON + rng.randrange(60) * HOUR, priority=rng.choice([1, 2]),
            position=str(n),
        ))
    return [with_fingerprint(story) for story in stories]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), order=st.randoms())
def test_the_outcome_does_not_depend_on_arrival(seed: int, order: random.Random) -> None:
    candidates = [candidate_of(story) for story in _wire(seed, 30)]
    shuffled = candidates[:]
    order.shuffle(shuffled)
    assert kept_by_item(shuffled) == kept_by_item(candidates)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_copy_always_points_at_a_story_that_is_kept(seed: int) -> None:
    kept = kept_by_item([candidate_of(story) for story in _wire(seed, 30)])
    assert all(kept[leader] == leader for leader in kept.values())


def test_a_published_story_is_never_retracted() -> None:
    published = _candidate(published_at=NOON + HOUR)._replace(published=True)
    earlier = _candidate(source_id="sana", published_at=NOON)
    kept = kept_by_item([published, earlier])
    assert kept == {
        published.story_id: published.story_id, earlier.story_id: published.story_id
    }


def test_a_new_version_of_a_kept_item_is_kept_whatever_it_resembles() -> None:
    first = _candidate()
    elsewhere = _candidate(source_id="sana", published_at=NOON + HOUR)
    second = _candidate(text=TEXT + " مساء", published_at=NOON + 2 * HOUR)._replace(
        revision=2, predecessor=first.story_id
    )
    kept = kept_by_item([first, elsewhere, second])
    assert kept[second.story_id] == second.story_id
    assert kept[elsewhere.story_id] == first.story_id


def test_two_ways_to_one_story_give_one_verdict_in_any_order() -> None:
    with_tail = TEXT + " وفق البيان"
    one, other, later = (
        _candidate(),
        _candidate(source_id="sana", text=with_tail),
        _candidate(source_id="nna", text=with_tail, published_at=NOON + HOUR),
    )
    edges = [compare(one, other), compare(one, later), compare(other, later)]
    told = {
        tuple(choose_kept(edge for edge in order if edge is not None))
        for order in permutations(edges)
    }
    assert len(told) == 1
