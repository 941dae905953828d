"""Names put in and institutions found by the training recipe, on samples written here."""

import json
from pathlib import Path

import numpy as np
import pytest

from training.calibrate import tag_biased
from training.consensus import label, mark_institutions
from training.corpora import LABELS, Sentence, read_wojood
from training.head_words import find_institutions
from training.noise import spell_carelessly
from training.ranges import write_ranges
from training.swap import add_datelines, make_dateline, make_pools, swap_names
from transforms.label_map import TAGS
from transforms.linear import RANGES_FILE, Range, read_ranges


def labelled(words: str, tags: str) -> Sentence:
    return Sentence(words.split(), tags.split())


LABELLED = [
    labelled("وصل سامي إلى صفاقس مع شركة النور", "O B-PER O B-LOC O B-ORG I-ORG"),
    labelled("فاز الهلال في طنجة أمس", "O B-ORG O B-LOC O"),
    labelled("زار بنزرت وفد لحزب العدل", "O B-LOC O B-ORG I-ORG"),
    labelled("أعلن مصرف الشمال والاتحاد", "O B-ORG I-ORG B-ORG"),
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("قالت وزارة الصحة إن", ["وزارة الصحة"]),
        ("بيان لوزارة الطاقة والمعادن التونسية أن", ["لوزارة الطاقة والمعادن"]),
        ("وزارة التعليم العالي والبحث العلمي", ["وزارة التعليم العالي والبحث العلمي"]),
        ("وزارة الداخلية اليوم الثلاثاء", ["وزارة الداخلية"]),
        ("قضت محكمة جنايات القاهرة بسجن", ["محكمة جنايات القاهرة"]),
        ("أمام المحكمة الجنائية الدولية في", ["المحكمة الجنائية الدولية"]),
        ("خبراء للهيئة العامة للسلع التموينية", ["للهيئة العامة للسلع التموينية"]),
        ("رئيس مجلس النواب والمحكمة العليا", ["مجلس النواب", "والمحكمة العليا"]),
        ("أصيب رجال الدفاع المدني", ["الدفاع المدني"]),
        ("اجتماع مجلس الإدارة في بنك", []),
        ("نفت الوزارة والهيئة ذلك", []),
        ("حركة المرور في المدينة", []),
        ("", []),
    ],
)
def test_find_institutions(text, found):
    words = text.split()
    spans = find_institutions(words)
    assert [" ".join(words[span.first : span.last]) for span in spans] == found


def plain(words: int) -> np.ndarray:
    """Return the probabilities of words that are surely no names."""
    return np.tile(np.eye(len(LABELS))[0], (words, 1))


def test_institutions_are_marked_up_to_a_person():
    words = ["محافظ", "البنك", "المركزي", "الشاذلي", "العياري"]
    probabilities = plain(5)
    probabilities[3, 0], probabilities[3, LABELS.index("B-PER")] = 0.2, 0.8
    marked = mark_institutions(words, probabilities)
    assert [LABELS[at] for at in marked.argmax(axis=1)] == ["O", "B-ORG", "I-ORG", "B-PER", "O"]
    np.testing.assert_allclose(marked.sum(axis=1), 1)
    np.testing.assert_array_equal(probabilities[1], plain(1)[0])


def test_label_weighs_the_readers():
    person = plain(1)
    person[0, 0], person[0, LABELS.index("B-PER")] = 0, 1
    readers = (lambda texts: [plain(1) for _ in texts], lambda texts: [person for _ in texts])
    ((words, mean),) = label([["سامي"]], readers, (0.25, 0.75))
    assert (words, mean[0, 0], mean[0, 1]) == (["سامي"], 0.25, 0.75)


def outside(sentence: Sentence) -> list[str]:
    """Return the words that are in no name."""
    return [word for word, tag in zip(*sentence, strict=True) if tag == "O"]


