"""What is decided at one moment of a stream, given what was decided before: pure functions.

They are the rules of a batch, applied to the items of a moment as to a run of their own: what was
decided at an earlier moment counts as published, and is never withdrawn.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from apache_beam.coders import RowCoder
from apache_beam.coders.typecoders import registry
from numpy.typing import NDArray

from schemas.records import Story
from transforms.copies import (
    Candidate,
    Edge,
    Endpoint,
    PastVersion,
    Verdict,
    choose,
    compare,
    order_versions,
    rank,
    version_of,
    version_order,
)
from transforms.moments import STATE_MS
from transforms.pairing import NEW, TIME, Rows, candidate_pairs, story_ids

MomentRows = NDArray[np.uint64]
"""Rows (n, 5): a moment in milliseconds, then a key row."""

_COLUMNS = 5


class Numbered(NamedTuple):
    """A version that is new, with its number, and the version before: "" if none or a copy."""

    story: Story
    predecessor: str


class Claim(NamedTuple):
    """Why a story may be more than new: it resembles an earlier one, or follows a version."""

    moment_ms: int
    endpoint: Endpoint
    edge: Edge | None


class KnownVersion(NamedTuple):
    """A version, and the latest moment at which it was decided on or looked up."""

    moment_ms: int
    version: PastVersion


for record in (Numbered, Claim, KnownVersion):
    registry.register_coder(record, RowCoder)


def number(
    readings: Iterable[Story], past: Sequence[PastVersion]
) -> tuple[list[Numbered], list[Story]]:
    """Return the new versions among the readings of an item, in order, and what is unchanged."""
    seen = {version.story_id for version in past}
    new, unchanged = {}, []
    for version, story in sorted(
        ((version_of(story), story) for story in readings),
        key=lambda reading: version_order(reading[0]),
    ):
        if story.story_id in seen:
            unchanged.append(story)
        else:
            seen.add(story.story_id)
            new[story.story_id] = version, story
    revised = {
        verdict.key: verdict
        for verdict in order_versions((version for version, _ in new.values()), past)
    }
    return [_numbered(story, revised.get(story_id)) for story_id, (_, story) in new.items()], (
        unchanged
    )


def remembered(
    known: Iterable[KnownVersion], after_ms: int
) -> list[KnownVersion]:
    """Return of the versions of an item those of moments after one, and the latest version."""
    newest = {one.version.story_id: one for one in sorted(known, key=attrgetter("moment_ms"))}
    latest = max((one.version.revision for one in newest.values()), default=0)
    return [
        one for one in newest.values()
        if one.moment_ms > after_ms or one.version.revision == latest
    ]


def _numbered(story: Story, revised: Verdict | None) -> Numbered:
    if revised is None:
        return Numbered(story._replace(revision=1), "")
    return Numbered(story._replace(revision=revised.revision), revised.kept_id)


def moment_rows(rows: Rows, moment_ms: int) -> Iterator[tuple[int, bytes]]:
    """Yield each key row with its moment, packed, under its key."""
    stamped = np.column_stack((np.full(len(rows), moment_ms, np.uint64), rows))
    for key, row in zip(rows[:, 0].tolist(), stamped, strict=True):
        yield key, row.tobytes()


def unpack_rows(packed: Iterable[bytes]) -> MomentRows:
    """Return the rows that `moment_rows` packed."""
    return np.frombuffer(b"".join(packed), np.uint64).reshape(-1, _COLUMNS)


def held_at(rows: MomentRows, moment_ms: int) -> MomentRows:
    """Return the rows that are remembered at a moment."""
    moments = rows[:, 0].astype(np.int64)
    return rows[(moments > moment_ms - STATE_MS) & (moments <= moment_ms)]


def meeting_moments(rows: MomentRows) -> list[int]:
    """Return the moments at which the last of `rows` meets any other: those of the later ones.

    Where nothing waits to be decided on, none is returned.
    """
    others, last = rows[:-1], rows[-1]
    moments = np.maximum(others[:, 0], last[0])
    is_near = moments - np.minimum(others[:, 0], last[0]) < STATE_MS
    is_new = np.where(others[:, 0] > last[0], others[:, 1 + TIME], last[1 + TIME]) >= NEW
    return sorted(set(moments[is_near & is_new].tolist()))


def meetings(rows: MomentRows, moment_ms: int) -> Iterator[tuple[str, str]]:
    """Yield each pair that the stories of a moment make under one key: a new one, its neighbour.

    Of two that are new, the one that asks is either; the pair comes out once.
    """
    held = held_at(rows, moment_ms)
    if len(held) < 2:
        return
    keyed = held[:, 1:].copy()
    is_asking = (held[:, 0] == moment_ms) & (keyed[:, TIME] >= NEW)
    keyed[~is_asking, TIME] &= ~NEW  # as if published
    asking = {tuple(row) for row in keyed[is_asking][:, 2:].tolist()}
    for pair in candidate_pairs([keyed.tobytes()]).tolist():
        one, other = story_ids(pair)
        yield (one, other) if tuple(pair[:2]) in asking else (other, one)


def equal_texts(
    group: Sequence[Candidate], first: Candidate | None
) -> tuple[list[Edge], Candidate]:
    """Return the edges from the first story of a text to those of a moment; and the first then.

    `first` is the first one decided on, None if there is none.
    """
    leader = first or min(group, key=_by_time)
    edges = [compare(leader, one) for one in group if one.story_id != leader.story_id]
    earliest = min([*group, leader], key=_by_time)
    return [edge for edge in edges if edge is not None], earliest._replace(published=True)


def choose_at(claims: Iterable[Claim], copies: dict[str, Verdict]) -> Iterator[Verdict]:
    """Yield what is decided on the stories of a moment, and note in `copies` the copies."""
    edges: dict[str, list[Edge]] = defaultdict(list)
    endpoints = {}
    for claim in claims:
        endpoints[claim.endpoint.story_id] = claim.endpoint
        if claim.edge is not None:
            edges[claim.endpoint.story_id].append(claim.edge)
    for endpoint in sorted(endpoints.values(), key=rank):
        verdict = choose(endpoint, edges[endpoint.story_id], copies)
        if verdict is not None:
            yield verdict
    for endpoint in endpoints.values():  # now it is known of all which are copies
        if endpoint.predecessor and endpoint.predecessor not in copies:
            yield Verdict(
                endpoint.story_id, "revised", endpoint.revision, kept_id=endpoint.predecessor
            )


def _by_time(candidate: Candidate) -> tuple[int, str]:
    return candidate.order_us, candidate.story_id
