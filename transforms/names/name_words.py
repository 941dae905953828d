"""Split names into words that compare: folded, spelled one way, joined where writers differ."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from transforms.clitics import clitic_lengths
from transforms.fold import fold_key

WORD = re.compile(r"[^\W_]+\+?")
"""A word of folded text; "أوبك+" is one."""

NAME_LETTERS_MAX = 256
"""Of a name that are read: what is longer is a text that a model took for a name."""

WORD_LETTERS_MAX = 64
"""Of a word that are compared: no word that is looked up is longer."""

_SPELLINGS = {
    "امريك": "اميرك", "اوربا": "اوروبا", "اوربي": "اوروبي", "فدرال": "فيدرال", "كونجرس": "كونغرس",
    "مليشيا": "ميليشيا", "صحافي": "صحفي", "كيماوي": "كيميائي", "شئون": "شؤون", "انجليز": "انكليز",
    "ديموقراط": "ديمقراط",
}
_RESPELLED = re.compile("|".join(_SPELLINGS))
# What is written together with the next word as often as apart: "عبد الله", "أبو مازن",
# "بن سلمان", "آل ثاني"; each with the form that stands for all of its cases.
_JOINED = {
    "عبد": "عبد", "ابو": "ابو", "ابي": "ابو", "ابا": "ابو", "بن": "بن", "ابن": "بن", "بنت": "بنت",
    "ولد": "ولد", "ال": "ال", "ذو": "ذو", "ذي": "ذو",
}
_BEFORE_ALLAH = frozenset((
    "نصر", "جار", "خير", "سعد", "فضل", "رزق", "هبه", "عطا", "لطف", "شكر", "ضيف", "جاد", "فتح",
))


# Words that begin with these letters without having an article.
_NO_ARTICLE = (
    "الله", "لله", "الماني", "البان", "الكسند", "اليكس", "الياس", "الكترون", "البرت", "اليزاب",
    "الفريد",
)


def respell(folded: str) -> str:
    """Return folded text with what wires spell in two ways spelled in one."""
    return _RESPELLED.sub(lambda match: _SPELLINGS[match[0]], folded)


def plain_words(name: str) -> tuple[str, ...]:
    """Return the words of a name as a text has them, folded and spelled one way."""
    return tuple(WORD.findall(respell(fold_key(name))))


@lru_cache(maxsize=16_384)
def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name, folded, spelled one way, each without its article."""
    return tuple(bare(word) for word in joined_words(name))


@lru_cache(maxsize=16_384)
def joined_words(name: str) -> tuple[str, ...]:
    """Return the words of a name, folded and spelled one way, particles joined to what follows."""
    words: list[str] = []
    for word in reversed(plain_words(name)):
        if words and word in _JOINED:
            words[-1] = _JOINED[word] + words[-1]
        elif words and words[-1] == "الله" and word in _BEFORE_ALLAH:
            words[-1] = word + words[-1]
        else:
            words.append(word)
    return tuple(reversed(words))


def key_text(words: Sequence[str]) -> str:
    """Return words of a name as a key has them: particles apart, each in one form."""
    last = len(words) - 1
    return " ".join(_apart(word, is_last=index == last) for index, word in enumerate(words))


def _apart(word: str, *, is_last: bool) -> str:
    if not is_last and word in _JOINED:
        return _JOINED[word]
    for first in ("عبد", "ابو", *_BEFORE_ALLAH):
        if word.startswith(f"{first}ال") and (first in _JOINED or word[len(first):] == "الله"):
            return f"{first} {word[len(first):]}"
    return word


def bare(word: str) -> str:
    """Return a folded word without its article: "الامم", "للامم" and "امم" become one."""
    has_article = word.startswith(("ال", "لل")) and not word.startswith(_NO_ARTICLE)
    return word[2:] if has_article and len(word) > 3 else word


def without_clitics(word: str) -> Iterator[tuple[int, str]]:
    """Yield a folded word as it stands, then without the clitics that it may begin with.

    Each with how many letters were taken off. "لل" is read as "ال" and keeps its place, as in
    "للأمم المتحدة".
    """
    yield 0, word
    for clitics in clitic_lengths(word):
        rest = word[clitics:]
        if len(rest) > 1:
            yield clitics, rest
        if rest.startswith("ل") and word[clitics - 1] == "ل":
            yield clitics - 1, f"ا{rest}"
