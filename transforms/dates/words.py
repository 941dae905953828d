"""The words of Arabic dates, each under its matching key (see transforms/fold.py)."""

from collections.abc import Mapping

from babel.dates import get_month_names

from transforms.fold import fold_key


def word_set(words: str) -> frozenset[str]:
    """Return the matching keys of words that spaces separate."""
    return frozenset(fold_key(words).split())


def _keys(table: Mapping[int, str], *, article: bool = False) -> dict[str, int]:
    """Return {key: number} of words given by number; with `article`, also with "ال" before."""
    words = {fold_key(word): number for number, row in table.items() for word in row.split()}
    return words | ({f"ال{word}": n for word, n in words.items()} if article else {})


def _months() -> dict[str, int]:
    """Return the Gregorian months: CLDR locales that between them name those of every country."""
    months = {
        fold_key(name): number
        for locale in ("ar", "ar_SY", "ar_DZ", "ar_MA", "ar_MR")
        for number, name in get_month_names("wide", locale=locale).items()
    }
    for number, names in _MONTH_VARIANTS.items():
        months |= {fold_key(name): number for name in names.split("|")}
    return months


_MONTH_VARIANTS = {
    1: "كانون ثاني|كانون الثانى|ينائر", 2: "فيفرى|شباط", 3: "اذار", 4: "ابريل|افريل|نيسان",
    5: "مايس|ماي|ايار", 6: "يونيه|جوان|حزيران", 7: "يوليه|يوليوز|جويليه|تموز",
    8: "اغسطس|غشت|اوت", 9: "سبتمبر|ايلول|شتنبر|سيبتمبر", 10: "تشرين اول|اوكتوبر|تشرين الأول",
    11: "تشرين ثاني|نونبر|نوفمبر", 12: "كانون اول|دسمبر|دجنبر",
}
MONTHS = _months()

WEAK_MONTHS = word_set("مارس اب ماي نيسان جوان اوت ماى")
"""Months that are also verbs, fathers, surnames, makers of cars: alone they are no months."""

HIJRI_MONTHS = {
    fold_key(name): number
    for number, names in enumerate((
        "محرم|المحرم", "صفر", "ربيع الأول|ربيع أول", "ربيع الآخر|ربيع الثاني|ربيع ثاني",
        "جمادى الأولى|جمادى الأول|جماد الأول|جماد الأولى|جمادي الأولى",
        "جمادى الآخرة|جمادى الثانية|جماد الآخر|جماد الثاني|جمادى الآخر|جماد الآخرة|جمادى الثاني",
        "رجب", "شعبان", "رمضان", "شوال", "ذو القعدة|ذي القعدة|ذوالقعدة|ذا القعدة",
        "ذو الحجة|ذي الحجة|ذوالحجة|ذا الحجة",
    ), 1)
    for name in names.split("|")
}

WEEKDAYS = _keys({
    0: "الاثنين الإثنين", 1: "الثلاثاء الثلاثا الثلثاء", 2: "الأربعاء الأربعا", 3: "الخميس",
    4: "الجمعة", 5: "السبت", 6: "الأحد",
})
INDEFINITE_WEEKDAYS = {word[2:]: day for word, day in WEEKDAYS.items()}
"""Without the article they are days only after "يوم" or "كل": جمعة is a name, أحد is "one"."""

SINGULAR = {
    "minute": "دقيقة", "hour": "ساعة", "day": "يوم", "week": "أسبوع", "month": "شهر",
    "year": "عام سنة", "decade": "عقد", "century": "قرن",
}
_DUAL = {
    "minute": "دقيقتين دقيقتان", "hour": "ساعتين ساعتان", "day": "يومين يومان",
    "week": "أسبوعين أسبوعان", "month": "شهرين شهران",
    "year": "عامين عامان سنتين سنتان", "decade": "عقدين عقدان",
    "century": "قرنين قرنان",
}
_PLURAL = {
    "minute": "دقائق دقايق", "hour": "ساعات", "day": "أيام", "week": "أسابيع",
    "month": "أشهر شهور", "year": "أعوام سنوات سنين", "decade": "عقود", "century": "قرون",
}
_COUNTED = {
    "day": "يوما", "month": "شهرا", "year": "عاما", "week": "أسبوعا", "decade": "عقدا",
    "century": "قرنا",
}


