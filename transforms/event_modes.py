"""Say the mode of an event, where the words after its trigger decide it."""

from transforms.event_words import Words
from transforms.lexicon import load_lexicon
from transforms.trigger_selection import Trigger

_AHEAD = 10
_MODES = {
    "REQUEST": (("yield", "meet", "assist"), "change"),
    "REJECT": (("yield", "meet", "assist"), "change"),
    "THREATEN": (("relations", "restrict", "arrest", "expel", "territory", "violence"), None),
}


def mode_of(words: Words, trigger: Trigger) -> str | None:
    """Return the mode of an event: its row's own, or what is asked for, refused, threatened."""
    row = trigger.hit.form.row
    if row.mode or row.event_type not in _MODES:
        return row.mode
    lists = load_lexicon()
    modes, default = _MODES[row.event_type]
    for index in range(trigger.hit.last, trigger.hit.last + _AHEAD):
        if words.key(index) in (".", "؛", ""):
            break
        for mode in modes:
            if words.key(index) in lists.words[mode] or any(
                words.matches(index, tuple(frozenset({word}) for word in phrase))
                for phrase in lists.phrases[mode]
            ):
                return mode
    return default
