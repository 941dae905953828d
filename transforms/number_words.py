"""Arabic number words under their matching keys, and the cardinals that they make."""

from collections.abc import Mapping, Sequence

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


def _set(words: str) -> frozenset[str]:
    return frozenset(fold_key(words).split())


def _keys(table: Mapping[int, str], *, prefix: str = "") -> dict[str, int]:
    return {prefix + fold_key(word): n for n, words in table.items() for word in words.split()}


def _with_article(table: dict[str, int]) -> dict[str, int]:
    return table | {f"ال{word}": number for word, number in table.items()}


ONES = _with_article(_keys(_ONES))
TEEN_HEADS = ONES | _with_article(_keys({
    1: "أحد إحدى حادي حادية", 2: "اثنا اثني اثنتا اثنتي",
}))
"""What may stand before "عشر" or "عشرة" to count 11 to 19."""
TEN = _set("عشر عشرة العشر العشرة")
TENS = _with_article(_keys(_TENS))
HUNDREDS = _with_article(_keys(_HUNDREDS))
HUNDRED = _set("مئة مائة")
THOUSANDS = _with_article(_keys({1000: "ألف", 2000: "ألفان ألفين"}))
MANY_THOUSANDS = fold_key("آلاف")
ORDINALS = _keys(_ORDINALS, prefix="ال")
"""With the article; and its compounds begin with the first of these."""
ELEVENTH = _set("الحادي الحادية الحادى")
BARE_FIRST = frozenset({"اول"})
LAST = _set("الأخير الأخيرة")

NUMBER_WORDS = frozenset().union(
    ONES, TEEN_HEADS, TEN, TENS, HUNDREDS, THOUSANDS, {MANY_THOUSANDS}, ORDINALS, ELEVENTH,
    BARE_FIRST, LAST,
)

_PARTS_MAX = 5
CARDINAL_WORDS_MAX = 16
"""Words of the longest cardinal that is read, the "and" between its parts among them."""


def read_cardinal(words: Sequence[str], start: int) -> tuple[int, int] | None:
    """Read a cardinal: "خمسة و عشرين", "ألف و تسعمائة و ثمانية و سبعون", "and" being a word.

    Returns:
        The number and the index of the word behind it.
    """
    total, used = 0, 0
    end = at = start
    for _ in range(_PARTS_MAX):
        part = _part(words, at)
        if part is None or part[2] & used:
            break
        value, end, slots = part
        total += value
        used |= slots
        if _word(words, end) != "و":
            break
        at = end + 1
    if used and not used & 0b0011 and _word(words, end) == "واحد" and (
        _word(words, end + 1) in TEN
    ):
        return total + 11, end + 2  # "ألفين وأحد عشر", whose و is not cut off
    return (total, end) if used else None


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if at < len(words) else ""


def _part(words: Sequence[str], at: int) -> tuple[int, int, int] | None:
    """Return value, next word and the decimal places (as bits) of one part of a cardinal."""
    word, after = _word(words, at), _word(words, at + 1)
    if after in TEN and word in TEEN_HEADS:
        return 10 + TEEN_HEADS[word], at + 2, 0b0011
    if word in ONES:
        if after in HUNDRED:
            return 100 * ONES[word], at + 2, 0b0100
        if after == MANY_THOUSANDS:
            return 1000 * ONES[word], at + 2, 0b1000
        return ONES[word], at + 1, 0b0001
    if word in TEN:
        return (10_000, at + 2, 0b1000) if after == MANY_THOUSANDS else (10, at + 1, 0b0011)
    for table, slots in ((TENS, 0b0010), (HUNDREDS, 0b0100), (THOUSANDS, 0b1000)):
        if word in table:
            return table[word], at + 1, slots
    return None
