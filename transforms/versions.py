"""Number the versions of items: packed rows in, verdicts on the items that have more than one.

Most items have one version and none in the history. So rows travel as arrays of 64-bit integers,
and records are made only of items that more than one row names.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from schemas.ids import digest
from transforms.copies import (
    Candidate,
    NewVersion,
    PastVersion,
    Verdict,
    order_versions,
    revise,
)
from transforms.pairing import hex_id, id_halves

VersionRows = NDArray[np.uint64]
"""Rows (n, 9): item in two halves, story_id in two, occurrence in two, then two times in
microseconds (as signed integers) and 1 if it is a correction."""

_COLUMNS = 9
_ITEM = slice(0, 2)
_WRAP = 1 << 64  # negative times, as two's complement


def version_rows(candidates: Iterable[Candidate]) -> VersionRows:
    """Return a row for each candidate."""
    rows = [
        (
            *_item(one.source_id, one.item_id), *id_halves(one.story_id),
            *id_halves(one.occurrence), one.order_us % _WRAP, one.updated_us % _WRAP,
            one.is_correction,
        )
        for one in candidates
    ]
    return np.array(rows, np.uint64).reshape(-1, _COLUMNS)


def part_of_item(version: PastVersion, parts: int) -> int:
    """Return the part that the versions of the same item are in after `split`."""
    return _item(version.source_id, version.item_id)[0] % parts


def number_versions(
    packed: Iterable[bytes], past: Sequence[PastVersion]
) -> Iterator[Verdict]:
    """Yield a verdict for each reading that is not the first version of its item."""
    rows = np.frombuffer(b"".join(packed), np.uint64).reshape(-1, _COLUMNS)
    stored: dict[tuple[int, int], list[PastVersion]] = {}
    for version in past:
        stored.setdefault(_item(version.source_id, version.item_id), []).append(version)
    if not len(rows):
        return
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    starts = np.flatnonzero((np.diff(rows[:, _ITEM], axis=0, prepend=_before(rows)) != 0).any(1))
    ends = np.append(starts[1:], len(rows))
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        high, low = rows[start, _ITEM].tolist()
        known = stored.get((high, low), ())
        if end - start > 1 or known:
            yield from order_versions(map(_version, rows[start:end].tolist()), known)


def numbered(
    candidates: Sequence[Candidate], past: Sequence[PastVersion] = ()
) -> list[Candidate]:
    """Return the candidates that are not unchanged, with their numbers: without Beam."""
    verdicts = list(number_versions([version_rows(candidates).tobytes()], past))
    repeats = {verdict.key for verdict in verdicts if verdict.outcome == "unchanged"}
    revised = {verdict.key: verdict for verdict in verdicts if verdict.outcome == "revised"}
    return [
        revise(candidate, revised.get(candidate.story_id))
        for candidate in candidates if candidate.occurrence not in repeats
    ]


def _before(rows: VersionRows) -> VersionRows:
    """Return an item that is not the first one."""
    return rows[:1, _ITEM] + np.uint64(1)


def _item(source_id: str, item_id: str) -> tuple[int, int]:
    return id_halves(digest(source_id, item_id))


def _version(row: Sequence[int]) -> NewVersion:
    _, _, story, story_low, occurrence, occurrence_low, order_us, updated_us, correction = row
    return NewVersion(
        hex_id(story, story_low), hex_id(occurrence, occurrence_low), _signed(order_us),
        _signed(updated_us), bool(correction),
    )


def _signed(wrapped: int) -> int:
    return wrapped - _WRAP if wrapped >= _WRAP // 2 else wrapped
