"""Read the lead of a wire: place, date, author and agency before the story begins."""

import re
from typing import NamedTuple

from transforms.agencies import AGENCY, DISTINCTIVE, QUOTED, agency_code
from transforms.feed_date_words import words
from transforms.fold import Folded, fold, fold_key

HEAD_CHARS = 600
"""How far from its start a text is searched for its lead."""

LEAD_CHARS_MAX = 120
_LINE_CHARS_READ = 2 * LEAD_CHARS_MAX
_LINES_MAX = 3
_HEADLINE_CHARS_MAX = 220
_WORDS_PER_PLACE_MAX = 5

# What news sentences are made of and names are not, folded; "و" and "ف" may precede. Without
# "على" (Ali), "أمام" (Imam), "رأس" (Ras al-Khaimah), "لا" (La Paz), "هو" (Ho Chi Minh City).
_NOT_PLACES = frozenset(fold_key(
    "في من عن إن أن إلى مع هذا هذه ذلك تلك التي الذي الذين قد لم لن ما كان كانت هي هم "
    "بعد قبل حول ضد خلال منذ حتى عند بين تحت فوق أو ثم بل كما حيث لكن غير كل بعض أي كيف "
    "قال قالت أكد أكدت أعلن أعلنت ذكر ذكرت نقل نقلت أضاف أضافت أفاد أفادت كشف كشفت أوضح أوضحت "
    "أشار أشارت صرح صرحت نفى نفت دعا دعت طالب طالبت أدان أدانت بحث بحثت استقبل استقبلت شدد شددت "
    "قتل قتلت أصيب أصيبت استشهد وصل وصلت غادر عقد عقدت نشر نشرت التقى التقت وقع وقعت قرر قررت "
    "اتهم اتهمت حذر حذرت رفض رفضت وافق وافقت بدأ بدأت انتهى انتهت تلقى زار زارت افتتح ترأس "
    "حسب بحسب وفق وفقا نقلا بيان تقرير خبر أنباء وكالة وكالات مصدر مصادر صحيفة قناة إذاعة موقع "
    "متابعة خاص ترجمة ردا الوزير وزير وزارة رئيس الرئيس مسؤول متحدث المتحدث مراسل الحكومة الجيش "
    "الشرطة"
).split())


class Dateline(NamedTuple):
    """The lead of a wire; spans are half-open and index the text."""

    start: int
    end: int
    agency: str  # code; "" for unnamed agencies
    agency_span: tuple[int, int]
    place: str | None  # as printed
    date: str | None  # as printed
    byline_span: tuple[int, int] | None


class _Setting(NamedTuple):
    """Place, date and author as spans of the key."""

    place: tuple[int, int] | None = None
    date: tuple[int, int] | None = None
    byline: tuple[int, int] | None = None


def _names(*kinds: str) -> str:
    """Return a pattern for the Arabic names of the given kinds, folded, longest first."""
    names = {fold_key(name) for name, word in words().items() if word.kind in kinds}
    arabic = sorted((name for name in names if name > "ء" and len(name) > 1), key=len)
    return "(?:" + "|".join(re.escape(name) for name in reversed(arabic)) + ")"


def _date_pattern() -> str:
    """Return a pattern for a date in a lead: Gregorian, Hijri or both, named or numeric."""
    month, hijri, weekday = _names("month"), _names("hijri"), _names("weekday")
    year = r"(?:[،,]? ?(?:عام |سنه )?\d{4}(?: ?م(?!\w))?)"
    gregorian = rf"\d{{1,2}} (?:من )?{month}(?: ?[/-]? ?\(?{month}\)?)?{year}?"
    lunar = rf"\d{{1,2}} (?:من )?{hijri}(?: (?:عام |سنه )?\d{{4}})?(?: ?ه(?!\w))?"
    numeric = r"\d{1,4} ?[-/.] ?\d{1,2}(?: ?[-/.] ?\d{2,4})?(?: ?[هم](?!\w))?"
    one = rf"(?:{gregorian}|{lunar}|{numeric})"
    return rf"(?:(?:يوم )?{weekday}[،,]? )?\(?{one}(?:[،,]? ?الموافق ?[:ل]? ?{one})?\)?"


