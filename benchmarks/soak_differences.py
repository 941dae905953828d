"""In what two folders of tables differ that read the same in many runs and in one; and why.

Equal in both must be: which versions are there; of a story kept in both, every column but those
that tell of its run and of the document that it was read from (a version stands in many), and its
mentions, dates and events; and the rejects, but those of answers that held nothing to read. What
is decided of a version (kept, or a copy of which story; which revision; what it replaces) may
differ where it came in another order than that of the dates printed, since a run never withdraws
what an earlier one has stored; and where a text has no date, or came too late for its slot in a
stream: it counts from when it came.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow.parquet as pq

EARLIER_COPY = "its original, or an earlier text, came in a later run"
UNDATED = "a text without a date counts from the run that saw it first"
LATE = "a text that came too late for its slot counts from the moment that it came"
EARLIER_VERSION = "another version of the item, no later by the dates printed, came in another run"
IN_FLIGHT = "read, but no committed row in fetches stands for the document"

_EXCLUDED = {
    "stories": ("run_id", "first_seen_at", "origin", "position", "repairs",  # of run, document
                "revision", "replaces", "replaces_as"),  # decided, and compared as such
    "mentions": ("run_id",), "dates": ("run_id",), "events": ("run_id",),
}
_OUTCOMES = """
    select story_id, source_id, item_id, true, story_id, '', revision, replaces, replaces_as,
        epoch_us(coalesce(published_at, first_seen_at)), epoch_us(first_seen_at)
    from read_parquet('{root}/stories/*/*.parquet')
    union all
    select copy_id, source_id, item_id, false, story_id, relation, revision, null, null,
        epoch_us(coalesce(published_at, first_seen_at)), epoch_us(first_seen_at)
    from read_parquet('{root}/duplicates/*/*.parquet')
