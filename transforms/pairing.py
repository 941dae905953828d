"""Find which stories may be copies: sorted arrays of keys, without any text.

Rows are arrays of 64-bit integers packed into bytes, so that a million stories travel and sort
as a few large arrays; a story has about twenty rows. Which pairs come out is a function of the
set of rows: under one key they are chosen by a rule of time order, never of arrival.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import xxhash
from numpy.typing import NDArray

from transforms.copies import Candidate, Verdict, choose_kept, compare
from transforms.fingerprint import WINDOW_US, Hashes, unpack
from transforms.stop_shingles import learn_stops, screened

NEIGHBOURS_MAX = 32
"""Under one key a story is compared with this many of the window's first stories, among which
the one to keep stands, and with this many of those just before it: a hot key costs no more."""

Rows = NDArray[np.uint64]
"""Key rows (n, 4): key, time in microseconds under a bit that is 1 if not yet published, story_id
in two halves.
Pairs (n, 4): two story_ids in halves, the smaller first."""

_Flags = NDArray[np.bool_]

_KEY, TIME, _HIGH, _LOW = range(4)
_COLUMNS = 4
NEW = np.uint64(1 << 63)

_EXACT = 1 << 63  # keys of equal texts: copies whenever they appeared, so the first stands for all
_LINK = 1 << 62
_TITLE = 1 << 61  # keys of one headline in one source
_HASH = _LINK - 1
_SECONDS_BITS = np.uint64(39)  # of a time that has a date, and of the keys of a part the rest
_WINDOW_S = np.uint64(WINDOW_US // 1_000_000 + 1)
_EPOCH_US = 1_000_000 << 37  # added to times, so that those before 1970 sort as unsigned integers


def key_rows(candidate: Candidate) -> Rows:
    """Return a row for each key under which copies of `candidate` are looked for."""
    keys = [int(key) for key in unpack(candidate.fingerprint).keys]
    if candidate.is_long:
        keys.append(_EXACT | (xxhash.xxh3_64_intdigest(candidate.text_sha256.encode()) & _HASH))
    if candidate.url:
        keys.append(_LINK | (xxhash.xxh3_64_intdigest(candidate.url.encode()) & _HASH))
    if candidate.title:
        digest = xxhash.xxh3_64_intdigest(f"{candidate.source_id}\0{candidate.title}".encode())
        keys.append(_TITLE | (digest & (_TITLE - 1)))
    rows = np.empty((len(keys), _COLUMNS), np.uint64)
    rows[:, _KEY] = np.array(keys, np.uint64)
    rows[:, TIME] = candidate.order_us + _EPOCH_US + (0 if candidate.published else int(NEW))
    rows[:, _HIGH:] = id_halves(candidate.story_id)
    return rows


def is_exact(key: int) -> bool:
    """Say whether a key is that of a text."""
    return key >= _EXACT


def id_halves(story_id: str) -> tuple[int, int]:
    """Return the two 64-bit halves of a story_id."""
    return int(story_id[:16], 16), int(story_id[16:], 16)


def story_ids(pair: Iterable[int]) -> tuple[str, str]:
    """Return the two story_ids of a pair."""
    one, one_low, other, other_low = pair
    return hex_id(one, one_low), hex_id(other, other_low)


def hex_id(high: int, low: int) -> str:
    """Return the id of which `id_halves` gives the halves."""
    return f"{high:016x}{low:016x}"


def candidate_pairs(packed: Iterable[bytes]) -> Rows:
    """Return the distinct pairs that share a key and lie within the window."""
    rows = _joined(packed)
    is_exact = rows[:, _KEY] >= _EXACT
    exact = _sorted(rows[is_exact], _KEY, TIME, _HIGH, _LOW)  # what is published comes first
    near = rows[~is_exact]
    is_new = near[:, TIME] >= NEW
    near[:, TIME] &= ~NEW
    order = _order(near, _KEY, TIME, _HIGH, _LOW)
    return _distinct(np.concatenate([
        _with_first(exact), *_in_window(near[order], is_new[order])
    ]))


def distinct_pairs(packed: Iterable[bytes]) -> Rows:
    """Return the distinct pairs in `packed`."""
    return _distinct(_joined(packed))


def verdicts_in_memory(
    candidates: Iterable[Candidate], stops: Hashes | None = None
) -> Iterator[Verdict]:
    """Yield what becomes of `candidates`, decided at once: the reference for every runner.

    Stop shingles are learned from the candidates unless given.
    """
    candidates = list(candidates)
    stops = learn_stops(candidates) if stops is None else stops
    by_id = {one.story_id: screened(one, stops) for one in candidates}
    packed = [key_rows(candidate).tobytes() for candidate in by_id.values()]
    pairs = (story_ids(pair) for pair in candidate_pairs(packed).tolist())
    edges = (compare(by_id[one], by_id[other]) for one, other in pairs)
    return choose_kept(edge for edge in edges if edge is not None)


def split(rows: Rows, parts: int) -> Iterator[tuple[int, bytes]]:
    """Yield `rows` packed, in at most `parts` parts; a row's first column alone says which."""
    homes = rows[:, 0] % np.uint64(parts)
    order = np.argsort(homes, kind="stable")
    starts = np.flatnonzero(np.diff(homes[order], prepend=np.uint64(parts)))
    for part in np.split(order, starts[1:]) if len(rows) else ():
        yield int(homes[part[0]]), rows[part].tobytes()