_AGENCY = re.compile(AGENCY)
_DATE = re.compile(
    rf"(?:^|(?<=[\s،,/(–-]))(?:(?:في|بتاريخ) )?(?P<date>{_date_pattern()})[\s،,/:–—-]*$"
)
_LATE_DATE = re.compile(rf"[\s،,–—-]*(?:في )?(?P<date>{_date_pattern()})(?=\s*[:–—-])")
_RANK = re.compile(r"[^\w(«\"\[]*(?:(?:خبر )?(?:عاجل|مستعجل(?: جدا)?|تنبيه)[\s|/:.–—-]+)?")
_BRACKETS = {"(": ")", "[": "]", "«": "»", '"': '"'}
_SIGNS = "/:،,–—-"
_AFTER = re.compile(r"[^\S\n]*(?:[/:–—-]+|(?=\n)|\Z)")
_CREDITS_IN_BRACKETS = re.compile(r"[^()\[\]«»\"\n]{0,30}")
_PARTS = re.compile(r"\s*[/–—-]\s*")
_COUNTRY = re.compile(r"\s*(?:\([^()]{2,40}\)|[،,][^،,]{2,40})\s*$")
_PLACE_NEXT = re.compile(r"\s*([^\W\d_]+(?: [^\W\d_]+){0,3})\s*(?:[/:–—-]+|(?=\n)|\Z)")
_BYLINE_LINE = re.compile(
    r"\s*(?:من|بقلم|كتب|كتبت|كتبه|مراسلنا|تقرير)(?: ?: ?| )([^\W\d_]+(?: [^\W\d_]+){1,7}) *\Z"
)


def find_dateline(text: str) -> Dateline | None:
    """Return the lead in the first lines of `text`, or None where no agency signs one.

    Without a sign of its own (a bracket, a dash, a slash, a date before it) the name of an
    agency is a word of the sentence. Headlines may stand above the lead, sentences may not.
    Works in constant time.
    """
    position = 0
    for line in text[:HEAD_CHARS].split("\n")[:_LINES_MAX]:
        # A tatweel between spaces is a dash; folding would drop it.
        found = _lead(fold(line[:_LINE_CHARS_READ].replace(" ـ ", " – ")))
        if found is not None:
            found = _moved(found, position)
            # At the end of a short text, it is a credit.
            return found if position == 0 or text[found.end : 2 * HEAD_CHARS].strip() else None
        if len(line) > _HEADLINE_CHARS_MAX or line.rstrip().endswith((".", "»", '"')):
            break
        position += len(line) + 1
    return None


def find_byline(text: str) -> tuple[int, int] | None:
    """Return the span of the author's name on the first line of `text`, if it holds just that."""
    line, _, rest = text[:HEAD_CHARS].partition("\n")
    folded = fold(line)
    byline = _BYLINE_LINE.match(folded.key) if rest.strip() else None
    if byline is None or not _is_place_like(byline[1], words_max=8):
        return None
    return folded.span(*byline.span(1))


def _moved(dateline: Dateline, by: int) -> Dateline:
    """Return the lead of a line with its spans counted from the start of the text."""
    first, last = dateline.agency_span
    byline = dateline.byline_span
    return dateline._replace(
        start=dateline.start + by,
        end=dateline.end + by,
        agency_span=(first + by, last + by),
        byline_span=(byline[0] + by, byline[1] + by) if byline else None,
    )


def _lead(folded: Folded) -> Dateline | None:
    """Return the lead that begins a line."""
    rank = _RANK.match(folded.key)
    begin = rank.end() if rank else 0
    for agency in _AGENCY.finditer(folded.key, begin):
        if agency.start() >= begin + LEAD_CHARS_MAX:
            break
        found = _signed(folded, begin, agency)
        if found is not None:
            return found
    return None


def _signed(
    folded: Folded, begin: int, agency: re.Match[str]
) -> Dateline | None:
    """Return the lead from `begin` that `agency` signs, if it does."""
    key = folded.key
    code = agency_code(agency[0])
    before = key[begin : agency.start()].rstrip()
    sign = before[-1:]
    stop = agency.end()
    if sign in _BRACKETS:
        inside = _CREDITS_IN_BRACKETS.match(key, stop)
        stop = inside.end() if inside else stop
        if key[stop : stop + 1] != _BRACKETS[sign]:
            return None
        stop += 1
    elif code in QUOTED:
        return None
    setting = _setting(key, begin, begin + len(before.rstrip("".join(_BRACKETS)).rstrip()))
    if setting is None:
        return None
    if setting.date is None:
        stop, setting = _with_late_date(key, stop, setting)
    after = _AFTER.match(key, stop)
    if not _is_signed(code, before, after, has_date=setting.date is not None):
        return None
    stop = after.end() if after else stop
    if not before:
        stop, setting = _with_place_next(key, stop, setting)
        if setting.place is None and code not in DISTINCTIVE and code != "NNA":
            return None
    return _dateline(folded, (begin, stop), agency, setting)


