"""An index over what earlier runs have stored: which files hold a key, without opening them.

A key is a 64-bit hash: of an item, of a text, of a slot of time, of a reject. A segment is a
sorted array of keys with the file of each, mapped into memory and searched by bisection. New files
get a segment, and small segments are merged, so that there are few of them however many runs there
were (logarithmic method, Bentley and Saxe, 1980).

The tables alone hold the truth: a hit is looked at in its file, a file whose size or time of
change is not the one indexed is indexed anew, and a segment that is missing or broken is built
again.
"""

import json
import os
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

FOLDER = "_index"

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
    path: Path | None = None  # None: not yet written


def refresh(root: str, paths: Sequence[str], keys_of: KeysOf) -> tuple[str, ...]:
    """Bring the index of `root` up to date with the files at `paths`; return its segments.

    Args:
        root: The output.
        paths: Files below it that must be indexed.
        keys_of: Reads the keys of a file.
    """
    folder = Path(root, FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    segments = _distinct(_current(root, segment) for segment in _load_all(folder))
    indexed = {file.path for segment in segments for file in segment.files}
    missing = [path for path in paths if os.path.relpath(path, root) not in indexed]
    if missing:
        segments.append(_index(root, missing, keys_of))
    segments = _merged(segments)
    kept = tuple(str(segment.path or _write(folder, segment)) for segment in segments)
    for path in folder.iterdir():  # what was merged, left by a crash, or broken
        if str(path) not in kept:
            path.unlink()
    return kept


def locate(segment_path: str, wanted: Keys) -> dict[str, Keys]:
    """Return the files of a segment that hold wanted keys, with those keys; `wanted` is sorted."""
    segment = _load(Path(segment_path))
    if segment is None or not len(segment.keys):
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


def _load_all(folder: Path) -> list[Segment]:
    loaded = (_load(path) for path in sorted(folder.glob("*.segment")))
    return [segment for segment in loaded if segment is not None]


def _load(path: Path) -> Segment | None:
    """Return the segment at `path`, None if it is no whole segment of this version."""
    try:
        with pa.memory_map(str(path)) as file:
            table = pa.ipc.open_file(file).read_all()
    except (pa.ArrowInvalid, FileNotFoundError):
        return None
    metadata = table.schema.metadata or {}
    if metadata.get(b"version") != _VERSION or not table.schema.equals(_SCHEMA):
        return None
    files = tuple(IndexedFile(*file) for file in json.loads(metadata[b"files"]))
    table = table.combine_chunks()
    return Segment(files, table["key"].to_numpy(), table["file"].to_numpy(), path)


def _distinct(segments: Iterable[Segment]) -> list[Segment]:
    """Return the segments that hold anything the larger ones do not: a crash may leave parts."""
    kept: list[Segment] = []
    seen: set[IndexedFile] = set()
    for segment in sorted(segments, key=lambda one: len(one.files), reverse=True):
        if not seen.issuperset(segment.files):
            kept.append(segment)
            seen.update(segment.files)
    return kept


def _current(root: str, segment: Segment) -> Segment:
    """Return `segment` without the files that are gone or were written again."""
    is_current = np.array([_file(root, file.path) == file for file in segment.files], np.bool_)
    return segment if is_current.all() else _cut(segment, is_current)


def _cut(segment: Segment, is_current: NDArray[np.bool_]) -> Segment:
    files = tuple(
        file for file, current in zip(segment.files, is_current, strict=True) if current
    )
    keep = is_current[segment.places]
    places = (np.cumsum(is_current) - 1).astype(np.uint32)
    return Segment(files, segment.keys[keep], places[segment.places[keep]])


def _file(root: str, path: str) -> IndexedFile | None:
    try:
        status = Path(root, path).stat()
    except FileNotFoundError:
        return None
    return IndexedFile(path, status.st_size, status.st_mtime_ns)


def _index(root: str, paths: Sequence[str], keys_of: KeysOf) -> Segment:
    found = [_file(root, os.path.relpath(path, root)) for path in paths]
    files = tuple(file for file in found if file is not None)
    keys = [np.unique(keys_of(str(Path(root, file.path)))) for file in files]
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


def _write(folder: Path, segment: Segment) -> Path:
    metadata = {b"version": _VERSION, b"files": json.dumps(segment.files).encode()}
    schema = _SCHEMA.with_metadata(metadata)
    path = folder / f"{uuid.uuid4().hex}.segment"
    temporary = path.with_suffix(".inprogress")
    with pa.ipc.new_file(str(temporary), schema) as writer:
        writer.write_table(pa.table([pa.array(segment.keys), pa.array(segment.places)], schema))
    temporary.replace(path)
    return path
