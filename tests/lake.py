"""Read a folder of tables back the way an analyst does: with DuckDB and a glob."""

import hashlib
from pathlib import Path
from typing import Any

import duckdb

WALL_CLOCK = ("runs", "fetches")
"""The tables that hold wall-clock times: the only ones that a rerun may write differently."""


_SURFACES = (
    ("mentions", "surface", "start", "end"),
    ("dates", "surface", "start", "end"),
    ("events", "trigger", "trigger_start", "trigger_end"),
)
_IDS = (("mentions", "mention_id"), ("dates", "date_id"), ("events", "event_id"))
_REFERENCES = (  # lists of ids in events, and the rows that they point at
    ("actors", "mentions", "mention_id"),
    ("recipients", "mentions", "mention_id"),
    ("participants", "mentions", "mention_id"),
    ("[place_mention]", "mentions", "mention_id"),
    ("[time_date]", "dates", "date_id"),
)


def rows(root: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of `query`, in which `@stories` and so on stand for the tables."""
    connection = duckdb.connect()
    for path in sorted(root.glob("[a-z]*/")):
        glob = f"{path}/ingest_date=*/*.parquet"
        query = query.replace(f"@{path.name}", f"read_parquet('{glob}')")
    return connection.sql(query).fetchall()


def checksums(root: Path) -> dict[str, str]:
    """Return the checksum of each file that a rerun must write again byte for byte."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*.parquet"))
        if path.relative_to(root).parts[0] not in WALL_CLOCK
    }


def check_laws(root: Path) -> None:
    """Assert conservation, offsets, ids and references over the whole folder."""
    assert rows(root, """
        select run_id, c from (select run_id, unnest(counts) as c from @runs)
        where c.read != c.stories + c.duplicates + c.unchanged + c.rejects
    """) == []
    for table in ("stories", "duplicates"):
        counted = f"select sum(c.{table}) from (select unnest(counts) as c from @runs)"
        assert rows(root, counted) == rows(root, f"select count(*) from @{table}")
    for table, surface, first, last in _SURFACES:
        assert rows(root, f"""
            select * from @{table} as t left join @stories as s using (story_id)
            where t.{surface} is distinct from substring(
                case t.field when 'title' then s.title else s.text end,
                t."{first}" + 1, t."{last}" - t."{first}")
        """) == [], table
    assert rows(root, """
        select story_id from (select story_id, text, unnest(wire_spans) as span from @stories)
        where span.start < 0 or span.start >= span.end or span.end > length(text)
    """.replace("span.end", 'span."end"')) == []
    assert rows(root, "select story_id from @stories group by all having count(*) > 1") == []
    assert rows(root, """
        select d.copy_id from @duplicates d left join @stories s using (story_id)
        where s.story_id is null
    """) == []
    for table, key in _IDS:
        assert rows(root, f"select {key} from @{table} group by all having count(*) > 1") == []
    for column, table, key in _REFERENCES:
        assert rows(root, f"""
            select e.id from (select story_id, unnest({column}) as id from @events) as e
            left join @{table} as t on t.{key} = e.id and t.story_id = e.story_id
            where e.id is not null and t.{key} is null
        """) == [], column
