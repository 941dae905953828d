"""Tag the words of texts with a loaded model: split, batch, predict, decode."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain, groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.label_map import TAGS, LabelMap
from transforms.sentences import sentence_spans
from transforms.spans import Span, decode, find_spans, merge_outputs
from transforms.words import Window, find_words, group_by_sentence, plan_windows

WINDOW_PIECES = 192  # the longest sentence that the embedded model was trained on
BATCH_PIECES = 2048  # of one model call, padding included
PADDED_MULTIPLE = 8  # windows are padded to a multiple of it
DECODED_WORDS = 16_384  # or a few more, at once

FAILURES = (RuntimeError, ValueError, IndexError)
"""What tokenizers and models raise for one text; anything else is a bug, or the machine."""

Ids = npt.NDArray[np.int64]  # (windows, pieces)
Logits = npt.NDArray[np.float32]  # (windows, pieces, outputs)
Numbers = npt.NDArray[np.int64]


class Frame(NamedTuple):
    """What the model expects around a text: the ids before, after and as padding."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    padding: int


class Name(NamedTuple):
    """A name in a text: `text[start:end]`."""

    start: int
    end: int
    sentence: int
    label: str
    score: float


class Tagging(NamedTuple):
    """What the model made of one text."""

    names: tuple[Name, ...]
    failed: bool  # the model could not read it; `names` is empty
    truncated_words: int  # words that no window showed to the model


FAILED = Tagging(names=(), failed=True, truncated_words=0)
OUTSIDE = np.eye(len(TAGS))[0]  # the probabilities of a word that is surely no name


class _Reading(NamedTuple):
    """A text split for the model; every word has at least one piece.

    Plain lists, not one tuple a word: Python's collector would walk through all it has, again and
    again, for the many words of a batch.
    """

    starts: list[int]  # of the words
    ends: list[int]
    sentences: list[int]
    pieces: list[Sequence[int]]  # ids of each word
    windows: list[Window]
    logits: Logits  # (words, outputs), filled in place; NaN until a window answers for the word


class _Task(NamedTuple):
    """One window to predict."""

    text: int  # which text it is of
    window: Window
    ids: list[int]
    firsts: Numbers  # where the first piece of each core word stands in `ids`
    padded: int  # length with padding


