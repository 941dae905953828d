"""Lay stories aside while it is decided which of them are copies.

A stage that decides on all stories must wait for the last one. A runner that groups in memory
would hold all bodies until then; so they wait in files, and only the names of these travel.
A piece holds what deduplication needs as columns of its own, and each story whole.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
from apache_beam.coders.typecoders import registry

from schemas.records import Story
from transforms import storage
from transforms.copies import Candidate, candidate_of

STORIES_PER_PIECE = 128
"""Few enough for the stages after to share out evenly: there a story takes the longest."""

_CODER = registry.get_coder(Story)
_TEXT, _FLAG, _NUMBER = pa.string(), pa.bool_(), pa.int64()
_CANDIDATE = pa.schema([
    ("occurrence", _TEXT), ("story_id", _TEXT), ("source_id", _TEXT), ("item_id", _TEXT),
    ("text_sha256", _TEXT), ("url", _TEXT), ("title", _TEXT), ("agency", _TEXT),
    ("is_long", _FLAG), ("is_correction", _FLAG), ("is_forward", _FLAG), ("order_us", _NUMBER),
    ("updated_us", _NUMBER), ("priority", _NUMBER), ("published", _FLAG),
    ("revision", _NUMBER), ("predecessor", _TEXT), ("fingerprint", pa.binary()),
    ("copy_of", _TEXT), ("copied_as", _TEXT), ("similarity", pa.float64()),
])
_SCHEMA = _CANDIDATE.append(pa.field("story", pa.binary()))


def write_stories(folder: str, stories: Sequence[Story]) -> str:
    """Write `stories`, fingerprints included, to a piece of their own; return its path."""
    columns = [*_columns(map(candidate_of, stories)), list(map(_CODER.encode, stories))]
    return _write(folder, pa.table(list(map(pa.array, columns, _SCHEMA.types)), _SCHEMA))


def write_candidates(folder: str, candidates: Sequence[Candidate]) -> str:
    """Write `candidates` to a piece that holds no stories; return its path."""
    columns = map(pa.array, _columns(candidates), _CANDIDATE.types)
    return _write(folder, pa.table(list(columns), _CANDIDATE))


def read_candidates(path: str) -> Iterator[Candidate]:
    """Yield what deduplication needs of the stories of a piece, in their order."""
    columns = _read(path, list(range(len(_CANDIDATE))))
    for row in zip(*(column.to_pylist() for column in columns.columns), strict=True):
        yield Candidate(*row)


def read_stories(path: str) -> Iterator[Story]:
    """Yield the stories of a piece, in their order."""
    for encoded in _read(path, [len(_CANDIDATE)])["story"].to_pylist():
        yield _CODER.decode(encoded)


def _columns(candidates: Iterable[Candidate]) -> Iterator[tuple[Any, ...]]:
    return zip(*candidates, strict=True)


def _write(folder: str, rows: pa.Table) -> str:
    path = storage.join(folder, f"{uuid.uuid4().hex}.piece")
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with (
        storage.created(path) as file,
        pa.ipc.new_file(file, rows.schema, options=options) as writer,
    ):
        writer.write_table(rows)
    return path


def _read(path: str, columns: list[int]) -> pa.Table:
    options = pa.ipc.IpcReadOptions(included_fields=columns)
    with storage.mapped(path) as file:
        return pa.ipc.open_file(file, options=options).read_all()
