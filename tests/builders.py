"""Builders of records for tests: every field has a plain value, name what matters."""

from typing import Any

from apache_beam.utils.timestamp import Timestamp

from schemas.ids import digest
from schemas.records import Mention, RawItem, Story
from transforms.fold import fold_key

NOON = Timestamp(1_731_240_000)  # 2024-11-10 12:00 UTC
TEXT = (
    "أعلنت وزارة الزراعة في بيان اليوم أن موسم الزيتون بدأ في المحافظات الشمالية مبكرا هذا العام "
    "وأن الإنتاج المتوقع يبلغ 120 ألف طن بزيادة قدرها 15 ألف طن عن الموسم السابق بحسب "
    "تقديرات أولية"
)


def make_item(**fields: Any) -> RawItem:
    """Return an item of a feed."""
    plain = {
        "source_id": "anadolu", "source_kind": "rss", "item_id": "guid-1",
        "origin": "anadolu.xml", "position": "item 1", "title": "موسم الزيتون يبدأ مبكرا",
        "body": TEXT, "markup": "plain", "published_at": NOON, "published_from": "pubDate",
    }
    return RawItem(**{**plain, **fields})


def make_story(**fields: Any) -> Story:
    """Return a story; `story_id` follows from source, item and text unless given."""
    plain = {
        "revision": 1, "source_id": "anadolu", "source_kind": "rss", "item_id": "guid-1",
        "url": None, "agency": None, "author": None, "language": "ar", "item_type": "story",
        "title": "موسم الزيتون يبدأ مبكرا", "text": TEXT, "published_at": NOON,
        "published_from": "pubDate", "updated_at": None,
        "timezone": "UTC", "first_seen_at": NOON,
        "wire_spans": (), "dateline_place": None,
        "status": "usable", "replaces": None, "replaces_as": None, "forwarded_from": None,
        "priority": 100, "repairs": (), "origin": "anadolu.xml", "position": "item 1",
        "fingerprint": b"",
    }
    story = {**plain, **fields}
    story.setdefault("text_sha256", digest(story["text"]) * 2)
    story.setdefault(
        "story_id", digest(story["source_id"], story["item_id"], story["title"], story["text"])
    )
    return Story(**story)


def make_mention(story: Story, surface: str, label: str, **fields: Any) -> Mention:
    """Return a mention of `surface` where it first stands in the story's text."""
    start = fields.pop("start", story.text.index(surface))
    plain = {
        "mention_id": digest(story.story_id, "text", str(start), str(start + len(surface)), label),
        "story_id": story.story_id, "field": "text", "sentence": 0, "start": start,
        "end": start + len(surface), "surface": surface, "label": label, "score": 0.9,
        "entity_key": f"{label}:{fold_key(surface)}", "role": None, "country": None,
        "country_alternatives": (), "geonameid": None, "latitude": None, "longitude": None,
        "link_rule": None, "model_id": "tests",
    }
    return Mention(**{**plain, **fields})
