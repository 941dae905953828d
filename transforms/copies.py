"""Decide which items are copies: pure functions, shared by every way of running them.

The outcome is a function of the set of items and the history, never of arrival order: versions
are ordered by time, priority and id; an edge is symmetric; and a story is kept exactly if no
earlier kept story is its neighbour (the lexicographically first maximal independent set), so a
story once published is never retracted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from apache_beam.coders import RowCoder
from apache_beam.coders.typecoders import registry

from schemas.ids import digest
from schemas.records import Story
from transforms.fingerprint import (
    EXACT_WORDS_MIN,
    WINDOW_US,
    likeness,
    unpack,
)

NEIGHBOURS_MAX = 32
"""Under one key a story is compared with this many of the window's first stories, among which
the one to keep stands, and this many of those just before it. It bounds the cost of a hot key
by a rule of time order, so that the outcome does not depend on arrival."""

_SHA256_HEX = 64
CONTAINED_RATIO = 0.5  # a copy with less than half of the other's shingles is a part of it


class Candidate(NamedTuple):
    """What deduplication needs of one item; no body."""

    occurrence: str  # names this reading of the item: the same version may be read twice
    story_id: str
    source_id: str
    item_id: str
    text_sha256: str
    is_long: bool  # long enough for equal texts to mean a copy
    order_us: int  # event time, microseconds
    updated_us: int  # time of the last change; orders the versions of one item
    priority: int
    published: bool  # kept by an earlier run
    revision: int
    predecessor: str  # story_id of the version before, "" if none or if it was a copy
    is_forward: bool
    fingerprint: bytes


class PastVersion(NamedTuple):
    """A version of an item that an earlier run has stored, as a story or as a duplicate."""

    story_id: str
    source_id: str
    item_id: str
    revision: int
    kept: bool


class Endpoint(NamedTuple):
    """A candidate without its fingerprint: enough to order it and to window its pairs."""

    story_id: str
    source_id: str
    order_us: int
    priority: int
    published: bool
    revision: int
    predecessor: str
    is_forward: bool
    text_sha256: str


class Edge(NamedTuple):
    """Two stories that tell the same; `earlier` comes first in the order of `rank`."""

    earlier: Endpoint
    later: Endpoint
    relation: str
    similarity: float
    evidence: str


class Verdict(NamedTuple):
    """What is decided of an item where the default (a new story, revision 1) does not hold."""

    key: str  # the occurrence for "unchanged", else the story_id
    outcome: str  # "unchanged", "revised" or "duplicate"
    revision: int = 1
    kept_id: str = ""
    relation: str = ""
    similarity: float = 0.0
    evidence: str = ""


for record in (Candidate, PastVersion, Endpoint, Edge, Verdict):
    registry.register_coder(record, RowCoder)


def occurrence_of(story: Story) -> str:
    """Return the name of one reading of one version: where it was read from."""
    return digest(story.story_id, story.origin, story.position)


def candidate_of(story: Story) -> Candidate:
    """Return what deduplication needs of a story just normalised."""
    return Candidate(
        occurrence=occurrence_of(story),
        story_id=story.story_id,
        source_id=story.source_id,
        item_id=story.item_id,
        text_sha256=story.text_sha256,
        is_long=len(story.text.split(maxsplit=EXACT_WORDS_MIN)) >= EXACT_WORDS_MIN,
        order_us=(story.published_at or story.first_seen_at).micros,
        updated_us=(story.updated_at or story.published_at or story.first_seen_at).micros,
        priority=story.priority,
        published=False,
        revision=1,
        predecessor="",
        is_forward=story.forwarded_from is not None,
        fingerprint=story.fingerprint,
    )


def order_versions(
    new: Iterable[Candidate], past: Iterable[PastVersion]
) -> Iterator[Candidate | Verdict]:
    """Yield what is left of one item's readings: its new versions, numbered; and verdicts.

    A version stored by an earlier run, or read twice in this one, is unchanged.
    """
    stored = {version.story_id: version for version in past}
    latest = max(stored.values(), key=lambda version: version.revision, default=None)
    revision = latest.revision if latest else 0
    predecessor = latest.story_id if latest and latest.kept else ""
    seen = set(stored)
    for candidate in sorted(new, key=_version_order):
        if candidate.story_id in seen:
            yield Verdict(candidate.occurrence, "unchanged")
            continue
        seen.add(candidate.story_id)
        revision += 1
        if revision > 1:
            yield Verdict(candidate.story_id, "revised", revision=revision)
        yield candidate._replace(revision=revision, predecessor=predecessor)
        predecessor = candidate.story_id


def _version_order(candidate: Candidate) -> tuple[int, int, str, str]:
    return candidate.order_us, candidate.updated_us, candidate.story_id, candidate.occurrence


def endpoint_of(candidate: Candidate) -> Endpoint:
    """Return `candidate` without what only the comparison needs."""
    return Endpoint(*(getattr(candidate, name) for name in Endpoint._fields))


def candidate_keys(candidate: Candidate) -> Iterator[tuple[str, Endpoint]]:
    """Yield the keys under which copies of `candidate` are looked for."""
    endpoint = endpoint_of(candidate)
    if candidate.is_long:
        yield candidate.text_sha256, endpoint
    for key in unpack(candidate.fingerprint).keys:
        yield f"{key:08x}", endpoint


def rank(endpoint: Endpoint) -> tuple[bool, int, int, int, str]:
    """Return the sort key of the one order: what is published, then time, priority, version."""
    return (
        not endpoint.published,
        endpoint.order_us,
        endpoint.priority,
        endpoint.revision,
        endpoint.story_id,
    )


def pairs_under(key: str, endpoints: Iterable[Endpoint]) -> Iterator[tuple[Endpoint, Endpoint]]:
    """Yield the pairs, earlier first, that share `key` and may be copies of each other."""
    ordered = sorted(set(endpoints), key=rank)
    if len(key) == _SHA256_HEX:  # equal texts, whenever they appeared: the first stands for all
        pairs: Iterable[tuple[Endpoint, Endpoint]] = ((ordered[0], one) for one in ordered[1:])
    else:
        pairs = _pairs_in_window(sorted(ordered, key=lambda e: (e.order_us, e.story_id)))
    for one, other in pairs:
        if not (one.published and other.published):
            yield (one, other) if rank(one) < rank(other) else (other, one)


def _pairs_in_window(by_time: list[Endpoint]) -> Iterator[tuple[Endpoint, Endpoint]]:
    first = 0
    for index, one in enumerate(by_time):
        while one.order_us - by_time[first].order_us > WINDOW_US:
            first += 1
        opening = by_time[first : min(first + NEIGHBOURS_MAX, index)]
        just_before = by_time[max(first + NEIGHBOURS_MAX, index - NEIGHBOURS_MAX) : index]
        for other in opening + just_before:
            yield one, other


def compare(earlier: Candidate, later: Candidate) -> Edge | None:
    """Return the edge between two candidates if one is a copy of the other, else None."""
    if (earlier.source_id, earlier.item_id) == (later.source_id, later.item_id):
        return None  # versions of one item are revisions, not copies
    ends = endpoint_of(earlier), endpoint_of(later)
    if later.is_long and earlier.text_sha256 == later.text_sha256:
        relation = "forward_of" if later.is_forward else "exact_copy"
        return Edge(*ends, relation, 1.0, "same text")
    if abs(later.order_us - earlier.order_us) > WINDOW_US:
        return None
    found = likeness(
        unpack(earlier.fingerprint),
        unpack(later.fingerprint),
        same_source=earlier.source_id == later.source_id,
    )
    if found is None:
        return None
    relation = "contained" if found.size_ratio < CONTAINED_RATIO else "near_copy"
    evidence = (
        f"shingles {found.contained:.3f}, lead {found.lead:.3f}, size {found.size_ratio:.3f}"
    )
    return Edge(
        *ends, "forward_of" if later.is_forward else relation, round(found.contained, 4), evidence
    )


def choose_kept(edges: Iterable[Edge]) -> Iterator[Verdict]:
    """Yield a verdict for each story that is a copy of one kept: leader clustering.

    A new version of a kept item is kept, whatever it resembles. Cost grows with the edges.
    """
    neighbours: dict[str, list[Edge]] = defaultdict(list)
    endpoints: dict[str, Endpoint] = {}
    for edge in edges:
        neighbours[edge.later.story_id].append(edge)
        endpoints[edge.earlier.story_id] = edge.earlier
        endpoints[edge.later.story_id] = edge.later
    copies: set[str] = set()
    for endpoint in sorted(endpoints.values(), key=rank):
        revises_kept = endpoint.predecessor and endpoint.predecessor not in copies
        if endpoint.published or revises_kept:
            continue
        leaders = [
            edge for edge in neighbours[endpoint.story_id]
            if edge.earlier.story_id not in copies
        ]
        if leaders:
            copies.add(endpoint.story_id)
            yield _verdict(leaders)


def _verdict(leaders: Sequence[Edge]) -> Verdict:
    edge = min(leaders, key=lambda edge: rank(edge.earlier))
    return Verdict(
        edge.later.story_id,
        "duplicate",
        revision=edge.later.revision,
        kept_id=edge.earlier.story_id,
        relation=edge.relation,
        similarity=edge.similarity,
        evidence=edge.evidence,
    )
