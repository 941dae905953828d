"""A few hours of a newsroom, compressed into seconds: kills, faults, and nothing lost."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.newsroom import CHANNELS, FEEDS, Key, Newsroom
from benchmarks.soak import Settings, soak
from benchmarks.soak_check import Report, check
from benchmarks.soak_differences import (
    EARLIER_COPY,
    EARLIER_VERSION,
    IN_FLIGHT,
    LATE,
    UNDATED,
    Outcome,
    compare_outcomes,
)
from benchmarks.soak_served import Served

PRISM = shutil.which("prism") or str(Path(__file__).parents[1] / ".cache" / "prism")
NOTHING = Served(frozenset(), frozenset(), frozenset())


class Soaked(NamedTuple):
    """What a soak has left."""

    report: Report
    tables: Path
    batch: Path


@pytest.fixture(scope="module")
def soaked(tmp_path_factory: pytest.TempPathFactory) -> Soaked:
    folder = tmp_path_factory.mktemp("soak")
    report = soak(Settings(hours=3, seconds=12, kills=1), folder)
    return Soaked(report, folder / "tables", folder / "batch")


@pytest.mark.timeout(600)
def test_nothing_is_lost_or_doubled_and_the_tables_equal_one_run(soaked: Soaked) -> None:
    assert soaked.report.findings == []
    assert pq.read_table(soaked.tables / "stories").num_rows > 20


@pytest.mark.timeout(600)
@pytest.mark.skipif(
    not Path(PRISM).is_file(), reason="no Prism here: make prism builds it, which needs Go"
)
def test_a_stream_loses_and_doubles_nothing_and_equals_one_run(tmp_path: Path) -> None:
    settings = Settings(
        hours=3, seconds=12, kills=1, every_s=2, lateness_s=60, runner="PrismRunner",
        beam_flags=(f"--prism_location={PRISM}",),
    )
    assert soak(settings, tmp_path).findings == []


def test_what_was_owed_and_is_not_there_is_a_finding(soaked: Soaked) -> None:
    owed = frozenset({Key("feed-0", "tag:feed-0.example,2026:x", "عنوان", "نص")})
    report = check(soaked.tables, NOTHING._replace(owed=owed), soaked.batch)
    assert sum(finding.startswith("lost: ") for finding in report.findings) == 1


def test_what_was_never_served_is_a_finding(soaked: Soaked) -> None:
    report = check(soaked.tables, NOTHING, soaked.batch)
    assert sum(finding.startswith("never served: ") for finding in report.findings) > 20


def test_a_mention_that_differs_is_a_finding(soaked: Soaked, tmp_path: Path) -> None:
    tables = shutil.copytree(soaked.tables, tmp_path / "tables")
    path = next(one for one in tables.glob("mentions/*/*.parquet") if pq.read_table(one).num_rows)
    mentions = pq.read_table(path, partitioning=None)
    scores = pa.array([0.5] * mentions.num_rows)
    at = mentions.schema.get_field_index("score")
    pq.write_table(mentions.set_column(at, mentions.schema.field("score"), scores), path)
    report = check(tables, NOTHING, soaked.batch)
    assert any("mentions" in one and "score" in one for one in report.findings)


def test_the_same_seed_tells_the_same() -> None:
    one, same, other = Newsroom(1, 5), Newsroom(1, 5), Newsroom(2, 5)
    for source in (*FEEDS, *CHANNELS):
        assert one.versions(source) == same.versions(source)
    assert any(one.versions(source) != other.versions(source) for source in FEEDS)


def _kept(story_id: str, order_us: int, seen_us: int, **fields: object) -> Outcome:
    plain = Outcome(
        story_id, "feed-0", story_id, True, story_id, "", 1, None, None, order_us, seen_us
    )
    return plain._replace(**fields)


def _copy(story_id: str, of: str, order_us: int, seen_us: int) -> Outcome:
    copied = {"is_kept": False, "stands_for_it": of, "relation": "exact_copy"}
    return _kept(story_id, order_us, seen_us, **copied)


def _by_id(*outcomes: Outcome) -> dict[str, Outcome]:
    return {one.story_id: one for one in outcomes}


def test_a_copy_that_came_before_its_original_may_be_kept_in_its_place() -> None:
    many = _by_id(_kept("late", 20, 1), _copy("first", "late", 10, 2))
    one = _by_id(_kept("first", 10, 9), _copy("late", "first", 20, 9))
    causes, unexplained = compare_outcomes(many, one)
    assert causes == {EARLIER_COPY: 2}
    assert unexplained == []


def test_a_text_without_a_date_counts_from_the_run_that_saw_it() -> None:
    many = _by_id(_kept("undated", 10, 10), _copy("dated", "undated", 20, 10))
    one = _by_id(_kept("dated", 20, 30), _copy("undated", "dated", 30, 30))
    causes, unexplained = compare_outcomes(many, one)
    assert causes == {UNDATED: 2}
    assert unexplained == []


@pytest.mark.parametrize(("original_us", "is_explained"), [(1_000_000, True), (9_000_000, False)])
def test_in_a_slot_only_a_text_that_came_too_late_for_its_own_may_be_passed(
    original_us: int, is_explained: bool
) -> None:
    many = _by_id(
        _kept("late", 9_500_000, 10_000_000), _copy("first", "late", original_us, 10_000_000)
    )
    one = _by_id(_kept("first", original_us, 99), _copy("late", "first", 9_500_000, 99))
    causes, unexplained = compare_outcomes(many, one, slot_s=2)
    assert causes == ({LATE: 2} if is_explained else {})
    assert len(unexplained) == (0 if is_explained else 2)


def test_a_copy_that_came_after_its_original_must_be_a_copy() -> None:
    many = _by_id(_kept("first", 10, 1), _kept("late", 20, 2))
    one = _by_id(_kept("first", 10, 9), _copy("late", "first", 20, 9))
    causes, unexplained = compare_outcomes(many, one)
    assert not causes
    assert len(unexplained) == 1


@pytest.mark.parametrize(("date_us", "is_explained"), [(10, True), (20, False)])
def test_versions_may_be_numbered_otherwise_only_where_dates_do_not_tell(
    date_us: int, is_explained: bool
) -> None:
    many = _by_id(_kept("a", 10, 1, item_id="1"), _kept("b", date_us, 2, item_id="1", revision=2))
    one = _by_id(_kept("a", 10, 9, item_id="1", revision=2), _kept("b", date_us, 9, item_id="1"))
    causes, unexplained = compare_outcomes(many, one)
    assert causes == ({EARLIER_VERSION: 2} if is_explained else {})
    assert len(unexplained) == (0 if is_explained else 2)


def test_what_a_killed_round_alone_was_told_is_counted() -> None:
    causes, unexplained = compare_outcomes(_by_id(_kept("a", 10, 1)), {})
    assert causes == {IN_FLIGHT: 1}
    assert unexplained == []


def test_what_only_one_run_has_is_a_difference() -> None:
    _, unexplained = compare_outcomes({}, _by_id(_kept("a", 10, 1)))
    assert len(unexplained) == 1
