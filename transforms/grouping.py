"""Group the mentions of a story by entity, under keys that other stories share."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from schemas.records import Mention, Story
from transforms.country_words import country_of
from transforms.institution_list import load_institutions
from transforms.known_names import find_known
from transforms.mentions import FIELDS, read_field
from transforms.name_groups import Form, group_forms
from transforms.name_words import bare, key_text, name_words, plain_words
from transforms.organisation_names import is_anaphor
from transforms.person_names import person_key
from transforms.story_names import read_names
from transforms.text_words import TextWords, find_text_words

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
    entities = _entities(ordered, _full_names(story, ordered))
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


def _full_names(story: Story, mentions: Sequence[Mention]) -> list[str]:
    """Return the name of each mention without clitics, an organisation's with its country.

    The adjective that says whose an organisation is stays outside of its mention.
    """
    texts = {
        field: find_text_words(read_field(story, field))
        for field in {mention.field for mention in mentions if mention.label == "ORG"}
    }
    return [
        f"{read.name} {_country_after(texts[mention.field], mention)}".rstrip()
        if mention.label == "ORG" else read.name
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


def _entities(mentions: Sequence[Mention], names: Sequence[str]) -> list[_Entity]:
    """Return what each mention stands for, in text order.

    Args:
        names: The full name of each mention.
    """
    entities = [_by_itself(mention, name) for mention, name in zip(mentions, names, strict=True)]
    known = {entity.key for entity in entities if entity}
    forms: dict[int, Form] = {}
    for index, (mention, name) in enumerate(zip(mentions, names, strict=True)):
        if entities[index] is None:
            entities[index] = _nearby(name, known) if mention.label == _ORG else None
        if mention.label != "LOC" and not _is_head_alone(mention, name):
            forms[index] = Form(name, mention.label)
    chosen = _fullest(forms)
    last_of_head: dict[str, _Entity] = {}
    found = []
    for index, (mention, name) in enumerate(zip(mentions, names, strict=True)):
        entity = entities[index] or _of_form(chosen.get(index, Form(name, mention.label)))
        if _is_head_alone(mention, name):
            before = last_of_head.get(name_words(name)[0])
            entity = before._replace(rule=ANAPHORA) if before else entity
        elif mention.label == _ORG:
            last_of_head.update(dict.fromkeys(_heads(name, entity.key), entity))
        found.append(entity)
    return found


def _by_itself(mention: Mention, name: str) -> _Entity | None:
    """Return what a mention stands for, if that needs no other mention to tell."""
    if mention.geonameid is not None:
        return _Entity(f"geo:{mention.geonameid}")
    if mention.country and (mention.link_rule or "").startswith(_OF_COUNTRY):
        return _Entity(f"geo:{mention.country}")
    known = find_known(name) if mention.label == _ORG else None
    return _Entity(known.key, known.country) if known else None


def _nearby(name: str, named: AbstractSet[str]) -> _Entity | None:
    """Return the institution of a name that counts only where others name it or its parent."""
    known = load_institutions()
    key = known.nearby.get(name_words(name))
    if key is None or not named & {key, known.institutions[key].parent}:
        return None
    return _Entity(key, known.institutions[key].country)


def _is_head_alone(mention: Mention, name: str) -> bool:
    return mention.label == _ORG and is_anaphor(name)


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
    country = _country_of_last(words) if form.label == _ORG else None
    return _Entity(f"{form.label}:{key_text(words)}", country)


def _country_of_last(words: Sequence[str]) -> str | None:
    """Return the country whose adjective a name ends with."""
    is_adjective = len(words) > 1 and _ADJECTIVE.fullmatch(words[-1])
    return country_of(bare(words[-1])) if is_adjective else None
