"""Events of a story: type, parts, place, time, tense, how certain, casualties, ids."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.ids import digest
from schemas.labels import (
    EVENT_TIERS,
    EXTENSION_TYPES,
    FACTUALITIES,
    PLACE_SOURCES,
    PLOVER_TYPES,
    TENSES,
    TIME_SOURCES,
    TRIGGER_KINDS,
)
from schemas.records import DateMention, Event, Mention, ResolvedStory, Story, WireSpan
from tests.builders import NOON, make_mention, make_story
from transforms.events.find import find_events

_LABELS = {"PER": "PER", "ORG": "ORG", "LOC": "LOC", "NAT": "MISC"}


def _date(story: Story, surface: str, value: str, **fields: Any) -> DateMention:
    start = story.text.index(surface)
    plain = {
        "date_id": digest(story.story_id, "date", str(start)), "story_id": story.story_id,
        "field": "text", "sentence": 0, "start": start, "end": start + len(surface),
        "surface": surface, "kind": "date", "value": value, "first_day": value,
        "last_day": value, "granularity": "day", "modifier": None, "anchor": "absolute",
        "calendar": "gregorian", "rule": "tests", "unresolved": None,
    }
    return DateMention(**{**plain, **fields})


def _resolved(
    text: str, names: dict[str, str] | None = None, dates: dict[str, str] | None = None,
    **fields: Any,
) -> ResolvedStory:
    """Return a story with names (surface: PER, ORG, LOC or NAT) and dates (surface: value)."""
    story = make_story(**{"title": "", "text": text, **fields})
    mentions = [
        make_mention(story, surface, _LABELS[label], country="SA" if label == "NAT" else None)
        for surface, label in (names or {}).items()
    ]
    found = [_date(story, surface, value) for surface, value in (dates or {}).items()]
    return ResolvedStory(story, tuple(sorted(mentions, key=_start)), tuple(found))


def _start(mention: Mention) -> int:
    return mention.start


def _only(resolved: ResolvedStory) -> Event:
    events = find_events(resolved)
    assert len(events) == 1, [event.trigger for event in events]
    return events[0]


def _surfaces(resolved: ResolvedStory, ids: Any) -> list[str]:
    return [one.surface for one in resolved.mentions if one.mention_id in ids]


def test_an_event_has_type_mode_trigger_and_id() -> None:
    resolved = _resolved("زار الرئيس الفرنسي ماكرون القاهرة", {"ماكرون": "PER", "القاهرة": "LOC"})
    event = _only(resolved)
    assert (event.event_type, event.event_mode, event.extension_type) == ("CONSULT", "visit", None)
    assert (event.trigger, event.trigger_kind, event.tier) == ("زار", "finite_verb", "A")
    story_id = resolved.story.story_id
    assert event.event_id == digest(story_id, "text", "0", "3", "CONSULT")


@pytest.mark.parametrize(("text", "names", "actors", "actors_rule", "recipients", "rule"), [
    ("زار الرئيس الفرنسي ماكرون القاهرة", {"الفرنسي": "NAT", "ماكرون": "PER", "القاهرة": "LOC"},
     ["ماكرون"], "vso", ["القاهرة"], "object"),
    ("إسرائيل قصفت غزة", {"إسرائيل": "LOC", "غزة": "LOC"},
     ["إسرائيل"], "svo", ["غزة"], "object"),
    ("التقى الوزير سعيد نظيره التركي مراد", {"سعيد": "PER", "التركي": "NAT", "مراد": "PER"},
     ["سعيد"], "vso", ["مراد"], "object"),
    ("مصر وتركيا توقعان اتفاقا", {"مصر": "LOC", "تركيا": "LOC"},
     ["مصر", "تركيا"], "svo", [], None),
    ("وكان الوزير سعيد قد التقى مراد في أنقرة", {"سعيد": "PER", "مراد": "PER", "أنقرة": "LOC"},
     ["سعيد"], "svo", ["مراد"], "object"),
    ("قال إن تركيا تدعم قطر", {"تركيا": "LOC", "قطر": "LOC"},
     ["تركيا"], "svo", ["قطر"], "object"),
    ("قصفت القوات الروسية مدينة خاركيف", {"الروسية": "NAT", "خاركيف": "LOC"},
     ["الروسية"], "vso", ["خاركيف"], "object"),
    ("شن الجيش الإسرائيلي هجوما على رفح", {"الإسرائيلي": "NAT", "رفح": "LOC"},
     ["الإسرائيلي"], "light_verb_subject", ["رفح"], "preposition_علي"),
    ("العدوان الإسرائيلي على غزة مستمر", {"الإسرائيلي": "NAT", "غزة": "LOC"},
     ["الإسرائيلي"], "noun_nationality", ["غزة"], "preposition_علي"),
    ("إحراق المسجد الأقصى على يد متطرف يدعى روهان", {"المسجد الأقصى": "LOC"},
     [], None, ["المسجد الأقصى"], "noun_genitive"),
    ("اغتيل القيادي سعيد من قبل إسرائيل", {"سعيد": "PER", "إسرائيل": "LOC"},
     ["إسرائيل"], "agent_phrase", [], None),
    ("مباحثات بين مصر وتركيا حول ليبيا", {"مصر": "LOC", "تركيا": "LOC", "ليبيا": "LOC"},
     ["مصر", "تركيا"], "between", [], None),
    ("أجرى فيدان محادثات مع لافروف", {"فيدان": "PER", "لافروف": "PER"},
     ["فيدان"], "light_verb_subject", ["لافروف"], "with"),
    ("وجهت واشنطن اتهاما إلى طهران", {"واشنطن": "LOC", "طهران": "LOC"},
     ["واشنطن"], "vso", ["طهران"], "preposition_الي"),
    ("زارت المجموعة الخليجية بيروت وتواصلت مع المسؤولين", {"بيروت": "LOC"},
     [], None, [], None),
], ids=str)
def test_parts_follow_patterns(
    text: str, names: dict[str, str], actors: list[str], actors_rule: str | None,
    recipients: list[str], rule: str | None,
) -> None:
    resolved = _resolved(text, names)
    event = find_events(resolved)[0]
    assert _surfaces(resolved, event.actors) == actors
    assert event.actors_rule == actors_rule
    assert _surfaces(resolved, event.recipients) == recipients
    assert event.recipients_rule == rule


def test_a_date_may_stand_between_a_subject_and_its_object() -> None:
    resolved = _resolved(
        "التقى الوزير سعيد يوم الأحد نظيره التركي مراد",
        {"سعيد": "PER", "التركي": "NAT", "مراد": "PER"}, {"يوم الأحد": "2026-11-08"},
    )
    assert _surfaces(resolved, _only(resolved).recipients) == ["مراد"]


def test_a_verb_joined_by_and_shares_its_subject() -> None:
    resolved = _resolved(
        "نددت منظمة العفو بالحكم وطالبت بالإفراج عن الصحفي", {"منظمة العفو": "ORG"}
    )
    events = find_events(resolved)
    assert [event.event_type for event in events] == ["ACCUSE", "REQUEST"]
    assert events[1].actors_rule == "shared_subject"
    assert _surfaces(resolved, events[1].actors) == ["منظمة العفو"]


def test_names_without_a_pattern_are_participants() -> None:
    resolved = _resolved("قتل 12 شخصا في هجوم قرب بغداد تبناه داعش",
                         {"بغداد": "LOC", "داعش": "ORG"})
    event = _only(resolved)
    assert event.actors == ()
    assert _surfaces(resolved, event.participants) == ["بغداد", "داعش"]


def test_who_announces_a_death_did_not_do_it() -> None:
    event = find_events(_resolved("أعلنت وزارة الصحة مقتل تسعة أشخاص", {"وزارة الصحة": "ORG"}))[0]
    assert event.actors == ()
    assert (event.factuality, event.reported_by) == ("reported", "وزارة الصحة")


@pytest.mark.parametrize(("text", "tense"), [
    ("زار الوزير بيروت", "past"),
    ("كان الوزير قد زار بيروت", "past"),
    ("يزور الوزير بيروت", "present"),
    ("سيزور الوزير بيروت", "planned"),
    ("سوف يزور الوزير بيروت", "planned"),
    ("من المقرر أن يزور الوزير بيروت", "planned"),
    ("من المتوقع أن يزور الوزير بيروت", "planned"),
    ("يعتزم الوزير زيارة بيروت", "planned"),
    ("لن يزور الوزير بيروت", "planned"),
    ("لم يزر الوزير بيروت", "past"),
], ids=str)
def test_tense(text: str, tense: str) -> None:
    assert find_events(_resolved(text, {"بيروت": "LOC"}))[0].tense == tense


def test_a_noun_takes_its_tense_from_a_date() -> None:
    text = "القمة العربية في بغداد يوم 17 مايو"
    names = {"العربية": "NAT", "بغداد": "LOC"}
    for day, tense in (("2025-05-17", "planned"), ("2024-05-17", "past")):
        event = find_events(_resolved(text, names, {"17 مايو": day}))[0]
        assert (event.tense, event.time, event.time_from) == (tense, day, "sentence")


@pytest.mark.parametrize(("text", "factuality"), [
    ("قصفت الطائرات المدينة", "asserted"),
    ("قال متحدث إن الطائرات قصفت المدينة", "reported"),
    ("قصفت الطائرات المدينة، بحسب شهود عيان", "reported"),
    ("قصفت الطائرات المدينة، بحسب ما جاء في التقرير السنوي", "reported"),
    ("قصفت الطائرات المدينة، على ما زعم متحدث", "alleged"),
    ("زعم متحدث أن الطائرات قصفت المدينة", "alleged"),
    ("لم تقصف الطائرات المدينة", "negated"),
    ("ألغى الوزير زيارة إلى بيروت", "negated"),
    ("أحبطت الشرطة هجوما على السفارة", "negated"),
    ("قد تقصف الطائرات المدينة", "hypothetical"),
    ("إذا قصفت الطائرات المدينة", "hypothetical"),
    ("دعا الوزير إلى أن تنسحب القوات", "requested"),
], ids=str)
def test_factuality(text: str, factuality: str) -> None:
    events = find_events(_resolved(text))
    assert events[-1].factuality == factuality, [event.trigger for event in events]


@pytest.mark.parametrize(("text", "reported_by"), [
    ("قال وزير الصحة في مؤتمر صحفي إن الجيش قصف المدينة", "وزير الصحة"),
    ("قصف الجيش المدينة، وفق المرصد السوري", "المرصد السوري"),
    ("وأضاف أن الجيش قصف المدينة", None),
    ("الصحة العالمية: الجيش قصف المدينة", "الصحة العالمية"),
    ("عاجل | الدفاع المدني: الجيش قصف المدينة", "الدفاع المدني"),
    ("قصف الجيش المدينة، على ما أعلنت وزارة الدفاع", "وزارة الدفاع"),
    ("قصف الجيش المدينة وفق ما ذكر شهود عيان", "شهود عيان"),
    ("قصف الجيش المدينة، وفقا لما أفاد به مصدر أمني", "مصدر أمني"),
    ("قصف الجيش المدينة، حسبما أفاد مصدر أمني", "مصدر أمني"),
    ("وقال مقرر الاجتماع، في بيان، إن الجيش قصف المدينة", "مقرر الاجتماع"),
], ids=str)
def test_reported_by_is_as_printed(text: str, reported_by: str | None) -> None:
    event = find_events(_resolved(text))[-1]
    assert (event.factuality, event.reported_by) == ("reported", reported_by)


def test_what_somebody_says_ends_with_the_clause() -> None:
    first, second = find_events(_resolved(
        "قال متحدث إن الجيش قصف المدينة، ونفت قوات الدعم مسؤوليتها", {"قوات الدعم": "ORG"}
    ))
    assert (first.factuality, second.factuality) == ("reported", "asserted")


def test_the_place_is_the_nearest_that_in_introduces() -> None:
    resolved = _resolved("قصفت إسرائيل بلدة في جنوب لبنان", {"إسرائيل": "LOC", "لبنان": "LOC"})
    event = _only(resolved)
    assert (event.place, event.place_from) == ("لبنان", "sentence")
    assert event.place_mention == resolved.mentions[1].mention_id


def test_a_city_before_its_country_is_the_place() -> None:
    story = make_story(title="", text="بدأ في مدينة جدة السعودية الاجتماع الوزاري للدول الأعضاء")
    names = (make_mention(story, "جدة", "LOC", country="SA", geonameid=105343),
             make_mention(story, "السعودية", "LOC", country="SA"))
    assert _only(ResolvedStory(story, names, ())).place == "جدة"


def test_a_place_of_a_topic_is_not_where_they_talk() -> None:
    resolved = _resolved("أجرى الوزيران محادثات حول الحرب في غزة", {"غزة": "LOC"})
    assert find_events(resolved)[0].place is None


def test_the_dateline_gives_place_and_the_wire_its_day() -> None:
    text = "بيروت 10-11-2024 (وكالة) - قصفت طائرات بلدة حدودية."
    story = make_story(title="", text=text, wire_spans=(WireSpan("dateline", 0, 27),),
                       dateline_place="بيروت")
    beirut = make_mention(story, "بيروت", "LOC", country="LB")
    date = _date(story, "10-11-2024", "2024-11-10", anchor="dateline")
    event = _only(ResolvedStory(story, (beirut,), (date,)))
    assert (event.place, event.place_from, event.country) == ("بيروت", "dateline", "LB")
    assert (event.time, event.time_from) == ("2024-11-10", "dateline")
    bare = _only(ResolvedStory(story, (), ()))
    assert (bare.place, bare.place_from, bare.place_mention) == ("بيروت", "dateline", None)


def test_publication_dates_only_the_main_line_and_no_plans() -> None:
    event = _only(_resolved("قصفت الطائرات المدينة"))
    assert (event.time, event.time_from, event.first_day) == (
        "2024-11-10", "publication", "2024-11-10"
    )
    assert _only(_resolved("سيزور الوزير بيروت", {"بيروت": "LOC"})).time is None
    assert _only(_resolved("قصفت الطائرات المدينة", published_at=None)).time is None
    background = find_events(_resolved("أولا.\nثانيا.\nثالثا.\nقصفت الطائرات المدينة"))
    assert background[0].time is None


def test_publication_is_the_day_in_the_desks_zone() -> None:
    late = NOON + 11 * 3600  # 23:00 UTC
    event = _only(_resolved("قصفت الطائرات المدينة", published_at=late, timezone="Asia/Riyadh"))
    assert event.time == "2024-11-11"


def test_durations_date_nothing() -> None:
    resolved = _resolved("قصفت الطائرات المدينة لمدة أسبوع", published_at=None)
    span = _date(resolved.story, "لمدة أسبوع", "P1W", kind="duration", first_day=None,
                 last_day=None, granularity="duration")
    assert _only(resolved._replace(dates=(span,))).time is None


def test_harm_and_its_cause_are_one_event() -> None:
    event = _only(_resolved("مقتل 12 شخصا وإصابة 30 آخرين في غارة جوية على صنعاء",
                            {"صنعاء": "LOC"}))
    assert (event.event_type, event.event_mode) == ("ASSAULT", "aerial")
    assert [(one.kind, one.people) for one in event.casualties] == [
        ("killed", 12), ("injured", 30)
    ]


def test_a_verb_and_its_object_are_one_event() -> None:
    event = _only(_resolved("تستضيف القاهرة في ديسمبر كانون الأول المقبل مؤتمرا لإعادة الإعمار"))
    assert (event.trigger, event.event_mode) == ("تستضيف", "multilateral")


def test_words_of_a_date_blow_nothing_up_and_count_nobody() -> None:
    event = _only(_resolved(
        "قتل خمسة جنود وأصيب تسعة آخرون فجر الاثنين في هجوم شنه مسلحون",
        dates={"فجر الاثنين": "2026-11-09"},
    ))
    assert event.event_mode == "firearms"
    assert [(one.kind, one.people) for one in event.casualties] == [
        ("killed", 5), ("injured", 9)
    ]


def test_an_accident_is_no_assault() -> None:
    event = _only(_resolved("لقي 14 شخصا مصرعهم في حادث سير قرب مراكش", {"مراكش": "LOC"}))
    assert (event.event_type, event.extension_type) == (None, "ACCIDENT")
    assert event.casualties[0].people == 14


def test_the_disaster_of_a_story_explains_its_dead() -> None:
    events = find_events(_resolved("ضرب زلزال غرب البلاد.\nوقتل 30 شخصا في البلدة."))
    assert [event.extension_type for event in events] == ["DISASTER", "DISASTER"]
    assert events[1].casualties[0].people == 30


def test_a_match_is_no_assault() -> None:
    text = ("فاز المنتخب في مباراة الدوري على ملعب النادي. وشن الفريق هجوما على مرمى الحارس في "
            "الشوط الثاني وسجل المهاجم هدفا")
    assert find_events(_resolved(text)) == []


def test_adverts_and_end_marks_tell_of_nothing() -> None:
    text = "الطقس معتدل.\nقصفت الطائرات المدينة"
    story = make_story(title="", text=text, wire_spans=(WireSpan("promotion", 13, len(text)),))
    assert find_events(ResolvedStory(story, (), ())) == []


def test_the_mode_of_a_request_is_what_is_asked_for() -> None:
    for text, mode in (
        ("دعا الوزير إلى وقف إطلاق النار", "yield"), ("دعا الوزير إلى عقد مؤتمر", "meet"),
        ("ناشد الوزير المانحين تقديم مساعدات", "assist"), ("دعا الوزير إلى الإصلاح", "change"),
    ):
        assert find_events(_resolved(text))[0].event_mode == mode


def test_an_event_is_of_the_closed_vocabularies() -> None:
    text = (
        "قال الوزير إن الجيش قصف غزة وقتل 12 شخصا. وتأسست اللجنة عام 1969. "
        "وسيعقد اجتماع في جدة."
    )
    events = find_events(_resolved(text, {"غزة": "LOC", "جدة": "LOC"}))
    assert len(events) >= 3
    for event in events:
        assert event.event_type in PLOVER_TYPES or event.extension_type in EXTENSION_TYPES
        assert event.trigger_kind in TRIGGER_KINDS
        assert event.tense in TENSES
        assert event.factuality in FACTUALITIES
        assert event.tier in EVENT_TIERS
        assert event.place_from in (*PLACE_SOURCES, None)
        assert event.time_from in (*TIME_SOURCES, None)


_PIECES = (
    "قَصَفَتْ", "قصــف", "ﻗﺼﻒ", "هجوما", "على", "🚨", "زار", "الرئيس", "مقتل", "12", "شخصا", "،",
    ".",
    "\u200f", "إن", "قال", "سيعقد", "اجتماع", "دعا", "إلى", "«", "»", "\n", "ﷺ", "و", "لم", "ﻻ",
)


@given(st.lists(st.sampled_from(_PIECES), max_size=40), st.sampled_from(["", " "]))
def test_triggers_slice_to_what_is_printed(pieces: list[str], joiner: str) -> None:
    resolved = _resolved(joiner.join(pieces))
    for event in find_events(resolved):
        found = resolved.story.text[event.trigger_start : event.trigger_end]
        assert found == event.trigger != ""
        for one in event.casualties:
            assert 0 <= one.start < one.end <= len(resolved.story.text)


@given(st.text(max_size=200))
@settings(max_examples=60)
def test_any_text_can_be_read(text: str) -> None:
    resolved = _resolved(text, title=text)
    assert find_events(resolved) == find_events(resolved)
    ids = [event.event_id for event in find_events(resolved)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("unit", [
    "قصف ", "هجوم على غزة ", "دعا إلى ", "قال إن ", "مقتل 12 ", "و", "عقد ", "من المقرر أن ",
    "بين مصر و", "12 ", "( ",
], ids=["verb", "noun", "request", "says", "count", "letter", "light", "plan", "between",
        "digits", "brackets"])
def test_hostile_length_costs_no_more_than_its_length(unit: str) -> None:
    def seconds(times: int) -> float:
        resolved = _resolved(unit * times)
        spent = []
        for _ in range(3):
            started = time.process_time()
            find_events(resolved)
            spent.append(time.process_time() - started)
        return min(spent)

    find_events(_resolved(unit * 10))
    short, long = seconds(1_000), seconds(6_000)
    assert long < 6 * 3 * max(short, 0.02)
