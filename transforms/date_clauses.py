"""Tell whether the clause around a date speaks of the future."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from transforms.date_tokens import Token
from transforms.date_words import word_set

_REACH, _REACH_BEHIND = 14, 1
_BREAKS = frozenset('.،؛:()«»"!?؟\n…') | word_set(
    "إن أن إنه إنها أنه أنها أنهم الذي التي الذين حيث لكن فيما بينما بعدما عندما"
)
# The particle of the future on an imperfect verb; nouns and past verbs that look like one are not.
_FUTURE_VERB = re.compile(r"[وف]?س[يتن]\w{2,}")
_NOT_FUTURE = re.compile(
    r"[وف]?(?:"
    r"سي(?:ار\w*|اس\w*|اح\w*|اد\w{1,2}|اق|اج|اتل|د|د(?:ه|ي|ات|نا|ها|ني|تي)|ط(?:ر|ره|رت|روا|رته|رتها)|بيريا"
    r"|ف|ل|ل[افي]\w{1,2}|ول|ئ\w*|ما|نا|ناء|ني\w*|نما\w*|نار\w*|ناتور|نغ|ندي|ره|ري|رو|رت|رته|رتها|رك|رون"
    r"|ر[غجخ]\w+|رينا|ريل|ريب\w+|روتي|باست\w+|باي\w+|بوت|بولا|مون\w*|ميون\w*|ميغ\w+|مار\w+|منس|منز"
    r"|ييرا|يرا|را|زار|سي|سك|سكا|هوفر|شنز|غال|غما|تي|تروين|تشوان|ستان|كي\w*|جار\w*)"
    r"|ست(?:ين|ون|ه|ه\w|ار|اد|ور|وك\w*|ال\w*|ان|ان[دفلس]\w+|اين|ايل|امفورد|اف|اب|ائر|يف\w*|ير[لجن]\w+|يل\w?"
    r"|يوا\w*|يب|يت|ريت|رايك|راس\w*|رات\w*|رل\w+|رج\w+|ريك\w*|روغ\w+|رتها?|ولت\w+|ويش\w+|كهولم|مينستر"
    r"|منستر|بروك|ره)"
    r"|سن(?:ه|ها|يه|يا|ين|يي\w*|وات\w*|وي\w*|دات|ديان|درلاند|غاف\w+|غفوره|جار|تين|تي|تا|تات|تيم\w+|ترال"
    r"|اب\w*|ان|اء|حت|اتور))"
)
_CUES = word_set(
    "سوف أقصاه حلول المقرر المتوقع المنتظر المرتقب المزمع المقررة المرتقبة المزمعة المنتظرة "
    "المتوقعة يعتزم تعتزم ينوي تنوي بحلول يعقد تعقد يلتقي تلتقي يزور تزور يبدأ تبدأ يصل تصل "
    "يستقبل تستقبل يستضيف تستضيف يستأنف تستأنف ينطلق تنطلق يفتتح تفتتح يتوجه تتوجه يحل يجتمع "
    "ينعقد تنعقد يجري يقام تقام يصوت يستعد تستعد يرتقب ينتظر"
)
_PLANNED = word_set("المقرر المتوقع المنتظر المرتقب المزمع المفترض المرجح ينتظر يتوقع")
_PAST = word_set("كان كانت وكان وكانت كانوا لم ولم")


def tense_around(tokens: Sequence[Token], start: int, end: int) -> int:
    """Return 1 if the clause around tokens [start, end) speaks of the future, else 0.

    Cues stand before the date, or right behind it: "الثلاثاء ستجري", but not "وصل الثلاثاء وفد
    سيبحث".
    """
    words = [token.word for token in tokens[max(0, start - _REACH) : end + _REACH_BEHIND]]
    first = min(start, _REACH)
    clause = [*_until_break(words[:first][::-1]), *_until_break(words[first + end - start :])]
    if any(word in _PAST for word in clause):
        return 0
    return int(any(_is_future(word) for word in clause))


def _until_break(words: Sequence[str]) -> Iterator[str]:
    """Yield words until the clause ends; "that" goes on what is planned."""
    for word, beyond in zip_longest(words, words[1:], fillvalue=""):
        if word in _BREAKS and not (word == "ان" and beyond in _PLANNED):
            return
        yield word


def _is_future(word: str) -> bool:
    if word in _CUES or word[1:] in _CUES:
        return True
    return _FUTURE_VERB.match(word) is not None and _NOT_FUTURE.fullmatch(word) is None
