"""Read the end of a wire: closing marks, signatures of the desk, credits, adverts."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from schemas.records import WireSpan
from transforms.agencies import AGENCY, DISTINCTIVE, agency_code
from transforms.fold import Folded, fold
from transforms.promotions import PROMOTION_CHARS_MAX, is_pointer, is_promotion

TAIL_CHARS = 700
"""How far from its end a text is searched."""

_ROUNDS_MAX = 16
_CODE_LINES_MAX = 3
_TITLES_MAX = 5
_TITLE_CHARS_MAX = 140
_CLOSING_CHARS_MAX = 64

# All patterns read text folded by `fold_key`: "انتهي" is انتهى, "النهايه" is النهاية.
_CODE = (  # of the desk, with the time: "/25م", "م ج / ع س", "14:35 ت م 0123"
    r"(?: ?[/\\.:#–-]? ?(?:\d{1,8}(?::\d\d){0,2}(?: ?ت ?[مغ](?!\w)|م(?!\w))?"
    r"|(?<=/)[ء-ي]{1,3}(?!\w)|[ء-ي]{1,2}(?!\w)|[a-zA-Z]{1,3}(?!\w))){0,8} ?[/\\.]{0,2}"
)
_STRONG_MARK = (
    rf"(?:\.?/{{1,2}} ?(?:انتهي|يتبع) ?/{{0,2}}|[(\[] ?(?:انتهي|النهايه|يتبع) ?[)\]]){_CODE}"
)
_STOP = r"[.!?؟۔»\"”)\]…]"
_CLOSING = re.compile(
    rf"(?:{_STRONG_MARK}"
    rf"|(?:(?<=\n)|(?<={_STOP})|(?<={_STOP} )|(?<![\s\S]))انتهي{_CODE}"
    r"|[-–—=*#_]{1,8} ?(?:انتهي|النهايه|يتبع) ?[-–—=*#_]{0,8})\Z"
)
_CLOSING_LINE = re.compile(
    r"[-–—(\[/*#= ]{0,4}(?:يتبع|تمت?|النهايه|نهايه الخبر|end|0|30|#)[-–—)\]/*#=. ]{0,4}"
)
_STRAY_CLOSING = re.compile(rf"{_STRONG_MARK}(?= *(?:\n|\Z))")
_CODE_LINE = re.compile(rf"(?:\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2,4}})?{_CODE}")
_RULE = re.compile(r"[-–—=_*·•~]+")
_DESK_NAME = r"[ء-ي]{1,3}(?:[ .]{1,2}[ء-ي](?!\w)){0,3}"
_INITIALS = re.compile(  # "ع ز/ماب/ب ق", "م.ل"
    rf"{_DESK_NAME}(?:\.? ?[/-] ?{_DESK_NAME}(?!\w)){{1,5}} ?[./]?"
    r"|[ء-ي]{1,2}(?: ?\. ?[ء-ي]{1,2}(?!\w)){1,4} ?\.?"
)
_RULED_INITIALS = re.compile(r"[-–—=_*]{2,} ?[ء-ي]{1,3}(?:[ ./]{1,3}[ء-ي]{1,3}){0,5}[ ./]?")
_DESK = re.compile(
    r"\((?:تغطيه|اعداد|تحرير|شاركت?|ترجمه|كتابه|تقرير)(?!\w)[^()\n]{0,300}\)\.?"
    r"|(?:اعداد|تحرير|ترجمه|تغطيه|كتابه)(?: صحفيه)? ?[:/-](?:[^\n.]{2,120}|[ء-ي ./]{2,12})"
)
_AGENCIES = rf"(?:{AGENCY})(?:(?: ?[/،,+–-] ?| مع | و ?)(?:{AGENCY})){{0,4}}"
_CREDIT = re.compile(rf"[-–—*]{{0,3}} ?[(/\[]{{1,2}} ?{_AGENCIES} ?[)/\]]{{1,2}}{_CODE}")
_CREDIT_LINE = re.compile(rf"[-–—*]{{0,3}} ?(?:وكاله )?{_AGENCIES} ?(?:[-–—.]{{0,3}}|/{_CODE})")
_SOURCE_LINE = re.compile(r"[^\w\s]{0,3} ?(?:ال)?مصدر ?[:：] ?[^\n:.؟!]{2,60}")
_ONE_AGENCY = re.compile(AGENCY)
_CHUNK_START = re.compile(rf"(?<={_STOP})(?: +|(?=[(/]))|(?<=انتهي)/? +")
_INITIAL_TATWEEL = re.compile(r"(?<!\w)ـ+")


class _Found(NamedTuple):
    """A stretch of the key that belongs to the wire."""

    start: int
    end: int
    kind: str


class Closings(NamedTuple):
    """What follows the story: its spans, the last first, and the code of the agency credited."""

    spans: tuple[WireSpan, ...]
    agency: str


def find_closings(text: str) -> Closings:
    """Return what the wire adds after the story.

    The end of the text is read backwards, a line or a sentence at a time, for as long as it
    belongs to the wire. What stands inside a sentence never does. Works in constant time.
    """
    offset = max(0, len(text) - TAIL_CHARS)
    # Rules made of tatweel would vanish in the key.
    tail = _INITIAL_TATWEEL.sub(lambda rule: "_" * len(rule[0]), text[offset:])
    folded = fold(tail)
    found = list(_read_backwards(folded.key))
    first = min((item.start for item in found), default=len(folded.key))
    found += _stray_closings(folded.key[:first])
    spans = []
    for item in found:
        start, end = folded.span(item.start, item.end)
        spans.append(WireSpan(item.kind, offset + start, offset + end))
    return Closings(tuple(spans), _credited(folded, found))


def _read_backwards(key: str) -> Iterator[_Found]:
    """Yield what belongs to the wire, from the end of `key` towards its beginning."""
    end = len(key.rstrip())
    for _ in range(_ROUNDS_MAX):
        items = _last(key, end)
        if not items:
            return
        yield from items
        end = len(key[: items[-1].start].rstrip())


def _last(key: str, end: int) -> list[_Found]:
    """Return what belongs to the wire right before `end`, the last first; [] where it ends."""
    closing = _closing_before(key, end)
    if closing:
        return [closing]
    start = key.rfind("\n", 0, end) + 1
    chunks = [start, *(mark.end() for mark in _CHUNK_START.finditer(key, start, end))]
    for at in chunks:
        kind = _kind(key[at:end].strip(), is_line=at == start)
        if kind:
            at += len(key[at:end]) - len(key[at:end].lstrip())
            return [_Found(at, end, kind)]
    return _codes_after_mark(key, end) or _titles_after_pointer(key, end)


def _closing_before(key: str, end: int) -> _Found | None:
    """Return the closing mark that ends right at `end`."""
    # One character more than a mark has, so that what precedes it can be seen.
    start = max(0, end - _CLOSING_CHARS_MAX)
    mark = _CLOSING.search(key[start:end])
    if mark is None:
        return None
    return _Found(start + mark.start(), end, "closing_mark")


def _kind(chunk: str, *, is_line: bool) -> str:
    """Return the kind of a line or sentence that belongs to the wire, or ""."""
    if not chunk or len(chunk) > PROMOTION_CHARS_MAX:
        return ""
    if _is_credit(chunk, is_line=is_line):
        return "agency"
    if is_line and not chunk.isdecimal() and _CLOSING_LINE.fullmatch(chunk):
        return "closing_mark"
    if _INITIALS.fullmatch(chunk) or _RULED_INITIALS.fullmatch(chunk) or _DESK.fullmatch(chunk):
        return "signature"
    if is_line and _RULE.fullmatch(chunk):
        return "signature"
    return "promotion" if is_promotion(chunk) else ""


def _is_credit(chunk: str, *, is_line: bool) -> bool:
    """Return whether a line or sentence holds nothing but the names of agencies."""
    if _CREDIT.fullmatch(chunk) or (is_line and _SOURCE_LINE.fullmatch(chunk)):
        return True
    if not _CREDIT_LINE.fullmatch(chunk):
        return False
    first = _ONE_AGENCY.search(chunk)
    return is_line or (first is not None and agency_code(first[0]) in DISTINCTIVE)


def _codes_after_mark(key: str, end: int) -> list[_Found]:
    """Return lines of codes and times before `end`, if a closing mark or credit precedes them."""
    found: list[_Found] = []
    for _ in range(_CODE_LINES_MAX):
        start = key.rfind("\n", 0, end) + 1
        line = key[start:end].strip()
        if not start or not line or len(line) > 24 or not _CODE_LINE.fullmatch(line):
            return []
        found.append(_Found(end - len(line), end, "signature"))
        end = len(key[:start].rstrip())
        line_before = key[key.rfind("\n", 0, end) + 1 : end]
        if _closing_before(key, end) or _CREDIT.fullmatch(line_before):
            return found
    return []


def _titles_after_pointer(key: str, end: int) -> list[_Found]:
    """Return the titles of other stories before `end`, with the "اقرأ أيضا" above them."""
    start = end
    for _ in range(_TITLES_MAX + 1):
        stop = len(key[:start].rstrip())
        start = key.rfind("\n", 0, stop) + 1
        line = key[start:stop].strip()
        if is_pointer(line):
            return [_Found(stop - len(line), end, "promotion")]
        if not start or len(line) > _TITLE_CHARS_MAX or line.endswith((".", "»", '"')):
            return []
    return []


def _stray_closings(key: str) -> list[_Found]:
    """Return unmistakable closing marks at line ends that something unknown follows."""
    return [_Found(*mark.span(), "closing_mark") for mark in _STRAY_CLOSING.finditer(key)]


def _credited(folded: Folded, found: list[_Found]) -> str:
    """Return the code of the first agency that a credit names, or ""."""
    for item in found:
        agency = _ONE_AGENCY.search(folded.key, item.start, item.end)
        if item.kind == "agency" and agency:
            return agency_code(agency[0])
    return ""
