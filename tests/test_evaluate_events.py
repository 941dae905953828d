"""Events measured on labelled stories."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.evaluate import KINDS, EvaluationError
from pipeline.evaluate_events import INVENTED, MISSED, evaluate_events
from pipeline.labelled_events import read_stories

_TEXT = "زار الوزير بيروت أمس. وقصفت الطائرات المدينة."


def _event(text: str, trigger: str, **fields: Any) -> dict[str, Any]:
    start = text.index(trigger)
    return {
        "event_type": "CONSULT", "mode": "visit", "ext_type": None, "tense": "past",
        "factuality": "asserted", "location": None, "time": None,
        "trigger": {"start": start, "end": start + len(trigger), "text": trigger}, **fields,
    }


def _file(tmp_path: Path, labelled: Any, name: str = "events.json") -> Path:
    path = tmp_path / name
    path.write_text(json.dumps(labelled, ensure_ascii=False), encoding="utf-8")
    return path


def _assault() -> dict[str, Any]:
    return _event(_TEXT, "وقصفت", event_type="ASSAULT", mode="heavy-weapons")


def test_all_found_scores_one(tmp_path: Path) -> None:
    events = [_event(_TEXT, "زار", time="2024-11-09"), _assault()]
    evaluation = evaluate_events(_file(
        tmp_path, {"text": _TEXT, "published": "2024-11-10", "events": events}
    ))
    assert evaluation.score == 1.0
    assert evaluation.details["overlapping"]["found"] == 2
    assert evaluation.details["matched"] == {
        "events": 2, "tense": 1.0, "factuality": 1.0, "mode": 1.0, "place": 1.0, "time": 1.0,
    }
    assert evaluation.mistakes == []


def test_what_is_missed_and_invented_counts(tmp_path: Path) -> None:
    aid = _event(_TEXT, "الوزير", event_type="AID", mode=None)
    evaluation = evaluate_events(_file(
        tmp_path, [{"text": _TEXT, "published": "2024-11-10", "events": [aid, _assault()]}]
    ))
    assert (evaluation.details["precision"], evaluation.details["recall"]) == (0.5, 0.5)
    assert {one.sort for one in evaluation.mistakes} == {MISSED, INVENTED}
    assert evaluation.details["types"]["AID"] == {
        "labelled": 1, "found": 0, "reported": 0, "right": 0,
    }


def test_another_word_of_the_sentence_may_be_the_trigger(tmp_path: Path) -> None:
    text = "عقد الوزراء اجتماعا في جدة"
    event = _event(text, "جدة", mode="multilateral")
    evaluation = evaluate_events(_file(tmp_path, {"text": text, "events": [event]}))
    assert evaluation.score == 1.0
    assert evaluation.details["overlapping"]["found"] == 0


def test_the_text_may_lie_in_a_file_above(tmp_path: Path) -> None:
    raw = _TEXT.encode()
    (tmp_path / "story.txt").write_bytes(raw)
    folder = tmp_path / "labels"
    folder.mkdir()
    labelled = {"source": "story.txt", "sha256": hashlib.sha256(raw).hexdigest(),
                "published": "2024-11-10", "events": [_event(_TEXT, "زار"), _assault()]}
    assert evaluate_events(_file(folder, labelled)).score == 1.0
    with pytest.raises(EvaluationError, match="SHA-256 differs"):
        evaluate_events(_file(folder, {**labelled, "sha256": "0" * 64}))


def test_times_and_places_may_be_named_by_id(tmp_path: Path) -> None:
    event = _event(_TEXT, "زار", location="m1", time="t1")
    [story] = read_stories(_file(tmp_path, {
        "text": _TEXT, "events": [event], "entities": [{"id": "m1", "text": "بيروت"}],
        "dates": [{"id": "t1", "value": "2024-11-09"}],
    }))
    assert (story.events[0].place, story.events[0].time) == ("بيروت", "2024-11-09")


@pytest.mark.parametrize(("labelled", "message"), [
    ([], "no stories"),
    ("text", "list of 'events'"),
    ({"text": _TEXT}, "list of 'events'"),
    ({"events": []}, "neither 'text' nor 'source'"),
    ({"source": "absent.txt", "events": []}, "no file absent.txt"),
    ({"text": _TEXT, "events": [{}]}, "a 'trigger'"),
    ({"text": _TEXT, "published": 2024, "events": []}, "YYYY-MM-DD"),
    ({"text": _TEXT, "published": "soon", "events": []}, "YYYY-MM-DD"),
    ({"text": "...", "events": []}, "no letter"),
    ({"text": _TEXT, "events": [{"trigger": {"start": 0, "end": 999}}]}, "outside the text"),
    ({"text": _TEXT, "events": [{"trigger": {"start": 0, "end": 3, "text": "قال"}}]}, "reads"),
], ids=str)
def test_what_is_no_labelled_story_is_told(tmp_path: Path, labelled: Any, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        evaluate_events(_file(tmp_path, labelled))


def test_what_is_no_json_is_told(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(b"\xff{")
    with pytest.raises(EvaluationError, match="not JSON"):
        read_stories(path)
    with pytest.raises(EvaluationError, match="No such file"):
        read_stories(tmp_path / "absent.json")


def test_the_command_line_offers_it() -> None:
    assert "events" in KINDS
