"""Find the words of nationality in a story: they say whose people or things are meant."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemas.ids import digest
from schemas.records import Mention, Story
from transforms.fold import fold, fold_key
from transforms.places.demonym_guards import NEEDS_COUNTRY, is_of_state, is_other_sense
from transforms.places.forms import name_key
from transforms.places.nationalities import (
    ENDING_LETTERS,
    nationality_endings,
    nationality_form,
    nationality_forms,
    nationality_version,
)
from transforms.places.search import find_places
from transforms.sentences import sentence_spans

NATIONALITY = "nationality"
"""The link rule of what a word of nationality says."""

_SCORE = 1.0  # a list gives no probability: what it holds, it holds
_LANGUAGES = ("ar", "und")  # Persian and Urdu use the same words for other things
_HIDDEN = ("promotion", "closing_mark", "signature", "agency", "byline")
_WORD = re.compile(r"[^\W\d_]+")
_HOLE = "\x1f"  # no letter, and no space: nothing stands beside it


class _Setting(NamedTuple):
    """What else the story names."""

    countries: frozenset[str]
    surnames: frozenset[str]  # keys


class _Hit(NamedTuple):
    """A word of nationality in a key: `key[start:end] == form`, but for the alef of "لل"."""

    start: int
    end: int
    form: str
    word: str  # with its clitics
    before: str  # the word that stands directly before, "" for none
    after: str


def demonym_mentions(story: Story, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions, and one for each word of nationality that none of them overlaps.

    The new ones are MISC, as in CoNLL-2003; their `model_id` names the list of words. Clitics
    are left out, but for "لل": its article has no letter of its own. In text order, title first.
    """
    if story.language.partition("-")[0].lower() not in _LANGUAGES:
        return [*mentions]
    setting = _Setting(
        _named_countries(mentions),
        frozenset(_last_word(one.surface) for one in mentions if one.label == "PER"),
    )
    added = [
        mention
        for field in ("title", "text")
        for mention in _found(story, field, mentions, setting)
    ]
    return sorted(
        (*mentions, *added), key=lambda one: (one.field != "title", one.start, one.end)
    )


def _named_countries(mentions: Sequence[Mention]) -> frozenset[str]:
    """Return the countries that the places named in the story are in."""
    keys = (name_key(one.surface) for one in mentions if one.label == "LOC")
    found = filter(None, map(find_places, keys))
    return frozenset(one.places[0].country for one in found if one.places[0].country)


def _last_word(name: str) -> str:
    return name_key(name).rpartition(" ")[2]


def _found(
    story: Story, field: str, mentions: Sequence[Mention], setting: _Setting
) -> Iterator[Mention]:
    """Yield a mention for each word of nationality in a field that nothing else takes."""
    text = story.title if field == "title" else story.text
    folded = fold(_free(story, field, text, mentions))
    hits = [
        (span, hit) for hit in _hits(folded.key)
        for span in [folded.span(hit.start, hit.end)]
        if _is_nationality(hit, text[slice(*span)], setting)
    ]
    starts = [start for start, _ in sentence_spans(text)] if hits else []
    for (start, end), hit in hits:
        yield _mention(story, field, (start, end), max(0, bisect_right(starts, start) - 1), hit)


def _free(story: Story, field: str, text: str, mentions: Sequence[Mention]) -> str:
    """Return a field without its mentions and the stretches that hold none, holes in place."""
    spans = [(one.start, one.end) for one in mentions if one.field == field]
    if field == "text":
        spans += [(one.start, one.end) for one in story.wire_spans if one.kind in _HIDDEN]
    characters = [*text]
    for start, end in spans:
        characters[start:end] = _HOLE * (end - start)
    return "".join(characters)


def _hits(key: str) -> Iterator[_Hit]:
    """Yield the words of nationality in a key; of two words where they are one: كوري جنوبي."""
    words = [*_WORD.finditer(key)]
    texts = [word[0] for word in words]
    endings = nationality_endings()
    index = 0
    while index < len(words):
        if texts[index][-ENDING_LETTERS:] not in endings:
            index += 1
            continue
        form, last = _form_at(key, words, index)
        if form:
            yield _Hit(
                words[last].end() - len(form), words[last].end(), form, texts[last],
                before=texts[index - 1] if _are_neighbours(key, words, index - 1) else "",
                after=texts[last + 1] if _are_neighbours(key, words, last) else "",
            )
        index = last + 1


def _form_at(
    key: str, words: Sequence[re.Match[str]], index: int
) -> tuple[str | None, int]:
    """Return the form that begins with a word, and its last word; the longer of two."""
    if _are_neighbours(key, words, index):
        form = nationality_form(f"{words[index][0]} {words[index + 1][0]}")
        if form:
            return form, index + 1
    return nationality_form(words[index][0]), index


def _are_neighbours(key: str, words: Sequence[re.Match[str]], index: int) -> bool:
    """Say whether a space alone parts a word from the next."""
    return (
        0 <= index < len(words) - 1
        and words[index].end() + 1 == words[index + 1].start()
        and key[words[index].end()].isspace()
    )


def _is_nationality(hit: _Hit, surface: str, setting: _Setting) -> bool:
    """Say whether a word that can be a nationality is one where it stands."""
    if is_other_sense(surface, hit.form, hit.word, (hit.before, hit.after)):
        return False
    countries = nationality_forms()[hit.form]
    if NEEDS_COUNTRY.issuperset(countries):
        return is_of_state(hit.before) and not setting.countries.isdisjoint(countries)
    # "قال السوداني", where the story names one محمد شياع السوداني: his surname.
    return hit.form not in setting.surnames or hit.before.startswith("ال")


def _mention(
    story: Story, field: str, span: tuple[int, int], sentence: int, hit: _Hit
) -> Mention:
    start, end = span
    surface = (story.title if field == "title" else story.text)[start:end]
    country, *others = nationality_forms()[hit.form]
    return Mention(
        mention_id=digest(story.story_id, field, str(start), str(end), "MISC"),
        story_id=story.story_id,
        field=field,
        sentence=sentence,
        start=start,
        end=end,
        surface=surface,
        label="MISC",
        score=_SCORE,
        entity_key=f"MISC:{fold_key(surface)}",
        role=None,
        country=country,
        country_alternatives=tuple(others),
        geonameid=None,
        latitude=None,
        longitude=None,
        link_rule=NATIONALITY,
        model_id=f"nationalities@{nationality_version()}",
    )
