"""Say which office the people of a story hold, as it is printed beside their names."""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.records import Mention, Story
from transforms.mentions import FIELDS, read_field
from transforms.names.country_words import country_of
from transforms.names.known_names import find_known
from transforms.names.name_words import NAME_LETTERS_MAX, bare, without_clitics
from transforms.names.office_words import (
    COMPLEMENTS,
    DEPUTIES,
    ENVOYS,
    HEADS,
    HONORIFICS,
    LINKS,
    NAMESAKES,
    SPEECH,
    SPOKEN_FOR,
    STOPS,
    TITLES,
    WHERE,
)
from transforms.names.organisation_names import HEADS as ORGANISATION_HEADS
from transforms.names.text_words import TextWords, find_text_words

WORDS_MAX = 14  # of an office
_APPOSING = frozenset(("،", ",", "(", "-", "–", "—"))
_ACTING = ("القائم", "باعمال")


class Office(NamedTuple):
    """An office in a text: words [first, last), the first without `skipped` letters."""

    first: int
    last: int
    skipped: int


class _Field(NamedTuple):
    """One field of a story, ready for looking around its names."""

    words: TextWords
    mentions: Sequence[Mention | None]  # the mention that each word is of


def with_roles(story: Story, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions, people with the office that stands beside their name.

    Before it, as in "وزير الخارجية التركي هاكان فيدان", or after it between commas. The country
    of a person is that of the office, where a word of the office names one.
    """
    fields = {
        field: _read(story, field, mentions) for field in FIELDS
        if any(one.label == "PER" and one.field == field for one in mentions)
    }
    return [
        _with_role(fields[mention.field], mention) if mention.label == "PER" else mention
        for mention in mentions
    ]


def _read(story: Story, field: str, mentions: Sequence[Mention]) -> _Field:
    words = find_text_words(read_field(story, field))
    named: list[Mention | None] = [None] * len(words.words)
    for mention in mentions:
        if mention.field == field:
            for index in range(*words.range_of(mention.start, mention.end)):
                named[index] = mention
    return _Field(words, named)


def _with_role(field: _Field, mention: Mention) -> Mention:
    first, last = field.words.range_of(mention.start, mention.end)
    before, after = _before(field, first), _after(field, first, last)
    office = after if before is None or (after and before.last - before.first == 1) else before
    if office is None:
        return mention
    country = _country(field, office) or mention.country
    return mention._replace(role=_printed(field, office), country=country)


def _before(field: _Field, first: int) -> Office | None:
    """Return the office, or else the title, that ends before the word `first`."""
    title = None
    index = first - 1
    while _is_reached(field, index):
        skipped, form = _form_in(_word(field, index), TITLES | HONORIFICS)
        if not form:
            break
        if form in TITLES:
            title = Office(index, index + 1, skipped)
        if skipped:
            return title
        index -= 1
    office = _ending_at(field, index) or title
    return None if office and _is_namesake(field, office.first - 1) else office


def _is_namesake(field: _Field, index: int) -> bool:
    """Say whether the word `index` is something called after the person named after it."""
    return _is_reached(field, index) and bool(_form_in(_word(field, index), NAMESAKES)[1])


def _is_reached(field: _Field, index: int) -> bool:
    """Say whether the word `index` is no name and may belong with the word after it."""
    return index >= 0 and field.words.are_together(index) and not _is_person(field, index)


def _ending_at(field: _Field, last: int) -> Office | None:
    """Return the office whose last word is `last`."""
    for index in range(last, max(-1, last - WORDS_MAX), -1):
        if not _is_reached(field, index):
            return None
        skipped, head = _form_in(_word(field, index), HEADS)
        if head:
            office = Office(index, last + 1, skipped)
            return _with_deputy(field, office) if _is_whole(field, office) else None
        if not _continues(field, index):
            return None
    return None


def _is_whole(field: _Field, office: Office) -> bool:
    """Say whether an office says of what: "الرئيس" does, "رئيس" does not."""
    head = _word(field, office.first)[office.skipped :]
    is_definite = head.startswith(("ال", "لل"))
    is_complete = _word(field, office.last - 1) not in LINKS
    return is_complete and (is_definite or office.last - office.first > 1)


def _with_deputy(field: _Field, office: Office) -> Office | None:
    """Return the office with a deputy's before it; none if it may be another's than the name's."""
    index = office.first - 1
    if office.skipped or not _is_reached(field, index):
        return office
    skipped, form = _form_in(_word(field, index), DEPUTIES)
    if form:
        return Office(index, office.last, skipped)
    if _word(field, index) == _ACTING[1] and index and _word(field, index - 1) == _ACTING[0]:
        return Office(index - 1, office.last, 0)
    return None if _form_in(_word(field, index), SPOKEN_FOR)[1] else office


def _after(field: _Field, first: int, last: int) -> Office | None:
    """Return the office that follows a name in apposition: "..., وزير الخارجية التركي، ..."."""
    if last >= len(field.mentions) or not _may_follow(field, first, last):
        return None
    head = _word(field, last)
    if head not in HEADS or _is_person(field, last):
        return None
    barred = frozenset() if bare(head) in ENVOYS else WHERE
    end = last + 1
    while end < len(field.mentions) and end - last < WORDS_MAX and _goes_on(field, end, barred):
        end += 1
    while _word(field, end - 1) in LINKS:
        end -= 1
    is_anothers = end < len(field.mentions) and _begins_person(field, end)
    return Office(last, end, 0) if end - last > 1 and not is_anothers else None


def _may_follow(field: _Field, first: int, last: int) -> bool:
    """Say whether an office after the words [first, last) would be in apposition to them."""
    words, key = field.words.words, field.words.folded.key
    gap = key[words[last - 1].end : words[last].start].strip()
    if gap in _APPOSING:
        return True
    is_said = first > 0 and _word(field, first - 1) in SPEECH
    return not gap and is_said and last - first > 1


def _goes_on(field: _Field, index: int, barred: frozenset[str]) -> bool:
    return (
        field.words.are_together(index - 1)
        and _continues(field, index)
        and _word(field, index) not in barred
        and not _form_in(_word(field, index), TITLES | HONORIFICS)[1]
    )


def _begins_person(field: _Field, index: int) -> bool:
    """Say whether a person's name follows, a title before it or not."""
    while index < len(field.mentions) and field.words.are_together(index - 1):
        if _is_person(field, index):
            return True
        if not _form_in(_word(field, index), TITLES | HONORIFICS)[1]:
            return False
        index += 1
    return False


def _continues(field: _Field, index: int) -> bool:
    """Say whether a word may belong to an office, after its head."""
    word, mention = _word(field, index), field.mentions[index]
    forms = [form for _, form in without_clitics(word)]
    if mention is not None:
        return mention.label != "PER"
    if any(form in STOPS for form in forms):
        return False
    if word in LINKS or any(form.startswith(("ال", "لل")) for form in forms):
        return True
    return any(
        form in COMPLEMENTS or form in ORGANISATION_HEADS or country_of(bare(form))
        for form in forms
    )


def _country(field: _Field, office: Office) -> str | None:
    """Return the country that an office is of: that of its first word that tells."""
    index = office.first + 1
    while index < office.last and _word(field, index) not in WHERE:
        mention = field.mentions[index]
        if mention is not None and mention.label == "ORG":
            known = find_known(mention.surface[:NAME_LETTERS_MAX])
            return known.country if known else mention.country
        pair = [bare(_word(field, at)) for at in range(index, min(index + 2, office.last))]
        for words in (pair, pair[:1]):
            country = country_of(*words)
            if country:
                return country
        if mention is not None and mention.country:
            return mention.country
        index += 1
    return None


def _printed(field: _Field, office: Office) -> str:
    """Return an office as printed, without the clitics before it: "الرئيس" for "للرئيس"."""
    first, last = field.words.words[office.first], field.words.words[office.last - 1]
    start, end = field.words.span(first.start + office.skipped, last.end)
    text = field.words.folded.text[start:end]
    return f"ال{text[2:]}" if text.startswith("لل") else text


def _word(field: _Field, index: int) -> str:
    return field.words.words[index].word


def _is_person(field: _Field, index: int) -> bool:
    mention = field.mentions[index]
    return mention is not None and mention.label == "PER"


def _form_in(word: str, words: frozenset[str]) -> tuple[int, str]:
    """Return how many letters to take off for a word to be one of `words`, and that one."""
    forms = without_clitics(word)
    return next(((skipped, form) for skipped, form in forms if form in words), (0, ""))
