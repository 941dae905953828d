from typing import Any

import pytest
from apache_beam.utils.timestamp import Timestamp

from schemas.labels import CALENDARS, DATE_ANCHORS, DATE_KINDS, DATE_MODIFIERS, GRANULARITIES
from schemas.records import DateMention, Story, WireSpan
from tests.builders import NOON, make_story
from transforms.dates.find import date_mentions
from transforms.wire import anatomy

LATE = Timestamp(1_731_275_940)  # 2024-11-10 21:59 UTC: past midnight in Riyadh
FOUNDING_STORY = (
    "وكان الاجتماع الأول قد عقد في 11 تشرين الثاني من العام الماضي في الرياض.\n"
    "ومن المتوقع أن تركز قمة هذا العام على المتابعة. وتأسست المنظمة في 25 أيلول عام 1969 بعد حريق "
    "وقع بتاريخ 21 آب عام 1969، وستتولى تركيا الرئاسة في عام 2025 لمدة عام واحد ./انتهى\n"
    "ليصلك المزيد من الأخبار اشترك اليوم بقناتنا على التليغرام"
)


def _story(text: str, **fields: Any) -> Story:
    return make_story(text=text, **{"title": "عنوان", "wire_spans": anatomy(text).spans, **fields})


def _values(mentions: list[DateMention]) -> list[str | None]:
    return [mention.value for mention in mentions]


def test_the_dates_of_a_wire_are_read_in_order_with_exact_surfaces() -> None:
    story = _story(FOUNDING_STORY)
    mentions = date_mentions(story)
    assert [(mention.surface, mention.value) for mention in mentions] == [
        ("11 تشرين الثاني من العام الماضي", "2023-11-11"), ("هذا العام", "2024"),
        ("25 أيلول عام 1969", "1969-09-25"), ("21 آب عام 1969", "1969-08-21"),
        ("عام 2025", "2025"), ("لمدة عام واحد", "P1Y"),
    ]
    assert [mention.sentence for mention in mentions] == [0, 1, 2, 2, 2, 2]
    for mention in mentions:
        assert story.text[mention.start : mention.end] == mention.surface


def test_every_field_keeps_to_the_closed_vocabularies() -> None:
    text = ("الساعة 15:30 بتوقيت غرينتش مساء السبت، مطلع الشهر المقبل، كل يوم جمعة، قبل أيام، "
            "عام 1445هـ، 10 نوفمبر 2024 وأمس وتسعينيات القرن الماضي")
    for mention in date_mentions(_story(text)):
        assert mention.kind in DATE_KINDS
        assert mention.granularity in GRANULARITIES
        assert mention.modifier is None or mention.modifier in DATE_MODIFIERS
        assert mention.anchor in DATE_ANCHORS
        assert mention.calendar in CALENDARS
        assert (mention.value is None) == (mention.unresolved is not None)
        assert (mention.value is None) == (mention.anchor == "none")


def test_title_dates_come_first_and_wire_spans_hold_for_the_text_only() -> None:
    story = _story("وصل أمس.", title="القمة غدا", wire_spans=(WireSpan("promotion", 0, 9),))
    assert [(one.field, one.value) for one in date_mentions(story)] == [("title", "2024-11-11")]


@pytest.mark.parametrize("kind", ["promotion", "closing_mark", "signature"])
def test_what_the_wire_adds_is_not_read(kind: str) -> None:
    story = _story("عقد اليوم. اشترك أمس", wire_spans=(WireSpan(kind, 11, 20),))
    assert _values(date_mentions(story)) == ["2024-11-10"]


@pytest.mark.parametrize(("zone", "today"), [
    pytest.param("UTC", "2024-11-10", id="utc"),
    pytest.param("Asia/Riyadh", "2024-11-11", id="riyadh"),
    pytest.param("America/New_York", "2024-11-10", id="new york"),
    pytest.param("No/Where", "2024-11-10", id="unknown"),
])
def test_today_is_that_of_the_desk(zone: str, today: str) -> None:
    story = _story("وصل الوزير اليوم.", published_at=LATE, timezone=zone)
    (mention,) = date_mentions(story)
    assert (mention.value, mention.anchor) == (today, "publication")


