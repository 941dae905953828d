import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.words import (
    find_words,
    group_by_sentence,
    has_arabic_letters,
    plan_windows,
)

CASES = {
    "plain": ("قال محمد", ["قال", "محمد"]),
    "empty": ("", []),
    "spaces": (" \n\t\u00a0 ", []),
    "lone_word": ("القاهرة", ["القاهرة"]),
    "diacritics": ("قَالَ مُحَمَّدٌ", ["قَالَ", "مُحَمَّدٌ"]),
    "superscript_alef": ("الرحمٰن", ["الرحمٰن"]),
    "quranic_marks": ("عَلَىٰۖ قل", ["عَلَىٰۖ", "قل"]),
    "decomposed_hamza": ("ا\u0654حمد", ["ا\u0654حمد"]),
    "tatweel": ("مـحـمـد", ["مـحـمـد"]),
    "zwnj_inside": ("می\u200cرود", ["می\u200cرود"]),
    "zwj_and_marks_inside": ("ع\u200d\u200eلي", ["ع\u200d\u200eلي"]),
    "direction_marks_outside": ("\u200fمصر\u200f، \u202bقطر\u202c", ["مصر", "،", "قطر"]),
    "byte_order_mark": ("\ufeffمصر", ["مصر"]),
    "zero_width_space_parts": ("مصر\u200bقطر", ["مصر", "قطر"]),
    "lone_mark": ("\u064b", ["\u064b"]),
    "controls": ("مصر\x07\x1b[ \x85", ["مصر", "["]),
    "punctuation": ("«مصر»، (قطر)!", ["«", "مصر", "»", "،", "(", "قطر", ")", "!"]),
    "agency": ("(د.ب.أ)", ["(", "د", ".", "ب", ".", "أ", ")"]),
    "emoji": ("مصر 🇪🇬 فازت ❤️", ["مصر", "🇪", "🇬", "فازت", "❤"]),
    "ligatures": ("ﷲ ﷺ ﻻ", ["ﷲ", "ﷺ", "ﻻ"]),
    "presentation_forms": ("ﻣﺼﺮ", ["ﻣﺼﺮ"]),
    "digits": ("عام ٢٠٢٤ و2025", ["عام", "٢٠٢٤", "و2025"]),
    "mixed_scripts": ("شركة OpenAI في México", ["شركة", "OpenAI", "في", "México"]),
    "latin_decomposed": ("Me\u0301xico", ["Me\u0301xico"]),
    "hashtag": ("#عاصي_الحلاني", ["#", "عاصي_الحلاني"]),
}


@pytest.mark.parametrize(("text", "words"), CASES.values(), ids=CASES.keys())
def test_find_words_cases(text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in find_words(text)] == words


@given(st.text())
def test_find_words_covers_every_letter_once(text: str) -> None:
    words = find_words(text)
    covered = [index for word in words for index in range(*word)]
    assert covered == sorted(set(covered))
    assert {index for index, letter in enumerate(text) if letter.isalnum()} <= set(covered)
    assert not any(text[start:end].split() == [] for start, end in words)


def test_find_words_is_linear_in_joiners() -> None:
    text = ("ا" + "\u200d" * 5) * 100_000 + "\u200f" * 100_000
    assert find_words(text) == [(0, 600_000 - 5)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("مصر", True), ("ﻣﺼﺮ", True), ("ک", True),
        ("Cairo 2024", False), ("٢٠٢٤ ،؟", False), ("", False),
    ],
    ids=["arabic", "presentation_form", "persian", "latin", "digits_and_marks", "empty"],
)
def test_has_arabic_letters(text: str, *, expected: bool) -> None:
    assert has_arabic_letters(text) is expected


def test_group_by_sentence_takes_the_sentence_a_word_starts_in() -> None:
    words = [(0, 3), (4, 9), (10, 12), (15, 16)]
    assert group_by_sentence(words, [(0, 9), (10, 12)]) == [0, 0, 1, 1]
    assert group_by_sentence(words, [(2, 9), (10, 12)]) == [0, 0, 1, 1]
    assert group_by_sentence(words, []) == [0, 0, 0, 0]


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_group_by_sentence_counts_the_sentences_begun(words: set[int], starts: set[int]) -> None:
    spans = [(start, start + 1) for start in sorted(words)]
    found = group_by_sentence(spans, [(start, start + 1) for start in sorted(starts)])
    assert found == [max(0, sum(start <= word for start in starts) - 1) for word in sorted(words)]


@st.composite
def texts_in_pieces(draw: st.DrawFn) -> tuple[list[int], list[int], int]:
    room = draw(st.integers(1, 24))
    sizes = draw(st.lists(st.integers(1, 60), max_size=12))
    sentences = [number for number, size in enumerate(sizes) for _ in range(size)]
    piece = st.integers(1, room)
    pieces = draw(st.lists(piece, min_size=len(sentences), max_size=len(sentences)))
    return pieces, sentences, room


@given(texts_in_pieces())
def test_plan_windows_judges_every_word_once_within_the_room(
    case: tuple[list[int], list[int], int],
) -> None:
    pieces, sentences, room = case
    windows = plan_windows(pieces, sentences, room=room)
    judged = [word for w in windows for word in range(w.core_first, w.core_last)]
    assert judged == list(range(len(pieces)))
    for window in windows:
        assert window.first <= window.core_first < window.core_last <= window.last
        assert sum(pieces[window.first : window.last]) <= room


def test_plan_windows_cuts_at_sentence_ends() -> None:
    windows = plan_windows([1] * 9, [0, 0, 0, 1, 1, 1, 2, 2, 2], room=7)
    assert [(w.first, w.last) for w in windows] == [(0, 6), (6, 9)]


def test_plan_windows_keeps_an_overlong_sentence_apart() -> None:
    windows = plan_windows([1] * 16, [0] * 2 + [1] * 12 + [2] * 2, room=8)
    assert [(w.first, w.last) for w in windows] == [(0, 2), (2, 10), (8, 14), (14, 16)]


def test_plan_windows_judges_a_word_where_it_has_more_context() -> None:
    first, second = plan_windows([1] * 30, [0] * 30, room=20)
    assert (second.first, first.last) == (15, 20)
    assert first.core_last == second.core_first == 18
