"""Score tags against a two-column file: entities, strict spans, seqeval."""

from collections.abc import Callable, Iterable, Sequence

from seqeval.metrics import classification_report

from training.corpora import Sentence, repair_tags, split_punctuation

Tagger = Callable[[Sequence[list[str]]], Iterable[list[str]]]


def tag_words(tagger: Tagger, sentences: Sequence[Sentence]) -> list[list[str]]:
    """Return a tag per word of the file; the tagger sees words split as the pipeline does."""
    split = [
        [split_punctuation(Sentence([word], ["O"])).words for word in sentence.words]
        for sentence in sentences
    ]
    tagged = tagger([[piece for pieces in words for piece in pieces] for words in split])
    return [_join(words, tags) for words, tags in zip(split, tagged, strict=True)]


def report(tagger: Tagger, sentences: Sequence[Sentence]) -> dict[str, dict[str, float]]:
    """Return precision, recall, F1 and support per type and overall."""
    return classification_report(
        [repair_tags(sentence.tags) for sentence in sentences],
        [repair_tags(tags) for tags in tag_words(tagger, sentences)],
        output_dict=True,
        zero_division=0,
    )


def format_report(scores: dict[str, dict[str, float]]) -> str:
    """Return the scores as a Markdown table."""
    rows = ["| | precision | recall | F1 | entities |", "|---|---|---|---|---|"]
    for kind in ("PER", "ORG", "LOC", "MISC", "micro avg"):
        line = scores[kind]
        figures = [f"{100 * line[name]:.1f}" for name in ("precision", "recall", "f1-score")]
        rows.append(f"| {kind} | {' | '.join(figures)} | {int(line['support'])} |")
    return "\n".join(rows)


def _join(words: Sequence[list[str]], tags: Sequence[str]) -> list[str]:
    """Return the tag of the first lettered piece of each word."""
    joined, start = [], 0
    for pieces in words:
        lettered = (index for index, piece in enumerate(pieces) if piece[0].isalnum())
        joined.append(tags[start + next(lettered, 0)] if pieces else "O")
        start += len(pieces)
    return joined
