"""Ask the tables, with DuckDB, as any analyst would."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from pipeline.open_tables import tables_at
from schemas.locations import is_url
from schemas.tables import TABLES
from schemas.views import rows_of
from transforms.commit import COMMITS

_Answer = TypeVar("_Answer")
_READINGS_MAX = 5
_WAIT_S = 0.2  # longer than it takes to rename the files of a run

_LATEST_STORIES = """
select s.story_id, s.source_id, s.agency, s.item_type, s.published_at, s.title, s.text,
       s.revision,
       s.story_id in (select story_id from stories_current) as is_current,
       (select list({'surface': n.surface, 'label': n.label, 'count': n.n}
                    order by n.n desc, n.first, n.surface)
        from (select coalesce(any_value(entities.name) filter (entities.label = m.label),
                              min(m.surface)) as surface,
                     m.label, count(*) as n, min(m.start) as first
              from mentions m left join entities using (entity_key)
              where m.story_id = s.story_id group by m.label, m.entity_key) n) as names,
       (select list({'event_id': e.event_id, 'type': coalesce(e.event_type, e.extension_type),
                     'mode': e.event_mode, 'trigger': e.trigger, 'tier': e.tier,
                     'tense': e.tense, 'factuality': e.factuality, 'place': e.place,
                     'country': e.country, 'time': e.time, 'time_from': e.time_from}
                    order by e.tier, e.field desc, e.trigger_start, e.event_id)
        from events e where e.story_id = s.story_id) as events,
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
select label, name as surface, mentions, stories from entities
qualify row_number() over (partition by label order by mentions desc, name, entity_key) <= 8
order by label, mentions desc, surface
"""

_EVENT_TYPES = """
select coalesce(quad, 'outside PLOVER') as quad,
       coalesce(events.event_type, extension_type) as type, count(*) as events
from events_current as events
left join event_codes as codes
    on codes.event_type = events.event_type and codes.event_mode is null
group by all order by quad, events desc, type
"""

_COUNTRIES = """
select country, count(*) as events from events_current where country is not null
group by all order by events desc, country limit 12
"""

_REASONS = """
select reason, count(*) as count, min(message) as example from rejects group by all
order by count desc, reason
"""


def read_steadily(root: str, read: Callable[[], _Answer]) -> _Answer:
    """Return what `read` finds in `root`; again if a run or a compaction has replaced files.

    A slot that is run again replaces its files one by one, and DuckDB opens a file twice.

    Raises:
        duckdb.Error: a file is damaged.
    """
    if is_url(root):  # what is read is a copy
        return read()
    for _ in range(_READINGS_MAX - 1):
        before = _last_changes(root)
        try:
            return read()
        except duckdb.Error:
            is_committing = any(Path(root, COMMITS).glob("*.intent"))
            if not is_committing and _last_changes(root) == before:
                raise
            time.sleep(_WAIT_S)
    return read()


def _last_changes(root: str) -> list[int]:
    """Return when there was a commit last, and when a table last got or changed a folder."""
    folders = [Path(root, name) for name in (COMMITS, *TABLES)]
    return [folder.stat().st_mtime_ns if folder.is_dir() else 0 for folder in folders]


def overview(root: str, *, latest: int) -> dict[str, Any]:
    """Return what the tables in `root` hold, as lists of rows.

    Raises:
        NoTablesError: there are none.
    """
    with tables_at(root) as tables:
        return {
            "output": root,
            "rows": {name: rows_of(tables, f"select count(*) as n from {name}")[0]["n"]  # noqa: S608
                     for name in TABLES},
            "runs": rows_of(tables, _RUNS),
            "sources": rows_of(tables, _SOURCES),
            "names": rows_of(tables, _NAMES),
            "events": rows_of(tables, _EVENT_TYPES),
            "countries": rows_of(tables, _COUNTRIES),
            "rejects": rows_of(tables, _REASONS),
            "latest": rows_of(tables, _LATEST_STORIES, latest),
        }


def rejects_of_run(root: str, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rejects that the run of a `runs` row has added, without their bytes.

    Those of a source that has failed are among them even if they repeat an earlier run's.
    """
    run_id = row["run_id"]

    def is_wanted(file: str) -> bool:
        return bool(row["failed_sources"]) or file.startswith(run_id)

    with tables_at(root, ("rejects", "fetches"), is_wanted) as tables:
        return rows_of(
            tables,
            "select source_id, reason, message, origin, position from rejects "
            "where run_id = $1 or origin in "
            "(select url from fetches where run_id = $1 and outcome = 'failed') "
            "order by source_id, position, reason",
            run_id,
        )
