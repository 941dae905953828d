"""Say what becomes of a story when it has been decided on: shared by the batch and the stream."""

from collections.abc import Mapping
from typing import NamedTuple

from apache_beam.pvalue import PCollection

from schemas.records import Duplicate, Story
from transforms.copies import Verdict
from transforms.fingerprint import fingerprint, pack

Verdicts = Mapping[str, Verdict]


class Deduplicated(NamedTuple):
    """What leaves the stage: stories to keep, copies, and the sources of unchanged items."""

    stories: PCollection[Story]
    duplicates: PCollection[Duplicate]
    unchanged: PCollection[str]


def with_fingerprint(story: Story) -> Story:
    """Return `story` with its fingerprint."""
    prints = fingerprint(story.title, story.text, tuple(story.wire_spans))
    return story._replace(fingerprint=pack(prints))


def decide(story: Story, revised: Verdicts, copies: Verdicts) -> Story | Duplicate:
    """Return what becomes of a `story` that is not unchanged: a story or a duplicate."""
    found, version = copies.get(story.story_id), revised.get(story.story_id)
    if found is not None and found.outcome == "duplicate":
        return _duplicate(story, found)
    if version is not None:
        story = story._replace(revision=version.revision)
        earlier = copies.get(version.kept_id)
        if version.kept_id and not (earlier and earlier.outcome == "duplicate"):
            relation = "correction_of" if story.status == "corrected" else "update_of"
            return story._replace(replaces=version.kept_id, replaces_as=relation)
    if found is not None:
        return story._replace(replaces=found.kept_id, replaces_as=found.relation)
    return story


def _duplicate(story: Story, verdict: Verdict) -> Duplicate:
    return Duplicate(
        copy_id=story.story_id,
        source_id=story.source_id,
        source_kind=story.source_kind,
        item_id=story.item_id,
        revision=verdict.revision,
        url=story.url,
        agency=story.agency,
        title=story.title,
        text_sha256=story.text_sha256,
        published_at=story.published_at,
        first_seen_at=story.first_seen_at,
        story_id=verdict.kept_id,
        relation=verdict.relation,
        similarity=verdict.similarity,
        evidence=verdict.evidence,
        origin=story.origin,
        position=story.position,
    )
