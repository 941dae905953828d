import time
import unicodedata
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.dates.anchors import Anchor
from transforms.dates.expressions import Expression, find_expressions, find_readings

SUNDAY = Anchor(date(2024, 11, 10), datetime(2024, 11, 10, 12, 0))


def _read(text: str, anchor: Anchor | None = SUNDAY) -> list[tuple[str, str | None]]:
    """Return the surface of each expression of `text` and what it stands for."""
    return [
        (text[found.start : found.end], found.value.value if found.value else None)
        for found in find_expressions(text, anchor)
    ]


def _values(text: str, anchor: Anchor | None = SUNDAY) -> list[str | None]:
    return [value for _, value in _read(text, anchor)]


@pytest.mark.parametrize(("text", "value"), [
    pytest.param("سيعقد في 15 يناير", "2025-01-15", id="future verb"),
    pytest.param("عقد في 15 يناير", "2024-01-15", id="no cue, past"),
    pytest.param("في 15 ديسمبر", "2024-12-15", id="no cue, but the past is far and the next near"),
    pytest.param("قال الوزير يوم 15 يناير إن اللجنة ستجتمع", "2024-01-15", id="another clause"),
    pytest.param("سيطر الجيش على المدينة في 15 يناير", "2024-01-15", id="no future particle"),
    pytest.param("يبدأ العمل في 1 نوفمبر", "2024-11-01", id="near past beats far future"),
    pytest.param("الجمعة 20 ديسمبر", "2024-12-20", id="the weekday tells the year"),
    pytest.param("الأربعاء 22 يناير", "2025-01-22", id="the weekday tells the next year"),
    pytest.param("29 فبراير الماضي", "2024-02-29", id="leap day"),
    pytest.param("29 فبراير المقبل", "2028-02-29", id="next leap day"),
])
def test_a_date_without_a_year_takes_the_year_that_fits(text: str, value: str) -> None:
    assert _values(text) == [value]


@pytest.mark.parametrize(("text", "value"), [
    pytest.param("قتل ثلاثة الجمعة", "2024-11-08", id="past"),
    pytest.param("وقال الأحد", "2024-11-10", id="the day itself"),
    pytest.param("ستجري المحادثات الجمعة", "2024-11-15", id="future verb"),
    pytest.param("ستجري المحادثات الأحد", "2024-11-10", id="future verb, the day itself"),
    pytest.param("الجمعة، سيصل الوفد", "2024-11-08", id="future verb in another clause"),
    pytest.param("أعلن الجمعة أنه سيستقيل", "2024-11-08", id="future verb after that"),
    pytest.param("من المقرر أن يصل الجمعة", "2024-11-15", id="planned"),
    pytest.param("وكان من المقرر أن يصل الجمعة", "2024-11-08", id="was planned"),
    pytest.param("الأحد الماضي", "2024-11-03", id="last, on the same weekday"),
    pytest.param("الأحد المقبل", "2024-11-17", id="next, on the same weekday"),
    pytest.param("اليوم السبت", "2024-11-09", id="the weekday corrects today"),
    pytest.param("أمس الجمعة", "2024-11-08", id="the weekday corrects yesterday"),
    pytest.param("الخميس 21", "2024-11-21", id="number of the day"),
])
def test_weekdays(text: str, value: str) -> None:
    assert _values(text) == [value]


@pytest.mark.parametrize(("text", "values"), [
    pytest.param("5/11/2024", ["2024-11-05"], id="the day comes first"),
    pytest.param("11/25/2024", ["2024-11-25"], id="American, where no other order is possible"),
    pytest.param("يومي 22 و23 مارس 2024", ["2024-03-22/2024-03-23"], id="neighbours"),
    pytest.param("يومي 22 و24 مارس 2024", ["2024-03-22", "2024-03-24"], id="two days apart"),
    pytest.param("عامي 2011 و2015", ["2011", "2015"], id="two years apart"),
    pytest.param("أعوام 1994 و1998 و2006", ["1994", "1998", "2006"], id="three years"),
    pytest.param("من 28 ديسمبر إلى 3 يناير", ["2024-12-28/2025-01-03"], id="into the next year"),
    pytest.param("النصف الأول من القرن العشرين", ["1900/1949"], id="half of a century"),
    pytest.param("النصف الثاني من التسعينيات", ["1995/1999"], id="half of a decade"),
    pytest.param("النصف الأول من الأسبوع الماضي", ["2024-W44"], id="no half of a week"),
    pytest.param("مساء الجمعة من كل أسبوع", ["P1W"], id="a part of what recurs"),
])
def test_orders_and_lists(text: str, values: list[str]) -> None:
    assert _values(text) == values


