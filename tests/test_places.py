import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Mention, Story
from tests.builders import make_mention, make_story
from transforms.places.context import Sight
from transforms.places.demonyms import demonym_mentions
from transforms.places.link import Link, Setting, link_dateline, link_name, link_places


def _name(surface: str, context: str | None = None) -> Link:
    link = link_name(surface, Setting(None, {context: 1} if context else {}))
    assert link is not None, surface
    return link


def _sight(text: str, surface: str) -> Link:
    """Link `surface` where it first stands in `text`."""
    start = text.index(surface)
    link = link_name(surface, sight=Sight(text, start, start + len(surface)))
    assert link is not None
    return link


def _linked(story: Story, *surfaces: str) -> list[Mention]:
    return link_places(story, [make_mention(story, surface, "LOC") for surface in surfaces])


@pytest.mark.parametrize(("printed", "country", "geonameid", "rule"), [
    ("القاهرة", "EG", 360630, "city:exact"),
    ("القَاهِرة", "EG", 360630, "city:exact"),
    ("القاهـــرة", "EG", 360630, "city:exact"),
    ("«القاهرة»،", "EG", 360630, "city:exact"),
    ("وبالقاهرة", "EG", 360630, "city:clitic"),
    ("للقاهرة", "EG", 360630, "city:clitic"),
    ("وللقاهرة", "EG", 360630, "city:clitic"),
    ("للندن", "GB", 2643743, "city:clitic"),
    ("لندن", "GB", 2643743, "city:exact"),
    ("بيروت", "LB", 276781, "city:exact"),
    ("وهران", "DZ", 2485926, "city:exact"),
    ("واشنطن", "US", 4140963, "city:exact"),
    ("خانيونس", "PS", 281124, "city:joined"),
    ("خان  يونس", "PS", 281124, "city:exact"),
    ("بلجراد", "RS", 792680, "city:spelling"),
    ("ولاية صفاقس", "TN", 2467454, "city:head_noun"),
    ("بمحافظة عدن", "YE", 415189, "city:head_noun"),
    ("دمشق المحاصرة", "SY", 170654, "city:modifier"),
    ("العاصمة السورية", "SY", 170654, "city:capital"),
    ("الجمهورية العراقية", "IQ", None, "country:nationality"),
    ("للبنان", "LB", None, "country:clitic"),
    ("السعودية", "SA", None, "country:exact"),
    ("ليبيا", "LY", None, "country:exact"),
    ("الأنبار", "IQ", None, "region:exact"),
    ("مخيم النصيرات", "PS", 281109, "city:head_noun"),
])
def test_link_name_finds_the_place_behind_what_is_printed(
    printed: str, country: str, geonameid: int | None, rule: str
) -> None:
    link = _name(printed)
    assert (link.place.country, link.place.geonameid) == (country, geonameid)
    assert link.rule == rule


@pytest.mark.parametrize("printed", [
    "", " ", "،", "و", "123", "مدينة " * 9_999, "رئيس الوزراء", "\u200f", "محمد", "وسيت",
])
def test_link_name_links_nothing_where_the_gazetteer_has_nothing(printed: str) -> None:
    assert link_name(printed) is None


@pytest.mark.parametrize("printed", [
    "البحر الأحمر", "الشرق الأوسط", "مضيق هرمز", "الخليج", "أوروبا", "نهر الأردن", "باب المندب",
])
def test_waters_and_regions_across_countries_have_no_country(printed: str) -> None:
    link = _name(printed)
    assert (link.place.kind, link.place.country) == ("region", None)
    assert link.rule.startswith("region")


@pytest.mark.parametrize(("text", "surface", "country", "rule"), [
    ("في مدينة طرابلس، لبنان، أمس", "طرابلس", "LB", "city:exact:in_text"),
    ("في طرابلس (لبنان)", "طرابلس", "LB", "city:exact:in_text"),
    ("في طرابلس اللبنانية", "طرابلس", "LB", "city:exact:in_text"),
    ("في طرابلس شمالي لبنان", "طرابلس", "LB", "city:exact:in_text"),
    ("المدينة اللبنانية طرابلس", "طرابلس", "LB", "city:exact:in_text"),
    ("العاصمة الليبية طرابلس", "طرابلس", "LY", "city:exact:in_text"),
    ("في سلطنة عمان", "عمان", "OM", "country:with_word_before"),
    ("مياه خليج عمان", "عمان", None, "region:with_word_before"),
    ("بين السعودية وعمان", "وعمان", "OM", "country:clitic:listed"),
    ("قال إن طرابلس. لبنان بلد", "طرابلس", "LY", "city:exact:population"),
])
def test_the_words_around_a_name_decide_first(
    text: str, surface: str, country: str | None, rule: str
) -> None:
    link = _sight(text, surface)
    assert (link.place.country, link.rule) == (country, rule)


@pytest.mark.parametrize(("printed", "country"), [
    ("عُمان", "OM"), ("وعُمان", "OM"), ("عمّان", "JO"), ("عَمَّان", "JO"), ("عمان", "JO"),
])
def test_marks_tell_oman_from_amman(printed: str, country: str) -> None:
    assert _name(printed).place.country == country


