"""An index over what earlier runs have stored: which files hold a key, without opening them.

A key is a 64-bit hash: of an item, of a text, of a slot of time, of a reject. A segment is a
sorted array of keys with the file of each, mapped into memory and searched by bisection. New files
get a segment, and small segments are merged, so that there are few of them however many runs there
were (logarithmic method, Bentley and Saxe, 1980).

The tables alone hold the truth: a hit is looked at in its file, a file whose size or time of
change is not the one indexed is indexed anew, and a segment that is missing or broken is built
again.
"""

import contextlib
import json
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms import storage

FOLDER = "_index"
_WHOLE = ".segment"
_SUFFIXES = (_WHOLE, ".inprogress")

Keys = NDArray[np.uint64]
KeysOf = Callable[[str], Keys]

_SCHEMA = pa.schema([("key", pa.uint64()), ("file", pa.uint32())])
_VERSION = b"1"


class IndexedFile(NamedTuple):
    """A file as it was when it was indexed; the path is relative to the output."""

    path: str
    size: int
    changed_ns: int


class Segment(NamedTuple):
    """Sorted keys, and for each the place in `files` of the file that holds it."""

    files: tuple[IndexedFile, ...]
    keys: Keys
    places: NDArray[np.uint32]
    path: str = ""  # none: not yet written


def refresh(root: str, paths: Sequence[str], keys_of: KeysOf) -> tuple[str, ...]:
    """Bring the index of `root` up to date with the files at `paths`; return its segments.

    Args:
        root: The output.
        paths: Files below it that must be indexed.
        keys_of: Reads the keys of a file.
    """
    folder = storage.join(root, FOLDER)
    segments = _merged(open_index(root, paths, keys_of))
    kept = tuple(segment.path or _write(folder, segment) for segment in segments)
    _clean(folder, kept)
    return kept


def open_index(root: str, paths: Sequence[str], keys_of: KeysOf) -> list[Segment]:
    """Return segments that cover the files at `paths`, and write nothing.

    What the index of `root` lacks is indexed in memory: so readers may stand beside a writer.
    """
    loaded, wanted = _load_all(storage.join(root, FOLDER)), list(_relative(root, paths))
    states = storage.states(root, {*wanted, *(file.path for one in loaded for file in one.files)})
    segments = _distinct(_current(segment, states) for segment in loaded)
    indexed = {file.path for segment in segments for file in segment.files}
    missing = [path for path in wanted if path not in indexed]
    if missing:
        segments.append(_index(root, missing, states, keys_of))
    return segments


def locate(segment_path: str, wanted: Keys) -> dict[str, Keys]:
    """Return the files of a segment that hold wanted keys, with those keys; `wanted` is sorted.

    Raises:
        OSError: the segment is gone.
        ArrowInvalid: it is broken.
    """
    return search(_open(segment_path), wanted)  # an error is due: history would be lost


def search(segment: Segment, wanted: Keys) -> dict[str, Keys]:
    """Return the files of `segment` that hold wanted keys, with those keys; `wanted` is sorted."""
    if not len(segment.keys):
        return {}
    # Few keys are looked up among many, or many among few: the shorter side is walked.
    if len(wanted) < len(segment.keys):
        first = np.searchsorted(segment.keys, wanted, "left")
        last = np.searchsorted(segment.keys, wanted, "right")
        spans = [np.arange(one, end) for one, end in zip(first, last, strict=True) if one < end]
        hits = np.concatenate(spans) if spans else np.array([], np.intp)
    else:
        hits = np.flatnonzero(is_among(segment.keys, wanted))
    keys, places = segment.keys[hits], segment.places[hits]
    return {segment.files[place].path: keys[places == place] for place in np.unique(places)}


def is_among(keys: Keys, wanted: Keys) -> NDArray[np.bool_]:
    """Say for each key whether it is in `wanted`, which is sorted."""
    if not len(wanted):
        return np.zeros(len(keys), np.bool_)
    places = np.searchsorted(wanted, keys)
    places[places == len(wanted)] = 0
    return np.asarray(wanted[places] == keys)


def _load_all(folder: str) -> list[Segment]:
    names = (name for name in storage.names(folder) if name.endswith(_WHOLE))
    loaded = (_load(storage.join(folder, name)) for name in names)
    return [segment for segment in loaded if segment is not None]


def _load(path: str) -> Segment | None:
    """Return the segment at `path`, None if it is no whole segment of this version."""
    try:
        return _open(path)
    except (pa.ArrowInvalid, OSError):  # it is built again
        return None


