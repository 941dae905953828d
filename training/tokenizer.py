"""Train the WordPiece tokenizer, which normalises inside and keeps offsets into the original."""

from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import NFKC, Lowercase, Replace, Sequence
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import WordPieceTrainer

VOCABULARY = 24_000  # half-precision weights stay below 19.5 MB
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")

# Marks of vocalisation, tatweel, zero-width characters and controls of direction.
_DROPPED = (
    "[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
    "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_FOLDED = {"[أإآٱ]": "ا", "[ىی]": "ي", "ک": "ك"}
_DIGITS = {f"[{chr(0x660 + digit)}{chr(0x6F0 + digit)}]": str(digit) for digit in range(10)}


def build_normalizer() -> Sequence:
    """Return the foldings, each of which the library aligns with the original characters."""
    steps = [NFKC(), Replace(Regex(_DROPPED), "")]
    steps += [Replace(Regex(pattern), letter) for pattern, letter in (_FOLDED | _DIGITS).items()]
    return Sequence([*steps, Lowercase()])


def train_tokenizer(texts: Iterable[str], path: Path) -> None:
    """Learn the vocabulary on `texts` and write `tokenizer.json`."""
    tokenizer = Tokenizer(WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = build_normalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    trainer = WordPieceTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIAL),
        limit_alphabet=400,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    ids = {token: tokenizer.token_to_id(token) for token in SPECIAL}
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
    )
    tokenizer.save(str(path))
