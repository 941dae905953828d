"""What a day of so many stories needs, from what one story costs; and the page that says so."""

import math
from collections.abc import Iterator, Mapping
from textwrap import fill
from typing import NamedTuple

from schemas.tables import TABLES
from transforms.compact import FULL_BYTES
from transforms.fingerprint import WINDOW_US

STORIES_A_DAY = (1_000_000, 10_000_000, 100_000_000)
DAY_S = 86_400
_WIDTH = 110
MIB, GIB, TIB, PIB = 2.0**20, 2.0**30, 2.0**40, 2.0**50


class Costs(NamedTuple):
    """What one story costs, measured."""

    cpu_ms: Mapping[str, float]  # by stage
    stored_bytes: Mapping[str, float]  # by table that grows with the stories, in Parquet
    held_bytes: Mapping[str, float]  # by the same tables, as Arrow counts in memory
    slot_bytes: float  # of the other tables, in each slot
    index_bytes: float  # of the index in which later runs look it up
    state_bytes: float  # of what a stream remembers of it for the window
    worker_bytes: float  # of a process that has the model loaded
    start_s: float  # of CPU time, once for each process


class Assumed(NamedTuple):
    """What no benchmark can say."""

    peak: float = 3.0  # the busiest hour, in hours of the mean
    load: float = 0.7  # of a core, at that peak
    slot_s: int = 60  # how often a stream commits
    shards: int = 1  # files a table and slot


ASSUMED = Assumed()


class Needs(NamedTuple):
    """What a number of stories a day needs."""

    cores: int
    memory_bytes: float
    state_bytes_a_day: float  # for each day of the window
    state_bytes: float
    stored_bytes_a_day: float
    files_a_day: int
    files_compacted: int


def needs(stories: int, costs: Costs, assumed: Assumed = ASSUMED) -> Needs:
    """Return what `stories` a day need, none of them a copy."""
    slots = DAY_S // assumed.slot_s
    cpu_s = sum(costs.cpu_ms.values()) / 1e3
    cores = math.ceil(stories / DAY_S * assumed.peak * cpu_s / assumed.load)
    story_bytes = sum(costs.stored_bytes.values()) + costs.index_bytes
    merged = sum(math.ceil(stories * held / FULL_BYTES) for held in costs.held_bytes.values())
    return Needs(
        cores=cores,
        memory_bytes=cores * costs.worker_bytes,
        state_bytes_a_day=stories * costs.state_bytes,
        state_bytes=stories * costs.state_bytes * WINDOW_US / 1e6 / DAY_S,
        stored_bytes_a_day=stories * story_bytes + slots * costs.slot_bytes,
        files_a_day=slots * len(TABLES) * assumed.shards,
        files_compacted=merged + len(TABLES) - len(costs.held_bytes),
    )


def page(costs: Costs, heading: str, assumed: Assumed = ASSUMED) -> str:
    """Return the page on capacity, in Markdown."""
    return "\n".join((
        "# Capacity", "", heading, "", "## What a story costs", "", *_measured(costs), "",
        "## What a day needs", "", *_modelled(costs, assumed),
    )) + "\n"


def _measured(costs: Costs) -> Iterator[str]:
    total_ms = sum(costs.cpu_ms.values())
    yield from ("| stage | CPU ms a story | share |", "|---|---|---|")
    for stage, cpu_ms in costs.cpu_ms.items():
        yield f"| {stage} | {cpu_ms:.2f} | {cpu_ms / total_ms:.0%} |"
    yield f"| together | {total_ms:.2f} | |"
    yield from ("", _filled(
        _PROCESS, start_s=costs.start_s, worker=_size(costs.worker_bytes),
        slot=_size(costs.slot_bytes),
    ), "")
    yield from ("| table | bytes a story, stored | in memory |", "|---|---|---|")
    for table, stored in costs.stored_bytes.items():
        yield f"| `{table}` | {stored:,.0f} | {costs.held_bytes[table]:,.0f} |"
    sums = (sum(sizes.values()) for sizes in (costs.stored_bytes, costs.held_bytes))
    yield "| together | {:,.0f} | {:,.0f} |".format(*sums)
    yield from ("", _filled(
        _REMEMBERED, index=_size(costs.index_bytes), state=_size(costs.state_bytes),
        hours=WINDOW_US / 3.6e9,
    ))


def _modelled(costs: Costs, assumed: Assumed) -> Iterator[str]:
    yield from (_filled(_ASSUMPTIONS, **assumed._asdict()), "")
    rows = [(stories, needs(stories, costs, assumed)) for stories in STORIES_A_DAY]
    yield "| | " + " | ".join(f"{stories / 1e6:g} million a day" for stories, _ in rows) + " |"
    yield "|---" * (len(rows) + 1) + "|"
    for name, show in _SHOWN.items():
        yield f"| {name} | " + " | ".join(show(need) for _, need in rows) + " |"
    yield from ("", *_FORMULAS)


_PROCESS = (
    "`runtime` is what a run on the local runner takes beyond its stages: Beam, files between the "
    "steps of deduplication, the books. A process takes {start_s:.1f} CPU seconds more to start "
    "and to load the model, and holds {worker} at its peak. The tables that do not grow with the "
    "stories (runs, fetches, rejects, duplicates) take {slot} in each slot."
)
_REMEMBERED = (
    "`_index/` takes {index} a story. A stream remembers {state} of it, as Beam codes them and "
    "without what a runner adds, for the window of {hours:.0f} hours in which copies are looked "
    "for."
)
_ASSUMPTIONS = (
    "No story is a copy here: one that is costs only what comes before `recognise`. The busiest "
    "hour brings {peak:g} times the mean and loads the cores to {load:.0%}; a stream commits "
    "every {slot_s} seconds, and writes {shards} file a table each time. A process works on one "
    "core."
)


def _filled(text: str, **values: object) -> str:
    """Return a paragraph of the page."""
    return fill(text.format(**values), _WIDTH, break_long_words=False, break_on_hyphens=False)


_SHOWN = {
    "cores": lambda need: f"{need.cores:,}",
    "memory of the workers": lambda need: _size(need.memory_bytes),
    "state of a stream, a day of the window": lambda need: _size(need.state_bytes_a_day),
    "state of a stream": lambda need: _size(need.state_bytes),
    "tables and index, a day": lambda need: _size(need.stored_bytes_a_day),
    "files a day": lambda need: f"{need.files_a_day:,}",
    "files a day after `naba compact`": lambda need: f"{need.files_compacted:,}",
}

_FORMULAS = (
    "    cores    = stories / 86,400 s × peak × CPU seconds a story / load",
    "    memory   = cores × memory of a process",
    "    state    = stories × bytes remembered × days of the window",
    "    storage  = stories × (bytes stored + bytes of the index) + slots × bytes a slot",
    "    files    = 86,400 s / slot × tables × shards",
    f"    compacted = for each table: stories × bytes in memory / {FULL_BYTES / MIB:.0f} MiB, "
    "rounded up; one for each other table",
)


def _size(count: float) -> str:
    for unit, name in ((PIB, "PiB"), (TIB, "TiB"), (GIB, "GiB"), (MIB, "MiB")):
        if count >= unit:
            return f"{count / unit:,.1f} {name}"
    return f"{count:,.0f} bytes"
