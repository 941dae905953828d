"""Ask the tables, with DuckDB, as any analyst would."""

import glob
from pathlib import Path
from typing import Any

import duckdb

from schemas.tables import TABLES

_LATEST_STORIES = """
select s.story_id, s.source_id, s.agency, s.item_type, s.published_at, s.title, s.text,
       s.revision,
       (select list({'surface': n.surface, 'label': n.label, 'count': n.n}
                    order by n.n desc, n.first)
        from (select m.surface, m.label, count(*) as n, min(m.start) as first
              from mentions m where m.story_id = s.story_id group by all) n) as names,
       (select count(*) from duplicates d where d.story_id = s.story_id) as copies
from stories s
order by coalesce(s.published_at, s.first_seen_at) desc, s.story_id
limit ?
"""

_SOURCES = """
select source_id, stories, coalesce(duplicates, 0) as duplicates, coalesce(rejects, 0) as rejects,
       newest
from (select source_id, count(*) as stories, max(published_at) as newest
      from stories group by all)
full join (select source_id, count(*) as duplicates from duplicates group by all)
     using (source_id)
full join (select source_id, count(*) as rejects from rejects group by all) using (source_id)
order by source_id
"""

_RUNS = """
select run_id, outcome, duration_s,
       list_sum([c.read for c in counts]) as read,
       list_sum([c.stories for c in counts]) as stories,
       list_sum([c.duplicates for c in counts]) as duplicates,
       list_sum([c.unchanged for c in counts]) as unchanged,
       list_sum([c.rejects for c in counts]) as rejects
from runs order by run_id desc limit 5
"""

_NAMES = """
select * from (
    select label, surface, count(*) as mentions, count(distinct story_id) as stories
    from mentions group by label, surface
)
qualify row_number() over (partition by label order by mentions desc, surface) <= 8
order by label, mentions desc, surface
"""

_REASONS = """
select reason, count(*) as count, min(message) as example from rejects group by all
order by count desc, reason
"""


class NoTablesError(FileNotFoundError):
    """A folder holds no tables of ours."""


def overview(root: str, *, latest: int) -> dict[str, Any]:
    """Return what the tables in `root` hold, as lists of rows.

    Raises:
        NoTablesError: there are none.
    """
    with _connect(root) as tables:
        return {
            "output": root,
            "rows": {name: _rows(tables, f"select count(*) as n from {name}")[0]["n"]  # noqa: S608
                     for name in TABLES},
            "runs": _rows(tables, _RUNS),
            "sources": _rows(tables, _SOURCES),
            "names": _rows(tables, _NAMES),
            "rejects": _rows(tables, _REASONS),
            "latest": _rows(tables, _LATEST_STORIES, latest),
        }


def rejects_of_run(root: str, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rejects that the run of a `runs` row has added, without their bytes.

    Those of a source that has failed are among them even if they repeat an earlier run's.
    """
    with _connect(root) as tables:
        return _rows(
            tables,
            "select source_id, reason, message, origin, position from rejects "
            "where run_id = $1 or origin in "
            "(select url from fetches where run_id = $1 and outcome = 'failed') "
            "order by source_id, position, reason",
            row["run_id"],
        )


def _connect(root: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    for name in TABLES:
        files = sorted(str(path) for path in Path(root, name).glob("ingest_date=*/*.parquet"))
        if not files:
            raise NoTablesError(f"{root} holds no table {name!r}: has naba run written there?")
        # Paths are escaped, since DuckDB takes each for a pattern.
        relation = connection.read_parquet(list(map(glob.escape, files)), hive_partitioning=False)
        relation.create_view(name)
    return connection


def _rows(connection: duckdb.DuckDBPyConnection, query: str, *values: Any) -> list[dict[str, Any]]:
    result = connection.execute(query, list(values))
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
