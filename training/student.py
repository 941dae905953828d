"""Train the compact BERT and tag with it."""

import math
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertForTokenClassification

from training.corpora import LABELS
from training.encoding import POSITIONS, Encoded, collate, first_positions, pack

BATCH_TOKENS = 2048  # padded sub-tokens of one step


class Recipe(NamedTuple):
    """Options of one training phase."""

    rate: float
    warmup: float = 0.06  # share of the steps
    hold: float = 0.06  # share of the steps after which the rate starts to fall
    steps: int | None = None  # stop there, before every example was seen


def build_model(tokenizer: Tokenizer, vectors: np.ndarray | None) -> BertForTokenClassification:
    """Return an untrained model whose embeddings start from the sub-word vectors."""
    model = BertForTokenClassification(
        BertConfig(
            vocab_size=tokenizer.get_vocab_size(),
            hidden_size=256,
            num_hidden_layers=4,
            num_attention_heads=4,
            intermediate_size=1024,
            max_position_embeddings=POSITIONS,
            type_vocab_size=2,
            id2label=dict(enumerate(LABELS)),
            label2id={label: index for index, label in enumerate(LABELS)},
        )
    )
    # Written out, since the fused one takes longer backwards than forwards and back together.
    model.set_attn_implementation("eager")
    if vectors is not None:
        with torch.no_grad():
            model.bert.embeddings.word_embeddings.weight.copy_(torch.from_numpy(vectors))
    return model


def train(
    model: BertForTokenClassification, encoded: Sequence[Encoded], recipe: Recipe, *, seed: int
) -> None:
    """Fit the model; warm up, then let the learning rate fall linearly to zero.

    The matrix products are done in bfloat16, twice as fast where the processor knows it.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    batches = pack(encoded, BATCH_TOKENS, random)[: recipe.steps]
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.rate, fused=True)
    warmup = max(1, int(recipe.warmup * len(batches)))
    fall = max(1, int((1 - recipe.hold) * len(batches)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warmup, 1, (len(batches) - step) / fall)
    )
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0  # examples are many and seldom come again
    model.train()
    running, started = math.nan, time.monotonic()
    for step, batch in enumerate(batches):
        ids, targets = collate(encoded, batch)
        # Sentences are short: a random start gives every position its share of training.
        start = int(random.integers(0, POSITIONS - ids.shape[1] + 1)) if step % 2 else 0
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(
                input_ids=ids,
                attention_mask=(ids != 0).long(),
                position_ids=torch.arange(start, start + ids.shape[1])[None],
            ).logits.float()
        loss = -(targets * logits.log_softmax(-1)).sum() / targets.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        running = loss.item() if math.isnan(running) else 0.98 * running + 0.02 * loss.item()
        if (step + 1) % 200 == 0:
            elapsed = time.monotonic() - started
            print(f"step {step + 1}/{len(batches)} loss {running:.4f} {elapsed:.0f} s", flush=True)


def predict(
    model: BertForTokenClassification, tokenizer: Tokenizer, words: Sequence[list[str]]
) -> Iterator[list[str]]:
    """Yield one tag per word for each sentence, in order; a word without sub-tokens is O."""
    for probabilities in marginals(model, tokenizer, words):
        yield [LABELS[label] for label in probabilities.argmax(axis=1)]


def marginals(
    model: BertForTokenClassification, tokenizer: Tokenizer, words: Sequence[list[str]]
) -> Iterator[np.ndarray]:
    """Yield the probability of each label for each word, (words, labels), in order."""
    tokenizer.enable_truncation(POSITIONS)
    encodings = tokenizer.encode_batch(list(words), is_pretokenized=True)
    blank = np.zeros((0, len(LABELS)), dtype=np.uint8)
    encoded = [Encoded(np.array(item.ids, dtype=np.uint16), blank) for item in encodings]
    read: dict[int, np.ndarray] = {}
    model.eval()
    for batch in pack(encoded, 8 * BATCH_TOKENS):
        ids, _ = collate(encoded, batch)
        with torch.inference_mode():
            logits = model(input_ids=ids, attention_mask=(ids != 0).long()).logits
        read |= zip(batch.tolist(), logits.float().softmax(-1).numpy(), strict=True)
    for index, encoding in enumerate(encodings):
        probabilities = np.zeros((len(words[index]), len(LABELS)), dtype=np.float32)
        probabilities[:, 0] = 1
        positions = first_positions(encoding.word_ids)
        probabilities[list(positions)] = read[index][list(positions.values())]
        yield probabilities


def marginals_fast(
    model: BertForTokenClassification, tokenizer: Tokenizer, words: Sequence[list[str]]
) -> list[np.ndarray]:
    """Return what `marginals` yields, counted in bfloat16."""
    with torch.autocast("cpu", torch.bfloat16):
        return list(marginals(model, tokenizer, words))
