"""Measure how well names of places are linked, on labelled names."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.evaluate import Evaluation, EvaluationError, Mistake, ratio, read_lines, text_field
from transforms.places.forms import name_key
from transforms.places.link import Setting, link_name
from transforms.places.nationalities import nationality

_DEMONYM = "demonym"
_UNLINKED, _OTHER_COUNTRY, _OTHER_PLACE = "not linked", "another country", "another place"


class LabelledPlace(NamedTuple):
    """A name as printed, and what it should be linked to."""

    mention: str
    countries: tuple[str, ...]  # any of them is right; none for what has no country
    geonameid: int | None  # None: not checked
    kind: str
    context: str | None  # the country that the story is about


class Answer(NamedTuple):
    """What a name was linked to."""

    is_linked: bool
    country: str | None
    geonameid: int | None
    name: str
    rule: str


def evaluate_places(path: Path) -> Evaluation:
    """Return how many labelled names are linked to the right country and place.

    Raises:
        EvaluationError: the file is not such labelled data.
    """
    labelled = read_places(path)
    right, whole = Counter[str](), Counter(one.kind for one in labelled)
    mistakes = []
    for one in labelled:
        answer = link_labelled(one)
        sort = _mistake(one, answer)
        if sort is None:
            right[one.kind] += 1
        else:
            mistakes.append(Mistake(sort, one.kind, _expected(one), _found(answer)))
    kinds = {
        kind: {"right": right[kind], "of": whole[kind], "share": ratio(right[kind], whole[kind])}
        for kind in sorted(whole)
    }
    details = {"names": len(labelled), "right": right.total(), "kinds": kinds}
    score = ratio(right.total(), len(labelled))
    return Evaluation("places", "share linked rightly", score, details, mistakes)


def read_places(path: Path) -> list[LabelledPlace]:
    """Return the names of a file: one JSON list of objects.

    Raises:
        EvaluationError: the file is not such labelled data.
    """
    text = "".join(line for _, line in read_lines(path))
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EvaluationError(f"{path}: not JSON ({error})") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise EvaluationError(f"{path}: should hold one JSON list of objects")
    return [_labelled(f"{path}, name {number}", row) for number, row in enumerate(rows, 1)]


def _labelled(place: str, row: dict[str, Any]) -> LabelledPlace:
    geonameid = row.get("geonameid")
    if geonameid is not None and not isinstance(geonameid, int):
        raise EvaluationError(f"{place}: 'geonameid' should be a number or null")
    iso = "" if row.get("iso") is None else text_field(place, row, "iso")
    context = None if row.get("ctx") is None else text_field(place, row, "ctx")
    return LabelledPlace(
        text_field(place, row, "mention"), tuple(filter(None, iso.split("|"))), geonameid,
        text_field(place, row, "kind"), context,
    )


def link_labelled(one: LabelledPlace) -> Answer:
    """Return what a name is linked to in a story that is about its context's country."""
    setting = Setting(None, {one.context: 1} if one.context else {})
    if one.kind == _DEMONYM:
        countries = nationality(name_key(one.mention))
        return Answer(bool(countries), next(iter(countries), None), None, "", _DEMONYM)
    link = link_name(one.mention, setting)
    if link is None:
        return Answer(False, None, None, "", "")
    return Answer(True, link.place.country, link.place.geonameid, link.place.name, link.rule)


def _mistake(one: LabelledPlace, answer: Answer) -> str | None:
    """Return what is wrong with an answer; None if it is right."""
    if not answer.is_linked:
        return _UNLINKED
    if answer.country not in (one.countries or (None,)):
        return _OTHER_COUNTRY
    if one.geonameid is not None and one.geonameid != answer.geonameid:
        return _OTHER_PLACE
    return None


def _expected(one: LabelledPlace) -> str:
    words = (one.mention, "|".join(one.countries), one.geonameid, one.context)
    return " ".join(str(word) for word in words if word)


def _found(answer: Answer) -> str:
    words = (answer.name, answer.country, answer.geonameid, answer.rule)
    return " ".join(str(word) for word in words if word)
