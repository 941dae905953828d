"""Verbs that the model has drawn into a person's name."""

import pytest

from tests.builders import make_story
from transforms.mentions import make_mentions
from transforms.names.verb_tails import cut_verbs
from transforms.tagger import Name


def _cut(name: str, label: str = "PER") -> str:
    story = make_story(title="", text=f"وأكد أن {name} بيروت غدا.")
    start = story.text.index(name)
    names = [Name(start, start + len(name), 0, label, 0.9)]
    (found,) = cut_verbs(story, make_mentions(story, "text", names, model_id="model"))
    assert story.text[found.start : found.end] == found.surface
    assert found.model_id == "model"
    return found.surface


@pytest.mark.parametrize(("name", "person"), [
    ("محمود عباس سيزور", "محمود عباس"), ("محمد بن سلمان يحذر", "محمد بن سلمان"),
    ("ماتيس يلتقي", "ماتيس"), ("عبدالله بن زايد يبحثان", "عبدالله بن زايد"),
    ("أنور إبراهيم سيعود إلى", "أنور إبراهيم"), ("عبّاس سَيزور", "عبّاس"),
    ("دونالد ترامب هدد", "دونالد ترامب"),
])
def test_a_verb_behind_a_name_is_no_part_of_it(name: str, person: str) -> None:
    assert _cut(name) == person


@pytest.mark.parametrize("name", [
    "خالد بن يزيد", "أنطونيو سيموايس", "فلوران سيناما", "ستيفن سيغال", "يحيى سريع", "سامي يوسف",
    "يلتقي", "سعد سيروب",
])
def test_names_that_look_like_verbs_stay(name: str) -> None:
    assert _cut(name) == name


def test_only_people_are_cut() -> None:
    assert _cut("حزب العدالة سيزور", "ORG") == "حزب العدالة سيزور"
