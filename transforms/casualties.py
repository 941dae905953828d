"""Count the people whom an event harmed, as the text counts them."""

from collections.abc import Iterator
from typing import NamedTuple

from schemas.records import Casualties
from transforms.event_words import Words

_MILLION = 1_000_000
_UNITS = {
    "واحد": 1, "واحده": 1, "اثنين": 2, "اثنان": 2, "اثنتين": 2, "اثنتان": 2,
    **{form: number for number, forms in enumerate(
        ("ثلاثه ثلاث", "اربعه اربع", "خمسه خمس", "سته ست", "سبعه سبع", "ثمانيه ثماني ثمان",
         "تسعه تسع", "عشره عشر"), 3) for form in forms.split()},
}
_TEENS = {"احد": 11, "احدي": 11, "اثنا": 12, "اثني": 12, "اثنتا": 12, "اثنتي": 12}
_TENS = {
    form: 10 * number for number, forms in enumerate(
        ("عشرون عشرين", "ثلاثون ثلاثين", "اربعون اربعين", "خمسون خمسين", "ستون ستين",
         "سبعون سبعين", "ثمانون ثمانين", "تسعون تسعين"), 2) for form in forms.split()
}
_HUNDREDS = {
    "مئه": 100, "مائه": 100, "مئتا": 200, "مئتي": 200, "مائتي": 200, "مئتين": 200, "مائتين": 200,
    **{unit + "مئه": 100 * n for unit, n in (("ثلاث", 3), ("اربع", 4), ("خمس", 5), ("ست", 6),
                                               ("سبع", 7), ("ثماني", 8), ("تسع", 9))},
    **{unit + "مائه": 100 * n for unit, n in (("ثلاث", 3), ("اربع", 4), ("خمس", 5), ("ست", 6),
                                                ("سبع", 7), ("ثماني", 8), ("تسع", 9))},
}
_SCALES = {"الف": 1_000, "الفا": 1_000, "الاف": 1_000, "مليون": _MILLION, "مليونا": _MILLION,
           "ملايين": _MILLION, "الفي": 2_000, "الفين": 2_000}
_VAGUE = {"عشرات": 20, "العشرات": 20, "مئات": 200, "المئات": 200, "الاف": 2_000, "الالاف": 2_000}
"""The least that each may mean: a plural of tens is more than one ten."""

_PEOPLE = frozenset(
    "شخصا شخص اشخاص قتيلا قتيل قتلي جريحا جريح جرحي مصابا مصاب مصابين مصابون شهيدا شهيد شهداء "
    "فلسطينيا فلسطينيين فلسطينيون فلسطيني مدنيا مدنيين مدنيون مدني جنديا جندي جنود شرطيا شرطي "
    "شرطيين مسلحا مسلح مسلحين مسلحون طفلا طفل اطفال امراه نساء سيده رجلا رجل رجال شابا شاب شبان "
    "عاملا عامل عمال مواطنا مواطن مواطنين مواطنون مهاجرا مهاجر مهاجرين لاجئا لاجئ لاجئين متظاهرا "
    "متظاهر متظاهرين متظاهرون عنصرا عنصر عناصر مقاتلا مقاتل مقاتلين صحفيا صحفي صحفيين صحافيا "
    "صحافيين سوريا سوريين عراقيا عراقيين لبنانيا لبنانيين اسرائيليا اسرائيليين يمنيا يمنيين "
    "مصريا مصريين ليبيا ليبيين سودانيا سودانيين تركيا راكبا راكب ركاب ضحيه ضحايا اخرين اخرون اخر "
    "معتقلا معتقل معتقلين موقوفا موقوفين مفقودا مفقود مفقودين نازحا نازح نازحين طالبا طالب طلاب "
    "طالبه تلميذا تلاميذ سائحا سياح ضابطا ضابط ضباط عسكريا عسكري عسكريين مشتبها متهما متهمين "
    "ناشطا ناشطين بحارا بحاره حاجا حجاج نسمه عائله اسره افراد فردا فتي فتاه رضيعا مسعفا مسعفين "
    "طبيبا اطباء امراه شيخا مستوطنا مستوطن مستوطنين مزارعا مزارعين صيادا صيادين ارهابيا ارهابي "
    "ارهابيين محتجا محتجين نزيلا سجينا سجناء اسيرا اسري رهينه رهائن".split()
)
_DUALS = frozenset(
    "شخصين شخصان قتيلين قتيلان جريحين جريحان فلسطينيين فلسطينيان مدنيين مدنيان جنديين جنديان "
    "شرطيين شرطيان مسلحين مسلحان طفلين طفلان امراتين امراتان رجلين رجلان شابين شابان عاملين "
    "عاملان مواطنين مواطنان شهيدين شهيدان طفلتين صحفيين صحفيان صحافيين صحافيان مصابين مصابان "
    "عنصرين عنصران شقيقين شقيقان ضابطين ضابطان اسرائيليين مستوطنين".split()
)
_ONLY_DUAL = frozenset(
    word for word in _DUALS
    if word.endswith("ان") or word in (
        "شخصين قتيلين جريحين جنديين شرطيين طفلين امراتين رجلين شابين عاملين شهيدين طفلتين "
        "عنصرين شقيقين ضابطين"
    ).split()
)
_TWO = frozenset({"اثنين", "اثنان", "اثنتين", "اثنتان"})
_ONES = frozenset(
    "شخص شاب شابه طفل طفله فتي فتاه امراه سيده رجل جندي شرطي ضابط مدني مسلح صحفي صحافي عامل "
    "مواطن فلسطيني اسير شهيد سائق مسن".split()
)

