from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import digest
from schemas.records import Mention, Story, WireSpan
from tests.builders import make_mention, make_story
from transforms.names.institution_list import InstitutionListError, load_institutions, make_list
from transforms.names.institutions import complete_names, list_id
from transforms.names.known_names import find_known
from transforms.names.name_words import name_words
from transforms.names.national_bodies import load_national_bodies


def _story(text: str, **fields: object) -> Story:
    return make_story(title="", text=text, **fields)


def _found(text: str, *names: tuple[str, str]) -> list[tuple[str, str]]:
    story = _story(text)
    mentions = [make_mention(story, surface, label) for surface, label in names]
    return [(mention.surface, mention.label) for mention in complete_names(story, mentions)]


@pytest.mark.parametrize(("text", "expected"), [
    ("طالبت المحكمة الجنائية الدولية بتسليمه", ["المحكمة الجنائية الدولية"]),
    ("قدمها لمنظمة التعاون الإسلامي وجامعة الدول العربية",
     ["منظمة التعاون الإسلامي", "جامعة الدول العربية"]),
    ("الأمين العام للأمم المتحدة", ["للأمم المتحدة"]),
    ("وللأمم المتحدة دور", ["للأمم المتحدة"]),
    ("وبالأمم المتّحدة", ["الأمم المتّحدة"]),
    ("حركة المقاومة الإسلامية (حماس) في غزة", ["حركة المقاومة الإسلامية (حماس)"]),
    ('تنظيم "الدولة الإسلامية" في الموصل', ['تنظيم "الدولة الإسلامية"']),
    ("قالت وزارة الخارجية التركية", ["وزارة الخارجية"]),
    ("حذر الحرس الثوري الإيراني من", ["الحرس الثوري"]),
    ("أفادت وكالة تسنيم بأن", ["تسنيم"]),
    ("بين حركتي فتح وحماس أمس", ["فتح", "حماس"]),
    ("لاهاي (أ ف ب) -", ["أ ف ب"]),
    ("مجلس الأمن الدولي ومجلس حقوق الإنسان", ["مجلس الأمن الدولي", "مجلس حقوق الإنسان"]),
    ("قال الاتحاد الأوروبي لكرة القدم", ["الاتحاد الأوروبي لكرة القدم"]),
], ids=lambda value: None if isinstance(value, str) else value[0])
def test_known_institutions_are_found_without_their_clitics(
    text: str, expected: list[str]
) -> None:
    assert _found(text) == [(surface, "ORG") for surface in expected]


@pytest.mark.parametrize("text", [
    "فتح المعبر أمام العائدين", "على أمل التوصل إلى اتفاق", "بحماس كبير", "النهضة العمرانية",
    "أفاد مراسلنا", "منظمة\nالتعاون الإسلامي", "الأمم، المتحدة", "عاد إلى الجامعة",
    "الأمم. المتحدة",
    "دار وفا للنشر", "", "وزير الخارجية الأميركي", "وزيرة الخارجية الأميركية", "قمة القاعدة",
])
def test_words_that_are_no_names_are_left_alone(text: str) -> None:
    assert _found(text) == []


def test_a_name_that_counts_nearby_needs_its_institution() -> None:
    assert _found("عقد مؤتمر وزراء الخارجية") == []
    text = "دعت منظمة التعاون الإسلامي إلى عقد مؤتمر وزراء الخارجية"
    assert _found(text) == [("منظمة التعاون الإسلامي", "ORG"), ("مؤتمر وزراء الخارجية", "ORG")]


def test_a_known_name_replaces_what_lies_inside_it() -> None:
    text = "دعت مجموعة الاتصال الخاصة بغزة إلى هدنة"
    assert _found(text, ("بغزة", "LOC")) == [("مجموعة الاتصال الخاصة بغزة", "ORG")]
    assert _found("زار بنك المغرب", ("المغرب", "LOC")) == [("بنك المغرب", "ORG")]


def test_the_longer_of_two_names_wins() -> None:
    text = "أصدرت رابطة محاربي الأمم المتحدة القدامى بيانا"
    longer = ("رابطة محاربي الأمم المتحدة القدامى", "ORG")
    assert _found(text, longer) == [longer]


