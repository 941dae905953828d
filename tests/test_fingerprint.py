from hypothesis import given
from hypothesis import strategies as st

from schemas.records import WireSpan
from tests.builders import TEXT
from transforms.fingerprint import Fingerprint, fingerprint, likeness, pack, unpack

TITLE = "موسم الزيتون يبدأ مبكرا"
OTHER = (
    "قال مدير المرفأ إن السفينة الأولى المحملة بالقمح رست صباح الجمعة عند الرصيف الرابع وإن "
    "تفريغ حمولتها البالغة 30 ألف طن يستغرق أربعة أيام قبل أن تغادر إلى ميناء آخر في البحر الأحمر"
)


def _equal(one: Fingerprint, other: Fingerprint) -> bool:
    return all(a.tolist() == b.tolist() for a, b in zip(one, other, strict=True))


@given(st.text(), st.text())
def test_unpack_reverses_pack(title: str, text: str) -> None:
    prints = fingerprint(title, text)
    assert _equal(unpack(pack(prints)), prints)


@given(st.text(), st.text())
def test_likeness_is_symmetric(one: str, other: str) -> None:
    a, b = fingerprint("", one), fingerprint("", other)
    assert likeness(a, b, same_source=False) == likeness(b, a, same_source=False)


def test_spelling_and_wire_spans_do_not_count() -> None:
    spelled = TEXT.replace("أ", "ا").replace("بيان", "بَيَـان")
    tail = "\nاشترك في قناتنا"
    spans = (WireSpan("promotion", len(spelled), len(spelled + tail)),)
    assert _equal(fingerprint(TITLE, TEXT), fingerprint(TITLE, spelled + tail, spans))


def test_likeness_of_a_copy_that_is_cut_short() -> None:
    half = " ".join(TEXT.split()[:20])
    found = likeness(fingerprint(TITLE, TEXT), fingerprint(TITLE, half), same_source=False)
    assert found is not None
    assert found.contained == 1.0
    assert found.size_ratio < 0.7


def test_different_stories_are_not_alike() -> None:
    assert likeness(fingerprint(TITLE, TEXT), fingerprint("", OTHER), same_source=False) is None


def test_a_bulletin_with_other_numbers_is_not_a_copy() -> None:
    rates = "سجل سعر صرف الدولار اليوم {} مقابل العملة المحلية وسعر اليورو {} والجنيه {} والين {}"
    monday, tuesday = rates.format(1507, 1620, 1893, 11), rates.format(1511, 1634, 1902, 12)
    found = likeness(fingerprint("", monday), fingerprint("", tuesday), same_source=True)
    assert found is None


def test_a_bulletin_of_another_day_is_not_a_copy() -> None:
    press = "تناولت الصحف المحلية الصادرة صباح {} جملة من القضايا السياسية والاقتصادية في البلاد"
    monday, tuesday = press.format("الإثنين"), press.format("الثلاثاء")
    assert likeness(fingerprint("", monday), fingerprint("", tuesday), same_source=True) is None
    later = fingerprint("", f"{press.format('الاثنين')} وفق وكالات")
    assert likeness(fingerprint("", monday), later, same_source=False) is not None


def test_a_copy_that_names_a_day_more_is_a_copy() -> None:
    named = f"{TEXT} وذلك بعد اجتماع يوم الخميس"
    one, other = fingerprint(f"{TITLE} الأحد", TEXT), fingerprint(f"{TITLE} الأحد والجمعة", named)
    assert likeness(one, other, same_source=False) is not None


def test_a_follow_up_of_one_source_that_repeats_background_is_not_a_copy() -> None:
    lead = "وصل وفد الوزارة إلى المحافظات الجنوبية لتفقد مخازن الحبوب ولقاء المزارعين هناك "
    follow_up = fingerprint("الوفد في الجنوب", lead + TEXT)
    assert likeness(fingerprint(TITLE, TEXT), follow_up, same_source=True) is None


def test_a_headline_alone_has_a_fingerprint() -> None:
    assert len(fingerprint("عاجل", "").keys) == 1
    assert len(fingerprint("", "").keys) == 0
