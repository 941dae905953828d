"""Turn sentences into arrays of sub-tokens and targets, and those into batches."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer

from training.corpora import LABELS, Sentence

POSITIONS = 512
CERTAIN = 200  # the weight of a sure label in the 8-bit targets
SURE_NAME = 0.3  # sentences with less expected entities are thinned out
KEPT_PLAIN = 3  # one in so many of those stays


class Encoded(NamedTuple):
    """Sub-token ids of one sentence and, on the first one of each word, weights of the labels."""

    ids: np.ndarray  # (sub-tokens,) uint16
    targets: np.ndarray  # (sub-tokens, labels) uint8


def encode_sentences(
    tokenizer: Tokenizer, sentences: Sequence[Sentence], *, longest: int = 192
) -> list[Encoded]:
    """Return labelled sentences as arrays."""
    rows = np.eye(len(LABELS), dtype=np.uint8) * CERTAIN
    index = {label: number for number, label in enumerate(LABELS)}
    tokenizer.enable_truncation(longest)
    return [
        _encode(tokenizer, sentence.words, rows[[index[tag] for tag in sentence.tags]])
        for sentence in sentences
    ]


def encode_silver(
    tokenizer: Tokenizer, labelled: Iterable[tuple[list[str], np.ndarray]], max_words: int
) -> list[Encoded]:
    """Return sentences with the probabilities of their labels, those without names thinned out."""
    tokenizer.enable_truncation(POSITIONS)
    encoded, count, plain = [], 0, 0
    for words, probabilities in labelled:
        if (1 - probabilities[:, 0]).sum() < SURE_NAME:
            plain += 1
            if plain % KEPT_PLAIN:
                continue
        targets = (probabilities * CERTAIN).round().astype(np.uint8)
        encoded.append(_encode(tokenizer, words, targets))
        count += len(words)
        if count >= max_words:
            break
    print(f"{len(encoded)} sentences, {count} words, {plain} without names", flush=True)
    return encoded


def _encode(tokenizer: Tokenizer, words: list[str], rows: np.ndarray) -> Encoded:
    encoding = tokenizer.encode(words, is_pretokenized=True)
    targets = np.zeros((len(encoding.ids), len(LABELS)), dtype=np.uint8)
    positions = first_positions(encoding.word_ids)
    targets[list(positions.values())] = rows[list(positions)]
    return Encoded(np.array(encoding.ids, dtype=np.uint16), targets)


def save_encoded(encoded: Sequence[Encoded], path: Path) -> None:
    """Write the sentences end to end."""
    np.savez(
        path,
        lengths=np.array([len(item.ids) for item in encoded]),
        ids=np.concatenate([item.ids for item in encoded]),
        targets=np.concatenate([item.targets for item in encoded]),
    )


def load_encoded(path: Path) -> list[Encoded]:
    """Return what `save_encoded` wrote."""
    with np.load(path) as arrays:
        ends = np.cumsum(arrays["lengths"])[:-1]
        parts = zip(np.split(arrays["ids"], ends), np.split(arrays["targets"], ends), strict=True)
        return [Encoded(*part) for part in parts]


def first_positions(word_ids: Sequence[int | None]) -> dict[int, int]:
    """Return the position of the first sub-token of each word."""
    positions: dict[int, int] = {}
    for position, word in enumerate(word_ids):
        if word is not None and word not in positions:
            positions[word] = position
    return positions


def pack(
    encoded: Sequence[Encoded], batch_tokens: int, random: np.random.Generator | None = None
) -> list[np.ndarray]:
    """Group sentences of like length into batches of at most `batch_tokens` with padding.

    Returns:
        Indices of the sentences of each batch; shuffled when `random` is given.
    """
    lengths = np.array([len(item.ids) for item in encoded])
    jitter = random.uniform(0, 4, len(lengths)) if random else 0
    order = np.argsort(lengths + jitter, kind="stable")
    batches: list[np.ndarray] = []
    start, longest = 0, 0
    for end, sentence in enumerate(order):
        longest = max(longest, int(lengths[sentence]))
        if longest * (end - start + 1) > batch_tokens and end > start:
            batches.append(order[start:end])
            start, longest = end, int(lengths[sentence])
    batches.append(order[start:])
    if random:
        random.shuffle(batches)
    return batches


def collate(encoded: Sequence[Encoded], batch: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Return padded ids (sentences, sub-tokens) and targets (sentences, sub-tokens, labels)."""
    longest = max(len(encoded[index].ids) for index in batch)
    ids = np.zeros((len(batch), longest), dtype=np.int64)
    targets = np.zeros((len(batch), longest, len(LABELS)), dtype=np.float32)
    for row, index in enumerate(batch):
        ids[row, : len(encoded[index].ids)] = encoded[index].ids
        targets[row, : len(encoded[index].targets)] = encoded[index].targets
    return torch.from_numpy(ids), torch.from_numpy(targets) / CERTAIN
