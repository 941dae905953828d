"""Resolve and extract on stories that nobody should write: laws kept, in linear time."""

import re
import time
from collections.abc import Iterator

import pytest
from apache_beam.utils.timestamp import MAX_TIMESTAMP, Timestamp
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records import Mention, ResolvedStory, Story, TaggedStory, WireSpan
from tests.builders import make_mention, make_story
from tests.story_laws import code
from transforms.extract import extract
from transforms.resolve import resolve

SECONDS_MAX = 5
"""For what takes well under a second; what was quadratic took minutes."""

LABELS = ("PER", "ORG", "LOC", "MISC")


def _mentions(story: Story, every: int, *labels: str) -> list[Mention]:
    """Return a mention of every so many words of the text, of each label in turn."""
    words = list(re.finditer(r"\w+", story.text))[::every]
    return [
        make_mention(story, word[0], labels[number % len(labels)], start=word.start())
        for number, word in enumerate(words)
    ]


@pytest.fixture
def bounded() -> Iterator[None]:
    code(make_story())  # loads the lists
    start = time.process_time()
    yield
    assert time.process_time() - start < SECONDS_MAX


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize(
    "unit",
    ["و", "و ", "قال ", "1", "٣", "12 ", "يناير ", "كانون الثاني ", "،", "، ", "«", '"', "«قال» ",
     ". ", "1/", "1.", "10:30 ", "2020-", "(", "قتل ", "قتل زار ", "قتل 5 أشخاص ", "لم ", "\u0301",
     "\u0650", "ا\u0301\u0650", "ـ", "\u202e", "\u200f ", "\u200b", "وزير ", "قام بزيارة ",
     "قبل 3 أيام ", "مئة وألف ", "الأمم المتحدة ", "المصرية ", "\n", "اليوم\n"],
    ids=repr,
)
def test_long_texts_of_one_thing_take_linear_time(unit: str) -> None:
    code(make_story(text=unit * (20_000 // len(unit))))


@pytest.mark.usefixtures("bounded")
def test_names_and_dates_in_many_sentences_take_linear_time() -> None:
    story = make_story(text="محمد أمس\n" * 12_000)
    code(story, _mentions(story, 2, "PER"))


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("unit", ["الأمم المتحدة ", "مصر ", "و ", "محمد ", "وزير ", "ا"])
def test_a_name_as_long_as_its_text_takes_linear_time(unit: str, label: str) -> None:
    story = make_story(text=(unit * (120_000 // len(unit))).rstrip())
    (mention, *_) = code(story, [make_mention(story, story.text, label)]).mentions
    assert len(mention.entity_key) < 1_000


@pytest.mark.parametrize(
    "text",
    ["في عام " + "9" * 5_000 + " قتل " + "7" * 5_000 + " شخصا",
     "قبل " + "1" * 5_000 + " يوما", "مقتل " + "1,000" * 2_000 + " شخص",
     "0/0/0000 و99/99/99999 و31/2/2024 و1/1/0000 في عام 0 وعام 99999 و0000-00-00",
     "1 رمضان 0 هـ و30 صفر 99999 هـ و1 محرم 1200 هـ وعام 1 للهجرة وعام 9999 هـ",
     "الساعة 99:99 والساعة 25 والساعة 24:00 بتوقيت 99", "قبل مليون سنة وبعد 9999 عاما",
     "قبل ألف مليار قرن وبعد 99999999 شهرا", "منذ القرن 99999 والقرن صفر",
     "\u0301\u064b\u0301 \u202e\u2067قتل\u2069 \ufeff\u200b \u0301",
     "\x01\x1f\x7f\x85\u2028\u2029 قتل\x0bاليوم\x0c", "\ufdfa\ufdfb ﻻ \U0001f600 \U000e0001",
     "The minister visited Cairo on 1 January 2024 and 5 people were killed.",
     "امروز دوشنبه ۱۰ آبان ۱۴۰۳ وزیر خارجه ایران کشته شد", "ہلاک ہونے والے ۵ افراد ۔ آج",
     "שלום 10/11/2024 היום", "", " ", "\n\n", "."],
)
def test_odd_texts_are_read(text: str) -> None:
    for story in (
        make_story(title=text, text=text),
        make_story(title="", text=text, timezone="Asia/Nowhere", published_at=MAX_TIMESTAMP),
        make_story(title=text, text="", timezone="../etc/passwd", published_at=None),
        make_story(text=text, timezone="", language="fa", published_at=Timestamp(-60_000_000_000)),
    ):
        code(story, _mentions(story, 2, *LABELS))


def test_records_that_beam_decoded_hold_lists() -> None:
    """Coders give any sequence back as a list."""
    text = "زار الرئيس المصري الأمم المتحدة والتقى وزير خارجية تركيا في القاهرة أمس وقتل 5 أشخاص"
    story = make_story(text=text, wire_spans=(WireSpan("dateline", 0, 3),))
    mentions = [
        make_mention(story, "الأمم", "ORG"), make_mention(story, "تركيا", "LOC"),
        make_mention(story, "القاهرة", "LOC"),
    ]
    resolved = resolve(TaggedStory(story, tuple(mentions)))
    listed = TaggedStory(
        story._replace(wire_spans=[*story.wire_spans], repairs=[]), [*map(_listed, mentions)]
    )
    again = resolve(listed)
    assert [*map(_listed, again.mentions)] == [*map(_listed, resolved.mentions)]
    decoded = ResolvedStory(listed.story, [*map(_listed, again.mentions)], [*again.dates])
    assert extract(decoded).events == extract(resolved).events != ()


def _listed(mention: Mention) -> Mention:
    return mention._replace(country_alternatives=[*mention.country_alternatives])


WORDS = st.sampled_from(
    ["قتل", "مقتل", "5", "أشخاص", "في", "القاهرة", "محمد", "علي", "وزير", "الخارجية", "المصري",
     "الأمم", "المتحدة", "اليوم", "الاثنين", "10", "نوفمبر", "2024", "من", "إلى", "وقال", "إن",
     "لم", "قام", "بزيارة", "،", ".", "\n", "«", "»", "وللأمم", "عُمان", "كوريا", "الجنوبية", "هـ",
     "1446", "رمضان", "صباح", "الماضي", "قبل", "يومين", "و", "ـ", "\u0301", "\u064b", "\u200f",
     "\u202b", "ﻻ", "\u200b", "\u00ad", "1/1/2024", "(", ")", "د.", "-", "أو"]
)
GAPS = st.sampled_from([" ", " ", " ", "", "\u200b", "\u0301", "\u200f "])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(WORDS, GAPS), max_size=40), st.data())
def test_laws_hold_whatever_the_text_and_the_names(
    parts: list[tuple[str, str]], data: st.DataObject
) -> None:
    text = "".join(word + gap for word, gap in parts)
    story = make_story(title=text[: len(text) // 2], text=text)
    edges = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    mentions = [
        make_mention(story, text[start:end], data.draw(st.sampled_from(LABELS)), start=start)
        for start, end in zip(edges[::2], edges[1::2], strict=False)
        if any(letter.isalnum() for letter in text[start:end])
    ]
    coded = code(story, mentions)
    shuffled = data.draw(st.permutations(mentions))
    assert code(story, shuffled) == coded


def test_a_place_is_not_widened_into_an_advert() -> None:
    text = "زار القدس الشرقية وغزة"
    story = make_story(text=text, wire_spans=(WireSpan("promotion", 10, len(text)),))
    (place,) = code(story, [make_mention(story, "القدس", "LOC")]).mentions
    assert place.surface == "القدس"
