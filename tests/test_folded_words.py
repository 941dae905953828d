import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.fold import fold_key
from transforms.folded_words import folded_words

UGLY = st.text(alphabet="أبة ىـًﷺﻻﹰ٣۴३_-.،\u200f\u00a0\ufeff\n\0🚨\ud800")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("قالَ الـرئيسُ: ٢٥ قتيلاً", ["قال", "الرئيس", "25", "قتيلا"]),
        ("فى\u00a0عمّان🚨عاجل", ["في", "عمان", "عاجل"]),
        ("النبي ﷺ", ["النبي", "صلي", "الله", "عليه", "وسلم"]),
        ("", []),
    ],
    ids=["marks, tatweel, digits", "joined by what is no letter", "ligature", "empty"],
)
def test_folded_words(text: str, words: list[str]) -> None:
    assert folded_words(text, "") == (words, [])
    assert folded_words("", text) == ([], words)


@given(UGLY | st.text(), UGLY | st.text())
def test_folded_words_are_those_of_the_key(title: str, text: str) -> None:
    expected = tuple(re.findall(r"\w+", fold_key(field)) for field in (title, text))
    assert folded_words(title, text) == expected
