"""Group the mentions of a story by entity, under keys that other stories share."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from schemas.records import Mention, Story
from transforms.mentions import FIELDS, read_field
from transforms.names.country_words import country_of
from transforms.names.institution_list import load_institutions
from transforms.names.known_names import find_known
from transforms.names.name_groups import Form, group_forms
from transforms.names.name_words import bare, key_text, name_words, plain_words
from transforms.names.organisation_names import HEADS, is_anaphor
from transforms.names.person_names import person_key
from transforms.names.story_names import read_names
from transforms.names.text_words import TextWords, find_text_words

ANAPHORA = "anaphora"
"""In link_rule: a head with its article stands for an organisation named before it."""

_ORG = "ORG"
_OF_COUNTRY = ("country", "disputed_country", "nationality")
_ADJECTIVE = re.compile("ال.+يه?")


class _Entity(NamedTuple):
    """What a mention stands for."""

    key: str
    country: str | None = None
    rule: str | None = None


def group_names(story: Story, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions with the entity that each stands for as `entity_key`.

    Places by GeoNames number or country, known institutions by the list's key, all others by
    the fullest name that the story gives them. Doing it twice changes nothing.
    """
    order = sorted(range(len(mentions)), key=lambda index: _position(mentions[index]))
    ordered = [mentions[index] for index in order]
    entities = _entities(ordered, _read_full(story, ordered))
    grouped = list(mentions)
    for index, mention, entity in zip(order, ordered, entities, strict=True):
        grouped[index] = mention._replace(
            entity_key=entity.key,
            country=mention.country or entity.country,
            link_rule=entity.rule or mention.link_rule,
        )
    return grouped


def _position(mention: Mention) -> tuple[int, int, int]:
    return FIELDS.index(mention.field), mention.start, mention.end


class _Name(NamedTuple):
    """A mention's name, and the adjective of a country that stands after an organisation's."""

    text: str
    adjective: str = ""

    def country(self) -> str | None:
        """Return the country of the adjective."""
        return country_of(*map(bare, self.adjective.split()))

    def full(self) -> str:
        """Return the name as it tells organisations apart.

        Those of many countries are told apart by the adjective; a name that is one company's or
        club's says the same without it.
        """
        words = plain_words(self.text)
        is_common = bool(words) and (
            bare(words[0]) in HEADS or (len(words) == 1 and bare(words[0]) != words[0])
        )
        return f"{self.text} {self.adjective}" if self.adjective and is_common else self.text


def _read_full(story: Story, mentions: Sequence[Mention]) -> list[_Name]:
    """Return the name of each mention without clitics.

    The adjective that says whose an organisation is stays outside of its mention.
    """
    texts = {
        field: find_text_words(read_field(story, field))
        for field in {mention.field for mention in mentions if mention.label == _ORG}
    }
    return [
        _Name(read.name, _country_after(texts[mention.field], mention))
        if mention.label == _ORG else _Name(read.name)
        for mention, read in zip(mentions, read_names(mentions), strict=True)
    ]


def _country_after(words: TextWords, mention: Mention) -> str:
    """Return the adjective of a country right after a mention; "" if there is none.

    Not a country's name, nor its people: they are what an organisation does something to.
    """
    _, index = words.range_of(mention.start, mention.end)
    following = [
        word.word
        for at, word in enumerate(words.words[index : index + 2], index)
        if at and words.are_together(at - 1)
    ]
    for count in (2, 1):
        adjectives = following[:count]
        is_adjective = all(_ADJECTIVE.fullmatch(word) for word in adjectives)
        if len(adjectives) == count and is_adjective and country_of(*map(bare, adjectives)):
            return " ".join(adjectives)
    return ""