class Tagger:
    """A loaded model, shared by the threads of a process: it keeps no state between calls."""

    def __init__(
        self,
        *,
        split: Callable[[Sequence[str]], Sequence[Sequence[int]]],
        predict: Callable[[Ids, Ids], Logits],
        labels: LabelMap,
        frame: Frame,
        longest: int,
        model_id: str,
    ) -> None:
        """Hold the model's two functions.

        Args:
            split: Return the ids of the pieces of each word, without framing or truncation.
            predict: Return the logits for ids and their attention mask.
            longest: Pieces that the model can read at once, framing included.
        """
        self.model_id = model_id
        self._split = split
        self._predict = predict
        self._labels = labels
        self._frame = frame
        longest = min(longest, WINDOW_PIECES) // PADDED_MULTIPLE * PADDED_MULTIPLE
        self._room = longest - len(frame.before) - len(frame.after)
        if self._room < 1:
            raise ValueError(f"the model reads {longest} pieces at once, too few for a word")

    def tag(self, texts: Sequence[str]) -> list[Tagging]:
        """Return the names in each text; what the model cannot read costs only itself.

        A word has the tag of its first piece. Every window is padded to a length of its own,
        whatever else is in the batch, so that a text is tagged alike in any company.
        """
        readings = [self._read(text) for text in texts]
        tasks = [
            self._make_task(index, reading, window)
            for index, reading in enumerate(readings)
            if reading
            for window in reading.windows
        ]
        for batch in pack_batches([task.padded for task in tasks]):
            for task, logits in self._predict_safely([tasks[number] for number in batch]):
                reading = readings[task.text]
                if logits is None or not np.isfinite(logits).all():
                    readings[task.text] = None
                elif reading:
                    reading.logits[task.window.core_first : task.window.core_last] = logits
        taggings = chain.from_iterable(map(self._decode, group_readings(filter(None, readings))))
        return [next(taggings) if reading else FAILED for reading in readings]

    def _read(self, text: str) -> _Reading | None:
        """Split a text; None if the tokenizer fails on it."""
        words = find_words(text)
        try:
            split = self._split([text[start:end] for start, end in words])
        except FAILURES:
            return None
        # A word of which the tokenizer leaves nothing, such as a lone mark, has no tag.
        # The first piece decides; what exceeds a whole window can stay unseen.
        words = [word for word, ids in zip(words, split, strict=True) if ids]
        pieces = [ids[: self._room] for ids in split if ids]
        sentences = group_by_sentence(words, sentence_spans(text))
        windows = plan_windows([len(ids) for ids in pieces], sentences, room=self._room)
        logits = np.full((len(words), len(self._labels.tags)), np.nan, dtype=np.float32)
        starts, ends = [start for start, _ in words], [end for _, end in words]
        return _Reading(starts, ends, sentences, pieces, windows, logits)

    def _make_task(self, text: int, reading: _Reading, window: Window) -> _Task:
        pieces = reading.pieces[window.first : window.last]
        ids = [*self._frame.before, *chain.from_iterable(pieces), *self._frame.after]
        firsts = list(accumulate(map(len, pieces), initial=len(self._frame.before)))
        core = slice(window.core_first - window.first, window.core_last - window.first)
        padded = -(-len(ids) // PADDED_MULTIPLE) * PADDED_MULTIPLE
        return _Task(text, window, ids, np.array(firsts[core]), padded)

    def _predict_safely(self, tasks: list[_Task]) -> Iterator[tuple[_Task, Logits | None]]:
        """Yield the logits of each task's core words; halve a failing batch to find the cause."""
        waiting = [tasks]
        while waiting:
            batch = waiting.pop()
            try:
                logits = self._predict_batch(batch)
            except FAILURES as error:
                if len(batch) > 1:
                    middle = len(batch) // 2
                    waiting += [batch[middle:], batch[:middle]]
                elif type(error).__name__ == "OutOfMemoryError":  # torch's: no fault of the text
                    raise
                else:
                    yield batch[0], None
            else:
                yield from zip(batch, logits, strict=True)

    def _predict_batch(self, tasks: list[_Task]) -> list[Logits]:
        ids = np.full((len(tasks), tasks[0].padded), self._frame.padding, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, task in enumerate(tasks):
            ids[row, : len(task.ids)] = task.ids
            mask[row, : len(task.ids)] = 1
        logits = self._predict(ids, mask)
        return [rows[task.firsts] for rows, task in zip(logits, tasks, strict=True)]

    def _decode(self, readings: Sequence[_Reading]) -> Iterator[Tagging]:
        """Yield the names of each text; to decode many at once takes a fraction of the time."""
        logits = np.concatenate([reading.logits for reading in readings])
        unseen = np.isnan(logits).all(axis=1)
        probabilities = merge_outputs(np.nan_to_num(logits), self._labels.tags)
        probabilities[unseen] = OUTSIDE
        sentences = _number_sentences(readings)
        tags = decode(probabilities, sentences, self._labels.scheme)
        spans = find_spans(tags, probabilities, sentences)
        ends = list(accumulate((len(reading.starts) for reading in readings), initial=0))
        cuts = [bisect_left(spans, end, key=lambda span: span.first) for end in ends]
        for number, reading in enumerate(readings):
            first, last = ends[number : number + 2]
            names = spans[cuts[number] : cuts[number + 1]]
            yield Tagging(
                tuple(_make_name(reading, span, first) for span in names),
                failed=False,
                truncated_words=int(unseen[first:last].sum()),
            )


def _make_name(reading: _Reading, span: Span, first: int) -> Name:
    """Return the name of a span that counts the words of its text from `first`."""
    begin = span.first - first
    return Name(
        reading.starts[begin],
        reading.ends[span.last - first - 1],
        reading.sentences[begin],
        span.label,
        span.score,
    )


def _number_sentences(readings: Sequence[_Reading]) -> Numbers:
    """Return the sentence of each word of all texts; no two texts share one."""
    numbers, first = [], 0
    for reading in readings:
        numbers.append(np.array(reading.sentences, dtype=np.int64) + first)
        first += reading.sentences[-1] + 1 if reading.sentences else 0
    return np.concatenate(numbers)


def group_readings(readings: Iterable[_Reading]) -> Iterator[list[_Reading]]:
    """Yield groups of texts that are decoded at once, each of few words or of one text."""
    group: list[_Reading] = []
    words = 0
    for reading in readings:
        group.append(reading)
        words += len(reading.starts)
        if words >= DECODED_WORDS:
            yield group
            group, words = [], 0
    if group:
        yield group


def pack_batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield batches of the numbers of windows of one length, within BATCH_PIECES each."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for length, group in groupby(order, key=lengths.__getitem__):
        numbers = list(group)
        rows = max(1, BATCH_PIECES // length)
        yield from (numbers[start : start + rows] for start in range(0, len(numbers), rows))
