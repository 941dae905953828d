from pathlib import Path
from typing import Any

import pytest

from schemas.records import Duplicate, Story
from schemas.rows import to_arrow
from schemas.tables import DUPLICATES, STORIES
from schemas.views import open_tables
from tests.builders import NOON, make_story
from tests.news_lake import RUN_ID, write_rows

AFP = "AFP"


def _copy(story: Story, source_id: str, **fields: Any) -> Duplicate:
    plain = {
        "copy_id": f"{source_id}-copy", "source_id": source_id, "source_kind": "rss",
        "item_id": "1", "revision": 1, "url": None, "agency": None, "title": story.title,
        "text_sha256": "", "published_at": NOON, "first_seen_at": NOON,
        "story_id": story.story_id, "relation": "near_copy", "similarity": 0.9, "evidence": "",
        "origin": "", "position": "",
    }
    return Duplicate(**{**plain, **fields})


def _told(root: Path, stories: list[Story], copies: list[Duplicate]) -> list[tuple[Any, ...]]:
    write_rows(root, "stories", to_arrow(STORIES, stories, RUN_ID))
    write_rows(root, "duplicates", to_arrow(DUPLICATES, copies, RUN_ID))
    return open_tables(str(root)).sql("""
        select copies, sources, independent_sources, agencies from independent_sources
        order by story_id
    """).fetchall()


def test_five_papers_that_carry_one_agency_are_one_source(tmp_path: Path) -> None:
    story = make_story(source_id="afp", agency=AFP)
    copies = [_copy(story, f"paper-{n}", agency=AFP) for n in range(5)]
    assert _told(tmp_path, [story], copies) == [(5, 6, 1, [AFP])]


@pytest.mark.parametrize(
    ("copy", "independent"),
    [
        ({"relation": "exact_copy"}, 1),
        ({"relation": "forward_of"}, 1),
        ({"relation": "near_copy"}, 2),
        ({"relation": "contained"}, 2),
        ({"relation": "exact_copy", "agency": "REUTERS"}, 2),
    ],
)
def test_a_copy_without_a_credit_speaks_for_itself_only_if_it_was_edited(
    tmp_path: Path, copy: dict[str, Any], independent: int
) -> None:
    story = make_story(agency=AFP)
    assert _told(tmp_path, [story], [_copy(story, "sana", **copy)])[0][2] == independent


def test_without_any_agency_sources_are_counted(tmp_path: Path) -> None:
    story = make_story(agency=None)
    copies = [_copy(story, "sana"), _copy(story, "nna", relation="exact_copy"),
              _copy(story, story.source_id, item_id="2")]
    assert _told(tmp_path, [story], copies) == [(3, 3, 2, None)]


def test_versions_of_one_copy_count_once_and_a_story_alone_has_one_source(tmp_path: Path) -> None:
    story, alone = (make_story(story_id=name * 32, item_id=name) for name in "ab")
    copies = [_copy(story, "sana"), _copy(story, "sana", copy_id="later", revision=2)]
    assert _told(tmp_path, [story, alone], copies) == [(1, 2, 2, None), (0, 1, 1, None)]