def test_a_time_read_from_a_dateline_is_a_day_and_is_not_moved() -> None:
    midnight = Timestamp(1_731_196_800)  # 2024-11-10 00:00 UTC
    story = _story("وصل الوزير اليوم قبل ساعتين.", published_at=midnight,
                   published_from="dateline", timezone="America/New_York")
    today, hours = date_mentions(story)
    assert today.value == "2024-11-10"
    assert (hours.value, hours.unresolved) == (None, "no clock time to reckon from")


def test_the_date_in_the_dateline_is_the_anchor_and_a_mention() -> None:
    story = _story("رام الله 15-8-2024 وفا- أكد الرئيس اليوم أن الاجتماع سيعقد غدا.")
    dateline, today, tomorrow = date_mentions(story)
    assert (dateline.value, dateline.anchor) == ("2024-08-15", "absolute")
    assert (today.value, today.anchor) == ("2024-08-15", "dateline")
    assert tomorrow.value == "2024-08-16"


@pytest.mark.parametrize("text", [
    "الكويت - 9 - 11 (كونا) -- قالت الوزارة اليوم", "هراري 9-11 (اف ب)- اعلن الرئيس اليوم",
])
def test_two_numbers_in_a_dateline_are_a_day_and_a_month(text: str) -> None:
    dateline, today = date_mentions(_story(text))
    assert (dateline.value, dateline.rule) == ("2024-11-09", "dateline")
    assert (today.value, today.anchor) == ("2024-11-09", "dateline")


def test_two_numbers_behind_the_dateline_are_not() -> None:
    assert date_mentions(_story("أنقرة/ الأناضول\nانتهت المباراة 9-11")) == []


def test_a_dateline_without_a_year_takes_the_one_nearest_to_publication() -> None:
    new_year = Timestamp(1_735_776_000)  # 2025-01-02
    text = "مانيلا، 31 ديسمبر (رويترز) - قالت الشرطة إن رجلا قتل أمس."
    dateline, yesterday = date_mentions(_story(text, published_at=new_year))
    assert (dateline.value, yesterday.value) == ("2024-12-31", "2024-12-30")


def test_without_a_publication_time_relative_dates_stay_unresolved() -> None:
    story = _story("وصل أمس، وتأسس عام 1969.", published_at=None, published_from="none",
                   first_seen_at=NOON)
    yesterday, year = date_mentions(story)
    assert (yesterday.value, yesterday.first_day, yesterday.anchor) == (None, None, "none")
    assert yesterday.unresolved == "no publication time to reckon from"
    assert (yesterday.kind, yesterday.granularity) == ("date", "day")
    assert (year.value, year.anchor) == ("1969", "absolute")


def test_days_are_inclusive() -> None:
    story = _story("في شباط 2024 وخلال شهر رمضان الماضي ومن 3 إلى 5 مايو 2024 ولمدة يومين")
    assert [(one.first_day, one.last_day) for one in date_mentions(story)] == [
        ("2024-02-01", "2024-02-29"), ("2024-03-11", "2024-04-09"), ("2024-05-03", "2024-05-05"),
        (None, None),
    ]


def test_a_time_beyond_the_calendar_is_no_anchor() -> None:
    story = _story("وصل أمس.", published_at=Timestamp(300_000_000_000))
    (mention,) = date_mentions(story)
    assert mention.unresolved == "no publication time to reckon from"


def test_ids_tell_mentions_apart_and_stay_the_same() -> None:
    story = _story("وصل أمس وغادر أمس.")
    ids = [mention.date_id for mention in date_mentions(story)]
    assert len(set(ids)) == 2
    assert ids == [mention.date_id for mention in date_mentions(story)]


@pytest.mark.parametrize("text", ["", "\n", "٢", "و", "ال", "1" * 5000, "من من من", "🙂" * 9])
def test_texts_without_dates_have_none(text: str) -> None:
    assert date_mentions(_story(text, title="")) == []
