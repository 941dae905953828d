import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.sentences import sentence_spans

GOLD = json.loads((Path(__file__).parent / "data" / "sentences.json").read_text())["gold"]


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize("sentences", GOLD, ids=range(len(GOLD)))
def test_gold_sentences(sentences: list[str]) -> None:
    assert _sentences(" ".join(sentences)) == sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["قال السفير ود. علي حسن إن الأمر له.", "وأضاف آخر."],
        ["فتح الباب لا بد.", "ثم قُتِلَ.", "وعاد."],
        ["عام 2024 م.", "وأكد ذلك."],
        ["قال «نعم.", "لا تراجع بلا قوس."],
        ["وقال \"نعم. لا\" ثم «أ. ب. ج»؛ وانتهى.", "بدأ."],
        ["انتهى البيان.\u200f", "وبدأ آخر."],
        ["کیا ہوا۔", "پھر گیا۔"],
        ["Mr J. Smith said so.", "He left!"],
        ["(1. أول.", "2. ثان."],
    ],
    ids=["titles", "not-initials", "era", "unclosed-quote", "quoted", "direction-mark", "urdu",
         "latin", "list"],
)
def test_sentences(sentences: list[str]) -> None:
    assert _sentences(" ".join(sentences)) == sentences


def test_line_end_always_breaks() -> None:
    text = "عنوان بلا نقطة\n\n  «نص مفتوح\nبقية» "
    assert _sentences(text) == ["عنوان بلا نقطة", "«نص مفتوح", "بقية»"]


@given(st.text(st.sampled_from("اب د.م!؟…\n \t\u00a0«»\"1٢،\u200f/"), max_size=60))
def test_spans_cover_all_but_white_space_and_never_overlap(text: str) -> None:
    spans = sentence_spans(text)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(start < end for start, end in spans)
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())


@pytest.mark.parametrize(
    "unit",
    ["\" . ", "«. ", "أ. ", "\"ا\" . "],
    ids=["quote", "open-quote", "initial", "pair"],
)
def test_long_lines_take_linear_time(unit: str) -> None:
    started = time.process_time()
    sentence_spans(unit * 100_000)
    assert time.process_time() - started < 3
