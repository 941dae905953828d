"""Who does what: subjects apart from their verb, pronouns, means; and what is no subject."""

from collections.abc import Mapping
from typing import Any

import pytest

from schemas.records import Event, ResolvedStory
from tests.builders import make_mention, make_story
from transforms.dates.find import date_mentions
from transforms.events.find import find_events

_LABELS = {"PER": "PER", "ORG": "ORG", "LOC": "LOC", "NAT": "MISC"}


def _resolved(
    text: str, names: Mapping[str, str], roles: Mapping[str, str] | None = None
) -> ResolvedStory:
    """Return a story with names (surface: PER, ORG, LOC or NAT), offices and its dates."""
    story = make_story(title="", text=text)
    fields: dict[str, dict[str, Any]] = {
        "NAT": {"country": "IL"}, "LOC": {"link_rule": "country:exact"},
    }
    mentions = [
        make_mention(
            story, surface, _LABELS[label], role=(roles or {}).get(surface),
            **fields.get(label, {}))
        for surface, label in names.items()
    ]
    ordered = tuple(sorted(mentions, key=lambda one: one.start))
    return ResolvedStory(story, ordered, tuple(date_mentions(story)))


def _parts(resolved: ResolvedStory, event: Event) -> tuple[list[str], list[str]]:
    names = {one.mention_id: one.surface for one in resolved.mentions}
    return [names[one] for one in event.actors], [names[one] for one in event.recipients]


def _last(
    text: str, names: Mapping[str, str], roles: Mapping[str, str] | None = None
) -> tuple[list[str], list[str], str | None]:
    resolved = _resolved(text, names, roles)
    event = find_events(resolved)[-1]
    return *_parts(resolved, event), event.actors_rule


@pytest.mark.parametrize(("text", "names", "roles", "actor", "rule"), [
    pytest.param("التقى، السبت 9 نوفمبر، الملك عبد الله الرئيس محمود عباس.",
                 {"عبد الله": "PER", "محمود عباس": "PER"}, None, "عبد الله", "vso",
                 id="a date between commas behind the verb"),
    pytest.param("دعا الأحد أنطونيو غوتيريش إلى وقف إطلاق النار.", {"أنطونيو غوتيريش": "PER"},
                 None, "أنطونيو غوتيريش", "vso", id="a date behind the verb"),
    pytest.param("غادر المبعوث الأممي إلى اليمن، هانس غروندبرغ، صنعاء.",
                 {"اليمن": "LOC", "هانس غروندبرغ": "PER", "صنعاء": "LOC"},
                 {"هانس غروندبرغ": "المبعوث الأممي إلى اليمن"}, "هانس غروندبرغ", "vso",
                 id="an office with a preposition in it"),
    pytest.param("فرض #مجلس_الأمن عقوبات على بيونغ يانغ.", {"مجلس_الأمن": "ORG"}, None,
                 "مجلس_الأمن", "vso", id="a hash"),
    pytest.param("أعلن الجيش الإسرائيلي أنه قصف موقعا.", {"الإسرائيلي": "NAT"}, None,
                 "الإسرائيلي", "pronoun", id="who says so of himself"),
    pytest.param("وقالت كندا إنها تعارض المشروع.", {"كندا": "LOC"}, None, "كندا", "pronoun",
                 id="she says so of herself"),
    pytest.param("وكانت السويد، العضو في المجلس، طالبت بوقف القتال.", {"السويد": "LOC"}, None,
                 "السويد", "pronoun", id="an aside before the verb"),
    pytest.param("وصل الرئيس إيمانويل ماكرون الذي يزور بيروت.",
                 {"إيمانويل ماكرون": "PER", "بيروت": "LOC"}, None, "إيمانويل ماكرون", "relative",
                 id="who"),
    pytest.param("أعربت الأمم المتحدة عن قلقها ودعت إلى وقف القتال.", {"الأمم المتحدة": "ORG"},
                 None, "الأمم المتحدة", "shared_subject", id="and a verb that is no event"),
    pytest.param("أعلنت الولايات المتحدة، السبت، فرض عقوبات على طهران.",
                 {"الولايات المتحدة": "LOC"}, None, "الولايات المتحدة", "light_verb_subject",
                 id="a date between commas before the noun"),
    pytest.param("مقتل أربعة أشخاص برصاص الجيش الإسرائيلي.", {"الإسرائيلي": "NAT"}, None,
                 "الإسرائيلي", "means", id="by fire of"),
    pytest.param("مقتل 12 شخصا في غارة جوية إسرائيلية.", {"إسرائيلية": "NAT"}, None,
                 "إسرائيلية", "means", id="in a raid of"),
    pytest.param("قتل عشرة جنود في هجوم لحركة الشباب.", {"حركة الشباب": "ORG"}, None,
                 "حركة الشباب", "means", id="in an attack by"),
    pytest.param("نزح السكان بعد هجوم شنته جماعة بوكو حرام على القرية.", {"بوكو حرام": "ORG"},
                 None, "بوكو حرام", "agent_verb", id="which … launched"),
])
def test_says_who_does_it(
    text: str, names: dict[str, str], roles: dict[str, str] | None, actor: str, rule: str
) -> None:
    actors, _, found = _last(text, names, roles)
    assert (actors, found) == ([actor], rule)