def _is_signed(
    code: str, before: str, after: re.Match[str] | None, *, has_date: bool
) -> bool:
    """Return whether what stands around an agency's name makes it a credit."""
    sign = before[-1:]
    if sign in _BRACKETS:
        place = before[:-1].rstrip()
        if has_date or place.endswith(tuple(_SIGNS)):
            return True
        # "(رويترز)" at the end of a line may also credit a headline.
        return after is not None and (after[0].strip() != "" or place.count(" ") < 2)
    if not before:
        return after is not None and ":" not in after[0]
    if sign in _SIGNS:
        return after is not None or code in DISTINCTIVE
    if has_date:
        return after is not None or code in DISTINCTIVE
    return after is not None and code in DISTINCTIVE and not after[0].strip(" \n–—-")


def _setting(key: str, start: int, end: int) -> _Setting | None:
    """Return what `key[start:end]` says before the agency; None where it is no such thing."""
    part = key[start:end].rstrip(_SIGNS + " ")
    if len(part) > LEAD_CHARS_MAX:
        return None
    date = _DATE.search(part)
    date_span = (start + date.start("date"), start + date.end("date")) if date else None
    rest = part[: date.start()] if date else part
    rest = rest.rstrip(_SIGNS + " (")
    if not rest:
        return _Setting(date=date_span)
    return _place_and_author(rest, start, date_span)


def _place_and_author(
    rest: str, start: int, date: tuple[int, int] | None
) -> _Setting | None:
    """Return the setting of "city (country)/ author" at `start`, or None."""
    separator = _PARTS.search(rest)
    city = rest[: separator.start()] if separator else rest
    city = _COUNTRY.sub("", city)
    others = _PARTS.split(rest[separator.end() :]) if separator else []
    if not all(_is_place_like(name) for name in (city, *others)):
        return None
    byline = None
    for other in others:
        # Names of people have two words or more, and do not begin with the article.
        if " " in other and not other.startswith("ال"):
            found = start + rest.rindex(other)
            byline = (found, found + len(other))
    return _Setting((start, start + len(city)), date, byline)


def _is_place_like(name: str, words_max: int = _WORDS_PER_PLACE_MAX) -> bool:
    """Return whether `name` can be a place or a person: a few words, none of a sentence."""
    bare = _COUNTRY.sub("", name)
    parts = re.findall(r"\w+", bare)
    if not parts or len(parts) > words_max or re.search(r"[\d.!؟?:؛«»\"]", bare):
        return False
    return not any(
        word in _NOT_PLACES or (word[0] in "وف" and word[1:] in _NOT_PLACES) for word in parts
    )


def _with_late_date(
    key: str, stop: int, setting: _Setting
) -> tuple[int, _Setting]:
    """Return the setting with a date that follows the agency: "القدس (أ ف ب) 15-7 -"."""
    date = _LATE_DATE.match(key, stop)
    if date is None:
        return stop, setting
    return date.end("date"), setting._replace(date=date.span("date"))



def _with_place_next(
    key: str, stop: int, setting: _Setting
) -> tuple[int, _Setting]:
    """Return the setting with a place that follows the agency: "وطنية - صيدا -"."""
    place = _PLACE_NEXT.match(key, stop)
    if place is None or not _is_place_like(place[1]):
        return stop, setting
    return place.end(), setting._replace(place=place.span(1))


def _dateline(
    folded: Folded, lead: tuple[int, int], agency: re.Match[str], setting: _Setting
) -> Dateline:
    """Return the lead with its spans moved from the key to the text."""
    start, end = folded.span(*lead)
    place, date, byline = (span and folded.span(*span) for span in setting)
    if date and folded.text.startswith("ـ", date[1]):
        date = date[0], date[1] + 1  # "هـ": the era of the Hijra
    return Dateline(
        start=start,
        end=end,
        agency=agency_code(agency[0]),
        agency_span=folded.span(*agency.span()),
        place=folded.text[slice(*place)] if place else None,
        date=folded.text[slice(*date)] if date else None,
        byline_span=byline,
    )
