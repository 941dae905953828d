import json
import os
import pkgutil
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from schemas.labels import ENTITY_LABELS
from tests.tiny_model import WORDS, write_tiny_model
from transforms.label_map import LABELS_FILE, LabelError
from transforms.model_files import EMBEDDED_MODEL, ModelError, find_model, model_id
from transforms.model_loader import load_network, load_tagger
from transforms.tagger import Tagger

UGLY = {
    "empty": "",
    "lone_word": "القاهرة",
    "diacritics": "قَالَ مُحَمَّدٌ في القَاهِرَةِ",
    "tatweel": "مـحـمـد في مـصـر",
    "zwnj": "می\u200cرود تهران",
    "ligatures": "ﷲ أكبر ﷺ ﻻ",
    "presentation_forms": "ﻣﺼﺮ ﺍﻟﻘﺎﻫﺮﺓ",
    "emoji": "مصر 🇪🇬❤️ فازت",
    "mixed_scripts": "شركة OpenAI في México Ελλάδα 北京",
    "direction_marks": "\u202bمصر\u202c (\u200eCairo\u200f)",
    "one_long_word": "ط" * 3_000,
    "no_sentence_ends": "قال محمد علي في مصر " * 2_000,
}


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def tagger(tiny_folder: Path) -> Tagger:
    return load_tagger(str(tiny_folder))


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "model"))


@pytest.mark.parametrize("text", UGLY.values(), ids=UGLY.keys())
def test_tiny_bert_keeps_offsets_in_ugly_text(text: str, tagger: Tagger) -> None:
    (tagging,) = tagger.tag([text])
    assert (tagging.failed, tagging.truncated_words) == (False, 0)
    ends = [0] + [name.end for name in tagging.names]
    for name, before in zip(tagging.names, ends, strict=False):
        assert before <= name.start < name.end <= len(text)
        assert text[name.start : name.end].strip() == text[name.start : name.end]
        assert name.label in ENTITY_LABELS
        assert 0 <= name.score <= 1


def test_tiny_bert_finds_names_to_compare(tagger: Tagger) -> None:
    (tagging,) = tagger.tag([UGLY["no_sentence_ends"]])
    assert len({(name.label, name.score) for name in tagging.names}) > 100


def test_tags_and_scores_do_not_depend_on_the_batch(tagger: Tagger) -> None:
    source = random.Random(5)
    texts = [
        " ".join(source.choices([*WORDS, ".", "\n"], k=source.randrange(1, 120)))
        for _ in range(60)
    ]
    alone = [tagger.tag([text])[0] for text in texts]
    order = source.sample(range(60), 60)
    shuffled = tagger.tag([texts[index] for index in order])
    assert sum(len(tagging.names) for tagging in alone) > 200
    assert shuffled == [alone[index] for index in order]
    assert [*tagger.tag(texts[:7]), *tagger.tag(texts[7:])] == alone


def test_half_precision_weights_run_in_single_precision(tiny_folder: Path) -> None:
    import torch

    network = load_network(tiny_folder)
    stored = json.loads((tiny_folder / "config.json").read_text())["dtype"]
    expected = torch.float32 if network.device.type == "cpu" else torch.float16
    assert (stored, network.model.dtype) == ("float16", expected)


def test_load_tagger_sets_the_threads(tiny_folder: Path) -> None:
    import torch

    load_tagger(str(tiny_folder), threads=2)
    assert torch.get_num_threads() == 2
    load_tagger(str(tiny_folder))
    assert torch.get_num_threads() == 1


def test_model_id_follows_the_weights(folder: Path, tagger: Tagger) -> None:
    before = model_id(str(folder))
    assert before.rpartition("@")[2] == tagger.model_id.rpartition("@")[2]
    with (folder / "model.safetensors").open("ab") as weights:
        weights.write(b"\0")
    assert model_id(str(folder)) != before
    assert before.startswith(f"{folder}@")


def test_load_tagger_refuses_pickled_weights(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"no safetensors weights in .*save_pretrained"):
        load_tagger(str(folder))


def test_load_tagger_refuses_broken_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\xff" * 100)
    with pytest.raises(ModelError, match="cannot load the model"):
        load_tagger(str(folder))


def test_load_tagger_refuses_an_untrained_classifier(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    headless = {name: value for name, value in weights.items() if "classifier" not in name}
    save_file(headless, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="no trained token classification model"):
        load_tagger(str(folder))


def test_load_tagger_refuses_a_slow_tokenizer(folder: Path) -> None:
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "CanineTokenizer"}')
    with pytest.raises(ModelError, match=r"slow tokenizer \(CanineTokenizer\)"):
        load_tagger(str(folder))


