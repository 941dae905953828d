"""The lexicon of event triggers and the matcher that reads it."""

import pytest

from schemas.labels import CASUALTY_KINDS, EXTENSION_TYPES, PLOVER_MODES, PLOVER_TYPES
from schemas.records import ResolvedStory
from tests.builders import make_mention, make_story
from transforms.events.inflection import noun_forms, verb_forms
from transforms.events.lexicon import Form, load_lexicon
from transforms.events.trigger_conditions import CONDITIONS
from transforms.events.trigger_selection import select
from transforms.events.triggers import scan
from transforms.events.words import Words, read_words


def _words(text: str, *names: tuple[str, str]) -> Words:
    story = make_story(title="", text=text)
    mentions = tuple(make_mention(story, surface, label) for surface, label in names)
    return next(read_words(ResolvedStory(story, mentions, ()), "text"))


def _told(text: str, *names: tuple[str, str]) -> list[tuple[str, str]]:
    words = _words(text, *names)
    return [
        (row.event_type or row.extension_type or "", words.surface(one.first, one.last))
        for one in select(words, scan(words), load_lexicon())
        for row in [one.hit.form.row]
    ]


def _all_forms() -> list[Form]:
    return [form for forms in load_lexicon().forms.values() for form in forms]


def test_every_row_tells_of_a_declared_type_and_mode() -> None:
    for row in {form.row for form in _all_forms()}:
        if row.cue is None:
            assert row.event_type in (*PLOVER_TYPES, None), row.rule
            assert row.extension_type in (*EXTENSION_TYPES, None), row.rule
            assert row.event_type or row.extension_type, row.rule
        if row.mode:
            assert row.event_type is not None
            assert row.mode in PLOVER_MODES[row.event_type], row.rule
        assert row.wanted_kinds <= set(CONDITIONS), row.rule


def test_rows_have_only_flags_that_something_reads() -> None:
    known = {"light", "weak", "harm", "standing", "voiced", "indefinite"}
    flags = {flag for form in _all_forms() for flag in form.row.flags}
    assert flags == known


def test_the_lexicon_covers_every_type_and_every_mode_of_its_own() -> None:
    rows = {form.row for form in _all_forms()}
    assert {row.event_type for row in rows} >= set(PLOVER_TYPES)
    assert {row.extension_type for row in rows} >= set(EXTENSION_TYPES)
    modes = {(row.event_type, row.mode) for row in rows}
    by_content = ("REQUEST", "REJECT", "THREATEN")
    missing = {
        (kind, mode) for kind, names in PLOVER_MODES.items() for mode in names
        if kind not in by_content and (kind, mode) not in modes
    }
    assert not missing
    lists = load_lexicon().words
    assert all(lists[mode] for kind in by_content for mode in PLOVER_MODES[kind]
               if mode != "change")
    assert all(lists[kind] for kind in CASUALTY_KINDS)


@pytest.mark.parametrize(("stems", "forms"), [
    (["زار", "زور", "i=يزر"], ["زار", "زارت", "زاروا", "زارها", "يزور", "تزور", "يزورون", "يزر"]),
    (["دعا", "دعو"], ["دعا", "دعت", "دعوا", "دعاهم", "يدعو", "تدعو", "يدعون"]),
    (["التقى", "لتقي"], ["التقي", "التقت", "التقوا", "التقاه", "يلتقي", "تلتقي", "يلتقون"]),
    (["بدأ", "بدأ"], ["بدا", "بدات", "بداوا", "يبدا", "تبدا", "يبداون"]),
    (["شن", "شن"], ["شن", "شنت", "شنوا", "يشن", "تشن"]),
], ids=["hollow", "weak_alef", "weak_yeh", "hamza", "doubled"])
def test_verb_forms_inflects(stems: list[str], forms: list[str]) -> None:
    assert {form for form, _, _ in verb_forms(stems)} >= set(forms)


def test_verb_forms_leaves_out_a_stem_that_is_another_word() -> None:
    forms = {form for form, _, _ in verb_forms(["-", "هاتف", "p=هاتفت"])}
    assert "هاتف" not in forms
    assert {"هاتفت", "يهاتف"} <= forms


def test_noun_forms_inflects() -> None:
    forms = {form for form, _ in noun_forms(["زيارة", "هجوم", "اعتداء"])}
    assert forms >= {"زياره", "زيارته", "زيارتها", "هجوما", "هجومين", "هجومهم", "اعتدائه"}


