"""Read back what earlier runs stored, as far as the items of this run touch it.

Reading is a semi-join: a run says what it looks for (`Wanted`), and of every stored file only
the rows that match leave the reader. Of every file the columns that identify and date a row are
read; fingerprints only of files that hold a story within the window of an item of this run.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timezone
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from apache_beam.utils.timestamp import Timestamp

from transforms.copies import Candidate, PastVersion
from transforms.fingerprint import WINDOW_US
from transforms.stop_shingles import SampledStory, sampled
from transforms.urls import canonical_url

_SLOT_US = WINDOW_US  # event time is cut into slots of one window: a copy is one slot away at most

_DAY_CHARS = len("YYYY-MM-DD")

_VERSION_COLUMNS = ["source_id", "item_id", "revision"]
_CANDIDATE_COLUMNS = [
    "story_id", "source_id", "item_id", "text_sha256", "published_at", "first_seen_at",
    "priority", "revision", "url", "agency", "status", "fingerprint",
]


class Wanted(NamedTuple):
    """What a run looks for in the history."""

    item_ids: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()  # text_sha256 of texts long enough to be copies
    slots: frozenset[int] = frozenset()  # window-long slots of event time


class WantedBuilder:
    """Collects what the items of a run look for."""

    def __init__(self) -> None:
        self._item_ids: set[str] = set()
        self._texts: set[str] = set()
        self._slots: set[int] = set()

    def add(self, candidate: Candidate) -> None:
        """Add what `candidate` looks for."""
        self._item_ids.add(candidate.item_id)
        if candidate.is_long:
            self._texts.add(candidate.text_sha256)
        slot = candidate.order_us // _SLOT_US
        self._slots.update((slot - 1, slot, slot + 1))

    def merge(self, other: "WantedBuilder") -> None:
        """Add all that `other` has collected."""
        self._item_ids |= other._item_ids
        self._texts |= other._texts
        self._slots |= other._slots

    def build(self) -> Wanted:
        """Return what was collected."""
        return Wanted(
            frozenset(self._item_ids), frozenset(self._texts), frozenset(self._slots)
        )


def past_versions(path: str, wanted: Wanted, *, kept: bool) -> Iterator[PastVersion]:
    """Yield the versions stored in a file of stories (`kept`) or duplicates that are wanted."""
    id_column = "story_id" if kept else "copy_id"
    item_ids = pa.array(sorted(wanted.item_ids), pa.string())
    for batch in pq.ParquetFile(path).iter_batches(columns=[id_column, *_VERSION_COLUMNS]):
        rows = batch.filter(pc.is_in(batch["item_id"], item_ids))
        for row in rows.to_pylist():
            yield PastVersion(
                row[id_column], row["source_id"], row["item_id"], row["revision"], kept
            )


def past_stories(path: str, wanted: Wanted) -> Iterator[Candidate]:
    """Yield the stories of a file that an item of this run may be a copy of."""
    texts = pa.array(sorted(wanted.texts), pa.string())
    slots = pa.array(sorted(wanted.slots), pa.int64())
    file = pq.ParquetFile(path)
    for batch in file.iter_batches(columns=["published_at", "first_seen_at", "text_sha256"]):
        # Looking is cheap on three columns; the fingerprints are read only if something is near.
        if _is_near(batch, texts, slots).true_count:
            break
    else:
        return
    for batch in file.iter_batches(columns=_CANDIDATE_COLUMNS):
        for row in batch.filter(_is_near(batch, texts, slots)).to_pylist():
            yield _published(row)


def _is_near(batch: pa.RecordBatch, texts: pa.Array, slots: pa.Array) -> pa.BooleanArray:
    times = pc.coalesce(batch["published_at"], batch["first_seen_at"]).cast(pa.int64())
    in_window = pc.is_in(pc.divide(times, _SLOT_US), slots)
    return pc.or_(in_window, pc.is_in(batch["text_sha256"], texts))


def _published(row: dict[str, Any]) -> Candidate:
    return Candidate(
        occurrence="",
        story_id=row["story_id"],
        source_id=row["source_id"],
        item_id=row["item_id"],
        text_sha256=row["text_sha256"],
        url=canonical_url(row["url"]),
        agency=row["agency"] or "",
        is_long=True,  # a short text of this run looks for no equal text
        is_correction=row["status"] == "corrected",
        is_forward=False,
        order_us=_order_us(row),
        priority=row["priority"],
        published=True,
        revision=row["revision"],
        predecessor="",
        fingerprint=row["fingerprint"],
    )


def _order_us(row: dict[str, Any]) -> int:
    time = (row["published_at"] or row["first_seen_at"]).replace(tzinfo=timezone.utc)
    return int(Timestamp.from_utc_datetime(time).micros)


def recent_files(paths: Sequence[str], days: int) -> list[str]:
    """Return the files of the last `days` days of ingestion that have any; paths say which."""
    ingested = [date.fromisoformat(Path(path).parent.name[-_DAY_CHARS:]) for path in paths]
    latest = max(ingested, default=date.min)
    return [
        path for path, day in zip(paths, ingested, strict=True) if (latest - day).days < days
    ]


def past_sampled(path: str) -> Iterator[SampledStory]:
    """Yield what stop shingles are learned from, of each story of a file."""
    columns = ["story_id", "published_at", "first_seen_at", "fingerprint"]
    for batch in pq.ParquetFile(path).iter_batches(columns=columns):
        for row in batch.to_pylist():
            yield sampled(row["story_id"], _order_us(row), row["fingerprint"])


def past_rejects(path: str) -> Iterator[str]:
    """Yield the ids of the rejects stored in a file."""
    for batch in pq.ParquetFile(path).iter_batches(columns=["reject_id"]):
        yield from batch["reject_id"].to_pylist()
