"""Read the Arabic date specifications of Recognizers-Text, beside dateparser on the same cases.

    python -m benchmarks.recognizers_conformance DIR [--min 0.9] [--show-failures]

DIR holds the Arabic date specifications (Specs/DateTime/Arabic) of
https://github.com/microsoft/Recognizers-Text. A case gives a sentence, a time of reference, a
stretch of the sentence and what it stands for, looking forwards and looking back; either counts as
right, as long as the expression found overlaps the stretch. dateparser is given the stretch alone,
so that it need not find it, and both preferences; its answer must be the very day.

The suite gives the day even where words count in months, years or "a few" ("قبل عامين"). Naba
does not invent it, and gives the stretch; such a case counts as right if the stretch holds the
day of the suite, and the number of these is printed.

Cases of DateParser whose reading is disputed are in recognizers_conformance.toml, with the reason.
The other files were written for an assistant that makes appointments ("سأعود في 7"): they show
what lies beyond newswire, and have no score to reach.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import dateparser

from transforms.dates.anchors import Anchor
from transforms.dates.expressions import Expression, find_expressions

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SKIPS = Path(__file__).with_suffix(".toml")
_SECONDS_OF = {"Y": 31_536_000, "M": 2_592_000, "W": 604_800, "D": 86_400}
_SECONDS_OF_TIME = {"H": 3600, "M": 60, "S": 1}
_REFERENCE = ("ReferenceDateTime", "2016-11-07T00:00:00")  # where a case has none of its own
_LONG = ("month", "year", "range")
_INVALID = "0001-01-01"  # how the suite writes a day that does not exist


class Case(NamedTuple):
    """One sentence of the suite and its readings."""

    sentence: str
    words: str
    reference: datetime
    readings: tuple[Mapping[str, str], ...]  # forwards and back


def load(path: Path) -> Iterator[Case]:
    """Yield the cases of one file."""
    for row in json.loads(path.read_text(encoding="utf-8-sig")):
        for result in row["Results"][:1]:
            value = result.get("Value") or {}
            readings = (value.get("FutureResolution") or {}, value.get("PastResolution") or {})
            reference = datetime.fromisoformat(row.get("Context", {}).get(*_REFERENCE))
            yield Case(row["Input"], result["Text"], reference, readings)


def is_read(case: Case, is_right: Callable[[Expression, Mapping[str, str]], bool]) -> bool:
    """Say whether an expression over the words of a case has one of its readings."""
    anchor = Anchor(case.reference.date(), case.reference)
    words = case.words.strip()
    start = max(case.sentence.find(words), 0)
    over = [
        found for found in find_expressions(case.sentence, anchor)
        if found.start < start + len(words) and start < found.end
    ]
    if any(reading.get("date") == _INVALID for reading in case.readings):
        return all(found.value is None for found in over)
    return any(is_right(found, reading) for found in over for reading in case.readings)


def is_day(found: Expression, reading: Mapping[str, str]) -> bool:
    """Say whether an expression is the day of a reading."""
    return found.value is not None and found.value.value == reading.get("date")


def holds_day(found: Expression, reading: Mapping[str, str]) -> bool:
    """Say whether a distance in months, years or a few of something holds the day of a reading."""
    if found.rule != "ago" or found.value is None or found.granularity not in _LONG:
        return False
    ends = found.value.first, found.value.last
    day = reading.get("date")
    return None not in ends and day is not None and str(ends[0]) <= day <= str(ends[1])


def is_stretch(found: Expression, reading: Mapping[str, str]) -> bool:
    """Say whether an expression is a stretch; the suite excludes its last day, or includes it."""
    if found.value is None or found.value.first is None or found.value.last is None:
        return False
    ends = {found.value.last.isoformat(), (found.value.last + timedelta(1)).isoformat()}
    return found.value.first.isoformat() == reading.get("startDate") and (
        reading.get("endDate") in ends
    )


def is_clock(found: Expression, reading: Mapping[str, str]) -> bool:
    """Say whether an expression is a time of day, to the minute."""
    clock = re.search(r"T(\d\d)(?::(\d\d))?", found.value.value) if found.value else None
    return clock is not None and reading.get("time", "")[:5] == f"{clock[1]}:{clock[2] or '00'}"


def is_length(found: Expression, reading: Mapping[str, str]) -> bool:
    """Say whether an expression lasts as many seconds; months have 30 days, years 365."""
    if found.value is None or found.kind != "duration":
        return False
    dates, _, times = found.value.value.partition("T")
    seconds = sum(int(n) * _SECONDS_OF[unit] for n, unit in re.findall(r"(\d+)([YMWD])", dates))
    seconds += sum(int(n) * _SECONDS_OF_TIME[u] for n, u in re.findall(r"(\d+)([HMS])", times))
    return str(seconds) == reading.get("duration")


FILES: dict[str, Callable[[Expression, Mapping[str, str]], bool]] = {
    "DateParser": is_day, "DatePeriodParser": is_stretch, "TimeParser": is_clock,
    "DurationParser": is_length,
}
SCORED = "DateParser"


def dateparser_reads(case: Case) -> bool:
    """Say whether dateparser gives the day of a case, whichever way it looks."""
    days: set[date | None] = set()
    for direction in ("future", "past"):
        settings: Any = {"RELATIVE_BASE": case.reference, "PREFER_DATES_FROM": direction}
        found = dateparser.parse(case.words, languages=["ar"], settings=settings)
        days.add(found.date() if found else None)
    return any(
        day is not None and day.isoformat() == reading.get("date")
        for day in days for reading in case.readings
    )


def main() -> int:
    """Print the scores; return 1 if the share of undisputed cases is below --min."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--min", type=float, default=0.0, help="the least score of DateParser")
    parser.add_argument("--show-failures", action="store_true")
    arguments = parser.parse_args()
    skips = {
        sentence.strip(): skip["reason"]
        for skip in tomllib.loads(SKIPS.read_text(encoding="utf-8"))["skip"]
        for sentence in skip["sentences"]
    }
    path = next(iter(sorted(arguments.folder.rglob(f"{SCORED}.json"))), None)
    if path is None:
        print(f"{arguments.folder}: holds no {SCORED}.json")
        return 1
    reached = _scored(list(load(path)), skips, show=arguments.show_failures)
    for name in sorted(FILES.keys() - {SCORED}):
        cases = list(load(path.with_name(f"{name}.json")))
        right = [is_read(case, FILES[name]) for case in cases]
        print(f"{name}: {sum(right)} of {len(cases)}")
        if arguments.show_failures:
            for case, is_right in zip(cases, right, strict=True):
                if not is_right:
                    print(f"  {case.sentence} [{case.words}] {case.readings}")
    return int(reached < arguments.min)


