"""Tell where a word that looks like a nationality is another word, or part of a fixed name."""

import re

from transforms.fold import fold_key

NEEDS_COUNTRY = frozenset({"ML", "KM", "EH"})
"""مالي is financial, قمري lunar, صحراوي of the desert, unless the story names the country."""


def _words(text: str) -> frozenset[str]:
    return frozenset(fold_key(text).split())


# Of what such a word is said where it does mean the country: "الجيش المالي", "الشعب الصحراوي".
_OF_STATES = _words(
    "الجيش الحكومة الرئيس الشعب السلطات العاصمة القوات الرئاسة الجمهورية الأراضي الدولة البرلمان "
    "الشرطة الجنود المجلس الانتقالية العسكري الأزمة القضية السفير السفارة المعارضة المنتخب "
    "المواطن المواطنين الطوارق الشمال الجنوب الحدود الأرخبيل جيش حكومة رئيس جنود"
)
_LANGUAGE_BEFORE = _words("اللغة باللغة للغة واللغة لغة بلغة اللغتين باللغتين")
_LANGUAGE = re.compile(
    r"[وف]?بال(?:انجليزي|انكليزي|فرنسي|الماني|اسباني|روسي|ايطالي|برتغالي|تركي|صيني|هندي|ياباني)ه"
)
_ARTICLE = "ال"

# What stands before a word where it is no nationality, by the beginning of its adjective.
_NOT_AFTER = {
    "هندي": _words("المحيط محيط بالمحيط والمحيط القارة التمر تمر التين الجوز القنب قنب بالقنب"),
    "رومان": _words(
        "المسرح مسرح المدرج الإمبراطورية العصر العصرين العهد الآثار آثار آثارا الحقبة الفترة "
        "القانون المعبد معبد الحمام الحمامات حمامات الحضارة الكاثوليكية المصارعة الأرقام الموقع "
        "الطراز طراز القلعة المقابر مقبرة المقبرة الأثرية التاريخ القديم المدينة"
    ),
    "قطري": _words(
        "المكتب المدير المديرة المنسق الفريق البرنامج القيادة قيادة المستوى مستوى الاستراتيجية "
        "مدير المكاتب الممثل ممثل برنامج مكتب"
    ),
    "كوري": _words("الجزيرة جزيرة"),
    "امريكي": _words("القارة القارتين قارة"),
    "اميركي": _words("القارة القارتين قارة"),
    "تركي": _words("الأمير الشيخ المستشار"),
}
# And what stands after: "تركي آل الشيخ", "الهنود الحمر", "أميركا" of the south.
_NOT_BEFORE = {
    "تركي": _words("بن آل الفيصل الدخيل المالكي"),
    "هنود": _words("الحمر حمر"),
    "امريكي": _words("اللاتينية لاتينية اللاتيني لاتيني"),
    "اميركي": _words("اللاتينية لاتينية اللاتيني لاتيني"),
}
# The right hand ("اليد اليمنى") and a watercourse, which only the last letter tells apart.
_ENDS_IN_MAQSURA = re.compile(r"(?:يمن|مجر)ى\Z")


def is_other_sense(surface: str, form: str, word: str, beside: tuple[str, str]) -> bool:
    """Say whether a word is no nationality where it stands.

    Args:
        surface: As printed, without clitics.
        form: Its key.
        word: Its key with the clitics.
        beside: The keys of the words directly before and after, "" for none.
    """
    bare = form.removeprefix(_ARTICLE)
    before, after = beside
    return (
        before in _LANGUAGE_BEFORE
        or _LANGUAGE.fullmatch(word) is not None
        or _ENDS_IN_MAQSURA.search(surface) is not None
        or any(bare.startswith(stem) and before in words for stem, words in _NOT_AFTER.items())
        or any(bare.startswith(stem) and after in words for stem, words in _NOT_BEFORE.items())
    )


def is_of_state(before: str) -> bool:
    """Say whether the word before is one of those that a state has."""
    return before.lstrip("وف") in _OF_STATES or before in _OF_STATES
