"""Turn the names found in a story into mentions, checked against the stored text."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from schemas.ids import digest
from schemas.records import Mention, Story, TaggedStory, WireSpan
from transforms.fold import fold_key
from transforms.tagger import Name, Tagger, Tagging
from transforms.words import has_arabic_letters

FIELDS = ("title", "text")
"""The fields of a story that are tagged, in the order of their mentions."""

_ARABIC_SCRIPT_DEFAULT = ("ar", "und")
_NAMING = re.compile(r"[^\W_]")  # a name has a letter or a digit
_NO_MENTIONS_IN = ("promotion", "closing_mark", "signature")


FAILED_REPAIR = "recognise:failed"
"""In a story's repairs: the model could not read its title or its text, which has no mentions."""


class TaggedBatch(NamedTuple):
    """Stories with their mentions, and what went wrong in reading them."""

    stories: list[TaggedStory]
    failed_texts: int
    truncated_words: int


class OffsetError(Exception):
    """A mention's offsets do not give its surface: a bug, never bad input."""


def is_tagged(story: Story, *, any_language: bool) -> bool:
    """Say whether the model reads `story`: Arabic, or unnamed language in Arabic letters.

    Args:
        any_language: The model is the user's own, and reads whatever comes.
    """
    if any_language:
        return True
    language = story.language.partition("-")[0].lower()
    return language in _ARABIC_SCRIPT_DEFAULT and has_arabic_letters(story.title + story.text)


def tag_stories(stories: Sequence[Story], tagger: Tagger, *, any_language: bool) -> TaggedBatch:
    """Return the stories in order, with the names that the tagger finds in title and text.

    Raises:
        OffsetError: a name does not lie inside its field.
    """
    texts = [_texts_to_tag(story, any_language=any_language) for story in stories]
    taggings = tagger.tag(list(chain.from_iterable(texts)))
    width = len(FIELDS)
    return TaggedBatch(
        [
            _join(story, taggings[width * row : width * (row + 1)], tagger.model_id)
            for row, story in enumerate(stories)
        ],
        failed_texts=sum(tagging.failed for tagging in taggings),
        truncated_words=sum(tagging.truncated_words for tagging in taggings),
    )


def _texts_to_tag(story: Story, *, any_language: bool) -> list[str]:
    """Return the text of each of FIELDS, or nothing for the model to read."""
    if not is_tagged(story, any_language=any_language):
        return [""] * len(FIELDS)
    return [read_field(story, field) for field in FIELDS]


def _join(story: Story, taggings: Sequence[Tagging], model_id: str) -> TaggedStory:
    """Return the story with the mentions of its fields, noting a field that failed."""
    mentions = [
        mention
        for field, tagging in zip(FIELDS, taggings, strict=True)
        for mention in make_mentions(story, field, tagging.names, model_id=model_id)
    ]
    if any(tagging.failed for tagging in taggings):
        story = story._replace(repairs=(*story.repairs, FAILED_REPAIR))
    return TaggedStory(story, tuple(mentions))


def make_mentions(
    story: Story, field: str, names: Iterable[Name], *, model_id: str
) -> list[Mention]:
    """Return the mentions in one field; adverts, end marks and signatures hold none.

    A name inside the agency's credit is an organisation, whatever the model takes it for:
    many agencies are called after a region.

    Raises:
        OffsetError: a name does not lie inside the field.
    """
    text = read_field(story, field)
    spans = story.wire_spans if field == "text" else ()
    hidden = [span for span in spans if span.kind in _NO_MENTIONS_IN]
    credit = [span for span in spans if span.kind == "agency"]
    shown = (
        name._replace(label="ORG") if _lies_in(name, credit) else name
        for name in names if not _overlaps(name, hidden)
    )
    mentions = [_make_mention(story.story_id, field, text, name, model_id) for name in shown]
    return [mention for mention in mentions if _NAMING.search(mention.surface)]


def read_field(story: Story, field: str) -> str:
    """Return the text of one of FIELDS."""
    return story.title if field == "title" else story.text


def _overlaps(name: Name, spans: Iterable[WireSpan]) -> bool:
    return any(name.start < span.end and span.start < name.end for span in spans)


def _lies_in(name: Name, spans: Iterable[WireSpan]) -> bool:
    return any(span.start <= name.start and name.end <= span.end for span in spans)


def _make_mention(story_id: str, field: str, text: str, name: Name, model_id: str) -> Mention:
    if not 0 <= name.start < name.end <= len(text):
        raise OffsetError(
            f"name [{name.start}, {name.end}) outside {field} of {len(text)} code points "
            f"in story {story_id}"
        )
    surface = text[name.start : name.end]
    return Mention(
        mention_id=digest(story_id, field, str(name.start), str(name.end), name.label),
        story_id=story_id,
        field=field,
        sentence=name.sentence,
        start=name.start,
        end=name.end,
        surface=surface,
        label=name.label,
        score=name.score,
        entity_key=f"{name.label}:{fold_key(surface)}",
        role=None,
        country=None,
        country_alternatives=(),
        geonameid=None,
        latitude=None,
        longitude=None,
        link_rule=None,
        model_id=model_id,
    )
