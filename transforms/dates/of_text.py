"""Read days that are reckoned from a date named before in the text: "في اليوم التالي"."""

from collections.abc import Sequence

from transforms.dates.anchors import OF_AN_EVENT
from transforms.dates.clauses import is_future_verb
from transforms.dates.numeric import Match
from transforms.dates.readings import OfText, Vague
from transforms.dates.tokens import Token
from transforms.dates.words import DAY_PARTS, word_set
from transforms.dates.years import NEXT

_BEFORE = DAY_PARTS.keys() | word_set("في من منذ حتى إلى ل و ثم")
"""Behind these "the next day" is an adverb; elsewhere it is what comes after a war."""
_OF_EVENT = word_set("ل من الذي")
_NO_EVENT = word_set("لكن لم لن لا لدى لو ليس ليست لأن لأنه لأنها لما لذا لذلك")


def day_of_text(tokens: Sequence[Token], i: int) -> Match | None:
    """Read "في اليوم التالي"."""
    if tokens[i].word != "اليوم" or tokens[i + 1].word not in NEXT:
        return None
    before = tokens[i - 1].word if i else ""
    if before not in _BEFORE and not is_future_verb(before):
        return None
    behind = tokens[i + 2].word
    is_of_event = behind in _OF_EVENT or (behind[:1] == "ل" and behind not in _NO_EVENT)
    return (Vague("day", OF_AN_EVENT) if is_of_event else OfText("day", 1)), i + 2
