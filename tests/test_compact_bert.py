"""The embedded network: equal to the library's in floats, and in integers alike in any batch."""

import json
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.tiny_model import WORDS, write_tiny_model
from transforms.linear import RANGES_FILE, has_integers
from transforms.model_files import find_model
from transforms.model_loader import Model, build_tagger, load_compact, load_library_model
from transforms.tagger import Tagger

LAYERS = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model as the training exports one."""
    folder = write_tiny_model(tmp_path_factory.mktemp("tiny"))
    load_library_model(folder).tokenizer.save(str(folder / "tokenizer.json"))
    inputs = (
        "attention.self.query", "attention.output.dense", "intermediate.dense", "output.dense",
    )  # fmt: skip
    ranges = {
        f"bert.encoder.layer.{layer}.{name}": [-8.0, 8.0]
        for layer in range(LAYERS)
        for name in inputs
    }
    (folder / RANGES_FILE).write_text(json.dumps(ranges))
    return folder


def make_ids(rows: int, length: int, *, shown: int) -> tuple[np.ndarray, np.ndarray]:
    ids = np.random.default_rng(3).integers(5, 60, (rows, length))
    mask = np.zeros_like(ids)
    mask[:, :shown] = 1
    return ids * mask, mask


def make_tagger(folder: Path, model: Model) -> Tagger:
    return build_tagger(find_model(str(folder)), model)


def make_texts(count: int) -> list[str]:
    source = random.Random(9)
    return [
        " ".join(source.choices([*WORDS, ".", "\n"], k=source.randrange(1, 150)))
        for _ in range(count)
    ]


@pytest.mark.parametrize("shown", [16, 11], ids=["full", "padded"])
def test_floats_give_what_the_library_gives(folder: Path, shown: int) -> None:
    ids, mask = make_ids(5, 16, shown=shown)
    expected = load_library_model(folder).predict(ids, mask)[:, :shown]
    found = load_compact(folder, integers=False).predict(ids, mask)[:, :shown]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_integers_stay_near_the_floats(folder: Path) -> None:
    if not has_integers():
        pytest.skip("this processor has no fast multiplication of bytes")
    ids, mask = make_ids(40, 24, shown=24)
    expected = load_compact(folder, integers=False).predict(ids, mask)
    found = load_compact(folder).predict(ids, mask)
    assert (found != expected).any()
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.97


@pytest.mark.parametrize("integers", [True, False], ids=["integers", "floats"])
def test_a_text_is_tagged_alike_in_any_batch(folder: Path, integers: bool) -> None:
    tagger = make_tagger(folder, load_compact(folder, integers=integers))
    texts = make_texts(60)
    alone = [tagger.tag([text])[0] for text in texts]
    order = random.Random(4).sample(range(60), 60)
    assert sum(len(tagging.names) for tagging in alone) > 200
    assert tagger.tag([texts[index] for index in order]) == [alone[index] for index in order]
    assert [*tagger.tag(texts[:7]), *tagger.tag(texts[7:])] == alone


def test_integers_give_the_very_same_numbers_in_any_batch(folder: Path) -> None:
    if not has_integers():
        pytest.skip("this processor has no fast multiplication of bytes")
    predict = load_compact(folder).predict
    ids, mask = make_ids(37, 24, shown=24)
    together = predict(ids, mask)
    for rows in (slice(0, 1), slice(1, 8), slice(8, 37)):
        np.testing.assert_array_equal(predict(ids[rows], mask[rows]), together[rows])


def test_threads_share_a_tagger(folder: Path) -> None:
    texts = make_texts(40)
    tagger = make_tagger(folder, load_compact(folder))
    expected = tagger.tag(texts)
    shared = make_tagger(folder, load_compact(folder))  # knows no word yet
    with ThreadPoolExecutor(4) as pool:
        assert [found for found, in pool.map(shared.tag, [[text] for text in texts])] == expected


def test_the_exported_model_needs_no_library(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    expected = make_tagger(folder, load_compact(folder)).tag(["قال محمد علي في مصر"])
    for name in ("vocab.txt", "tokenizer_config.json"):
        (copy / name).unlink()
    assert make_tagger(copy, load_compact(copy)).tag(["قال محمد علي في مصر"]) == expected
