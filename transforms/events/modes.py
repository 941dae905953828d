"""Say the mode of an event, where the words after its trigger decide it."""

from transforms.events.lexicon import Lexicon, load_lexicon
from transforms.events.trigger_selection import Trigger
from transforms.events.words import Words

_AHEAD = 10
_ARMS_AROUND = 14
_ARMS = ("drone", "suicide-attack", "aerial", "explosives", "heavy-weapons", "firearms",
         "primitive")
_MODES = {
    "REQUEST": (("yield", "meet", "assist"), "change"),
    "REJECT": (("yield", "meet", "assist"), "change"),
    "THREATEN": (("relations", "restrict", "arrest", "expel", "territory", "violence"), None),
}


def mode_of(words: Words, trigger: Trigger) -> str | None:
    """Return the mode of an event: its row's own, or what is asked for, refused, threatened."""
    row = trigger.hit.form.row
    if row.event_type == "ASSAULT" and row.mode is None:
        return _arms(words, trigger)
    if row.event_type == "CONSULT" and row.mode is None and _is_by_phone(words, trigger):
        return "phone"
    if row.mode or row.event_type not in _MODES:
        return row.mode
    lists = load_lexicon()
    modes, default = _MODES[row.event_type]
    for index in range(trigger.hit.last, trigger.hit.last + _AHEAD):
        if words.key(index) in (".", "؛", ""):
            break
        for mode in modes:
            if _names(words, index, mode, lists):
                return mode
    return default


def _is_by_phone(words: Words, trigger: Trigger) -> bool:
    return "هاتفيا" in words.keys[trigger.first : trigger.last + _AHEAD]


def _names(words: Words, index: int, mode: str, lexicon: Lexicon) -> bool:
    """Say whether a word or a phrase that means a mode begins here."""
    return words.key(index) in lexicon.words[mode] or any(
        tuple(words.keys[index : index + len(phrase)]) == phrase
        for phrase in lexicon.phrases[mode]
    )


def _arms(words: Words, trigger: Trigger) -> str | None:
    """Return the mode of the arms that are named nearest to an assault, the telling ones first."""
    lexicon = load_lexicon()
    first = max(0, trigger.first - _ARMS_AROUND)
    near = range(first, min(len(words.words), trigger.last + _ARMS_AROUND))
    found = [
        (abs(index - trigger.first), rank, mode)
        for rank, mode in enumerate(_ARMS) for index in near
        if _names(words, index, mode, lexicon)
    ]
    return min(found)[2] if found else None
