"""Tell whether the clause around a date speaks of the future."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from transforms.dates.tokens import Token
from transforms.dates.words import DAY_PARTS, DIRECTIONS, WEEKDAYS, word_set
from transforms.fold import Folded

_REACH, _REACH_BEHIND = 14, 1
_BREAKS = frozenset('.،؛:()«»"!?؟\n…') | word_set(
    "إن أن إنه إنها أنه أنها أنهم الذي التي الذين حيث لكن فيما بينما بعدما عندما"
)
# The particle of the future on an imperfect verb; nouns and past verbs that look like one are not.
_FUTURE_VERB = re.compile(r"[وف]?س[يتنأ]\w{2,}")  # أ: tokens.py keeps it for this
_NOT_FUTURE = re.compile(
    r"[وف]?(?:"
    r"سي(?:ار\w*|اس\w*|اح\w*|اد\w{1,4}|اق\w{0,2}|اج|اتل|د"
    r"|د(?:ه|ي|ات|نا|ها|ني|تي)|ط(?:ر|ره|رت|روا|رته|رتها)|بيريا"
    r"|ف|ل|لتا|ل[افي]\w{1,2}|ول|ئ\w*|ما|نا|ناء|ني\w*|نما\w*|نار\w*|ناتور|نغ|ندي|ره|ري|رو|رت|رته|رتها|رك|رون"
    r"|ر[غجخ]\w+|رينا|ريل|ريب\w+|روتي|باست\w+|باي\w+|بوت|بولا|مون\w*|ميون\w*|ميغ\w+|مار\w+|منس|منز"
    r"|ييرا|يرا|را|زار|سي|سك|سكا|هوفر|شنز|غال|غما|تي|تروين|تشوان|ستان|كي\w*|جار\w*"
    r"|وله|دريك|دورف|ديبيه|راميك\w*|ريكا|سيليا|سلي|رها|طرا|طرتهما|زاري|لندر|ندهو|بيرا|غوردسون"
    r"|فاسبور|فابراساد|نسبيري|هاموني)"
    r"|ست(?:ين|ون|ه|ه\w|ار|اد|ور|وك\w*|ال\w*|ان|ان[دفلستي]\w+|ار[زتب]\w*|ورم|ورمي|ورغيس"
    r"|ونمان|يشن|رايساند|اين|ايل|امفورد|اف|اب|ائر|يف\w*|ير[لجن]\w+|يل\w?"
    r"|يوا\w*|يب|يت|ريت|افان|هام|رايك|راس\w*|رات\w*|رل\w+|رج\w+|ريك\w*|روغ\w+|رتها?|ولت\w+|ويش\w+|كهولم|مينستر"
    r"|منستر|بروك|ره)"
    r"|سن(?:ه|دا|وسرت|ها|يه|يا|ين|يي\w*|وات\w*|وي\w*|دات|ديان|درلاند|غاف\w+|غفوره|جار|تين|تي|تا|تات|تيم\w+|ترال"
    r"|اب\w*|ان|اء|حت|اتور))"
)
_PAST_VERB = re.compile(r"(?!ال)\w{2,}[^\Wاي]ت")  # not a plural in ات, nor "بيت"
_CUES = word_set(
    "سوف أقصاه حلول المقرر المتوقع المنتظر المرتقب المزمع المقررة المرتقبة المزمعة المنتظرة "
    "المتوقعة يعتزم تعتزم ينوي تنوي بحلول يعقد تعقد يلتقي تلتقي يزور تزور يبدأ تبدأ يصل تصل "
    "يستقبل تستقبل يستضيف تستضيف يستأنف تستأنف ينطلق تنطلق يفتتح تفتتح يتوجه تتوجه يحل يجتمع "
    "ينعقد تنعقد يجري يقام تقام يصوت يستعد تستعد يرتقب ينتظر"
)
_PLANNED = word_set("المقرر المتوقع المنتظر المرتقب المزمع المفترض المرجح ينتظر يتوقع")
_PAST = word_set("كان كانت وكان وكانت كانوا لم ولم")
_COMMAS = frozenset("،,")
_CLOSE_ASIDE = _COMMAS | frozenset({"", ".", "\n"})
_OPEN_DATE = WEEKDAYS.keys() | word_set(
    "في يوم خلال من مساء صباح ب و حتى اعتبارا ابتداء بدءا انطلاقا"
)
_IN_ASIDE = frozenset().union(WEEKDAYS, DAY_PARTS, DIRECTIONS, word_set("يوم غدا غد اليوم بعد"))
_ASIDE_MAX = 4
_RELATIVE = word_set("الذي التي الذين")


_FIRST_PERSON = re.compile(r"(?<!\w)[وف]?سأ(?!ل(?:ت|ه|ها|وا|نا|هم|ني)?(?!\w))\w{2,}")


def with_first_person(tokens: list[Token], text: str, folded: Folded) -> list[Token]:
    """Return the tokens, those of "I shall" with the hamza that folding takes from them.

    Without it "سأعود" is not told from nouns and past verbs in سا.
    """
    starts = {match.start() for match in _FIRST_PERSON.finditer(text)}
    if not starts:
        return tokens
    return [
        token._replace(word=token.word.replace("سا", "سأ", 1))
        if token.word.startswith(("سا", "وسا", "فسا")) and (
            folded.offsets[token.start] in starts) else token
        for token in tokens
    ]


def tense_around(tokens: Sequence[Token], start: int, end: int) -> int:
    """Return 1 if the clause around tokens [start, end) speaks of the future, else 0.

    Cues stand before the date, or right behind it: "الثلاثاء ستجري", but not "وصل الثلاثاء وفد
    سيبحث". A date between commas goes with the clause before it: "سيبحث المجلس، الخميس، …".
    """
    before = [token.word for token in tokens[max(0, start - _REACH) : start]][::-1]
    behind = [token.word for token in tokens[end : end + _REACH_BEHIND]]
    aside = _aside(before) if _closes_aside(tokens, end) else 0
    if aside and _resumes_speech(tokens, end, before[aside:]):
        return 0
    clause = [*_until_break(_without_asides(before[aside:])), *_until_break(behind)]
    if any(word in _PAST for word in clause):
        return 0
    return int(any(_is_future(word) for word in clause))


def _aside(before: Sequence[str]) -> int:
    """Return how many words open a date set off by commas, which belongs to the clause before.

    Args:
        before: The words before the date, the nearest first.
    """
    at = next((at for at, word in enumerate(before[:_ASIDE_MAX]) if word not in _OPEN_DATE), 0)
    return at + 1 if before and before[at] in _COMMAS else 0


def _closes_aside(tokens: Sequence[Token], i: int) -> bool:
    """Say whether nothing stands before the comma but another day: "، الأربعاء والخميس،"."""
    if tokens[i].word == "و" and tokens[i + 1].word in WEEKDAYS:
        i += 2
    return tokens[i].word in _CLOSE_ASIDE


def _resumes_speech(tokens: Sequence[Token], end: int, before: Sequence[str]) -> bool:
    """Say whether a date stands between a verb of speech with a relative clause and its "that"."""
    if tokens[end].word not in _COMMAS or not tokens[end + 1].word.startswith("ان"):
        return False
    clause = len(list(_until_break(before)))
    return clause < len(before) and before[clause] in _RELATIVE


def _without_asides(words: Sequence[str]) -> list[str]:
    """Drop the dates that commas set off: they do not end the clause around them."""
    kept: list[str] = []
    at = 0
    while at < len(words):
        width = _aside_width(words, at)
        if not width:
            kept.append(words[at])
        at += width or 1
    return kept


def _aside_width(words: Sequence[str], at: int) -> int:
    """Return how many words a date between two commas takes with them, or 0."""
    if words[at] not in _COMMAS:
        return 0
    inside = at + 1
    while inside < len(words) and inside - at <= _ASIDE_MAX and words[inside] in _IN_ASIDE:
        inside += 1
    is_closed = inside < len(words) and words[inside] in _COMMAS
    return inside - at + 1 if is_closed and inside > at + 1 else 0


def _until_break(words: Sequence[str]) -> Iterator[str]:
    """Yield words until the clause ends; "that" goes on what is planned."""
    for word, beyond in zip_longest(words, words[1:], fillvalue=""):
        if word in _BREAKS and not (word == "ان" and beyond in _PLANNED):
            return
        yield word


def has_past_verb(tokens: Sequence[Token], start: int) -> bool:
    """Say whether a verb before a date in its clause is in the past by its form alone."""
    before = [token.word for token in tokens[max(0, start - _REACH) : start]][::-1]
    return any(
        word in _PAST or _PAST_VERB.fullmatch(word) is not None for word in _until_break(before)
    )


def _is_future(word: str) -> bool:
    return word in _CUES or word[1:] in _CUES or is_future_verb(word)


def is_future_verb(word: str) -> bool:
    """Say whether a word bears the particle of the future: "سيعود"."""
    return _FUTURE_VERB.match(word) is not None and _NOT_FUTURE.fullmatch(word) is None
