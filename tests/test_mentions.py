from typing import Any

import pytest
from apache_beam.utils.timestamp import Timestamp

from schemas.ids import digest
from schemas.records import Mention, Story, WireSpan
from tests.toy_tagger import POISON_MODEL, make_toy_tagger
from transforms.mentions import (
    FAILED_REPAIR,
    OffsetError,
    is_tagged,
    make_mentions,
    read_field,
    tag_stories,
)
from transforms.tagger import Name


def make_story(title: str = "", text: str = "", **fields: Any) -> Story:
    story = Story(
        story_id="5" * 32, revision=1, source_id="s", source_kind="text", item_id="1", url=None,
        agency=None, author=None, language="ar", item_type="story", title=title, text=text,
        text_sha256="", published_at=None, published_from="none", updated_at=None, timezone="UTC",
        first_seen_at=Timestamp(0), wire_spans=(), dateline_place=None,
        status="usable", replaces=None, replaces_as=None,
        forwarded_from=None, priority=100, repairs=(), origin="", position="", fingerprint=b"",
    )
    return story._replace(**fields)


def tag(story: Story, *, any_language: bool = False) -> tuple[Story, list[Mention]]:
    (tagged,) = tag_stories([story], make_toy_tagger(), any_language=any_language).stories
    return tagged.story, list(tagged.mentions)


def test_tag_stories_reads_title_then_text() -> None:
    story = make_story("محمد في مصر", "وصل اليوم.\nزار محمد علي القاهرة")
    kept, mentions = tag(story)
    assert kept == story
    assert [(m.field, m.label, m.surface, m.sentence) for m in mentions] == [
        ("title", "PER", "محمد", 0),
        ("title", "LOC", "مصر", 0),
        ("text", "PER", "محمد علي", 1),
        ("text", "LOC", "القاهرة", 1),
    ]
    for mention in mentions:
        assert read_field(story, mention.field)[mention.start : mention.end] == mention.surface


def test_tag_stories_fills_the_record() -> None:
    _, (mention,) = tag(make_story(text="في القاهرة"))
    assert mention == Mention(
        mention_id=digest("5" * 32, "text", "3", "10", "LOC"), story_id="5" * 32, field="text",
        sentence=0, start=3, end=10, surface="القاهرة", label="LOC", score=mention.score,
        entity_key="LOC:القاهره", role=None, country=None, country_alternatives=(),
        geonameid=None, latitude=None,
        longitude=None, link_rule=None, model_id="toy@0",
    )
    assert 0.99 < mention.score <= 1


def test_tag_stories_keeps_a_story_that_the_model_cannot_read() -> None:
    story = make_story("مصر", f"زار محمد {POISON_MODEL}", repairs=("mojibake",))
    batch = tag_stories([make_story("مصر"), story], make_toy_tagger(), any_language=False)
    assert batch.failed_texts == 1
    good, failed = batch.stories
    assert failed.story == story._replace(repairs=("mojibake", FAILED_REPAIR))
    assert [mention.field for mention in failed.mentions] == ["title"]
    assert good.story == make_story("مصر")


@pytest.mark.parametrize(
    ("kind", "surfaces"),
    [
        ("promotion", ["القاهرة", "محمد"]),
        ("closing_mark", ["القاهرة", "محمد"]),
        ("signature", ["القاهرة", "محمد"]),
        ("dateline", ["القاهرة", "محمد", "مصر"]),
        ("agency", ["القاهرة", "محمد", "مصر"]),
    ],
)
def test_tag_stories_finds_no_names_in_adverts(kind: str, surfaces: list[str]) -> None:
    text = "القاهرة - قال محمد\nاشترك في قناة مصر"
    story = make_story(text=text, wire_spans=(WireSpan(kind, 19, len(text)),))
    assert [mention.surface for mention in tag(story)[1]] == surfaces


def test_tag_stories_takes_a_name_in_the_credit_for_an_organisation() -> None:
    text = "القاهرة / مصر - قال محمد"
    story = make_story(text=text, wire_spans=(WireSpan("agency", 10, 13),))
    labels = {mention.surface: mention.label for mention in tag(story)[1]}
    assert labels == {"القاهرة": "LOC", "مصر": "ORG", "محمد": "PER"}


def test_tag_stories_ignores_wire_spans_in_the_title() -> None:
    story = make_story("مصر", "اشترك", wire_spans=(WireSpan("promotion", 0, 5),))
    assert [mention.surface for mention in tag(story)[1]] == ["مصر"]


def test_tag_stories_drops_a_name_of_marks_alone() -> None:
    assert [mention.surface for mention in tag(make_story("« مصر"))[1]] == ["مصر"]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ar", "مصر", True),
        ("ar-EG", "مصر", True),
        ("und", "مصر", True),
        ("und", "Cairo", False),
        ("ar", "Cairo", False),
        ("fa", "مصر", False),
        ("ur", "مصر", False),
        ("ckb", "مصر", False),
        ("en", "مصر", False),
    ],
)
def test_is_tagged_by_language_and_letters(language: str, text: str, *, expected: bool) -> None:
    story = make_story(text=text, language=language)
    assert is_tagged(story, any_language=False) is expected
    assert is_tagged(story, any_language=True)


def test_tag_stories_passes_other_languages_untouched() -> None:
    story = make_story("مصر", language="fa")
    assert tag(story) == (story, [])
    assert len(tag(story, any_language=True)[1]) == 1


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (2, 4)])
def test_make_mentions_refuses_offsets_outside_the_field(start: int, end: int) -> None:
    with pytest.raises(OffsetError, match="outside title of 3"):
        make_mentions(
            make_story("مصر"), "title", [Name(start, end, 0, "LOC", 1.0)], model_id="toy@0"
        )
