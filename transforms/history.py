"""Read back what earlier runs stored, as far as the items of this run touch it.

Reading is a semi-join: a run says what it looks for (`Wanted`), the index (`history_index.py`)
says which files may hold it, and of those only the rows that match leave the reader. Files that
are merely near in time are read where their row groups are near in time.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xxhash
from apache_beam.utils.timestamp import Timestamp
from numpy.typing import NDArray

from transforms import storage
from transforms.copies import Candidate, PastVersion, title_key
from transforms.fingerprint import NO_FINGERPRINT, WINDOW_US
from transforms.history_index import Keys, is_among
from transforms.stop_shingles import SampledStory, sampled
from transforms.urls import canonical_url

_SLOT_US = 24 * 3600 * 1_000_000  # event time is cut into days
_SLOTS_NEAR = -(-WINDOW_US // _SLOT_US)  # a copy is so many slots away at most
_ITEM, _TEXT, _SLOT, _REJECT = range(4)  # what a key names, in its upper two bits
_KIND_BITS, _KIND_SHIFT = 2, 62
_SLOTS_LISTED_MAX = 10_000  # of one row group; a longer stretch of time is read
_KEYS_HELD = 100_000  # as Python integers, by a builder
_DAY_CHARS = len("YYYY-MM-DD")

_TIMES = ["published_at", "first_seen_at"]
_IDENTITY = {
    "stories": ["story_id", "source_id", "item_id", "revision", "text_sha256"],
    "duplicates": ["copy_id", "source_id", "item_id", "revision", "text_sha256"],
}
_STORY_COLUMNS = [
    *_IDENTITY["stories"], "priority", "url", "title", "agency", "status", "fingerprint",
]
_COPY_COLUMNS = [*_IDENTITY["duplicates"], "story_id", "relation", "similarity"]


class PastRows(NamedTuple):
    """What a file holds of what was looked for."""

    versions: list[PastVersion]
    candidates: list[Candidate]


class WantedBuilder:
    """Collects the keys that a run looks for."""

    def __init__(self) -> None:
        self._keys: Keys = np.array([], np.uint64)
        self._held: list[int] = []

    def add(self, candidate: Candidate) -> None:
        """Add what `candidate` looks for: its item, its text, and stories near in time."""
        self._held.append(item_key(candidate.source_id, candidate.item_id))
        if candidate.is_long:
            self._held.append(text_key(candidate.text_sha256))
        slot = candidate.order_us // _SLOT_US
        self._held += map(slot_key, range(slot - _SLOTS_NEAR, slot + _SLOTS_NEAR + 1))
        if len(self._held) >= _KEYS_HELD:
            self.build()

    def add_reject(self, reject_id: str) -> None:
        """Add an earlier reject of this id."""
        self._held.append(reject_key(reject_id))

    def merge(self, other: "WantedBuilder") -> None:
        """Add all that `other` has collected."""
        self._keys = np.union1d(self._keys, other.build())

    def build(self) -> Keys:
        """Return what was collected, sorted."""
        self._keys = np.union1d(self._keys, np.array(self._held, np.uint64))
        self._held = []
        return self._keys


def item_key(source_id: str, item_id: str) -> int:
    """Return the key of an item."""
    return _key(_ITEM, f"{source_id}\0{item_id}")


def text_key(text_sha256: str) -> int:
    """Return the key of a text."""
    return _key(_TEXT, text_sha256)


def slot_key(slot: int) -> int:
    """Return the key of a slot of event time."""
    return _key(_SLOT, str(slot))


def slot_keys(first_us: int, last_us: int) -> Keys:
    """Return the keys of all slots between two moments, sorted."""
    slots = range(first_us // _SLOT_US, last_us // _SLOT_US + 1)
    return np.unique(_array(map(slot_key, slots)))


def reject_key(reject_id: str) -> int:
    """Return the key of a reject."""
    return _key(_REJECT, reject_id)


def _key(kind: int, name: str) -> int:
    return kind << _KIND_SHIFT | xxhash.xxh3_64_intdigest(name.encode()) >> _KIND_BITS


def keys_of(path: str) -> Keys:
    """Return the keys under which the rows of a committed file are looked up."""
    table = _table_of(path)
    if table == "rejects":
        return _array(reject_key(one) for one in past_rejects(path))
    columns = [*_IDENTITY[table], *(_TIMES if table == "stories" else ())]
    keys = [np.array([], np.uint64)]
    with storage.parquet(path) as file:
        for batch in file.iter_batches(columns=columns):
            keys += [_item_keys(batch), _text_keys(batch)]
            if table == "stories":
                keys.append(np.unique(_slot_keys(batch)))
    return np.concatenate(keys)


def names_rows(found: Keys) -> bool:
    """Say whether `found` names rows, and not only a time near to them."""
    return bool((found >> np.uint64(_KIND_SHIFT) != _SLOT).any())


def read_past(path: str, found: Keys, wanted: Keys) -> PastRows:
    """Return what a file of stories or duplicates holds of `wanted`, which is sorted.

    `found` are the wanted keys that the index has for it.
    """
    table, past = _table_of(path), PastRows([], [])
    with storage.parquet(path) as file:
        for number in range(file.num_row_groups):
            near = table == "stories" and _may_be_near(file.metadata.row_group(number), wanted)
            if near or names_rows(found):
                _read_row_group(_RowGroup(file, number, table), wanted, past)
    return past


class _RowGroup(NamedTuple):
    file: pq.ParquetFile
    number: int
    table: str

    def read(self, columns: Sequence[str]) -> pa.Table:
        return self.file.read_row_group(self.number, columns=columns)


def _read_row_group(group: _RowGroup, wanted: Keys, past: PastRows) -> None:
    """Add what a row group holds of `wanted` to `past`."""
    rows = group.read([*_IDENTITY[group.table], *_TIMES])
    kept = group.table == "stories"
    for row in rows.filter(pa.array(is_among(_item_keys(rows), wanted))).to_pylist():
        version_id = row["story_id" if kept else "copy_id"]
        past.versions.append(
            PastVersion(version_id, row["source_id"], row["item_id"], row["revision"], kept)
        )
    is_met = is_among(_text_keys(rows), wanted)
    if kept:
        is_met |= is_among(_slot_keys(rows), wanted)
    if is_met.any():  # only then are the wide columns read
        met = group.read(_STORY_COLUMNS if kept else _COPY_COLUMNS).filter(pa.array(is_met))
        times = _order_us(rows)[is_met].tolist()
        read = _published if kept else _published_copy
        past.candidates.extend(map(read, met.to_pylist(), times))


def _may_be_near(group: Any, wanted: Keys) -> bool:
    """Say whether the statistics of a row group admit a story in a slot that is wanted."""
    published, seen = (_statistics(group, column) for column in _TIMES)
    if published is None or seen is None or not seen.has_min_max:
        return True
    stretches = [(seen.min, seen.max)] if published.null_count else []
    if published.has_min_max:
        stretches.append((published.min, published.max))
    for first, last in stretches:
        slots = range(_micros(first) // _SLOT_US, _micros(last) // _SLOT_US + 1)
        if len(slots) > _SLOTS_LISTED_MAX or is_among(_array(map(slot_key, slots)), wanted).any():
            return True
    return False


def _statistics(group: Any, column: str) -> Any:
    for number in range(group.num_columns):
        if group.column(number).path_in_schema == column:
            return group.column(number).statistics
    return None


def _table_of(path: str) -> str:
    return Path(path).parent.parent.name


def _array(keys: Iterable[int]) -> Keys:
    return np.fromiter(keys, np.uint64)


def _item_keys(rows: pa.Table | pa.RecordBatch) -> Keys:
    return _array(map(item_key, rows["source_id"].to_pylist(), rows["item_id"].to_pylist()))


def _text_keys(rows: pa.Table | pa.RecordBatch) -> Keys:
    return _array(map(text_key, rows["text_sha256"].to_pylist()))


def _slot_keys(rows: pa.Table | pa.RecordBatch) -> Keys:
    slots, which = np.unique(_order_us(rows) // _SLOT_US, return_inverse=True)
    return _array(map(slot_key, slots.tolist()))[which]


def _order_us(rows: pa.Table | pa.RecordBatch) -> NDArray[np.int64]:
    times = pc.coalesce(*(rows[column] for column in _TIMES)).cast(pa.int64())
    return np.asarray(times.to_numpy(zero_copy_only=False), np.int64)


def _published(row: dict[str, Any], order_us: int) -> Candidate:
    return Candidate(
        occurrence="",
        story_id=row["story_id"],
        source_id=row["source_id"],
        item_id=row["item_id"],
        text_sha256=row["text_sha256"],
        url=canonical_url(row["url"]),
        title=title_key(row["title"]),
        agency=row["agency"] or "",
        is_long=True,  # a short text of this run looks for no equal text
        is_correction=row["status"] == "corrected",
        is_forward=False,
        order_us=order_us,
        updated_us=0,
        priority=row["priority"],
        published=True,
        revision=row["revision"],
        predecessor="",
        fingerprint=row["fingerprint"],
    )


def _published_copy(row: dict[str, Any], order_us: int) -> Candidate:
    return Candidate(
        occurrence="",
        story_id=row["copy_id"],
        source_id=row["source_id"],
        item_id=row["item_id"],
        text_sha256=row["text_sha256"],
        url="",
        title="",
        agency="",
        is_long=True,
        is_correction=False,
        is_forward=False,
        order_us=order_us,
        updated_us=0,
        priority=0,
        published=True,
        revision=row["revision"],
        predecessor="",
        fingerprint=NO_FINGERPRINT,
        copy_of=row["story_id"],
        copied_as=row["relation"],
        similarity=row["similarity"],
    )


def _micros(time: datetime) -> int:
    return int(Timestamp.from_utc_datetime(time.replace(tzinfo=timezone.utc)).micros)


def recent_files(paths: Sequence[str], days: int) -> list[str]:
    """Return the files of the last `days` days of ingestion that have any; paths say which."""
    ingested = [date.fromisoformat(Path(path).parent.name[-_DAY_CHARS:]) for path in paths]
    latest = max(ingested, default=date.min)
    return [
        path for path, day in zip(paths, ingested, strict=True) if (latest - day).days < days
    ]


def past_sampled(path: str) -> Iterator[SampledStory]:
    """Yield what stop shingles are learned from, of each story of a file."""
    with storage.parquet(path) as file:
        for batch in file.iter_batches(columns=["story_id", *_TIMES, "fingerprint"]):
            columns = (batch["story_id"].to_pylist(), _order_us(batch).tolist(),
                       batch["fingerprint"].to_pylist())
            yield from map(sampled, *columns)


def past_versions(path: str) -> Iterator[PastVersion]:
    """Yield the versions of items that are stored in a file of stories or duplicates."""
    table = _table_of(path)
    kept = table == "stories"
    columns = ["story_id" if kept else "copy_id", "source_id", "item_id", "revision"]
    with storage.parquet(path) as file:
        for batch in file.iter_batches(columns=columns):
            rows = zip(*(batch[column].to_pylist() for column in columns), strict=True)
            for version_id, source_id, item_id, revision in rows:
                yield PastVersion(version_id, source_id, item_id, revision, kept)


def past_rejects(path: str) -> Iterator[str]:
    """Yield the ids of the rejects stored in a file."""
    with storage.parquet(path) as file:
        for batch in file.iter_batches(columns=["reject_id"]):
            yield from batch["reject_id"].to_pylist()
