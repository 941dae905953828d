"""What the list of institutions does to the entity F1 of the embedded model, and what names cost.

    python -m benchmarks.names tests/data/ner_wire.conll
    python -m benchmarks.names ANERCorp_CamelLab_train.txt --last 0.1

Labelled words are read as `naba evaluate ner` reads them; each sentence is a story. The times are
of a second pass, in milliseconds of CPU for each 400 words, a story of usual length.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from apache_beam.utils.timestamp import Timestamp

from pipeline.conll import LabelledSentence, read_conll
from pipeline.entity_scores import Entity, count, find_entities
from pipeline.evaluate_ner import as_printed, tags_of_words
from schemas.records import Mention, Story
from transforms.mentions import make_mentions
from transforms.model_loader import load_tagger
from transforms.names.grouping import group_names
from transforms.names.institutions import complete_names
from transforms.names.roles import with_roles
from transforms.places.link import link_places
from transforms.tagger import Name

STORY_WORDS = 400


def main() -> int:
    """Print precision, recall and F1 with and without the list, and the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--last", type=float, default=1.0, help="the share of sentences to read")
    args = parser.parse_args()
    sentences = list(read_conll(args.file))
    sentences = sentences[-round(len(sentences) * args.last) :]
    printed = [as_printed(sentence.words) for sentence in sentences]
    found = [tagging.names for tagging in load_tagger("").tag([text for text, _ in printed])]
    completed = [
        _names(complete_names(story, _mentions(story, names)))
        for story, names in zip((_story(text) for text, _ in printed), found, strict=True)
    ]
    starts = [where for _, where in printed]
    for title, answers in (("the model alone", found), ("with the list", completed)):
        _print_scores(title, sentences, starts, answers)
    _print_times([text for text, _ in printed], found)
    return 0


def _story(text: str) -> Story:
    epoch = Timestamp(0)
    return Story(
        "story", 1, "benchmark", "text", "item", None, None, None, "ar", "story", "", text, "",
        epoch, "none", None, "UTC", epoch, (), None, "usable", None, None, None, 100, (), "", "",
        b"",
    )


def _mentions(story: Story, names: Sequence[Name]) -> list[Mention]:
    return make_mentions(story, "text", names, model_id="embedded")


def _names(mentions: Sequence[Mention]) -> list[Name]:
    return [Name(one.start, one.end, one.sentence, one.label, one.score) for one in mentions]


def _print_scores(
    title: str, sentences: Sequence[LabelledSentence], starts: Sequence[list[int]],
    answers: Sequence[Sequence[Name]],
) -> None:
    pairs: list[tuple[list[Entity], list[Entity]]] = [
        (find_entities(sentence.tags), find_entities(tags_of_words(names, where)))
        for sentence, where, names in zip(sentences, starts, answers, strict=True)
    ]
    together, kinds = count(pairs)
    print(f"{title}: {together.rates()}, ORG {kinds['ORG'].rates()}")


def _print_times(texts: Sequence[str], found: Sequence[Sequence[Name]]) -> None:
    """Print what each step costs for a story of usual length."""
    stories = [
        (story, _mentions(story, names))
        for story, names in (
            (_story(text), names) for text, names in zip(texts, found, strict=True)
        )
    ]
    share = STORY_WORDS / sum(len(text.split()) for text in texts)
    for step in (complete_names, with_roles, group_names):
        for timed in (False, True):  # the first time fills caches and loads lists
            began = time.process_time()
            done = [(story, step(story, mentions)) for story, mentions in stories]
            spent = time.process_time() - began
            if timed:
                print(f"{step.__name__}: {spent * share * 1000:.2f} ms")
        stories = done
        if step is complete_names:
            stories = [(story, link_places(story, mentions)) for story, mentions in stories]


if __name__ == "__main__":
    sys.exit(main())