def _entities(mentions: Sequence[Mention], names: Sequence[_Name]) -> list[_Entity]:
    """Return what each mention stands for, in text order."""
    pairs = list(zip(mentions, names, strict=True))
    certain = [_by_itself(mention, name) for mention, name in pairs]
    known = {entity.key for entity in certain if entity}
    forms = {
        index: Form(name.full(), mention.label)
        for index, (mention, name) in enumerate(pairs)
        if mention.label != "LOC" and not _is_head_alone(mention, name)
    }
    chosen = _fullest(forms)
    last_of_head: dict[str, _Entity] = {}
    found = []
    for index, (mention, name) in enumerate(pairs):
        form = chosen.get(index, Form(name.full(), mention.label))
        entity = certain[index] or _nearby(mention, name, known) or _of_form(form)
        if _is_head_alone(mention, name):
            before = last_of_head.get(name_words(name.text)[0])
            entity = before._replace(rule=ANAPHORA) if before else entity
        elif mention.label == _ORG:
            last_of_head.update(dict.fromkeys(_heads(name.text, entity.key), entity))
        found.append(entity._replace(country=entity.country or name.country()))
    return found


def _by_itself(mention: Mention, name: _Name) -> _Entity | None:
    """Return what a mention stands for, if that needs no other mention to tell."""
    if mention.geonameid is not None:
        return _Entity(f"geo:{mention.geonameid}")
    if mention.country and (mention.link_rule or "").startswith(_OF_COUNTRY):
        return _Entity(f"geo:{mention.country}")
    if mention.label != _ORG:
        return None
    known, alone = find_known(f"{name.text} {name.adjective}"), find_known(name.text)
    if known is None and alone and not (alone.country and name.adjective):
        known = alone
    return _Entity(known.key, known.country) if known else None


def _nearby(mention: Mention, name: _Name, named: AbstractSet[str]) -> _Entity | None:
    """Return the institution of a name that counts only where others name it or its parent."""
    known = load_institutions()
    key = known.nearby.get(name_words(name.text)) if mention.label == _ORG else None
    if key is None or not named & {key, known.institutions[key].parent}:
        return None
    return _Entity(key, known.institutions[key].country)


def _is_head_alone(mention: Mention, name: _Name) -> bool:
    return mention.label == _ORG and not name.adjective and is_anaphor(name.text)


def _heads(name: str, key: str) -> set[str]:
    """Return the heads that may stand for an organisation after it has been named."""
    institution = load_institutions().institutions.get(key)
    words = [name_words(one) for one in (name, institution.name if institution else name)]
    return {one[0] for one in words if one}


def _fullest(forms: Mapping[int, Form]) -> dict[int, Form]:
    """Return the fullest form of each; of several, that which was named last, or first after."""
    answers = dict(zip(forms, group_forms(list(forms.values())), strict=True))
    certain: dict[Form, list[int]] = {}
    for index, found in answers.items():
        if len(found) == 1:
            certain.setdefault(found[0], []).append(index)
    return {
        index: found[0] if len(found) == 1 else _nearest(index, found, certain)
        for index, found in answers.items()
    }


def _nearest(
    index: int, forms: Sequence[Form], certain: Mapping[Form, Sequence[int]]
) -> Form:
    """Return the form whose mention stands last before `index`, or else first after it."""
    before: list[tuple[int, Form]] = []
    after: list[tuple[int, Form]] = []
    for form in forms:
        places = certain[form]
        at = bisect_left(places, index)
        before += [(places[at - 1], form)] if at else []
        after += [(places[at], form)] if at < len(places) else []
    return max(before)[1] if before else min(after)[1]


def _of_form(form: Form) -> _Entity:
    """Return the entity that a form names in full."""
    if form.label == "PER":
        return _Entity(f"PER:{person_key(form.name)}")
    known = find_known(form.name) if form.label == _ORG else None
    if known:
        return _Entity(known.key, known.country)
    words = plain_words(form.name)
    is_of_country = form.label == _ORG and len(words) > 1 and _ADJECTIVE.fullmatch(words[-1])
    country = country_of(bare(words[-1])) if is_of_country else None
    return _Entity(f"{form.label}:{key_text(words)}", country)
