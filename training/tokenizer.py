"""Train the WordPiece tokenizer, which normalises inside and keeps offsets into the original."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, normalizers
from tokenizers.models import WordPiece
from tokenizers.normalizers import NFKC, Lowercase, Replace
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import WordPieceTrainer

VOCABULARY = 24_000  # half-precision weights stay below 19.5 MB
ALPHABET = 400  # letters; rarer ones are [UNK]
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")

# Marks of vocalisation, tatweel, zero-width characters and controls of direction.
_DROPPED = (
    "[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
    "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_FOLDED = {"[أإآٱ]": "ا", "[ىی]": "ي", "ک": "ك"}
_DIGITS = {f"[{chr(0x660 + digit)}{chr(0x6F0 + digit)}]": str(digit) for digit in range(10)}


def build_normalizer() -> normalizers.Sequence:
    """Return the foldings, each of which the library aligns with the original characters."""
    steps = [NFKC(), Replace(Regex(_DROPPED), "")]
    steps += [Replace(Regex(pattern), letter) for pattern, letter in (_FOLDED | _DIGITS).items()]
    return normalizers.Sequence([*steps, Lowercase()])


_NORMALIZER = build_normalizer()


def fold(word: str) -> str:
    """Return a word as the tokenizer normalises it."""
    return _NORMALIZER.normalize_str(word)


def rank_letters(texts: Iterable[str]) -> list[str]:
    """Return the most frequent letters; the trainer alone would settle ties by chance."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(fold(text))
    letters = [letter for letter in counts if not letter.isspace()]
    return sorted(letters, key=lambda letter: (-counts[letter], letter))[:ALPHABET]


def train_tokenizer(texts: Sequence[str], path: Path) -> None:
    """Learn the vocabulary on `texts` and write `tokenizer.json`."""
    letters = rank_letters(texts)
    trainer = WordPieceTrainer(
        vocab_size=VOCABULARY,
        # Letters in a set order; left to the trainer, it changes from run to run.
        special_tokens=[*SPECIAL, *letters, *(f"##{letter}" for letter in letters)],
        initial_alphabet=letters,
        limit_alphabet=ALPHABET,
        show_progress=False,
    )
    learner = _assemble(WordPiece(unk_token="[UNK]"))
    learner.train_from_iterator(texts, trainer)
    tokenizer = _assemble(WordPiece(learner.get_vocab(), unk_token="[UNK]"))
    tokenizer.add_special_tokens(list(SPECIAL))
    ids = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ids
    )
    tokenizer.save(str(path))


def _assemble(model: WordPiece) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = _NORMALIZER
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return tokenizer
