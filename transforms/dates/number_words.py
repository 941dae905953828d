"""Arabic number words under their matching keys: cardinals up to thousands, ordinals."""

from collections.abc import Mapping

from transforms.dates.words import word_set
from transforms.fold import fold_key

_ONES = {
    1: "واحد واحدة", 2: "اثنان اثنين اثنتان اثنتين", 3: "ثلاث ثلاثة", 4: "أربع أربعة",
    5: "خمس خمسة", 6: "ست ستة", 7: "سبع سبعة", 8: "ثمان ثماني ثمانية ثمانى", 9: "تسع تسعة",
}
_TENS = {
    20: "عشرون عشرين", 30: "ثلاثون ثلاثين", 40: "أربعون أربعين", 50: "خمسون خمسين",
    60: "ستون ستين", 70: "سبعون سبعين", 80: "ثمانون ثمانين", 90: "تسعون تسعين",
}
_HUNDREDS = {
    100: "مئة مائة", 200: "مئتان مئتين مائتان مائتين", 300: "ثلاثمئة ثلاثمائة",
    400: "أربعمئة أربعمائة", 500: "خمسمئة خمسمائة", 600: "ستمئة ستمائة", 700: "سبعمئة سبعمائة",
    800: "ثمانمئة ثمانمائة ثمانيمئة ثمانيمائة", 900: "تسعمئة تسعمائة",
}
_ORDINALS = {
    1: "أول أولى", 2: "ثاني ثانية", 3: "ثالث ثالثة", 4: "رابع رابعة", 5: "خامس خامسة",
    6: "سادس سادسة", 7: "سابع سابعة", 8: "ثامن ثامنة", 9: "تاسع تاسعة", 10: "عاشر عاشرة",
}


def _keys(table: Mapping[int, str], *, prefix: str = "") -> dict[str, int]:
    return {prefix + fold_key(word): n for n, words in table.items() for word in words.split()}


def _with_article(table: dict[str, int]) -> dict[str, int]:
    return table | {f"ال{word}": number for word, number in table.items()}


ONES = _with_article(_keys(_ONES))
TEEN_HEADS = ONES | _with_article(_keys({
    1: "أحد إحدى حادي حادية", 2: "اثنا اثني اثنتا اثنتي",
}))
"""What may stand before "عشر" or "عشرة" to count 11 to 19."""
TEN = word_set("عشر عشرة العشر العشرة")
TENS = _with_article(_keys(_TENS))
HUNDREDS = _with_article(_keys(_HUNDREDS))
HUNDRED = word_set("مئة مائة")
THOUSANDS = _with_article(_keys({1000: "ألف", 2000: "ألفان ألفين"}))
MANY_THOUSANDS = fold_key("آلاف")
ORDINALS = _keys(_ORDINALS, prefix="ال")
"""With the article; and its compounds begin with the first of these."""
ELEVENTH = word_set("الحادي الحادية الحادى")
BARE_FIRST = frozenset({"اول"})
LAST = word_set("الأخير الأخيرة")

NUMBER_WORDS = frozenset().union(
    ONES, TEEN_HEADS, TEN, TENS, HUNDREDS, THOUSANDS, {MANY_THOUSANDS}, ORDINALS, ELEVENTH,
    BARE_FIRST, LAST,
)
