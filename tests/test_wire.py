import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.labels import WIRE_SPAN_KINDS
from transforms.wire import anatomy

LAYOUTS = json.loads((Path(__file__).parent / "data" / "wire_layouts.json").read_text())
LEADS = [layout for layout in LAYOUTS if isinstance(layout["expected"], list)]
TAILS = [layout for layout in LAYOUTS if not isinstance(layout["expected"], list)]


def _lead(text: str) -> tuple[str | None, str | None, str | None]:
    """Return agency, place and date as read from the lead of `text`."""
    wire = anatomy(text)
    return wire.agency, wire.dateline_place, wire.dateline_date


def _marked(text: str) -> list[tuple[str, str]]:
    """Return the kind and the characters of each span."""
    return [(span.kind, text[span.start : span.end]) for span in anatomy(text).spans]


def _tail(text: str) -> str | None:
    """Return what stands from the first mark after the story to the end, with its white space."""
    spans = anatomy(text).spans
    return text[len(text[: spans[0].start].rstrip()) :] if spans else None


@pytest.mark.parametrize("layout", LEADS, ids=range(len(LEADS)))
def test_lead_layouts(layout: dict[str, list[str | None]]) -> None:
    assert list(_lead(str(layout["text"]))) == layout["expected"]


@pytest.mark.parametrize("layout", TAILS, ids=range(len(TAILS)))
def test_tail_layouts(layout: dict[str, str | None]) -> None:
    assert _tail(str(layout["text"])) == layout["expected"]


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("باكو/ روسلان رحيموف/ الأناضول\nقال", ("AA", "باكو", None)),
        ("كييف (أوكرانيا), 25-11-2023 (أ ف ب) - قال", ("AFP", "كييف", "25-11-2023")),
        ("دبي، الإمارات العربية المتحدة (CNN) -- قال", ("CNN", "دبي", None)),
        ("بعقوبة / نينا / اعلن مصدر امني", ("NINA", "بعقوبة", None)),
        ("وطنية - صيدا - جال وفد", ("NNA", "صيدا", None)),
        ("الرياض 05 شعبان 1445 هـ الموافق 15 فبراير 2024 م واس\nبعث",
         ("SPA", "الرياض", "05 شعبان 1445 هـ الموافق 15 فبراير 2024 م")),
        ("طهران / ١٠ تشرين الثاني/ نوفمبر / إرنا - قال",
         ("IRNA", "طهران", "١٠ تشرين الثاني/ نوفمبر")),
        ("القاهرة ـ أ ف ب: قال", ("AFP", "القاهرة", None)),
        ("القدس (أ ف ب) 15-7 - قال", ("AFP", "القدس", "15-7")),
        ("عاجل | واشنطن (رويترز) - قال", ("REUTERS", "واشنطن", None)),
        ("\u200fرام الله 10-11-2024 وَفا- قال", ("WAFA", "رام الله", "10-11-2024")),
        ("بيروت: «الشرق الأوسط»\nقال", ("ASHARQALAWSAT", "بيروت", None)),
        ("عنوان الخبر هنا\nبغداد/ واع / أعلنت", ("INA", "بغداد", None)),
        ("عواصم - وكالات\nقال", (None, "عواصم", None)),
        ("شفق نيوز/ أعلن مصدر", ("SHAFAQ", None, None)),
        ("رأس الخيمة في 10 نوفمبر / وام / بحث", ("WAM", "رأس الخيمة", "10 نوفمبر")),
        ("غزة/ علي إمام/ الأناضول\nقال", ("AA", "غزة", None)),
        ("جدة 10 جمادى الأولى 1446هـ (واس)\nقال", ("SPA", "جدة", "10 جمادى الأولى 1446هـ")),
        ("ارتفاع أسعار النفط (رويترز)\nقال", (None, None, None)),
        ("رويترز: إيران تعلن", (None, None, None)),
        ("مبادرة وطنية - صيدا أولا", (None, None, None)),
        ("قال مسؤول (رويترز) - نسخة", (None, None, None)),
        ("أنت أب سيء إذا", (None, None, None)),
        ("استقبلت المستشارة ومع وفدها - واس", (None, None, None)),
    ],
    ids=["byline", "country", "cnn", "nina", "agency-first", "hijri", "arabic-digits", "tatweel",
         "late-date", "alert", "marks", "paper", "second-line", "unnamed", "no-place",
         "cape", "ali", "era", "credited", "headline",
         "adjective", "verb", "father", "story"],
)
def test_leads(text: str, lead: tuple[str | None, str | None, str | None]) -> None:
    assert _lead(text) == lead


