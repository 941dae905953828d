"""Telegram message → RawItem: text, times, forwards, and what Telegram Desktop writes wrongly.

Without text there is no story: service messages, messages that are only media, and so all
members of an album but the one that carries its caption, give no item.
"""

import json
import re
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from apache_beam.utils.timestamp import Timestamp

from schemas.records import RawItem
from transforms.sources import Document
from transforms.sources.json_layout import Decoded
from transforms.sources.telegram_rich import rich_text

CHANNEL_TYPES = frozenset({
    "private_channel", "public_channel", "private_supergroup", "public_supergroup",
})
"""The chats whose messages have a link of the form https://t.me/c/<chat>/<message>."""

READABLE_TYPES = CHANNEL_TYPES | {"private_group"}
"""The chats that are read. All others, known or not, are somebody's private correspondence."""

_TEXTLESS_TYPES = ("service", "unsupported")
_PUBLISHED = ("date_unixtime", "date")
_UPDATED = ("edited_unixtime", "edited")
_AUTHORS = ("author", "from")
_FORWARDED = ("forwarded_from", "forwarded_from_id", "saved_from")
_SECONDS_MAX = 253_402_300_799  # the end of the year 9999
_LOCAL_TIME = re.compile(r"(?:19|20|21)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
_UNSTORABLE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# An odd number of backslashes, the first of its run, so that long runs take linear time.
_X_ESCAPE = re.compile(r"(\\(?<!\\\\)(?:\\\\)*)x([0-9A-Fa-f]{2})")
_BARE_DOCUMENT_ID = re.compile(r'("document_id"[ \t]*:[ \t]*)([^"\s,\[\]{}][^"\r\n{}]*)')
_LITERAL = re.compile(r"(?:-?\d+|null|true|false)[ \t]*,?[ \t]*")


class MessageError(ValueError):
    """A message is whole JSON, but no message that can be told from others."""


class Chat(NamedTuple):
    """The chat that messages belong to."""

    source_id: str
    chat_id: str
    link: str = ""  # what the number of a message completes; "" if its messages have no links


def link_to(chat_type: str, chat_id: str) -> str:
    """Return the beginning of the links to a chat's messages, "" if they have none."""
    is_linked = chat_type in CHANNEL_TYPES and chat_id.isdecimal()
    return f"https://t.me/c/{chat_id}/" if is_linked else ""


def repair_message(source: str) -> tuple[str, tuple[str, ...]]:
    """Return the JSON text of a message as Telegram Desktop meant it, and the repairs made.

    It escapes control characters as \\xNN, which JSON has no such escape for (all versions to
    date), and wrote the `document_id` of custom emoji without quotes (4.1).
    """
    repairs: list[str] = []
    if "\\x" in source:
        escaped = _X_ESCAPE.sub(r"\1u00\2", source)
        repairs += ["json:x-escape"] if escaped != source else []
        source = escaped
    if '"document_id"' in source:
        quoted = _BARE_DOCUMENT_ID.sub(_quoted, source)
        repairs += ["json:document-id"] if quoted != source else []
        source = quoted
    return source, tuple(repairs)


def _quoted(match: re.Match[str]) -> str:
    value = match[2].rstrip()
    if _LITERAL.fullmatch(match[2]):
        return match[0]
    return f"{match[1]}{json.dumps(value.rstrip(','))}{',' if value.endswith(',') else ''}"


def to_item(message: Decoded, chat: Chat, document: Document, zone: ZoneInfo) -> RawItem | None:
    """Return the item of one message; None if it holds no text.

    Raises:
        MessageError: the message has no id.
    """
    fields = message.value
    if fields.get("type") in _TEXTLESS_TYPES:
        return None
    repairs = [*message.repairs]
    body = _storable(_body(message), repairs)
    if not body or body.isspace():
        return None
    number = _number(fields.get("id"))
    if number is None:
        raise MessageError("has no id")
    spec = document.spec
    published_at, published_from = _time(fields, _PUBLISHED, zone)
    author = _name(fields, _AUTHORS, repairs)
    forwarded_from = _forwarded_from(fields, repairs)
    return RawItem(  # in declared order: naming the fields would cost 1 µs a message
        chat.source_id,
        "telegram",
        f"{chat.chat_id}/{number}",
        document.origin,
        f"byte {message.offset}",
        "",
        body,
        "plain",
        f"{chat.link}{number}" if chat.link and number > 0 else None,
        spec.agency or None,
        author,
        spec.language or None,
        published_at,
        published_from,
        _time(fields, _UPDATED, zone)[0] if "edited" in fields else None,
        forwarded_from,
        "photo" in fields or "file" in fields or "media_type" in fields,
        spec.priority,
        tuple(dict.fromkeys(repairs)) if repairs else (),
        spec.timezone,
    )


def _body(message: Decoded) -> str:
    """Return the text of a message, wherever it is; "" if it has none."""
    body = _joined(message.value.get("text")) or _text_elsewhere(message.value)
    if not body and message.source.count(b'"text"') > 1:
        return _hidden_text(message.source.decode("utf-8", "surrogateescape"))
    return body


def _text_elsewhere(fields: dict[str, Any]) -> str:
    poll = fields.get("poll")
    return (
        _joined(fields.get("text_entities"))
        or rich_text(fields.get("rich_message"))
        or (_joined(poll.get("question")) if isinstance(poll, dict) else "")
    )


def _joined(text: object) -> str:
    """Return text that is a string, or a list of strings and entities; links are dropped."""
    if isinstance(text, str):
        return text
    if not isinstance(text, list):
        return _entity_text(text)
    try:
        return "".join([part if isinstance(part, str) else part["text"] for part in text])
    except (TypeError, KeyError):  # an entity of another shape
        return "".join([part if isinstance(part, str) else _entity_text(part) for part in text])


def _entity_text(entity: object) -> str:
    text = entity.get("text") if isinstance(entity, dict) else None
    return text if isinstance(text, str) else ""


def _hidden_text(source: str) -> str:
    """Return the text that a later, empty member of the same name hides, or only entities give."""
    repaired, _ = repair_message(source)
    try:
        fields = json.loads(repaired, object_pairs_hook=_first_unless_empty, strict=False)
    except (ValueError, RecursionError):  # in a member that was not decoded before
        return ""
    return _joined(fields.get("text")) or _text_elsewhere(fields)


def _first_unless_empty(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        fields[name] = fields.get(name) or value
    return fields


def _number(value: object) -> int | None:
    """Return an integer that Telegram writes as a number or, in places, as a string."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 20:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63:
        return value
    return None


def _time(
    fields: dict[str, Any], names: tuple[str, str], zone: ZoneInfo
) -> tuple[Timestamp | None, str]:
    """Return the time in one of two fields, and where it came from.

    The first, written since 2022, is exact; the second is local time of the computer that
    exported, without an offset.
    """
    exact, local = names
    seconds = _number(fields.get(exact))
    if seconds is not None and 0 < seconds <= _SECONDS_MAX:
        return Timestamp(seconds), exact
    written = fields.get(local)
    if isinstance(written, str) and _LOCAL_TIME.fullmatch(written):
        return _local_time(written, zone, local)
    return None, "none"


def _local_time(local: str, zone: ZoneInfo, name: str) -> tuple[Timestamp | None, str]:
    try:
        seconds = int(datetime.fromisoformat(local).replace(tzinfo=zone).timestamp())
    except ValueError:
        return None, "none"
    # Telegram Desktop writes the epoch where there is no time.
    return (Timestamp(seconds), f"{name}:{zone.key}") if seconds > 86_400 else (None, "none")


def _forwarded_from(fields: dict[str, Any], repairs: list[str]) -> str | None:
    if name := _name(fields, _FORWARDED, repairs):
        return name
    return "unknown" if "forwarded_from" in fields else None


def _name(fields: dict[str, Any], names: tuple[str, ...], repairs: list[str]) -> str | None:
    """Return the first of the fields that is text: a deleted account is null."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and value:
            return _storable(value, repairs)
    return None


def _storable(text: str, repairs: list[str]) -> str:
    """Return `text` without what no table can hold."""
    if "\0" in text:
        repairs.append("text:nul")
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        repairs.append("text:lone-surrogate")
        return _UNSTORABLE.sub(_REPLACEMENT, text)
    return text
