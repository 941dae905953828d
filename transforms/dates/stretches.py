"""Read stretches longer than a day: years, quarters, seasons, decades, and their ends."""

from collections.abc import Sequence

from transforms.dates.ages import century, decade
from transforms.dates.guards import happens_in_years
from transforms.dates.months import hijri_month, month
from transforms.dates.numbers import amount, ordinal
from transforms.dates.numeric import Match
from transforms.dates.readings import (
    Modified,
    OfText,
    Part,
    Range,
    Reading,
    Rest,
    Season,
    UnitShift,
    Vague,
    Window,
    Written,
)
from transforms.dates.tokens import Token
from transforms.dates.words import (
    LATEST,
    MODIFIER_NAMES,
    MODIFIERS,
    SEASONS,
    THE_UNIT,
    THIS,
    YEAR_PLURALS,
    YEAR_WORDS,
    word_set,
)
from transforms.dates.written import is_end, written
from transforms.dates.years import (
    HIJRI_YEARS,
    NEXT,
    SAME,
    YearRead,
    counts_something,
    direction,
    plain_year,
    year_phrase,
)
from transforms.number_words import LAST

_RECENT_YEARS = range(1900, 2101)
_BEFORE_YEARS = frozenset({"في", "منذ", "حتي", "بحلول", "حلول"})
_BEFORE_YEARS_AT_END = frozenset({"خلال", "قبل", "بعد", "الي", "من", "ل", "صيف"})
_FUNCTION_WORDS = word_set(
    "في من عن إلى على مع بعد قبل حيث حين عندما بعدما كما وهو وهي ثم لكن أن إن كان كانت قد لم "
    "لن لا بسبب ضد خلال عند أي أو أم حول بين منذ حتى وفق وفقا بحسب موضحا مشيرا مؤكدا "
    "مضيفا لافتا بنسبة بينما فيما هي هو و ف ب ل ولم وقد وكان "
    "وقال وذلك لدى عبر أمام تحت إثر إذ مما ما الذي التي أول هذا هذه"
)
_PARTS = {
    "الربع": "quarter", "النصف": "half_year", "الاسبوع": "week", "السداسي": "half_year",
    "السداسيه": "half_year", "الثلاثي": "quarter", "الثلاثيه": "quarter",
    "الاسدس": "half_year", "الاسدوس": "half_year", "الفصل": "quarter",
}
_PARTS_ALONE = frozenset({"الربع", "النصف", "الاسبوع"})
"""The others are trilateral and six-party talks as often as parts of a year."""
_OTHER_YEARS = word_set(
    "الجديد الجديدة الدراسي الدراسية المالي المالية الجامعي الجامعية الهجري الهجرية"
)
"""Behind "العام" these make it no year of the calendar, or not that of the anchor."""
_YEARS_LISTED_MAX = 8
_WINTER = 3
_WHOLE_UNITS = ("week", "month", "year", "decade", "century")
_QUARTER_CUES = word_set(
    "خلال أرباح نتائج إيرادات مبيعات خسائر صادرات نمو بيانات ميزانية"
)


def year(tokens: Sequence[Token], i: int) -> Match | None:
    """Read a year: "عام 2025", "هذا العام", "سنة 1445هـ", and alone behind "في" or "منذ"."""
    found = year_phrase(tokens, i)
    if found is None:
        return _year_alone(tokens, i)
    return of_year(found), found.end


def of_year(found: YearRead) -> Reading:
    """Return the reading of a year."""
    if found.year is not None:
        return Written(year=found.year, is_hijri=found.is_hijri)
    if found.shift is None:
        return OfText("year", found.text_shift)
    return UnitShift("year", found.shift)


def _year_alone(tokens: Sequence[Token], i: int) -> Match | None:
    if tokens[i].number < 0:
        return None
    found = plain_year(tokens, i)
    if found is None or found.year is None:
        return None
    if found.is_hijri:
        return (of_year(found), found.end) if found.year in HIJRI_YEARS else None
    if found.year not in _RECENT_YEARS or tokens[found.end].word in ("-", "/", ":"):
        return None
    before = tokens[i - 1].word if i else ""
    if before in ("الي", "و") and i > 1 and tokens[i - 2].number >= 0 and not _continues_years(
        tokens, i
    ):
        return None  # "من 2040 إلى 2050" of a price
    has_end = is_end(tokens, found.end) or tokens[found.end].word in _FUNCTION_WORDS
    is_year = before in _BEFORE_YEARS and (has_end or found.year % 100)
    is_year = is_year or (before in _BEFORE_YEARS_AT_END and is_end(tokens, found.end))
    is_year = is_year or _continues_years(tokens, i) or (
        happens_in_years(before) and is_uncounted(tokens, found.end))
    return (of_year(found), found.end) if is_year else None


