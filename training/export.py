"""Write the model folder the pipeline loads: half-precision weights, configuration, tokenizer."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import AutoTokenizer, BertForTokenClassification

from training.encoding import Encoded
from training.ranges import measure_ranges, write_ranges
from transforms.compact_bert import read_shape

# The generic class keeps tokenizer.json as it is; the BERT class would replace its normaliser.
_TOKENIZER_CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "model_max_length": 512,
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "mask_token": "[MASK]",
    "clean_up_tokenization_spaces": False,
    "model_input_names": ["input_ids", "attention_mask"],
}


def export_model(
    model: BertForTokenClassification,
    tokenizer: Tokenizer,
    examples: Sequence[Encoded],
    folder: Path,
    *,
    outside_bias: float,
) -> None:
    """Write the folder and check that it loads as users will load it.

    Args:
        examples: On which the ranges for the integers are measured.
        outside_bias: What the logit of O was lowered by, noted in the configuration.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.half().contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # the library writes it for the owner only
    config = model.config.to_dict() | {"dtype": "float16", "outside_bias": outside_bias}
    config |= {"architectures": ["BertForTokenClassification"]}
    config["id2label"] = {str(key): label for key, label in config["id2label"].items()}
    _write_json(folder / "config.json", config)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(folder / "tokenizer.json"))
    _write_json(folder / "tokenizer_config.json", _TOKENIZER_CONFIG)
    write_ranges(measure_ranges(weights, read_shape(config), examples), folder)
    check_export(model, folder)


def check_export(model: BertForTokenClassification, folder: Path) -> None:
    """Raise ValueError unless the exported folder gives the logits of `model`."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    loaded = BertForTokenClassification.from_pretrained(folder, dtype=torch.float32).eval()
    words = ["قال", "مُحَمَّد", "علي", "(", "د.ب.أ", ")"]
    batch = tokenizer(words, is_split_into_words=True, return_tensors="pt")
    with torch.inference_mode():
        difference = (loaded(**batch).logits - model.eval()(**batch).logits).abs().max().item()
    if not tokenizer.is_fast or difference > 0.05:
        raise ValueError(f"export differs from the trained model by {difference:.3f}")


def _write_json(path: Path, value: dict[str, object]) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
