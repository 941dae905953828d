"""Give a place the whole of its name where the model has cut it: "East Jerusalem"."""

import re
from collections.abc import Sequence

from schemas.records import Mention, Story
from transforms.fold import fold_key
from transforms.mentions import make_mentions, read_field
from transforms.places.forms import name_key
from transforms.places.gazetteer import load_gazetteer
from transforms.tagger import Name

# What may follow a name and belong to it: one word or two, nothing but a space before each.
_WORD = r" [\w\u064b-\u0652\u0670]+"  # \w leaves the vowel marks out
_FOLLOWING = re.compile(rf"({_WORD})({_WORD})?")
_REMARKS = (fold_key(" المحتلة"), fold_key(" المحتل"))  # "occupied": said of a place, no name


def widen_places(story: Story, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions, those of places up to the end of a longer name that stands there.

    A name counts if the gazetteer has it as it is printed, and if no other mention begins in it.
    """
    starts = {(mention.field, mention.start) for mention in mentions}
    return [_widened(story, mention, starts) for mention in mentions]


def _widened(story: Story, mention: Mention, starts: set[tuple[str, int]]) -> Mention:
    text = read_field(story, mention.field)
    following = _FOLLOWING.match(text, mention.end) if mention.label == "LOC" else None
    if following is None:
        return mention
    for end in sorted({following.end(), following.end(1)}, reverse=True):
        is_free = not any((mention.field, at) in starts for at in range(mention.end, end))
        key = name_key(text[mention.start : end])
        if is_free and key in load_gazetteer().places and not key.endswith(_REMARKS):
            name = Name(mention.start, end, mention.sentence, mention.label, mention.score)
            # None is made in the wire's own adverts.
            wide = make_mentions(story, mention.field, [name], model_id=mention.model_id)
            return wide[0] if wide else mention
    return mention
