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
