"""The training of the compact BERT: repeatable, and whole again after an interruption."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from training import student
from training.corpora import Sentence
from training.encoding import Encoded, encode_sentences
from training.tokenizer import train_tokenizer

RECIPE = student.Recipe(rate=1e-3)
LABELLED = [
    Sentence(["زار", "سامي", place, *["اليوم"] * count], ["O", "B-PER", "B-LOC", *["O"] * count])
    for count in range(12)
    for place in ("صفاقس", "بنزرت", "طنجة")
]

Weights = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    train_tokenizer([" ".join(sentence.words) for sentence in LABELLED], path)
    return Tokenizer.from_file(str(path))


@pytest.fixture(scope="module")
def encoded(tokenizer: Tokenizer) -> list[Encoded]:
    return encode_sentences(tokenizer, LABELLED)


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr(student, "BATCH_TOKENS", 64)
    monkeypatch.setattr(student, "SAVED_EVERY", 2)


def train(
    tokenizer: Tokenizer, encoded: list[Encoded], part: Path, seed: int = 3, scale: float = 0.75
) -> Weights:
    model = student.build_model(tokenizer, None, seed=seed)
    student.train(model, encoded, RECIPE, seed=seed, scale=scale, part=part)
    return model.state_dict()


def are_equal(first: Weights, second: Weights) -> bool:
    return all(torch.equal(first[name], second[name]) for name in first | second)


def test_training_goes_on_where_it_was_killed(
    tokenizer: Tokenizer, encoded: list[Encoded], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(tokenizer, encoded, tmp_path / "whole.part")
    shown: list[np.ndarray] = []
    collate = student.collate

    def break_off(examples: list[Encoded], batch: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        shown.append(batch)
        if len(shown) == 4:
            raise KeyboardInterrupt
        return collate(examples, batch)

    monkeypatch.setattr(student, "collate", break_off)
    with pytest.raises(KeyboardInterrupt):
        train(tokenizer, encoded, tmp_path / "broken.part")
    resumed = train(tokenizer, encoded, tmp_path / "broken.part")
    assert are_equal(resumed, whole)
    assert [batch.tolist() for batch in shown[4:6]] == [batch.tolist() for batch in shown[2:4]]


def test_training_depends_on_the_seed_alone(
    tokenizer: Tokenizer, encoded: list[Encoded], tmp_path: Path
) -> None:
    first, again, other = (
        train(tokenizer, encoded, tmp_path / f"{number}.part", seed=seed, scale=0.3)
        for number, seed in enumerate((3, 3, 4))
    )
    assert are_equal(first, again)
    assert not are_equal(first, other)


def test_training_takes_up_nothing_of_another_run(
    tokenizer: Tokenizer, encoded: list[Encoded], tmp_path: Path
) -> None:
    train(tokenizer, encoded, tmp_path / "a.part")
    with pytest.raises(ValueError, match="another seed or scale"):
        train(tokenizer, encoded, tmp_path / "a.part", seed=4)