"""


class Outcome(NamedTuple):
    """What became of a version."""

    story_id: str
    source_id: str
    item_id: str
    is_kept: bool
    stands_for_it: str  # the story kept
    relation: str
    revision: int
    replaces: str | None
    replaces_as: str | None
    order_us: int
    seen_us: int

    def decided(self) -> tuple[Any, ...]:
        """Return what deduplication has decided."""
        return self[3:9]


class Differences(NamedTuple):
    """What differs."""

    lines: Sequence[str]
    unexplained: Sequence[str]


def compare(tables: Path, batch: Path, slot_s: int = 0) -> Differences:
    """Compare the tables of many runs, or of a stream of slots, with those of one run."""
    many, one = _outcomes(tables), _outcomes(batch)
    causes, unexplained = compare_outcomes(many, one, slot_s)
    kept = {name for name in many.keys() & one.keys() if many[name].is_kept and one[name].is_kept}
    if slot_s:  # a poll that was cut off may have committed part of what it brought
        earlier = {name for name in kept if many[name].order_us < one[name].order_us
                   and not _is_undated(one[name])}
        causes.update(IN_FLIGHT for _ in earlier)
        kept -= earlier
    unexplained += _content(tables, batch, kept)
    rejects, at_once = _rejects(tables, batch)
    if slot_s:
        causes.update(IN_FLIGHT for _ in rejects)
    else:
        unexplained += rejects
    unexplained += at_once
    lines = [
        f"beside one run over all of it: {len(many.keys() & one.keys()):,} versions in both, "
        f"{len(unexplained)} unexplained differences",
        *(f"  {count:5,} differ: {cause}" for cause, count in causes.items()),
    ]
    return Differences(lines, unexplained)


def compare_outcomes(
    many: Mapping[str, Outcome], one: Mapping[str, Outcome], slot_s: int = 0
) -> tuple[Counter[str], list[str]]:
    """Return how many versions differ by which cause, and those that differ without one."""
    causes: Counter[str] = Counter()
    unexplained = [f"missing: {one[story_id]}" for story_id in one.keys() - many.keys()]
    extra = many.keys() - one.keys()
    causes.update(IN_FLIGHT for _ in extra)
    for group in _groups(many, one):
        cause = _cause(group, many, one, slot_s * 1_000_000) or IN_FLIGHT * bool(group & extra)
        for story_id in group & many.keys() & one.keys():
            if many[story_id].decided() == one[story_id].decided():
                continue
            if cause:
                causes[cause] += 1
            else:
                unexplained.append(f"decided otherwise: {many[story_id]}, at once {one[story_id]}")
    return causes, unexplained


def _outcomes(root: Path) -> dict[str, Outcome]:
    found = duckdb.connect().sql(_OUTCOMES.format(root=root)).fetchall()
    return {row[0]: Outcome(*row) for row in found}


def _groups(*sides: Mapping[str, Outcome]) -> list[frozenset[str]]:
    """Return the versions that either side ties together: by item, copy or replacement."""
    parents: dict[str, str] = {}

    def root(name: str) -> str:
        while parents.setdefault(name, name) != name:
            parents[name] = name = parents[parents[name]]
        return name

    for outcome in (one for side in sides for one in side.values()):
        tied = (f"{outcome.source_id}\0{outcome.item_id}", outcome.stands_for_it, outcome.replaces)
        for other in tied:
            if other:
                parents[root(outcome.story_id)] = root(other)
    groups: dict[str, set[str]] = defaultdict(set)
    for story_id in {one for side in sides for one in side}:
        groups[root(story_id)].add(story_id)
    return [frozenset(group) for group in groups.values()]


def _cause(
    group: Iterable[str], many: Mapping[str, Outcome], one: Mapping[str, Outcome], slot_us: int
) -> str:
    """Return why a group may have been decided otherwise: two of it came in another order."""
    both = [(many[name], one[name]) for name in group if name in many and name in one]
    both.sort(key=lambda sides: (sides[0].seen_us, *_rank(sides[0])))  # as they were decided on
    found = (_inversion(*pair, slot_us) for pair in combinations(both, 2))
    return min(filter(None, found), default="")


def _inversion(
    first: tuple[Outcome, Outcome], then: tuple[Outcome, Outcome], slot_us: int
) -> str:
    """Return why one run decides on two versions in the other order, "" if it does not."""
    (came, dated), (came_then, dated_then) = first, then
    is_together = came.seen_us == came_then.seen_us
    if slot_us and is_together and came.order_us < came.seen_us - slot_us:
        return LATE
    if slot_us and is_together and (_is_undated(came) or _is_undated(came_then)):
        return UNDATED
    if came[1:3] == came_then[1:3]:
        is_inverted = dated.revision > dated_then.revision
        return EARLIER_VERSION * (is_inverted and dated.order_us >= dated_then.order_us)
    if _rank(dated) < _rank(dated_then):
        return ""
    return UNDATED if is_together else EARLIER_COPY


def _is_undated(outcome: Outcome) -> bool:
    return outcome.order_us == outcome.seen_us


def _rank(outcome: Outcome) -> tuple[int, int, str]:
    return outcome.order_us, outcome.revision, outcome.story_id


def _content(tables: Path, batch: Path, kept: Collection[str]) -> list[str]:
    """Return what differs in stories that both have kept, and in what is in them."""
    found = []
    for table, excluded in _EXCLUDED.items():
        many, one = (
            {name: row for name, row in _rows(root, table).items() if row["story_id"] in kept}
            for root in (tables, batch)
        )
        for name in sorted(many.keys() | one.keys()):
            columns = _unequal(many.get(name, {}), one.get(name, {}), excluded)
            if columns:
                found.append(f"{table} {name}: {columns}")
    return found


def _rejects(tables: Path, batch: Path) -> tuple[list[str], list[str]]:
    """Return the rejects that only one side has; what held nothing to read is no matter."""
    many, one = _rows(tables, "rejects"), _rows(batch, "rejects")
    first, second = (
        [f"reject of one side: {side[name]['source_id']}, {side[name]['message']}"
         for name in sorted(side.keys() - other.keys())
         if not side[name]["reason"].startswith("fetch-")]
        for side, other in ((many, one), (one, many))
    )
    return first, second


def _rows(root: Path, table: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a table by their id, which is the first column."""
    found = pq.read_table(root / table, partitioning=None).to_pylist()
    return {next(iter(row.values())): row for row in found}


def _unequal(
    many: Mapping[str, Any], one: Mapping[str, Any], excluded: Collection[str]
) -> dict[str, tuple[Any, Any]]:
    return {
        name: (many.get(name), one.get(name))
        for name in sorted({*many, *one} - {*excluded})
        if many.get(name) != one.get(name)
    }