def _units(table: Mapping[str, str]) -> dict[str, str]:
    return {fold_key(word): unit for unit, words in table.items() for word in words.split()}


ONE_UNIT = _units(SINGULAR)
TWO_UNITS = _units(_DUAL)
MANY_UNITS = _units(_PLURAL)
COUNTED_UNITS = ONE_UNIT | _units(_COUNTED) | MANY_UNITS
"""What may follow a number."""
THE_UNIT = {f"ال{word}": unit for word, unit in ONE_UNIT.items()} | {"الاسبوع": "week"}
THE_TWO = {f"ال{word}": unit for word, unit in TWO_UNITS.items()}
THE_MANY = {f"ال{word}": unit for word, unit in MANY_UNITS.items()}

DIRECTIONS = _keys({
    -1: "الماضي الماضية الماضيين الماضيتين الماضيان المنصرم المنصرمة المنصرمين الفائت الفائتة "
        "الفارط الفارطة المنقضي المنقضية الماضيات",
    0: "الجاري الجارية الحالي الحالية الراهن الراهنة",
    1: "المقبل المقبلة المقبلين المقبلتين القادم القادمة القادمين القادمتين الآتي الآتية",
})
LATEST = word_set("الأخير الأخيرة الأخيرين الأخيرتين")
THIS = frozenset({"هذا", "هذه"})

MODIFIERS = _keys({
    0: "مطلع مستهل بداية أوائل بدايات", 1: "منتصف أواسط",
    2: "نهاية أواخر ختام نهايات موفى",
})
MODIFIER_NAMES = ("start", "mid", "end")

DAY_PARTS = {
    fold_key(word): part
    for part, words in {
        "MO": "صباح فجر ضحى صبيحة", "AF": "ظهر عصر ظهيرة", "EV": "مساء مغرب أمسية عشية",
        "NI": "ليل ليلة",
    }.items()
    for word in words.split()
}
DAY_PARTS_AFTER = {
    fold_key(word): part
    for part, words in {
        "MO": "صباحا فجرا", "AF": "ظهرا عصرا", "EV": "مساء مساءا", "NI": "ليلا",
    }.items()
    for word in words.split()
}
"""As adverbs, behind the day or the hour that they qualify."""

THE_DAY_PART = {
    f"ال{word}": part for word, part in DAY_PARTS.items() if word not in ("ظهر", "عصر", "مغرب")
}

SEASONS = _keys({0: "ربيع الربيع", 1: "صيف الصيف صائفة", 2: "خريف الخريف", 3: "شتاء الشتاء"})
SEASON_CODES = ("SP", "SU", "FA", "WI")

DECADES = {
    fold_key(prefix + stem + ending): tens
    for tens, stem in {
        10: "عشر", 20: "عشرين", 30: "ثلاثين", 40: "أربعين", 50: "خمسين", 60: "ستين",
        70: "سبعين", 80: "ثمانين", 90: "تسعين",
    }.items()
    for prefix in ("", "ال")
    for ending in (("يات", "ات") if tens > 10 else ("يات",))
}

YEAR_WORDS = frozenset({"عام", "العام", "سنه", "السنه"})
YEAR_PLURALS = word_set(
    "أعوام الأعوام سنوات السنوات عامي العامين سنتي السنتين عامين"
)
APPROXIMATELY = word_set("نحو حوالي قرابة زهاء تقريبا")
VAGUE_AMOUNTS = word_set("بضعة بضع عدة عدد عشرات مئات")
CORRESPONDING = word_set("الموافق الموافقة المصادف للموافق")
