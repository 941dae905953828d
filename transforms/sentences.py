"""Split text into sentences, as spans that index it."""

import re

_DIRECTION_MARKS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# Signs that may end a sentence, with the direction marks that may follow; U+06D4 is Urdu's.
# A wire's closing mark, "./انتهى", ends one too.
_STOP = re.compile(
    rf"(?:[.!?؟۔]+|[./]انته[ىي](?:/\w{{1,4}})?)[{_DIRECTION_MARKS}]*(?=\s|\Z)"
)
_LINE = re.compile(r"[^\n]+")
_QUOTES = re.compile("[«»“”\"]")
_CLOSERS = {"»": "«", "”": "“"}
# What stands before a full stop that abbreviates: "د", "ود", "أ.د", "وم.ت.ف", "J".
_INITIALS = re.compile(
    r"(?<![\w\u064b-\u065f\u0670])(?:(?:[^\W\d_]\.)*[^\W\d_]|و[دأا]|و(?:[^\W\d_]\.)+[^\W\d_])\Z"
)
_CALENDAR_ERA = re.compile(r"\d\s?م\Z")
_LIST_NUMBER = re.compile(r"\(?\d{1,3}\Z")
_LOOK_BACK = 24


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the sentences of `text` as half-open spans, in order, trimmed of white space.

    A line end always breaks; a full stop, exclamation or question mark breaks before white
    space, unless it abbreviates, numbers a list item or stands inside a quotation. The spans
    cover every character that is not white space and never overlap. Linear in the text.
    """
    return [span for line in _LINE.finditer(text) for span in _line_spans(text, *line.span())]


def _line_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the sentences of one line."""
    spans = []
    quotations = _quotations(text, start, end)
    for stop in _STOP.finditer(text, start, end):
        while quotations and quotations[-1][1] < stop.start():
            quotations.pop()
        is_quoted = bool(quotations) and quotations[-1][0] < stop.start()
        if not is_quoted and _ends_sentence(text, start, stop):
            spans.append(_trimmed(text, start, stop.end()))
            start = stop.end()
    spans.append(_trimmed(text, start, end))
    return [span for span in spans if span[0] < span[1]]


def _ends_sentence(text: str, start: int, stop: re.Match[str]) -> bool:
    """Return whether `stop` ends the sentence that begins at `start`."""
    if stop[0].rstrip(_DIRECTION_MARKS) != ".":
        return True
    before = text[max(start, stop.start() - _LOOK_BACK) : stop.start()]
    if _INITIALS.search(before) and not _CALENDAR_ERA.search(before):
        return False
    is_leading = stop.start() - start < _LOOK_BACK
    return not (is_leading and _LIST_NUMBER.fullmatch(before.strip()))


def _quotations(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where a line's outermost quotations open and close, the last one first.

    A mark without its partner in the line quotes nothing.
    """
    pairs: list[tuple[int, int]] = []
    opened: dict[str, int] = {}
    for mark in _QUOTES.finditer(text, start, end):
        opener = _CLOSERS.get(mark[0], mark[0])
        if opener in opened and mark[0] not in _CLOSERS.values():
            first = opened.pop(opener)
            while pairs and pairs[-1][0] > first:
                pairs.pop()
            pairs.append((first, mark.start()))
        elif mark[0] not in _CLOSERS:
            opened.setdefault(opener, mark.start())
    return pairs[::-1]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without the white space at its edges."""
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip())
