"""Mark what belongs to the wire and not to the story: lead, credits, end marks, adverts."""

from typing import NamedTuple

from schemas.records import WireSpan
from transforms.closings import find_closings
from transforms.datelines import Dateline, find_byline, find_dateline


class Anatomy(NamedTuple):
    """The wire's part of a text.

    `spans` are sorted by start; they overlap only where the credit and the author stand inside
    the dateline: the dateline span covers the whole lead, up to the sign that ends it.
    """

    spans: tuple[WireSpan, ...] = ()
    dateline_place: str | None = None  # as printed
    dateline_date: str | None = None  # as printed
    agency: str | None = None  # code, as in transforms/agencies.py
    author: str | None = None  # as printed


def anatomy(text: str) -> Anatomy:
    """Return the wire's part of `text`; the text itself stays whole. Works in constant time."""
    dateline = find_dateline(text)
    byline = find_byline(text) or (dateline.byline_span if dateline else None)
    story_start = max(dateline.end if dateline else 0, byline[1] if byline else 0)
    closings = find_closings(text)
    spans = [
        *_lead_spans(dateline, byline),
        *(span for span in closings.spans if span.start >= story_start),
    ]
    agency = (dateline.agency if dateline else "") or closings.agency
    return Anatomy(
        spans=tuple(sorted(spans, key=_position)),
        dateline_place=dateline.place if dateline else None,
        dateline_date=dateline.date if dateline else None,
        agency=agency or None,
        author=text[slice(*byline)] if byline else None,
    )


def _lead_spans(
    dateline: Dateline | None, byline: tuple[int, int] | None
) -> list[WireSpan]:
    """Return the spans before the story."""
    spans = [WireSpan("byline", *byline)] if byline else []
    if dateline:
        spans.append(WireSpan("dateline", dateline.start, dateline.end))
        spans.append(WireSpan("agency", *dateline.agency_span))
    return spans


def _position(span: WireSpan) -> tuple[int, int, str]:
    """Return the sort key of a span: by start, the longer first."""
    return span.start, -span.end, span.kind
