import io

import pyarrow.parquet as pq
import pytest
from apache_beam.utils.timestamp import Timestamp

from schemas.records import SourceCount, WireSpan
from schemas.rows import to_arrow
from schemas.tables import RUNS, STORIES, TABLES, Table
from tests.builders import make_story


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_columns_are_the_fields_of_the_record(table: Table) -> None:
    assert tuple(table.schema.names) == (*table.record._fields, "run_id")


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_column_says_what_it_means(table: Table) -> None:
    for field in table.schema:
        assert field.metadata[b"description"].decode().endswith("."), field.name


def test_to_arrow_keeps_values_and_sorts_rows() -> None:
    late = make_story(published_at=Timestamp(200), wire_spans=[WireSpan("dateline", 0, 4)])
    early = make_story(published_at=Timestamp(micros=100_000_001))
    undated = make_story(published_at=None)
    rows = to_arrow(STORIES, [undated, late, early], "20241110T060000Z").to_pylist()
    assert [row["story_id"] for row in rows] == [
        early.story_id, late.story_id, undated.story_id
    ]
    assert rows[0]["published_at"].isoformat() == "1970-01-01T00:01:40.000001+00:00"
    assert rows[1]["wire_spans"] == [{"kind": "dateline", "start": 0, "end": 4}]
    assert rows[2]["run_id"] == "20241110T060000Z"


def test_to_arrow_of_nothing_has_the_schema() -> None:
    assert to_arrow(RUNS, [], "x").schema.equals(RUNS.schema)


def test_schema_and_meanings_travel_in_the_file() -> None:
    buffer = io.BytesIO()
    pq.write_table(to_arrow(STORIES, [make_story()], "r"), buffer)
    schema = pq.read_schema(buffer)
    assert schema.metadata[b"naba.schema_version"] == b"2"
    assert b"code points" in schema.field("wire_spans").metadata[b"description"]


def test_source_counts_are_a_list_of_structs() -> None:
    kind = RUNS.schema.field("counts").type
    assert [field.name for field in kind.value_type] == list(SourceCount._fields)
