import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.toy_tagger import (
    POISON_MEMORY,
    POISON_MODEL,
    POISON_NUMBERS,
    POISON_SPLIT,
    ToyModel,
    make_toy_tagger,
)
from transforms.tagger import BATCH_PIECES, DECODED_WORDS, FAILED, Tagging, pack_batches

SENTENCE = "زار محمد علي مصر اليوم."


def surfaces(text: str, tagging: Tagging) -> list[tuple[str, str]]:
    return [(name.label, text[name.start : name.end]) for name in tagging.names]


def test_tag_returns_names_with_offsets_and_sentences() -> None:
    text = f"  {SENTENCE} قالت الأمم المتحدة\nالقاهرة"
    (tagging,) = make_toy_tagger().tag([text])
    assert surfaces(text, tagging) == [
        ("PER", "محمد علي"), ("LOC", "مصر"), ("ORG", "الأمم المتحدة"), ("LOC", "القاهرة"),
    ]
    assert [name.sentence for name in tagging.names] == [0, 0, 1, 2]
    assert tagging.truncated_words == 0


@pytest.mark.parametrize(
    "text", ["", " \n ", "\u200f", "مصر", "\u064b", "😀"],
    ids=["empty", "spaces", "direction_mark", "lone_word", "lone_mark", "emoji"],
)
def test_tag_accepts_texts_of_almost_nothing(text: str) -> None:
    (tagging,) = make_toy_tagger().tag([text])
    assert (len(tagging.names), tagging.failed) == (int(text == "مصر"), False)


def test_tag_accepts_no_texts() -> None:
    assert make_toy_tagger().tag([]) == []


@pytest.mark.parametrize("stop", [" ", ". ", "\n"], ids=["one_sentence", "stops", "lines"])
def test_tag_loses_no_word_of_a_long_story(stop: str) -> None:
    text = stop.join(["قال محمد علي في مصر"] * 2_000)  # 10,000 words
    (tagging,) = make_toy_tagger().tag([text])
    assert surfaces(text, tagging) == [("PER", "محمد علي"), ("LOC", "مصر")] * 2_000
    assert tagging.truncated_words == 0


def test_tag_bears_a_word_longer_than_a_window() -> None:
    text = f"مصر {'ط' * 5_000} القاهرة"
    model = ToyModel()
    (tagging,) = make_toy_tagger(model, longest=32).tag([text])
    assert surfaces(text, tagging) == [("LOC", "مصر"), ("LOC", "القاهرة")]
    assert max(length for _, length in model.shapes) <= 32


@given(st.lists(st.sampled_from([SENTENCE, "مصر", "ط" * 100, "\n", "😀"]), max_size=40))
def test_tag_shows_the_model_no_more_than_it_can_read(parts: list[str]) -> None:
    model = ToyModel()
    (tagging,) = make_toy_tagger(model, longest=27).tag([" ".join(parts)])
    assert all(length <= 24 and rows * length <= BATCH_PIECES for rows, length in model.shapes)
    assert len(tagging.names) == 2 * parts.count(SENTENCE) + parts.count("مصر")


@pytest.mark.parametrize("poison", [POISON_SPLIT, POISON_MODEL, POISON_NUMBERS])
def test_tag_lets_a_bad_text_cost_only_itself(poison: str) -> None:
    texts = [f"{SENTENCE} {number}" for number in range(100)]
    tagger = make_toy_tagger()
    expected = tagger.tag(texts)
    poisoned = [*texts[:50], f"زار محمد {poison} مصر", *texts[50:]]
    assert tagger.tag(poisoned) == [*expected[:50], FAILED, *expected[50:]]


def test_tag_fails_a_long_text_as_a_whole() -> None:
    text = "\n".join([SENTENCE] * 50 + [POISON_MODEL] + [SENTENCE] * 50)
    assert make_toy_tagger().tag([text]) == [FAILED]


def test_tag_does_not_blame_a_text_for_a_full_device() -> None:
    with pytest.raises(RuntimeError, match="out of memory"):
        make_toy_tagger().tag([SENTENCE, POISON_MEMORY])


def test_tagger_refuses_a_model_without_room() -> None:
    with pytest.raises(ValueError, match="too few"):
        make_toy_tagger(longest=7)


def test_tag_does_not_depend_on_order() -> None:
    texts = [" ".join([SENTENCE] * number) for number in range(20)]
    shuffled = random.Random(1).sample(range(20), 20)
    tagger = make_toy_tagger()
    expected = tagger.tag(texts)
    assert tagger.tag([texts[index] for index in shuffled]) == [expected[i] for i in shuffled]


@given(st.lists(st.sampled_from(["", "محمد", "علي", "علي مصر", "قال\nمحمد", "\n\u064b"])))
def test_tag_joins_no_names_of_neighbouring_texts(texts: list[str]) -> None:
    tagger = make_toy_tagger()
    assert tagger.tag(texts) == [tagging for text in texts for tagging in tagger.tag([text])]


def test_tag_decodes_more_words_than_fit_at_once() -> None:
    texts = [" ".join([SENTENCE] * 100)] * (DECODED_WORDS // 400)  # of 600 words
    taggings = make_toy_tagger().tag(texts)
    assert taggings == [taggings[0]] * len(texts)
    assert len(taggings[0].names) == 200


@given(st.lists(st.integers(1, 24).map(lambda eighths: 8 * eighths), max_size=300))
def test_pack_batches_groups_windows_of_one_length(lengths: Sequence[int]) -> None:
    batches = list(pack_batches(lengths))
    assert sorted(number for batch in batches for number in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len({lengths[number] for number in batch}) == 1
        assert sum(lengths[number] for number in batch) <= BATCH_PIECES


def test_pack_batches_sends_an_oversized_window_alone() -> None:
    assert list(pack_batches([2 * BATCH_PIECES, 2 * BATCH_PIECES])) == [[0], [1]]
