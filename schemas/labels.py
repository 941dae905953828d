"""Entity labels and wire-span kinds: the closed vocabularies of the tables."""

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