def test_a_mention_of_two_known_names_becomes_two() -> None:
    text = "اجتمعت منظمة التعاون الإسلامي وجامعة الدول العربية"
    both = ("منظمة التعاون الإسلامي وجامعة الدول العربية", "ORG")
    assert _found(text, both) == [
        ("منظمة التعاون الإسلامي", "ORG"), ("جامعة الدول العربية", "ORG"),
    ]


def test_a_model_mention_is_kept_and_loses_its_clitic() -> None:
    story = _story("انضمت لمنظمة التعاون الإسلامي")
    mention = make_mention(story, "لمنظمة التعاون الإسلامي", "ORG", score=0.7)
    (found,) = complete_names(story, [mention])
    assert (found.surface, found.score, found.model_id) == (
        "منظمة التعاون الإسلامي", 0.7, mention.model_id,
    )
    assert found.mention_id == digest(
        story.story_id, "text", str(found.start), str(found.end), "ORG"
    )


@pytest.mark.parametrize(("text", "name", "label", "expected"), [
    ("زار مصر ولبنان", "ولبنان", "LOC", "لبنان"),
    ("زار باريس", "باريس", "LOC", "باريس"),
    ("وصل للرياض", "للرياض", "LOC", "للرياض"),
    ("قال وليد جنبلاط", "وليد جنبلاط", "PER", "وليد جنبلاط"),
    ("قال ومحمد سعيد", "ومحمد سعيد", "PER", "محمد سعيد"),
    ("قال بوتين", "بوتين", "PER", "بوتين"),
    ("بيان لحركة الإصلاح الوطني", "لحركة الإصلاح الوطني", "ORG", "حركة الإصلاح الوطني"),
    ("وكالة الفضاء الأوروبية", "وكالة الفضاء الأوروبية", "ORG", "وكالة الفضاء الأوروبية"),
])
def test_only_what_is_a_clitic_is_taken_off(
    text: str, name: str, label: str, expected: str
) -> None:
    assert _found(text, (name, label)) == [(expected, label)]


def test_a_surname_loses_the_clitic_that_its_full_name_shows() -> None:
    text = "قال هاكان فيدان أمس. ولفيدان رأي"
    assert _found(text, ("هاكان فيدان", "PER"), ("ولفيدان", "PER"))[1] == ("فيدان", "PER")


def test_a_found_name_says_where_it_comes_from_and_in_which_sentence() -> None:
    story = _story("بدأ الاجتماع.\nوقالت اليونيسف إن الوضع صعب.")
    (found,) = complete_names(story, [])
    assert (found.surface, found.sentence, found.score) == ("اليونيسف", 1, 1.0)
    assert found.model_id == list_id()
    assert load_institutions().version in found.model_id


def test_the_title_is_read_too() -> None:
    story = make_story(title="الناتو يجتمع", text="اجتمع حلف شمال الأطلسي.")
    assert [(one.field, one.surface) for one in complete_names(story, [])] == [
        ("title", "الناتو"), ("text", "حلف شمال الأطلسي"),
    ]


def test_adverts_and_signatures_hold_no_names() -> None:
    text = "خبر قصير.\nاشترك بقناة الأمم المتحدة"
    span = WireSpan("promotion", text.index("اشترك"), len(text))
    assert complete_names(_story(text, wire_spans=(span,)), []) == []


def test_the_list_that_ships_keeps_its_rules() -> None:
    known = load_institutions()
    assert len(known.institutions) > 250
    for institution in known.institutions.values():
        assert institution.country is None or len(institution.country) == 2
        for name in institution.all_names():
            assert known.keys[name_words(name)] == institution.key
            assert name == name.strip()
    assert load_national_bodies().found


@pytest.mark.parametrize(("text", "problem"), [
    ('[un]\nname = "الأمم المتحدة"\n[x]\nname = "الامم المتّحدة"', "share"),
    ('[un]\naliases = ["الأمم المتحدة"]', "no name"),
    ('[un]\nname = "الأمم المتحدة"\nnickname = "x"', "nickname"),
    ('[un]\nname = ["الأمم المتحدة"]', "name"),
    ('[un]\nname = "الأمم المتحدة"\nparent = "world"', "parent"),
])
def test_a_list_that_breaks_a_rule_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InstitutionListError, match=problem):
        make_list([text])


