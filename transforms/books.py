"""The books of a run: what went in and came out of each source, and whether that balances."""

from collections.abc import Iterable
from typing import NamedTuple

from apache_beam.utils.timestamp import Timestamp

from schemas.records import Fetch, Run, SourceCount
from transforms.commit import StagedFile

Tally = dict[tuple[str, str], int]
"""How many items had an outcome: (source_id, outcome) → count, and (origin, "new from")."""


class ConservationError(AssertionError):
    """Items were lost or doubled on the way: a bug, and the run must not be committed."""


class RerunError(RuntimeError):
    """A run is repeated and reads less than it has before: what it has committed must stay."""


class RunContext(NamedTuple):
    """What is fixed before a run begins."""

    run_id: str
    logical_time: Timestamp
    started_at: Timestamp
    root: str
    shards: int
    inputs: tuple[str, ...]
    options: str
    versions: str
    model_id: str
    unplanned: tuple[str, ...] = ()  # sources that planning has rejected
    unread_before: frozenset[str] | None = None  # not read in full when the slot was committed
    skip_quiet: bool = False  # commit nothing if nothing new came and no source failed
    ticket: str = ""  # what `locked` gave: a job that outlives its driver must not commit late


def source_counts(tally: Tally, fetches: Iterable[Fetch]) -> list[SourceCount]:
    """Return the books of each source, by source_id; those that had nothing are listed too."""
    outcomes = SourceCount._fields[1:]
    source_ids = {source_id for source_id, outcome in tally if outcome in outcomes}
    source_ids |= {fetch.source_id for fetch in fetches if not fetch.items_seen}
    return [
        SourceCount(source_id, *(tally.get((source_id, outcome), 0) for outcome in outcomes))
        for source_id in sorted(source_ids)
    ]


def check_conservation(counts: Iterable[SourceCount]) -> None:
    """Check that every item read ended in exactly one place.

    Raises:
        ConservationError: the books of a source do not balance.
    """
    for count in counts:
        ended = count.stories + count.duplicates + count.unchanged + count.rejects
        if count.read != ended:
            raise ConservationError(
                f"source {count.source_id}: {count.read} items read but {ended} accounted for "
                f"({count}); nothing was committed; please report this"
            )


def with_counts(fetch: Fetch, tally: Tally) -> Fetch:
    """Return `fetch` with how many of the items read from its URL were new and changed."""
    return fetch._replace(
        items_new=tally.get((fetch.url, "new from"), 0),
        items_changed=tally.get((fetch.url, "changed from"), 0),
    )


def run_record(
    context: RunContext,
    counts: list[SourceCount],
    fetches: Iterable[Fetch],
    *,
    finished_s: float,
) -> Run:
    """Return the row of the runs table."""
    asked = {fetch.source_id: fetch.outcome for fetch in fetches}
    failed = {source_id for source_id, outcome in asked.items() if outcome == "failed"}
    failed.update(context.unplanned)
    return Run(
        logical_time=context.logical_time,
        started_at=context.started_at,
        duration_s=round(finished_s - float(context.started_at), 3),
        outcome="partial" if failed else "complete",
        inputs=context.inputs,
        options=context.options,
        versions=context.versions,
        model_id=context.model_id,
        sources=len(asked.keys() | set(context.unplanned)),
        counts=counts,
        failed_sources=sorted(failed),
    )


def unread_sources(fetches: Iterable[Fetch]) -> frozenset[str]:
    """Return the sources that were not read, or not to their end."""
    return frozenset(
        fetch.source_id for fetch in fetches
        if fetch.outcome == "failed" or "incomplete" in fetch.health
    )


def is_quiet(staged: Iterable[StagedFile], run: Run, fetches: Iterable[Fetch]) -> bool:
    """Say whether a run has nothing to tell: no row, no failure, no server that asks to wait."""
    has_rows = any(file.rows for file in staged)
    asks_to_wait = any(fetch.not_before and fetch.outcome != "not_due" for fetch in fetches)
    return not has_rows and not run.failed_sources and not asks_to_wait


def check_rerun(unread: frozenset[str], unread_before: frozenset[str] | None) -> None:
    """Check that a repeated run reads every source that it has read before.

    Raises:
        RerunError: one cannot be read now, or not to its end.
    """
    lost = frozenset() if unread_before is None else unread - unread_before
    if lost:
        raise RerunError(
            f"this slot has been committed before, and now {', '.join(sorted(lost))} cannot be "
            "read in full: nothing was changed; mend the source, or leave --run-id away"
        )
