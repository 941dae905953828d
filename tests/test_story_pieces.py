from pathlib import Path

from schemas.records import WireSpan
from tests.builders import make_story
from tests.newswire import newswire
from transforms.copies import candidate_of
from transforms.story_pieces import (
    read_candidates,
    read_stories,
    write_candidates,
    write_stories,
)


def test_a_piece_gives_back_what_was_laid_aside(tmp_path: Path) -> None:
    stories = [
        *newswire(1, 5),
        make_story(title="", text="؟\n\t🔴", published_at=None, agency="أ ف ب",
                   wire_spans=(WireSpan("dateline", 0, 1),), repairs=("mojibake",)),
    ]
    path = write_stories(str(tmp_path / "not" / "yet"), stories)
    found = list(read_stories(path))
    assert [one._replace(wire_spans=tuple(one.wire_spans), repairs=tuple(one.repairs))
            for one in found] == stories
    assert list(read_candidates(path)) == [candidate_of(story) for story in stories]


def test_what_the_history_holds_comes_back_too(tmp_path: Path) -> None:
    stored = candidate_of(make_story())._replace(
        published=True, revision=3, copy_of="a" * 32, copied_as="contained", similarity=0.25
    )
    assert list(read_candidates(write_candidates(str(tmp_path), [stored]))) == [stored]
