"""What relative dates are reckoned from."""

from datetime import date, datetime
from typing import NamedTuple

NO_ANCHOR = "no publication time to reckon from"
NO_CLOCK = "no clock time to reckon from"
OF_AN_EVENT = "reckoned from an event"
OF_ANOTHER_DATE = "reckoned from another date in the text"


class UnresolvedError(ValueError):
    """A reading stands for no known stretch; the message says why."""


class Anchor(NamedTuple):
    """What relative dates are reckoned from."""

    day: date
    moment: datetime | None = None  # in the desk's zone, without it


class Before(NamedTuple):
    """The date that a text names before an expression: its first day, and how exact it is."""

    day: date
    granularity: str


class Context(NamedTuple):
    """The anchor, whether the clause speaks of the future (1) or not (0), and the date before."""

    anchor: Anchor | None
    tense: int = 0
    before: Before | None = None
    is_first: bool = True  # the text names no date before

    @property
    def day(self) -> date:
        """The day of the anchor.

        Raises:
            UnresolvedError: there is no anchor.
        """
        if self.anchor is None:
            raise UnresolvedError(NO_ANCHOR)
        return self.anchor.day

    @property
    def moment(self) -> datetime:
        """The moment of the anchor.

        Raises:
            UnresolvedError: there is none.
        """
        if self.anchor is None:
            raise UnresolvedError(NO_ANCHOR)
        if self.anchor.moment is None:
            raise UnresolvedError(NO_CLOCK)
        return self.anchor.moment
