import hashlib
import json
import lzma
import os
from pathlib import Path

import pytest
from apache_beam import Create, Map
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.error_handling import ErrorHandler
from apache_beam.utils.timestamp import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import digest
from schemas.records import RawItem, Reject, Story, WireSpan
from tests.builders import NOON, TEXT, make_item
from transforms.normalise import (
    TEXT_CHARS_MAX,
    EmptyItemError,
    Normalise,
    TextTooLongError,
    normalise,
    to_reject,
)

DAY_S = 86_400


def _story(**fields: object) -> Story:
    return normalise(make_item(**fields), first_seen_at=NOON)


def test_story_of_a_plain_item() -> None:
    item = make_item(
        url="http://example.org/1", forwarded_from="قناة", priority=7, updated_at=NOON
    )
    story = normalise(item, first_seen_at=NOON)
    sha256 = hashlib.sha256(f"{item.title}\0{TEXT}".encode()).hexdigest()
    assert story == Story(
        story_id=digest("anadolu", "guid-1", sha256), revision=1, source_id="anadolu",
        source_kind="rss", item_id="guid-1", url="http://example.org/1", agency=None, author=None,
        language="ar", item_type="story", title=item.title, text=TEXT,
        text_sha256=hashlib.sha256(TEXT.encode()).hexdigest(), published_at=NOON,
        published_from="pubDate", updated_at=NOON, timezone="UTC",
        first_seen_at=NOON, wire_spans=(),
        dateline_place=None,
        status="usable", replaces=None, replaces_as=None,
        forwarded_from="قناة", priority=7, repairs=(),
        origin="anadolu.xml", position="item 1", fingerprint=b"",
    )


def test_markup_goes_and_offsets_index_the_stored_text() -> None:
    story = _story(
        title="قمة <b>الرياض</b>&nbsp;غدا", markup="html",
        body="<p>أنقرة/ علي حسن/ الأناضول</p><p>قال &quot;نعم&quot; ./انتهى</p>",
    )
    assert story.title == "قمة الرياض\u00a0غدا"
    assert story.text == "أنقرة/ علي حسن/ الأناضول\nقال \"نعم\" ./انتهى"
    assert story.wire_spans == (
        WireSpan("dateline", 0, 24), WireSpan("byline", 7, 14), WireSpan("agency", 16, 24),
        WireSpan("closing_mark", 35, 42),
    )
    assert story.text[35:42] == "./انتهى"
    assert (story.agency, story.author, story.dateline_place) == ("AA", "علي حسن", "أنقرة")


def test_plain_text_keeps_what_looks_like_markup() -> None:
    assert _story(body="قال x<y و <b> &amp;").text == "قال x<y و <b> &amp;"


def test_what_the_source_declares_wins_over_the_wire() -> None:
    story = _story(body=f"القدس (أ ف ب) - {TEXT}", agency="Yeni", author="كاتب")
    assert (story.agency, story.author) == ("Yeni", "كاتب")


def test_mojibake_is_mended_and_recorded_once() -> None:
    broken = TEXT.encode("cp1256").decode("latin-1")
    story = _story(title=TEXT[:60].encode("cp1256").decode("latin-1"), body=broken,
                   repairs=("charset:x",))
    assert story.text == TEXT
    assert story.title == TEXT[:60].strip()
    assert story.repairs == ("charset:x", "mojibake:cp1256-as-latin1")


def test_title_alone_is_also_the_text() -> None:
    story = _story(title="عاجل | زلزال يضرب تركيا", body=" \n")
    assert (story.title, story.text) == ("عاجل | زلزال يضرب تركيا", "عاجل | زلزال يضرب تركيا")
    assert story.item_type == "alert"


def test_body_alone_has_no_title() -> None:
    assert _story(title="").title == ""


@pytest.mark.parametrize(
    ("body", "moment", "origin"),
    [
        ("الرياض 05 شعبان 1445 هـ الموافق 15 فبراير 2024 م واس\nبعث", 1_707_955_200, "dateline"),
        ("كييف (أوكرانيا), 25-11-2023 (أ ف ب) - قال", 1_700_870_400, "dateline"),
        ("رام الله 10-11-2024 وفا- قال", None, "none"),
        ("دبي 10 نوفمبر (رويترز) - قال", None, "none"),
        ("بكين 10 نوفمبر 2025 (شينخوا) قال", 1_762_732_800, "dateline:future"),
    ],
    ids=["double-date", "numeric", "ambiguous", "no-year", "future"],
)
def test_dateline_gives_the_day_where_nothing_else_does(
    body: str, moment: int | None, origin: str
) -> None:
    story = _story(body=body, published_at=None, published_from="none")
    assert story.published_at == (None if moment is None else Timestamp(moment))
    assert story.published_from == origin


