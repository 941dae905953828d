"""Read decades and centuries: "تسعينيات القرن الماضي", "القرن التاسع عشر"."""

from collections.abc import Sequence

from transforms.dates.numbers import digits, ordinal
from transforms.dates.numeric import Match
from transforms.dates.readings import Century, Decade, UnitShift
from transforms.dates.tokens import Token
from transforms.dates.words import DECADES, THIS, word_set
from transforms.dates.written import is_end
from transforms.dates.years import direction
from transforms.number_words import LAST

_DECADE_CUES = word_set(
    "في خلال منذ منتصف أوائل أواخر مطلع بداية نهاية عقد حقبة فترة سنوات أعوام من بدايات مستهل"
)


def decade(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "تسعينيات القرن الماضي", "الثمانينيات", "العقد الأول من القرن الحالي"."""
    if tokens[i].word == "العقد":
        place = (10, i + 2) if tokens[i + 1].word in LAST else ordinal(tokens, i + 1)
        age = _century(tokens, place[1] + 1) if place and tokens[place[1]].word == "من" else None
        return _decade(10 * (place[0] - 1), age) if place and age and place[0] <= 10 else None
    tens = DECADES.get(tokens[i].word)
    if tens is None:
        return None
    at = i + 1 + (tokens[i + 1].word in ("من", "في"))
    age = _century(tokens, at)
    if age is not None:
        return _decade(tens, age)
    before = tokens[i - 1].word if i else ""
    is_listed = i > 1 and before == "و" and tokens[i - 2].word in DECADES
    is_cued = before in _DECADE_CUES or i == 0 or is_end(tokens, i - 1) or is_listed
    is_alone = tokens[i].word.startswith("ال") and tens >= 30 and is_cued
    is_age = tokens[i + 1].word == "من" and tokens[i + 2].word.removeprefix("ال")[:3] == "عمر"
    return (Decade(tens, 1900), i + 1) if is_alone and not is_age else None


def _decade(tens: int, age: tuple[int | None, int, int]) -> Match:
    century, shift, end = age
    return Decade(tens, century, None if century is not None else shift), end


def _century(tokens: Sequence[Token], i: int) -> tuple[int | None, int, int] | None:
    """Return the first year of a century or None, its shift, and what stands behind."""
    if tokens[i].word in THIS and tokens[i + 1].word == "القرن":
        return None, 0, i + 2
    if tokens[i].word != "القرن":
        return None
    shift = direction(tokens, i + 1)
    if shift is not None:
        return None, shift[0], shift[1]
    place = ordinal(tokens, i + 1) or digits(tokens, i + 1)
    if place is None or not 1 < place[0] <= 30 or tokens[place[1]].word in ("الهجري", "هجري"):
        return None
    return 100 * (place[0] - 1), 0, place[1] + (tokens[place[1]].word == "الميلادي")


def century(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "القرن التاسع عشر", "القرن الماضي", "القرن الـ21"."""
    found = _century(tokens, i)
    if found is None:
        return None
    first_year, shift, end = found
    return (UnitShift("century", shift) if first_year is None else Century(first_year)), end
