"""Read days that hang on the day of writing: weekdays, today, yesterday, parts of the day."""

from collections.abc import Sequence

from transforms.dates.months import month
from transforms.dates.numbers import ordinal
from transforms.dates.numeric import Match
from transforms.dates.of_text import day_of_text
from transforms.dates.readings import (
    DayPart,
    DayShift,
    Fixed,
    NthWeekday,
    UnitShift,
    Weekday,
    Written,
)
from transforms.dates.tokens import Token
from transforms.dates.words import (
    DAY_PARTS,
    DAY_PARTS_AFTER,
    INDEFINITE_WEEKDAYS,
    THE_DAY_PART,
    THIS,
    WEEKDAYS,
    word_set,
)
from transforms.dates.written import leading_weekday, written
from transforms.dates.years import SAME, direction
from transforms.fold import fold_key
from transforms.number_words import LAST

_SHIFTS = {
    fold_key(phrase): days
    for days, phrases in {
        -2: "أمس الأول|يوم أمس الأول|أمس الأولى|البارحة الأولى|أول أمس|قبل أمس|أول من أمس|"
            "قبل يوم أمس",
        -1: "أمس|يوم أمس|يوم الأمس|نهار أمس|البارحة|يوم البارحة|اليوم الماضي|اليوم المنصرم|"
            "اليوم الفائت",
        0: "نهار اليوم|هذا اليوم|يومنا هذا",
        1: "غدا|يوم غد|يوم الغد|نهار غد|يوم غدا",
        2: "بعد غد|بعد غدا|بعد الغد|بعد يوم غد|بعد يوم الغد",
    }.items()
    for phrase in phrases.split("|")
}
_BOUND_SHIFTS = {"الامس": -1, "غد": 1, "الغد": 1}
"""Days only behind certain words: الغد is also "the future", and a newspaper."""
_STARTING = word_set("اعتبارا ابتداء بدءا انطلاقا")
_BEFORE_BOUND = frozenset({"ب", "منذ", "حتي", "ل"})
_NOT_TODAY_AFTER = word_set(
    "في كل طوال طيلة ذلك نفس ذات بنفس خلال المصري أخبار ذاك"
)
_NOT_TODAY_BEFORE = word_set(
    "العالمي الدولي الوطني القومي العربي الأوروبي الأفريقي الإفريقي الإسلامي الواحد التالي "
    "الموالي السابق الأخير الختامي الافتتاحي الذي نفسه ذاته عينه المذكور المفتوح الدراسي "
    "الإعلامي الثقافي الترفيهي الرياضي التاريخي الانتخابي العلمي التدريبي المشؤوم الموعود "
    "الأسود العاشر الدموي التقني الطبي التوعوي المدرسي البيئي الترويجي السنوي الخيري التطوعي "
    "المحدد الآخر"
)
"""Behind "اليوم" these make it a noun: "اليوم العالمي", "اليوم نفسه"."""
_MEDIA = word_set("قناة شبكة موقع وكالة صحيفة جريدة ل مجلة")
_QUOTES = frozenset('"«»“”')
_PRAYER = word_set(
    "عبد صلاة وصلاة لصلاة بصلاة صلوات خطبة خطبتي خطيب خطباء سوق دوري حزب عائلة آل"
)
_BOTH = word_set("كلا كلتا هذين هذان أحد الطرفين")
_GIVEN_NAMES = word_set(
    "محمد أحمد علي حسن حسين خالد سعد سعيد حمد عمر عثمان إبراهيم يوسف صالح فهد ناصر جاسم فيصل "
    "سالم عبدالله عبدالرحمن مبارك طارق ماجد سلطان وليد كريم حمزة مصطفى محمود"
)
_TITLES = word_set(
    "النائب الوزير الدكتور السيد المهندس اللاعب الفنان المحامي الكاتب الشاعر العقيد العميد "
    "اللواء الرائد النقيب الباحث المخرج المدرب الصحفي الصحافي الأستاذ الحاج"
)
"""A title and one given name are followed by a surname: "النائب أحمد السبت"."""
_NAMED = word_set(
    "السوداء الأسود البيضاء الأبيض العظيمة الحزينة الدامي الدامية مشيط العظيم الوردية الصفراء"
)
"""Behind a weekday these make it a name: Black Friday, Good Friday, Khamis Mushait."""


