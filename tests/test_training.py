"""Corpus readers, tokenizer and teacher of the training recipe, on samples written here."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from training.augment import WINDOW, join_windows, replace_people
from training.corpora import (
    Sentence,
    attach_clitics,
    hold_out,
    read_conll,
    read_names,
    read_wikifane,
    repair_tags,
    split_marks,
    split_punctuation,
    split_sentences,
)
from training.encoding import Encoded
from training.tokenizer import train_tokenizer

LRM = "\u200e"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_read_conll_renames_pers_and_splits_at_blank_lines(tmp_path):
    path = write(tmp_path / "a.txt", "زارت O\nسلمى B-PERS\nالنجار I-PERS\n\nتونس B-LOC\n")
    assert read_conll(path) == [
        Sentence(["زارت", "سلمى", "النجار"], ["O", "B-PER", "I-PER"]),
        Sentence(["تونس"], ["B-LOC"]),
    ]


@pytest.mark.parametrize(
    "line", ["O", " O", "كلمة", "ثلاث كلمات O"], ids=["tag", "space-tag", "word", "three-columns"]
)
def test_read_conll_skips_a_line_without_two_columns(tmp_path, line):
    path = write(tmp_path / "a.txt", f"وصل O\n{line}\nسامي B-PER\n")
    assert read_conll(path) == [Sentence(["وصل", "سامي"], ["O", "B-PER"])]


def test_read_conll_takes_windows_line_ends_and_byte_order_mark(tmp_path):
    path = write(tmp_path / "a.txt", "\ufeffفي O\r\nصفاقس B-LOC\r\n \r\nثم O\r\n")
    assert [sentence.words for sentence in read_conll(path)] == [["في", "صفاقس"], ["ثم"]]


def test_read_wikifane_strips_marks_and_maps_fine_classes(tmp_path):
    lines = [
        f"\ufeff{LRM}زار\tO",
        f"{LRM}كريم\tB-Athlete",
        f"{LRM}ل\tO",
        f"{LRM}العراق\tB-Nation",
        f"{LRM}العرب\tB-Group",
        "",
        f"{LRM}\t",
        f"{LRM}شركة\tB-Commercial",
        f"{LRM}النور\tI-Commercial",
    ]
    path = write(tmp_path / "fane.txt", "\r\n".join(lines) + "\r\n")
    assert read_wikifane(path) == [
        Sentence(["زار", "كريم", "للعراق", "العرب"], ["O", "B-PER", "B-LOC", "O"]),
        Sentence(["شركة", "النور"], ["B-ORG", "I-ORG"]),
    ]


@pytest.mark.parametrize(
    ("words", "tags", "joined", "kept"),
    [
        ("و مصر", "O B-LOC", "ومصر", "B-LOC"),
        ("و ب مصر", "O O B-LOC", "وبمصر", "B-LOC"),
        ("ل الاتحاد", "O B-ORG", "للاتحاد", "B-ORG"),
        ("عاصمة ها", "O O", "عاصمتها", "O"),
        ("مستوى ه", "O O", "مستواه", "O"),
        ("الى هم", "O O", "اليهم", "O"),
        ("و هم", "O O", "وهم", "O"),
        ("وزارة العدل و الداخلية", "B-ORG I-ORG I-ORG I-ORG", "وزارة العدل والداخلية",
         "B-ORG I-ORG I-ORG"),
        ("ف ارس", "B-PER I-PER", "فارس", "B-PER"),
        ("ال سورية", "O B-LOC", "السورية", "B-LOC"),
        ("ال سعود", "B-PER I-PER", "ال سعود", "B-PER I-PER"),
        (". هم", "O O", ". هم", "O O"),
        ("قال و", "O O", "قال و", "O O"),
    ],
    ids=["wa", "wa-bi", "li-al", "ta-marbuta", "maqsura", "ila", "wa-hum", "inside-name",
         "name-begins", "article", "family-al", "after-mark", "at-end"],
)  # fmt: skip
def test_attach_clitics(words, tags, joined, kept):
    sentence = attach_clitics(Sentence(words.split(), tags.split()))
    assert sentence == Sentence(joined.split(), kept.split())


@pytest.mark.parametrize(
    ("tags", "repaired"),
    [
        ("I-PERS I-PERS", "B-PER I-PER"),
        ("B-LOC I-ORG", "B-LOC B-ORG"),
        ("O I-MISC O", "O B-MISC O"),
        ("B-LOC B-LOC", "B-LOC B-LOC"),
    ],
    ids=["start", "other-type", "after-o", "adjacent"],
)
def test_repair_tags(tags, repaired):
    assert repair_tags(tags.split()) == repaired.split()
    assert repair_tags(repaired.split()) == repaired.split()


@pytest.mark.parametrize(
    ("words", "tags", "pieces", "kept"),
    [
        ("(رنا", "B-PER", "( رنا", "O B-PER"),
        ("ن.ب.", "B-ORG", "ن . ب .", "B-ORG I-ORG I-ORG O"),
        ("ن. ب.", "B-PER I-PER", "ن . ب .", "B-PER I-PER I-PER O"),
        ("مُحَمَّد،", "B-PER", "مُحَمَّد ،", "B-PER O"),
        ("-", "O", "-", "O"),
    ],
    ids=["bracket", "initials", "spaced-initials", "diacritics", "mark"],
)
def test_split_punctuation(words, tags, pieces, kept):
    sentence = split_punctuation(Sentence(words.split(), tags.split()))
    assert sentence == Sentence(pieces.split(), kept.split())


def test_hold_out_takes_the_end():
    sentences = [Sentence([str(number)], ["O"]) for number in range(25)]
    kept, held_out = hold_out(sentences, 10)
    assert kept + held_out == sentences
    assert len(held_out) == 3
    assert hold_out([], 10) == ([], [])


def test_split_marks_splits_every_sentence():
    assert split_marks([Sentence(["(رنا"], ["B-PER"])] * 2) == [
        Sentence(["(", "رنا"], ["O", "B-PER"])
    ] * 2


def test_split_sentences_leaves_out_the_short_and_the_long():
    text = "نعم.\nوصل الوفد إلى عمّان. ثم عاد مساء؟\n" + "كلمة " * 61
    assert list(split_sentences(text)) == [
        ["وصل", "الوفد", "إلى", "عمّان", "."],
        ["ثم", "عاد", "مساء", "؟"],
    ]


def test_read_names_joins_letters(tmp_path):
    write(tmp_path / "names.tsv", "rana\tر ن ا\t1\nx\tا\t2\n")
    assert read_names(tmp_path) == {"رنا"}


def test_tokenizer_offsets_point_into_the_original(tmp_path):
    path = tmp_path / "tokenizer.json"
    train_tokenizer(["قال محمد ان لا احد في الامم يك 2024 ( د . ا ) ،"] * 3, path)
    text = "قال\u200f مُحَمَّـــد إنّ ﻻ أَحَدٌ یک ٢٠٢٤ (د.أ)،"
    encoding = Tokenizer.from_file(str(path)).encode(text, add_special_tokens=False)
    spans = [text[start:end] for start, end in encoding.offsets]
    assert " ".join(encoding.tokens) == "قال محمد ان لا احد يك 2024 ( د . ا ) ،"
    assert " ".join(spans) == "قال مُحَمَّـــد إن ﻻ أَحَد یک ٢٠٢٤ ( د . أ ) ،"


def test_teacher_learns_a_name_from_its_stem(tmp_path):
    pytest.importorskip("pycrfsuite", reason="python-crfsuite is in the dependency group train")
    from training.teacher import Describer, Knowledge, Teacher, build_lexicon, train_teacher

    lexicon = build_lexicon([Sentence(["تونس", "مدينة"], ["B-LOC", "O"])])
    assert lexicon == {"تونس": "B-LOC"}
    describer = Describer(Knowledge({}, frozenset(), lexicon))
    samples = [Sentence(["سافر", "إلى", "تونس"], ["O", "O", "B-LOC"])] * 20
    train_teacher(samples, describer, tmp_path / "teacher.crf")
    teacher = Teacher(tmp_path / "teacher.crf", describer)
    words = ["سافر", "إلى", "وبتونس"]
    assert teacher.tag(words) == ["O", "O", "B-LOC"]
    assert teacher.marginals(words).sum(axis=1) == pytest.approx([1, 1, 1])


def encode_plainly(length: int, word: int) -> Encoded:
    """Return a sentence of `length` equal words between the opening and the closing mark."""
    ids = np.array([2, *[word] * length, 3], dtype=np.uint16)
    targets = np.zeros((length + 2, 9), dtype=np.uint8)
    targets[1:-1, word % 9] = 200
    return Encoded(ids, targets)


@given(
    lengths=st.lists(st.integers(1, 250), max_size=30),
    seed=st.integers(0, 1000),
)
def test_join_windows_keeps_every_word_in_order(lengths, seed):
    sentences = [encode_plainly(length, 10 + number) for number, length in enumerate(lengths)]
    examples = join_windows(sentences, np.random.default_rng(seed))
    expected = [10 + number for number, length in enumerate(lengths) for _ in range(length)]
    assert [word for example in examples for word in example.ids[1:-1].tolist()] == expected
    for example in examples:
        assert (example.ids[0], example.ids[-1], len(example.targets)) == (2, 3, len(example.ids))
        assert example.targets[1:-1].argmax(1).tolist() == (example.ids[1:-1] % 9).tolist()
        joined = len(set(example.ids[1:-1].tolist())) > 1
        assert not joined or len(example.ids) <= WINDOW


def test_join_windows_joins_some_sentences_and_leaves_others():
    sentences = [encode_plainly(20, 10)] * 200
    lengths = {len(example.ids) for example in join_windows(sentences, np.random.default_rng(1))}
    assert min(lengths) == 22
    assert max(lengths) > 100


def test_replace_people_changes_long_words_of_people_only():
    sentence = Sentence(
        ["زار", "سلمى", "بن", "يوسف", "جامعة", "الزيتونة", "في", "تونس", "د.س"],
        ["O", "B-PER", "I-PER", "I-PER", "B-ORG", "I-ORG", "O", "B-LOC", "B-PER"],
    )
    (replaced,) = replace_people([sentence], ["ياسين"], np.random.default_rng(1))
    assert replaced.words == [
        "زار", "ياسين", "بن", "ياسين", "جامعة", "الزيتونة", "في", "تونس", "د.س"
    ]  # fmt: skip
    assert replaced.tags == sentence.tags
