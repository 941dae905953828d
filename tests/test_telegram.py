"""Telegram Desktop exports: what they hold, what is wrong with them, and what must not be read."""

import io
import json
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records import RAW_BYTES_KEPT, RawItem, Reject
from tests.telegram_exports import (
    LINK,
    SPEC,
    TEXT,
    account,
    chat,
    desktop_json,
    export,
    message,
    outcomes,
    read,
)
from transforms.sources import Document
from transforms.sources.json_elements import ELEMENT_BYTES_MAX
from transforms.sources.telegram import SOURCE


def reasons(raw: bytes) -> list[str]:
    return [reject.reason for reject in outcomes(raw)[1]]


@pytest.mark.parametrize("written", [
    lambda text: text.encode(),
    lambda text: b"\xef\xbb\xbf" + text.encode(),
    lambda text: text.replace("\n", "\r\n").encode(),
    lambda text: text.replace("\n ", "\n\t").encode(),
    lambda text: json.dumps(json.loads(text), ensure_ascii=False).encode(),
    lambda text: json.dumps(json.loads(text), separators=(",", ":")).encode(),
    lambda text: json.dumps(json.loads(text), indent=4).encode(),
    lambda text: text.encode() + b"\n\n",
], ids=["desktop", "BOM", "CRLF", "tabs", "one line", "compact ASCII", "indent 4", "trailing"])
def test_any_printing_gives_the_same_items(written):
    messages = [message(1, TEXT), message(2, ["😀 ", LINK]), message(3, "", photo="x"),
                message(4, "قال: \"{[\n  },\n  {\n   \"id\": \\")]
    text = desktop_json(account(chat(messages), chat(messages, id=1002)))
    items, [] = outcomes(written(text))
    expected, [] = outcomes(text.encode())
    assert len(items) == 6
    assert [item._replace(position="") for item in items] == [
        item._replace(position="") for item in expected
    ]


def test_an_account_gives_its_channels_and_groups():
    raw = desktop_json(account(
        chat([message(1, TEXT)]), chat([message(1, TEXT)], id=1002, type="private_group"),
        left=(chat([message(9, TEXT)], id=1003),),
    )).encode()
    items, [] = outcomes(raw)
    assert [(item.source_id, item.item_id) for item in items] == [
        ("wire:1001", "1001/1"), ("wire:1002", "1002/1"), ("wire:1003", "1003/9"),
    ]


@pytest.mark.parametrize("chat_type", [
    "personal_chat", "bot_chat", "saved_messages", "replies", "verification_codes", None,
    "new_type_of_2027",
])
def test_a_private_chat_is_one_reject_that_quotes_nothing(chat_type):
    private = chat([message(1, "SECRET"), message(2, "SECRET")], type=chat_type, name="SECRET",
                   id=77_777)
    raw = desktop_json(account(private, chat([message(1, TEXT)]))).encode()
    items, [reject] = outcomes(raw)
    assert [item.body for item in items] == [TEXT]
    assert reject.reason == "telegram-private-chat"
    assert not reject.retryable
    assert repr(chat_type).strip("'") in reject.message
    assert "2 messages" in reject.message
    assert "SECRET" not in repr(reject)
    assert "77777" not in repr(reject)
    assert reasons(desktop_json(private).encode()) == ["telegram-private-chat"]


def test_a_broken_private_message_is_not_quoted():
    private = chat([message(1, "SECRET"), message(2, "SECRET")], type="personal_chat")
    raw = desktop_json(account(private, chat([message(1, TEXT)]))).encode()
    items, rejects = outcomes(raw.replace(b'"SECRET"', b'"SE"CRET"', 1))
    assert [item.body for item in items] == [TEXT]
    assert [reject.reason for reject in rejects] == ["telegram-private-chat"]


def test_no_cut_of_an_account_quotes_what_is_private():
    private = chat([message(n, "SECRET") for n in range(3)], type="personal_chat", name="SECRET")
    public = chat([message(1, TEXT)])
    raw = desktop_json(account(public, private, public)).encode()
    for cut in range(2, len(raw) - 1, 7):
        assert b"SECRET" not in b"".join(reject.raw for reject in outcomes(raw[:cut])[1])


def test_a_chat_without_a_type_is_read_alone_and_not_in_an_account():
    untyped = {k: v for k, v in chat([message(1, TEXT)]).items() if k != "type"}
    [item], [] = outcomes(desktop_json(untyped).encode())
    assert (item.item_id, item.url) == ("1001/1", None)
    assert reasons(desktop_json(account(untyped)).encode()) == ["telegram-private-chat"]


def test_overlapping_exports_give_equal_items():
    first, [] = outcomes(export(message(1, TEXT), message(2, TEXT)))
    second, [] = outcomes(export(message(2, TEXT), message(3, TEXT)))
    assert first[1]._replace(position="") == second[0]._replace(position="")