def test_the_dateline_decides_before_what_the_story_names() -> None:
    text = "قتل شخصان في طرابلس، وفق مصدر تحدث من ليبيا."
    story = make_story(text=text, dateline_place="بيروت")
    assert _linked(story, "طرابلس", "ليبيا")[0].link_rule == "city:exact:dateline"
    assert _linked(story, "طرابلس", "ليبيا")[0].country == "LB"
    assert _linked(story._replace(dateline_place=None), "طرابلس", "ليبيا")[0].country == "LY"


def test_a_country_named_often_outweighs_a_dateline_named_nowhere_else() -> None:
    text = "اشتباكات في طرابلس وبنغازي ومصراتة وسرت"
    story = make_story(text=text, dateline_place="بيروت")
    [first, *_] = _linked(story, "طرابلس", "وبنغازي", "ومصراتة", "وسرت")
    assert (first.country, first.link_rule) == ("LY", "city:exact:story")


def test_no_namesake_far_away_takes_the_name_of_a_capital() -> None:
    story = make_story(text="زار القاهرة ولندن", dateline_place="واشنطن")
    assert [one.country for one in _linked(story, "القاهرة", "ولندن")] == ["EG", "GB"]


def test_other_countries_with_a_place_of_the_name_are_listed() -> None:
    assert _name("طرابلس").alternatives == ("LB",)
    assert _name("دمشق").alternatives == ()


@pytest.mark.parametrize(("printed", "country", "claims"), [
    ("القدس", "IL", ("PS",)), ("القدس الشرقية", "PS", ("IL",)), ("الجولان", "SY", ("IL",)),
    ("الصحراء الغربية", "EH", ("MA",)), ("القرم", "UA", ("RU",)), ("كشمير", "IN", ("PK", "CN")),
    ("أبيي", "SD", ("SS",)), ("حلايب", "EG", ("SD",)), ("مزارع شبعا", "LB", ("SY", "IL")),
    ("أرض الصومال", "SO", ()), ("شمال قبرص", "CY", ()), ("تايوان", "TW", ("CN",)),
    ("كوسوفو", "XK", ("RS",)), ("سبتة", "ES", ("MA",)),
])
def test_disputed_places_say_so_and_list_the_other_claims(
    printed: str, country: str, claims: tuple[str, ...]
) -> None:
    link = _name(printed)
    assert link.rule.startswith("disputed_")
    assert (link.place.country, link.alternatives[: len(claims)]) == (country, claims)


def test_only_places_and_nationalities_are_linked() -> None:
    story = make_story(text="قال نور في وقف غزة إن التركي وصل")
    mentions = [
        make_mention(story, "نور", "PER"), make_mention(story, "وقف", "ORG"),
        make_mention(story, "غزة", "LOC"), make_mention(story, "التركي", "MISC"),
    ]
    person, organisation, place, nationality = link_places(story, mentions)
    assert (person, organisation) == (mentions[0], mentions[1])
    assert (place.country, place.geonameid, place.latitude) == ("PS", 281133, 31.50161)
    assert (nationality.country, nationality.link_rule) == ("TR", "nationality")


@pytest.mark.parametrize(("printed", "country", "geonameid"), [
    ("تونس", "TN", 2464470), ("الجزائر", "DZ", 2507480), ("القدس المحتلة", "IL", 281184),
    ("رام الله", "PS", 282239), ("الكويت", "KW", 285787),
])
def test_link_dateline_takes_a_capital_before_its_country(
    printed: str, country: str, geonameid: int
) -> None:
    link = link_dateline(make_story(dateline_place=printed), [])
    assert link is not None
    assert (link.place.country, link.place.geonameid) == (country, geonameid)


def test_link_dateline_is_none_without_a_dateline() -> None:
    assert link_dateline(make_story(), []) is None


@given(st.text(alphabet="وفبكلالمدينةعمانبيروت ،ـ\u064f\u0651\u200f\n(", max_size=60))
def test_any_text_links_or_does_not_and_offsets_stay(text: str) -> None:
    story = make_story(text=f"{text}غزة")
    mentions = [make_mention(story, text, "LOC", start=0)] if text else []
    linked = link_places(story, mentions)
    assert [(one.start, one.end, one.surface) for one in linked] == [
        (one.start, one.end, one.surface) for one in mentions
    ]


def test_the_places_of_the_annotated_story_are_all_linked() -> None:
    shared = os.environ.get("NABA_SHARED")
    if not shared:
        pytest.skip("set NABA_SHARED to the folder of corpora")
    gold = json.loads(Path(shared, "language", "seed_gold.json").read_text(encoding="utf-8"))
    text = Path(shared).parent.joinpath("seed_story.txt").read_text(encoding="utf-8")
    story = make_story(title="", text=text)
    places = [
        make_mention(story, one["text"], "LOC", start=one["start"])
        for one in gold["entities"] if one["type"] == "LOC"
    ]
    found = {one.start: one for one in link_places(story, demonym_mentions(story, places))}
    for one in gold["entities"]:
        if one["type"] in ("LOC", "NORP"):
            mention = found[one["start"]]
            assert (mention.surface, mention.country) == (one["text"], one["iso2"])
            assert mention.geonameid == one["geonameid"]