_KINDS: dict[str, str] = {
    **dict.fromkeys(
        "مقتل قتل قتلت قتلوا قتلا يقتل قتله استشهد استشهدت استشهاد استشهدوا مصرع مصرعه مصرعهم "
        "حتفهم قتلي قتيلا قتيل القتلي شهداء شهيدا شهيد وفاه توفي توفيت اغتيال بحياه اعدام "
        "قتيلين قتيلان شهيدين شهيدان لقي لقوا مقتله مقتلهم اودي اودت بمقتل ضحيه ضحايا "
        "ارواح الضحايا الشهداء غرق".split(), "killed"),
    **dict.fromkeys(
        "اصابه اصيب اصيبت اصيبوا جرح جرحت جرحي جريحا جريح الجرحي مصابا مصاب مصابين مصابون "
        "اصابات المصابين جريحين جريحان بجروح بجراح".split(), "injured"),
    **dict.fromkeys(
        "اعتقال اعتقل اعتقلت توقيف اوقف اوقفت احتجاز احتجزت القبض ضبط معتقلا معتقلين موقوفا "
        "موقوفين اعتقالهم اعتقلوا حبس سجن".split(), "detained"),
    **dict.fromkeys("فقدان فقد مفقودا مفقودين مفقودون المفقودين مفقود فقدوا اختفاء".split(),
                    "missing"),
    **dict.fromkeys("نزوح نزح نازحا نازحين تشريد تهجير شرد شردت تشرد نازح مشردا اجلاء".split(),
                    "displaced"),
}
_PREFIXES = ("و", "ف", "ب", "ل", "وب", "ول")
_BEFORE_REACH, _AFTER_REACH = 4, 3
_AT_LEAST = (("ما", "لا", "يقل", "عن"), ("لا", "يقل", "عن"), ("اكثر", "من"), ("ما", "يزيد", "علي"),
             ("ما", "يزيد", "عن"), ("يزيد", "عن"), ("ازيد", "من"), ("علي", "الاقل"), ("فوق",))
_AT_MOST = (("ما", "لا", "يزيد", "عن"), ("لا", "يتجاوز"), ("اقل", "من"), ("ما", "لا", "يتجاوز"))
_ABOUT = (("نحو",), ("حوالي",), ("قرابه",), ("زهاء",), ("ما", "يقارب"), ("ما", "يقرب", "من"),
          ("بنحو",), ("تقريبا",), ("نحوا", "من"))
