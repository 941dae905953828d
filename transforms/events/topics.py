"""Know stories of sport, where attacks, meetings and withdrawals are those of a match."""

from collections.abc import Iterable

from schemas.records import Event
from transforms.events.lexicon import load_lexicon
from transforms.events.words import Words

_WORDS_MIN = 5
"""So many different words of sport make a story one of sport."""

_PLAYED = frozenset({"ASSAULT", "CONSULT", "RETREAT", "THREATEN", "COERCE", "SANCTION", "AGREE"})
_EARNEST_MODES = frozenset({"arrest", "explosives", "firearms", "suicide-attack"})


def speaks_of_sport(sentences: Iterable[Words]) -> bool:
    """Say whether a story speaks of sport."""
    sport = load_lexicon().words["SPORT"]
    found: set[str] = set()
    for words in sentences:
        found.update(word.key for word in words.words if word.key in sport)
        if len(found) >= _WORDS_MIN:
            return True
    return False


def is_likely_sport(event: Event) -> bool:
    """Say whether an event of a story of sport is more likely a part of the match."""
    if event.casualties or event.event_mode in _EARNEST_MODES:
        return False
    return event.event_type in _PLAYED
