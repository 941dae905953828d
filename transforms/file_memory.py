"""Which files are to be read: those that are new or have changed, and have come to rest."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from schemas.ids import digest
from schemas.locations import is_url
from schemas.records import Reject, SourceSpec
from transforms import object_store

SETTLE_S = 2.0
"""A file that was written to within this time waits for the next look: it may be half there."""

Found: TypeAlias = SourceSpec | Reject
"""What a look at files and folders finds: a file, or what cannot be one."""


class FileState(NamedTuple):
    """What tells whether a file has changed since it was read."""

    version: str
    modified_s: float


_GONE = FileState("", 0.0)


class FileMemory(NamedTuple):
    """What is known of the files that are there, as 64-bit hashes; what is gone is forgotten."""

    known: frozenset[int] = frozenset()  # versions of files that were read; rejects given
    moving: frozenset[int] = frozenset()  # files that were being written to at the last look


def due(
    found: Sequence[Found], memory: FileMemory, now_s: float
) -> tuple[list[Found], FileMemory]:
    """Return what of `found` is to be read or rejected now, and the memory once it has been.

    A file is read when it is new or another than when it was read, and at rest. One that never
    rests is read as it is at every second look. A reject is given once.
    """
    chosen: list[Found] = []
    known, moving = set(), set()
    specs = [one for one in found if isinstance(one, SourceSpec)]
    objects = _states_in_stores(filter(is_url, (spec.location for spec in specs)))
    for one in found:
        state = _state(one, objects)
        name, version = _hash(one.source_id), _hash(one.source_id, state.version)
        is_moving = now_s - state.modified_s < SETTLE_S and name not in memory.moving
        if version in memory.known:
            known.add(version)
        elif is_moving:
            moving.add(name)
        else:
            known.add(version)
            chosen.append(one)
    return chosen, FileMemory(frozenset(known), frozenset(moving))


def _state(one: Found, objects: Mapping[str, FileState]) -> FileState:
    if isinstance(one, Reject):
        return FileState(one.reject_id, 0.0)
    if is_url(one.location):
        return objects.get(one.location, _GONE)
    return _local_state(one.location)


def _states_in_stores(urls: Iterable[str]) -> dict[str, FileState]:
    """Return the states of the objects that are there: folders are listed, each once."""
    states: dict[str, FileState] = {}
    listed = "\0"
    for folder in sorted({f"{url.rpartition('/')[0]}/" for url in urls}):
        if not folder.startswith(listed):
            listed = folder
            for found in object_store.listed(folder):
                version = f"{found.changed_ns} {found.size}"
                states[found.url] = FileState(version, found.changed_ns / 1e9)
    return states


def _local_state(location: str) -> FileState:
    try:
        found = Path(location).stat()
    except (OSError, ValueError):  # ValueError: a null byte in the path
        return _GONE
    version = (found.st_ctime_ns, found.st_mtime_ns, found.st_size, found.st_ino)
    return FileState(" ".join(map(str, version)), found.st_mtime_ns / 1e9)


def _hash(*fields: str) -> int:
    return int(digest(*fields)[:16], 16) - (1 << 63)  # signed, as a column of a row is
