"""Whether the tables hold what was served, once, and as one run over all of it would."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.newsroom import WIRES, Key
from benchmarks.soak_differences import compare
from benchmarks.soak_served import Served, by_source
from pipeline.options import Options
from pipeline.plan import Plan
from pipeline.run import run_plan
from schemas.records import SourceSpec
from tests.lake import check_laws, rows

_KEYS = """
    select source_id, case source_kind when 'text' then '' else item_id end, title, text_sha256
    from @{table}
"""


class Report(NamedTuple):
    """What was found."""

    lines: Sequence[str]
    findings: Sequence[str]  # what must not be


def check(tables: Path, served: Served, batch: Path, slot_s: int = 0) -> Report:
    """Check the laws, what is owed, and that `batch`, one run over all of it, has the same."""
    check_laws(tables)
    held = _held(tables)
    owed = {_stored(key) for key in served.owed}
    other = {_stored(key) for key in served.other}
    found = compare(tables, batch, slot_s)
    findings = [
        *(f"lost: {key}" for key in owed - held.keys()),
        *(f"doubled: {key}" for key, count in held.items() if count > 1),
        *(f"never served: {key}" for key in held.keys() - owed - other),
        *found.unexplained,
    ]
    lines = [
        counts(tables),
        f"{len(owed):,} versions owed, {len(owed - held.keys())} lost; told only to rounds that "
        f"were killed, or overwritten unread: {len(other)}, of which {len(other & held.keys())} "
        "are in the tables all the same",
        *found.lines,
        *(f"FINDING {finding}" for finding in findings[:20]),
        f"{len(findings)} findings",
    ]
    return Report(lines, findings)


def read_at_once(served: Served, folder: Path, output: Path) -> None:
    """Read every document that was served, in one run, under the sources that served it."""
    specs = []
    for source, bodies in by_source(served.bodies).items():
        for number, body in enumerate(bodies):
            path = folder / source / f"{number:05}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
            is_named = not source.startswith(f"{WIRES}/")
            specs.append(SourceSpec(source, str(path), is_named=is_named))
    run_plan(Plan(tuple(specs), ()), [str(folder)], Options(output=str(output)))


def _held(tables: Path) -> Counter[Key]:
    """Return how often each version is in the tables, as a story or as a copy."""
    found = Counter(Key(*row) for row in rows(tables, _KEYS.format(table="stories")))
    found.update(Key(*row) for row in rows(tables, _KEYS.format(table="duplicates")))
    return found


def counts(tables: Path) -> str:
    """Return what the books of all runs add up to."""
    (sums,) = rows(tables, """
        select count(distinct run_id), sum(c.read), sum(c.stories), sum(c.duplicates),
            sum(c.unchanged), sum(c.rejects)
        from (select run_id, unnest(counts) as c from @runs)
    """)
    names = ("runs committed", "items read", "stories", "copies", "unchanged", "rejects")
    return "; ".join(
        f"{count:,} {name}" for count, name in zip(sums, names, strict=True)
    )


def _stored(key: Key) -> Key:
    """Return a key as the tables can tell it of a copy, which they keep no text of."""
    return key._replace(text=hashlib.sha256(key.text.encode()).hexdigest())
