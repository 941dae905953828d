"""Tell whether the clause around a date speaks of the future."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from transforms.date_tokens import Token
from transforms.date_words import word_set

_REACH = 14
_BREAKS = frozenset('.،؛:()«»"!?؟\n…') | word_set(
    "إن أن إنه إنها أنه أنها أنهم الذي التي الذين حيث لكن فيما بينما بعدما عندما"
)
# The particle of the future on an imperfect verb; nouns and past verbs that look like one are not.
_FUTURE_VERB = re.compile(r"[وف]?س[يتن]\w{2,}")
_NOT_FUTURE = re.compile(
    r"[وف]?(?:سي(?:ار|اس|اح|اد|اق|د|ط|ناء|ني|نم|نار|ول|ف|ل|مون|مف|ره|رج|را|بي|كي|ئ|جار)|"
    r"ست(?:ين|ون|ه|ار|اد|وك|ور|ال|يف|راتيج|كهولم)|سن(?:يي|ين|وا|وي|دا|غاف|جار))"
)
_CUES = word_set(
    "سوف المقرر المتوقع المنتظر المرتقب المزمع المقررة المرتقبة المزمعة المنتظرة المتوقعة "
    "يعتزم تعتزم ينوي تنوي بحلول يعقد تعقد يلتقي تلتقي يزور تزور يبدأ تبدأ يصل تصل يستقبل "
    "تستقبل يستضيف تستضيف يستأنف تستأنف ينطلق تنطلق يفتتح تفتتح يتوجه تتوجه يحل يجتمع ينعقد "
    "تنعقد يجري يقام تقام يصوت يستعد تستعد يرتقب ينتظر"
)
_PLANNED = word_set("المقرر المتوقع المنتظر المرتقب المزمع المفترض المرجح ينتظر يتوقع")
_PAST = frozenset({"كان", "كانت", "وكان", "وكانت", "كانوا"})


def tense_around(tokens: Sequence[Token], start: int, end: int) -> int:
    """Return 1 if the clause around tokens [start, end) speaks of the future, else 0."""
    words = [token.word for token in tokens[max(0, start - _REACH) : end + _REACH]]
    first = min(start, _REACH)
    before = _until_break(words[:first][::-1])
    after = _until_break(words[first + end - start :])
    clause = [*before, *after]
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
    return _FUTURE_VERB.match(word) is not None and _NOT_FUTURE.match(word) is None
