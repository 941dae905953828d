import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import WireSpan
from tests.builders import make_mention, make_story
from transforms.places.demonyms import demonym_mentions
from transforms.places.forms import name_key
from transforms.places.gazetteer import load_gazetteer
from transforms.places.nationalities import nationality, nationality_forms
from transforms.sentences import sentence_spans


def _found(text: str, **fields: object) -> list[tuple[str, str | None]]:
    story = make_story(title="", text=text, **fields)
    return [(one.surface, one.country) for one in demonym_mentions(story, [])]


@pytest.mark.parametrize(("printed", "countries"), [
    ("التركي", ("TR",)), ("الفلسطينيين", ("PS",)), ("فلسطينيات", ("PS",)), ("أسترالي", ("AU",)),
    ("الأتراك", ("TR",)), ("والروس", ("RU",)), ("للإيرانيين", ("IR",)), ("سوريتان", ("SY",)),
    ("الكورية الجنوبية", ("KR",)), ("كوري شمالي", ("KP",)), ("الجنوب أفريقية", ("ZA",)),
    ("السعودية", ("SA",)), ("الكونغولية", ("CD", "CG")), ("قبارصة", ("CY",)),
])
def test_nationality_reads_every_inflection(printed: str, countries: tuple[str, ...]) -> None:
    assert nationality(name_key(printed)) == countries


@pytest.mark.parametrize("printed", [
    "العربية", "غربي", "شمالي", "هندسي", "يميني", "روسيا", "ليبيا", "ألبان", "مجريات", "بحري",
    "رومان", "الأمريكيتين", "تشيلي", "مغاربي", "كردي", "", "و",
])
def test_nationality_leaves_other_words_alone(printed: str) -> None:
    assert nationality(name_key(printed)) == ()


def test_every_country_of_some_size_has_a_nationality() -> None:
    known = {code for codes in nationality_forms().values() for code in codes}
    capitals = load_gazetteer().capitals
    large = {code for code, city in capitals.items() if city.population > 300_000}
    assert large - known <= {"CF", "GW", "HK", "LS", "MO", "PR"}


@pytest.mark.parametrize(("text", "found"), [
    ("وصل الوزير التركي والرئيس الإيراني", [("التركي", "TR"), ("الإيراني", "IR")]),
    ("الحرب الروسية الأوكرانية", [("الروسية", "RU"), ("الأوكرانية", "UA")]),
    ("العاصمة السعودية الرياض", [("السعودية", "SA")]),
    ("قال لفلسطينيين وللفلسطينيين",
     [("فلسطينيين", "PS"), ("للفلسطينيين", "PS")]),
    ("بالأميركيين وبروسي", [("الأميركيين", "US"), ("روسي", "RU")]),
    ("الجيش الإِسْرائيليُّ قصف", [("الإِسْرائيليُّ", "IL")]),
    ("الرئيس الكوري الجنوبي يون", [("الكوري الجنوبي", "KR")]),
    ("الكوريتان", [("الكوريتان", "KR")]),
    ("ناقلة نفط يمنية", [("يمنية", "YE")]),
    ("الرئيس المصرى", [("المصرى", "EG")]),
])
def test_words_of_nationality_become_mentions(
    text: str, found: list[tuple[str, str | None]]
) -> None:
    assert _found(text) == found


@pytest.mark.parametrize("text", [
    "مياه المحيط الهندي", "المسرح الروماني في بصرى", "المنسق القطري للأمم المتحدة",
    "شبه الجزيرة الكورية", "باللغة الإنجليزية", "قال بالإنجليزية", "اليد اليمنى", "مجرى النهر",
    "وزير المالية", "التقويم القمري", "الأمير تركي الفيصل", "تركي آل الشيخ", "الهنود الحمر",
    "القارة الأمريكية", "منتجات الألبان", "مجريات الأحداث", "الإعصار القمري",
])
def test_words_that_only_look_like_nationalities_are_left(text: str) -> None:
    assert _found(text) == []


def test_ambiguous_words_need_a_story_that_names_the_country() -> None:
    text = "قال الجيش المالي في باماكو إن الدعم المالي كاف"
    story = make_story(title="", text=text)
    place = make_mention(story, "باماكو", "LOC")
    assert [one.surface for one in demonym_mentions(story, [place])] == ["المالي", "باماكو"]
    assert demonym_mentions(story, []) == []


def test_a_surname_named_in_the_story_is_no_nationality() -> None:
    text = "التقى محمد شياع السوداني الوفد. وقال السوداني إن الوفد السوداني وصل"
    story = make_story(title="", text=text)
    person = make_mention(story, "محمد شياع السوداني", "PER")
    [_, added] = demonym_mentions(story, [person])
    assert added.start == text.rindex("السوداني")


def test_no_word_inside_a_mention_or_a_stretch_of_the_wire_is_taken() -> None:
    text = "وزارة الدفاع الروسية\nتابعوا قناتنا التركية"
    promotion = WireSpan("promotion", text.index("تابعوا"), len(text))
    story = make_story(title="", text=text, wire_spans=(promotion,))
    ministry = make_mention(story, "وزارة الدفاع الروسية", "ORG")
    assert demonym_mentions(story, [ministry]) == [ministry]


def test_other_languages_are_left() -> None:
    assert _found("رئیس جمهور ایرانی", language="fa") == []
    assert _found("رئيس إيراني", language="und") == [("إيراني", "IR")]


def test_mentions_come_in_order_and_say_who_found_them() -> None:
    story = make_story(title="قمة تركية", text="بيان. زار الوفد القطري غزة")
    place = make_mention(story, "غزة", "LOC", sentence=1)
    title, text, last = demonym_mentions(story, [place])
    assert (title.field, title.surface, last) == ("title", "تركية", place)
    assert (text.sentence, text.label, text.score) == (1, "MISC", 1.0)
    assert text.link_rule == "nationality"
    assert text.model_id.startswith("nationalities@")
    assert len({title.mention_id, text.mention_id, place.mention_id}) == 3


@given(st.text(alphabet="الفلسطينيون تركيةو.\n\u064f\u0651\u0640\u200fﻻ", max_size=80))
def test_offsets_give_the_surface(text: str) -> None:
    story = make_story(title=text, text=text)
    for one in demonym_mentions(story, []):
        field = story.title if one.field == "title" else story.text
        assert field[one.start : one.end] == one.surface
        start, end = sentence_spans(field)[one.sentence]
        assert start <= one.start < end