@pytest.mark.parametrize(("text", "names"), [
    pytest.param("ندد الحلف بالهجوم وطالب روسيا بالرد.", {"روسيا": "LOC"}, id="feminine"),
    pytest.param("وذلك وفق الجيش الذي اتهم الفلسطينيين بزرعها.", {"الفلسطينيين": "NAT"},
                 id="accusative"),
    pytest.param("صدر مرسوم ترامب الذي يمنع دخول اللاجئين.", {"ترامب": "PER"}, id="a genitive"),
    pytest.param("وصل الوزير جان لودريان الذي اعتقلته الشرطة.", {"جان لودريان": "PER"},
                 id="the object of a relative clause"),
    pytest.param("وصل السفير فاسيلي نيبينزيا الذي تتولى بلاده رئاسة المجلس.",
                 {"فاسيلي نيبينزيا": "PER"}, id="a relative clause with a subject of its own"),
    pytest.param("وأعلن ماكري أن الصندوق وافق على القرض.", {"ماكري": "PER"},
                 id="a verb that begins with waw"),
    pytest.param("وقالت كندا إنه عارض المشروع.", {"كندا": "LOC"}, id="another gender"),
    pytest.param("قتل 12 شخصا في هجوم تبناه داعش.", {"داعش": "ORG"}, id="claimed, not done"),
    pytest.param("وغوارديولا يشيد بأغويرو.", {"أغويرو": "PER"}, id="behind a preposition"),
])
def test_guesses_nobody(text: str, names: dict[str, str]) -> None:
    assert _last(text, names)[0] == []


def test_who_undergoes_something_does_not_do_it() -> None:
    resolved = _resolved("تعرضت سوريا لهجوم صاروخي.", {"سوريا": "LOC"})
    (event,) = find_events(resolved)
    assert _parts(resolved, event) == ([], ["سوريا"])


@pytest.mark.parametrize(("text", "names", "kinds"), [
    pytest.param("استقبل ميناء عدن سفينة محملة بالوقود.", {"عدن": "LOC"}, [], id="a port"),
    pytest.param("استقبل الرئيس محمود عباس وفدا من الحركة.", {"محمود عباس": "PER"}, ["CONSULT"],
                 id="a president"),
    pytest.param("سيطرت فرق الإطفاء على حريق في بيروت.", {"بيروت": "LOC"}, [None], id="a fire"),
    pytest.param("سيطرت القوات على مدينة حلب.", {"حلب": "LOC"}, ["COERCE"], id="a city"),
])
def test_receiving_ships_and_mastering_fires_are_other_things(
    text: str, names: dict[str, str], kinds: list[str]
) -> None:
    assert [one.event_type for one in find_events(_resolved(text, names))] == kinds


@pytest.mark.parametrize(("text", "names", "place"), [
    pytest.param("وقالت الشرطة إن انفجارا وقع في سوق ببغداد، ما أدى إلى مقتل خمسة أشخاص.",
                 {"بغداد": "LOC"}, "بغداد", id="what came of it"),
    pytest.param("وذكر شهود أن مسلحا دخل مقهى في بيروت، مساء السبت، وقتل شخصين.",
                 {"بيروت": "LOC"}, "بيروت", id="a date between commas"),
    pytest.param("وذكر شهود أن القمة عقدت في لندن العام الماضي، فيما قتل شخصان أمس.",
                 {"لندن": "LOC"}, None, id="a new clause"),
    pytest.param("وذكر شهود أن القمة عقدت في لندن، السبت 9 نوفمبر، فيما قتل شخصان.",
                 {"لندن": "LOC"}, None, id="a new clause behind a date"),
])
def test_a_comma_parts_a_place_only_from_what_is_new(
    text: str, names: dict[str, str], place: str | None
) -> None:
    assert find_events(_resolved(text, names))[-1].place == place


@pytest.mark.parametrize(("text", "names", "source"), [
    pytest.param("ليبيا: مقتل ثلاثة أشخاص في اشتباكات.", {"ليبيا": "LOC"}, None, id="a topic"),
    pytest.param("طهران: لن نقبل الهجوم على سفننا.", {"طهران": "LOC"}, "طهران", id="it speaks"),
    pytest.param("الصدر: الهجوم على المتظاهرين جريمة.", {"الصدر": "PER"}, "الصدر", id="a person"),
])
def test_a_place_before_a_colon_speaks_only_where_it_is_quoted(
    text: str, names: dict[str, str], source: str | None
) -> None:
    assert find_events(_resolved(text, names))[0].reported_by == source


def test_the_words_of_a_date_do_not_count_as_distance() -> None:
    text = "وقتل مساء يوم الأحد الماضي 3 نوفمبر 2024 ثلاثة أشخاص."
    (event,) = find_events(_resolved(text, {}))
    assert [one.people for one in event.casualties] == [3]
