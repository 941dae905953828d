"""Read years: "عام 2025", "العام الماضي", "هذا العام", "سنة ألفين وخمسة", "1445هـ"."""

from collections.abc import Sequence
from typing import NamedTuple

from transforms.dates.numbers import year_number, year_words
from transforms.dates.tokens import Token
from transforms.dates.words import DIRECTIONS, LATEST, THIS, YEAR_WORDS, word_set

_GREGORIAN = frozenset({"م", "ميلادي", "ميلاديه", "الميلادي", "الميلاديه"})
_HIJRI = frozenset({"ه", "هجري", "هجريه", "الهجري", "الهجريه", "هج"})
_KINDS_OF_YEAR = frozenset(
    {"المالي", "الماليه", "الميلادي", "الميلاديه", "الهجري", "الهجريه"}
)
HIJRI_YEARS = range(1300, 1501)
SAME = word_set("نفسه نفسها ذاته ذاتها عينه عينها")
NEXT = word_set("التالي التالية الموالي الموالية")

COUNTED = word_set(
    "شخص شخصا قتيل قتيلا جريح جريحا مصاب مصابا شهيد شهيدا أسير أسيرا معتقل معتقلا جندي جنديا "
    "مدني مدنيا عنصر عنصرا مقاتل مقاتلا مسلح مسلحا لاجئ لاجئا نازح نازحا مهاجر مهاجرا طفل طفلا "
    "امرأة رجل رجلا عامل عاملا موظف موظفا طالب طالبا مواطن مواطنا ضحية حالة إصابة وفاة دولار "
    "دولارا يورو جنيه جنيها ريال ريالا درهم درهما دينار دينارا ليرة روبل مليون مليونا مليار "
    "مليارا ألف ألفا آلاف طن طنا برميل برميلا متر مترا كيلومتر كيلومترا كلم كم كيلو هكتار فدان "
    "نقطة نقاط درجة ميغاوات موقع موقعا منزل منزلا مبنى وحدة قرية مدينة دولة بلد بلدا مدرسة مرة "
    "مرات سيارة شاحنة صاروخ صاروخا طائرة قذيفة صوت صوتا مقعد مقعدا لاعب لاعبا متظاهر متظاهرا "
    "مشارك مشاركا نسمة عائلة أسرة ساعة يوم يوما عام عاما سنة شهر شهرا أسبوع دقيقة ثانية بالمئة "
    "بالمائة"
)
"""What follows a number that counts, so that the number is no year."""


_GENERAL = word_set("مدير أمين مفتش قائد منسق مراقب مدع")
"""Behind these "عام" is an adjective: "مدير عام"."""


class YearRead(NamedTuple):
    """A year, or its shift from the anchor's, or neither: its shift from one that is named."""

    end: int
    year: int | None = None
    shift: int | None = None
    is_hijri: bool = False
    text_shift: int = 0


def direction(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """Read "الماضي", "المقبل", "الجاري", "قبل الماضي" … as a shift."""
    word = tokens[i].word
    if word in DIRECTIONS:
        return DIRECTIONS[word], i + 1
    after = DIRECTIONS.get(tokens[i + 1].word)
    if word == "ما" and tokens[i + 1].word == "قبل":
        return direction(tokens, i + 1)
    if word == "قبل" and after == -1:
        return -2, i + 2
    return (2, i + 2) if word == "بعد" and after == 1 else None


def era(tokens: Sequence[Token], i: int) -> tuple[bool, int] | None:
    """Read the sign of an era; say whether it is the Hijri one."""
    at = i + 1 if tokens[i].word == "(" else i
    if tokens[at].word == "ل" and tokens[at + 1].word in ("الميلاد", "الهجره"):
        return tokens[at + 1].word == "الهجره", at + 2
    if tokens[at].word in ("للميلاد", "للهجره"):
        return tokens[at].word == "للهجره", at + 1
    if tokens[at].word not in _GREGORIAN | _HIJRI:
        return None
    if at > i and tokens[at + 1].word != ")":
        return None
    return tokens[at].word in _HIJRI, at + 1 + (at - i)


def counts_something(tokens: Sequence[Token], i: int) -> bool:
    """Say whether the word behind a number is what it counts."""
    word = tokens[i].word
    return word in COUNTED or word in ("%", "٪")


def plain_year(tokens: Sequence[Token], i: int, *, least: int = 1000) -> YearRead | None:
    """Read a year without a word for it: "2024", "2024م", "1446 هـ", "ألفين وثمانية عشر"."""
    found = year_number(tokens, i, least=least) or year_words(tokens, i)
    if found is None:
        return None
    year, end = found
    sign = era(tokens, end)
    if sign is not None:
        return YearRead(sign[1], year, is_hijri=sign[0])
    if counts_something(tokens, end):
        return None
    return YearRead(end, year)


def year_phrase(tokens: Sequence[Token], i: int) -> YearRead | None:
    """Read a year with a word for it."""
    if tokens[i].word in THIS and tokens[i + 1].word in YEAR_WORDS:
        return YearRead(i + 2, shift=0)
    if tokens[i].word == "نفس" and tokens[i + 1].word in YEAR_WORDS:
        return YearRead(i + 2)
    if tokens[i].word not in YEAR_WORDS or (i and tokens[i - 1].word in _GENERAL):
        return None
    i += 1
    if tokens[i].word in SAME | NEXT:
        return YearRead(i + 1, text_shift=int(tokens[i].word in NEXT))
    if tokens[i].word in _KINDS_OF_YEAR and tokens[i + 2].word not in ("/", "-", "–"):
        return _of_kind(tokens, i)
    shift = direction(tokens, i)
    is_old = shift is None and tokens[i - 1].word in ("عام", "سنه")  # "عام 636"
    year = plain_year(tokens, shift[1] if shift else i, least=100 if is_old else 1000)
    if year is not None:
        behind = direction(tokens, year.end)
        return year._replace(end=behind[1]) if behind else year
    return YearRead(shift[1], shift=shift[0]) if shift else None


def _of_kind(tokens: Sequence[Token], i: int) -> YearRead | None:
    """Read the number behind "السنة المالية", "العام الهجري"."""
    found = plain_year(tokens, i + 1)
    is_hijri = tokens[i].word in _HIJRI
    if found is None or (is_hijri and found.year not in HIJRI_YEARS):
        return None
    return found._replace(is_hijri=is_hijri)


def latest(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """Read "الأخيرة" beside the directions."""
    if tokens[i].word in LATEST:
        return -1, i + 1
    return direction(tokens, i)