def test_swap_puts_names_of_the_same_sort():
    pools = make_pools(LABELLED)
    assert pools.names["LOC", False] == [("صفاقس",), ("طنجة",)]  # the ب of بنزرت may be a particle
    assert pools.names["ORG", True] == [("شركة", "النور"), ("مصرف", "الشمال")]
    swapped = swap_names(LABELLED * 40, pools, np.random.default_rng(1))
    assert {sentence.words[3] for sentence in swapped[::4]} == {"صفاقس", "طنجة"}
    assert {" ".join(s.words[1:-1]) for s in swapped[3::4]} == {"شركة النور", "مصرف الشمال"}
    for before, after in zip(LABELLED * 40, swapped, strict=True):
        assert (after.tags, len(after.words)) == (before.tags, len(before.words))
        assert outside(after) == outside(before)


def test_datelines_name_a_place_and_an_agency():
    pools = make_pools(LABELLED)
    random = np.random.default_rng(1)
    for _ in range(200):
        dateline = make_dateline(pools, random)
        kinds = {tag[2:] for tag in dateline.tags} - {""}
        assert kinds in ({"LOC"}, {"ORG"}, {"LOC", "ORG"})
        assert len(dateline.words) == len(dateline.tags)
        assert all(tag == "O" for w, tag in zip(*dateline, strict=True) if w in "()-/:،«»\"")
    copies = add_datelines(LABELLED * 100, pools, random)
    assert 10 < len(copies) < 50
    assert all(copy.words[-3:] in [one.words[-3:] for one in LABELLED] for copy in copies)


def test_read_wojood_takes_the_outermost_name(tmp_path: Path):
    path = tmp_path / "train.txt"
    path.write_text(
        "$#$ \nمجلس B-ORG\nالأمن I-ORG\nفي O\nرام B-GPE\nالله I-GPE\n$#$ \n"
        "المغاربة B-NORP\nوسامي B-OCC B-PERS\n", encoding="utf-8",
    )
    assert read_wojood(path) == [
        labelled("مجلس الأمن في رام الله", "B-ORG I-ORG O B-LOC I-LOC"),
        labelled("المغاربة وسامي", "O O"),
    ]


def test_holding_o_back_is_lowering_its_logit():
    assert TAGS == LABELS
    logits = np.random.default_rng(4).normal(size=(200, len(LABELS)))
    logits[:, 2::2] -= 9  # no inside tags, which need a beginning
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    logits[:, 0] -= 0.75
    assert tag_biased(probabilities, 0.75) == [LABELS[at] for at in logits.argmax(axis=1)]
    assert tag_biased(probabilities, 0.0) != tag_biased(probabilities, 0.75)


def test_ranges_are_read_as_they_were_written(tmp_path: Path):
    ranges = {"layer.0": Range(-1.5, 2.25), "layer.1": Range(-0.17, 4.0)}
    write_ranges(ranges, tmp_path)
    assert read_ranges(tmp_path) == ranges
    assert list(json.loads((tmp_path / RANGES_FILE).read_text())) == ["layer.0", "layer.1"]


@pytest.mark.parametrize(
    ("word", "spelt"),
    [
        ("القاهرة", "القاهره"), ("مسؤول", "مسوول"), ("عائلة", "عايله"), ("الجزائر", "الجزاير"),
        ("وزراء", "وزرا"), ("سامي", "سامي"), ("مئة", "ميه"), ("ءة", "ءة"),
    ],
)  # fmt: skip
def test_spell_carelessly_keeps_the_tags(word, spelt):
    sentence, careless = (labelled(f"{form} {form}", "B-LOC I-LOC") for form in (word, spelt))
    random = np.random.default_rng(1)
    assert spell_carelessly([sentence], 1.0, random) == [careless]
    assert spell_carelessly([sentence], 0.0, random) == [sentence]


def test_spell_carelessly_changes_a_share_of_the_words():
    sentences = [Sentence(["القاهرة"] * 1000, ["B-LOC"] * 1000)]
    (spelt,) = spell_carelessly(sentences, 0.3, np.random.default_rng(1))
    assert 200 < spelt.words.count("القاهره") < 400