@pytest.mark.parametrize(
    ("tail", "marks"),
    [
        ("\nع ز/ماب/ب ق", [("signature", "ع ز/ماب/ب ق")]),
        ("\n======ع.ح.", [("signature", "======ع.ح.")]),
        ("\n--(بترا)\nع ن/م د\n08/11/2024 14:05:10",
         [("agency", "--(بترا)"), ("signature", "ع ن/م د"), ("signature", "08/11/2024 14:05:10")]),
        (" (يتبع)", [("closing_mark", "(يتبع)")]),
        ("\nـ انتهـى ـ", [("closing_mark", "ـ انتهـى ـ")]),
        ("./انتهى\nوكالة لا نعرفها", [("closing_mark", "./انتهى")]),
        ("\nفرانس24/ أ ف ب", [("agency", "فرانس24/ أ ف ب")]),
        ("\n🔴 تابعونا على تلغرام\nhttps://t.me/x",
         [("promotion", "🔴 تابعونا على تلغرام"), ("promotion", "https://t.me/x")]),
        ("\nاقرأ أيضاً\nقصف جديد على الحدود", [("promotion", "اقرأ أيضاً\nقصف جديد على الحدود")]),
        (" اشترك في القتال 300 جندي على موقع واحد.", []),
        (" وتابع الوزير: شاهد عيان قال ذلك", []),
        (" وقال \"انتهى الأمر\".", []),
        (" انتهى عهد الحرب.", []),
        (" نقلت ذلك (رويترز) عن مصادر", []),
        (" وكان ذلك في #غزة", []),
        ("\nوكان ذلك\n2024", []),
    ],
    ids=["desk", "ruled", "petra", "continued", "tatweel", "unknown-after", "credit", "telegram",
         "read-more", "past-tense", "witness", "quotation", "verb", "inside", "hashtag", "year"],
)
def test_tails(tail: str, marks: list[tuple[str, str]]) -> None:
    assert _marked(f"قال الوزير ذلك.{tail}") == marks


def test_whole_wire() -> None:
    text = (
        "إسطنبول/ محمد شيخ يوسف/ الأناضول\n"
        "عُقد الاجتماع الأول للقمة في الرياض بحضور 57 دولة.\n"
        "وقال الوزير إن الأمر انتهى ./انتهى\n"
        "ليصلك المزيد من الأخبار اشترك بقناتنا على التليغرام"
    )
    assert _marked(text) == [
        ("dateline", "إسطنبول/ محمد شيخ يوسف/ الأناضول"),
        ("byline", "محمد شيخ يوسف"),
        ("agency", "الأناضول"),
        ("closing_mark", "./انتهى"),
        ("promotion", "ليصلك المزيد من الأخبار اشترك بقناتنا على التليغرام"),
    ]
    assert anatomy(text).author == "محمد شيخ يوسف"


def test_author_on_the_line_before_the_dateline() -> None:
    wire = anatomy("من أحمد رشيد وسيف الدين حمدان\nبغداد (رويترز) - قال")
    assert (wire.author, wire.dateline_place) == ("أحمد رشيد وسيف الدين حمدان", "بغداد")


def test_lead_is_not_read_again_as_an_ending() -> None:
    assert _marked("(رويترز)") == [("dateline", "(رويترز)"), ("agency", "رويترز")]


def test_nothing_is_marked_in_a_plain_story() -> None:
    assert _marked("من المتوقع أن تركز القمة على غزة.\nوأكد البيان ذلك.") == []


@given(st.lists(st.sampled_from([
    "القدس", " (أ ف ب)", " - ", "/ الأناضول", "\n", "قال.", "./انتهى", "\nم.ل", "ــــ",
    " 10-11-2024 ", "#غزة", "اشترك في قناتنا", "المصدر: وكالات", "\u200f", "😀", "قُتِلَ", "(", "«",
]), max_size=20).map("".join))
def test_spans_are_ordered_and_overlap_only_inside_the_dateline(text: str) -> None:
    spans = anatomy(text).spans
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(span.kind in WIRE_SPAN_KINDS for span in spans)
    assert list(spans) == sorted(spans, key=lambda span: span.start)
    lead = max((span.end for span in spans if span.kind == "dateline"), default=0)
    outside = [span for span in spans if span.start >= lead]
    assert all(left.end <= right.start for left, right in pairwise(outside))


@pytest.mark.parametrize("unit", ["(", "/ ", "انتهى ", "ـ ", "#ا ", "م.", "أ ف ب ", "الأناضول - "])
def test_long_texts_take_constant_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    started = time.process_time()
    anatomy(text)
    assert time.process_time() - started < 0.5
