from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from transforms.model_files import EMBEDDED_MODEL
from transforms.splitter import Splitter

TOKENIZER = EMBEDDED_MODEL / "tokenizer.json"
pytestmark = pytest.mark.skipif(
    not Path(TOKENIZER).is_file(), reason="the embedded model is not there"
)
WORDS = [
    "القاهرة", "مُحَمَّدٌ", "ـ", "\u064b", "ﻻ", "🇪🇬", "OpenAI", "[CLS]", "ط" * 300, "مي\u200cرود",
    ".", "د.ب.أ", "2024", "٢٠٢٤", "نيويورك", "والخرطوم",
]  # fmt: skip


def split_whole(words: list[str]) -> list[tuple[int, ...]]:
    """Return the pieces as the tokenizer gives them for all words at once."""
    encoding = Tokenizer.from_file(str(TOKENIZER)).encode(
        words, is_pretokenized=True, add_special_tokens=False
    )
    pairs = list(zip(encoding.ids, encoding.word_ids, strict=True))
    return [tuple(i for i, owner in pairs if owner == word) for word in range(len(words))]


@pytest.fixture(scope="module")
def splitter() -> Splitter:
    return Splitter(Tokenizer.from_file(str(TOKENIZER)))


@given(words=st.lists(st.sampled_from(WORDS) | st.text(min_size=1, max_size=6), max_size=30))
def test_words_that_were_met_split_as_they_do_in_their_text(
    splitter: Splitter, words: list[str]
) -> None:
    assert splitter.split(words) == split_whole(words)
    assert splitter.split(words[::-1]) == split_whole(words)[::-1]


def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transforms.splitter._KEPT_WORDS", 20)
    splitter = Splitter(Tokenizer.from_file(str(TOKENIZER)))
    words = [f"كلمة{number}" for number in range(100)]
    for start in range(0, 100, 10):
        assert splitter.split(words[start : start + 10]) == split_whole(words[start : start + 10])
    assert len(splitter._known) <= 30
    splitter.split(["ط" * 1_000])
    assert max(map(len, splitter._known)) < 1_000


def test_a_tokenizer_that_looks_at_neighbours_reads_whole_texts() -> None:
    pieces = [("<unk>", 0.0), ("▁مصر", -1.0), ("مصر", -1.0)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    splitter = Splitter(tokenizer)
    expected = [tuple(tokenizer.encode(["مصر", "مصر"], is_pretokenized=True).ids[i : i + 1])
                for i in range(2)]  # fmt: skip
    splitter.split(["مصر"])
    assert splitter.split(["مصر", "مصر"]) == expected
    assert not splitter._known


def test_frame_is_what_stands_around_a_text(splitter: Splitter) -> None:
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    ids = [tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]", "[PAD]")]
    assert splitter.frame(ids[2]) == ((ids[0],), (ids[1],), ids[2])
