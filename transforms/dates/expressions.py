"""Find the temporal expressions of a text and say what each stands for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TypeAlias

from transforms.dates import words
from transforms.dates.anchors import Anchor, Before, Context, UnresolvedError
from transforms.dates.clauses import tense_around, with_first_person
from transforms.dates.clock import clock, clock_behind
from transforms.dates.clock_ranges import clock_range
from transforms.dates.days import day_part
from transforms.dates.guards import guarded
from transforms.dates.lengths import ago, duration, from_now, window
from transforms.dates.numeric import Match, numeric
from transforms.dates.ranges import date_range, days_together, sharing_year
from transforms.dates.readings import Clock, DayPart, Modified, OfText, Reading, Written
from transforms.dates.resolution import granularity_of, resolve
from transforms.dates.sets import recurrence
from transforms.dates.stretches import modified, stretch
from transforms.dates.tokens import Token, tokens_of
from transforms.dates.values import Value
from transforms.dates.words import word_set
from transforms.dates.written import written
from transforms.fold import fold
from transforms.number_words import NUMBER_WORDS

_NUMBER = "1"
"""Stands for any digits in the tables of first words."""
_PARTS_OF_TEXT = frozenset().union(
    words.ONE_UNIT, words.TWO_UNITS, words.COUNTED_UNITS, NUMBER_WORDS, {_NUMBER, "ال"}
)
_DAY_WORDS = frozenset().union(
    words.WEEKDAYS, words.DAY_PARTS, words.THIS, words.MODIFIERS, NUMBER_WORDS, {_NUMBER, "ال"},
    word_set(
    "اليوم أمس الأمس البارحة غدا غد الغد الليلة يوم نهار يومنا بعد قبل اول آخر الأسبوع فاتح "
    "الفاتح غرة"
),
)
_MONTH_WORDS = frozenset(name.split()[0] for name in (*words.MONTHS, *words.HIJRI_MONTHS))
_Matched: TypeAlias = tuple[int, int, Reading, str]
_Rule: TypeAlias = tuple[str, Callable[[Sequence[Token], int], Match | None]]

_RULES = (
    ("range", date_range, frozenset().union(
        words.YEAR_PLURALS, words.YEAR_WORDS, words.WEEKDAYS, _MONTH_WORDS, {_NUMBER},
        word_set("من منذ بين الفترة فترة المدة يومي أيام يومين ليلتي شهري أشهر شهور"),
    )),
    ("clock_range", clock_range, frozenset({"من", "منذ", "بين", "الساعه"})),
    ("weekdays", days_together, frozenset(words.WEEKDAYS)),
    ("set", recurrence, NUMBER_WORDS | {_NUMBER} | word_set(
        "كل يوميا أسبوعيا شهريا سنويا أيام مرة مرتين")),
    ("ago", ago, word_set("قبل منذ مذ بعد")),
    ("from_now", from_now, _PARTS_OF_TEXT),
    ("window", window, _PARTS_OF_TEXT.union(
        words.THE_TWO, words.THE_MANY, word_set("خلال طوال طيلة مدى مدار غضون آخر"))),
    ("modified", modified, frozenset(words.MODIFIERS) | word_set("آخر أول")),
    ("clock", clock, NUMBER_WORDS | {_NUMBER, "الساعه"}),
    ("day", day_part, _DAY_WORDS | _MONTH_WORDS),
    ("written", written, _MONTH_WORDS | {"شهر", "هذا"}),
    ("stretch", stretch, frozenset().union(
        words.YEAR_WORDS, words.THE_UNIT, words.THE_MANY, words.THIS, words.SEASONS, words.DECADES,
        {_NUMBER, "نفس"}, word_set(
    "بقية باقي ما الأسدس الأسدوس الفصل السداسي السداسية الثلاثي الثلاثية الربع النصف فصل القرن "
    "العقد الأسبوع"
))),
    ("duration", duration, _PARTS_OF_TEXT | word_set(
    "لمدة مدة خلال طوال طيلة غضون نصف ربع نحو أكثر أقل"
)),
)
"""What is tried where an expression may begin, in this order, and the words that may begin it;
the first that fits is taken."""

_RULES_OF = {
    word: tuple((name, rule) for name, rule, first in _RULES if word in first)
    for word in frozenset().union(*(first for _, _, first in _RULES))
}

_DATES_BACK, _NEAR_CHARS, _OPENING_CHARS = 3, 250, 8
"""How many expressions and letters lie between a date and what is reckoned from it."""

_AND = frozenset({"و", "او"})
_TATWEEL = "\u0640"
_TIMES = frozenset({"day_part", "hour", "minute"})


class Found(NamedTuple):
    """A temporal expression as it stands in a text, not yet reckoned."""

    start: int
    end: int
    reading: Reading
    rule: str
    tense: int  # 1 where the clause speaks of the future


class Expression(NamedTuple):
    """A temporal expression of a text, `text[start:end]`, and what it stands for."""

    start: int
    end: int
    kind: str  # date, time, duration, set
    value: Value | None  # None if unresolved
    granularity: str
    base: str  # reckoned from: itself, anchor, text (a date before it)
    rule: str
    unresolved: str | None  # why there is no value


def find_expressions(text: str, anchor: Anchor | None) -> list[Expression]:
    """Return the temporal expressions of `text` in order, reckoned from `anchor`."""
    return reckon_all(text, [(found, anchor) for found in find_readings(text)])


def find_readings(text: str, *, dateline_end: int = 0) -> list[Found]:
    """Return the temporal expressions of `text` in order; none overlaps another.

    Works on the matching key and maps back. Linear in the text.

    Args:
        dateline_end: Before it, two numbers ("15-7") are a day and a month.
    """
    folded = fold(text)
    tokens = with_first_person(tokens_of(folded.key), text, folded)
    lead = sum(offset < dateline_end for offset in islice(folded.offsets, dateline_end))
    found = []
    for first, end, reading, rule in _with_years(tokens, list(_matches(tokens, lead))):
        start, stop = folded.span(tokens[first].start, tokens[end - 1].end)
        while stop < len(text) and text[stop] == _TATWEEL:  # "1446 هـ"
            stop += 1
        found.append(Found(start, stop, reading, rule, tense_around(tokens, first, end)))
    return found


def _with_years(tokens: Sequence[Token], matches: list[_Matched]) -> list[_Matched]:
    """Give a date without a year that of the next: "في 3 مايو و5 يونيو 2023"."""
    for at in range(len(matches) - 2, -1, -1):
        first, end, reading, rule = matches[at]
        after = matches[at + 1]
        if after[0] != end + 1 or tokens[end].word not in _AND:
            continue
        if isinstance(reading, Written) and isinstance(after[2], Written):
            matches[at] = first, end, sharing_year(reading, after[2]), rule
    return matches


def _matches(tokens: Sequence[Token], lead: int) -> Iterator[_Matched]:
    """Yield the first and the next token, the reading and the rule of each expression.

    Args:
        lead: Where the dateline ends in the key.
    """
    after = 0
    for i, token in enumerate(tokens):
        rules = _RULES_OF.get(_NUMBER if token.number >= 0 else token.word)
        if rules is None or i < after:
            continue
        found = _match(tokens, i, rules)
        if found is None and token.start < lead:
            dated = numeric(tokens, i, has_cue=True)
            found = (dated, "dateline") if dated else None
        if found is None:
            continue
        (reading, after), rule = found
        kept = guarded(tokens, i, after, reading)
        if kept is not None:
            yield i, after, kept, rule


def _match(
    tokens: Sequence[Token], i: int, rules: Sequence[_Rule]
) -> tuple[Match, str] | None:
    for name, rule in rules:
        found = rule(tokens, i)
        if found is None:
            continue
        if name in ("day", "written") and not isinstance(found[0], Clock):
            found = clock_behind(tokens, found[1], found[0]) or found
        return found, name
    return None


def reckon_all(text: str, found: Iterable[tuple[Found, Anchor | None]]) -> list[Expression]:
    """Return what the expressions of a text stand for, in order, each with its own anchor.

    "The next day" is next to the date before it, which must be near.
    """
    reckoned: list[Expression] = []
    for one, anchor in found:
        dated = [other for other in reckoned[-_DATES_BACK:] if other.kind in ("date", "time")]
        last = dated[-1] if dated else None
        before = last if last and _is_near(text[last.end : one.start]) else None
        reckoned.append(reckon(one, anchor, before, is_first=last is None))
    return reckoned


def _is_near(between: str) -> bool:
    """Say whether what stands between two expressions lets the second count from the first.

    They are in one paragraph, or the second begins the next.
    """
    paragraph, _, opening = between.rpartition("\n")
    return len(between) <= _NEAR_CHARS and (not paragraph or len(opening) <= _OPENING_CHARS)


def reckon(
    found: Found, anchor: Anchor | None, before: Expression | None = None, *,
    is_first: bool = True,
) -> Expression:
    """Return what an expression stands for, counted from `anchor` where it must be.

    Args:
        before: The date that the text names before it, if that is near.
        is_first: No date is named before it at all.
    """
    value: Value | None = None
    reason: str | None = None
    base = "itself"
    named = before and before.value and before.value.first
    context = Context(
        anchor, found.tense, Before(named, before.granularity) if before and named else None,
        is_first,
    )
    try:
        value = resolve(found.reading, Context(None, is_first=False))
    except UnresolvedError:
        base = "text" if context.before and _is_of_text(found.reading) else "anchor"
        try:
            value = resolve(found.reading, context)
        except UnresolvedError as error:
            reason = str(error)
    granularity = value.granularity if value else granularity_of(found.reading)
    kind = granularity if granularity in ("duration", "set") else (
        "time" if granularity in _TIMES else "date")
    return Expression(
        found.start, found.end, kind, value, granularity, base, found.rule, reason
    )


def _is_of_text(reading: Reading) -> bool:
    """Say whether a reading counts from a date that the text names before."""
    while isinstance(reading, (Modified, DayPart, Clock)):
        reading = reading.whole if isinstance(reading, Modified) else reading.day
    return isinstance(reading, OfText)
