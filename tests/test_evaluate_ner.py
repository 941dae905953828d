import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.conll import LabelledSentence, read_conll
from pipeline.entity_scores import find_entities
from pipeline.evaluate import KINDS, Evaluation, EvaluationError
from pipeline.evaluate_ner import (
    INVENTED,
    MISSED,
    OTHER_EDGES,
    OTHER_KIND,
    as_printed,
    evaluate_tagger,
    tags_of_words,
)
from schemas.labels import ENTITY_LABELS
from tests.tiny_model import write_tiny_model
from tests.toy_tagger import POISON_MODEL, make_toy_tagger
from transforms.label_map import TAGS
from transforms.sentences import sentence_spans
from transforms.tagger import Name

OUR_SENTENCES = Path(__file__).parent / "data" / "ner_wire.conll"


def _sentence(text: str) -> LabelledSentence:
    """Return a labelled sentence from `word/TAG` pairs; a word alone is outside."""
    rows = [(word, tag or "O") for word, _, tag in (one.partition("/") for one in text.split())]
    words, tags = zip(*rows, strict=True)
    return LabelledSentence(words, tags)


def _evaluate(*texts: str) -> Evaluation:
    return evaluate_tagger(make_toy_tagger(), [_sentence(text) for text in texts])


def test_names_rightly_found_score_one() -> None:
    found = _evaluate(
        "زار محمد/B-PER علي/I-PER القاهرة/B-LOC .", "قالت الأمم/B-ORG المتحدة/I-ORG",
    )
    assert (found.kind, found.measure, found.score) == ("ner", "entity F1", 1.0)
    assert found.details["micro"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 3}
    assert found.details["classes"]["PER"]["support"] == 1
    assert (found.details["sentences"], found.details["words"]) == (2, 8)
    assert found.details["truncated_words"] == 0
    assert found.details["model"] == "toy@0"
    assert found.mistakes == []


def test_every_sort_of_mistake_is_told_with_its_words() -> None:
    found = _evaluate(
        "زار محمد/B-PER دمشق/B-LOC", "في مصر/B-ORG", "قال محمد/B-PER حسن/I-PER", "القاهرة",
    )
    assert found.details["micro"] == {"precision": 0.25, "recall": 0.25, "f1": 0.25, "support": 4}
    assert [one[:3] for one in found.mistakes] == [
        (MISSED, "LOC", "زار محمد [دمشق]"),
        (OTHER_KIND, "ORG, not LOC", "في [مصر]"),
        (OTHER_EDGES, "PER", "قال [محمد حسن]"),
        (INVENTED, "LOC", ""),
    ]
    assert [one.other for one in found.mistakes] == ["", "", "قال [محمد] حسن", "[القاهرة]"]


def test_words_of_several_pieces_are_judged_whole() -> None:
    found = _evaluate("(القاهرة)/B-LOC و-محمد/B-PER")
    assert found.score == 1.0


def test_a_sentence_is_written_out_as_in_print() -> None:
    text, starts = as_printed(("قال", "«", "أ", ".", "م", ".", "الهاشمي", "»", "في", "مصر", "."))
    assert text == "قال « أ. م. الهاشمي» في مصر."
    assert [text[start] for start in starts] == list("ق«أ.م.ا»فم.")
    assert len(sentence_spans(text)) == 1


def test_a_sentence_that_the_model_fails_on_costs_recall_and_is_counted() -> None:
    found = _evaluate(f"محمد/B-PER {POISON_MODEL}", "محمد/B-PER", "مصر/B-LOC", "القاهرة/B-LOC")
    assert found.details["failed_sentences"] == 1
    assert found.details["micro"]["recall"] == 0.75


def test_a_long_sentence_loses_no_word() -> None:
    text = " ".join(["قال", "محمد/B-PER", "أمس"] * 2_000)
    found = _evaluate(text)
    assert found.score == 1.0
    assert (found.details["words"], found.details["truncated_words"]) == (6_000, 0)


