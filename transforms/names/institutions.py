"""Complete the names in a story with the institutions that the curated list knows."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from schemas.records import Mention, Story
from transforms.clitics import SEQUENCES
from transforms.fold import fold
from transforms.mentions import FIELDS, make_mentions, read_field
from transforms.names.institution_list import load_institutions
from transforms.names.institution_matcher import Found, find_institutions
from transforms.names.name_words import WORD
from transforms.names.story_names import read_names
from transforms.names.text_words import find_text_words
from transforms.sentences import sentence_spans
from transforms.tagger import Name

_LABEL = "ORG"
_SCORE = 1.0  # of a name that the list alone has found


class _Span(NamedTuple):
    """Where a known name stands in the text of a field."""

    start: int
    end: int


def complete_names(story: Story, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions with those of known institutions that the model missed or cut.

    They replace what they overlap, unless that is longer. Every mention loses the clitics before
    its name, as far as they are known to be such. No mentions overlap that did not before. In
    text order, title first; doing it twice changes nothing.
    """
    texts = {field: find_text_words(read_field(story, field)) for field in FIELDS}
    found = {field: find_institutions(words) for field, words in texts.items()}
    named = {
        one.listed.key for names in found.values() for one in names if not one.listed.is_nearby
    }
    completed: list[Mention] = []
    bare_mentions = _without_clitics(story, mentions)
    for field, words in texts.items():
        theirs = [mention for mention in bare_mentions if mention.field == field]
        spans = [
            _Span(*words.span(one.start, one.end)) for one in found[field] if _counts(one, named)
        ]
        completed += _merge(story, field, theirs, spans)
    return completed


def _counts(found: Found, named: set[str]) -> bool:
    """Say whether a name counts in a story that names the institutions `named`."""
    listed = found.listed
    return not listed.is_nearby or listed.key in named or listed.parent in named


def _merge(
    story: Story, field: str, theirs: Sequence[Mention], spans: Sequence[_Span]
) -> list[Mention]:
    """Return the mentions of one field, known names among them; the longer of two wins."""
    text = read_field(story, field)
    pairs = [(mention, _overlapping(mention, spans)) for mention in theirs]
    contested = [(mention, rivals) for mention, rivals in pairs if rivals]
    covered = {one.mention_id for one, rivals in contested if _covers(text, one, rivals)}
    losing = {
        span for mention, rivals in contested if mention.mention_id not in covered
        for span in rivals if span.end - span.start < len(mention.surface)
    }
    winning = [span for span in spans if span not in losing]
    beaten = {one.mention_id for one, rivals in contested if not losing.issuperset(rivals)}
    kept = [mention for mention in theirs if mention.mention_id not in beaten]
    replaced = {
        rivals[0]: mention for mention, rivals in contested
        if len(rivals) == 1 and mention.label == _LABEL and mention.mention_id in covered
    }
    made = [
        mention
        for span in winning
        for mention in _make(story, field, span, replaced.get(span))
    ]
    return sorted((*kept, *made), key=lambda mention: mention.start)


def _overlapping(mention: Mention, spans: Sequence[_Span]) -> list[_Span]:
    """Return those of `spans`, in order and apart, that share a letter with a mention."""
    first = bisect_right(spans, mention.start, key=_end)
    last = bisect_left(spans, mention.end, key=_start)
    return list(spans[first:last])


def _start(span: _Span) -> int:
    return span.start


def _end(span: _Span) -> int:
    return span.end


def _covers(text: str, mention: Mention, spans: Sequence[_Span]) -> bool:
    """Say whether a mention is nothing but some of `spans` and the clitics before them."""
    edges = [mention.start]
    for span in _overlapping(mention, spans):
        edges += span.start, span.end
    edges.append(mention.end)
    outside = (text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    return all(part.strip(" ") in SEQUENCES | {""} for part in outside)


def _make(story: Story, field: str, span: _Span, replaced: Mention | None) -> list[Mention]:
    """Return the mention of a known name; none where the wire's own words hold no names."""
    if replaced and (replaced.start, replaced.end) == span:
        return [replaced]
    score, model_id = (replaced.score, replaced.model_id) if replaced else (_SCORE, list_id())
    sentence = max(0, bisect_right(_sentence_starts(read_field(story, field)), span.start) - 1)
    return make_mentions(
        story, field, [Name(*span, sentence, _LABEL, score)], model_id=model_id
    )


@lru_cache(maxsize=2)
def _sentence_starts(text: str) -> list[int]:
    return [start for start, _ in sentence_spans(text)]


@lru_cache(maxsize=1)
def list_id() -> str:
    """Return what `model_id` says of names that the list alone has found."""
    return f"naba-institutions@{load_institutions().version}"


def _without_clitics(story: Story, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions without the clitics that the model has left on them."""
    return [
        _cut(story, mention, read.skipped) if read.skipped else mention
        for mention, read in zip(mentions, read_names(mentions), strict=True)
    ]


def _cut(story: Story, mention: Mention, letters: int) -> Mention:
    """Return a mention without its first letters; marks over them go too."""
    folded = fold(mention.surface)
    first = WORD.search(folded.key)
    start = folded.span((first.start() if first else 0) + letters, len(folded.key))[0]
    name = Name(
        mention.start + start, mention.end, mention.sentence, mention.label, mention.score
    )
    shorter = make_mentions(story, mention.field, [name], model_id=mention.model_id)
    return shorter[0] if shorter else mention
