import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.fold import fold, fold_key

ARABIC = st.text(
    st.one_of(
        st.sampled_from("ابتهويكقلمأإآٱىیېکڪةھہؤئء \u00a0٠٩۰۹.,،«»abc"),
        st.sampled_from("ًَُِّْٰـ\u200f\u200e\u200b\u00ad\ufeffﻻﷺﺍﺃﱞ😀"),
        st.characters(),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("قُتِلَ محمّدٌ في الـريـاض", "قتل محمد في الرياض"),
        ("أإآٱ ىیې کڪ ةھہ", "اااا ييي كك ههه"),
        ("ؤ ئ ء", "ؤ ئ ء"),
        ("٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹ ٣٫٥ ١٬٠٠٠", "0123456789 0123456789 3.5 1,000"),
        ("ﺍﻟﺮﻳﺎﺽ ﻻ ﷲ", "الرياض لا الله"),
        ("ﷺ", "صلي الله عليه وسلم"),
        ("ﻣﺤﻤﹼﺪ", "محمد"),
        ("كل­مة\u200c و\u200fأخرى\u00a0هنا", "كلمه واخري هنا"),
        ("m² … ½ ﬁ Ａ", "m² … ½ ﬁ Ａ"),
        ("عُمان عمّان", "عمان عمان"),
    ],
    ids=["marks", "letters", "hamza-kept", "digits", "presentation", "ligature", "mark-forms",
         "invisible", "no-other-nfkc", "lossy"],
)
def test_fold_key(text: str, key: str) -> None:
    assert fold_key(text) == key


@given(ARABIC)
def test_fold_key_twice_is_once(text: str) -> None:
    assert fold_key(fold_key(text)) == fold_key(text)


@given(ARABIC)
def test_each_key_character_comes_from_its_source(text: str) -> None:
    folded = fold(text)
    assert folded.key == fold_key(text)
    assert len(folded.offsets) == len(folded.key)
    assert all(
        character in fold_key(text[offset])
        for character, offset in zip(folded.key, folded.offsets, strict=True)
    )
    assert list(folded.offsets) == sorted(folded.offsets)


@given(ARABIC, st.integers(0, 40), st.integers(0, 40))
def test_span_holds_what_the_key_says(text: str, first: int, second: int) -> None:
    folded = fold(text)
    start, end = sorted(min(number, len(folded.key)) for number in (first, second))
    left, right = folded.span(start, end)
    assert folded.key[start:end] in fold_key(text[left:right])
    is_whole = right == len(text) or not unicodedata.combining(text[right])
    assert is_whole or left == right or right - left > 30  # marks over one letter


@pytest.mark.parametrize(
    ("text", "sought", "surface"),
    [
        ("قُتِلَ الرجلُ.", "قتل", "قُتِلَ"),
        ("في عَمّانَ\u200f اليوم", "عمان", "عَمّانَ"),
        ("إلى ﻻهاي", "لاهاي", "ﻻهاي"),
        ("نصّ 😀 ثم بـغـداد", "بغداد", "بـغـداد"),
    ],
    ids=["last-vowel", "not-direction-marks", "ligature", "after-emoji"],
)
def test_span_gives_the_surface(text: str, sought: str, surface: str) -> None:
    folded = fold(text)
    start = folded.key.index(sought)
    left, right = folded.span(start, start + len(sought))
    assert text[left:right] == surface


def test_empty_span_is_empty() -> None:
    assert fold("مَن").span(1, 1) == (2, 2)
    assert fold("مَن").span(2, 2) == (3, 3)
