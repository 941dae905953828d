"""Dates that other words of the text place: a date before, the tense of the clause, two hours."""

from datetime import date, datetime

import pytest

from tests.builders import NOON, make_story
from transforms.dates.anchors import Anchor
from transforms.dates.expressions import find_expressions
from transforms.dates.find import date_mentions

SUNDAY = Anchor(date(2024, 11, 10), datetime(2024, 11, 10, 12, 0))


def _values(text: str, anchor: Anchor | None = SUNDAY) -> list[str | None]:
    return [found.value.value if found.value else None for found in find_expressions(text, anchor)]


@pytest.mark.parametrize(("text", "values"), [
    pytest.param("وصل الوفد في 3 مايو 2023 وغادر في اليوم التالي.", ["2023-05-03", "2023-05-04"],
                 id="the next day"),
    pytest.param("التقى الوفد الوزير الخميس.\nوفي اليوم التالي زار الميناء.",
                 ["2024-11-07", "2024-11-08"], id="at the head of the next paragraph"),
    pytest.param("تأسس النادي عام 1998 وفاز بالكأس في العام التالي.", ["1998", "1999"],
                 id="the next year"),
    pytest.param("بدأت في مارس 2011 وتوقفت في العام نفسه.", ["2011-03", "2011"], id="same year"),
    pytest.param("بدأت عام 1967 وانتهت في 10 حزيران من العام ذاته.", ["1967", "1967-06-10"],
                 id="a day of the same year"),
    pytest.param("يبدأ في 8 مايو المقبل وينتهي في 19 من الشهر نفسه.", ["2025-05-08", "2025-05-19"],
                 id="a day of the same month"),
    pytest.param("عين في أبريل 2015 بعد استقالة سلفه منتصف الشهر نفسه من العام ذاته.",
                 ["2015-04", "2015-04"], id="both"),
    pytest.param("تأسس عام 1998. وغادر في اليوم التالي.", ["1998", None], id="not exact enough"),
    pytest.param("وصل في 3 مايو 2023.\nوأكد الوزير أنه غادر في اليوم التالي.",
                 ["2023-05-03", None], id="another paragraph"),
    pytest.param("ارتفع 3% مقارنة مع الشهر نفسه من العام الماضي.", ["2023"],
                 id="the month of another year"),
    pytest.param("سيغادر الوفد في اليوم التالي.", ["2024-11-11"], id="nothing named, to come"),
    pytest.param("غادر الوفد في اليوم التالي.", [None], id="nothing named, past"),
    pytest.param("صدر القرار السبت ويسري من اليوم التالي لنشره.", ["2024-11-09", None],
                 id="after an event"),
    pytest.param("بحث الجانبان سيناريوهات اليوم التالي للحرب.", [], id="a noun"),
    pytest.param("بحثا خطة اليوم التالي في غزة.", [], id="a noun before a place"),
])
def test_counts_from_the_date_before(text: str, values: list[str | None]) -> None:
    assert _values(text) == values


@pytest.mark.parametrize(("text", "anchors"), [
    ("وصل أمس وغادر في اليوم التالي.", ["publication", "text"]),
    ("غادر في اليوم التالي.", ["none"]),
    ("سيغادر في اليوم التالي.", ["publication"]),
])
def test_says_what_a_date_was_reckoned_from(text: str, anchors: list[str]) -> None:
    mentions = date_mentions(make_story(title="", text=text, published_at=NOON))
    assert [mention.anchor for mention in mentions] == anchors


@pytest.mark.parametrize(("text", "values"), [
    pytest.param("سيعود الفريق في 15.", ["2024-11-15"], id="a day to come"),
    pytest.param("سأعود في 15", ["2024-11-15"], id="I shall"),
    pytest.param("سألت عن ذلك في 15", [], id="no future: I asked"),
    pytest.param("خسر الفريق في 15، وفاز في 3.", [], id="a count of the past"),
    pytest.param("ستلعب مع مصر في 15 يونيو، وستواجه روسيا في 19.", ["2025-06-15"],
                 id="a month is named before"),
    pytest.param("ستجرى الانتخابات 22/4، وفق البيان.", ["2025-04-22"], id="a day and a month"),
    pytest.param("فاز الفريق 22-4.", [], id="a score"),
    pytest.param("سيبلغ السعر 4.22.", [], id="a decimal"),
    pytest.param("ستبدأ المرحلة ثلاثة أسابيع من الآن.", ["2024-12-01"], id="from now, ahead"),
    pytest.param("غادرت هنا شهرين و3 أيام من الآن.", ["2024-09-07"], id="from now, back"),
    pytest.param("الموعد عام ونصف من الآن.", [None], id="from now, untold"),
    pytest.param("شهد اليوم الماضي تصعيدا.", ["2024-11-09"], id="the past day"),
    pytest.param("وقع قبل بضعة أيام.", ["2024-11-01/2024-11-07"], id="three to nine"),
    pytest.param("وقع قبل بضع سنوات.", ["2015/2021"], id="three to nine years"),
    pytest.param("وقع قبل بضعة أيام من الانتخابات.", [None], id="of an event"),
    pytest.param("وقع قبل عدة أيام.", [None], id="no number"),
])
def test_lets_the_clause_decide(text: str, values: list[str | None]) -> None:
    assert _values(text) == values


@pytest.mark.parametrize(("text", "value"), [
    ("من الساعة الثامنة صباحا حتى الرابعة عصرا", "2024-11-10T08/2024-11-10T16"),
    ("من العاشرة مساء وحتى السادسة صباحا", "2024-11-10T22/2024-11-11T06"),
    ("من الساعة 22:00 حتى الساعة 06:00 بتوقيت غرينتش", "2024-11-10T22:00Z/2024-11-11T06:00Z"),
    ("بين الثانية والخامسة مساء", "2024-11-10T14/2024-11-10T17"),
    ("من التاسعة صباحا إلى الخامسة", "2024-11-10T09/2024-11-10T17"),
    ("من الساعة الثامنة صباح السبت حتى الثامنة مساء الأحد", "2024-11-09T08/2024-11-10T20"),
    ("الساعة 10:00 - 14:00 بتوقيت غرينتش", "2024-11-10T10:00Z/2024-11-10T14:00Z"),
])
def test_two_clock_times_are_a_stretch(text: str, value: str) -> None:
    assert _values(text) == [value]


@pytest.mark.parametrize("text", [
    "من 3 إلى 5 أشخاص", "بين الثالثة والخامسة من العمر", "من الأولى إلى الثالثة",
])
def test_other_numbers_are_no_clock_times(text: str) -> None:
    assert _values(text) == []
