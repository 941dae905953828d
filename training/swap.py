"""Put other names into labelled sentences, and datelines of agencies before them."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from training.corpora import Sentence, split_punctuation

SWAPPED = 0.5  # share of the mentions
DATELINES = 0.06  # share of the sentences
KINDS = ("LOC", "ORG")  # people are replaced word by word, in `augment`

# Words that tell what an organisation is; one with such a word is swapped for another with one.
_HEADS = frozenset(
    re.findall(
        r"\w+",
        "شركة منظمة حزب جامعة مجلس بنك اتحاد جمعية هيئة مؤسسة حركة نادي لجنة محكمة وكالة صحيفة "
        "الاتحاد البنك مصرف وزارة معهد مركز مجموعة جبهة كلية مدرسة قناة رابطة نقابة جماعة قوات "
        "مستشفى شبكة دار فريق منتخب",
    )
)
_PROCLITICS = "وبلفك"
_AGENCIES = (
    "الأناضول", "رويترز", "رويتر", "أ ف ب", "أ.ف.ب", "اف ب", "د ب أ", "د.ب.أ", "أ ش أ", "أ ب",
    "فرانس برس", "شينخوا", "سبوتنيك", "نوفوستي", "تاس", "إنترفاكس", "بلومبرغ", "إرنا", "فارس",
    "تسنيم", "مهر", "وفا", "معا", "صفا", "سانا", "بترا", "واع", "نينا", "واس", "كونا", "قنا",
    "وام", "بنا", "العمانية", "سبأ", "وال", "سونا", "وات", "واج", "يونا", "كيودو", "يونهاب",
    "إفي", "أنسا", "أسوشيتد برس", "و م ع", "الوكالات",
)  # fmt: skip
_FORMS = (
    "{place} ( {agency} ) -", "{place} - {agency} -", "{place} / {agency} /", "{place} {agency} -",
    "{place} ، ( {agency} ) -", "{place} - ( {agency} ) :", "( {agency} ) -", "{agency} -",
    "{place} - \" {agency} \" :", "{place} ( {agency} )", "{place} ، {day} {month} ( {agency} ) -",
    "{place} في {day} {month} / {agency} / .", "{place} - « {agency} » :", "{place} :",
    "{place} -", "{agency} :",
)  # fmt: skip
_MONTHS = (
    "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر",
    "نوفمبر", "ديسمبر", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب", "أيلول",
    "جانفي", "أفريل", "جوان", "جويلية", "غشت", "شتنبر",
)  # fmt: skip


class Pools(NamedTuple):
    """Names to draw from, as words: by kind, and for organisations whether a head begins them."""

    names: dict[tuple[str, bool], list[tuple[str, ...]]]


class _Part(NamedTuple):
    """Words of one mention, or one word outside."""

    words: tuple[str, ...]
    kind: str  # "" = outside


def make_pools(sentences: Sequence[Sentence]) -> Pools:
    """Return the mentions of KINDS in the sentences, each once, without attached particles."""
    found = {
        part
        for sentence in sentences
        for part in _parts(sentence)
        if part.kind in KINDS and _is_plain(part.words)
    }
    names: dict[tuple[str, bool], list[tuple[str, ...]]] = {}
    for part in sorted(found):
        names.setdefault((part.kind, part.words[0] in _HEADS), []).append(part.words)
    return Pools(names)


def swap_names(
    sentences: Sequence[Sentence], pools: Pools, random: np.random.Generator
) -> list[Sentence]:
    """Return the sentences with about half of their places and organisations swapped."""
    return [
        _write([_swap(part, pools, random) for part in _parts(sentence)]) for sentence in sentences
    ]


def add_datelines(
    sentences: Sequence[Sentence], pools: Pools, random: np.random.Generator
) -> list[Sentence]:
    """Return copies of some of the sentences, each after the dateline of an agency."""
    return [
        _join(make_dateline(pools, random), sentence)
        for sentence in sentences
        if random.random() < DATELINES
    ]


def make_dateline(pools: Pools, random: np.random.Generator) -> Sentence:
    """Return a dateline: its place is LOC, its agency ORG."""
    places = pools.names["LOC", False]
    fields = {
        "{place}": (places[int(random.integers(len(places)))], "LOC"),
        "{agency}": (tuple(_draw(_AGENCIES, random).split()), "ORG"),
        "{day}": ((str(int(random.integers(1, 31))),), ""),
        "{month}": ((_draw(_MONTHS, random),), ""),
    }
    form = _draw(_FORMS, random).split()
    return split_punctuation(_write([_Part(*fields.get(word, ((word,), ""))) for word in form]))


def _draw(choices: Sequence[str], random: np.random.Generator) -> str:
    return choices[int(random.integers(len(choices)))]


def _join(first: Sentence, second: Sentence) -> Sentence:
    return Sentence(first.words + second.words, first.tags + second.tags)


def _parts(sentence: Sentence) -> Iterator[_Part]:
    """Yield the mentions and the words between them, in order."""
    words: list[str] = []
    kind = ""
    for word, tag in zip(sentence.words, sentence.tags, strict=True):
        if tag.startswith("I-"):
            words.append(word)
            continue
        if words:
            yield _Part(tuple(words), kind)
        words, kind = [word], tag[2:]
    if words:
        yield _Part(tuple(words), kind)


def _swap(part: _Part, pools: Pools, random: np.random.Generator) -> _Part:
    choices = pools.names.get((part.kind, part.words[0] in _HEADS))
    if not choices or not _is_plain(part.words) or random.random() >= SWAPPED:
        return part
    return _Part(choices[int(random.integers(len(choices)))], part.kind)


def _is_plain(words: Sequence[str]) -> bool:
    return words[0][0] not in _PROCLITICS and all(word.isalpha() for word in words)


def _write(parts: Sequence[_Part]) -> Sentence:
    words: list[str] = []
    tags: list[str] = []
    for part in parts:
        words += part.words
        rest = len(part.words) - 1
        tags += [f"B-{part.kind}", *[f"I-{part.kind}"] * rest] if part.kind else ["O"] * (rest + 1)
    return Sentence(words, tags)
