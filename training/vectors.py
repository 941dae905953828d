"""Learn skip-gram vectors: of sub-words for the student, of words for the teacher's clusters."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from gensim.models import Word2Vec
from sklearn.cluster import MiniBatchKMeans
from tokenizers import Tokenizer

from training.corpora import WORD
from training.tokenizer import SPECIAL

CLUSTERS = (64, 512, 1500)
WORD_DIMENSIONS = 64
SUBWORD_DIMENSIONS = 256  # the hidden size of the student
EMBEDDING_SCALE = 0.05  # a little above the 0.02 of the other weights at the start


def write_lines(tokenizer: Tokenizer, texts: Iterable[str], folder: Path) -> tuple[Path, Path]:
    """Write one paragraph a line, as folded words and as sub-words, and return both paths."""
    folded, pieces = folder / "words.txt", folder / "subwords.txt"
    normalise = tokenizer.normalizer.normalize_str
    with folded.open("w", encoding="utf-8") as words, pieces.open("w", encoding="utf-8") as parts:
        for block in _blocks(texts):
            lines = [normalise(line) for line in block]
            words.writelines(" ".join(WORD.findall(line)) + "\n" for line in lines)
            encodings = tokenizer.encode_batch(lines, add_special_tokens=False)
            parts.writelines(" ".join(item.tokens) + "\n" for item in encodings)
    return folded, pieces


def learn_subword_vectors(path: Path, tokenizer: Tokenizer, *, seed: int) -> np.ndarray:
    """Return an embedding matrix (vocabulary, 256); sub-words never seen stay random."""
    model = _skip_gram(path, SUBWORD_DIMENSIONS, min_count=1, seed=seed)
    random = np.random.default_rng(seed)
    size = (tokenizer.get_vocab_size(), SUBWORD_DIMENSIONS)
    matrix = random.normal(0, EMBEDDING_SCALE, size).astype(np.float32)
    scale = EMBEDDING_SCALE / model.wv.vectors.std()
    for token, row in tokenizer.get_vocab().items():
        if token not in SPECIAL and token in model.wv:
            matrix[row] = model.wv[token] * scale
    matrix[tokenizer.token_to_id("[PAD]")] = 0
    return matrix


def learn_clusters(path: Path, *, seed: int) -> dict[str, tuple[int, ...]]:
    """Return the cluster numbers of each frequent word, coarse to fine."""
    model = _skip_gram(path, WORD_DIMENSIONS, min_count=8, seed=seed)
    vectors = model.wv.get_normed_vectors()
    columns = [
        MiniBatchKMeans(count, random_state=seed, n_init=1, batch_size=4096).fit_predict(vectors)
        for count in CLUSTERS
    ]
    rows = np.stack(columns, axis=1).tolist()
    return {word: tuple(row) for word, row in zip(model.wv.index_to_key, rows, strict=True)}


def _skip_gram(path: Path, dimensions: int, *, min_count: int, seed: int) -> Word2Vec:
    """Return a model after one pass; a single worker keeps it reproducible."""
    return Word2Vec(
        corpus_file=str(path),
        vector_size=dimensions,
        min_count=min_count,
        window=5,
        sg=1,
        negative=5,
        sample=1e-4,
        epochs=1,
        alpha=0.05,
        workers=1,
        seed=seed,
    )


def _blocks(texts: Iterable[str], size: int = 5000) -> Iterator[list[str]]:
    """Yield lists of non-empty lines."""
    block: list[str] = []
    for text in texts:
        block += [line for line in text.split("\n") if line.strip()]
        if len(block) >= size:
            yield block
            block = []
    yield block
