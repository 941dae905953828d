"""Decide which items are copies: pure functions, shared by every way of running them.

The outcome is a function of the set of items and the history, never of arrival order: versions
are ordered by time and id; an edge is symmetric but for who came first; and a story is kept
exactly if no earlier kept story is its neighbour (the lexicographically first maximal
independent set), so a story once published is never retracted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import xxhash
from apache_beam.coders import RowCoder
from apache_beam.coders.typecoders import registry

from schemas.ids import digest
from schemas.labels import REPLACEMENTS
from schemas.records import Story
from transforms.fingerprint import (
    EXACT_WORDS_MIN,
    NO_HASHES,
    WINDOW_US,
    Likeness,
    likeness,
    pack,
    unpack,
)
from transforms.folded_words import folded_words
from transforms.urls import canonical_url

CONTAINED_RATIO = 0.5  # a copy with less than half of the other's shingles is a part of it
TITLE_WORDS_MIN = 3
SAME_TEXT = "same text"
EXTENDED_RATIO = 0.85  # a desk's later text that is longer than this brings something new


class Candidate(NamedTuple):
    """What deduplication needs of one item; no body."""

    occurrence: str  # names this reading: the same version may be read twice
    story_id: str
    source_id: str
    item_id: str
    text_sha256: str
    url: str  # canonical, "" if none
    title: str  # its key, "" if too short to name a story
    agency: str
    is_long: bool  # long enough for equal texts to mean a copy
    is_correction: bool
    is_forward: bool
    order_us: int  # event time, microseconds
    updated_us: int
    priority: int
    published: bool  # kept by an earlier run
    revision: int
    predecessor: str  # story_id of the version before, "" if none or if it was a copy
    fingerprint: bytes
    # Of a copy that an earlier run has found: nothing is compared with it but equal texts.
    copy_of: str = ""  # the story kept, "" if this is no such copy
    copied_as: str = ""  # labels.RELATIONS
    similarity: float = 0.0


class NewVersion(NamedTuple):
    """A reading of a version of an item in this run."""

    story_id: str
    occurrence: str
    order_us: int
    updated_us: int
    is_correction: bool


class PastVersion(NamedTuple):
    """A version of an item that an earlier run has stored, as a story or as a duplicate."""

    story_id: str
    source_id: str
    item_id: str
    revision: int
    kept: bool


class Endpoint(NamedTuple):
    """A candidate's place in the order."""

    story_id: str
    order_us: int
    priority: int
    published: bool
    revision: int
    predecessor: str


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
    outcome: str  # "unchanged", "revised", "replaces" or "duplicate"
    revision: int = 1
    kept_id: str = ""  # the story that stands for a copy, or that is revised or replaced
    relation: str = ""
    similarity: float = 0.0
    evidence: str = ""


for record in (Candidate, NewVersion, PastVersion, Endpoint, Edge, Verdict):
    registry.register_coder(record, RowCoder)


def title_key(title: str) -> str:
    """Return a hash of a headline's folded words, "" if they are too few to name a story."""
    words, _ = folded_words(title, "")
    if len(words) < TITLE_WORDS_MIN:
        return ""
    return xxhash.xxh3_64_hexdigest(" ".join(words).encode())


def occurrence_of(story: Story) -> str:
    """Return the name of one reading of one version: where it was read from."""
    return digest(story.story_id, story.origin, story.position)


def version_of(story: Story) -> NewVersion:
    """Return what numbering the versions of an item needs of a story just normalised."""
    published_at = story.published_at or story.first_seen_at
    return NewVersion(
        story_id=story.story_id,
        occurrence=occurrence_of(story),
        order_us=published_at.micros,
        updated_us=(story.updated_at or published_at).micros,
        is_correction=story.status == "corrected",
    )


def candidate_of(story: Story) -> Candidate:
    """Return what deduplication needs of a story just normalised."""
    version = version_of(story)
    return Candidate(
        occurrence=version.occurrence,
        story_id=story.story_id,
        source_id=story.source_id,
        item_id=story.item_id,
        text_sha256=story.text_sha256,
        url=canonical_url(story.url),
        title=title_key(story.title),
        agency=story.agency or "",
        is_long=len(story.text.split(maxsplit=EXACT_WORDS_MIN)) >= EXACT_WORDS_MIN,
        is_correction=version.is_correction,
        is_forward=story.forwarded_from is not None,
        order_us=version.order_us,
        updated_us=version.updated_us,
        priority=story.priority,
        published=False,
        revision=1,
        predecessor="",
        fingerprint=story.fingerprint,
    )


