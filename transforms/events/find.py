"""Find the events that a story mentions: what, who, to whom, where, when, how certain."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemas.ids import digest
from schemas.records import Casualties, Event, ResolvedStory
from transforms.events.attribution import Source, source_of, sources
from transforms.events.casualties import Harm, find_casualties
from transforms.events.factuality import manner
from transforms.events.lexicon import load_lexicon
from transforms.events.modes import mode_of
from transforms.events.participants import parts
from transforms.events.setting import Frame, frame, place_of, time_of
from transforms.events.tiers import tier_of
from transforms.events.topics import is_likely_sport, speaks_of_sport
from transforms.events.trigger_merging import merge, story_cause, with_cause
from transforms.events.trigger_selection import Trigger, select
from transforms.events.triggers import Scan, scan
from transforms.events.words import Words, read_words

_FIELDS = ("title", "text")
_MAIN_LINE_SENTENCES = 2
"""How many sentences of a story's text tell its news, and not its background."""


class _Sentence(NamedTuple):
    """A sentence with all that was found in it."""

    words: Words
    scan: Scan
    triggers: Sequence[Trigger]
    sources: Sequence[Source]
    harms: Sequence[Harm]


def find_events(resolved: ResolvedStory) -> list[Event]:
    """Return the events of a story in the order of their triggers, title first.

    An index of event mentions with tiers: two mentions of one event are two rows. Linear in
    the story.
    """
    around = frame(resolved)
    read = [words for field in _FIELDS for words in read_words(resolved, field)]
    sentences = [sentence for words in read if (sentence := _read(words))]
    cause = story_cause([trigger for one in sentences for trigger in one.triggers])
    is_sport = speaks_of_sport(read)
    return [
        event
        for sentence in sentences
        for event in _events(resolved, sentence, around, cause)
        if not (is_sport and is_likely_sport(event))
    ]


def _read(words: Words) -> _Sentence | None:
    """Return what a sentence tells, or None if it tells of no event."""
    found = scan(words)
    chosen = merge(words, select(words, found, load_lexicon())) if found.triggers else []
    if not chosen:
        return None
    return _Sentence(words, found, chosen, sources(words, found), find_casualties(words))


def _events(
    resolved: ResolvedStory, sentence: _Sentence, around: Frame, cause: str | None
) -> Iterator[Event]:
    sentence = sentence._replace(triggers=with_cause(sentence.triggers, cause))
    for trigger in sentence.triggers:
        yield _event(resolved, sentence, trigger, around)


def _event(
    resolved: ResolvedStory, sentence: _Sentence, trigger: Trigger, around: Frame
) -> Event:
    words, row = sentence.words, trigger.hit.form.row
    told = manner(words, trigger, sentence.scan, published=around.published)
    source = source_of(trigger, sentence.sources)
    factuality = told.factuality
    if factuality == "asserted" and source:
        factuality = source.factuality
    played = parts(words, trigger, sentence.scan)
    place = place_of(words, trigger, played, around)
    is_main = words.field == "title" or words.sentence < _MAIN_LINE_SENTENCES
    time = time_of(
        words, trigger, around, tense=told.tense,
        is_main_line=is_main and factuality in ("asserted", "reported"),
    )
    start, end = words.words[trigger.first].start, words.words[trigger.last - 1].end
    story_id = resolved.story.story_id
    kind = row.event_type or row.extension_type or ""
    return Event(
        event_id=digest(story_id, words.field, str(start), str(end), kind),
        story_id=story_id,
        field=words.field,
        sentence=words.sentence,
        trigger_start=start,
        trigger_end=end,
        trigger=words.text[start:end],
        trigger_kind=trigger.kind,
        event_type=row.event_type,
        event_mode=mode_of(words, trigger),
        extension_type=row.extension_type,
        actors=tuple(name.mention_id for name in played.actors.names),
        actors_rule=played.actors.rule,
        recipients=tuple(name.mention_id for name in played.recipients.names),
        recipients_rule=played.recipients.rule,
        participants=tuple(name.mention_id for name in played.others),
        place=place.name,
        place_from=place.source,
        place_mention=place.mention.mention_id if place.mention else None,
        country=place.mention.country if place.mention else None,
        geonameid=place.mention.geonameid if place.mention else None,
        latitude=place.mention.latitude if place.mention else None,
        longitude=place.mention.longitude if place.mention else None,
        time=time.value,
        time_from=time.source,
        time_date=time.date_id,
        first_day=time.first_day,
        last_day=time.last_day,
        granularity=time.granularity,
        tense=told.tense,
        factuality=factuality,
        reported_by=source.name if source else None,
        casualties=_casualties(sentence, trigger),
        tier=tier_of(trigger, factuality),
        rule=row.rule,
    )


_HARMED_BY = {
    "killed": ("ASSAULT", "ACCIDENT", "DISASTER", "DEATH", "PROTEST", "SANCTION"),
    "injured": ("ASSAULT", "ACCIDENT", "DISASTER", "DEATH", "PROTEST"),
    "missing": ("ACCIDENT", "DISASTER", "ASSAULT", "DEATH"),
    "detained": ("COERCE", "SANCTION", "ASSAULT", "PROTEST"),
    "displaced": ("DISASTER", "COERCE", "ASSAULT"),
}


def _casualties(sentence: _Sentence, trigger: Trigger) -> tuple[Casualties, ...]:
    """Return the counts that belong to this trigger and to none nearer."""
    return tuple(
        harm.casualties for harm in sentence.harms if _owner(sentence, harm) is trigger
    )


def _owner(sentence: _Sentence, harm: Harm) -> Trigger | None:
    """Return the trigger that a count belongs to: of its kind, nearest, with no stop between."""
    kinds = _HARMED_BY[harm.casualties.kind]
    able = [
        (kinds.index(kind), abs(trigger.hit.first - harm.at), trigger)
        for trigger in sentence.triggers
        for kind in [trigger.hit.form.row.event_type or trigger.hit.form.row.extension_type or ""]
        if kind in kinds
    ]
    if not able:
        return None
    told = [one for one in able if one[2].first <= harm.at < one[2].last]
    return min(told or able, key=lambda one: one[1])[2]
