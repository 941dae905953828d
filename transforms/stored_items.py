"""Look single items up in what has been committed, while a stream goes on committing.

What is looked up for a moment is what the history held when the stream began, and the runs that
ended so long before that moment that the stream itself has forgotten them. So the answer depends
on the moment and not on how far commits have come; a stream that is started again from a
checkpoint does not find the items that it is to decide on once more.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain

import apache_beam as beam
import numpy as np
from apache_beam.utils.timestamp import Timestamp

from transforms import storage
from transforms.commit import committed_files
from transforms.copies import Candidate, PastVersion
from transforms.event_time import StreamClock, run_id_at
from transforms.fingerprint import NO_FINGERPRINT
from transforms.history import (
    item_key,
    keys_of,
    past_rejects,
    past_versions,
    read_past,
    reject_key,
    text_key,
)
from transforms.history_index import Keys, Segment, open_index, search
from transforms.moments import STATE_MS
from transforms.recall import History

LISTED_EVERY_MS = 6 * 3600 * 1_000
"""How far a stream goes on before it looks for newer commits."""


_FILES_HELD = 4  # of which the items are known by heart: feeds repeat what is recent


def remembered_ms(clock: StreamClock) -> int:
    """Return how long the stream must remember what it has decided on by itself."""
    return STATE_MS + LISTED_EVERY_MS + clock.slot_s * 1_000


class StoredItems:
    """Finds items, texts and rejects in the tables; opens the index once, and files on a hit."""

    def __init__(self, history: History, clock: StreamClock) -> None:
        self._history = history
        self._floor_ms = clock.floor_s * 1_000
        self._listed_ms: int | None = None
        self._segments: list[Segment] = []
        self._files: frozenset[str] = frozenset()
        self._versions_in = lru_cache(_FILES_HELD)(_versions_by_item)

    def versions(self, source_id: str, item_id: str, moment_ms: int) -> list[PastVersion]:
        """Return the stored versions of an item."""
        found = self._search(item_key(source_id, item_id), moment_ms)
        return [
            version
            for path, _ in found
            for version in self._versions_in(path).get((source_id, item_id), ())
        ]

    def first_of_text(self, text_sha256: str, moment_ms: int) -> Candidate | None:
        """Return the first story or copy of a text, for comparing texts only."""
        key = text_key(text_sha256)
        wanted = np.array([key], np.uint64)
        found = (
            candidate._replace(fingerprint=NO_FINGERPRINT)
            for path, keys in self._search(key, moment_ms)
            for candidate in read_past(path, keys, wanted).candidates
            if candidate.text_sha256 == text_sha256
        )
        return min(found, key=lambda one: (one.order_us, one.story_id), default=None)

    def has_reject(self, reject_id: str, moment_ms: int) -> bool:
        """Say whether a reject has been stored."""
        found = self._search(reject_key(reject_id), moment_ms)
        return any(reject_id in past_rejects(path) for path, _ in found)

    def _search(self, key: int, moment_ms: int) -> Iterator[tuple[str, Keys]]:
        self._list(moment_ms)
        wanted = np.array([key], np.uint64)
        found = (search(segment, wanted) for segment in self._segments)
        for relative, keys in chain.from_iterable(one.items() for one in found):
            path = storage.join(self._history.root, relative)
            if path in self._files:
                yield path, keys

    def _list(self, moment_ms: int) -> None:
        """See that the files are those to be seen at a moment."""
        grown_ms = (moment_ms - STATE_MS) // LISTED_EVERY_MS * LISTED_EVERY_MS
        until_ms = max(grown_ms, self._floor_ms)
        if not self._history.root or (self._listed_ms or 0) >= until_ms:
            return
        files = _first_files(self._history)
        if until_ms > self._floor_ms:
            run_id = run_id_at(Timestamp(micros=until_ms * 1_000))
            tables = ("stories", "duplicates", "rejects")
            files = [
                path for table in tables
                for path in committed_files(self._history.root, table, before=run_id)
            ]
        self._segments = open_index(self._history.root, files, keys_of)
        self._files = frozenset(files)
        self._listed_ms = until_ms


def _versions_by_item(path: str) -> Mapping[tuple[str, str], list[PastVersion]]:
    versions: dict[tuple[str, str], list[PastVersion]] = defaultdict(list)
    for version in past_versions(path):
        versions[version.source_id, version.item_id].append(version)
    return versions


class LooksUp(beam.DoFn):
    """A step that remembers for a while, and looks up in the tables what it has forgotten."""

    def __init__(self, history: History, clock: StreamClock) -> None:
        super().__init__()
        self._history = history
        self._clock = clock
        self._remembered_ms = remembered_ms(clock)

    def setup(self) -> None:
        self._stored = StoredItems(self._history, self._clock)


def _first_files(history: History) -> list[str]:
    return [*history.stories, *history.duplicates, *history.rejects]
