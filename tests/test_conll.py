import lzma
from pathlib import Path

import pytest

from pipeline.conll import LabelledSentence, read_conll
from pipeline.evaluate import EvaluationError

SENTENCE = LabelledSentence(("زار", "محمد", "علي", "القاهرة"), ("O", "B-PER", "I-PER", "B-LOC"))
ROWS = (("زار", "O"), ("محمد", "B-PERS"), ("علي", "I-PERS"), ("القاهرة", "B-LOC"))


def _read(path: Path, content: str) -> list[LabelledSentence]:
    path.write_bytes(content.encode())
    return list(read_conll(path))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "labelled.conll"


FORMS = {
    "tabs": "\n".join("\t".join(row) for row in ROWS),
    "spaces": "\n".join("  ".join(row) for row in ROWS) + "\n\n\n",
    "bom and crlf": "\ufeff" + "\r\n".join(" ".join(row) for row in ROWS) + "\r\n",
    "four columns": "-DOCSTART- -X- -X- O\n\n" + "\n".join(
        f"{word} NN B-NP {tag}" for word, tag in ROWS
    ),
    "remarks": "# خبر من القاهرة PER\n#\n" + "\n".join("\t".join(row) for row in ROWS) + "\n# end",
    "blanks around": "\n \t\n" + "\n".join(f" {word} {tag} " for word, tag in ROWS) + "\n\t\n",
    "names of kinds": "زار O\nمحمد B-person\nعلي I-Person\nالقاهرة B-GPE\n",
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
def test_forms_of_one_sentence(file: Path, content: str) -> None:
    assert _read(file, content) == [SENTENCE]


def test_sentences_end_at_empty_lines_and_remarks_do_not_end_them(file: Path) -> None:
    found = _read(file, "مصر B-LOC\n# remark\nقالت O\n\n\nسوريا B-LOC\n")
    assert [sentence.words for sentence in found] == [("مصر", "قالت"), ("سوريا",)]


@pytest.mark.parametrize("line", ["# O", "#\tO", "#\tB-LOC"], ids=["space", "tab", "named"])
def test_a_hash_with_a_tag_is_a_word(file: Path, line: str) -> None:
    assert [sentence.words for sentence in _read(file, f"{line}\nغزة B-LOC")] == [("#", "غزة")]


def test_a_hashtag_is_a_word(file: Path) -> None:
    assert _read(file, "#غزة B-LOC") == [LabelledSentence(("#غزة",), ("B-LOC",))]


def test_tabs_let_a_word_hold_a_space(file: Path) -> None:
    assert _read(file, "12 500\tO\nأ ف ب\tB-ORG")[0].words == ("12 500", "أ ف ب")


def test_kinds_that_are_no_names_here_are_outside(file: Path) -> None:
    assert _read(file, "أمس B-DATE\nالفرنسي B-NORP")[0].tags == ("O", "B-MISC")


def test_compressed_sentences(tmp_path: Path) -> None:
    path = tmp_path / "labelled.conll.xz"
    path.write_bytes(lzma.compress(FORMS["bom and crlf"].encode()))
    assert list(read_conll(path)) == [SENTENCE]


WRONG = {
    "no tag": ("زار O\nمحمد\n", "line 2: 'محمد' has no tag"),
    "no kind": ("زار VERB", "line 1: the last column should be a tag such as O"),
    "another kind": ("زار O\n\nأمس B-SPORT", "line 3: .*'B-SPORT'"),
    "json": ('{"id": "a", "title": "خبر"}', "line 1: the last column"),
}


@pytest.mark.parametrize(("content", "message"), WRONG.values(), ids=WRONG)
def test_wrong_lines_are_named(file: Path, content: str, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        _read(file, content)


def test_other_bytes(file: Path) -> None:
    file.write_bytes("محمد B-PER".encode("cp1256"))
    with pytest.raises(EvaluationError, match="not UTF-8"):
        list(read_conll(file))