def day(tokens: Sequence[Token], i: int) -> Match | None:
    """Read any one day: today, a weekday, a date that is written out, one reckoned from it."""
    found = day_of_text(tokens, i) or deictic(tokens, i)
    return found or _written_day(tokens, i) or weekday(tokens, i)


def _written_day(tokens: Sequence[Token], i: int) -> Match | None:
    found = written(tokens, i)
    if found is None or (isinstance(found[0], Written) and found[0].day is None):
        return None
    return found


def deictic(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "اليوم", "أمس", "أول من أمس", "غدا", "بعد غد", and the weekday behind them."""
    found = _shift(tokens, i)
    if found is None:
        return None
    days, end = found
    at = end + (tokens[end].word in ("،", ",", "(") and tokens[end + 1].word in WEEKDAYS)
    at += tokens[at].word == "يوم" and tokens[at + 1].word in WEEKDAYS
    if tokens[at].word not in WEEKDAYS:
        return DayShift(days), end
    dated = written(tokens, at)
    if dated is not None and isinstance(dated[0], Written) and dated[0].day is not None:
        return dated
    if at > end and tokens[at + 1].word not in (")", "،", ","):
        return DayShift(days), end
    is_bracketed = tokens[end].word == "("
    return DayShift(days, WEEKDAYS[tokens[at].word]), at + 1 + is_bracketed


def _shift(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """Return how many days from today, and what stands behind."""
    if tokens[i].word == "هذا" and tokens[i + 1].word == "اليوم":
        after = tokens[i + 2].word
        is_such = (i > 0 and tokens[i - 1].word == "مثل") or (
            after.startswith("ال") and after not in WEEKDAYS)
        if is_such or not _is_today(tokens, i + 1):
            return None
    for size in (3, 2, 1):
        phrase = " ".join(token.word for token in tokens[i : i + size])
        if phrase in _SHIFTS:
            return _SHIFTS[phrase], i + size
    if tokens[i].word == "اليوم":
        is_noun = (i > 0 and tokens[i - 1].word == "هذا") or not _is_today(tokens, i)
        return None if is_noun else (0, i + 1)
    shift = _BOUND_SHIFTS.get(tokens[i].word)
    if shift is None:
        return None
    before = tokens[i - 1].word if i else ""
    if before == "من" and i > 1 and tokens[i - 2].word in _STARTING:
        return shift, i + 1
    is_day = before in _BEFORE_BOUND or before in DAY_PARTS or (
        shift > 0 and tokens[i + 1].word in WEEKDAYS)
    return (shift, i + 1) if is_day else None


def _is_today(tokens: Sequence[Token], i: int) -> bool:
    """Say whether "اليوم" is the day of writing and no noun or name."""
    before = tokens[i - 1].word if i else ""
    after = tokens[i + 1].word
    if after in WEEKDAYS:
        return True
    if before in _NOT_TODAY_AFTER or after in _NOT_TODAY_BEFORE or ordinal(tokens, i + 1):
        return False
    if after == "ال" or (before == "ل" and tokens[i + 1].number >= 0):
        return False  # "لليوم 401 على التوالي"
    if i > 1 and tokens[i - 2].word in _QUOTES and after in _QUOTES:
        return False  # "روسيا اليوم"
    return i < 2 or tokens[i - 2].word not in _MEDIA


def weekday(tokens: Sequence[Token], i: int) -> Match | None:
    """Read a weekday with what places it: "الخميس الماضي", "الجمعة من الأسبوع المقبل"."""
    word = tokens[i].word
    if word in THIS and tokens[i + 1].word not in ("الاسبوع",):
        found = leading_weekday(tokens, i + 1)
        return (Weekday(found[0], 0), found[1]) if found else None
    week = _week(tokens, i)
    if week is not None:
        found = leading_weekday(tokens, week[1])
        return (Weekday(found[0], week_shift=week[0]), found[1]) if found else None
    if word in ("اول", "اخر"):
        return _first_or_last(tokens, i)
    found = leading_weekday(tokens, i)
    if found is None or tokens[found[1]].word in _NAMED:
        return None
    if _is_named_so(tokens, i, found[1]):
        return None
    number, end = found
    shift = direction(tokens, end)
    if shift is not None:
        return Weekday(number, shift[0]), shift[1]
    if [token.word for token in tokens[end : end + 3]] == ["من", "كل", "اسبوع"]:
        return Fixed("set", "P1W"), end + 3
    week = _week(tokens, end + (tokens[end].word == "من"))
    if week is not None:
        return Weekday(number, week_shift=week[0]), week[1]
    place = ordinal(tokens, end)
    if place is not None and tokens[place[1]].word != "من":
        return None  # "الجمعة الثالثة على التوالي" counts Fridays
    return _nth(tokens, number, end) or (Weekday(number), end)


def _is_named_so(tokens: Sequence[Token], i: int, end: int) -> bool:
    """Say whether a weekday is a piece of a name, or "both" for الاثنين."""
    before = tokens[i - 1].word if i else ""
    if before in _PRAYER:
        return True
    if tokens[i].word == "الاثنين":
        is_pair = before == "بين" and tokens[end].word != "و"
        if is_pair or before in _BOTH or tokens[end].word == "معا":
            return True
    return i > 1 and before in _GIVEN_NAMES and tokens[i - 2].word in _TITLES


def _week(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """Read "الأسبوع المقبل", "هذا الأسبوع" as a shift."""
    if tokens[i].word in THIS and tokens[i + 1].word == "الاسبوع":
        return 0, i + 2
    return direction(tokens, i + 1) if tokens[i].word == "الاسبوع" else None


def _first_or_last(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "أول يوم جمعة من يوليو", "آخر خميس من الشهر الجاري"."""
    at = i + 1 + (tokens[i + 1].word == "يوم")
    word = tokens[at].word
    number = WEEKDAYS.get(word, INDEFINITE_WEEKDAYS.get(word))
    if number is None:
        return None
    return _of_month(tokens, at + 1, 1 if tokens[i].word == "اول" else -1, number)


def _nth(tokens: Sequence[Token], number: int, i: int) -> Match | None:
    """Read "الأحد الثاني من مايو"."""
    place = (-1, i + 1) if tokens[i].word in LAST else ordinal(tokens, i)
    return _of_month(tokens, place[1], place[0], number) if place and place[0] <= 5 else None


def _of_month(tokens: Sequence[Token], i: int, place: int, number: int) -> Match | None:
    if tokens[i].word not in ("من", "في"):
        return None
    i += 1
    if tokens[i].word in THIS and tokens[i + 1].word == "الشهر":
        return NthWeekday(place, number, UnitShift("month", 0)), i + 2
    if tokens[i].word == "الشهر":
        shift = direction(tokens, i + 1)
        found = NthWeekday(place, number, UnitShift("month", shift[0])) if shift else None
        return (found, shift[1]) if found and shift else None
    if month(tokens, i + (tokens[i].word == "شهر")) is None:
        return None
    whole = written(tokens, i)
    return (NthWeekday(place, number, whole[0]), whole[1]) if whole else None


def day_part(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "مساء السبت", "فجر اليوم", "بعد ظهر الأحد", "الليلة الماضية", "السبت صباحا"."""
    word = tokens[i].word
    if word == "الليله":
        shift = direction(tokens, i + 1)
        return DayPart("NI", DayShift(shift[0] if shift else 0)), shift[1] if shift else i + 1
    if word in THIS and tokens[i + 1].word in THE_DAY_PART:
        return DayPart(THE_DAY_PART[tokens[i + 1].word], DayShift(0)), i + 2
    at = i + (word in ("بعد", "قبل", "منتصف") and tokens[i + 1].word in ("ظهر", "ليل", "الظهر"))
    if tokens[at].word in DAY_PARTS:
        return _part_of(tokens, at, "MO" if word == "قبل" else DAY_PARTS[tokens[at].word])
    found = day(tokens, i)
    if found is None:
        return None
    after = DAY_PARTS_AFTER.get(tokens[found[1]].word)
    if after and day(tokens, found[1] + 1) is None:
        return DayPart(after, found[0]), found[1] + 1
    return found


def _part_of(tokens: Sequence[Token], i: int, part: str) -> Match | None:
    at = i + 1 + (tokens[i + 1].word == "من")
    found = day(tokens, at)
    if found is None:
        return None
    # Before a weekday "عشية" is the eve of it.
    is_eve = tokens[i].word == "عشيه" and not isinstance(found[0], DayShift)
    if tokens[found[1]].word in SAME or is_eve:
        return None
    end = found[1]
    if part == "NI" and isinstance(found[0], Weekday) and found[0].direction is None:
        # The night between two days is that of the first.
        second = end + (tokens[end].word in ("/", "-", "–", "الي", "علي"))
        if WEEKDAYS.get(tokens[second].word) == (found[0].weekday + 1) % 7:
            end = second + 1
    return DayPart(part, found[0]), end