def _continues_years(tokens: Sequence[Token], i: int) -> bool:
    """Say whether a year goes on a list: "عامي 2011 و2015"."""
    for _ in range(_YEARS_LISTED_MAX):
        if i < 3 or tokens[i - 1].word not in ("و", "،") or len(tokens[i - 2].word) != 4:
            return False
        i -= 2
        if tokens[i].number < 0 or tokens[i - 1].word in YEAR_PLURALS | _BEFORE_YEARS | YEAR_WORDS:
            return tokens[i].number >= 0
    return False


def is_uncounted(tokens: Sequence[Token], i: int) -> bool:
    """Say whether what stands behind a number is nothing that it counts: no indefinite noun."""
    word = tokens[i].word
    is_verb = word.endswith("ت") and not word.endswith("ات") and len(word) > 3
    return not counts_something(tokens, i) and (
        is_end(tokens, i) or word in _FUNCTION_WORDS or word.startswith("ال") or is_verb)


def unit_shift(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "الشهر الماضي", "هذا الأسبوع", "العقد المقبل"."""
    if tokens[i].word in THIS:
        unit = THE_UNIT.get(tokens[i + 1].word, "")
        return (UnitShift(unit, 0), i + 2) if unit in _WHOLE_UNITS else None
    unit = THE_UNIT.get(tokens[i].word, "quarter" if tokens[i].word == "الربع" else "")
    shift = direction(tokens, i + 1) if unit else None
    if unit == "decade" and tokens[i + 1].word in LATEST:
        return Window(1, unit, -1), i + 2
    if unit in ("week", "month") and tokens[i + 1].word in SAME | NEXT:
        return _unit_of_text(tokens, i, unit)
    if shift is None:
        return None
    if unit in ("hour", "minute"):
        return (Window(1, unit, shift[0]), shift[1]) if shift[0] in (-1, 1) else None
    return UnitShift(unit, shift[0]), shift[1]


def _unit_of_text(tokens: Sequence[Token], i: int, unit: str) -> Match | None:
    """Read "الشهر التالي", "الشهر نفسه", not that of another year: "من العام الماضي"."""
    year = year_phrase(tokens, i + 3) if tokens[i + 2].word == "من" else None
    if year is not None and (year.year, year.shift) != (None, None):
        return None
    return OfText(unit, int(tokens[i + 1].word in NEXT)), year.end if year else i + 2


def part(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "الربع الأول من 2025", "النصف الثاني من العام الجاري", "الأسبوع الأول من أكتوبر"."""
    unit = _PARTS.get(tokens[i].word)
    if unit is None:
        return None
    place = (-1, i + 2) if tokens[i + 1].word in LAST else ordinal(tokens, i + 1)
    if place is None or place[0] > {"quarter": 4, "half_year": 2, "week": 53}[unit]:
        return None
    number, at = place
    of = at + (tokens[at].word in ("من", "ل", "في"))
    whole = None if unit == "week" else decade(tokens, of) or century(tokens, of)
    whole = whole or (_whole(tokens, of) if unit != "quarter" else _whole_year(tokens, of))
    if whole is not None and _is_short(whole[0]):
        return None
    if tokens[i].word not in _PARTS_ALONE and of == at:
        return None
    if tokens[i].word == "الفصل" and (whole is None or tokens[of - 1].word != "من"):
        return None  # the chapter of a law, or a term
    if whole is not None and not isinstance(whole[0], (Vague, Part)):
        return Part(unit, number, whole[0]), whole[1]
    before = tokens[i - 1].word if i else ""
    if unit == "week" or of > at or before not in _QUARTER_CUES:
        return None
    return Part(unit, number, None), at


def _is_short(whole: Reading) -> bool:
    """Say whether a stretch is too short to have quarters, halves or weeks."""
    is_unit = isinstance(whole, UnitShift) and whole.unit in ("week", "day", "quarter")
    return is_unit or isinstance(whole, Window)


def _whole_year(tokens: Sequence[Token], i: int) -> Match | None:
    """Read a year; behind "من" the year of writing may be just "العام"."""
    found = year_phrase(tokens, i) or plain_year(tokens, i)
    if found is not None:
        return None if found.is_hijri else (of_year(found), found.end)
    is_bare = tokens[i].word in ("العام", "السنه") and tokens[i + 1].word not in _OTHER_YEARS
    return (UnitShift("year", 0), i + 1) if is_bare else None


def _whole(tokens: Sequence[Token], i: int) -> Match | None:
    """Read a year or a month as the whole of a part."""
    if tokens[i].word in THIS or tokens[i].word in THE_UNIT:
        found = unit_shift(tokens, i)
        unit = THE_UNIT.get(tokens[i].word)
        if found is None and unit == "year":
            return _whole_year(tokens, i)
        if found is None and unit in ("week", "month") and not direction(tokens, i + 1):
            is_other = tokens[i + 1].word in SAME | NEXT
            return None if is_other else (UnitShift(unit, 0), i + 1)
        return _whole_year(tokens, i) or found
    if month(tokens, i + (tokens[i].word == "شهر")) or hijri_month(
        tokens, i + (tokens[i].word == "شهر")
    ):
        return written(tokens, i, is_sure=True)
    return _whole_year(tokens, i)


def rest(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "بقية العام", "ما تبقى من الشهر الجاري"."""
    at = i + 1
    if [token.word for token in tokens[i : i + 3]] == ["ما", "تبقي", "من"]:
        at = i + 3
    elif tokens[i].word not in ("بقيه", "باقي"):
        return None
    unit = THE_UNIT.get(tokens[at + (tokens[at].word in THIS)].word, "")
    if unit not in ("week", "month", "year"):
        return None
    found = unit_shift(tokens, at)
    if found is not None and found[0] != UnitShift(unit, 0):
        return None
    return Rest(unit), found[1] if found else at + 1


def first_months(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "الأشهر التسعة الأولى من العام الجاري", "الشهور الثلاثة الأخيرة من 2023"."""
    if tokens[i].word not in ("الاشهر", "الشهور"):
        return None
    number = amount(tokens, i + 1)
    at = number[1] if number else i
    is_last = tokens[at].word in LATEST
    if number is None or not 1 < number[0] <= 12 or not (
        is_last or tokens[at].word in ("الاولي", "الاول")
    ):
        return None
    found = _whole_year(tokens, at + 2) if tokens[at + 1].word == "من" else None
    if found is None or isinstance(found[0], OfText):
        return None
    of = Written(month=1)
    if isinstance(found[0], Written):
        of = of._replace(year=found[0].year)
    elif isinstance(found[0], UnitShift):
        of = of._replace(year_shift=found[0].shift)
    if is_last:
        return Range(of._replace(month=13 - number[0]), of._replace(month=12)), found[1]
    return Range(of, of._replace(month=number[0])), found[1]


def season(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "صيف 2023", "الشتاء المقبل", "خريف العام الماضي"; a season alone is no date."""
    at = i + (tokens[i].word in THIS or tokens[i].word == "فصل")
    number = SEASONS.get(tokens[at].word)
    if number is None:
        return None
    if tokens[i].word in THIS:
        return (Season(number, direction=0), at + 1) if tokens[at].word[:2] == "ال" else None
    shift = direction(tokens, at + 1)
    if shift is not None and abs(shift[0]) < 2:
        return Season(number, direction=shift[0]), shift[1]
    at += 1 + (tokens[at + 1].word in ("من", "ل"))
    found = year_phrase(tokens, at) or plain_year(tokens, at)
    if found is None or found.is_hijri or (found.year, found.shift) == (None, None):
        return None
    end = found.end
    if number == _WINTER and tokens[end].word in ("-", "/") and found.year is not None:
        end += 2 * (tokens[end + 1].number == found.year + 1)
    return Season(number, found.year, found.shift), end


def modified(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "مطلع أيلول الماضي", "منتصف الشهر الجاري", "نهاية العام"."""
    word = tokens[i].word
    number = MODIFIERS.get(word)
    if number is None:
        if word not in ("اخر", "اول") or tokens[i + 1].word not in ("الشهر", "العام", "السنه"):
            return None
        number = 2 if word == "اخر" else 0
    at = i + 1
    whole = stretch(tokens, at) or _whole(tokens, at)
    if whole is None or isinstance(whole[0], (Window, Modified)):
        return None
    if isinstance(whole[0], Written) and whole[0].day is not None:
        return None
    if isinstance(whole[0], Written) and whole[0].month is None and counts_something(
        tokens, whole[1]
    ):
        return None
    return Modified(MODIFIER_NAMES[number], whole[0]), whole[1]


def stretch(tokens: Sequence[Token], i: int) -> Match | None:
    """Read any stretch longer than a day but a month."""
    return (
        rest(tokens, i) or part(tokens, i) or first_months(tokens, i) or season(tokens, i)
        or decade(tokens, i) or century(tokens, i) or year(tokens, i) or unit_shift(tokens, i)
    )
