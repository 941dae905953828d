import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOON, TEXT, make_story
from transforms.copies import (
    Candidate,
    PastVersion,
    candidate_of,
    new_version,
    order_versions,
)
from transforms.pairing import split
from transforms.versions import number_versions, numbered, part_of_item, version_rows

PARTS = 8


def _candidate(item: int, version: int, reading: int) -> Candidate:
    return candidate_of(make_story(
        item_id=f"guid-{item}", text=f"{TEXT} {version}", position=f"item {reading}",
        published_at=NOON - version * 30_000_000_000,  # also before 1970
        status="corrected" if version == 2 else "usable",
    ))


@settings(max_examples=50, deadline=None)
@given(
    new=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 3)), max_size=20,
                 unique=True),
    known=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), max_size=5, unique=True),
    order=st.randoms(),
)
def test_packed_rows_are_numbered_as_records_are(
    new: list[tuple[int, int, int]], known: list[tuple[int, int]], order: random.Random
) -> None:
    candidates = [_candidate(*reading) for reading in new]
    past = [
        PastVersion(one.story_id, one.source_id, one.item_id, n + 1, n % 2 == 0)
        for n, one in enumerate(_candidate(item, version, 0) for item, version in known)
    ]
    expected = [
        verdict for item in sorted({one.item_id for one in candidates})
        for verdict in order_versions(
            [new_version(one) for one in candidates if one.item_id == item],
            [one for one in past if one.item_id == item],
        )
    ]
    parts: dict[int, list[bytes]] = {}
    for candidate in order.sample(candidates, len(candidates)):  # each from a bundle of its own
        for part, packed in split(version_rows([candidate]), PARTS):
            parts.setdefault(part, []).append(packed)
    found = [
        verdict for part in range(PARTS) for verdict in number_versions(
            parts.get(part, []), [one for one in past if part_of_item(one, PARTS) == part]
        )
    ]
    assert sorted(found) == sorted(expected)


def test_without_rows_there_is_nothing_to_number() -> None:
    assert version_rows([]).shape == (0, 9)
    assert list(number_versions([], [PastVersion("a", "b", "c", 1, True)])) == []
    assert numbered([]) == []


def test_rows_hold_no_text() -> None:
    rows = version_rows([_candidate(1, 1, 1)])
    assert rows.dtype == np.uint64
    assert rows.nbytes == 72