def test_weeks_are_those_of_iso_8601() -> None:
    (found,) = find_expressions("الأسبوع الماضي", SUNDAY)
    assert found.value is not None
    assert (found.value.value, found.value.first, found.value.last) == (
        "2024-W44", date(2024, 10, 28), date(2024, 11, 3))


@pytest.mark.parametrize("text", [
    "مارس الرئيس ضغوطا", "رجب طيب أردوغان", "قال رمضان شلح", "القرار 1701", "2000 شخص",
    "خميس مشيط", "مدينة 6 أكتوبر", "فاز 3-1", "75.30 دولارا", "هاتف 0599-11-2024",
    "بيان رقم 2024/11", "الإصدار 10.11.2024", "192.168.10.11", "2.10.11.2024", "اليوم العالمي",
    "في اليوم نفسه", "صحيفة المصري اليوم", "في اليوم الثالث", "صلاة الجمعة", "الجمعة السوداء",
    "مليون برميل يوميا", "من 3 إلى 5 أشخاص", "أب لطفلين", "3 صفر", "شارع 26 سبتمبر",
    "بالثلاثينيات من عمره", "ربع النهائي", "نصف ساعة", "عمره 45 عاما", "للجمعة الثالثة",
    "مدير عام 2024", "من أجل غد أفضل", "حزب الغد", "كورونا 19-20-21", "4-3-3",
    "الربع الخامس من العام", "حتى نهاية العقد", "4-2-3-1",
    "31/13/2024", "0/5/2024", "سعر الذهب 1950 دولارا",
    "\u064b\u064b", "قرار ١٧٠١",
])
def test_what_is_no_date_is_left_alone(text: str) -> None:
    assert _read(text) == []


@pytest.mark.parametrize(("text", "reason"), [
    pytest.param("أحداث 11 سبتمبر", "names an event and not its year", id="event"),
    pytest.param("ثورة 25 يناير", "names an event and not its year", id="revolution"),
    pytest.param("31 نوفمبر 2024", "no such day", id="day"),
    pytest.param("1 محرم 1300", "outside the tables of Umm al-Qura", id="tables"),
    pytest.param("بعد يومين من الهجوم", "reckoned from an event", id="after an event"),
    pytest.param("في العام نفسه", "reckoned from another date in the text", id="the same year"),
    pytest.param("قبل أيام", "no number is given", id="vague"),
    pytest.param("القرن الثالث قبل الميلاد", "before the Christian era", id="BC"),
    pytest.param("قبل 999999999 سنة", "no such day", id="before the calendar"),
])
def test_what_cannot_be_reckoned_says_why(text: str, reason: str) -> None:
    (found,) = find_expressions(text, SUNDAY)
    assert (found.value, found.unresolved) == (None, reason)


def test_relative_dates_need_an_anchor_and_others_do_not() -> None:
    text = "أمس وقبل عامين ومساء السبت و7 أكتوبر الماضي وعام 1969 والساعة 15:30"
    assert _values(text, None) == [None, None, None, None, "1969", None]
    anchored = [found.base == "anchor" for found in find_expressions(text, SUNDAY)]
    assert anchored == [True, True, True, True, False, True]


