"""Raise the floors under quality to what is measured now; refuse to lower one.

    python -m benchmarks.floors            # show what has risen
    python -m benchmarks.floors --write    # and write it into tests/floors.json

A file that has changed since its floors were measured is measured anew only with --new-data NAME.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.evaluate import KINDS

TESTS = Path(__file__).parent.parent / "tests"


def main() -> int:
    """Compare every floor with what is measured; return 1 if one does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--new-data", action="append", default=[], metavar="NAME")
    args = parser.parse_args()
    path = TESTS / "floors.json"
    entries = json.loads(path.read_text(encoding="utf-8"))
    fallen = [_update(name, entry, name in args.new_data) for name, entry in entries.items()]
    if any(fallen):
        return 1
    if args.write:
        path.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
    return 0


def _update(name: str, entry: dict[str, Any], is_new: bool) -> bool:
    """Put what is measured into `entry`; say whether a floor does not hold."""
    file = TESTS / "data" / name
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    if sha256 != entry["sha256"] and not is_new:
        print(f"{name}: the data have changed; pass --new-data {name} if they should have")
        return True
    entry["sha256"] = sha256
    evaluation = KINDS[entry["kind"]](file)
    figures = {"score": evaluation.score, **evaluation.details}
    fallen = False
    for path, floor in entry["floors"].items():
        figure = _at(figures, path)
        print(f"{name} {path}: {floor} → {figure}")
        fallen |= figure < floor and not is_new
        entry["floors"][path] = figure
    return fallen


def _at(figures: Mapping[str, Any], path: str) -> Any:
    for step in path.split("."):
        figures = figures[step]
    return figures


if __name__ == "__main__":
    sys.exit(main())
