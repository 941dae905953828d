"""Read Telegram Desktop's JSON exports, of one chat or of a whole account, of any size.

Only channels and groups are read. A private chat gives one reject that says so and quotes
nothing of it. Where an export is cut off, everything before is read.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Generator, Iterator
from zoneinfo import ZoneInfo

from schemas.records import RAW_BYTES_KEPT, RawItem, Reject, SourceSpec, make_reject
from transforms.sources import SNIFFED_BYTES, Document, Source
from transforms.sources.json_elements import Broken, elements
from transforms.sources.json_layout import Decoded
from transforms.sources.json_stream import (
    TruncatedJsonError,
    items,
    members,
    read_scalar,
    skip_value,
)
from transforms.sources.json_window import ByteWindow
from transforms.sources.telegram_layout import GRAMMAR, recognise
from transforms.sources.telegram_messages import (
    READABLE_TYPES,
    Chat,
    MessageError,
    link_to,
    to_item,
)

_HEADER_FIELDS = ("type", "id")
_DAMAGED_BYTES_MIN = 16
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


class _Export:
    """One export being read, and how far its messages were whole."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.window = ByteWindow(document.stream)
        self.zone = ZoneInfo(document.spec.timezone)
        self.whole_to = 0  # bytes to the end of the last whole message
        self.chat: Chat | None = None  # whose messages are being read; None: may not be quoted

    def reject(self, reason: str, problem: str, *, offset: int, raw: bytes = b"") -> Reject:
        """Return the reject for what was found at byte `offset`."""
        return make_reject(
            reason,
            problem,
            stage="read",
            source_id=self.chat.source_id if self.chat else self.document.spec.source_id,
            origin=self.document.origin,
            position=f"byte {offset}",
            raw=raw,
        )


def read(document: Document) -> Iterator[RawItem | Reject]:
    """Yield an item for each message with text, and a reject for each that cannot be read.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: the source is configured with an unknown time zone.
    """
    export = _Export(document)
    refused = _refused(export)
    if refused:
        yield refused
        return
    try:
        yield from _roots(export)
    except TruncatedJsonError as error:
        yield _truncated(export, error)


def _refused(export: _Export) -> Reject | None:
    """Return why the document cannot be read at all, if it cannot."""
    head = export.window.hold(SNIFFED_BYTES)
    if not head.removeprefix(BOM_UTF8).strip():
        return export.reject("source-empty", "the export is empty", offset=0)
    text = head.decode("utf-8", "surrogateescape")
    damaged = len(_NOT_UTF8.findall(text))
    intact = len(_NOT_ASCII.findall(text)) - damaged
    if b"\0" in head[:4] or damaged > max(intact, _DAMAGED_BYTES_MIN):
        return export.reject("telegram-not-utf8", "the export is not in UTF-8", offset=0)
    return None


def _roots(export: _Export) -> Iterator[RawItem | Reject]:
    """Read the exports of a file: one, or several that were put into one file."""
    window, is_first = export.window, True
    while mark := window.peek():
        if window.hold(len(BOM_UTF8)) == BOM_UTF8:
            window.index += len(BOM_UTF8)
        elif mark == b"{":
            has_messages = yield from _chat(export, is_root=True)
            if not has_messages:
                return
            is_first = False
        else:
            yield _not_an_export(export, is_first=is_first)
            return


def _not_an_export(export: _Export, *, is_first: bool) -> Reject:
    window = export.window
    reason = "telegram-not-an-export" if is_first else "telegram-trailing-data"
    what = f"byte {window.offset} begins no export"
    raw = window.hold(RAW_BYTES_KEPT)
    return export.reject(reason, what, offset=window.offset, raw=raw)


def _chat(export: _Export, *, is_root: bool) -> Generator[RawItem | Reject, None, bool]:
    """Read the object at the window: a chat, or the account that holds the chats.

    Returns:
        Whether it has messages or chats, so that it is an export.
    """
    window, offset = export.window, export.window.offset
    header: dict[str, object] = {}
    has_messages = False
    for name in members(window):
        mark = chr(window.data[window.index])
        if name == "messages" and mark == "[":
            has_messages = True
            yield from _messages(export, header, offset, is_root=is_root)
        elif is_root and name in ("chats", "left_chats") and mark == "{":
            has_messages = True
            yield from _chats(export)
        elif name in _HEADER_FIELDS:
            header[name] = read_scalar(window)
        else:
            skip_value(window)
    if is_root and not has_messages:
        what = f"the JSON at byte {offset} holds no messages and no chats"
        yield export.reject("telegram-not-an-export", what, offset=offset)
    return has_messages


def _chats(export: _Export) -> Iterator[RawItem | Reject]:
    """Read the chats of an account: the object at the window, with its `list`."""
    for name in members(export.window):
        if name != "list" or export.window.data[export.window.index] != ord("["):
            skip_value(export.window)
            continue
        for mark in items(export.window):
            if mark == b"{":
                yield from _chat(export, is_root=False)
            else:
                skip_value(export.window)


def _source_id(spec: SourceSpec, chat_id: str, *, is_root: bool) -> str:
    """Return the source of a chat's messages: the chat itself, unless its owner has named it.

    So exports that overlap, under whatever file names, are one source.
    """
    if not spec.is_named:
        return f"telegram/{chat_id}"
    return spec.source_id if is_root else f"{spec.source_id}:{chat_id}"


def _messages(
    export: _Export, header: dict[str, object], offset: int, *, is_root: bool
) -> Iterator[RawItem | Reject]:
    """Read the array of messages at the window, of the chat that begins at byte `offset`."""
    chat_type = header.get("type")
    chat_id = str(header.get("id") or "unknown")
    spec = export.document.spec
    if chat_type not in READABLE_TYPES and not (is_root and "type" not in header):
        yield _private(export, str(chat_type), offset)
        return
    chat = export.chat = Chat(
        _source_id(spec, chat_id, is_root=is_root),
        chat_id,
        link_to(str(chat_type), chat_id),
    )
    for element in elements(export.window, GRAMMAR):
        if isinstance(element, Broken):
            yield _broken(export, element)
            continue
        export.whole_to = element.offset + len(element.source)
        if outcome := _outcome(export, element, chat):
            yield outcome
    export.chat = None


def _outcome(export: _Export, message: Decoded, chat: Chat) -> RawItem | Reject | None:
    try:
        return to_item(message, chat, export.document, export.zone)
    except MessageError as error:
        what = f"the message at byte {message.offset} {error}"
        return export.reject(
            "telegram-message-malformed", what, offset=message.offset, raw=message.source
        )


def _broken(export: _Export, element: Broken) -> Reject:
    too_large = element.is_too_large
    reason = "telegram-message-too-large" if too_large else "telegram-message-malformed"
    what = f"the message at byte {element.offset}, of {element.size_bytes} bytes, {element.cause}"
    reject = export.reject(reason, what, offset=element.offset, raw=element.raw)
    return reject._replace(raw_bytes=element.size_bytes)


def _private(export: _Export, chat_type: str, offset: int) -> Reject:
    """Pass over the messages of a private chat, and say how many there were."""
    count = sum(1 for _ in elements(export.window, GRAMMAR))
    what = f"a chat of type {chat_type[:32]!r} with {count} messages"
    return export.reject("telegram-private-chat", what, offset=offset)


def _truncated(export: _Export, error: TruncatedJsonError) -> Reject:
    raw = error.raw if export.chat else b""
    what = f"the export is cut off; its whole messages end at byte {export.whole_to}"
    return export.reject("telegram-truncated", what, offset=export.whole_to, raw=raw)


SOURCE = Source("telegram", recognise, read)
