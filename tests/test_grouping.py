import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Mention, Story
from tests.builders import make_mention, make_story
from transforms.names.grouping import ANAPHORA, group_names
from transforms.names.institutions import complete_names


def _mentions(text: str, *names: tuple[str, str]) -> tuple[Story, list[Mention]]:
    """Return a story and its mentions, each after the one before it."""
    story = make_story(title="", text=text)
    mentions, start = [], 0
    for surface, label in names:
        start = text.index(surface, start)
        mentions.append(make_mention(story, surface, label, start=start))
        start += len(surface)
    return story, mentions


def _keys(text: str, *names: tuple[str, str]) -> list[str]:
    return [mention.entity_key for mention in group_names(*_mentions(text, *names))]


def test_a_surname_joins_the_full_name_before_or_after_it() -> None:
    keys = _keys(
        "أردوغان: نرحب. وقال رجب طيب أردوغان إن. وأضاف إردوغان",
        ("أردوغان", "PER"), ("رجب طيب أردوغان", "PER"), ("إردوغان", "PER"),
    )
    assert keys == ["PER:رجب طيب اردوغان"] * 3


def test_people_of_one_surname_are_told_apart() -> None:
    keys = _keys(
        "رفيق الحريري ثم الحريري ثم سعد الحريري ثم الحريري",
        ("رفيق الحريري", "PER"), ("الحريري", "PER"), ("سعد الحريري", "PER"), ("الحريري", "PER"),
    )
    assert keys == ["PER:رفيق الحريري"] * 2 + ["PER:سعد الحريري"] * 2


def test_a_name_in_two_spellings_has_one_key_in_two_stories() -> None:
    assert _keys("عبد الفتاح السيسي", ("عبد الفتاح السيسي", "PER")) == _keys(
        "عبدالفتاح السّيسي", ("عبدالفتاح السّيسي", "PER")
    )
    assert _keys("محمود عباس", ("محمود عباس", "PER")) == _keys("أبو مازن", ("أبو مازن", "PER"))
    assert _keys("الحرس الثوري الإيراني", ("الحرس الثوري", "ORG")) == ["org:irgc"]


def test_titles_and_clitics_are_no_part_of_a_key() -> None:
    keys = _keys(
        "الرئيس محمود عباس ولعباس رأي ومحمد سعيد",
        ("الرئيس محمود عباس", "PER"), ("لعباس", "PER"), ("ومحمد سعيد", "PER"),
    )
    assert keys == ["PER:محمود عباس"] * 2 + ["PER:محمد سعيد"]


def test_known_institutions_have_the_key_of_the_list_and_its_country() -> None:
    found = group_names(*_mentions(
        "حزب الله ومنظمة المؤتمر الإسلامي", ("حزب الله", "ORG"), ("منظمة المؤتمر الإسلامي", "ORG"),
    ))
    assert [(one.entity_key, one.country) for one in found] == [
        ("org:hezbollah", "LB"), ("org:oic", None),
    ]


def test_the_adjective_after_a_name_says_whose_it_is() -> None:
    story, mentions = _mentions(
        "وزارة الخارجية التركية ووزارة الخارجية المصرية ثم وزارة الخارجية",
        ("وزارة الخارجية", "ORG"), ("وزارة الخارجية", "ORG"), ("وزارة الخارجية", "ORG"),
    )
    found = group_names(story, mentions)
    assert [(one.entity_key, one.country) for one in found] == [
        ("org:tr_foreign_ministry", "TR"), ("org:eg_foreign_ministry", "EG"),
        ("org:eg_foreign_ministry", "EG"),
    ]


@pytest.mark.parametrize("text", [
    "دعت وزارة الخارجية إسرائيل إلى", "حثت وزارة الخارجية المصريين في الخارج",
    "وزارة الخارجية، التركية",
])
def test_what_is_no_adjective_of_a_name_says_nothing(text: str) -> None:
    assert _keys(text, ("وزارة الخارجية", "ORG")) == ["ORG:وزاره الخارجيه"]


def test_the_adjective_of_a_club_or_company_is_no_part_of_its_key() -> None:
    found = group_names(*_mentions("فاز نيوكاسل الإنجليزي", ("نيوكاسل", "ORG")))
    assert (found[0].entity_key, found[0].country) == ("ORG:نيوكاسل", "GB")
    keys = _keys("الأهلي المصري والأهلي السعودي", ("الأهلي", "ORG"), ("الأهلي", "ORG"))
    assert keys == ["org:al_ahly_egypt", "org:al_ahli_saudi"]


def test_a_head_alone_stands_for_the_last_name_of_that_head() -> None:
    found = group_names(*_mentions(
        "المنظمة. منظمة الصحة العالمية ومنظمة العفو الدولية. قالت المنظمة للوزارة",
        ("المنظمة", "ORG"), ("منظمة الصحة العالمية", "ORG"), ("منظمة العفو الدولية", "ORG"),
        ("المنظمة", "ORG"), ("للوزارة", "ORG"),
    ))
    assert [(one.entity_key, one.link_rule) for one in found] == [
        ("ORG:المنظمه", None), ("org:who", None), ("org:amnesty", None),
        ("org:amnesty", ANAPHORA), ("ORG:للوزاره", None),
    ]