_QUALIFIERS = (
    *((words, "at_most") for words in _AT_MOST), *((words, "at_least") for words in _AT_LEAST),
    *((words, "about") for words in _ABOUT),
)
_NOT_PEOPLE = frozenset("عام سنه عاما سنوات دولار دولارا يورو مليار كيلومترا كم متر طن برميل "
                        "بالمئه بالمائه ساعه ساعات يوما ايام شهرا اشهر دقيقه صاروخا صاروخ منزلا "
                        "غاره هجوما طائره قذيفه سياره % $ مرات مره دوله محافظه عبوه سفينه مركبه "
                        "حاله حالات غارات هجمات منازل صواريخ".split())
_NOT_AFTER = frozenset("عام سنه العام يوم رقم الساعه ساعه بتاريخ قرار القرار الماده الدفعه بقيمه "
                       "بمبلغ قبل منذ بعد".split())


class Count(NamedTuple):
    """A number of people in a sentence: words [first, last) with the noun that follows."""

    first: int
    last: int
    people: int
    qualifier: str
    noun: str


class Harm(NamedTuple):
    """A count with what was done, and the word that says so."""

    casualties: Casualties
    index: int  # the word that tells of the harm


def find_casualties(words: Words) -> list[Harm]:
    """Return the people harmed that a sentence counts, in order. Linear in the sentence."""
    found = []
    for count in _counts(words):
        told = _kind(words, count)
        if told:
            start, end = words.words[count.first].start, words.words[count.last - 1].end
            found.append(Harm(
                Casualties(told[0], count.people, count.qualifier, start, end), told[1]
            ))
    return found


def kind_of(key: str) -> str | None:
    """Return what kind of harm a word tells of, if any."""
    if key in _KINDS:
        return _KINDS[key]
    for prefix in _PREFIXES:
        if key.startswith(prefix) and key[len(prefix):] in _KINDS:
            return _KINDS[key[len(prefix):]]
    return None


def _counts(words: Words) -> Iterator[Count]:
    """Yield the numbers of people in a sentence."""
    index = 0
    while index < len(words.words):
        count = _number_count(words, index) or _word_count(words, index)
        if count:
            yield count
        index = count.last if count else index + 1


def _number_count(words: Words, index: int) -> Count | None:
    """Return a count by a number, with its qualifier and the noun after it."""
    number = read_number(words, index)
    if number is None:
        return None
    people, last = number
    noun = words.key(last)
    if noun in _NOT_PEOPLE or words.key(index - 1) in _NOT_AFTER or words.key(last - 1) in (
        "عام",
    ):
        return None
    if noun == "من":  # "12 of the soldiers"
        noun = words.key(last + 1)
    is_vague = words.key(index).lstrip("ول").removeprefix("ب") in _VAGUE or (
        words.key(index) in _VAGUE
    )
    qualifier, first = _qualifier(words, index)
    if is_vague and qualifier == "exact":
        qualifier = "at_least"
    if noun in _PEOPLE:
        last += 1
    if words.key(last) == "علي" and words.key(last + 1) == "الاقل":
        last, qualifier = last + 2, "at_least"
    return Count(first, last, people, qualifier, noun)


def _word_count(words: Words, index: int) -> Count | None:
    """Return a count that a noun makes by its form: a dual, or one person."""
    key = words.key(index)
    bare = key[1:] if key[:1] == "و" and key not in _DUALS else key
    if bare in _DUALS:
        is_marked = words.key(index + 1) in _TWO
        if is_marked or bare in _ONLY_DUAL:
            return Count(index, index + 1 + is_marked, 2, "exact", bare)
    if bare in _ONES and kind_of(words.key(index - 1)):
        return Count(index, index + 1, 1, "exact", bare)
    return None


def read_number(words: Words, index: int) -> tuple[int, int] | None:
    """Return the whole number that begins at a word, and where it ends."""
    key = words.key(index)
    if key[:1].isdigit():
        value = _digits(key)
        if value is None:
            return None
        return _scaled(words, value, index + 1)
    bare = key[1:] if key[:1] == "و" and not _is_number_word(key) else key
    bare = bare.removeprefix("ب").removeprefix("ال") if not _is_number_word(bare) else bare
    if bare in _VAGUE and (bare != "الاف" or words.key(index + 1) in _PEOPLE):
        return _vague(words, bare, index)
    if bare in ("واحد", "واحده") or not _is_number_word(bare):
        return None
    return _spelled(words, bare, index)


