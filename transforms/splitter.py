"""Split words into the pieces of a model's vocabulary, each distinct word once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from transforms.tagger import Frame

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

_KEPT_WORDS = 100_000  # some 20 MB
_LONGEST_KEPT = 40  # letters
_PROBE = ["زار", "محمد", "القاهرة", "."]

Pieces = tuple[int, ...]


class Splitter:
    """A fast tokenizer, shared by threads; splitting costs more than the network otherwise.

    Words are few and come again. Only WordPiece splits a word alike wherever it stands, so that
    other tokenizers read their texts whole.
    """

    def __init__(self, tokenizer: "Tokenizer") -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._splits_alone = type(tokenizer.model).__name__ == "WordPiece"
        self._known: dict[str, Pieces] = {}

    def split(self, words: Sequence[str]) -> list[Pieces]:
        """Return the ids of the pieces of each word."""
        if not self._splits_alone:
            return self._split_anew(words)
        known = self._known  # other threads may begin a new one
        unknown = [word for word in dict.fromkeys(words) if word not in known]
        fresh = dict(zip(unknown, self._split_anew(unknown), strict=True))
        pieces = [fresh[word] if word in fresh else known[word] for word in words]
        self._keep(known, fresh)
        return pieces

    def frame(self, padding: int) -> Frame:
        """Return the ids that the tokenizer puts around a text, such as [CLS] and [SEP]."""
        encoding = self._tokenizer.encode(_PROBE, is_pretokenized=True)
        inner = [index for index, word in enumerate(encoding.word_ids) if word is not None]
        before, after = encoding.ids[: inner[0]], encoding.ids[inner[-1] + 1 :]
        return Frame(tuple(before), tuple(after), padding)

    def _split_anew(self, words: Sequence[str]) -> list[Pieces]:
        encoding = self._tokenizer.encode(
            list(words), is_pretokenized=True, add_special_tokens=False
        )
        return _group(encoding, len(words))

    def _keep(self, known: dict[str, Pieces], fresh: dict[str, Pieces]) -> None:
        if len(known) > _KEPT_WORDS:
            self._known = known = {}
        known.update((word, ids) for word, ids in fresh.items() if len(word) <= _LONGEST_KEPT)


def _group(encoding: "Encoding", words: int) -> list[Pieces]:
    pieces: list[list[int]] = [[] for _ in range(words)]
    for piece, word in zip(encoding.ids, encoding.word_ids, strict=True):
        if word is not None:
            pieces[word].append(piece)
    return list(map(tuple, pieces))
