"""Places get the whole of their name."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import make_mention, make_story
from transforms.places.link import link_places
from transforms.places.widen import widen_places


@pytest.mark.parametrize(
    ("text", "cut", "whole"),
    [
        ("بعد إحراق المسجد في القدس الشرقية المحتلة عام 1969", "القدس", "القدس الشرقية"),
        ("وصل الوفد إلى كوريا الشمالية صباح اليوم", "كوريا", "كوريا الشمالية"),
        ("اندلعت معارك في الضفة الغربية أمس", "الضفة", "الضفة الغربية"),
        ("اجتمع الوزراء في أفريقيا الوسطى", "أفريقيا", "أفريقيا الوسطى"),
        ("زار القدس أمس", "القدس", "القدس"),
        ("كوريا الشمالية", "كوريا", "كوريا الشمالية"),
        ("غادر إلى القدس مساء", "القدس", "القدس"),
        ("زار القدس", "القدس", "القدس"),
        ("زار القدس و", "القدس", "القدس"),
        ("زار القدس، الشرقية منها", "القدس", "القدس"),
        ("في القُدسِ الشرقيّة أمس", "القُدسِ", "القُدسِ الشرقيّة"),
    ],
)
def test_a_cut_name_is_completed(text: str, cut: str, whole: str) -> None:
    story = make_story(text=text)
    (mention,) = widen_places(story, [make_mention(story, cut, "LOC")])
    assert mention.surface == whole == text[mention.start : mention.end]
    assert widen_places(story, [mention]) == [mention]


@given(st.lists(st.sampled_from(
    ["القدس", "الشرقية", "كوريا", "الشمالية", "أمس", "المحتلة", "غزة", " ", "،", "\u200f"]
), min_size=1, max_size=12))
def test_a_widened_name_is_what_stands_in_the_text(words: list[str]) -> None:
    story = make_story(text=" ".join(words))
    starts = [at for at in range(len(story.text)) if story.text.startswith(("القدس", "كوريا"), at)]
    mentions = [make_mention(story, story.text[at : at + 5], "LOC", start=at) for at in starts]
    widened = widen_places(story, mentions)
    assert [mention.start for mention in widened] == starts
    assert all(story.text[one.start : one.end] == one.surface for one in widened)
    assert all(one.end <= other.start for one, other in pairwise(widened))


def test_no_name_grows_into_another() -> None:
    story = make_story(text="وصل من كوريا الشمالية أمس")
    mentions = [make_mention(story, "كوريا", "LOC"), make_mention(story, "الشمالية", "ORG")]
    assert widen_places(story, mentions) == mentions


def test_other_names_stay_as_they_are() -> None:
    story = make_story(text="فاز القدس الشرقية بالكأس")
    mentions = [make_mention(story, "القدس", "ORG")]
    assert widen_places(story, mentions) == mentions


def test_a_site_taken_for_another_name_is_linked() -> None:
    story = make_story(text="اقتحم مستوطنون المسجد الأقصى وقرأوا صحيفة الخليج")
    mosque, paper = link_places(story, [
        make_mention(story, "المسجد الأقصى", "MISC"), make_mention(story, "الخليج", "MISC"),
    ])
    assert (mosque.country, mosque.country_alternatives) == ("PS", ("IL",))
    assert (paper.country, paper.link_rule) == (None, None)