def test_a_head_alone_finds_its_name_through_the_list() -> None:
    keys = _keys("أعلنت الأونروا. وقالت الوكالة", ("الأونروا", "ORG"), ("الوكالة", "ORG"))
    assert keys == ["org:unrwa"] * 2


def test_a_shorter_name_joins_the_known_institution_of_its_story() -> None:
    keys = _keys(
        "مجموعة الاتصال الخاصة بغزة. وزارت مجموعة الاتصال",
        ("مجموعة الاتصال الخاصة بغزة", "ORG"), ("مجموعة الاتصال", "ORG"),
    )
    assert keys == ["org:gaza_contact_group"] * 2


def test_places_are_keyed_by_what_they_were_linked_to() -> None:
    story, mentions = _mentions(
        "تركيا إسطنبول الضفة التركي", ("تركيا", "LOC"), ("إسطنبول", "LOC"), ("الضفة", "LOC"),
        ("التركي", "MISC"),
    )
    country, city, region, adjective = mentions
    found = group_names(story, [
        country._replace(country="TR", link_rule="country:exact"),
        city._replace(country="TR", geonameid=745044, link_rule="city:exact"),
        region._replace(country="PS", link_rule="region:exact"),
        adjective._replace(country="TR", link_rule="nationality"),
    ])
    assert [one.entity_key for one in found] == ["geo:TR", "geo:745044", "LOC:الضفه", "geo:TR"]


def test_the_founding_story_is_grouped_as_labelled() -> None:
    gold = json.loads(
        Path(__file__).parent.joinpath("data", "names_story.json").read_text(encoding="utf-8")
    )
    story = make_story(title="", text=gold["text"])
    found = group_names(story, complete_names(story, []))
    entities = {
        (one["start"], one["end"]): one["entity"]
        for one in gold["entities"] if one["type"] == "ORG"
    }
    spans = {(mention.start, mention.end) for mention in found}
    # One lies inside another, and mentions do not overlap.
    assert entities.keys() - spans == {(1808, 1830)}
    assert spans <= entities.keys()
    groups = defaultdict(set)
    for mention in found:
        groups[mention.entity_key].add(entities[mention.start, mention.end])
    assert [len(names) for names in groups.values()] == [1] * len(groups)
    assert len(groups) == len(set(entities.values()))


NAMES = st.sampled_from((
    "محمود عباس", "عباس", "لعباس", "رفيق الحريري", "سعد الحريري", "الحريري", "دونالد ترمب",
    "ترامب",
    "وزارة الخارجية", "وزارة الخارجية التركية", "المنظمة", "منظمة الصحة العالمية", "الوزارة",
    "حماس",
    "مجموعة الاتصال الخاصة بغزة", "مجموعة الاتصال", "الأمم المتحدة", "للأمم المتحدة",
    "المنظمة الدولية",
    "السعودية", "نادي الهلال", "الهلال", "(", "د.", "لل",
))
LABELS = st.sampled_from(("PER", "ORG", "LOC", "MISC"))


@st.composite
def stories(draw: st.DrawFn) -> tuple[Story, Sequence[Mention]]:
    names = draw(st.lists(st.tuples(NAMES, LABELS), max_size=12))
    return _mentions(" ثم ".join(name for name, _ in names), *names)


@given(stories())
def test_grouping_twice_changes_nothing(drawn: tuple[Story, Sequence[Mention]]) -> None:
    story, mentions = drawn
    found = group_names(story, mentions)
    assert group_names(story, found) == found
    assert [one._replace(entity_key="", country=None, link_rule=None) for one in found] == [
        one._replace(entity_key="", country=None, link_rule=None) for one in mentions
    ]
    assert all(one.entity_key.partition(":")[0] in ("org", one.label) for one in found)


@given(stories(), st.randoms())
def test_the_order_of_the_mentions_does_not_matter(
    drawn: tuple[Story, Sequence[Mention]], random: st.DataObject
) -> None:
    story, mentions = drawn
    shuffled = list(mentions)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    found = {one.mention_id: one for one in group_names(story, shuffled)}
    assert [found[one.mention_id] for one in mentions] == group_names(story, mentions)


@pytest.mark.parametrize(("label", "before", "after"), [
    ("PER", "سعيد علي", " الحريري"), ("ORG", "وزارة الشؤون ", ""),
])
def test_a_story_of_many_like_names_is_grouped_in_good_time(
    label: str, before: str, after: str
) -> None:
    letters = "بتحخدذرسصضظعغف"
    names = [f"{before}{one}{two}{three}{after}" for one in letters for two in letters
             for three in "كلم"]
    story, mentions = _mentions(" ثم ".join(names), *((name, label) for name in names))
    assert len({one.entity_key for one in group_names(story, mentions)}) == len(names)