@pytest.mark.parametrize(("days", "origin"), [(1, "pubDate"), (2, "pubDate:future")])
def test_future_time_is_kept_and_marked(days: int, origin: str) -> None:
    published_at = NOON + days * DAY_S
    story = _story(published_at=published_at)
    assert (story.published_at, story.published_from) == (published_at, origin)


@pytest.mark.parametrize(
    ("body", "declared", "language"),
    [
        (TEXT, "en", "ar"),
        ("ق 12", "ar-SA", "ar"),
        ("ق 12", "FA_IR", "fa"),
        ("ق 12", "?", "und"),
    ],
)
def test_declared_language_counts_only_where_the_text_tells_none(
    body: str, declared: str, language: str
) -> None:
    assert _story(title="", body=body, language=declared).language == language


@pytest.mark.parametrize(
    ("title", "body", "markup"),
    [("", "", "plain"), (" ", "<p>&nbsp;</p><img alt='صورة'>", "html"), ("…", "😀 4 !!", "plain")],
)
def test_item_without_text_is_rejected(title: str, body: str, markup: str) -> None:
    item = make_item(title=title, body=body, markup=markup)
    with pytest.raises(EmptyItemError, match="no letter") as caught:
        normalise(item, first_seen_at=NOON)
    reject = to_reject(item, caught.value)
    assert (reject.reason, reject.stage) == ("item-without-text", "normalise")
    assert reject.raw == f"{title}\n{body}".encode()
    assert reject.message.startswith("anadolu.xml, item 1: no letter")
    assert (reject.source_id, reject.origin, reject.position) == (
        "anadolu", "anadolu.xml", "item 1"
    )


def test_endless_text_is_rejected() -> None:
    item = make_item(body="ن " * TEXT_CHARS_MAX)
    with pytest.raises(TextTooLongError, match="2,000,000") as caught:
        normalise(item, first_seen_at=NOON)
    assert to_reject(item, caught.value).reason == "text-too-long"


def test_identity_follows_source_item_and_content() -> None:
    assert _story().story_id == _story(url="http://example.org/2", priority=1).story_id
    ids = {
        _story(**fields).story_id
        for fields in ({}, {"source_id": "b"}, {"item_id": "b"}, {"title": "ب"}, {"body": "ب"},
                       {"title": "ب", "body": ""})
    }
    assert len(ids) == 6


@given(st.text(max_size=40), st.text(max_size=80), st.sampled_from(["html", "plain"]))
def test_stored_text_is_stable(title: str, body: str, markup: str) -> None:
    item = make_item(title=title, body=body, markup=markup)
    try:
        story = normalise(item, first_seen_at=NOON)
    except EmptyItemError:
        return
    again = item._replace(title=story.title, body=story.text, markup="plain")
    assert normalise(again, first_seen_at=NOON)._replace(repairs=()) == story._replace(repairs=())
    assert all(story.text[span.start : span.end].strip() for span in story.wire_spans)


def test_pipeline_gives_stories_and_rejects_of_their_own_types() -> None:
    items = [make_item(), make_item(item_id="guid-2", title="", body="…")]
    with TestPipeline(runner="FnApiRunner") as pipeline:
        with ErrorHandler(Map(_reason)) as errors:
            read = pipeline | Create(items).with_output_types(RawItem)
            stories = read | "Normalise" >> Normalise(_seen, errors)
        assert stories.element_type is Story
        assert [rejects.element_type for rejects in errors._error_pcolls] == [Reject]
        assert_that(stories, equal_to([normalise(items[0], first_seen_at=NOON)]))
        assert_that(errors.output(), equal_to(["item-without-text"]), label="rejects")


def _seen(moment: Timestamp) -> Timestamp:
    return NOON


def _reason(reject: Reject) -> str:
    return reject.reason


@pytest.mark.skipif("NABA_SHARED" not in os.environ, reason="NABA_SHARED names no corpora folder")
def test_real_wires_become_arabic_stories() -> None:
    path = Path(os.environ["NABA_SHARED"]) / "raw" / "ant_wires" / "articles.jsonl.xz"
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for number, line in enumerate(lines) if number % 20 == 0]
    stories = [_story(title=record["title"], body=record["text"]) for record in records]
    assert {story.language for story in stories} == {"ar"}
    assert all(not story.repairs for story in stories)
    datelined = [story for story in stories if story.dateline_place]
    assert len(datelined) > len(stories) / 50
    assert {story.agency for story in datelined} <= {"CNN", "REUTERS", "AFP", "AP"}