@st.composite
def _labelled_words(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    words = draw(st.lists(st.text("محمدعلي.،»«-😀\u064b\u200f12", min_size=1), min_size=1))
    tags = st.lists(st.sampled_from(TAGS), min_size=len(words), max_size=len(words))
    return words, draw(tags)


@given(_labelled_words())
def test_names_are_laid_back_onto_their_words(labelled: tuple[list[str], list[str]]) -> None:
    words, tags = labelled
    text, starts = as_printed(words)
    assert [text[start : start + len(word)]
            for start, word in zip(starts, words, strict=True)] == words
    entities = find_entities(tags)
    names = [
        Name(starts[first], starts[last - 1] + len(words[last - 1]), 0, label, 1.0)
        for first, last, label in entities
    ]
    assert find_entities(tags_of_words(names, starts)) == entities


@pytest.mark.parametrize(("names", "tags"), [
    ([(1, 3, "PER")], "B-PER O O"),
    ([(3, 9, "PER")], "B-PER I-PER I-PER"),
    ([(0, 2, "PER"), (2, 4, "LOC")], "B-PER O O"),
    ([(0, 2, "PER"), (3, 7, "PER")], "B-PER B-PER O"),
    ([(5, 7, "LOC"), (7, 9, "LOC")], "O B-LOC B-LOC"),
], ids=["inside", "across", "two in one word", "the second goes on", "neighbours"])
def test_names_that_cut_words(names: list[tuple[int, int, str]], tags: str) -> None:
    found = [Name(start, end, 0, label, 1.0) for start, end, label in names]
    assert tags_of_words(found, [0, 5, 8]) == tags.split()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "labelled.conll"
    path.write_text("زار O\nمحمد B-PER\nالقاهرة B-LOC\n", encoding="utf-8")
    return path


def test_the_command_with_a_model_of_ones_own(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(write_tiny_model(tmp_path / "model"))
    assert main(["evaluate", "ner", str(file), "--model", model, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["kind"], answer["measure"]) == ("ner", "entity F1")
    assert answer["details"]["model"].startswith(f"{model}@")
    assert answer["score"] == answer["details"]["micro"]["f1"]
    assert main(["evaluate", "ner", str(file), "--model", model, "--min", "1"]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("ner: entity F1")
    assert "below 1" in printed.err


@pytest.mark.parametrize(("kind", "model", "status", "message"), [
    ("ner", "no/such/folder", 1, "no model folder"), ("dedup", "x", 2, "dedup uses none"),
], ids=["no model", "no use for it"])
def test_the_command_with_a_wrong_model(
    kind: str, model: str, status: int, message: str, file: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["evaluate", kind, str(file), "--model", model]) == status
    assert message in capsys.readouterr().err


def test_a_file_without_words(tmp_path: Path) -> None:
    path = tmp_path / "empty.conll"
    path.write_text("# nothing\n\n", encoding="utf-8")
    with pytest.raises(EvaluationError, match="no words"):
        KINDS["ner"](path)


def test_our_labelled_sentences_are_well_formed() -> None:
    sentences = list(read_conll(OUR_SENTENCES))
    assert len(sentences) >= 60
    for words, tags in sentences:
        assert not [
            (word, tag) for word, before, tag in zip(words, ("O", *tags), tags, strict=False)
            if tag.startswith("I-") and before[2:] != tag[2:]
        ]
    kinds = Counter(one.label for _, tags in sentences for one in find_entities(tags))
    assert set(kinds) == set(ENTITY_LABELS)
    assert min(kinds.values()) >= 30


def test_our_labelled_sentences_call_one_thing_by_one_kind() -> None:
    kinds = defaultdict(set)
    for words, tags in read_conll(OUR_SENTENCES):
        for first, last, label in find_entities(tags):
            kinds[" ".join(words[first:last])].add(label)
    assert {name: labels for name, labels in kinds.items() if len(labels) > 1} == {}