MESSAGE = st.one_of(
    st.builds(message, st.integers(1, 10**6),
              st.text(st.sampled_from('خبر"\\{}[],:\n\x01\u2028😀 '), min_size=1, max_size=30)
              .filter(str.strip)),
    st.builds(lambda n: {"id": n, "type": "service", "action": "pin_message"}, st.integers(1, 99)),
    st.builds(lambda n: message(n, [TEXT, LINK, "\x1f"]), st.integers(1, 99)),
)


@given(st.lists(MESSAGE, max_size=8), st.integers(1, 400))
@settings(max_examples=100, deadline=None)
def test_items_equal_the_messages_whatever_the_reads(messages, most):
    items, rejects = outcomes(export(*messages), most=most)
    texts = [fields for fields in messages if fields["type"] == "message"]
    assert rejects == []
    assert [item.item_id for item in items] == [f"1001/{fields['id']}" for fields in texts]
    assert [item.body for item in items] == [
        "".join(p if isinstance(p, str) else p["text"] for p in fields["text"]) for fields in texts
    ]


CUTS = st.one_of(st.integers(1, 10**6), st.integers(-300, -1))


@given(st.lists(MESSAGE, min_size=1, max_size=5), st.integers(1, 400), CUTS)
@settings(max_examples=100, deadline=None)
def test_any_truncation_gives_the_whole_messages_and_one_reject(messages, most, cut):
    raw = export(*messages)
    whole, [] = outcomes(raw)
    cut = 1 + cut % (len(raw) - 2)
    items, [reject] = outcomes(raw[:cut], most=most)
    assert items == whole[: len(items)]
    assert reject.reason == "telegram-truncated"
    offset = int(reject.position.removeprefix("byte "))
    assert f"byte {offset}" in reject.message
    assert offset <= cut
    assert not offset or raw[:offset].endswith(b"\n  }")
    tail = raw[offset:].lstrip(b", \n")
    assert all(f'"id": {item.item_id[5:]},'.encode() not in tail[:9] for item in items)


def test_every_cut_of_a_defective_message_is_truncation():
    raw = export(message(1, "\x01 \"] {}}"))
    for cut in range(1, len(raw) - 1):
        assert reasons(raw[:cut]) == ["telegram-truncated"]


def test_truncation_keeps_the_tail():
    raw = export(message(1, TEXT), message(2, TEXT))
    begin = raw.index(b'{\n   "id": 2')
    [_], [reject] = outcomes(raw[: begin + 60])
    assert reject.raw == raw[begin : begin + 60]
    assert reject.position == f"byte {raw.rindex(b',', 0, begin)}"


def test_a_broken_message_is_one_reject_and_the_next_is_read():
    unsupported = {"id": 4, "type": "unsupported"}
    raw = export(
        message(1, TEXT), message(2, "قال \x02الوزير\x02 إن"), unsupported, message(3, TEXT)
    ).replace(rb"\x02", b'"')
    items, [reject] = outcomes(raw)
    assert [item.item_id for item in items] == ["1001/1", "1001/3"]
    assert reject.reason == "telegram-message-malformed"
    begin = raw.index(b'{\n   "id": 2')
    assert reject.position == f"byte {begin}"
    assert reject.raw.rstrip(b", \n") == raw[begin : raw.index(b',\n  {\n   "id": 4')]
    assert reject.raw_bytes == len(reject.raw)


def test_a_chat_that_breaks_off_does_not_take_the_next_with_it():
    first = chat([message(1, TEXT), message(2, "BREAK" + TEXT)])
    raw = desktop_json(account(first, chat([message(7, TEXT)], id=1002))).encode()
    cut = raw.index(b"BREAK")
    raw = raw[:cut] + raw[raw.index(b'{\n    "name"', cut) :]
    items, [reject] = outcomes(raw)
    assert [(item.source_id, item.item_id) for item in items] == [
        ("wire:1001", "1001/1"), ("wire:1002", "1002/7"),
    ]
    assert reject.reason == "telegram-message-malformed"
    assert reject.source_id == "wire:1001"


def test_a_huge_message_is_one_reject():
    raw = export(message(1, TEXT), message(2, "خ" * ELEMENT_BYTES_MAX), message(3, TEXT))
    items, [reject] = outcomes(raw)
    assert [item.item_id for item in items] == ["1001/1", "1001/3"]
    assert reject.reason == "telegram-message-too-large"
    assert reject.raw_bytes > 2 * ELEMENT_BYTES_MAX
    assert len(reject.raw) == RAW_BYTES_KEPT


@pytest.mark.parametrize("raw", [
    b"{}", b'{"a": [1, {"b": "c"}]}', b'{"messages": "none"}', b"[1, 2]", b"<html></html>",
    "نص".encode(), b'{"version": "https://jsonfeed.org/version/1.1", "items": []}',
    b'{"about": "x", "personal_information": {"user_id": 1}}', b'{"chats": []}',
])
def test_what_is_no_export_is_one_reject(raw):
    padded = raw + b" " * 100_000
    assert reasons(raw) == ["telegram-not-an-export"]
    assert outcomes(padded) == outcomes(padded, most=5000)