def test_load_tagger_refuses_a_network_that_fails_on_plain_text(folder: Path) -> None:
    with (folder / "vocab.txt").open("w", encoding="utf-8") as vocabulary:
        vocabulary.write("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))
        vocabulary.writelines(f"\nunused{number}" for number in range(500))
        vocabulary.write("\nمحمد")
    with pytest.raises(ModelError, match="fails on a plain sentence"):
        load_tagger(str(folder))


def test_load_tagger_refuses_labels_that_name_nothing(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {str(number): f"LABEL_{number}" for number in range(9)}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(LabelError, match=LABELS_FILE):
        load_tagger(str(folder))


@pytest.mark.parametrize("model", ["/no/such/folder", "a/b/c", "bad id", "..\\x", "~/nothing"])
def test_find_model_refuses_what_is_no_model(model: str) -> None:
    with pytest.raises(ModelError, match="name a folder or a Hugging Face Hub id"):
        find_model(model)


def test_find_model_refuses_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no config\.json"):
        find_model(str(tmp_path))


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        env={**os.environ, **environment},
    )


def test_find_model_names_the_remedy_without_a_network(tmp_path: Path) -> None:
    code = (
        "from transforms.model_files import ModelError, find_model\n"
        "try: find_model('someone/arabic-ner')\n"
        "except ModelError as error: print(error)\n"
    )
    result = run_python(code, HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path))
    assert "cannot fetch model 'someone/arabic-ner'" in result.stdout, result.stderr
    assert "download it elsewhere and name its folder" in result.stdout


def test_a_cached_hub_model_is_used_offline(tiny_folder: Path, tmp_path: Path) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = tmp_path / "hub" / "models--someone--arabic-ner"
    shutil.copytree(tiny_folder, repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    code = (
        "from transforms.model_loader import load_tagger\n"
        "print(load_tagger('someone/arabic-ner').model_id)\n"
    )
    result = run_python(code, HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path))
    digest = model_id(str(tiny_folder)).rpartition("@")[2]
    assert result.stdout.strip() == f"someone/arabic-ner@{digest}", result.stderr


def test_importing_the_packages_loads_no_model_library() -> None:
    import pipeline
    import transforms

    names = [
        module.name
        for package in (pipeline, transforms)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not module.name.endswith(("__main__", ".model_handler"))
    ]
    assert "transforms.model_loader" in names
    code = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "print({'torch', 'transformers', 'tokenizers', 'huggingface_hub'} & set(sys.modules))\n"
    )
    result = run_python(code)
    assert result.stdout.strip() == "set()", result.stderr


with_embedded_model = pytest.mark.skipif(
    not (EMBEDDED_MODEL / "model.safetensors").is_file(), reason="the embedded model is not there"
)


@pytest.fixture(scope="module")
def embedded() -> Tagger:
    return load_tagger("")


@with_embedded_model
def test_the_embedded_model_tags_a_wire_text(embedded: Tagger) -> None:
    text = (
        "القاهرة (أ ف ب) - زار وزير الخارجية المصري بدر عبد العاطي بغداد أمس.\n"
        "وقال عبد العاطي إن الأمم المتحدة تدعم الحوار بين لبنان وسوريا."
    )
    (tagging,) = embedded.tag([text])
    found = {(name.label, text[name.start : name.end]) for name in tagging.names}
    assert {("LOC", "بغداد"), ("ORG", "الأمم المتحدة")} <= found
    assert embedded.model_id == model_id("")
    assert embedded.model_id.startswith("naba-ner@")


@with_embedded_model
def test_the_embedded_model_keeps_offsets_over_ten_thousand_ugly_words(embedded: Tagger) -> None:
    line = "👩‍👩‍👧 قَالَ ﷺ في 🇪🇬 إنّ ﻻ أحد زار بَغْدَادَ أو مـــصـــر، (é) ✌🏽 "
    text = line * 700
    (tagging,) = embedded.tag([text])
    assert (tagging.failed, tagging.truncated_words) == (False, 0)
    surfaces = Counter(text[name.start : name.end] for name in tagging.names)
    assert surfaces["بَغْدَادَ"] > 600
    assert surfaces["مـــصـــر"] > 600


@with_embedded_model
def test_the_embedded_model_tags_a_story_alike_in_any_batch(embedded: Tagger) -> None:
    labelled = Path(__file__).parent / "data" / "ner_wire.conll"
    rows = labelled.read_text(encoding="utf-8").splitlines()
    words = [row.split("\t")[0] for row in rows if "\t" in row]
    source = random.Random(2)
    texts = [
        " ".join(words[start : start + source.randrange(1, 300)])
        for start in source.choices(range(len(words)), k=50)
    ]
    alone = [embedded.tag([text])[0] for text in texts]
    assert sum(len(tagging.names) for tagging in alone) > 300
    for size in (3, 17, 50):
        together = [
            tagging
            for start in range(0, 50, size)
            for tagging in embedded.tag(texts[start : start + size])
        ]
        assert together == alone
