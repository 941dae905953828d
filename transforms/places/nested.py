"""Find the places that the names of organisations hold: "وزارة الصحة في غزة", "بلدية القدس"."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from schemas.ids import digest
from schemas.records import Mention, Story
from transforms.fold import fold, fold_key
from transforms.mentions import FIELDS, make_mentions, read_field
from transforms.places.context import Sight
from transforms.places.forms import HEADS
from transforms.places.gazetteer import NEAR, Place, load_gazetteer
from transforms.places.link import Setting, link_name, linked, story_setting
from transforms.places.nationalities import nationality
from transforms.places.search import KNOWN_POPULATION, is_known
from transforms.tagger import Name

_AT = frozenset(fold_key("في لدى داخل").split())
"""A place behind these is where an organisation is, or what it is for."""
_ABOUT = frozenset(fold_key(
    "الخاصة الخاص المعنية المعني المتعلقة المتعلق المكلفة المكلف"
).split())
"""Behind these "ب" says what an organisation is about."""
_OF_PLACE = frozenset(fold_key(
    "بلدية محافظة مدينة ولاية قطاع إقليم مديرية بلدة محلية قضاء"
).split())
"""Bodies of the place that ends their name."""
_OF_TOWN = frozenset(fold_key("حكومة برلمان محكمة شرطة مطار ميناء مرفأ بورصة أبرشية").split())
_OF_NEAR_TOWN = frozenset(fold_key("جامعة").split())
"""Likewise, but they may be called after people: the place must be a town, for a university one
of the region. Not so clubs, papers, banks and brigades, which only bear the name of a place."""
_BRANDS = frozenset(fold_key("تنظيم الدولة").split())
"""They name the land that they claim."""

_WORD = re.compile(r"[^\W\d_]+")
_WORDS_MAX = 4  # of a place
_ORG, _LOC = "ORG", "LOC"
_SCORE = 1.0  # of a name that a pattern of words gives
_CLITIC = "ب"


class _Span(NamedTuple):
    """A place in a surface, `surface[start:end]`, before word `last`."""

    last: int
    start: int
    end: int


class _Word(NamedTuple):
    """A word of a name: its key, and where it stands in the surface."""

    key: str
    start: int
    end: int


def nested_places(story: Story, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions, and one LOC for each place that an organisation's name says it is at.

    Never in a person's name, nor for an adjective of nationality. In text order, title first, an
    organisation before the place inside it.
    """
    found = [(mention, span) for mention in mentions if mention.label == _ORG
             for span in _spans(_words(mention.surface))]
    if not found:
        return [*mentions]
    setting = story_setting(story, mentions)
    added = [made for mention, span in found for made in _made(story, mention, span, setting)]
    return sorted((*mentions, *added), key=lambda one: (
        FIELDS.index(one.field), one.start, -one.end))


def _made(story: Story, mention: Mention, span: _Span, setting: Setting) -> Iterator[Mention]:
    start, end = mention.start + span.start, mention.start + span.end
    text = read_field(story, mention.field)
    link = link_name(text[start:end], setting, Sight(text, start, end))
    if link:
        name = Name(start, end, mention.sentence, _LOC, _SCORE)
        made = make_mentions(story, mention.field, [name], model_id=_list_id())
        yield from (linked(one, link) for one in made)


def _spans(words: Sequence[_Word]) -> Iterator[_Span]:
    """Yield the places inside one name, in order, apart from one another."""
    after = 1
    for first in range(1, len(words) if words and words[0].key not in _BRANDS else 0):
        span = _span(words, first) if first >= after else None
        if span is not None:
            after = span.last
            yield span


def _words(surface: str) -> list[_Word]:
    folded = fold(surface)
    return [
        _Word(match[0], *folded.span(*match.span())) for match in _WORD.finditer(folded.key)
    ]


def _span(words: Sequence[_Word], first: int) -> _Span | None:
    """Return the place that begins with a word, the longest that the gazetteer has."""
    before, word = words[first - 1].key, words[first]
    most = min(len(words), first + _WORDS_MAX)
    if before in _ABOUT and word.key.startswith(_CLITIC):
        bare = _Word(word.key[1:], word.end - len(word.key) + 1, word.end)
        return _longest([*words[:first], bare, *words[first + 1 :]], first, most, first)
    if before in _AT:
        return _longest(words, first, most, first)
    for heads, is_one in _HEADS_OF.items():
        if before in heads:
            return _longest(words, first, most, len(words) - 1, is_one)
    return None


def _longest(
    words: Sequence[_Word], first: int, most: int, least: int,
    is_one: Callable[[Place], bool] = is_known,
) -> _Span | None:
    """Return the place from a word on, which ends behind word `least` at the earliest."""
    for last in range(most, least, -1):
        for start in range(first, last):
            place = _place(words[start:last])
            if place and is_one(place):
                return _Span(last, words[start].start, words[last - 1].end)
            if words[start].key not in HEADS:
                break
    return None


def _place(words: Sequence[_Word]) -> Place | None:
    """Return what the gazetteer has under words as they are.

    A nationality is none, but for what is also the name of the country: "السعودية".
    """
    places = load_gazetteer().places.get(" ".join(word.key for word in words))
    if not places or (places[0].kind != "country" and nationality(words[-1].key)):
        return None
    return places[0]


def _is_local(place: Place) -> bool:
    return place.country is not None and is_known(place)


def _is_town(place: Place) -> bool:
    return _is_local(place) and (place.kind != "city" or place.population >= KNOWN_POPULATION)


def _is_near_town(place: Place) -> bool:
    return _is_town(place) and place.country in NEAR


_HEADS_OF = {_OF_PLACE: _is_local, _OF_TOWN: _is_town, _OF_NEAR_TOWN: _is_near_town}


@cache
def _list_id() -> str:
    """Return what `model_id` says of the places that the lists above have found."""
    lists = (_AT, _ABOUT, *_HEADS_OF, _BRANDS)
    return f"nested-places@{digest(*(' '.join(sorted(words)) for words in lists))[:8]}"