def new_version(candidate: Candidate) -> NewVersion:
    """Return what numbering the versions of an item needs."""
    return NewVersion(*(getattr(candidate, name) for name in NewVersion._fields))


def order_versions(
    new: Iterable[NewVersion], past: Iterable[PastVersion]
) -> Iterator[Verdict]:
    """Yield a verdict for each reading of one item that is not its first version ever.

    A version stored by an earlier run, or read twice in this one, is unchanged; what is left
    is numbered on.
    """
    stored = {version.story_id: version for version in past}
    latest = max(stored.values(), key=lambda version: version.revision, default=None)
    revision = latest.revision if latest else 0
    predecessor = latest.story_id if latest and latest.kept else ""
    seen = set(stored)
    for version in sorted(new, key=version_order):
        if version.story_id in seen:
            yield Verdict(version.occurrence, "unchanged")
            continue
        seen.add(version.story_id)
        revision += 1
        if revision > 1:
            yield Verdict(version.story_id, "revised", revision=revision, kept_id=predecessor)
        predecessor = version.story_id


def version_order(version: NewVersion) -> tuple[int, int, bool, str, str]:
    """Return the sort key of the one order of an item's versions."""
    times = version.order_us, version.updated_us
    return *times, version.is_correction, version.story_id, version.occurrence


def revise(candidate: Candidate, revised: Verdict | None) -> Candidate:
    """Return `candidate` with the number that its verdict gives it, if there is one."""
    if revised is None:
        return candidate
    return candidate._replace(revision=revised.revision, predecessor=revised.kept_id)


def for_comparison(candidate: Candidate) -> Candidate:
    """Return `candidate` without what only finding pairs and versions needs: it travels far."""
    prints = unpack(candidate.fingerprint)
    return candidate._replace(occurrence="", fingerprint=pack(prints._replace(keys=NO_HASHES)))


def endpoint_of(candidate: Candidate) -> Endpoint:
    """Return the place of `candidate` in the order."""
    return Endpoint(*(getattr(candidate, name) for name in Endpoint._fields))


def rank(endpoint: Endpoint) -> tuple[bool, int, int, int, str]:
    """Return the sort key of the one order: what is published, then time, priority, version."""
    return (
        not endpoint.published,
        endpoint.order_us,
        endpoint.priority,
        endpoint.revision,
        endpoint.story_id,
    )


def compare(one: Candidate, other: Candidate) -> Edge | None:
    """Return the edge between two candidates if they tell the same, else None."""
    if (one.source_id, one.item_id) == (other.source_id, other.item_id):
        return None  # versions of one item are revisions, not copies
    earlier, later = sorted((one, other), key=lambda side: rank(endpoint_of(side)))
    ends = endpoint_of(earlier), endpoint_of(later)
    if later.is_long and earlier.text_sha256 == later.text_sha256:
        edge = Edge(*ends, "forward_of" if later.is_forward else "exact_copy", 1.0, SAME_TEXT)
        if earlier.copy_of:
            return _through(edge, earlier.copy_of, earlier.copied_as, earlier.similarity)
        return edge
    if earlier.copy_of or abs(later.order_us - earlier.order_us) > WINDOW_US:
        return None
    same_url = bool(earlier.url) and earlier.url == later.url
    same_title = bool(earlier.title) and earlier.title == later.title
    found = likeness(
        unpack(earlier.fingerprint),
        unpack(later.fingerprint),
        same_source=earlier.source_id == later.source_id and not same_title,
        same_url=same_url,
    )
    if found is None:
        return None
    evidence = (
        f"shingles {found.contained:.3f}, lead {found.lead:.3f}, size {found.size_ratio:.3f}"
        + ", same link" * same_url
    )
    relation = _relation(earlier, later, found, same_url=same_url)
    return Edge(*ends, relation, round(found.contained, 4), evidence)


