"""Read lengths of time: "ثلاثة أيام", "عامين", "سنة ونصف", and what is measured with them."""

from collections.abc import Sequence
from typing import NamedTuple

from transforms.dates.anchors import OF_AN_EVENT
from transforms.dates.clauses import has_past_verb, tense_around
from transforms.dates.numbers import amount
from transforms.dates.numeric import Match
from transforms.dates.readings import Ago, FewAgo, Fixed, Vague, Window
from transforms.dates.tokens import Token
from transforms.dates.words import (
    APPROXIMATELY,
    COUNTED_UNITS,
    INDEFINITE_WEEKDAYS,
    LATEST,
    MANY_UNITS,
    MONTHS,
    ONE_UNIT,
    THE_MANY,
    THE_TWO,
    THE_UNIT,
    TWO_UNITS,
    VAGUE_AMOUNTS,
    WEEKDAYS,
    word_set,
)
from transforms.dates.years import direction, latest, plain_year, year_phrase

NO_NUMBER = "no number is given"
BEFORE_OR_AFTER = "no word says whether it lies before or after"

_LENGTHS_MAX = 4
_HALVES = {
    "hour": (30, "minute"), "day": (12, "hour"), "week": (3, "day"), "month": (15, "day"),
    "year": (6, "month"), "decade": (5, "year"), "century": (50, "year"),
}
_SIGNS = {"قبل": -1, "منذ": -1, "مذ": -1, "بعد": 1}
_MORE_OR_LESS = (
    ("اكثر من", "more"), ("ما يزيد علي", "more"), ("ما يزيد عن", "more"), ("ازيد من", "more"),
    ("ما لا يقل عن", "more"),
    ("لا تقل عن", "more"), ("لا يقل عن", "more"), ("اقل من", "less"), ("ما يقرب من", "approx"),
    ("ما يقارب", "approx"), ("ما يناهز", "approx"), *((word, "approx") for word in APPROXIMATELY),
)
_FEW = frozenset({"بضع", "بضعه"})
_FEW_OF = frozenset({"day", "week", "month", "year"})
_NOW = frozenset({"الان", "اليوم"})
_ADVERBIAL = word_set("الأقل الأكثر التوالي الأرجح التقريب")
_BEFORE_LENGTHS = word_set(
    "امتداد فترة لمدة مدة ومدتها مدتها مدته غضون طوال طيلة مدى مدار خلال بالسجن السجن بالحبس "
    "الحبس مهلة هدنة استمر استمرت تستمر يستمر دام دامت تدوم يدوم استغرق استغرقت تستغرق يستغرق "
    "إجازة"
)


_LASTING = word_set(
    "استمر استمرت تستمر يستمر دام دامت تدوم يدوم استغرق استغرقت تستغرق يستغرق استمرار "
    "أمهل أمهله أمهلها أمهلهم أمهلت أمهلته يمهل تمهل"
)


class Length(NamedTuple):
    """A length of time in one or more units."""

    amounts: tuple[tuple[int, str], ...]
    end: int


def length(tokens: Sequence[Token], i: int) -> Length | None:
    """Read a length with its number: a word for one unit, for two, or a number and a unit."""
    amounts: list[tuple[int, str]] = []
    end = i
    for _ in range(_LENGTHS_MAX):
        one = _one_length(tokens, i)
        if one is None:
            break
        amounts += one.amounts
        end = one.end
        if tokens[end].word not in ("و", ",", "،"):
            break
        i = end + 1
    return Length(tuple(amounts), end) if amounts else None


def _one_length(tokens: Sequence[Token], i: int) -> Length | None:
    word = tokens[i].word
    if word in ("نصف", "ربع"):
        return _fraction(tokens, i)
    if word in TWO_UNITS:
        return _with_half(tokens, i + 1, 2, TWO_UNITS[word])
    if word in ONE_UNIT:
        at = i + 1 + (tokens[i + 1].word in ("واحد", "واحده"))
        return _with_half(tokens, at, 1, ONE_UNIT[word])
    number = amount(tokens, i)
    if number is None:
        return None
    unit = COUNTED_UNITS.get(tokens[number[1]].word)
    return None if unit is None else _with_half(tokens, number[1] + 1, number[0], unit)


