"""Train the compact BERT and tag with it."""

import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertForTokenClassification

from training.corpora import LABELS
from training.encoding import POSITIONS, Encoded, collate, first_positions, pack

BATCH_TOKENS = 2048  # padded sub-tokens of one step
SAVED_EVERY = 400  # steps


class Recipe(NamedTuple):
    """Options of one training phase."""

    rate: float
    warmup: float = 0.06  # share of the steps
    hold: float = 0.06  # share of the steps after which the rate starts to fall
    steps: int | None = None  # stop there, before every example was seen


def build_model(
    tokenizer: Tokenizer, vectors: np.ndarray | None, *, seed: int
) -> BertForTokenClassification:
    """Return an untrained model whose embeddings start from the sub-word vectors."""
    torch.manual_seed(seed)
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


class _Training(NamedTuple):
    """What a training phase changes as it goes."""

    model: BertForTokenClassification
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR
    random: np.random.Generator

    def save(self, path: Path, run: tuple[int, int], step: int) -> None:
        """Write all of it, in one go, so that a kill leaves the file before."""
        state = {
            "run": run,
            "step": step,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "random": self.random.bit_generator.state,
        }
        fresh = path.with_name(f"{path.name}.new")
        torch.save(state, fresh)
        fresh.replace(path)

    def load(self, path: Path, run: tuple[int, int]) -> int:
        """Take up what `save` wrote and return the step to go on with."""
        state: dict[str, Any] = torch.load(path, weights_only=True)
        if tuple(state["run"]) != run:
            raise ValueError(f"{path} is of a run with another seed or scale: remove it")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.random.bit_generator.state = state["random"]
        return int(state["step"])


def train(
    model: BertForTokenClassification,
    encoded: Sequence[Encoded],
    recipe: Recipe,
    *,
    seed: int,
    part: Path,
    scale: float = 1.0,
) -> None:
    """Fit the model; warm up, then let the learning rate fall linearly to zero.

    The matrix products are done in bfloat16, twice as fast where the processor knows it.

    Args:
        part: Where an interrupted training goes on from; gives the same weights as one in one go.
        scale: Share of the recipe's steps.
    """
    random = np.random.default_rng(seed)
    batches = pack(encoded, BATCH_TOKENS, random)[: recipe.steps]
    batches = batches[: max(1, round(scale * len(batches)))]
    training = _prepare(model, recipe, len(batches), random)
    run = (seed, len(batches))
    first = training.load(part, run) if part.exists() else 0
    running, started = math.nan, time.monotonic()
    for step in range(first, len(batches)):
        loss = _step(training, *collate(encoded, batches[step]), shifted=bool(step % 2))
        running = loss if math.isnan(running) else 0.98 * running + 0.02 * loss
        if (step + 1) % 200 == 0:
            elapsed = time.monotonic() - started
            print(f"step {step + 1}/{len(batches)} loss {running:.4f} {elapsed:.0f} s", flush=True)
        if (step + 1) % SAVED_EVERY == 0:
            training.save(part, run, step + 1)


def _prepare(
    model: BertForTokenClassification, recipe: Recipe, steps: int, random: np.random.Generator
) -> _Training:
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.rate, fused=True)
    warmup = max(1, int(recipe.warmup * steps))
    fall = max(1, int((1 - recipe.hold) * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warmup, 1, (steps - step) / fall)
    )
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0  # examples are many and seldom come again
    model.train()
    return _Training(model, optimizer, schedule, random)


def _step(
    training: _Training, ids: torch.Tensor, targets: torch.Tensor, *, shifted: bool
) -> float:
    """Learn from one batch and return its loss."""
    model, length = training.model, ids.shape[1]
    # Sentences are short: a random start gives every position its share of training.
    start = int(training.random.integers(0, POSITIONS - length + 1)) if shifted else 0
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(
            input_ids=ids,
            attention_mask=(ids != 0).long(),
            position_ids=torch.arange(start, start + length)[None],
        ).logits.float()
    loss = -(targets * logits.log_softmax(-1)).sum() / targets.sum()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    training.optimizer.step()
    training.schedule.step()
    training.optimizer.zero_grad(set_to_none=True)
    return loss.item()


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
