from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.entity_scores import Counts, Entity, count, find_entities
from transforms.label_map import TAGS

TAG_LISTS = st.lists(st.sampled_from(TAGS), max_size=12)
TAG_PAIRS = st.lists(st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS)), max_size=12)
SENTENCES = st.lists(
    TAG_PAIRS.map(lambda pairs: ([one for one, _ in pairs], [other for _, other in pairs])),
    min_size=1, max_size=6,
)
Report = Callable[..., dict[str, dict[str, float]]]

CHUNKS = {
    "well-formed": ("B-PER I-PER O B-LOC", [(0, 2, "PER"), (3, 4, "LOC")]),
    "two in a row": ("B-LOC B-LOC I-LOC", [(0, 1, "LOC"), (1, 3, "LOC")]),
    "inside first": ("I-ORG I-ORG O", [(0, 2, "ORG")]),
    "inside after outside": ("O I-ORG", [(1, 2, "ORG")]),
    "inside of another kind": ("B-PER I-ORG I-ORG", [(0, 1, "PER"), (1, 3, "ORG")]),
    "a gap": ("B-PER O I-PER", [(0, 1, "PER"), (2, 3, "PER")]),
    "nothing": ("O O", []),
    "empty": ("", []),
}


@pytest.mark.parametrize(("tags", "entities"), CHUNKS.values(), ids=CHUNKS)
def test_find_entities(tags: str, entities: list[tuple[int, int, str]]) -> None:
    assert find_entities(tags.split()) == entities


def _slices(tags: Sequence[str]) -> set[Entity]:
    """Return the entities by trying every stretch of words: the definition, not the method."""
    def begins(index: int) -> bool:
        before = tags[index - 1] if index else "O"
        return tags[index] != "O" and (tags[index][0] == "B" or before[2:] != tags[index][2:])

    def holds(first: int, last: int) -> bool:
        inner = range(first + 1, last)
        return (
            begins(first)
            and all(tags[i] == f"I-{tags[first][2:]}" for i in inner)
            and (last == len(tags) or tags[last] == "O" or begins(last))
        )

    size = len(tags)
    return {
        Entity(first, last, tags[first][2:])
        for first in range(size) for last in range(first + 1, size + 1) if holds(first, last)
    }


@given(TAG_LISTS)
def test_find_entities_agrees_with_trying_every_stretch(tags: list[str]) -> None:
    found = find_entities(tags)
    assert set(found) == _slices(tags)
    assert found == sorted(found)


def _pairs(
    sentences: Sequence[tuple[Sequence[str], Sequence[str]]]
) -> Iterator[tuple[list[Entity], list[Entity]]]:
    return ((find_entities(labelled), find_entities(found)) for labelled, found in sentences)


@given(SENTENCES)
def test_count_agrees_with_sets_of_entities(
    sentences: list[tuple[list[str], list[str]]]
) -> None:
    labelled = {(i, *one) for i, (tags, _) in enumerate(sentences) for one in _slices(tags)}
    found = {(i, *one) for i, (_, tags) in enumerate(sentences) for one in _slices(tags)}
    together, kinds = count(_pairs(sentences))
    assert together == (len(labelled & found), len(found), len(labelled))
    for kind, counts in kinds.items():
        ours, theirs = ({one for one in some if one[-1] == kind} for some in (labelled, found))
        assert counts == (len(ours & theirs), len(theirs), len(ours))


@pytest.fixture(scope="module")
def seqeval_report() -> Report:
    metrics = pytest.importorskip("seqeval.metrics", reason="seqeval is not installed")
    return metrics.classification_report


@given(sentences=SENTENCES)
def test_rates_are_those_of_seqeval(
    seqeval_report: Report, sentences: list[tuple[list[str], list[str]]]
) -> None:
    labelled, found = (list(side) for side in zip(*sentences, strict=True))
    assume({tag for tags in (*labelled, *found) for tag in tags} - {"O"})  # it reports no nothing
    report = seqeval_report(labelled, found, output_dict=True, zero_division=0)
    together, kinds = count(_pairs(sentences))
    for name, counts in {"micro avg": together, **kinds}.items():
        if name in report:
            names = {"precision": "precision", "recall": "recall", "f1": "f1-score",
                     "support": "support"}
            expected = {ours: report[name][theirs] for ours, theirs in names.items()}
            assert counts.rates() == pytest.approx(expected, abs=6e-5)


def test_rates_by_hand() -> None:
    sentences = [
        ("B-PER I-PER O B-LOC", "B-PER I-PER O B-ORG"),  # one right, one of another kind
        ("B-LOC O B-ORG I-ORG", "B-LOC O B-ORG O"),  # one right, one cut short
        ("O B-LOC", "O O"),  # one missed
    ]
    together, kinds = count(_pairs([(one.split(), other.split()) for one, other in sentences]))
    assert together.rates() == {"precision": 0.5, "recall": 0.4, "f1": 0.4444, "support": 5}
    assert kinds["LOC"].rates() == {"precision": 1.0, "recall": 0.3333, "f1": 0.5, "support": 3}
    assert kinds["ORG"].rates() == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1}


def test_rates_of_nothing_are_zero() -> None:
    assert Counts(0, 0, 0).rates() == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0}
