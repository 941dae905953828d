"""A tiny BERT with a real WordPiece vocabulary, written as users' model folders are."""

import json
from collections.abc import Sequence
from pathlib import Path

from transforms.label_map import TAGS

WORDS = (
    "قال", "زار", "محمد", "علي", "حسن", "فاطمة", "الرئيس", "وزير", "الخارجية", "مصر", "القاهرة",
    "دمشق", "بغداد", "الرياض", "الأمم", "المتحدة", "جامعة", "الدول", "العربية", "شركة", "أمس",
    "اليوم", "في", "من", "إلى", "على",
)
_LETTERS = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي0123456789abcdefghijklmnopqrstuvwxyz.,،؛؟!()«»\"-"


def write_tiny_model(
    folder: Path, *, labels: Sequence[str] = TAGS, positions: int = 64, seed: int = 7
) -> Path:
    """Write a 2-layer BERT with random weights in half precision; return the folder."""
    import torch
    from transformers import BertConfig, BertForTokenClassification

    folder.mkdir(parents=True, exist_ok=True)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(WORDS)]
    pieces += [*_LETTERS, *(f"##{letter}" for letter in _LETTERS)]
    pieces = list(dict.fromkeys(pieces))
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=positions,
        id2label=dict(enumerate(labels)),
        initializer_range=0.5,  # spreads the predictions over all tags
    )
    BertForTokenClassification(config).half().save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    settings = {"tokenizer_class": "BertTokenizer", "do_lower_case": False}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder
