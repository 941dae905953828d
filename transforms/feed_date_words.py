"""The words that may stand in a feed date: months, weekdays, day halves and zones."""

import re
from functools import lru_cache
from typing import NamedTuple

from babel.dates import get_month_names

WORDS_PER_NAME_MAX = 3
"""The longest name, "بتوقيت مكة المكرمة", has three words."""

_DROPPED = re.compile(r"[\u064b-\u065f\u0670\u0640\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_FOLDED = str.maketrans("أإآٱىةیک", "اااايهيك")

# CLDR locales that between them name the months of every Arab country.
_MONTH_LOCALES = ("ar", "ar_SY", "ar_DZ", "ar_MA", "ar_MR", "en")
_MONTH_VARIANTS = {
    1: ("كانون ثاني",), 5: ("مايس",), 6: ("يونيه",), 7: ("يوليه",), 9: ("sept",),
    10: ("تشرين أول", "اوكتوبر"), 11: ("تشرين ثاني",), 12: ("كانون أول", "دسمبر"),
}
_WEEKDAYS = (
    "mon monday الاثنين اثنين", "tue tues tuesday الثلاثاء ثلاثاء الثلثاء",
    "wed wednesday الأربعاء أربعاء", "thu thur thurs thursday الخميس خميس",
    "fri friday الجمعة جمعة", "sat saturday السبت سبت", "sun sunday الأحد أحد",
)
_BEFORE_NOON = "am ص صباحا"
_AFTER_NOON = "pm مساء مساءا ظهرا عصرا"
_HIJRI = ("محرم", "صفر", "ربيع الأول", "ربيع الآخر", "ربيع الثاني", "جمادى الأولى",
          "جمادى الآخرة", "جمادى الثانية", "رجب", "شعبان", "رمضان", "شوال", "ذو القعدة",
          "ذي القعدة", "ذو الحجة", "ذي الحجة", "ه", "هجري", "هجرية")
_FILLERS = "at of on the st nd rd th في على يوم من شهر عام سنة الساعة بتاريخ ميلادي ميلادية"

# RFC 2822 §4.3 and the zones of the Arab world's neighbours, in minutes. A name that several
# zones share (AST, IST, BST) is no offset: the source's own zone decides.
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "edt": -240, "est": -300, "cdt": -300, "cst": -360,
    "mdt": -360, "mst": -420, "pdt": -420, "pst": -480, "wet": 0, "west": 60, "cet": 60,
    "cest": 120, "eet": 120, "eest": 180, "msk": 180, "trt": 180,
    "بتوقيت غرينتش": 0, "بتوقيت جرينتش": 0, "بتوقيت غرينيتش": 0, "بتوقيت جرينيتش": 0,
    "توقيت غرينتش": 0, "توقيت جرينتش": 0, "غرينتش": 0, "جرينتش": 0,
    "بتوقيت مكة": 180, "بتوقيت مكة المكرمة": 180, "بتوقيت السعودية": 180,
}


class Word(NamedTuple):
    """What a name means in a date."""

    kind: str  # month, weekday, zone, shared zone, hijri, filler, era_or_noon, noon (0 or 12)
    value: int = 0


def fold(text: str) -> str:
    """Return `text` in lower case with the letters that writers confuse made one.

    Diacritics, tatweel and direction marks go; every form of alef becomes bare, teh marbuta
    heh, alef maqsura yeh.
    """
    return _DROPPED.sub("", text).translate(_FOLDED).lower()


@lru_cache(maxsize=1)
def words() -> dict[str, Word]:
    """Return every known name, folded, with its meaning."""
    known = {fold(name): Word("hijri") for name in _HIJRI}
    known |= {fold(name): Word("zone", minutes) for name, minutes in _ZONES.items()}
    known |= {fold(name): Word("filler") for name in _FILLERS.split()}
    known |= {fold(name): Word("noon", 0) for name in _BEFORE_NOON.split()}
    known |= {fold(name): Word("noon", 12) for name in _AFTER_NOON.split()}
    known["م"] = Word("era_or_noon")
    for number, names in enumerate(_WEEKDAYS):
        known |= {fold(name): Word("weekday", number) for name in names.split()}
    for locale in _MONTH_LOCALES:
        for width in ("wide", "abbreviated"):
            names_of_locale = get_month_names(width, locale=locale)
            known |= {fold(n): Word("month", i) for i, n in names_of_locale.items()}
    for number, variants in _MONTH_VARIANTS.items():
        known |= {fold(name): Word("month", number) for name in variants}
    return known
