"""Places inside the names of organisations: which constructions give one, and where it stands."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Mention, Story, TaggedStory
from tests.builders import make_story
from transforms.events.find import find_events
from transforms.mentions import make_mentions
from transforms.places.nested import nested_places
from transforms.resolve import resolve
from transforms.tagger import Name


def _story(name: str) -> Story:
    return make_story(title="", text=f"وقالت {name} إن ذلك صحيح.")


def _tagged(story: Story, name: str, label: str = "ORG") -> list[Mention]:
    start = story.text.index(name)
    names = [Name(start, start + len(name), 0, label, 0.9)]
    return make_mentions(story, "text", names, model_id="model")


def _inside(name: str, label: str = "ORG") -> list[tuple[str, str | None]]:
    story = _story(name)
    found = nested_places(story, _tagged(story, name, label))[1:]
    assert all(story.text[one.start : one.end] == one.surface for one in found)
    assert all(one.model_id.startswith("nested-places@") for one in found)
    return [(one.surface, one.country) for one in found]


@pytest.mark.parametrize(("name", "place", "country"), [
    pytest.param("مجموعة الاتصال الخاصة بغزة", "غزة", "PS", id="about"),
    pytest.param("وزارة الصحة في غزة", "غزة", "PS", id="in"),
    pytest.param("وزارة الصحّة في غزّة", "غزّة", "PS", id="marks"),
    pytest.param("الهلال الأحمر في دير البلح", "دير البلح", "PS", id="two words"),
    pytest.param("بعثة الأمم المتحدة للدعم في ليبيا", "ليبيا", "LY", id="a country"),
    pytest.param("مكتب الأمم المتحدة لدى السودان", "السودان", "SD", id="at"),
    pytest.param("الغرفة التجارية في السعودية", "السعودية", "SA", id="country and adjective"),
    pytest.param("اللجنة المعنية بسوريا", "سوريا", "SY", id="concerned with"),
    pytest.param("بلدية القدس", "القدس", "IL", id="municipality"),
    pytest.param("مجلس محافظة نينوى", "نينوى", "IQ", id="province"),
    pytest.param("حكومة غزة", "غزة", "PS", id="government"),
    pytest.param("جامعة حلب", "حلب", "SY", id="university"),
    pytest.param("الجامعة الأميركية في بيروت", "بيروت", "LB", id="not the adjective"),
])
def test_a_place_that_an_organisation_is_at_or_for(name: str, place: str, country: str) -> None:
    assert _inside(name) == [(place, country)]


@pytest.mark.parametrize("name", [
    pytest.param("جامعة الدول العربية", id="a league"),
    pytest.param("مكتب إقليم الشرق الأوسط", id="a region across countries"),
    pytest.param("بنك مصر", id="a bank called after a country"),
    pytest.param("ريال مدريد", id="a club"), pytest.param("نادي تشيلسي", id="a club and its head"),
    pytest.param("فيلق القدس", id="a corps"), pytest.param("هيئة تحرير الشام", id="a band"),
    pytest.param("تلفزيون أبوظبي", id="a station"), pytest.param("منتخب الدنمارك", id="a team"),
    pytest.param("وزارة الداخلية السعودية", id="an adjective"),
    pytest.param("حكومة السراج", id="a person's government"),
    pytest.param("جامعة الملك سعود", id="a king's university"),
    pytest.param("جامعة جورج تاون", id="a far university called after a founder"),
    pytest.param("الاتحاد الدولي لكرة القدم", id="words that are villages"),
    pytest.param("تنظيم الدولة الإسلامية في العراق والشام", id="a land that it claims"),
    pytest.param("غزة", id="the name itself"), pytest.param("في", id="a preposition alone"),
])
def test_a_place_that_an_organisation_only_bears(name: str) -> None:
    assert _inside(name) == []


@pytest.mark.parametrize("label", ["PER", "LOC", "MISC"])
def test_only_organisations_hold_places(label: str) -> None:
    assert _inside("الحاج أمين في غزة", label) == []


def test_a_place_inside_a_name_is_a_row_of_its_own_with_an_entity() -> None:
    story = _story("وزارة الصحة في غزة")
    resolved = resolve(TaggedStory(story, tuple(_tagged(story, "وزارة الصحة في غزة"))))
    outer, inner = resolved.mentions
    assert (outer.label, inner.label, inner.entity_key) == ("ORG", "LOC", "geo:281133")
    assert outer.start < inner.start
    assert inner.end == outer.end
    assert outer.mention_id != inner.mention_id


def test_a_place_inside_a_name_takes_no_part_in_events() -> None:
    name = "وزارة الصحة في غزة"
    story = make_story(title="", text=f"دانت {name} الهجوم على المستشفى.")
    resolved = resolve(TaggedStory(story, tuple(_tagged(story, name))))
    outer, inner = (one.mention_id for one in resolved.mentions)
    events = find_events(resolved)
    assert outer in events[0].actors
    for event in events:
        assert inner not in (*event.actors, *event.recipients, *event.participants)
        assert event.place_mention != inner


@given(st.lists(st.sampled_from((
    "وزارة", "في", "لدى", "غزة", "بغزة", "الخاصة", "بلدية", "القدس", "شمال", "قطاع", "محافظة",
    "سوريا", "السورية", "،", "جامعة", "حـلب", "غزّة",
)), min_size=1, max_size=12))
def test_places_lie_inside_their_organisation_and_apart(words: list[str]) -> None:
    name = " ".join(words)
    story = _story(name)
    tagged = _tagged(story, name)
    if not tagged:
        return
    found = nested_places(story, tagged)
    assert found[0] == tagged[0]
    spans = [(one.start, one.end) for one in found[1:]]
    assert spans == sorted(spans)
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))
    assert all(tagged[0].start < start < end <= tagged[0].end for start, end in spans)
