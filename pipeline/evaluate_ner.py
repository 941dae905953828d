"""Evaluate a model on labelled words, tagged as the recognise stage tags a story.

The sentences are written out as in print, so that the tagger splits, cuts and decodes them
itself; the names that it finds are laid back onto the labelled words by their offsets.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from pipeline.conll import LabelledSentence, read_conll
from pipeline.entity_scores import Entity, count, find_entities
from pipeline.evaluate import Evaluation, EvaluationError, Mistake
from transforms.model_loader import load_tagger
from transforms.tagger import Name, Tagger
from transforms.text import clean_line

MISSED, INVENTED = "missed", "no name, but found"
OTHER_KIND, OTHER_EDGES = "found as another kind", "found with other edges"

_BATCH_SENTENCES = 512
_CONTEXT_WORDS = 6
_CLOSING = frozenset(".،,؛;:!؟?…)]}»”")  # no space before them in print


class _Answer(NamedTuple):
    """What is labelled and what was found in one sentence."""

    words: Sequence[str]
    labelled: Sequence[Entity]
    found: Sequence[Entity]
    failed: bool
    truncated_words: int


def evaluate_ner(path: Path, model: str = "") -> Evaluation:
    """Return how well a model does on the labelled sentences in a file.

    Args:
        model: As `load_tagger` takes it.

    Raises:
        EvaluationError: the file holds no labelled words.
        ModelError: the model cannot be found, is not safe to load, or cannot tag words.
        LabelError: none of its labels is a known kind of name.
    """
    sentences = list(read_conll(path))
    if not sentences:
        raise EvaluationError(f"{path}: no words; a labelled file holds a word and a tag a line")
    return evaluate_tagger(load_tagger(model), sentences)


def evaluate_tagger(tagger: Tagger, sentences: Sequence[LabelledSentence]) -> Evaluation:
    """Return how well a tagger does on labelled sentences."""
    answers = list(_answers(tagger, sentences))
    together, kinds = count((answer.labelled, answer.found) for answer in answers)
    rates = together.rates()
    details = {
        "model": tagger.model_id,
        "sentences": len(answers),
        "words": sum(len(answer.words) for answer in answers),
        "truncated_words": sum(answer.truncated_words for answer in answers),
        "failed_sentences": sum(answer.failed for answer in answers),
        "micro": rates,
        "classes": {kind: counts.rates() for kind, counts in kinds.items()},
    }
    mistakes = [mistake for answer in answers for mistake in _mistakes(answer)]
    return Evaluation("ner", "entity F1", rates["f1"], details, mistakes)


def _answers(tagger: Tagger, sentences: Iterable[LabelledSentence]) -> Iterator[_Answer]:
    waiting = iter(sentences)
    while batch := list(islice(waiting, _BATCH_SENTENCES)):
        printed = [as_printed(sentence.words) for sentence in batch]
        taggings = tagger.tag([text for text, _ in printed])
        for sentence, (_, starts), tagging in zip(batch, printed, taggings, strict=True):
            found = find_entities(tags_of_words(tagging.names, starts))
            labelled = find_entities(sentence.tags)
            yield _Answer(
                sentence.words, labelled, found, tagging.failed, tagging.truncated_words
            )


def as_printed(words: Sequence[str]) -> tuple[str, list[int]]:
    """Return a sentence as it stands in print, and where each word starts in it."""
    text: list[str] = []
    starts: list[int] = []
    end = 0
    for word in words:
        spaced = f" {word}" if text and word not in _CLOSING else word
        text.append(spaced)
        end += len(spaced)
        starts.append(end - len(word))
    return "".join(text), starts


def tags_of_words(names: Iterable[Name], starts: Sequence[int]) -> list[str]:
    """Return the BIO tag of each word: a name covers every word that it has a part of.

    Where two names share a word, it belongs to the first.

    Args:
        names: In order, as offsets into a text.
        starts: Where each word starts in that text.
    """
    tags = ["O"] * len(starts)
    free = 0  # no word from here on has a tag
    for name in names:
        first = max(free, bisect_right(starts, name.start) - 1)
        free = max(free, bisect_right(starts, name.end - 1))
        for index in range(first, free):
            tags[index] = f"{'B' if index == first else 'I'}-{name.label}"
    return tags


def _mistakes(answer: _Answer) -> Iterator[Mistake]:
    right = {*answer.labelled} & {*answer.found}
    labelled, found = _by_word(answer.labelled), _by_word(answer.found)
    for entity in answer.labelled:
        if entity not in right:
            other = next(filter(None, map(found.get, range(entity.first, entity.last))), None)
            yield _mistaken(answer.words, entity, other)
    for entity in answer.found:
        if not any(index in labelled for index in range(entity.first, entity.last)):
            yield Mistake(INVENTED, entity.label, "", _excerpt(answer.words, entity))


def _by_word(entities: Iterable[Entity]) -> dict[int, Entity]:
    return {index: entity for entity in entities for index in range(entity.first, entity.last)}


def _mistaken(words: Sequence[str], entity: Entity, other: Entity | None) -> Mistake:
    """Return what went wrong with a labelled entity; `other` was found in its place."""
    one = _excerpt(words, entity)
    if other is None:
        return Mistake(MISSED, entity.label, one, "")
    label = entity.label if entity.label == other.label else f"{entity.label}, not {other.label}"
    if entity[:2] == other[:2]:
        return Mistake(OTHER_KIND, label, one, "")
    return Mistake(OTHER_EDGES, label, one, _excerpt(words, other))


def _excerpt(words: Sequence[str], entity: Entity) -> str:
    """Return an entity in brackets, with some words around it."""
    before = words[max(0, entity.first - _CONTEXT_WORDS) : entity.first]
    after = words[entity.last : entity.last + _CONTEXT_WORDS]
    name = " ".join(words[entity.first : entity.last])
    return clean_line(" ".join((*before, f"[{name}]", *after)))
