"""Read a folder of tables back the way an analyst does: with DuckDB and a glob."""

import hashlib
from pathlib import Path
from typing import Any

import duckdb

WALL_CLOCK = ("runs", "fetches")
"""The tables that hold wall-clock times: the only ones that a rerun may write differently."""


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
    """Assert conservation and offsets over the whole folder."""
    assert rows(root, """
        select run_id, c from (select run_id, unnest(counts) as c from @runs)
        where c.read != c.stories + c.duplicates + c.unchanged + c.rejects
    """) == []
    for table in ("stories", "duplicates"):
        counted = f"select sum(c.{table}) from (select unnest(counts) as c from @runs)"
        assert rows(root, counted) == rows(root, f"select count(*) from @{table}")
    assert rows(root, """
        select m.mention_id from @mentions m left join @stories s using (story_id)
        where m.surface is distinct from substring(
            case m.field when 'title' then s.title else s.text end, m.start + 1, m.end - m.start)
    """.replace("m.end", 'm."end"')) == []
    assert rows(root, """
        select story_id from (select story_id, text, unnest(wire_spans) as span from @stories)
        where span.start < 0 or span.start >= span.end or span.end > length(text)
    """.replace("span.end", 'span."end"')) == []
    assert rows(root, "select story_id from @stories group by all having count(*) > 1") == []
    assert rows(root, """
        select d.copy_id from @duplicates d left join @stories s using (story_id)
        where s.story_id is null
    """) == []
