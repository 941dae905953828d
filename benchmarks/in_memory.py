"""Deduplication in memory and without Beam, told as which story stands for which."""

from collections.abc import Iterable

from transforms.copies import Candidate
from transforms.pairing import verdicts_in_memory


def kept_by_item(candidates: Iterable[Candidate]) -> dict[str, str]:
    """Return the story kept for each story: itself, unless it is a copy."""
    candidates = list(candidates)
    kept = {candidate.story_id: candidate.story_id for candidate in candidates}
    for verdict in verdicts_in_memory(candidates):
        if verdict.outcome == "duplicate":
            kept[verdict.key] = verdict.kept_id
    return kept


def clusters(candidates: Iterable[Candidate]) -> dict[str, str]:
    """Return the first story of each story's cluster, through copies and replacements."""
    candidates = list(candidates)
    links = {verdict.key: verdict.kept_id for verdict in verdicts_in_memory(candidates)}
    roots = {}
    for candidate in candidates:
        root = candidate.story_id
        while root in links:  # a link leads to a story earlier in the order: it ends
            root = links[root]
        roots[candidate.story_id] = root
    return roots
