"""How a Telegram Desktop export looks from outside: its kinds, and where things begin in it."""

import re

from transforms.sources.json_elements import Grammar
from transforms.sources.telegram_messages import repair_message

_ACCOUNT_SECTIONS = (
    "personal_information|profile_pictures|profile_music|stories|contacts|frequent_contacts|"
    "sessions|web_sessions|other_data|chats|left_chats"
)
_CHAT_TYPES = (
    "saved_messages|replies|verification_codes|personal_chat|bot_chat|private_group|"
    "private_supergroup|public_supergroup|private_channel|public_channel"
)


def _bytes_pattern(pattern: str) -> re.Pattern[bytes]:
    """Compile `pattern`, each space in it standing for white space of JSON."""
    return re.compile(pattern.replace(" ", r"[ \t\r\n]{0,32}").encode(), re.DOTALL)


_STRING = r'"(?:[^"\\]|\\.){0,1024}"'
_NAME = rf'(?:"name" : (?:null|{_STRING}) , )?'
_MESSAGE_BEGINS = r'\{ "id" : -?\d{1,20} , "type" : "(?:message|service|unsupported)"'
_CHAT_BEGINS = (
    rf'\{{ {_NAME}"type" : (?:null|"[a-z_]{{1,32}}") , "id" : -?\d{{1,20}} , "messages" :'
)

GRAMMAR = Grammar(
    repair_message,
    boundary=_bytes_pattern(rf"{_MESSAGE_BEGINS}|(?P<outer>{_CHAT_BEGINS})"),
    unneeded=(b"text_entities", b"reactions"),  # the first repeats `text`
)
"""A raw quote ends a string, so {"id": can stand in none; nor can the head of a chat."""

_KNOWN_CHAT = _bytes_pattern(
    rf'\{{ {_NAME}"type" : (?:null|"(?:{_CHAT_TYPES})") , "id" : -?\d{{1,20}} , "messages" : \['
)
_ACCOUNT = _bytes_pattern(
    rf'\{{ "about" : {_STRING} , "(?:{_ACCOUNT_SECTIONS})" : [\[{{]'
)
_MESSAGES = _bytes_pattern(rf'"messages" : \[ (?:{_MESSAGE_BEGINS}|\])')
_KNOWN_CHAT_TYPE = _bytes_pattern(rf'"type" : "(?:{_CHAT_TYPES})"')


def recognise(head: bytes) -> int:
    """Return how sure it is that a document that begins with `head` is an export, 0 to 100."""
    start = _as_utf8(head).lstrip(b" \t\r\n")
    if not start.startswith(b"{"):
        return 0
    if _KNOWN_CHAT.match(start) or _ACCOUNT.match(start):
        return 100
    if _MESSAGES.search(start):
        return 90 if _KNOWN_CHAT_TYPE.search(start) else 80
    return 0


def _as_utf8(head: bytes) -> bytes:
    """Return `head` without a byte order mark; UTF-16 is converted, to be told what to do."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[2:].decode(encoding, "replace").encode("utf-8", "replace")
    return head.removeprefix(b"\xef\xbb\xbf")
