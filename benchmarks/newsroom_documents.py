"""What an outlet publishes, as it is printed: four kinds of feed, Telegram exports, plain text."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import NamedTuple

from benchmarks.newsroom import Clock, Key, Version
from tests.telegram_exports import desktop_json, message

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


class Printed(NamedTuple):
    """A document, and where in it each version ends, in characters."""

    text: str
    ends: Sequence[tuple[int, Version]]

    def told(self) -> frozenset[Key]:
        """Return the versions in it that say something."""
        return self.before(len(self.text))

    def before(self, length: int) -> frozenset[Key]:
        """Return the versions that lie in the first `length` characters and say something."""
        return frozenset(
            version.key() for end, version in self.ends
            if end <= length and (version.title or version.text)
        )


class Kind(NamedTuple):
    """A kind of feed."""

    opening: str
    item: Callable[[Version, Clock], str]
    between: str
    closing: str
    media_type: str


def print_feed(kind: Kind, versions: Sequence[Version], clock: Clock) -> Printed:
    """Return the document that shows `versions`."""
    text, ends = kind.opening, []
    for number, version in enumerate(versions):
        text += kind.between * bool(number) + kind.item(version, clock)
        ends.append((len(text), version))
    return Printed(text + kind.closing, ends)


def print_export(chat: str, versions: Sequence[Version], clock: Clock) -> Printed:
    """Return a Telegram export of a public channel, oldest message first."""
    messages = [_message(one, clock) for one in reversed(versions)]
    name = int(chat.rpartition("/")[2])
    header = {"name": "أخبار", "type": "public_channel", "id": name}
    text = desktop_json({**header, "messages": messages})
    return Printed(text, [(len(text), one) for one in versions])


def print_wire(version: Version) -> Printed:
    """Return a file of one story: its headline, an empty line, its text."""
    text = f"{version.title}\n\n{version.text}\n"
    return Printed(text, [(len(text), version)])


def published_s(version: Version, clock: Clock) -> float:
    """Return the moment that is printed as that of publication, in Unix seconds."""
    return clock.wall(version.published_s) - version.aged_s


def _rss_item(version: Version, clock: Clock) -> str:
    date = _rfc_822(published_s(version, clock))
    dated = f"<pubDate>{date}</pubDate>" * version.is_dated
    return (
        f"<item><guid isPermaLink='false'>{version.item_id}</guid><title>{version.title}</title>"
        f"<description>{version.text}</description>{dated}</item>\n"
    )


def _damaged_item(version: Version, clock: Clock) -> str:
    """Return an RSS item with a bare ampersand, an unknown entity and an element left open."""
    return _rss_item(version, clock).replace("</item>", "<category>أ & ب &oops;<b></item>")


def _rdf_item(version: Version, clock: Clock) -> str:
    dated = f"<dc:date>{_iso_8601(published_s(version, clock))}</dc:date>" * version.is_dated
    return (
        f"<item rdf:about='{version.item_id}'><title>{version.title}</title>"
        f"<description>{version.text}</description>{dated}</item>\n"
    )


def _atom_entry(version: Version, clock: Clock) -> str:
    dated = f"<published>{_iso_8601(published_s(version, clock))}</published>"
    updated = f"<updated>{_iso_8601(_updated_s(version, clock))}</updated>"
    return (
        f"<entry><id>{version.item_id}</id><title>{version.title}</title>"
        f"{(dated + updated) * version.is_dated}<content>{version.text}</content></entry>\n"
    )


def _json_item(version: Version, clock: Clock) -> str:
    times = {
        "date_published": _iso_8601(published_s(version, clock)),
        "date_modified": _iso_8601(_updated_s(version, clock)),
    }
    item = {"id": version.item_id, "title": version.title, "content_text": version.text}
    return json.dumps({**item, **(times if version.is_dated else {})}, ensure_ascii=False)


def _message(version: Version, clock: Clock) -> dict[str, object]:
    fields: dict[str, object] = {"date_unixtime": str(int(published_s(version, clock)))}
    if version.updated_s is not None:
        fields["edited_unixtime"] = str(int(clock.wall(version.updated_s)))
    if version.forwarded_from:
        fields["forwarded_from"] = version.forwarded_from
    return message(int(version.item_id), version.text or version.title, **fields)


def _updated_s(version: Version, clock: Clock) -> float:
    if version.updated_s is None:
        return published_s(version, clock)
    return clock.wall(version.updated_s)


def _rfc_822(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")


def _iso_8601(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, timezone.utc).isoformat(timespec="milliseconds")


_RSS_OPENING = '<?xml version="1.0"?>\n<rss version="2.0"><channel><title>أخبار</title>\n'
_RSS = Kind(_RSS_OPENING, _rss_item, "", "</channel></rss>", "application/rss+xml")
KINDS = {
    "rss": _RSS,
    "rdf": Kind(
        f'<?xml version="1.0"?>\n<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="{_RDF}" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>أخبار</title></channel>\n',
        _rdf_item, "", "</rdf:RDF>", "application/rdf+xml",
    ),
    "atom": Kind(
        '<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>أخبار</title>\n',
        _atom_entry, "", "</feed>", "application/atom+xml",
    ),
    "json": Kind(
        '{"version": "https://jsonfeed.org/version/1.1", "title": "أخبار", "items": [\n',
        _json_item, ",\n", "]}", "application/feed+json",
    ),
    "damaged": _RSS._replace(opening="\n<!-- \n-->" + _RSS_OPENING, item=_damaged_item),
}
