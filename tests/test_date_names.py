"""What looks like a date beside what is one: names of places, bare years, rates."""

from datetime import date

import pytest

from transforms.dates.anchors import Anchor
from transforms.dates.expressions import find_expressions

SUNDAY = Anchor(date(2024, 11, 10))


def _values(text: str) -> list[str | None]:
    return [found.value.value if found.value else None for found in find_expressions(text, SUNDAY)]


@pytest.mark.parametrize("text", [
    "وقع الانفجار في شارع السبت", "قرب سوق الخميس جنوب المدينة", "بسوق الأحد في الحديدة",
    "في مدينة 6 أكتوبر", "على جسر 17 يوليو", "بوادي الجمعة", "في جبل السبت", "في مسجد الجمعة",
    "إلى بلدة الخميس", "دخلت ساحة تشرين", "في حي الأربعاء", "عند دوار الأحد",
])
def test_places_named_after_days_are_no_dates(text: str) -> None:
    assert _values(text) == []


@pytest.mark.parametrize(("text", "value"), [
    ("وقع في قرية الأحد الماضي هجوم", "2024-11-03"), ("شهد السوق الخميس تراجعا", "2024-11-07"),
    ("شهدت مدينة تعز السبت مواجهات", "2024-11-09"), ("قصفت قرية الجمعة 8 نوفمبر", "2024-11-08"),
])
def test_days_beside_places_are_dates(text: str, value: str) -> None:
    assert _values(text) == [value]


@pytest.mark.parametrize(("text", "value"), [
    ("شغل المنصب من 2015 حتى 2020", "2015/2020"),
    ("حكم البلاد من 2011 إلى 2020 في ظل أزمة", "2011/2020"),
    ("خلال الفترة 2015-2020 ارتفع الإنتاج", "2015/2020"),
    ("بين 2014 و2019 شهدت البلاد احتجاجات", "2014/2019"),
    ("عمل سفيرا بين 2014 و2019 في باريس", "2014/2019"),
    ("وشغل بين 2003 و2011 منصب الحاكم", "2003/2011"),
    ("عمل مع الفريق بين 2006 و2009 وقاده إلى اللقب", "2006/2009"),
    ("بين عامي 2015-2020", "2015/2020"), ("في عام 2015-2016 تراجع", "2015/2016"),
    ("ارتفع الإنتاج من 2015 حتى 2020", "2015/2020"),
])
def test_two_bare_years_are_a_range(text: str, value: str) -> None:
    assert _values(text) == [value]


@pytest.mark.parametrize("text", [
    "شارك من 2000 إلى 3000 شخص", "حضر بين 2000 و2050 عضو", "بين 2000 و2050 دولارا",
    "تتراوح الأجور بين 1900 و2050", "ارتفع المؤشر من 1950 إلى 2010 في يوم",
    "وزع من 1950 إلى 2010 كتب", "تراجع سعر الذهب من 2040 إلى 2050.",
    "قطع من 1950 إلى 2000 كيلومتر", "شهادات من 1950 إلى 2010 طلبات",
])
def test_two_numbers_that_count_are_none(text: str) -> None:
    assert _values(text) == []


@pytest.mark.parametrize(("text", "value"), [
    ("تنشر الوزارة الحصيلة يوميا", "P1D"), ("يصدر التقرير أسبوعيا", "P1W"),
    ("تعقد اللجنة شهريا اجتماعا", "P1M"), ("ينظم المهرجان سنويا", "P1Y"),
    ("تجتمع اللجنة كل شهرين", "P2M"), ("تجتمع اللجنة مرتين في الأسبوع", "P1W"),
    ("يتدرب ثلاث مرات يوميا", "P1D"), ("تعقد مرة كل سنتين", "P2Y"),
    ("تعقد مرة واحدة في السنة", "P1Y"), ("يتناوله 3 مرات في اليوم الواحد", "P1D"),
])
def test_adverbs_and_times_in_a_unit_recur(text: str, value: str) -> None:
    assert _values(text) == [value]


@pytest.mark.parametrize(("text", "values"), [
    ("تنتج 3 ملايين برميل يوميا", []), ("في اجتماع يومي وتقرير سنوي ومعرض شهري", []),
    ("فاز مرتين في العام الماضي", ["2023"]), ("فاز مرتين في الأسبوع الأول", []),
    ("لأول مرة في السنة", []), ("خسر مرتين في اليوم نفسه", []),
])
def test_rates_adjectives_and_single_units_do_not_recur(text: str, values: list[str]) -> None:
    assert _values(text) == values


@pytest.mark.parametrize(("text", "value"), [
    ("في العام ألفين وأحد عشر", "2011"), ("سنة ألفين وإحدى عشرة", "2011"),
    ("خلال الأسدس الأول من سنة 2024", "2024-H1"), ("نمو الفصل الثالث من 2024", "2024-Q3"),
    ("الدخول المدرسي 2024-2025", "2024/2025"),
])
def test_words_of_the_maghreb_and_the_levant(text: str, value: str) -> None:
    assert _values(text) == [value]


def test_a_chapter_is_no_quarter() -> None:
    assert _values("ينص الفصل الثالث من القانون") == []


@pytest.mark.parametrize(("text", "values"), [
    ("في الأشهر الستة الأخيرة من 2023", ["2023-07/2023-12"]),
    ("خلال الأشهر الثلاثة الأخيرة من السنة الماضية", ["2023-10/2023-12"]),
    ("خلال السنوات الثلاث الأخيرة من عمره", ["2021/2024"]),
    ("في الثمانينات والتسعينات", ["198", "199"]), ("يوم أمس الأول", ["2024-11-08"]),
    ("على امتداد ثلاثة أيام", ["P3D"]), ("أمهلهم 72 ساعة", ["PT72H"]),
    ("حكم لأكثر من 20 عاما", ["P20Y"]), ("شارك أكثر من 20 عاملا", []),
])
def test_what_wires_count_back_from_or_last(text: str, values: list[str]) -> None:
    assert _values(text) == values


@pytest.mark.parametrize(("text", "values"), [
    ("انتخابات 2014 الرئاسية", ["2014"]), ("منذ حرب 1967", ["1967"]),
    ("احتجاجات 2019 في بيروت", ["2019"]), ("دستور 2014.", ["2014"]),
    ("أزمة 2000 شخص", []), ("رؤية 2030 ومونديال 2026", []), ("اتفاق 2015 بندا", []),
])
def test_a_year_behind_an_event_is_its_year(text: str, values: list[str]) -> None:
    assert _values(text) == values


@pytest.mark.parametrize(("text", "values"), [
    ("تسير الشركة رحلة مرتين في الأسبوع إلى جدة", ["P1W"]),
    ("مرتين على الأقل في الأسبوع", ["P1W"]), ("خلال الولاية التشريعية 2021-2026", ["2021/2026"]),
    ("برسم السنة المالية 2024", ["2024"]), ("السنة المالية 2024/2025", ["2024/2025"]),
    ("مطلع العام الهجري 1446", ["2024-07-07/2025-06-25"]), ("بداية السنة المالية الجديدة", []),
])
def test_terms_and_kinds_of_years(text: str, values: list[str]) -> None:
    assert _values(text) == values
