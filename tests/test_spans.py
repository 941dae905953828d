from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.label_map import TAGS
from transforms.spans import ALLOWED, Span, decode, find_spans, merge_outputs

OUT, B_PER, I_PER, B_ORG, I_ORG, B_LOC, I_LOC, _, I_MISC = range(len(TAGS))


def one_hot(tags: list[int]) -> npt.NDArray[np.float64]:
    return np.eye(len(TAGS))[tags]


def is_allowed(path: tuple[int, ...]) -> bool:
    return all(ALLOWED[before, tag] for before, tag in zip((OUT, *path), path, strict=False))


def test_allowed_transitions_are_those_of_bio() -> None:
    for before, after in product(TAGS, TAGS):
        legal = not after.startswith("I-") or before[2:] == after[2:]
        assert ALLOWED[TAGS.index(before), TAGS.index(after)] == legal, (before, after)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_decode_finds_the_best_allowed_path(seed: int, size: int) -> None:
    probabilities = np.random.default_rng(seed).dirichlet(np.full(len(TAGS), 0.3), size)
    found = tuple(decode(probabilities, [0] * size, "BIO").tolist())

    def weight(path: tuple[int, ...]) -> float:
        return float(np.log(probabilities[np.arange(size), path]).sum())

    best = max(filter(is_allowed, product(range(len(TAGS)), repeat=size)), key=weight)
    assert is_allowed(found)
    assert weight(found) == pytest.approx(weight(best))


def test_decode_starts_afresh_in_each_sentence() -> None:
    wanted = [B_PER, I_PER, I_PER, OUT, I_LOC]
    probabilities = 0.9 * one_hot(wanted) + 0.1 / len(TAGS)
    assert decode(probabilities, [0] * 5, "BIO").tolist()[:3] == [B_PER, I_PER, I_PER]
    tags = decode(probabilities, [0, 0, 1, 1, 2], "BIO").tolist()
    assert (tags[2], tags[4]) != (I_PER, I_LOC)
    assert tags[:2] == [B_PER, I_PER]


def test_decode_leaves_other_schemes_alone() -> None:
    tags = [I_PER, I_PER, B_PER, I_LOC]
    assert decode(one_hot(tags), [0] * 4, "IOB1").tolist() == tags


def test_decode_accepts_no_words() -> None:
    assert decode(one_hot([]), [], "BIO").tolist() == []


def test_decode_survives_kinds_that_the_model_lacks() -> None:
    probabilities = one_hot([I_MISC, B_LOC])  # certain of what is not allowed
    probabilities[0, OUT] = 1e-300
    assert decode(probabilities, [0, 0], "BIO").tolist() == [OUT, B_LOC]


@pytest.mark.parametrize(
    ("tags", "sentences", "spans"),
    [
        ([], [], []),
        ([OUT, OUT], [0, 0], []),
        ([B_PER, I_PER, OUT, B_LOC], [0] * 4, [(0, 2, "PER"), (3, 4, "LOC")]),
        ([B_PER, B_PER], [0, 0], [(0, 1, "PER"), (1, 2, "PER")]),
        ([I_PER, I_PER, B_PER, I_LOC], [0] * 4, [(0, 2, "PER"), (2, 3, "PER"), (3, 4, "LOC")]),
        ([B_ORG, I_ORG, I_ORG], [0, 0, 1], [(0, 2, "ORG"), (2, 3, "ORG")]),
    ],
    ids=["no_words", "no_names", "plain", "touching", "iob1", "sentence_end"],
)
def test_find_spans_cases(
    tags: list[int], sentences: list[int], spans: list[tuple[int, int, str]]
) -> None:
    found = find_spans(np.array(tags, dtype=np.int64), one_hot(tags), sentences)
    assert found == [Span(*span, 1.0) for span in spans]


def test_find_spans_scores_the_kind_of_each_word() -> None:
    probabilities = one_hot([OUT, OUT])
    probabilities[:] = 0
    probabilities[0, [B_PER, I_PER, OUT]] = 0.5, 0.4, 0.1
    probabilities[1, [I_PER, OUT]] = 0.70004, 0.29996
    (span,) = find_spans(np.array([B_PER, I_PER]), probabilities, [0, 0])
    assert span.score == 0.8


def test_merge_outputs_sums_what_counts_for_one_tag() -> None:
    logits = np.log(np.array([[0.5, 0.2, 0.2, 0.1]], dtype=np.float32))
    merged = merge_outputs(logits, [OUT, B_LOC, B_LOC, OUT])
    assert merged[0, [OUT, B_LOC]] == pytest.approx([0.6, 0.4])
    assert merged.sum() == pytest.approx(1)


def test_merge_outputs_bears_large_logits() -> None:
    merged = merge_outputs(np.array([[1e4, -1e4]], dtype=np.float32), [B_PER, OUT])
    assert merged[0, [B_PER, OUT]].tolist() == [1, 0]