@pytest.mark.parametrize(("text", "told"), [
    ("زار الرئيس القاهرة", [("CONSULT", "زار")]),
    ("وسيزور الرئيس القاهرة", [("CONSULT", "وسيزور")]),
    ("فقصفت الطائرات المدينة", [("ASSAULT", "فقصفت")]),
    ("قام الوزير بزيارة إلى بيروت", [("CONSULT", "قام الوزير بزيارة")]),
    ("أجرى الجانبان محادثات في جدة", [("CONSULT", "أجرى الجانبان محادثات")]),
    ("شن مسلحون هجوما على الثكنة", [("ASSAULT", "شن مسلحون هجوما")]),
    ("عقد المجلس اجتماعا طارئا", [("CONSULT", "عقد المجلس اجتماعا")]),
    ("وجهت النيابة اتهاما إلى الوزير", [("ACCUSE", "وجهت")]),
    ("دعا الوزير إلى ضبط النفس", [("REQUEST", "دعا")]),
    ("أعلن الجيش حظر التجول في المدينة", [("COERCE", "حظر التجول")]),
    ("تأسست الجمعية عام 1969", [("ORG_FORM", "تأسست")]),
    ("أدى الرئيس اليمين الدستورية", [("TAKE_OFFICE", "أدى")]),
    ("ضرب زلزال غرب البلاد", [("DISASTER", "ضرب زلزال")]),
    ("قَصَفَتِ الطائراتُ المدينةَ", [("ASSAULT", "قَصَفَتِ")]),
    ("قصـــفت الطائرات المدينة", [("ASSAULT", "قصـــفت")]),
], ids=str)
def test_triggers_are_found(text: str, told: list[tuple[str, str]]) -> None:
    assert _told(text) == told


@pytest.mark.parametrize("text", [
    "تفرق المتظاهرون بهدوء وعاد المسلحون إلى قراهم",
    "من مظاهر الاحتفال بالعيد تزيين البيوت",
    "عرف الشيخ باعتداله بين الناس",
    "هذا الضرب من الشعر نادر",
    "كانت وزارة الثقافة تدير المعرض",
    "وصل الفيلم إلى دور العرض",
    "فجر السبت هطلت الأمطار",
    "في رحلة استمرت أسبوعا",
    "بلغ ثمن البرميل سبعين دولارا",
    "قال حاكم الولاية إن الطقس معتدل",
    "حققت الشركة أرباحا كبيرة في الربع الأول",
    "تستهدف الحكومة تحقيق نمو قدره 5 بالمئة",
    "عقد الوزير مؤتمرا صحفيا",
    "تبعد البلدة نحو عشرة كيلومترات",
], ids=str)
def test_words_that_look_like_triggers_are_left_alone(text: str) -> None:
    assert _told(text) == []


def test_what_is_asked_for_is_no_event_of_its_own() -> None:
    told = _told("طالب المجلس بعقد مؤتمر دولي وفرض هدنة", ("المجلس", "ORG"))
    assert [kind for kind, _ in told] == ["REQUEST"]


def test_a_definite_noun_that_refers_back_is_no_event() -> None:
    assert _told("وأضاف أن الهجوم كان متوقعا") == []
    assert _told("وقع على محضر الاجتماع") == []


def test_a_masdar_after_a_verb_is_a_noun() -> None:
    words = _words("أعلنت الشرطة قتل المهاجم")
    assert all(not hit.is_verb for hit in scan(words).triggers if words.key(hit.first) == "قتل")


def test_an_unpointed_verb_at_the_start_is_a_verb() -> None:
    words = _words("قتل 12 شخصا في الهجوم")
    assert scan(words).triggers[0].is_verb


def test_a_trigger_inside_a_name_is_left_alone() -> None:
    assert _told("قال حزب المؤتمر إنه مستعد", ("حزب المؤتمر", "ORG")) == []


def test_teh_marbuta_is_no_pronoun() -> None:
    assert _told("استمرت الرحلة أياما") == []
    words = _words("اعتقلوه ورحلوه إلى بلاده")
    assert [words.key(hit.first) for hit in scan(words).triggers] == ["اعتقلوه", "ورحلوه"]
