"""The laws that one coded story must keep: offsets, ids of its own, references to its rows."""

from collections.abc import Iterator, Sequence

from schemas.records import CodedStory, Mention, Story, TaggedStory
from transforms.extract import extract
from transforms.mentions import read_field
from transforms.resolve import resolve


def code(story: Story, mentions: Sequence[Mention] = ()) -> CodedStory:
    """Return a story through the whole of resolve and extract, its laws checked."""
    coded = extract(resolve(TaggedStory(story, tuple(mentions))))
    check_laws(coded)
    check_conserved(coded, mentions)
    return coded


def check_laws(coded: CodedStory) -> None:
    """Assert that offsets give surfaces, ids differ and what events point at is there."""
    for field, start, end, surface in _stretches(coded):
        assert 0 <= start < end
        assert read_field(coded.story, field)[start:end] == surface
    mentions = [one.mention_id for one in coded.mentions]
    dates = [one.date_id for one in coded.dates]
    for ids in (mentions, dates, [one.event_id for one in coded.events]):
        assert len(set(ids)) == len(ids)
    for event in coded.events:
        named = {*event.actors, *event.recipients, *event.participants, event.place_mention}
        assert named - {None} <= set(mentions)
        assert event.time_date is None or event.time_date in dates
        text = read_field(coded.story, event.field)
        assert all(0 <= harm.start < harm.end <= len(text) for harm in event.casualties)


def _stretches(coded: CodedStory) -> Iterator[tuple[str, int, int, str]]:
    for one in (*coded.mentions, *coded.dates):
        yield one.field, one.start, one.end, one.surface
    for event in coded.events:
        yield event.field, event.trigger_start, event.trigger_end, event.trigger


def check_conserved(coded: CodedStory, mentions: Sequence[Mention]) -> None:
    """Assert that each of the model's mentions is there, or one that overlaps it, in order."""
    places = [(one.field != "title", one.start, one.end) for one in coded.mentions]
    assert places == sorted(places)
    letters = {
        field: {
            letter for one in coded.mentions if one.field == field
            for letter in range(one.start, one.end)
        }
        for field in ("title", "text")
    }
    for mention in mentions:
        assert not letters[mention.field].isdisjoint(range(mention.start, mention.end))
