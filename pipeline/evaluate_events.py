"""Evaluate events on labelled stories, which go through recognise, resolve and extract.

A labelled event counts as found if an event of its type stands in its sentence: people differ
on which word tells of an event ("held" or "a meeting"), and on how many events one deed is.
How many triggers overlap, one to one, is printed beside it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.evaluate import Evaluation, Mistake, ratio
from pipeline.labelled_events import LabelledEvent, LabelledStory, code_stories, read_stories
from schemas.labels import EVENT_TIERS
from schemas.records import Event
from transforms.model_loader import load_tagger
from transforms.sentences import sentence_spans

MISSED, INVENTED = "missed", "no event of this type in the sentence, but found"


class _Coded(NamedTuple):
    """A labelled story, its events as found, and the sentence of each."""

    story: LabelledStory
    found: Sequence[Event]
    labelled_at: Sequence[int]
    found_at: Sequence[int]


def evaluate_events(path: Path, model: str = "") -> Evaluation:
    """Return how well events are found in the labelled stories of a file.

    Raises:
        EvaluationError: the file holds no labelled stories.
    """
    coded = [
        _coded(story, events)
        for story, events in code_stories(read_stories(path), load_tagger(model))
    ]
    plover = _rates(coded, "event_type")
    pairs = [pair for one in coded for pair in _matched(one)]
    details: dict[str, Any] = {
        "stories": len(coded),
        **plover,
        "parts": _parts(coded),
        "overlapping": _overlapping(coded),
        "extension": _rates(coded, "extension_type"),
        "matched": _accuracies(pairs),
        "tiers": _tiers(coded),
        "types": _types(coded),
    }
    return Evaluation(
        "events", "F1 of event types by sentence", plover["f1"], details,
        [mistake for one in coded for mistake in _mistakes(one)],
    )


def _coded(story: LabelledStory, events: Sequence[Event]) -> _Coded:
    spans = sentence_spans(story.text)
    text_events = [event for event in events if event.field == "text"]

    def sentence(offset: int) -> int:
        return sum(end <= offset for _, end in spans)

    return _Coded(
        story, text_events,
        [sentence(event.start) for event in story.events],
        [sentence(event.trigger_start) for event in text_events],
    )


def _parts(coded: Sequence[_Coded]) -> dict[str, Any]:
    """Return the rates of each part that a file names."""
    parts = sorted({one.story.part for one in coded if one.story.part})
    return {
        part: _rates([one for one in coded if one.story.part == part], "event_type")
        for part in parts
    }


def _type(event: LabelledEvent | Event, field: str) -> str | None:
    value: str | None = getattr(event, field)
    return value


def _rates(coded: Iterable[_Coded], field: str) -> dict[str, Any]:
    """Return precision, recall and F1 of the types in one field."""
    right = reported = found = labelled = 0
    for one in coded:
        gold = {(at, _type(event, field))
                for event, at in zip(one.story.events, one.labelled_at, strict=True)}
        told = {(at, _type(event, field))
                for event, at in zip(one.found, one.found_at, strict=True)}
        for event, at in zip(one.found, one.found_at, strict=True):
            if _type(event, field):
                reported += 1
                right += (at, _type(event, field)) in gold
        for labelled_event, at in zip(one.story.events, one.labelled_at, strict=True):
            if _type(labelled_event, field):
                labelled += 1
                found += (at, _type(labelled_event, field)) in told
    return _f1(right, reported, found, labelled)


def _f1(right: int, reported: int, found: int, labelled: int) -> dict[str, Any]:
    precision, recall = ratio(right, reported), ratio(found, labelled)
    f1 = round(2 * precision * recall / (precision + recall), 4) if precision + recall else 0.0
    return {"labelled": labelled, "reported": reported,
            "precision": precision, "recall": recall, "f1": f1}


def _kind(event: LabelledEvent | Event) -> str:
    return event.event_type or event.extension_type or ""


def _matched(one: _Coded) -> Iterator[tuple[LabelledEvent, Event, bool]]:
    """Yield pairs of labelled and found events of one type in one sentence, each used once;
    those whose triggers overlap first."""
    candidates = sorted(
        (not _overlap(event, other), abs(event.start - other.trigger_start), row, column)
        for row, event in enumerate(one.story.events)
        for column, other in enumerate(one.found)
        if one.labelled_at[row] == one.found_at[column] and _share_type(event, other)
    )
    rows, columns = set[int](), set[int]()
    for is_apart, _, row, column in candidates:
        if row not in rows and column not in columns:
            rows.add(row)
            columns.add(column)
            yield one.story.events[row], one.found[column], not is_apart


def _share_type(one: LabelledEvent, other: Event) -> bool:
    return (one.event_type is not None and one.event_type == other.event_type) or (
        one.extension_type is not None and one.extension_type == other.extension_type
    )


def _overlap(one: LabelledEvent, other: Event) -> bool:
    return one.start < other.trigger_end and other.trigger_start < one.end


def _overlapping(coded: Sequence[_Coded]) -> dict[str, Any]:
    """Return precision and recall of PLOVER events, one to one, whose triggers overlap."""
    hits = sum(
        overlaps and event.event_type is not None and event.event_type == other.event_type
        for one in coded for event, other, overlaps in _matched(one)
    )
    labelled = sum(event.event_type is not None for one in coded for event in one.story.events)
    reported = sum(event.event_type is not None for one in coded for event in one.found)
    return {**_f1(hits, reported, hits, labelled), "found": hits}


def _accuracies(pairs: Sequence[tuple[LabelledEvent, Event, bool]]) -> dict[str, Any]:
    """Return how often the rest of a matched event is right."""
    modes = [(one, other) for one, other, _ in pairs if one.mode or other.event_mode]
    places = [(one, other) for one, other, _ in pairs if one.place]
    times = [(one, other) for one, other, _ in pairs if one.time]
    return {
        "events": len(pairs),
        "tense": ratio(sum(one.tense == other.tense for one, other, _ in pairs), len(pairs)),
        "factuality": ratio(
            sum(one.factuality == other.factuality for one, other, _ in pairs), len(pairs)
        ),
        "mode": ratio(sum(one.mode == other.event_mode for one, other in modes), len(modes)),
        "place": ratio(sum(_same_place(one, other) for one, other in places), len(places)),
        "time": ratio(sum(_same_time(one, other) for one, other in times), len(times)),
    }


def _same_place(one: LabelledEvent, other: Event) -> bool:
    return bool(one.place and other.place) and (
        str(one.place) in str(other.place) or str(other.place) in str(one.place)
    )


def _same_time(one: LabelledEvent, other: Event) -> bool:
    """Say whether the times agree; a part of the day is finer than the day labelled."""
    return other.time is not None and (
        other.time == one.time or other.time.startswith(f"{one.time}T")
    )


def _tiers(coded: Sequence[_Coded]) -> dict[str, Any]:
    """Return precision of each tier, and recall of it with the better ones."""
    report: dict[str, Any] = {}
    for count, tier in enumerate(EVENT_TIERS, 1):
        alone = [_only(one, (tier,)) for one in coded]
        together = [_only(one, EVENT_TIERS[:count]) for one in coded]
        rates, joint = _all_rates(alone), _all_rates(together)
        report[tier] = {"reported": rates["reported"], "precision": rates["precision"],
                        "recall_up_to_here": joint["recall"]}
    return report


def _only(one: _Coded, tiers: Sequence[str]) -> _Coded:
    kept = [index for index, event in enumerate(one.found) if event.tier in tiers]
    return one._replace(found=[one.found[index] for index in kept],
                        found_at=[one.found_at[index] for index in kept])


def _all_rates(coded: Sequence[_Coded]) -> dict[str, Any]:
    """Return precision and recall of events of every type, PLOVER's and Naba's."""
    right = reported = found = labelled = 0
    for one in coded:
        for event, at in zip(one.found, one.found_at, strict=True):
            reported += 1
            right += any(at == place and _share_type(gold, event)
                         for gold, place in zip(one.story.events, one.labelled_at, strict=True))
        for gold, at in zip(one.story.events, one.labelled_at, strict=True):
            labelled += 1
            found += any(at == place and _share_type(gold, event)
                         for event, place in zip(one.found, one.found_at, strict=True))
    return _f1(right, reported, found, labelled)


def _types(coded: Sequence[_Coded]) -> dict[str, Any]:
    """Return for each type how many are labelled, reported, found and right."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in coded:
        gold = {(at, _kind(event))
                for event, at in zip(one.story.events, one.labelled_at, strict=True)}
        told = {(at, _kind(event)) for event, at in zip(one.found, one.found_at, strict=True)}
        for event, at in zip(one.story.events, one.labelled_at, strict=True):
            counts[_kind(event)].update(labelled=1, found=int((at, _kind(event)) in told))
        for other, at in zip(one.found, one.found_at, strict=True):
            counts[_kind(other)].update(reported=1, right=int((at, _kind(other)) in gold))
    return {
        kind: {name: counts[kind][name] for name in ("labelled", "found", "reported", "right")}
        for kind in sorted(counts)
    }


def _mistakes(one: _Coded) -> Iterator[Mistake]:
    spans = sentence_spans(one.story.text)
    told = {(at, _kind(event)) for event, at in zip(one.found, one.found_at, strict=True)}
    for event, at in zip(one.story.events, one.labelled_at, strict=True):
        if not any(_share_type(event, other) and place == at
                   for other, place in zip(one.found, one.found_at, strict=True)):
            others = ", ".join(sorted(kind for place, kind in told if place == at))
            yield Mistake(MISSED, f"{event.kind} ({others or 'nothing'} found)",
                          one.story.text[event.start : event.end],
                          one.story.text[slice(*spans[at])])
    for other, at in zip(one.found, one.found_at, strict=True):
        if not any(_share_type(event, other) and place == at
                   for event, place in zip(one.story.events, one.labelled_at, strict=True)):
            yield Mistake(INVENTED, f"{_kind(other)} ({other.rule}, tier {other.tier})",
                          other.trigger, one.story.text[slice(*spans[at])])