def test_one_institution_is_not_given_in_two_files() -> None:
    text = '[un]\nname = "الأمم المتحدة"'
    with pytest.raises(InstitutionListError, match="twice"):
        make_list([text, text])


@pytest.mark.parametrize(("name", "key", "country"), [
    ("منظمة المؤتمر الإسلامي", "org:oic", None),
    ("مجلس الأمن التابع للأمم المتحدة", "org:unsc", None),
    ("حزب الله اللبناني", "org:hezbollah", "LB"),
    ("حزب الله (اللبناني)", "org:hezbollah", "LB"),
    ("وزارة الخارجية التركية", "org:tr_foreign_ministry", "TR"),
    ("الخارجية المصرية", "org:eg_foreign_ministry", "EG"),
    ("وزارة خارجية الولايات المتحدة", "org:us_foreign_ministry", "US"),
    ("وزارة الخارجية الأمريكية", "org:us_state_department", "US"),
    ("القوات المسلحة السودانية", "org:sd_armed_forces", "SD"),
    ("البنك المركزي الكوري الجنوبي", "org:kr_central_bank", "KR"),
])
def test_known_names_have_a_key(name: str, key: str, country: str | None) -> None:
    found = find_known(name)
    assert found is not None
    assert found == (key, country)


@pytest.mark.parametrize("name", [
    "مجلس الأمن القومي", "حزب الله الإيراني", "الأمم المتحدة للطفولة", "مجلس الأمن التابع للحركة",
    "وزارة الخارجية", "", "((((",
])
def test_other_names_have_none(name: str) -> None:
    assert find_known(name) is None


WORDS = st.sampled_from((
    "الأمم", "للأمم", "المتحدة", "منظمة", "لمنظمة", "التعاون", "الإسلامي", "حركة", "حركتي", "فتح",
    "وحماس", "وزارة", "الخارجية", "التركية", "مجلس", "الأمن", "الدولي", "وبيروت", "،", ".", "\n",
    "قال",
    "أ", "ف", "ب", "(", ")", "\"", "وزير", "محمد", "ومحمد", "عـباس", "مُحَمَّد", "مؤتمر",
    "وزراء", "القمة",
))


@st.composite
def stories(draw: st.DrawFn) -> tuple[Story, Sequence[Mention]]:
    """A story of words that names are made of, and mentions that do not overlap."""
    words = draw(st.lists(WORDS, min_size=1, max_size=25))
    story = _story(" ".join(words))
    mentions, start = [], 0
    for word in words:
        if draw(st.booleans()) and word.strip("،.\n()\""):
            length = draw(st.sampled_from((len(word), len(word), len(story.text) - start)))
            end = min(start + length, len(story.text))
            surface = story.text[start:end]
            if not mentions or mentions[-1].end <= start:
                mentions.append(make_mention(
                    story, surface, draw(st.sampled_from(("PER", "ORG", "LOC", "MISC"))),
                    start=start,
                ))
        start += len(word) + 1
    return story, mentions


@given(stories())
def test_completed_names_lie_in_the_text_without_overlap(
    drawn: tuple[Story, Sequence[Mention]]
) -> None:
    story, mentions = drawn
    found = complete_names(story, mentions)
    for mention in found:
        assert story.text[mention.start : mention.end] == mention.surface
    for one, other in pairwise(found):
        assert one.end <= other.start


@given(stories())
def test_completing_names_twice_changes_nothing(
    drawn: tuple[Story, Sequence[Mention]]
) -> None:
    story, mentions = drawn
    found = complete_names(story, mentions)
    assert complete_names(story, found) == found


def test_a_long_text_takes_linear_time() -> None:
    text = "حركتي فتح وحماس والأمم المتحدة ومنظمة الأمم " * 5_000
    assert len(complete_names(_story(text), [])) == 15_000
