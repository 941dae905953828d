"""Tell dates from the names that hold one: a city, a square, a movement, a revolution."""

from collections.abc import Sequence

from transforms.clitics import is_one_of
from transforms.dates.readings import Range, Reading, Vague, Weekday, Written
from transforms.dates.tokens import Token
from transforms.dates.words import word_set

NAMES_AN_EVENT = "names an event and not its year"
BEFORE_CHRIST = "before the Christian era"

_NAMED = word_set(
    "مدينة حي ميدان شارع جسر كوبري ملعب استاد ستاد ساحة مستشفى مدرسة معسكر جامعة كتائب كتيبة "
    "لواء حركة تيار قوى فريق فريقي تحالف تكتل جبهة حزب قصر محور طريق محطة دوار مطار مسرح نفق "
    "برج نادي صحيفة جريدة قناة قوات منظمة جماعة مجموعة محافظة منطقة ائتلاف سرايا سوق قرية بلدة "
    "مخيم سد مسجد جامع كنيسة وادي جبل حديقة ثانوية مدينتي شارعي"
)
_OF_PLACES = word_set(
    "شارع سوق قرية حي دوار جسر ساحة ميدان مستشفى مدرسة مسجد جامع نادي مخيم بلدة وادي جبل مدينة "
    "محلة منطقة طريق حديقة عين دير بئر"
)
"""Places that are named after days of the week; other heads take such a day as a date."""
_EVENTS = word_set(
    "ثورة ثورتي انتفاضة حرب حربي أحداث هجمات اعتداءات تفجيرات انقلاب مجزرة مذبحة نكسة حراك "
    "هجوم ذكرى"
)
_EVENTS_OF_YEARS = _EVENTS | word_set(
    "انتخابات احتجاجات مظاهرات زلزال اتفاق اتفاقية غزو عدوان أزمة دستور هدنة معركة موازنة ميزانية "
    "مواليد دورة نكبة فيضانات حرائق اقتحام استفتاء"
)
"""Behind these four digits are a year: "حرب 1967". "رؤية 2030" and "مونديال 2022" are names."""
_QUOTES = frozenset('"«“(')


def guarded(
    tokens: Sequence[Token], start: int, end: int, reading: Reading
) -> Reading | None:
    """Return the reading, None if it is a piece of a name, or that an event hides its year."""
    if _is_before_christ(tokens, end):
        return Vague("year", BEFORE_CHRIST)
    at = start - 1
    if at >= 0 and tokens[at].word in _QUOTES:
        at -= 1
    head = tokens[at].word if at >= 0 else ""
    if isinstance(reading, Weekday):
        is_bare = (reading.direction, reading.week_shift) == (None, None)
        return None if is_bare and is_one_of(head, _OF_PLACES) else reading
    if not _is_calendar_date(reading):
        return reading
    if is_one_of(head, _NAMED):
        return None
    if is_one_of(head, _EVENTS) and not _has_year(reading):
        return Vague("day", NAMES_AN_EVENT)
    return reading


def happens_in_years(word: str) -> bool:
    """Say whether a word names what a year without a word of its own may place."""
    return is_one_of(word, _EVENTS_OF_YEARS)


def _is_before_christ(tokens: Sequence[Token], i: int) -> bool:
    words = [token.word for token in tokens[i : i + 4]]
    return words[:2] == ["قبل", "الميلاد"] or words[:3] == ["ق", ".", "م"]


def _is_calendar_date(reading: Reading) -> bool:
    """Say whether a reading has a month and no more than it can be named after."""
    if isinstance(reading, Range):
        return _is_calendar_date(reading.first)
    return isinstance(reading, Written) and reading.month is not None and reading.weekday is None


def _has_year(reading: Reading) -> bool:
    if isinstance(reading, Range):
        return _has_year(reading.last)
    return isinstance(reading, Written) and (
        (reading.year, reading.year_shift, reading.direction) != (None, None, None)
    )