def _through(edge: Edge, kept_id: str, relation: str, similarity: float) -> Edge:
    """Return the edge to the story kept for a text that is equal to a copy of that story.

    It stands in the order where the copy stands, which a later run knows too.
    """
    return Edge(
        edge.earlier._replace(story_id=kept_id),
        edge.later,
        edge.relation if edge.relation == "forward_of" else relation,
        similarity,
        f"{SAME_TEXT} as {edge.earlier.story_id}",
    )


def _relation(earlier: Candidate, later: Candidate, found: Likeness, *, same_url: bool) -> str:
    """Return how `later` relates to `earlier`: a desk may replace its own text, others copy it."""
    if later.is_forward:
        return "forward_of"
    if later.order_us >= earlier.order_us and not found.is_first_larger:
        if later.is_correction and not earlier.is_correction:
            return "correction_of"
        same_desk = (
            same_url
            or earlier.source_id == later.source_id
            or (bool(earlier.agency) and earlier.agency == later.agency)
        )
        if same_desk and found.size_ratio < EXTENDED_RATIO:
            return "update_of"
    return "contained" if found.size_ratio < CONTAINED_RATIO else "near_copy"


def choose_kept(edges: Iterable[Edge]) -> Iterator[Verdict]:
    """Yield a verdict for each story that copies or replaces one kept: leader clustering.

    A new version of a kept item is kept, whatever it resembles. Cost grows with the edges.
    """
    neighbours: dict[str, list[Edge]] = defaultdict(list)
    endpoints: dict[str, Endpoint] = {}
    for edge in edges:
        neighbours[edge.later.story_id].append(edge)
        endpoints[edge.earlier.story_id] = edge.earlier
        endpoints[edge.later.story_id] = edge.later
    copies: dict[str, Verdict] = {}
    for endpoint in sorted(endpoints.values(), key=rank):
        verdict = choose(endpoint, neighbours[endpoint.story_id], copies)
        if verdict is not None:
            yield verdict


def choose(
    endpoint: Endpoint, edges: Iterable[Edge], copies: dict[str, Verdict]
) -> Verdict | None:
    """Return what becomes of a story, None if it is simply kept, and note in `copies` if a copy.

    `edges` lead to earlier stories, on all of which it has been decided.
    """
    revises_kept = endpoint.predecessor and endpoint.predecessor not in copies
    if endpoint.published or revises_kept:
        return None
    leaders = list(_to_kept(edges, copies))
    if not leaders:
        return None
    verdict = _verdict(leaders)
    if verdict.outcome == "duplicate":
        copies[endpoint.story_id] = verdict
    return verdict


def _to_kept(edges: Iterable[Edge], copies: Mapping[str, Verdict]) -> Iterator[Edge]:
    """Yield the edges to stories kept; a text equal to a copy is a copy of the same story."""
    for edge in edges:
        found = copies.get(edge.earlier.story_id)
        if found is None:
            yield edge
        elif edge.evidence == SAME_TEXT:
            yield _through(edge, found.kept_id, found.relation, found.similarity)


def _leader_order(edge: Edge) -> tuple[tuple[bool, int, int, int, str], float, str, str]:
    """Order edges by whom they lead to; of two to one story, the closer one comes first."""
    return rank(edge.earlier), -edge.similarity, edge.relation, edge.evidence


def _verdict(leaders: Sequence[Edge]) -> Verdict:
    """Return what the nearest kept neighbours make of a story.

    It replaces what it updates, unless it repeats another kept story more closely.
    """
    replaced = [edge for edge in leaders if edge.relation in REPLACEMENTS]
    copied = [edge for edge in leaders if edge.relation not in REPLACEMENTS]
    if replaced and copied:
        nearest = max(edge.similarity for edge in replaced)
        copied = [edge for edge in copied if edge.similarity > nearest]
    edge = min(copied or replaced, key=_leader_order)
    return Verdict(
        edge.later.story_id,
        "duplicate" if copied else "replaces",
        revision=edge.later.revision,
        kept_id=edge.earlier.story_id,
        relation=edge.relation,
        similarity=edge.similarity,
        evidence=edge.evidence,
    )
