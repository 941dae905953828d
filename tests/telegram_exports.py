"""Write exports as Telegram Desktop does, its mistakes included, and read them back."""

import io
import json
from collections.abc import Iterator

from schemas.records import RawItem, Reject, SourceSpec
from transforms.sources import Document
from transforms.sources.telegram import SOURCE

TEXT = "بغداد (رويترز) – قال مسؤول إن القوات استعادت المدينة."
LINK = {"type": "text_link", "text": "التفاصيل", "href": "https://example.org/SECRET"}
SPEC = SourceSpec("wire", "result.json", agency="رويترز", timezone="Asia/Baghdad")


class Trickle(io.RawIOBase):
    """A stream that never gives more than `most` bytes at once."""

    def __init__(self, raw: bytes, most: int) -> None:
        super().__init__()
        self._stream = io.BytesIO(raw)
        self._most = most

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(min(size, self._most))


def desktop_string(text: str) -> str:
    """Return a JSON string with Telegram Desktop's escapes: \\xNN for control characters."""
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\",
             "\u2028": "\\u2028", "\u2029": "\\u2029"}
    escaped = (
        named.get(char) or (f"\\x{ord(char):02X}" if char < " " else char) for char in text
    )
    return f'"{"".join(escaped)}"'


def desktop_json(value: object, depth: int = 0) -> str:
    """Return `value` as Telegram Desktop prints it: one space a level, empty arrays closed."""
    margin = "\n" + " " * (depth + 1)
    if isinstance(value, dict):
        members = (
            f"{desktop_string(name)}: {desktop_json(child, depth + 1)}"
            for name, child in value.items()
        )
        return "{" + margin + f",{margin}".join(members) + margin[:-1] + "}"
    if isinstance(value, list) and value:
        children = (desktop_json(child, depth + 1) for child in value)
        return "[" + margin + f",{margin}".join(children) + margin[:-1] + "]"
    if isinstance(value, str):
        return desktop_string(value)
    return json.dumps(value)


def message(number: int, text: object, **fields: object) -> dict[str, object]:
    """Return a message as exported since 2022, with the text twice."""
    parts = text if isinstance(text, list) else [text] if text else []
    entities = [{"type": "plain", "text": p} if isinstance(p, str) else p for p in parts]
    return {
        "id": number,
        "type": "message",
        "date": "2024-11-10T15:00:00",
        "date_unixtime": str(1_731_240_000 + number),
        "from": "وكالة الأنباء",
        "from_id": "channel1001",
        **fields,
        "text": text,
        "text_entities": entities,
    }


def chat(messages: list[dict[str, object]], **header: object) -> dict[str, object]:
    """Return one chat, a public channel unless `header` says otherwise."""
    fields: dict[str, object] = {"name": "أخبار", "type": "public_channel", "id": 1001}
    return {**fields, **header, "messages": messages}


def export(*messages: dict[str, object], **header: object) -> bytes:
    """Return the file of one chat."""
    return desktop_json(chat(list(messages), **header)).encode()


def account(
    *chats: dict[str, object], left: tuple[dict[str, object], ...] = ()
) -> dict[str, object]:
    """Return the export of a whole account."""
    return {
        "about": "Here is the data you requested.",
        "personal_information": {"user_id": 7, "phone_number": "+964 700 SECRET"},
        "contacts": {"about": "…", "list": [{"first_name": "SECRET { [ \" خاص"}]},
        "stories": [],
        "chats": {"about": "هنا", "list": list(chats)},
        "left_chats": {"about": "هناك", "list": list(left)},
    }


def read(raw: bytes, spec: SourceSpec = SPEC, most: int = 1 << 30) -> Iterator[RawItem | Reject]:
    """Return what the source yields for the bytes of an export."""
    return SOURCE.read(Document(spec, "result.json", Trickle(raw, most)))


def outcomes(raw: bytes, spec: SourceSpec = SPEC, most: int = 1 << 30) -> tuple[
    list[RawItem], list[Reject]
]:
    """Return the items and the rejects of an export."""
    both = list(read(raw, spec, most))
    return (
        [outcome for outcome in both if isinstance(outcome, RawItem)],
        [outcome for outcome in both if isinstance(outcome, Reject)],
    )