@pytest.mark.parametrize(("text", "surface"), [
    pytest.param("وبالأمس", "الأمس", id="two clitics"),
    pytest.param("للعام 2024", "للعام 2024"[1:], id="l before the article"),
    pytest.param("1446 هـ، 9 جمادى الأولى 1446 هـ.", "9 جمادى الأولى 1446 هـ", id="tatweel"),
    pytest.param("الاثنين (21 آب 2023) قال", "الاثنين (21 آب 2023)", id="brackets"),
    pytest.param("يوم ١٥ نوفمبر ٢٠٢٤م", "يوم ١٥ نوفمبر ٢٠٢٤م", id="Arabic-Indic digits"),
    pytest.param("۱۵ نوفمبر ۲۰۲۴", "۱۵ نوفمبر ۲۰۲۴", id="Persian digits"),
    pytest.param("فِي ١٥ نُوفَمْبِر", "١٥ نُوفَمْبِر", id="vowels"),
    pytest.param("ﻧﻮﻓﻤﺒﺮ 2024", "ﻧﻮﻓﻤﺒﺮ 2024", id="presentation forms"),
    pytest.param("🙂🙂 15 نوفـــمبر 2024", "15 نوفـــمبر 2024", id="emoji and tatweel"),
])
def test_surfaces_are_exact(text: str, surface: str) -> None:
    assert surface in [found for found, _ in _read(text)]


def test_an_expression_does_not_cross_a_line() -> None:
    assert _read("في 7\nأكتوبر 2023") == [("أكتوبر 2023", "2023-10")]


@pytest.mark.parametrize("piece", [
    "من ", "بين 1 و", "يومي 1 و2 و", "و", "1/", "1-", "2024 ", "قبل ", "أول ", "الساعة ",
    "7 أكتوبر ", "ال", "خمسة و", "عامي 2011 و", "منذ ", "(", "نهاية ", "كل ", "1 شهر و",
    "من 1 إلى ", "الأحد ",
    "2011 و", "قبل أكثر من ", "الموافق ", "مساء ", "لمدة ", "7 أكتوبر - ", "يوم ",
])
def test_hostile_text_costs_linear_time(piece: str) -> None:
    find_readings(piece)
    started_s = time.perf_counter()
    find_readings(piece * (20_000 // len(piece)))
    assert time.perf_counter() - started_s < 10  # quadratic time takes minutes


_PIECES = [
    *"0123456789٠٥۲ /-.:,،()\nوبلفـ\u064b", "قبل ", "منذ ", "من ", "إلى ", " بين ", "عام ",
    "أيام ", "قرون ", "أكتوبر ", "رمضان ", "الأحد ", "الماضي ", "الساعة ", "مساء ",
    "الأول ", "شهر ",
    "9999999 ", "2024 ", "كل ", "نهاية ", "غدا ", "القرن ", "الربع ", "صيف ", "هـ", " ت غ ",
    "يوم ",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for anchor in (None, SUNDAY, Anchor(date.min), Anchor(date.max, datetime.max)):
        _check(text, find_expressions(text, anchor))


_DECORATIONS = ["\u064b", "\u064e", "\u0640", "\u200c", "\u200f", "🙂"]


@given(
    st.sampled_from([
        "11 تشرين الثاني من العام الماضي", "مساء السبت", "الأيام الثلاثة الماضية", "2024/11/10",
        "قبل عامين", "9 جمادى الأولى 1446 هـ", "نهاية العام الحالي",
    ]),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(_DECORATIONS[:5])), max_size=12),
    st.sampled_from(["", "🙂 ", "ﷺ ", "قِيلَ ", "ﻷن "]),
)
def test_offsets_index_the_text_under_marks_and_invisible_signs(
    words: str, marks: list[tuple[int, str]], before: str
) -> None:
    plain = _values(words)
    text = words
    for position, mark in marks:
        position = min(max(position, 1), len(text))
        text = text[:position] + mark + text[position:]
    text = before + text
    assert _values(text) == plain
    _check(text, find_expressions(text, SUNDAY))
    shaped = unicodedata.normalize("NFC", text)
    _check(shaped, find_expressions(shaped, SUNDAY))


def _check(text: str, found: list[Expression]) -> None:
    """Assert what holds of any text: spans in order, inside it, with values that fit."""
    end = 0
    for one in found:
        assert end <= one.start < one.end <= len(text)
        end = one.end
        assert not text[one.start : one.end].isspace()
        assert (one.value is None) == (one.unresolved is not None)
        if one.value is not None and one.value.first is not None:
            assert one.value.last is not None
            assert one.value.first <= one.value.last
