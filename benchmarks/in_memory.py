"""Deduplication in memory and without Beam: the reference that the pipeline must equal."""

from collections import defaultdict
from collections.abc import Iterable

from transforms.copies import Candidate, candidate_keys, choose_kept, compare, pairs_under


def kept_by_item(candidates: Iterable[Candidate]) -> dict[str, str]:
    """Return the story kept for each story: the reference, in memory and without Beam."""
    by_id = {candidate.story_id: candidate for candidate in candidates}
    buckets = defaultdict(list)
    for candidate in by_id.values():
        for key, endpoint in candidate_keys(candidate):
            buckets[key].append(endpoint)
    pairs = {
        (earlier.story_id, later.story_id)
        for key, endpoints in buckets.items()
        for earlier, later in pairs_under(key, endpoints)
    }
    edges = (compare(by_id[earlier], by_id[later]) for earlier, later in sorted(pairs))
    kept = {story_id: story_id for story_id in by_id}
    for verdict in choose_kept(edge for edge in edges if edge is not None):
        kept[verdict.key] = verdict.kept_id
    return kept
