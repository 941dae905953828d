"""Places get the whole of their name."""

import pytest

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
        ("زار القدس، الشرقية منها", "القدس", "القدس"),
        ("في القُدسِ الشرقيّة أمس", "القُدسِ", "القُدسِ الشرقيّة"),
    ],
)
def test_a_cut_name_is_completed(text: str, cut: str, whole: str) -> None:
    story = make_story(text=text)
    (mention,) = widen_places(story, [make_mention(story, cut, "LOC")])
    assert mention.surface == whole == text[mention.start : mention.end]
    assert widen_places(story, [mention]) == [mention]


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