def _joined(packed: Iterable[bytes]) -> Rows:
    return np.frombuffer(b"".join(packed), np.uint64).reshape(-1, _COLUMNS)


def _order(rows: Rows, *columns: int) -> NDArray[np.intp]:
    return np.lexsort([rows[:, column] for column in reversed(columns)])


def _sorted(rows: Rows, *columns: int) -> Rows:
    """Return `rows` in the order of `columns`, the first counting most."""
    return rows[_order(rows, *columns)]


def _distinct(pairs: Rows) -> Rows:
    ordered = _sorted(pairs, 0, 1, 2, 3)
    is_first = np.ones(len(ordered), bool)
    is_first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    return ordered[is_first]


def _group_starts(keys: Rows) -> NDArray[np.intp]:
    """Return for each row of sorted `keys` where its key begins."""
    return np.searchsorted(keys, keys)


def _with_first(rows: Rows) -> Rows:
    """Pair each row with the first of its key."""
    is_new = rows[:, TIME] >= NEW
    return _pairs(rows, is_new, _group_starts(rows[:, _KEY]), np.arange(len(rows)))


def _in_window(rows: Rows, is_new: _Flags) -> Iterator[Rows]:
    """Pair each row with those just before it and with the first of its window."""
    index = np.arange(len(rows))
    opening = _window_starts(rows)
    for step in range(1, NEIGHBOURS_MAX + 1):
        near = index - step >= opening
        if not near.any():
            return
        yield _pairs(rows, is_new, index[near] - step, index[near])
    for step in range(NEIGHBOURS_MAX):
        far = opening + step < index - NEIGHBOURS_MAX
        if not far.any():
            return
        yield _pairs(rows, is_new, opening[far] + step, index[far])


def _window_starts(rows: Rows) -> NDArray[np.intp]:
    """Return for each row the first row of its key that is at most a window older.

    Whole seconds, rounded in favour of a pair: comparing looks at the window again.
    """
    if not len(rows):
        return np.array([], np.intp)
    group = np.cumsum(np.diff(rows[:, _KEY], prepend=rows[0, _KEY]) != 0).astype(np.uint64)
    seconds = rows[:, TIME] // np.uint64(1_000_000)
    place = (group << _SECONDS_BITS) + seconds + _WINDOW_S  # of one group far below the next
    return np.searchsorted(place, place - _WINDOW_S)


def _pairs(
    rows: Rows, is_new: _Flags, ones: NDArray[np.intp], others: NDArray[np.intp]
) -> Rows:
    """Return the pairs of rows, the smaller id first, but for two published or two the same."""
    differ = (rows[ones][:, _HIGH:] != rows[others][:, _HIGH:]).any(axis=1)
    keep = (is_new[ones] | is_new[others]) & differ
    one, other = rows[ones[keep]][:, _HIGH:], rows[others[keep]][:, _HIGH:]
    swap = (one[:, 0] > other[:, 0]) | ((one[:, 0] == other[:, 0]) & (one[:, 1] > other[:, 1]))
    return np.hstack([np.where(swap[:, None], other, one), np.where(swap[:, None], one, other)])


class Homes:
    """Knows which parts compare a story, from the pairs of each part."""

    def __init__(self, pairs: Iterable[tuple[int, bytes]]) -> None:
        ids, homes = [np.empty((0, 2), np.uint64)], [np.array([], np.uint16)]
        for part, packed in pairs:
            both = _joined([packed]).reshape(-1, 2)
            ids.append(both)
            homes.append(np.full(len(both), part, np.uint16))
        every = np.column_stack((np.concatenate(ids), np.concatenate(homes)))
        self._rows = np.unique(every, axis=0)  # by id, then part

    def of(self, story_id: str) -> list[int]:
        """Return the parts that compare a story, in order."""
        high, low = id_halves(story_id)
        first = np.searchsorted(self._rows[:, 0], np.uint64(high), "left")
        last = np.searchsorted(self._rows[:, 0], np.uint64(high), "right")
        found = self._rows[first:last]
        return [int(part) for part in found[found[:, 1] == low, 2]]
