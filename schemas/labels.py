"""The closed vocabularies of the tables: labels, kinds, types."""

ENTITY_LABELS = ("PER", "ORG", "LOC", "MISC")
"""People; organisations; places; other names (works, products, competitions, laws)."""

WIRE_SPAN_KINDS = ("dateline", "agency", "byline", "closing_mark", "promotion", "signature")
"""What a wire span marks: place and date line, agency credit, author, end mark, advert, desk."""

ITEM_TYPES = ("story", "alert", "correction", "withdrawal", "advisory", "digest", "media")
"""story; urgent headline alone; correction notice; kill; note to editors; summary list;
caption of a photo or video that has little text of its own."""

STATUSES = ("usable", "corrected", "withdrawn")
"""usable; a text that corrects an earlier one; a text that the agency has withdrawn."""

RELATIONS = ("exact_copy", "near_copy", "contained", "forward_of")
"""How a copy relates to the story kept: same text; same text with edits; text inside it;
Telegram forward of it."""

REPLACEMENTS = ("update_of", "correction_of")
"""How a story kept relates to the earlier one that it replaces."""

DATE_KINDS = ("date", "time", "duration", "set")
"""A day, month, year or other stretch of the calendar; a clock time; a length of time;
something that recurs (TimeML TIMEX3 types)."""

GRANULARITIES = (
    "minute", "hour", "day_part", "day", "week", "month", "quarter", "season", "half_year", "year",
    "decade", "century", "range", "duration", "set",
)
"""How exact a date expression is."""

DATE_MODIFIERS = ("start", "mid", "end", "approx", "before", "after")
"""TIMEX3 MOD, in plain words."""

DATE_ANCHORS = ("absolute", "dateline", "publication", "text", "none")
"""What a date is reckoned from: itself; the date in the dateline; the publication time in the
desk's zone; a date before it in the text; nothing, so that a relative expression stays
unresolved."""

CALENDARS = ("gregorian", "hijri")

PLOVER_TYPES = {
    "AGREE": "verbal cooperation", "CONSULT": "verbal cooperation",
    "SUPPORT": "verbal cooperation", "CONCEDE": "verbal cooperation",
    "COOPERATE": "material cooperation", "AID": "material cooperation",
    "RETREAT": "material cooperation",
    "REQUEST": "verbal conflict", "ACCUSE": "verbal conflict",
    "REJECT": "verbal conflict", "THREATEN": "verbal conflict",
    "PROTEST": "material conflict", "SANCTION": "material conflict",
    "MOBILIZE": "material conflict", "COERCE": "material conflict",
    "ASSAULT": "material conflict",
}
"""The sixteen event types of PLOVER, each with its quad class."""

PLOVER_MODES = {
    "ASSAULT": ("abduct", "beat", "torture", "sexual", "targeted", "destroy", "primitive",
                "firearms", "explosives", "suicide-attack", "aerial", "drone", "heavy-weapons",
                "crowd-control", "unconventional"),
    "PROTEST": ("demo", "riot", "strike", "hunger", "boycott", "obstruct"),
    "COERCE": ("seize", "restrict", "censor", "curfew", "martial-law", "arrest", "deport",
               "withhold", "misinformation", "cyber"),
    "CONSULT": ("visit", "third-party", "multilateral", "phone"),
    "RETREAT": ("withdraw", "release", "disarm", "ceasefire", "access", "resign"),
    "SANCTION": ("convict", "expel", "withdraw", "discontinue"),
    "MOBILIZE": ("troops", "weapons", "police", "militia"),
    "ACCUSE": ("disapprove", "investigate", "allege"),
    "REQUEST": ("assist", "change", "yield", "meet"),
    "REJECT": ("assist", "change", "yield", "meet"),
    "THREATEN": ("restrict", "arrest", "relations", "expel", "territory", "violence"),
}
"""The modes that PLOVER gives to some of its types."""

EXTENSION_TYPES = ("ORG_FORM", "TAKE_OFFICE", "LEAVE_OFFICE", "ELECTION", "DISASTER", "ACCIDENT",
                   "DEATH", "STATEMENT")
"""What wires report and PLOVER lacks; Naba's own names, kept in a column of their own."""

TRIGGER_KINDS = ("finite_verb", "light_verb", "event_noun")
"""A verb form; a light verb with its noun ("قام بزيارة"); a noun alone ("زيارة")."""

TENSES = ("past", "present", "planned", "unknown")

FACTUALITIES = ("asserted", "reported", "alleged", "requested", "hypothetical", "negated")
"""The wire's own word; somebody's word; an accusation; what somebody asks for; what may be;
what is denied or did not happen."""

CASUALTY_KINDS = ("killed", "injured", "detained", "missing", "displaced")

COUNT_QUALIFIERS = ("exact", "at_least", "at_most", "about")

EVENT_TIERS = ("A", "B", "C")
"""How far to trust an event, best first; docs/events.md prints what each tier measures."""

PLACE_SOURCES = ("sentence", "dateline")
"""Where the place of an event was read."""

TIME_SOURCES = ("sentence", "dateline", "publication")
"""Where the time of an event was read."""
