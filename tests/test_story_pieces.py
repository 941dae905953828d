from pathlib import Path

from schemas.records import WireSpan
from tests.builders import make_story
from tests.newswire import newswire
from transforms.copies import Candidate, candidate_of
from transforms.story_pieces import read_candidates, read_stories, write_piece


def test_a_piece_gives_back_what_was_laid_aside(tmp_path: Path) -> None:
    stories = [
        *newswire(1, 5),
        make_story(title="", text="؟\n\t🔴", published_at=None, agency="أ ف ب",
                   wire_spans=(WireSpan("dateline", 0, 1),), repairs=("mojibake",)),
    ]
    path = write_piece(str(tmp_path / "not" / "yet"), stories)
    found = list(read_stories(path))
    assert [one._replace(wire_spans=tuple(one.wire_spans), repairs=tuple(one.repairs))
            for one in found] == stories
    assert list(read_candidates(path)) == [candidate_of(story) for story in stories]


def test_columns_are_the_fields_of_a_candidate() -> None:
    later_found = {"copy_of", "copied_as", "similarity"}  # of what earlier runs have stored
    assert later_found == set(Candidate._field_defaults)
