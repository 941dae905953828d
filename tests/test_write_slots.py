"""Tests of the commits of a stream: each slot a run, one after the other."""

from pathlib import Path

import apache_beam as beam
import duckdb
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.test_stream import TestStream
from apache_beam.utils.timestamp import Timestamp

from schemas.records import CodedStory, Duplicate, Fetch, RawItem, Reject, make_reject
from tests.builders import NOON, make_item, make_story
from transforms.books import ConservationError, RunContext
from transforms.write import Outputs, WriteSlots

START_S = 1_731_240_000  # 2024-11-10 12:00
FETCH = Fetch("anadolu", "anadolu.xml", NOON, 0.1, "ok", 200, None, "etag", None, None,
              10, None, 1, 0, 0, ())
REJECT = make_reject("item-without-text", "m", stage="normalise", source_id="anadolu",
                     origin="o", position="p")


def _commit(root: Path, *events: tuple[int, int | None, str]) -> None:
    """Write what `events` bring: (second, watermark after it if it moves, what)."""
    stream = TestStream().with_output_types(tuple[str, int])
    stream.advance_watermark_to(START_S)
    for second, watermark, what in events:
        moment = Timestamp(START_S + second)
        stream.add_elements([beam.window.TimestampedValue((what, second), moment)])
        if watermark is not None:
            stream.advance_watermark_to(START_S + watermark)
    stream.advance_watermark_to(START_S + 10_000).advance_watermark_to_infinity()
    context = RunContext("", NOON, NOON, str(root), 1, ("aa",), "{}", "{}", "m", skip_quiet=True)
    with beam.Pipeline("DirectRunner", PipelineOptions([], streaming=True)) as pipeline:
        events_ = pipeline | stream

        def only(name: str, *kinds: str) -> beam.PCollection[tuple[str, int]]:
            return events_ | name >> beam.Filter(lambda event: event[0] in kinds)

        def coded(event: tuple[str, int]) -> CodedStory:
            return CodedStory(make_story(item_id=f"guid-{event[1]}"), (), (), ())

        rejects = only("rejects", "reject") | "Rejects" >> beam.Map(
            lambda _: REJECT
        ).with_output_types(Reject)
        outputs = Outputs(
            items=only("items", "item", "lost", "reject")
            | beam.Map(lambda event: make_item(item_id=str(event[1]))).with_output_types(RawItem),
            coded=only("stories", "item") | "Coded" >> beam.Map(coded),
            duplicates=only("copies") | "Copies" >> beam.Map(lambda _: None).with_output_types(
                Duplicate
            ),
            unchanged=only("unchanged") | "Unchanged" >> beam.Map(str),
            rejects=rejects,
            new_rejects=rejects,
            unchanged_rejects=only("old rejects") | "Old" >> beam.Map(str),
            fetches=only("fetches", "poll") | "Fetches" >> beam.Map(
                lambda _: FETCH
            ).with_output_types(Fetch),
        )
        _ = outputs | WriteSlots(context, slot_s=60)


def _ask(root: Path, query: str) -> list[tuple[object, ...]]:
    return duckdb.sql(query.replace("@", f"{root}/")).fetchall()


def test_each_slot_is_a_run_named_by_its_end(tmp_path: Path) -> None:
    _commit(tmp_path, (5, 5, "item"), (59, 59, "item"), (59, 60, "poll"), (60, 61, "item"))
    assert _ask(tmp_path, "select run_id, count(*) from '@stories/*/*.parquet' group by 1 "
                          "order by 1") == [("20241110T120100Z", 2), ("20241110T120200Z", 1)]
    assert _ask(tmp_path, "select run_id, counts[1].read, logical_time::varchar from "
                          "'@runs/*/*.parquet' order by 1") == [
        ("20241110T120100Z", 2, "2024-11-10 12:01:00+00"),
        ("20241110T120200Z", 1, "2024-11-10 12:02:00+00"),
    ]
    assert _ask(tmp_path, "select run_id, items_new from '@fetches/*/*.parquet'") == [
        ("20241110T120100Z", 2)
    ]


def test_slots_that_are_due_at_once_are_committed_in_order(tmp_path: Path) -> None:
    _commit(tmp_path, *((60 * n, None, "item") for n in (7, 2, 9, 0, 4)))
    committed = sorted(tmp_path.glob("_commits/*.json"), key=lambda path: path.stat().st_mtime_ns)
    assert [path.stem[9:13] for path in committed] == ["1201", "1203", "1205", "1208", "1210"]


def test_a_slot_that_brought_nothing_leaves_nothing(tmp_path: Path) -> None:
    _commit(tmp_path, (5, 60, "poll"), (65, 120, "poll"), (130, 200, "item"))
    assert [path.stem for path in tmp_path.glob("_commits/*.json")] == ["20241110T120300Z"]
    assert _ask(tmp_path, "select count(*) from '@dates/*/*.parquet'") == [(0,)]  # but is there


def test_a_slot_that_was_committed_before_is_the_same_again(tmp_path: Path) -> None:
    for _ in range(2):  # as after a restart from a checkpoint
        _commit(tmp_path, (5, 60, "item"), (70, 120, "reject"))
        assert _ask(tmp_path, "select count(*) from '@stories/*/*.parquet'") == [(1,)]
        assert _ask(tmp_path, "select count(*), any_value(run_id) from '@rejects/*/*.parquet'"
                    ) == [(1, "20241110T120200Z")]


def test_a_lost_item_ends_the_stream_before_the_commit(tmp_path: Path) -> None:
    with pytest.raises(ConservationError, match="1 items read but 0 accounted for"):
        _commit(tmp_path, (5, 60, "item"), (65, 120, "lost"), (130, 200, "item"))
    assert [path.stem for path in tmp_path.glob("_commits/*.json")] == ["20241110T120100Z"]
