"""People harmed, as sentences count them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.labels import CASUALTY_KINDS, COUNT_QUALIFIERS
from schemas.records import ResolvedStory
from tests.builders import make_story
from transforms.events.casualties import find_casualties
from transforms.events.words import read_words


def _counted(text: str) -> list[tuple[str, int, str, str]]:
    story = make_story(title="", text=text)
    return [
        (one.kind, one.people, one.qualifier, text[one.start : one.end])
        for words in read_words(ResolvedStory(story, (), ()), "text")
        for one in [harm.casualties for harm in find_casualties(words)]
    ]


@pytest.mark.parametrize(("text", "counted"), [
    ("مقتل 12 شخصا في الانفجار", [("killed", 12, "exact", "12 شخصا")]),
    ("مقتل ١٢ شخصا", [("killed", 12, "exact", "١٢ شخصا")]),
    ("قتل ۱۲ شخصا", [("killed", 12, "exact", "۱۲ شخصا")]),
    ("قُتِلَ ثلاثةُ أشخاصٍ", [("killed", 3, "exact", "ثلاثةُ أشخاصٍ")]),
    ("أصيب أكثر من 30 بجروح", [("injured", 30, "at_least", "أكثر من 30")]),
    ("استشهاد فلسطينيين اثنين", [("killed", 2, "exact", "فلسطينيين اثنين")]),
    ("مقتل شخصين", [("killed", 2, "exact", "شخصين")]),
    ("استشهد شاب برصاص الجنود", [("killed", 1, "exact", "شاب")]),
    ("أسفر عن سقوط ثلاثة قتلى و37 جريحا",
     [("killed", 3, "exact", "ثلاثة قتلى"), ("injured", 37, "exact", "37 جريحا")]),
    ("مقتل ما لا يقل عن 12 شخصا وإصابة نحو 40 آخرين",
     [("killed", 12, "at_least", "ما لا يقل عن 12 شخصا"),
      ("injured", 40, "about", "نحو 40 آخرين")]),
    ("لقي 14 شخصا على الأقل مصرعهم", [("killed", 14, "at_least", "14 شخصا على الأقل")]),
    ("إصابة العشرات في المواجهات", [("injured", 20, "at_least", "العشرات")]),
    ("مقتل مئات المدنيين", [("killed", 200, "at_least", "مئات المدنيين")]),
    ("اعتقال خمسة عشر فلسطينيا", [("detained", 15, "exact", "خمسة عشر فلسطينيا")]),
    ("فقدان خمسة وعشرين شخصا", [("missing", 25, "exact", "خمسة وعشرين شخصا")]),
    ("نزوح 3 آلاف شخص", [("displaced", 3000, "exact", "3 آلاف شخص")]),
    ("نزوح 1,200 عائلة", [("displaced", 1200, "exact", "1,200 عائلة")]),
    ("مقتل 9 وإصابة 21 في الحادث", [("killed", 9, "exact", "9"), ("injured", 21, "exact", "21")]),
    ("مقتل عدد لا يتجاوز 5 أشخاص", [("killed", 5, "at_most", "لا يتجاوز 5 أشخاص")]),
], ids=str)
def test_counts_are_read(text: str, counted: list[tuple[str, int, str, str]]) -> None:
    assert _counted(text) == counted


@pytest.mark.parametrize("text", [
    "قتل في عام 2024",
    "مقتل الرئيس عام 1981",
    "خسائر قيمتها 12 مليون دولار",
    "أصيب المصنع بأضرار قدرها 3 ملايين دولار",
    "مقتله قبل 12 عاما",
    "الساعة 12 ظهرا أصيب المبنى",
    "نسبة الإصابة 3.5 بالمئة",
    "اعتقال بموجب القرار 1701",
    "أطلق 12 صاروخا",
    "تبلغ مساحة المدينة 300 كم",
    "",
], ids=str)
def test_what_counts_no_people_is_left_alone(text: str) -> None:
    assert _counted(text) == []


_PIECES = (
    "مقتل", "قتل", "إصابة", "12", "١٢", "و37", "ثلاثة", "آلاف", "مئات", "نحو", "أكثر", "من",
    "شخصا", "قتلى", "جريحا", "في", "عام", "2024", "دولار", "،", ".", "شخصين", "اثنين", "على",
    "الأقل",
)


@given(st.lists(st.sampled_from(_PIECES), max_size=30))
def test_counts_lie_in_the_text_in_order(parts: list[str]) -> None:
    text = " ".join(parts)
    story = make_story(title="", text=text)
    end = 0
    for words in read_words(ResolvedStory(story, (), ()), "text"):
        for harm in find_casualties(words):
            one = harm.casualties
            assert end <= one.start < one.end <= len(text)
            assert one.people > 0
            assert one.kind in CASUALTY_KINDS
            assert one.qualifier in COUNT_QUALIFIERS
            end = one.end