def _open(path: str) -> Segment:
    """Return the segment at `path`.

    Raises:
        OSError: it cannot be read.
        ArrowInvalid: it is no whole segment of this version.
    """
    with storage.mapped(path) as file:
        table = pa.ipc.open_file(file).read_all()
    metadata = table.schema.metadata or {}
    if metadata.get(b"version") != _VERSION or not table.schema.equals(_SCHEMA):
        raise pa.ArrowInvalid(f"{path} is no index of this version")
    try:
        files = tuple(IndexedFile(*file) for file in json.loads(metadata[b"files"]))
    except (ValueError, TypeError, KeyError):
        raise pa.ArrowInvalid(f"{path} does not say what files it is of") from None
    table = table.combine_chunks()
    keys, places = table["key"].to_numpy(), table["file"].to_numpy()
    if len(places) and not places.max() < len(files):
        raise pa.ArrowInvalid(f"{path} names files that it does not know")
    return Segment(files, keys, places, path)


def _distinct(segments: Iterable[Segment]) -> list[Segment]:
    """Return segments that share no file, the largest first: a crash may leave parts.

    Files of one that is left out are indexed anew where no other has them.
    """
    kept: list[Segment] = []
    seen: set[IndexedFile] = set()
    for segment in sorted(segments, key=lambda one: len(one.files), reverse=True):
        if segment.files and seen.isdisjoint(segment.files):
            kept.append(segment)
            seen.update(segment.files)
    return kept


def _current(segment: Segment, states: Mapping[str, storage.State]) -> Segment:
    """Return `segment` without the files that are gone or were written again."""
    is_current = np.array([_file(file.path, states) == file for file in segment.files], np.bool_)
    return segment if is_current.all() else _cut(segment, is_current)


def _cut(segment: Segment, is_current: NDArray[np.bool_]) -> Segment:
    files = tuple(
        file for file, current in zip(segment.files, is_current, strict=True) if current
    )
    keep = is_current[segment.places]
    places = (np.cumsum(is_current) - 1).astype(np.uint32)
    return Segment(files, segment.keys[keep], places[segment.places[keep]])


def _relative(root: str, paths: Iterable[str]) -> Iterator[str]:
    """Yield `paths`, which were made from `root`, as they are below it."""
    prefix = f"{storage.join(root)}/"
    return (path.removeprefix(prefix) for path in paths)


def _file(path: str, states: Mapping[str, storage.State]) -> IndexedFile | None:
    return IndexedFile(path, *states[path]) if path in states else None


def _index(
    root: str, paths: Sequence[str], states: Mapping[str, storage.State], keys_of: KeysOf
) -> Segment:
    found = (_file(path, states) for path in paths)
    files = tuple(file for file in found if file is not None)
    keys = [np.unique(keys_of(storage.join(root, file.path))) for file in files]
    places = np.repeat(np.arange(len(files), dtype=np.uint32), [len(one) for one in keys])
    return _sorted(files, np.concatenate(keys), places)


def _merged(segments: list[Segment]) -> list[Segment]:
    """Return `segments`, each at least twice as large as the next: so there are few."""
    ordered = sorted(segments, key=lambda one: len(one.keys), reverse=True)
    kept: list[Segment] = []
    for segment in ordered:
        while kept and len(kept[-1].keys) < 2 * len(segment.keys):
            segment = _joined(kept.pop(), segment)
        kept.append(segment)
    return kept


def _joined(one: Segment, other: Segment) -> Segment:
    return _sorted(
        one.files + other.files,
        np.concatenate((one.keys, other.keys)),
        np.concatenate((one.places, other.places + np.uint32(len(one.files)))),
    )


def _sorted(
    files: tuple[IndexedFile, ...], keys: Keys, places: NDArray[np.uint32]
) -> Segment:
    order = np.lexsort((places, keys))
    return Segment(files, keys[order], places[order])


def _write(folder: str, segment: Segment) -> str:
    metadata = {b"version": _VERSION, b"files": json.dumps(segment.files).encode()}
    schema = _SCHEMA.with_metadata(metadata)
    path = storage.join(folder, f"{uuid.uuid4().hex}{_WHOLE}")
    with storage.replaced(path) as file, pa.ipc.new_file(file, schema) as writer:
        columns = [pa.array(segment.keys), pa.array(segment.places)]
        writer.write_table(pa.table(columns, schema))
    return path


def _clean(folder: str, kept: Collection[str]) -> None:
    """Remove what was merged, left by a crash, or is broken; nothing that is not ours."""
    paths = (storage.join(folder, name) for name in storage.names(folder)
             if name.endswith(_SUFFIXES))
    left = [path for path in paths if path not in kept]
    with contextlib.suppress(OSError):  # a folder, or a file that is held: it does no harm
        storage.remove(left)
