"""The model of what a day of stories needs."""

from benchmarks.capacity_model import Assumed, Costs, needs, page
from schemas.tables import TABLES
from transforms.compact import FULL_BYTES

COSTS = Costs(
    cpu_ms={"read": 4.0, "recognise": 6.0},
    stored_bytes={"stories": 700.0, "mentions": 300.0},
    held_bytes={"stories": 1_500.0, "mentions": 2_500.0},
    slot_bytes=1_000.0, index_bytes=24.0, state_bytes=1_024.0, worker_bytes=2.0**30, start_s=5.0,
)
EVEN = Assumed(peak=1.0, load=1.0, slot_s=60, shards=2)


def test_cores_follow_from_cpu_time_and_memory_from_cores() -> None:
    assert needs(8_640_000, COSTS, EVEN).cores == 1, "100 stories a second of 10 ms each"
    assert needs(8_640_001, COSTS, EVEN).cores == 2, "rounded up"
    busy = needs(8_640_000, COSTS, EVEN._replace(peak=3.0, load=0.5))
    assert busy.cores == 6
    assert busy.memory_bytes == 6 * 2.0**30


def test_state_is_that_of_the_days_in_which_copies_are_looked_for() -> None:
    found = needs(2**20, COSTS, EVEN)
    assert found.state_bytes_a_day == 2.0**30
    assert found.state_bytes == 3 * 2.0**30


def test_storage_grows_with_stories_and_with_slots() -> None:
    none, some = needs(0, COSTS, EVEN), needs(1_000, COSTS, EVEN)
    assert none.stored_bytes_a_day == 1_440 * 1_000
    assert some.stored_bytes_a_day - none.stored_bytes_a_day == 1_000 * 1_024


def test_files_follow_the_slots_until_they_are_merged() -> None:
    many = needs(FULL_BYTES, COSTS, EVEN)
    assert many.files_a_day == 1_440 * 2 * len(TABLES)
    assert many.files_compacted == 1_500 + 2_500 + len(TABLES) - 2


def test_the_page_says_all_that_was_measured_and_reckoned() -> None:
    text = page(COSTS, "heading", EVEN)
    assert "| recognise | 6.00 | 60% |" in text
    assert "| `mentions` | 300 | 2,500 |" in text
    assert "| cores | 1 | 2 | 12 |" in text
    assert "holds 1.0 GiB at its peak" in " ".join(text.split())