@pytest.mark.parametrize(("raw", "reason"), [
    (b"", "source-empty"),
    (b"\xef\xbb\xbf \n", "source-empty"),
    (export(message(1, TEXT)).decode().encode("utf-16"), "telegram-not-utf8"),
    (export(message(1, TEXT)).decode().encode("utf-16-le"), "telegram-not-utf8"),
    (export(message(1, TEXT)).decode().encode("cp1256", "replace"), "telegram-not-utf8"),
    (b"{", "telegram-truncated"),
    (b'{"name": "x', "telegram-truncated"),
    (b'{"messages"', "telegram-truncated"),
    (b'{"messages":', "telegram-truncated"),
    (b"{" * 100_000, "telegram-not-an-export"),
    (b'{"a":' * 100_000, "telegram-truncated"),
    (b"[" * 100_000, "telegram-not-an-export"),
])
def test_a_file_that_cannot_be_read_says_why(raw, reason):
    assert reasons(raw) == [reason]


def test_exports_put_into_one_file_are_all_read():
    one, other = export(message(1, TEXT)), export(message(2, TEXT), id=1002)
    items, [] = outcomes(one + b"\n" + other + b"\xef\xbb\xbf" + one)
    assert [item.item_id for item in items] == ["1001/1", "1002/2", "1001/1"]


def test_what_follows_an_export_is_rejected():
    [_], [reject] = outcomes(export(message(1, TEXT)) + b"]] tail")
    assert reject.reason == "telegram-trailing-data"
    assert reject.raw == b"]] tail"


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_arbitrary_bytes_give_items_and_rejects_only(junk):
    for raw in (junk, b'{"messages": [' + junk, b'{"chats": {"list": [{' + junk):
        assert all(isinstance(outcome, (RawItem, Reject)) for outcome in read(raw))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_one_damaged_byte_spares_the_messages_before_it(data):
    raw = bytearray(export(*(message(n, ["نص", LINK]) for n in range(1, 6))))
    at = data.draw(st.integers(raw.index(b'{\n   "id": 3'), len(raw) - 1))
    raw[at] = data.draw(st.integers(0, 255))
    items, rejects = outcomes(bytes(raw))
    assert [item.item_id for item in items][:2] == ["1001/1", "1001/2"]
    assert (items, rejects) == outcomes(bytes(raw), most=data.draw(st.integers(1, 99)))


@pytest.mark.parametrize(("raw", "confidence"), [
    (export(message(1, TEXT)), 100),
    (b"\xef\xbb\xbf" + export(), 100),
    (export(message(1, TEXT)).decode().encode("utf-16"), 100),
    (export(message(1, TEXT)).decode().encode("cp1256", "replace"), 100),
    (desktop_json(account()).encode(), 100),
    (json.dumps(chat([message(1, TEXT)])).encode(), 100),
    (json.dumps({"messages": [message(1, TEXT)]}).encode(), 80),
    (json.dumps({"about": "x", "chats": {"list": []}}).encode(), 100),
    (b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1"}]}', 0),
    (b'{"messages": [{"role": "user", "content": "x"}]}', 0),
    (b'{"about": "x", "name": "y"}', 0),
    (b"[1]", 0), (b"<rss/>", 0), (b"", 0), ("نص".encode(), 0),
], ids=lambda value: repr(value)[:30])
def test_recognise_knows_exports_from_other_documents(raw, confidence):
    assert SOURCE.recognise(raw[:65_536]) == confidence


def test_recognise_takes_linear_time():
    begin = time.process_time()
    for hostile in (b'{"about": "' + b"\\" * 65_000, b'{"messages": [' * 5000,
                    b'{"name": "' * 7000, b"{" + b" " * 65_000):
        SOURCE.recognise(hostile)
    assert time.process_time() - begin < 2


class Repeated(io.RawIOBase):
    """An export that repeats its middle, without ever being in memory."""

    def __init__(self, raw: bytes, times: int) -> None:
        super().__init__()
        begin, end = raw.index(b'{\n   "id"'), raw.index(b'{\n   "id": 99,')
        self._parts = iter([raw[:begin], *([raw[begin:end]] * times), raw[end:]])
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        self._rest = self._rest or next(self._parts, b"")
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def test_memory_does_not_grow_with_the_file():
    middle = [message(n, [TEXT * 20, LINK, "\x0b" if n == 7 else ""]) for n in range(1, 99)]
    raw = export(*middle, message(99, TEXT))
    times = (60 << 20) // len(raw) + 1
    stream = Repeated(raw, times)
    tracemalloc.start()
    count = sum(1 for _ in SOURCE.read(Document(SPEC, "result.json", stream)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 98 * times + 1
    assert peak < 4 << 20