def _scored(cases: list[Case], skips: Mapping[str, str], *, show: bool) -> float:
    """Print how both read the cases, disputed ones apart; return our share of the others."""
    ours, theirs, held = Counter[str](), Counter[str](), 0
    for case in cases:
        reason = skips.get(case.sentence.strip(), "undisputed")
        is_ours, is_theirs = is_read(case, FILES[SCORED]), dateparser_reads(case)
        if not is_ours and is_read(case, holds_day):
            held, is_ours = held + 1, True
        ours[reason] += is_ours
        theirs[reason] += is_theirs
        if show and not is_ours and reason == "undisputed":
            print(f"  {case.sentence} [{case.words}] {case.readings}")
    whole = Counter(skips.get(case.sentence.strip(), "undisputed") for case in cases)
    print(f"{SCORED}: {len(cases)} cases\n{'naba':>6}{'dateparser':>12}{'of':>5}")
    for reason, count in whole.most_common():
        print(f"{ours[reason]:>6}{theirs[reason]:>12}{count:>5}  {reason}")
    print(f"{ours.total():>6}{theirs.total():>12}{len(cases):>5}  all")
    print(f"{held:>6}{'':12}{'':>5}  of ours are months, years or a few days that hold the day")
    ratio = ours.total() / max(1, theirs.total())
    print(f"naba reads {ratio:.1f} times as many of all cases as dateparser")
    return ours["undisputed"] / max(1, whole["undisputed"])


if __name__ == "__main__":
    sys.exit(main())
