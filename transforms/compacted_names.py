"""The names of files that hold the rows of several runs.

Such a file is named as a file of its last run, with a number that no shard has: the digits of
its first run, 1 if it has reached its full size, and how many rows it holds. So it stands in the
order of runs, belongs to what was committed before a run if all of it was, and is never named as
a file that held other rows.
"""

import re
from typing import NamedTuple

_PLAIN = re.compile(r"([0-9]{8}T[0-9]{6}Z)-[0-9]+\.parquet")
_COMPACTED = re.compile(r"([0-9]{8}T[0-9]{6}Z)-([0-9]{8})([0-9]{6})([01])[0-9]+\.parquet")


class Runs(NamedTuple):
    """The runs whose rows a file may hold: from `first` to `last`."""

    first: str
    last: str
    is_full: bool = False  # no more runs are to be added

    def hold(self, run_id: str) -> bool:
        """Say whether `run_id` is among them."""
        return self.first <= run_id <= self.last


def compacted_name(runs: Runs, rows: int) -> str:
    """Return the name of a file that holds `rows` rows of `runs`."""
    first = re.sub("[TZ]", "", runs.first)
    return f"{runs.last}-{first}{runs.is_full:d}{rows}.parquet"


def is_compacted(name: str) -> bool:
    """Say whether a file of this name holds the rows of several runs."""
    return _COMPACTED.fullmatch(name) is not None


def runs_of(name: str) -> Runs | None:
    """Return the runs of the file of this name, None if it is none of ours."""
    if found := _COMPACTED.fullmatch(name):
        last, day, time, full = found.groups()
        return Runs(f"{day}T{time}Z", last, full == "1")
    if found := _PLAIN.fullmatch(name):
        return Runs(found[1], found[1])
    return None
