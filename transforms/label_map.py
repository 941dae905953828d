"""Translate the labels of any token classification model into the four of the tables."""

import json
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from schemas.labels import ENTITY_LABELS

TAGS = ("O", *(f"{prefix}-{label}" for label in ENTITY_LABELS for prefix in "BI"))
"""What a word can be: outside, or the beginning or the inside of a name."""

LABELS_FILE = "naba_labels.json"
"""Optional, in the model folder: {"labels": {"TEAM": "ORG", "JOB": null}, "scheme": "IOB1"}."""

SCHEMES = ("BIO", "IOB1", "IO")
"""BIO (also BILOU and BIOES): a name begins with B or U; IOB1: B only where two names of a kind
touch; IO: no beginnings are marked."""

# Names of label sets in use, upper-cased: ANERcorp and CAMeLBERT, CoNLL, OntoNotes and ACE,
# Wojood, AQMAR, WikiFANE (50 classes), and those of the models trained on them. A nationality
# or group is MISC, as in CoNLL-2003.
_KNOWN: dict[str, tuple[str, ...]] = {
    "PER": ("PER", "PERS", "PERSON", "PEOPLE", "POLITICIAN", "ARTIST", "SCIENTIST", "ATHLETE",
            "RELIGIOUS_PER", "BUSINESSPERSON", "ENGINEER", "LAWYER", "POLICE", "OTHER_PER"),
    "ORG": ("ORG", "ORGANIZATION", "ORGANISATION", "COMPANY", "CORPORATION", "GOVERNMENT",
            "COMMERCIAL", "NON-GOVERNMENTAL", "SPORTS", "MEDIA", "EDUCATIONAL", "RELIGIOUS_ORG",
            "ENTERTAINMENT", "MEDICAL-SCIENCE"),
    "LOC": ("LOC", "LOCATION", "GPE", "FAC", "FACILITY", "PLACE", "CITY", "COUNTRY", "NATION",
            "CONTINENT", "POPULATION-CENTER", "STATE-OR-PROVINCE", "COUNTY-OR-DISTRICT",
            "GPE-CLUSTER", "WATER-BODY", "LAND-REGION-NATURAL", "REGION-GENERAL",
            "REGION-INTERNATIONAL", "ADDRESS", "BOUNDARY", "CELESTIAL", "AIRPORT", "PATH",
            "PLANT", "BUILDING-GROUNDS", "SUBAREA-FACILITY"),
    "MISC": ("MISC", "MIS", "MISCELLANEOUS", "EVENT", "COMPETITION", "PRODUCT", "PRIZE",
             "ARTWORK", "WORK_OF_ART", "LAW", "NORP", "NATIONALITY", "GROUP", "BOOK", "MOVIE",
             "SOFTWARE", "HARDWARE", "SOUND", "FOOD", "DRUG", "VEHICLE", "WEAPON", "AIR", "LAND",
             "WATER", "PROJECTILE", "NUCLEAR", "SHARP", "BLUNT", "EXPLODING", "BIOLOGICAL",
             "CHEMICAL", "SHOOTING"),
    "": ("O", "DATE", "TIME", "DURATION", "SET", "TITLE", "TIT", "JOB", "OCC", "OCCUPATION",
         "DISEASE", "LANGUAGE", "WEBSITE", "URL", "EMAIL", "CARDINAL", "ORDINAL", "NUMBER",
         "NUM", "PERCENT", "QUANTITY", "UNIT", "MONEY", "CURR", "CURRENCY"),
}
_TABLE = {name: label for label, names in _KNOWN.items() for name in names}

_PREFIXED = re.compile(r"([BILOUESM])[-_](.+)", re.IGNORECASE | re.DOTALL)
_BEGINS = ("B", "U", "S")

logger = logging.getLogger(__name__)


class LabelError(ValueError):
    """A model's labels cannot be read as names of people, organisations, places or others."""


class LabelMap(NamedTuple):
    """Which of TAGS each output of a model counts for, and how the model marks beginnings."""

    tags: tuple[int, ...]
    scheme: str


class _Overrides(NamedTuple):
    """What LABELS_FILE says; kinds upper-cased, "" = no name."""

    labels: dict[str, str]
    scheme: str


def map_labels(id2label: Mapping[int, str], folder: Path) -> LabelMap:
    """Return the translation of a model's outputs; LABELS_FILE in `folder` overrides the table.

    A kind that neither knows is treated as no name, and logged.

    Raises:
        LabelError: no output is a name, or LABELS_FILE cannot be used.
    """
    overrides = _read_overrides(folder / LABELS_FILE)
    table = _TABLE | overrides.labels
    labels = [id2label[index] for index in range(len(id2label))]
    targets = [_find_target(label, table) for label in labels]
    unknown = sorted({label for label in labels if _find_target(label, table) is None})
    if unknown:
        logger.warning("unknown entity labels are dropped", extra={"labels": unknown})
    tags = tuple(_tag_index(label, target) for label, target in zip(labels, targets, strict=True))
    if not any(tags):
        raise LabelError(
            f"no label of the model is a known kind of name: {sorted(labels)[:20]}; map them "
            f'in {folder / LABELS_FILE}, for example {{"labels": {{"LABEL_1": "B-PER"}}}}'
        )
    has_beginnings = any(tag % 2 for tag in tags)
    return LabelMap(tags, overrides.scheme or ("BIO" if has_beginnings else "IO"))


def find_tag(label: str) -> str | None:
    """Return which of TAGS a label in labelled data stands for; None if the table knows none."""
    target = _find_target(label, _TABLE)
    return None if target is None else TAGS[_tag_index(label, target)]


def _split(label: str) -> tuple[str, str]:
    """Return the position prefix, "" if there is none, and the kind of a label."""
    match = _PREFIXED.fullmatch(label)
    return (match[1].upper(), match[2]) if match else ("", label)


def _find_target(label: str, table: Mapping[str, str]) -> str | None:
    """Return what the table says of the whole label, else of its kind; None if neither."""
    return table.get(label.upper(), table.get(_split(label)[1].upper()))


def _tag_index(label: str, target: str | None) -> int:
    if not target or target in TAGS:
        return TAGS.index(target or "O")
    return TAGS.index(f"{'B' if _split(label)[0] in _BEGINS else 'I'}-{target}")


def _read_overrides(path: Path) -> _Overrides:
    if not path.is_file():
        return _Overrides({}, "")
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise LabelError(f"{path} is no JSON: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("labels", {}), dict):
        raise LabelError(f'{path} must hold an object like {{"labels": {{"TEAM": "ORG"}}}}')
    labels = {str(k).upper(): _target(v, path) for k, v in content.get("labels", {}).items()}
    scheme = content.get("scheme", "")
    if scheme not in ("", *SCHEMES):
        raise LabelError(f"{path}: scheme {scheme!r} is none of {', '.join(SCHEMES)}")
    return _Overrides(labels, scheme)


def _target(value: str | None, path: Path) -> str:
    """Return the label, or the prefixed tag, that an override names; "" for null."""
    if value is None or value == "O":
        return ""
    if value not in ENTITY_LABELS and value not in TAGS:
        raise LabelError(f"{path}: {value!r} is none of {', '.join((*ENTITY_LABELS, *TAGS))}")
    return value
