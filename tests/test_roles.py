from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Mention
from tests.builders import make_mention, make_story
from transforms.names.roles import with_roles


def _role(text: str, name: str, **others: str) -> Mention:
    """Return the person `name` of a story, which has other mentions by their label too."""
    story = make_story(title="", text=text)
    mentions = [make_mention(story, name, "PER")]
    mentions += [make_mention(story, surface, label) for label, surface in others.items()]
    return with_roles(story, mentions)[0]


@pytest.mark.parametrize(("text", "name", "role", "country"), [
    ("قال وزير الخارجية التركي هاكان فيدان إن", "هاكان فيدان", "وزير الخارجية التركي", "TR"),
    ("قالت وزيرة الخارجية الألمانية أنالينا بيربوك", "أنالينا بيربوك",
     "وزيرة الخارجية الألمانية", "DE"),
    ("وفق رئيس الوزراء العراقي محمد شياع السوداني", "محمد شياع السوداني",
     "رئيس الوزراء العراقي", "IQ"),
    ("وقال نائب الرئيس الأمريكي جي دي فانس", "جي دي فانس", "نائب الرئيس الأمريكي", "US"),
    ("أكد ولي العهد السعودي الأمير محمد بن سلمان", "محمد بن سلمان", "ولي العهد السعودي", "SA"),
    ("استقبل أمير قطر الشيخ تميم بن حمد آل ثاني", "تميم بن حمد آل ثاني", "أمير قطر", "QA"),
    ("بيان للرئيس التركي رجب طيب أردوغان", "رجب طيب أردوغان", "الرئيس التركي", "TR"),
    ("والتقى بوزير خارجية مصر بدر عبد العاطي", "بدر عبد العاطي", "وزير خارجية مصر", "EG"),
    ("سفير تركيا لدى قطر مصطفى غوكصو", "مصطفى غوكصو", "سفير تركيا لدى قطر", "TR"),
    ("السفير الأمريكي لدى إسرائيل مايك هاكابي", "مايك هاكابي",
     "السفير الأمريكي لدى إسرائيل", "US"),
    ("وزير الخارجية والمغتربين أسعد الشيباني", "أسعد الشيباني", "وزير الخارجية والمغتربين", None),
    ("القائم بأعمال وزير الدفاع حسين الحاج", "حسين الحاج", "القائم بأعمال وزير الدفاع", None),
    ("قال العميد الركن يحيى سريع", "يحيى سريع", "العميد", None),
    ("رئيسُ الوزراءِ اللبناني نواف سلام", "نواف سلام", "رئيسُ الوزراءِ اللبناني", "LB"),
    ("بحث وزير المالية محمد الجدعان", "محمد الجدعان", "وزير المالية", None),
    ('قائد "فيلق القدس" الإيراني إسماعيل قاآني', "إسماعيل قاآني",
     'قائد "فيلق القدس" الإيراني', "IR"),
    ("الناطق العسكري باسم كتائب القسام أبو عبيدة", "أبو عبيدة",
     "الناطق العسكري باسم كتائب القسام", None),
])
def test_an_office_before_a_name_is_its_role(
    text: str, name: str, role: str, country: str | None
) -> None:
    found = _role(text, name)
    assert (found.role, found.country) == (role, country)


@pytest.mark.parametrize(("text", "name", "role"), [
    ("وقال هاكان فيدان، وزير الخارجية التركي، إن", "هاكان فيدان", "وزير الخارجية التركي"),
    ("وقال محمد مصطفى رئيس الوزراء الفلسطيني إن", "محمد مصطفى", "رئيس الوزراء الفلسطيني"),
    ("كلمة نبيه بري (رئيس مجلس النواب) أمس", "نبيه بري", "رئيس مجلس النواب"),
    ("وقال المستشار مرتضى منصور، رئيس نادي الزمالك، إن", "مرتضى منصور", "رئيس نادي الزمالك"),
    ("وقالت آنا لي، مبعوثة الأمم المتحدة إلى اليمن، إن", "آنا لي",
     "مبعوثة الأمم المتحدة إلى اليمن"),
    ("وقال علي ناصر، وزير النقل في القاهرة اليوم", "علي ناصر", "وزير النقل"),
])
def test_an_office_after_a_name_is_its_role(text: str, name: str, role: str) -> None:
    assert _role(text, name).role == role


