"""Files and folders that are watched for ever, and what is read when one has come or changed."""

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Timestamp

from schemas.records import Fetch, RawItem, Reject, SourceSpec, make_reject
from tests.builders import TEXT
from tests.streams import Step, later, step
from tests.telegram_exports import export, message
from transforms.event_time import StreamClock
from transforms.file_memory import SETTLE_S, Found
from transforms.stepwise import NAP_S
from transforms.watch_files import ReadFile, SeenFile, WatchFiles

EVERY_S = 60
NOW_S = int(time.time())
CLOCK = StreamClock(slot_s=60, lateness_s=300, floor_s=NOW_S // 60 * 60 - 3600)


def _write(path: Path, content: str | bytes, age_s: float = 60) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (time.time() - age_s, time.time() - age_s))
    return path


def _in_folder(folder: Path) -> list[Found]:
    return [SourceSpec(path.name, str(path)) for path in sorted(folder.iterdir())]


def _watch(files: Callable[[], Sequence[Found]], before: Step | None = None) -> Step:
    """Look now, or when the next look is due."""
    watcher = WatchFiles(files, CLOCK, EVERY_S)
    return step(watcher, b"", before and later(before, EVERY_S))


def _names(taken: Step) -> list[str]:
    return [seen.spec.source_id for seen in taken.of(SeenFile)]


def test_a_file_is_given_when_it_is_new_and_when_it_has_changed(tmp_path: Path) -> None:
    files = partial(_in_folder, tmp_path)
    _write(tmp_path / "a.txt", "واحد")
    looks = [_watch(files)]
    looks.append(_watch(files, looks[-1]))
    _write(tmp_path / "b.txt", "اثنان")
    looks.append(_watch(files, looks[-1]))
    _write(tmp_path / "a.txt", "واحد وأكثر")
    looks.append(_watch(files, looks[-1]))
    looks.append(_watch(files, looks[-1]))
    assert [_names(look) for look in looks] == [["a.txt"], [], ["b.txt"], ["a.txt"], []]


def test_a_file_that_is_being_written_waits_one_look(tmp_path: Path) -> None:
    files = partial(_in_folder, tmp_path)
    _write(tmp_path / "a.txt", "نصف", age_s=-60)
    first = _watch(files)
    _write(tmp_path / "a.txt", "نصف ونصف", age_s=-60 - SETTLE_S)
    second = _watch(files, first)
    assert (_names(first), _names(second)) == ([], ["a.txt"])


def test_what_is_gone_is_forgotten_and_read_again_when_it_is_back(tmp_path: Path) -> None:
    files = partial(_in_folder, tmp_path)
    path = _write(tmp_path / "a.txt", "واحد")
    first = _watch(files)
    path.rename(tmp_path.parent / "aside.txt")
    second = _watch(files, first)
    (tmp_path.parent / "aside.txt").rename(path)
    third = _watch(files, second)
    assert [len(look.rest.known) for look in (first, second, third)] == [1, 0, 1]
    assert _names(third) == ["a.txt"]


def test_a_reject_is_given_once() -> None:
    reject = make_reject("source-link", "a link", stage="read", source_id="x", origin="x",
                         position="whole source")
    first = _watch(lambda: [reject])
    assert first.of(Reject) == [reject]
    assert first.moments(Reject) >= [Timestamp(NOW_S)]
    assert _watch(lambda: [reject], first).values == []


def test_a_folder_that_cannot_be_listed_for_now_is_listed_later(tmp_path: Path) -> None:
    _write(tmp_path / "a.txt", "واحد")

    def broken() -> list[Found]:
        raise ValueError("feeds.toml: line 3: no value")

    first = _watch(partial(_in_folder, tmp_path))
    second = _watch(broken, first)
    _write(tmp_path / "b.txt", "اثنان")
    third = _watch(partial(_in_folder, tmp_path), second)
    assert [_names(look) for look in (first, second, third)] == [["a.txt"], [], ["b.txt"]]


