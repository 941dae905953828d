"""Read stories labelled with events, and code them as a run does."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from apache_beam.utils.timestamp import Timestamp

from pipeline.evaluate import EvaluationError
from schemas.records import Event, RawItem, Story
from transforms.events.find import find_events
from transforms.mentions import tag_stories
from transforms.normalise import NormaliseError, normalise
from transforms.resolve import resolve
from transforms.tagger import Tagger
from transforms.wire import anatomy

FILE_BYTES_MAX = 64_000_000
_NOON = "T12:00:00Z"


class LabelledEvent(NamedTuple):
    """An event as a person labelled it."""

    event_type: str | None
    extension_type: str | None
    mode: str | None
    start: int
    end: int
    tense: str
    factuality: str
    place: str | None  # as printed
    time: str | None  # ISO 8601

    @property
    def kind(self) -> str:
        """Return the PLOVER type, else the type that Naba adds."""
        return self.event_type or self.extension_type or ""


class LabelledStory(NamedTuple):
    """A text, its day of publication, and the events labelled in it."""

    name: str
    text: str
    published: str | None
    events: Sequence[LabelledEvent]
    part: str = ""  # of a file that says so: "held_out"


def read_stories(path: Path) -> list[LabelledStory]:
    """Return the labelled stories of a JSON file: one story, or a list of them.

    Raises:
        EvaluationError: the file, or the text that it names, is not what it should be.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise EvaluationError(f"{path}: larger than {FILE_BYTES_MAX:,} bytes")
        labelled = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise EvaluationError(f"{path}: not JSON in UTF-8 ({error})") from error
    rows = labelled if isinstance(labelled, list) else [labelled]
    if not rows:
        raise EvaluationError(f"{path}: no stories; a labelled file holds one or a list of them")
    return [_story(path, number, row) for number, row in enumerate(rows, 1)]


def _story(path: Path, number: int, row: Any) -> LabelledStory:
    place = f"{path}, story {number}"
    if not isinstance(row, dict) or not isinstance(row.get("events"), list):
        raise EvaluationError(f"{place}: should be an object with a list of 'events'")
    text = _text(path, place, row)
    published = row.get("published")
    if published is not None and not isinstance(published, str):
        raise EvaluationError(f"{place}: 'published' should be a day, YYYY-MM-DD")
    names = {one["id"]: one for one in _objects(row, "entities") + _objects(row, "dates")
             if "id" in one}
    events = [
        _event(f"{place}, event {count}", text, event, names)
        for count, event in enumerate(row["events"], 1)
    ]
    return LabelledStory(
        str(row.get("id") or number), text, published, events, str(row.get("part") or "")
    )


def _objects(row: Mapping[str, Any], field: str) -> list[dict[str, Any]]:
    return [one for one in row.get(field) or [] if isinstance(one, dict)]


def _text(path: Path, place: str, row: Mapping[str, Any]) -> str:
    """Return the text of a story: given inline, or in a file beside the labels or above them."""
    text = row.get("text")
    if isinstance(text, str):
        return text
    source = row.get("source")
    if not isinstance(source, str):
        raise EvaluationError(f"{place}: neither 'text' nor 'source' says what is labelled")
    folders = path.resolve().parents
    found = next((file for folder in folders if (file := folder / source).is_file()), None)
    if found is None:
        raise EvaluationError(f"{place}: no file {source} beside {path} or in a folder above it")
    raw = found.read_bytes()
    if row.get("sha256") not in (None, hashlib.sha256(raw).hexdigest()):
        raise EvaluationError(f"{found}: not the text that was labelled: SHA-256 differs")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{found}: not UTF-8 ({error})") from error


def _event(
    place: str, text: str, row: Any, names: Mapping[str, dict[str, Any]]
) -> LabelledEvent:
    if not isinstance(row, dict) or not isinstance(row.get("trigger"), dict):
        raise EvaluationError(f"{place}: should be an object with a 'trigger'")
    start, end = (row["trigger"].get(edge) for edge in ("start", "end"))
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(text):
        raise EvaluationError(f"{place}: the trigger [{start}, {end}) lies outside the text")
    printed = row["trigger"].get("text", text[start:end])
    if text[start:end] != printed:
        raise EvaluationError(f"{place}: the trigger reads {text[start:end]!r}, not {printed!r}")
    location, time = str(row.get("location") or ""), str(row.get("time") or "")
    return LabelledEvent(
        event_type=row.get("event_type"),
        extension_type=row.get("ext_type"),
        mode=row.get("mode"),
        start=start,
        end=end,
        tense={"ongoing": "present"}.get(row.get("tense", ""), row.get("tense") or "unknown"),
        factuality=_FACTUALITIES.get(row.get("factuality", ""), row.get("factuality") or ""),
        place=names[location]["text"] if location in names else location or None,
        time=names[time]["value"] if time in names else time or None,
    )


_FACTUALITIES = {"expected": "asserted", "scheduled": "asserted", "": "asserted"}
"""Plans have a tense; how sure the text is of them is another matter."""


def code_stories(
    stories: Sequence[LabelledStory], tagger: Tagger
) -> Iterator[tuple[LabelledStory, list[Event]]]:
    """Yield each story with the events that a run would find in it.

    Raises:
        EvaluationError: a text cannot become a story.
    """
    batch = tag_stories([_as_story(one) for one in stories], tagger, any_language=True)
    for labelled, tagged in zip(stories, batch.stories, strict=True):
        yield labelled, find_events(resolve(tagged))


def _as_story(labelled: LabelledStory) -> Story:
    """Return a story whose text is the very one labelled, so that offsets hold."""
    try:
        published = Timestamp.from_rfc3339(labelled.published + _NOON) if (
            labelled.published
        ) else None
    except ValueError as error:
        raise EvaluationError(
            f"{labelled.name}: 'published' should be a day, YYYY-MM-DD: {error}"
        ) from error
    item = RawItem(
        source_id="labelled", source_kind="text", item_id=labelled.name, origin="labelled",
        position=labelled.name, title="", body=labelled.text, markup="plain",
        published_at=published, published_from="published",
    )
    try:
        story = normalise(item, first_seen_at=published or Timestamp(0))
    except NormaliseError as error:
        raise EvaluationError(f"{labelled.name}: {error}") from error
    if story.text == labelled.text:
        return story
    return story._replace(text=labelled.text, wire_spans=anatomy(labelled.text).spans)