def _is_number_word(key: str) -> bool:
    return key in _UNITS or key in _TEENS or key in _TENS or key in _HUNDREDS or key in _VAGUE or (
        key in ("الف", "الفي", "الفين")
    )


def _digits(key: str) -> int | None:
    """Return a number in digits, with separators of thousands; no decimals, no years' lists."""
    parts = key.replace(".", ",").split(",")
    if len(parts) > 1 and not all(len(part) == 3 for part in parts[1:]):  # noqa: PLR2004
        return None
    digits = "".join(parts)
    return int(digits) if len(digits) <= _DIGITS_MAX else None


_DIGITS_MAX = 9


def _scaled(words: Words, value: int, index: int) -> tuple[int, int]:
    scale = _SCALES.get(words.key(index))
    return (value * scale, index + 1) if scale else (value, index)


def _vague(words: Words, bare: str, index: int) -> tuple[int, int]:
    if words.key(index + 1) in ("الالاف", "الاف") and bare != "الاف":
        return _VAGUE[bare] * 1_000, index + 2
    return _VAGUE[bare], index + 1


def _spelled(words: Words, bare: str, index: int) -> tuple[int, int]:
    """Return a number in words: unit, teen, tens with "and", hundreds, thousands."""
    following = words.key(index + 1)
    if bare in _TEENS and following in ("عشر", "عشره"):
        return _scaled(words, _TEENS[bare], index + 2)
    if bare in _UNITS:
        if following in ("عشر", "عشره") and bare not in ("عشر", "عشره"):
            return _scaled(words, _UNITS[bare] + 10, index + 2)
        if following[:1] == "و" and following[1:] in _TENS:
            return _scaled(words, _UNITS[bare] + _TENS[following[1:]], index + 2)
        if following in ("مئه", "مائه"):
            return _scaled(words, _UNITS[bare] * 100, index + 2)
        return _scaled(words, _UNITS[bare], index + 1)
    if bare in _TENS:
        return _scaled(words, _TENS[bare], index + 1)
    if bare in _HUNDREDS:
        value, last = _HUNDREDS[bare], index + 1
        if following[:1] == "و" and following[1:] in {**_UNITS, **_TENS}:
            value, last = value + {**_UNITS, **_TENS}[following[1:]], index + 2
        return _scaled(words, value, last)
    return (1_000 if bare == "الف" else 2_000), index + 1


def _qualifier(words: Words, index: int) -> tuple[str, int]:
    """Return how exact a number is by the words before it, and where these begin."""
    for before, qualifier in _QUALIFIERS:
        first = index - len(before)
        keys = tuple(words.key(first + step) for step in range(len(before)))
        if keys == before or (
            len(keys) == len(before) and keys[0] == "و" + before[0] and keys[1:] == before[1:]
        ):
            return qualifier, max(first, 0)
    return "exact", index


def _kind(words: Words, count: Count) -> tuple[str, int] | None:
    """Return the kind of harm that a count tells of, and the word that says so.

    That is the noun counted ("12 killed"), else the nearest verb or noun before it, else one
    that follows ("12 people were killed").
    """
    noun_index = count.last - 1 if words.key(count.last - 1) == count.noun else count.last
    own = kind_of(count.noun)
    if own:
        return own, noun_index
    if count.noun not in _PEOPLE and count.noun not in _DUALS and count.noun not in _ONES:
        is_bare = words.is_clause_end(count.last) or words.key(count.last)[0] == "و" or (
            words.key(count.last) in ("في", "بجروح", "جراء", "اثر", "خلال", "من", "بينهم")
        )
        if not is_bare:
            return None
    for index in range(count.first - 1, max(-1, count.first - 1 - _BEFORE_REACH), -1):
        kind = kind_of(words.key(index))
        if kind:
            return kind, index
        if words.is_clause_end(index) or words.key(index)[0].isdigit():
            break
    for index in range(count.last, count.last + _AFTER_REACH):
        if words.is_clause_end(index) or words.key(index)[:1] == "و":
            break
        kind = kind_of(words.key(index))
        if kind:
            return kind, index
    return None