def test_a_runner_that_ignores_the_wait_is_slowed_down_and_lists_nothing() -> None:
    looks = []
    watcher = WatchFiles(lambda: looks.append(1) or [], CLOCK, EVERY_S)  # type: ignore[func-returns-value]
    first = step(watcher, b"")
    began_s = time.monotonic()
    second = step(watcher, b"", first)
    assert time.monotonic() - began_s > 0.9 * NAP_S
    assert (len(looks), second.wait_s > 0) == (1, True)


def test_a_file_holds_the_watermark_until_it_has_been_read(tmp_path: Path) -> None:
    _write(tmp_path / "a.txt", TEXT)
    taken = _watch(partial(_in_folder, tmp_path))
    assert taken.moments(SeenFile) == [taken.watermark]
    assert float(taken.watermark) == pytest.approx(time.time() - CLOCK.lateness_s, abs=5)


def test_a_drain_ends_the_looks() -> None:
    watcher = WatchFiles(list, CLOCK, EVERY_S)
    assert watcher.truncate(b"", watcher.initial_restriction(b"")) is None


def _read(location: Path, seen_s: float = NOW_S) -> Step:
    reader = ReadFile(CLOCK)
    reader.setup()
    seen = SeenFile(SourceSpec("wire", str(location)), seen_s)
    outputs = list(reader.process(seen, CLOCK.watermark(seen_s)))
    values = [one.value if isinstance(one, TaggedOutput) else one for one in outputs]
    return Step(values, None, 0.0, CLOCK.watermark(seen_s))


def test_items_of_a_file_are_after_the_watermark_that_it_holds_and_before_its_fetch(
    tmp_path: Path,
) -> None:
    dates = {1: 1_731_240_000, 2: NOW_S - 400, 3: NOW_S - 100, 4: NOW_S + 7200}
    messages = [message(n, f"{TEXT} {n}", date_unixtime=str(s)) for n, s in dates.items()]
    taken = _read(_write(tmp_path / "result.json", export(*messages)))
    old, late, new, future = taken.moments(RawItem)
    (fetched,) = taken.moments(Fetch)
    assert taken.watermark <= old == late < new < future == fetched == Timestamp(NOW_S)
    assert new == Timestamp(NOW_S - 100)


def test_an_export_that_has_grown_is_read_again_whole_under_the_same_names(tmp_path: Path) -> None:
    messages = [message(n, f"{TEXT} {n}") for n in range(1, 4)]
    path = _write(tmp_path / "result.json", export(*messages[:2]))
    before = _read(path).of(RawItem)
    after = _read(_write(path, export(*messages))).of(RawItem)
    assert [item.item_id for item in before] == ["1001/1", "1001/2"]
    assert [item.item_id for item in after] == ["1001/1", "1001/2", "1001/3"]
    assert [item._replace(position="") for item in after[:2]] == [
        item._replace(position="") for item in before
    ]


def test_a_file_that_cannot_be_read_is_a_reject_and_a_failed_fetch(tmp_path: Path) -> None:
    taken = _read(tmp_path / "gone.txt")
    assert [reject.reason for reject in taken.of(Reject)] == ["source-missing"]
    assert [fetch.outcome for fetch in taken.of(Fetch)] == ["failed"]
    assert taken.moments(Reject) == taken.moments(Fetch) == [Timestamp(NOW_S)]


def test_a_file_is_read_as_its_items_are_taken(tmp_path: Path) -> None:
    messages = [message(n, f"{TEXT} {n}") for n in range(5000)]
    path = _write(tmp_path / "result.json", export(*messages))
    reader = ReadFile(CLOCK)
    reader.setup()
    outcomes = reader.process(SeenFile(SourceSpec("wire", str(path)), NOW_S), Timestamp(0))
    next(outcomes)
    os.truncate(path, path.stat().st_size // 2)
    items = [one for one in outcomes if isinstance(one, TimestampedValue)]
    assert 1000 < len(items) < 4000  # the rest was not yet in memory