def _fraction(tokens: Sequence[Token], i: int) -> Length | None:
    """Read "نصف ساعة", "ربع ساعة", "نصف قرن"."""
    unit = ONE_UNIT.get(tokens[i + 1].word)
    if unit not in _HALVES:
        return None
    number, smaller = _HALVES[unit]
    if tokens[i].word == "ربع":
        if unit not in ("hour", "century"):
            return None
        number = 15 if unit == "hour" else 25
    return Length(((number, smaller),), i + 2)


def _with_half(tokens: Sequence[Token], i: int, number: int, unit: str) -> Length:
    """Return so many units, and a half if "ونصف" follows."""
    if tokens[i].word == "و" and tokens[i + 1].word == "نصف" and unit in _HALVES:
        of_unit = ONE_UNIT.get(tokens[i + 2].word.removeprefix("ال")) == unit
        return Length(((number, unit), _HALVES[unit]), i + 2 + of_unit)
    return Length(((number, unit),), i)


def ago(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "قبل ثلاثة أيام", "منذ أكثر من عامين", "بعد 3 أسابيع"."""
    sign = _SIGNS.get(tokens[i].word)
    if sign is None:
        return None
    at, comparison = _comparison(tokens, i + 1)
    found = length(tokens, at)
    if found is None:
        return _vague(tokens, at, sign)
    if _names_a_date(tokens, at):
        return None
    modifier = comparison
    if comparison in ("more", "less"):
        modifier = "before" if (comparison == "more") == (sign < 0) else "after"
    after = tokens[found.end].word
    if sign > 0 and comparison in ("more", "less"):
        return Vague("day", OF_AN_EVENT), found.end  # "بعد أكثر من عامين في السجن"
    if after == "من" and tokens[found.end + 1].word in _NOW:
        return Ago(found.amounts, sign, modifier), found.end + 2
    if _is_of_event(tokens, found.end):
        return Vague("day", OF_AN_EVENT), found.end
    return Ago(found.amounts, sign, modifier), found.end


def _is_of_event(tokens: Sequence[Token], i: int) -> bool:
    return tokens[i].word in ("من", "علي") and tokens[i + 1].word not in _ADVERBIAL


def from_now(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "ثلاث ساعات من الآن": the tense of the clause says in which direction."""
    found = length(tokens, i)
    if found is None or [token.word for token in tokens[found.end : found.end + 2]] != [
        "من", "الان"
    ]:
        return None
    end = found.end + 2
    if tense_around(tokens, i, end) > 0:
        return Ago(found.amounts, 1), end
    if has_past_verb(tokens, i):
        return Ago(found.amounts, -1), end
    return Vague(found.amounts[-1][1], BEFORE_OR_AFTER), end


def _comparison(tokens: Sequence[Token], i: int) -> tuple[int, str | None]:
    """Read "نحو", "أكثر من" and their like."""
    for phrase, meaning in _MORE_OR_LESS:
        words = phrase.split()
        if [token.word for token in tokens[i : i + len(words)]] == words:
            return i + len(words), meaning
    return i, None


def _names_a_date(tokens: Sequence[Token], i: int) -> bool:
    """Say whether the unit begins a date: "قبل عام 2011", "بعد يوم الجمعة", "منذ شهر أيار"."""
    if tokens[i].word not in ONE_UNIT:
        return False
    after = tokens[i + 1].word
    if year_phrase(tokens, i) is not None or tokens[i + 1].number >= 0:
        return True
    if after in ("امس", "غد", "الغد", "الامس", "رمضان", "محرم", "شعبان", "رجب", "شوال", "ذي"):
        return True
    return after in WEEKDAYS or after in INDEFINITE_WEEKDAYS or after in MONTHS or (
        after in ("تشرين", "كانون", "ربيع", "جمادي", "ذو", "الصفر")
    )


def _vague(tokens: Sequence[Token], i: int, sign: int) -> Match | None:
    """Read an amount without its number: "أيام", "عدة سنوات"; "بضعة" is three to nine."""
    at = i + (tokens[i].word in VAGUE_AMOUNTS)
    at += tokens[at].word == "من" and at > i
    unit = MANY_UNITS.get(tokens[at].word)
    if unit is None:
        return None
    end = at + 1 + (tokens[at + 1].word in ("قليله", "طويله", "عده", "عديده", "معدوده"))
    if tokens[i - 1].word in ("قبل", "بعد") and _is_of_event(tokens, end):
        return Vague("day", OF_AN_EVENT), end
    if tokens[i].word in _FEW and sign < 0 and unit in _FEW_OF:
        return FewAgo(unit), end
    return Vague("day" if unit == "day" else _granularity(unit), NO_NUMBER), end


def _granularity(unit: str) -> str:
    return unit if unit in ("minute", "hour", "week", "month", "year", "decade") else "century"


def window(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "الأيام الثلاثة الماضية", "الساعات الـ24 المقبلة", "آخر ثلاثة أيام"."""
    at = i + (tokens[i].word in ("خلال", "طوال", "طيله", "مدي", "مدار", "غضون"))
    word = tokens[at].word
    if word == "اخر":
        return _last_few(tokens, at)
    if word in THE_TWO:
        shift = latest(tokens, at + 1)
        return _window(2, THE_TWO[word], shift)
    if word in THE_MANY:
        number = amount(tokens, at + 1)
        shift = latest(tokens, number[1] if number else at + 1 + _is_few(tokens, at + 1))
        if shift and tokens[shift[1]].word == "من" and _is_of_year(tokens, shift[1]):
            return None  # "الأشهر الثلاثة الأخيرة من 2023"
        if number is None:
            return (Vague("range", NO_NUMBER), shift[1]) if shift else None
        return _window(number[0], THE_MANY[word], shift)
    number = amount(tokens, at)
    if number is None or tokens[number[1]].word not in COUNTED_UNITS:
        return None
    unit = COUNTED_UNITS[tokens[number[1]].word]
    return _window(number[0], unit, latest(tokens, number[1] + 1))


def _is_of_year(tokens: Sequence[Token], i: int) -> bool:
    """Say whether a window lies at the end of the year behind it, and not at the anchor."""
    is_latest = tokens[i - 1].word in LATEST
    return is_latest and (year_phrase(tokens, i + 1) or plain_year(tokens, i + 1)) is not None


def _is_few(tokens: Sequence[Token], i: int) -> bool:
    return tokens[i].word in ("القليله", "العديده", "القلائل")


def _window(number: int, unit: str, shift: tuple[int, int] | None) -> Match | None:
    if shift is None or shift[0] not in (-1, 1) or number < 1:
        return None
    return Window(number, unit, shift[0]), shift[1]


def _last_few(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "آخر ثلاثة أيام", unless it is the end of something: "آخر 10 دقائق من المباراة"."""
    found = length(tokens, i + 1)
    is_single = tokens[i + 1].word in ONE_UNIT
    if found is None or is_single or len(found.amounts) > 1 or tokens[found.end].word == "من":
        return None
    number, unit = found.amounts[0]
    return Window(number, unit, -1), found.end


def duration(tokens: Sequence[Token], i: int) -> Match | None:
    """Read a length of time where the words around say that something lasts so long."""
    at = i
    if tokens[i].word in ("لمده", "مده", "خلال", "طوال", "طيله", "غضون"):
        at = i + 1
    before = tokens[at - 1].word if at else ""
    lasts = any(token.word in _LASTING for token in tokens[max(0, i - 6) : i])
    is_for = before == "ل"
    if before not in _BEFORE_LENGTHS and not is_for and not lasts:
        return None
    unit = THE_UNIT.get(tokens[at].word) if before in ("طوال", "طيله") else None
    if unit is not None and direction(tokens, at + 1) is None:
        return Fixed("duration", iso_duration([(1, unit)])), at + 1
    at, _ = _comparison(tokens, at)
    found = length(tokens, at)
    if found is None or _names_a_date(tokens, at):
        return None
    is_bare = is_for and tokens[at].word in ONE_UNIT and found.end == at + 1
    if is_bare or direction(tokens, found.end):
        return None
    return Fixed("duration", iso_duration(found.amounts)), found.end


def iso_duration(amounts: Sequence[tuple[int, str]]) -> str:
    """Return a length in ISO 8601: P1Y, P3D, PT48H, P2W."""
    totals: dict[str, int] = {}
    for number, unit in amounts:
        factor, letter = {
            "century": (100, "Y"), "decade": (10, "Y"), "year": (1, "Y"), "month": (1, "M"),
            "week": (1, "W"), "day": (1, "D"), "hour": (1, "TH"), "minute": (1, "TM"),
        }[unit]
        totals[letter] = totals.get(letter, 0) + factor * number
    dates = "".join(f"{totals[one]}{one}" for one in ("Y", "M", "W", "D") if one in totals)
    times = "".join(f"{totals[one]}{one[1]}" for one in ("TH", "TM") if one in totals)
    return f"P{dates}" + (f"T{times}" if times else "")


