from collections.abc import Callable
from pathlib import Path

import apache_beam as beam
import duckdb
import pytest

from schemas.records import (
    CodedStory,
    Duplicate,
    Fetch,
    RawItem,
    Reject,
    SourceCount,
    make_reject,
)
from tests.builders import NOON, make_item, make_story
from transforms.books import (
    ConservationError,
    RunContext,
    check_conservation,
    source_counts,
    with_counts,
)
from transforms.commit import SupersededError, locked
from transforms.write import Outputs, Write

RUN = "20241110T060000Z"
FETCH = Fetch("anadolu", "anadolu.xml", NOON, 0.1, "ok", None, None, None, None, None, 10, None,
              2, 0, 0, ())


def _context(root: Path, shards: int = 1) -> RunContext:
    return RunContext(RUN, NOON, NOON, str(root), shards, ("anadolu.xml",), "{}", "{}", "m")


def _write(
    root: Path, items: list[RawItem], coded: list[CodedStory], rejects: list[Reject],
    shards: int = 1, ticket: str = "",
) -> Callable[[str], list[tuple[object, ...]]]:
    with beam.Pipeline("FnApiRunner") as pipeline:
        def create(name: str, records: list[object], kind: type) -> object:
            return pipeline | name >> beam.Create(records).with_output_types(kind)

        errors = create("rejects", rejects, Reject)
        outputs = Outputs(
            items=create("items", items, RawItem),
            coded=create("coded", coded, CodedStory),
            duplicates=create("duplicates", [], Duplicate),
            unchanged=create("unchanged", [], str),
            rejects=errors,
            new_rejects=errors,
            unchanged_rejects=create("old rejects", [], str),
            fetches=create("fetches", [FETCH], Fetch),
        )
        _ = outputs | Write(_context(root, shards)._replace(ticket=ticket))
    return lambda query: duckdb.sql(query.replace("@", f"{root}/")).fetchall()


def test_all_tables_are_there_after_the_first_run(tmp_path: Path) -> None:
    reject = make_reject("source-empty", "m", stage="read", source_id="anadolu", origin="o",
                         position="p")
    ask = _write(tmp_path, [make_item()], [CodedStory(make_story(), (), (), ())], [reject])
    for table in ("stories", "duplicates", "mentions", "rejects", "fetches", "runs"):
        ((count,),) = ask(f"select count(*) from '@{table}/*/*.parquet'")
        assert count == (0 if table in ("duplicates", "mentions") else 1), table
    assert ask("select items_new, items_changed from '@fetches/*/*.parquet'") == [(1, 0)]
    ((counts, failed),) = ask("select counts, failed_sources from '@runs/*/*.parquet'")
    assert counts == [{"source_id": "anadolu", "read": 2, "stories": 1, "duplicates": 0,
                       "unchanged": 0, "rejects": 1}]
    assert failed == []
    ((partition,),) = ask("select distinct ingest_date from '@stories/*/*.parquet'")
    assert str(partition) == "2024-11-10"


def test_a_lost_item_stops_the_run_and_nothing_is_committed(tmp_path: Path) -> None:
    items = [make_item(), make_item(item_id="lost")]
    with pytest.raises(ConservationError, match="anadolu: 2 items read but 1 accounted for"):
        _write(tmp_path, items, [CodedStory(make_story(), (), (), ())], [])
    assert list(tmp_path.glob("*/*/*.parquet")) == []


def test_an_abandoned_job_commits_nothing(tmp_path: Path) -> None:
    with locked(str(tmp_path)) as abandoned:
        pass
    with locked(str(tmp_path)), pytest.raises(SupersededError):
        _write(tmp_path, [make_item()], [CodedStory(make_story(), (), (), ())], [],
               ticket=abandoned)
    assert list(tmp_path.glob("*/*/*.parquet")) == []


def test_shards_hold_every_story_once(tmp_path: Path) -> None:
    coded = [CodedStory(make_story(item_id=str(n)), (), (), ()) for n in range(20)]
    ask = _write(tmp_path, [make_item() for _ in range(20)], coded, [], shards=3)
    assert len(list(tmp_path.glob("stories/*/*.parquet"))) == 3
    assert ask("select count(distinct story_id) from '@stories/*/*.parquet'") == [(20,)]


def test_source_counts_and_conservation() -> None:
    quiet = FETCH._replace(source_id="quiet", items_seen=0)
    tally = {("a", "read"): 3, ("a", "stories"): 1, ("a", "unchanged"): 2,
             ("b", "read"): 1, ("a.xml", "new from"): 1}
    counts = source_counts(tally, [quiet])
    assert counts == [SourceCount("a", 3, 1, 0, 2, 0), SourceCount("b", 1, 0, 0, 0, 0),
                      SourceCount("quiet", 0, 0, 0, 0, 0)]
    check_conservation([counts[0], counts[2]])
    with pytest.raises(ConservationError, match="source b"):
        check_conservation(counts)


def test_new_and_changed_items_are_counted_by_where_they_were_read() -> None:
    tally = {(FETCH.url, "new from"): 2, (FETCH.url, "changed from"): 3, ("b.xml", "new from"): 9}
    fetch = with_counts(FETCH, tally)
    assert (fetch.items_new, fetch.items_changed) == (2, 3)
    assert source_counts(tally, []) == []