@pytest.mark.parametrize(("text", "name"), [
    ("وزير الخارجية التقى محمد عباس", "محمد عباس"),
    ("وزيرا الخارجية المصري سامح شكري والأردني", "سامح شكري"),
    ("مستشار الرئيس الفلسطيني محمود الهباش", "محمود الهباش"),
    ("قال الوزير إن محمد عباس", "محمد عباس"),
    ("انتخب رئيس محمد عباس", "محمد عباس"),
    ("الوزير، محمد عباس", "محمد عباس"),
    ("الوزير\nمحمد عباس", "محمد عباس"),
    ("السيد علي السيستاني", "علي السيستاني"),
    ("في جامعة الملك سعود", "سعود"),
    ("التقى هاكان فيدان وزير الخارجية المصري", "هاكان فيدان"),
    ("هاكان فيدان", "هاكان فيدان"),
])
def test_what_is_no_office_of_the_name_gives_no_role(text: str, name: str) -> None:
    assert _role(text, name).role is None


def test_of_two_offices_a_name_has_the_one_beside_it() -> None:
    text = "استقبل رئيس الوزراء العراقي وزير الخارجية التركي هاكان فيدان"
    assert _role(text, "هاكان فيدان").role == "وزير الخارجية التركي"
    text = "التقى وزير الخارجية الرئيس المصري عبد الفتاح السيسي"
    assert _role(text, "عبد الفتاح السيسي").role == "الرئيس المصري"


def test_an_office_before_the_next_name_is_not_that_of_the_last() -> None:
    text = "وقال هاكان فيدان، وزير الخارجية المصري بدر عبد العاطي"
    story = make_story(title="", text=text)
    mentions = [make_mention(story, name, "PER") for name in ("هاكان فيدان", "بدر عبد العاطي")]
    first, second = with_roles(story, mentions)
    assert (first.role, first.country) == (None, None)
    assert (second.role, second.country) == ("وزير الخارجية المصري", "EG")


def test_an_organisation_in_an_office_gives_its_country() -> None:
    text = "نائب الأمين العام لحزب الله نعيم قاسم"
    found = _role(text, "نعيم قاسم", ORG="حزب الله")
    assert (found.role, found.country) == ("نائب الأمين العام لحزب الله", "LB")
    text = "المديرة العامة لمنظمة التجارة العالمية نغوزي أوكونجو"
    found = _role(text, "نغوزي أوكونجو", ORG="منظمة التجارة العالمية")
    assert (found.role, found.country) == ("المديرة العامة لمنظمة التجارة العالمية", None)


def test_a_place_in_an_office_gives_its_country() -> None:
    story = make_story(title="", text="محافظ نينوى عبد القادر الدخيل")
    place = make_mention(story, "نينوى", "LOC", country="IQ")
    person = make_mention(story, "عبد القادر الدخيل", "PER")
    found = with_roles(story, [place, person])
    assert found[0] == place
    assert (found[1].role, found[1].country) == ("محافظ نينوى", "IQ")


def test_roles_are_read_in_the_title_too() -> None:
    story = make_story(title="الرئيس الروسي بوتين يصل", text="خبر")
    mention = make_mention(story._replace(text=story.title), "بوتين", "PER", field="title")
    assert with_roles(story, [mention])[0].role == "الرئيس الروسي"


WORDS = st.sampled_from((
    "وزير", "الخارجية", "التركي", "الرئيس", "رئيس", "نائب", "الأمير", "لدى", "قطر", "،", "(",
    ")", "محمد",
    "قال", "القائم", "بأعمال", "باسم", "التقى", "للرئيس", "و", "\n", "جامعة", "الملك", "مستشار",
))


@given(st.lists(WORDS, min_size=1, max_size=20), st.data())
def test_a_role_is_in_the_text_and_found_again(words: list[str], data: Any) -> None:
    story = make_story(title="", text=" ".join(words))
    index = data.draw(st.integers(0, len(words) - 1))
    start = len(" ".join(words[:index])) + bool(index)
    mention = make_mention(story, words[index], "PER", start=start)
    found = with_roles(story, [mention])
    assert found == with_roles(story, found)
    role = found[0].role
    assert role is None or role in story.text or f"لل{role[2:]}" in story.text
