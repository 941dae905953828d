import pytest

from schemas.labels import ITEM_TYPES, STATUSES
from transforms.item_type import classify

LONG = "قال الوزير في مؤتمر صحفي إن الاجتماع بحث ملفات المنطقة. " * 10


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("عاجل", "زلزال بقوة 6 درجات يضرب غرب تركيا", ("alert", "usable")),
        ("مستعجل جدا", "الرئيس يصل إلى القاهرة", ("alert", "usable")),
        ("🔴 #عاجل | مقتل ثلاثة", "🔴 #عاجل | مقتل ثلاثة", ("alert", "usable")),
        ("Son dakika: deprem", "Son dakika: deprem", ("alert", "usable")),
        ("عاجل: زلزال يضرب تركيا", LONG, ("story", "usable")),
        ("تصحيح-وزير: الاجتماع غدا", LONG, ("correction", "corrected")),
        ("(تصحيح) القمة غدا", LONG, ("correction", "corrected")),
        ("تصويب", LONG, ("correction", "corrected")),
        ("CORRECTED-Iran says", LONG, ("correction", "corrected")),
        ("القمة غدا", f"تصحيح:\n{LONG}", ("correction", "corrected")),
        ("تصحيح المسار السياسي في السودان", LONG, ("story", "usable")),
        ("سحب الخبر", LONG, ("withdrawal", "withdrawn")),
        ("إلغاء خبر: القمة", LONG, ("withdrawal", "withdrawn")),
        ("إلى المشتركين", "تتمنى الوكالة على المشتركين سحب الخبر المتعلق بالقمة.",
         ("withdrawal", "withdrawn")),
        ("ترجو كونا من مشتركيها إلغاء الخبر رقم 12", "", ("withdrawal", "withdrawn")),
        ("WITHDRAWN: Iran says", LONG, ("withdrawal", "withdrawn")),
        ("انسحاب القوات من غزة", LONG, ("story", "usable")),
        ("سحب القوات من غزة", LONG, ("story", "usable")),
        ("سحب تقرير غولدستون من التصويت", LONG, ("story", "usable")),
        ("Kill Bill returns", LONG, ("story", "usable")),
        ("مذكرة إلى المحررين", LONG, ("advisory", "usable")),
        ("الأجندة اليومية للأناضول", LONG, ("advisory", "usable")),
        ("توقعات", LONG, ("advisory", "usable")),
        ("مذكرة تفاهم بين مصر والسودان", LONG, ("story", "usable")),
        ("توقعات بارتفاع أسعار النفط", LONG, ("story", "usable")),
        ("موجز الأخبار", LONG, ("digest", "usable")),
        ("أبرز أخبار يوم السبت", LONG, ("digest", "usable")),
        ("نشرة جوية", LONG, ("story", "usable")),
        ("", "خبر قصير", ("story", "usable")),
    ],
)
def test_classify(title: str, text: str, expected: tuple[str, str]) -> None:
    assert classify(title, text, has_media=False) == expected
    assert expected[0] in ITEM_TYPES
    assert expected[1] in STATUSES


def test_tiny_text_under_a_picture_is_its_caption() -> None:
    assert classify("", "الوزير في القاهرة", has_media=True) == ("media", "usable")
    assert classify("بالصور.. لقاء القاهرة", LONG[:200], has_media=True) == ("media", "usable")
    assert classify("لقاء القاهرة", LONG, has_media=True) == ("story", "usable")
    assert classify("عاجل", "الوزير في القاهرة", has_media=True) == ("alert", "usable")
