"""Telegram Desktop exports: what they hold, what is wrong with them, and what must not be read."""

import io
import json
import time
import tracemalloc
from zoneinfo import ZoneInfoNotFoundError

import pytest
from apache_beam.utils.timestamp import Timestamp
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records import RAW_BYTES_KEPT, RawItem, Reject, SourceSpec
from tests.telegram_exports import (
    SPEC,
    account,
    chat,
    desktop_json,
    message,
    outcomes,
    read,
)
from transforms.sources import Document
from transforms.sources.json_elements import ELEMENT_BYTES_MAX
from transforms.sources.telegram import SOURCE
from transforms.sources.telegram_messages import repair_message
from transforms.sources.telegram_rich import rich_text

TEXT = "بغداد (رويترز) – قال مسؤول إن القوات استعادت المدينة."
LINK = {"type": "text_link", "text": "التفاصيل", "href": "https://example.org/SECRET"}
EMOJI = {"type": "custom_emoji", "text": "😁", "document_id": "video_files/sticker (2).webm"}


def export(*messages: dict[str, object], **header: object) -> bytes:
    return desktop_json(chat(list(messages), **header)).encode()


def only_item(raw: bytes, spec: SourceSpec = SPEC) -> RawItem:
    [item], [] = outcomes(raw, spec)
    return item


def reasons(raw: bytes) -> list[str]:
    return [reject.reason for reject in outcomes(raw)[1]]


def test_one_message_gives_one_item():
    raw = export(message(5, TEXT, edited="2024-11-10T16:00:00", edited_unixtime="1731243600"))
    assert only_item(raw) == RawItem(
        source_id="wire",
        source_kind="telegram",
        item_id="1001/5",
        origin="result.json",
        position=f"byte {raw.index(b'{', 1)}",
        title="",
        body=TEXT,
        markup="plain",
        url="https://t.me/c/1001/5",
        agency="رويترز",
        author="وكالة الأنباء",
        published_at=Timestamp(1_731_240_005),
        published_from="date_unixtime",
        updated_at=Timestamp(1_731_243_600),
    )


@pytest.mark.parametrize(("text", "body"), [
    ("نص", "نص"),
    (["نص ", LINK, " #عراق"], "نص التفاصيل #عراق"),
    ([{"type": "bold", "text": "عاجل"}, ""], "عاجل"),
    (["أ", 7, None, {"type": "bold"}, {"type": "x", "text": ["ب"]}, "ج"], "أج"),
    ({"type": "plain", "text": "كائن"}, "كائن"),
    ("  مسافات \n", "  مسافات \n"),
], ids=["string", "mixed", "entity", "odd parts", "object", "spaces"])
def test_text_is_a_string_or_parts(text, body):
    assert only_item(export({**message(1, ""), "text": text})).body == body


@pytest.mark.parametrize("fields", [
    {"text_entities": [{"type": "bold", "text": "عاجل"}, LINK]},
    {"text": "", "text_entities": [{"type": "bold", "text": "عاجل"}, LINK]},
    {"text": [], "text_entities": [{"type": "bold", "text": "عاجل"}, LINK]},
    {"rich_message": {"rtl": True, "blocks": [{"type": "paragraph", "text": "عاجلالتفاصيل"}]}},
    {"text": "", "poll": {"question": ["عاجل", LINK], "answers": [{"text": "لا"}]}},
    {"text": "", "poll": {"question": "عاجلالتفاصيل", "answers": []}},
], ids=["no text", "empty text", "no parts", "rich", "poll parts", "poll"])
def test_text_is_found_where_else_it_stands(fields):
    rest = {k: v for k, v in message(1, "").items() if not k.startswith("text")}
    for neighbours in ([], [message(2, TEXT)]):
        items, [] = outcomes(export({**rest, **fields}, *neighbours))
        assert items[0].body == "عاجلالتفاصيل"


def test_rich_message_gives_every_text_and_fails_on_none():
    nodes = {"type": "concat", "texts": [{"type": "plain", "text": "قال"}, {"type": "bold",
             "text": {"type": "plain", "text": " مسؤول"}}]}
    row = {"cells": [{"text": "أ"}, {"text": {"type": "new-in-2027", "text": "ب"}}]}
    assert rich_text({
        "rtl": True,
        "blocks": [
            {"type": "heading", "level": 1, "text": "عنوان"},
            {"type": "paragraph", "text": nodes},
            {"type": "list", "items": [{"num": "1", "blocks": [{"type": "p", "text": "بند"}]}]},
            {"type": "table", "rows": [row, row]},
            {"type": "unheard-of", "payload": [1, None, "لا", {"text": "نعم"}]},
            {"type": "diff", "text": "جديد", "old_text": {"text": "قديم"}},
        ],
    }).split("\n") == ["عنوان", "قال مسؤول", "بند", "أ ب", "أ ب", "نعم", "جديد"]


@pytest.mark.parametrize("junk", [None, 7, "نص", [], [[[]]], {"blocks": None}], ids=str)
def test_rich_text_of_anything_is_text(junk):
    assert isinstance(rich_text(junk), str)


@pytest.mark.parametrize("textless", [
    {"id": 2, "type": "service", "actor": "س", "action": "pin_message", "text": "نص"},
    {"id": 2, "type": "unsupported"},
    message(2, "", photo="(File not included. Change data exporting settings to download.)"),
    message(2, " \n", file="files/a.pdf"),
    message(2, "", location_information={"latitude": 1, "longitude": 2}),
    message(2, "", contact_information={"first_name": "س", "phone_number": "1"}),
    {"id": 2, "type": "message", "date": "2024-11-10T15:00:00"},
], ids=lambda fields: "-".join(fields))
def test_messages_without_text_are_no_items_and_no_rejects(textless):
    items, rejects = outcomes(export(message(1, TEXT), textless, message(3, TEXT)))
    assert [item.item_id for item in items] == ["1001/1", "1001/3"]
    assert rejects == []


def test_an_album_is_the_one_item_that_has_its_caption():
    album = [
        message(n, TEXT if n == 2 else "", photo=f"photos/{n}.jpg", date_unixtime="1731240000")
        for n in range(1, 11)
    ]
    item = only_item(export(*album))
    assert (item.item_id, item.body, item.has_media) == ("1001/2", TEXT, True)


@pytest.mark.parametrize("media", [{"photo": "p"}, {"file": "(File exceeds…)"},
                                   {"media_type": "video_file"}], ids=str)
def test_media_is_noted_and_never_a_path(media):
    item = only_item(export(message(1, TEXT, **media)))
    assert item.has_media
    assert item.url == "https://t.me/c/1001/1"


@pytest.mark.parametrize(("fields", "zone", "published_at", "published_from"), [
    ({"date_unixtime": "1731240000"}, "Asia/Baghdad", 1_731_240_000, "date_unixtime"),
    ({"date_unixtime": 1731240000}, "Asia/Baghdad", 1_731_240_000, "date_unixtime"),
    ({"date_unixtime": None}, "Asia/Baghdad", 1_731_240_000, "date:Asia/Baghdad"),
    ({"date_unixtime": "hidden"}, "UTC", 1_731_250_800, "date:UTC"),
    ({"date_unixtime": "99999999999999"}, "UTC", 1_731_250_800, "date:UTC"),
    ({"date_unixtime": "0"}, "UTC", 1_731_250_800, "date:UTC"),
    ({"date_unixtime": "0", "date": "1970-01-01T03:00:00"}, "Asia/Baghdad", None, "none"),
    ({"date_unixtime": "0", "date": "2024-13-41T99:00:00"}, "UTC", None, "none"),
    ({"date_unixtime": "0", "date": None}, "UTC", None, "none"),
    ({"date_unixtime": True, "date": 5}, "UTC", None, "none"),
], ids=lambda value: str(value)[:24])
def test_unixtime_is_truth_and_local_date_the_fallback(fields, zone, published_at, published_from):
    item = only_item(export(message(1, TEXT, **fields)), SPEC._replace(timezone=zone))
    expected = None if published_at is None else Timestamp(published_at)
    assert (item.published_at, item.published_from) == (expected, published_from)


@pytest.mark.parametrize(("fields", "updated_at"), [
    ({"edited": "2024-11-10T15:00:00"}, 1_731_240_000),
    ({"edited": "2024-11-10T15:00:00", "edited_unixtime": "1731240007"}, 1_731_240_007),
    ({"edited": "1970-01-01T03:00:00"}, None),
    ({}, None),
], ids=["local", "unixtime", "epoch", "never"])
def test_the_last_edit_is_the_update(fields, updated_at):
    item = only_item(export(message(1, TEXT, **fields)))
    assert item.updated_at == (None if updated_at is None else Timestamp(updated_at))


def test_an_unknown_time_zone_is_an_error_of_the_configuration():
    with pytest.raises(ZoneInfoNotFoundError):
        list(read(export(), SPEC._replace(timezone="Asia/Nowhere")))


@pytest.mark.parametrize(("fields", "forwarded_from"), [
    ({"forwarded_from": "سانا"}, "سانا"),
    ({"forwarded_from": "سانا", "forwarded_from_id": "channel9"}, "سانا"),
    ({"forwarded_from": None, "forwarded_from_id": "channel9"}, "channel9"),
    ({"forwarded_from": None}, "unknown"),
    ({"saved_from": "سانا"}, "سانا"),
    ({"reply_to_message_id": 4, "reply_to_peer_id": "channel9"}, None),
], ids=["name", "name and id", "hidden name", "hidden", "saved", "reply"])
def test_forwards_name_their_origin(fields, forwarded_from):
    assert only_item(export(message(1, TEXT, **fields))).forwarded_from == forwarded_from


@pytest.mark.parametrize(("fields", "author"), [
    ({"from": None}, None), ({"author": "ليلى"}, "ليلى"), ({"from": "س\x00\ud83d"}, "س\ufffd"),
], ids=["deleted account", "signature", "unstorable"])
def test_author_is_the_signature_or_the_sender(fields, author):
    raw = json.dumps(chat([message(1, TEXT, **fields)])).encode()
    assert only_item(raw).author == author


@pytest.mark.parametrize(("chat_type", "url"), [
    ("public_channel", "https://t.me/c/1001/5"), ("private_channel", "https://t.me/c/1001/5"),
    ("public_supergroup", "https://t.me/c/1001/5"), ("private_group", None),
    ("private_supergroup", "https://t.me/c/1001/5"),
])
def test_channels_and_supergroups_have_links(chat_type, url):
    assert only_item(export(message(5, TEXT), type=chat_type)).url == url


def test_messages_from_before_a_migration_have_negative_ids_and_no_link():
    item = only_item(export(message(-999_999_997, TEXT), type="private_supergroup"))
    assert (item.item_id, item.url) == ("1001/-999999997", None)


@pytest.mark.parametrize("number", [None, True, "خمسة", 1.5, 10**30, [1]], ids=str)
def test_a_message_with_text_and_no_id_is_rejected(number):
    raw = export(message(1, TEXT), {**message(2, TEXT), "id": number}, message(3, TEXT))
    items, [reject] = outcomes(raw)
    assert [item.item_id for item in items] == ["1001/1", "1001/3"]
    assert reject.reason == "telegram-message-malformed"


def test_a_message_of_unknown_type_is_read():
    assert only_item(export({**message(1, TEXT), "type": "story_repost"})).body == TEXT


def test_what_the_configuration_says_reaches_the_item():
    spec = SPEC._replace(agency="", language="ar", priority=7)
    item = only_item(export(message(1, TEXT)), spec)
    assert (item.agency, item.language, item.priority) == (None, "ar", 7)


@pytest.mark.parametrize(("source", "repaired"), [
    (r'{"text": "a\x1Fb"}', r'{"text": "a\u001Fb"}'),
    (r'{"text": "a\\x1Fb"}', r'{"text": "a\\x1Fb"}'),
    (r'{"text": "a\\\x1fb"}', r'{"text": "a\\\u001fb"}'),
    (r'{"text": "a\"\x0B\x0B"}', r'{"text": "a\"\u000B\u000B"}'),
    (r'{"text": "a\xZZ"}', r'{"text": "a\xZZ"}'),
    ('{"document_id": video_files/sticker (2).webm\n}',
     '{"document_id": "video_files/sticker (2).webm"\n}'),
    ('{"document_id": (File not included. Change data exporting settings to download.)\n}',
     '{"document_id": "(File not included. Change data exporting settings to download.)"\n}'),
    ('{"document_id": a.tgs,\n"x": 1}', '{"document_id": "a.tgs",\n"x": 1}'),
    ('{"document_id":a.tgs}', '{"document_id":"a.tgs"}'),
    ('{"document_id": 5368324170671202286\n}', '{"document_id": 5368324170671202286\n}'),
    ('{"document_id": 5368, "x": 1}', '{"document_id": 5368, "x": 1}'),
    ('{"document_id": null,\n"x": 1}', '{"document_id": null,\n"x": 1}'),
    ('{"document_id": "5368"}', '{"document_id": "5368"}'),
    (r'{"text": "\"document_id\": a.tgs"}', r'{"text": "\"document_id\": a.tgs"}'),
])
def test_repair_message_mends_only_what_is_broken(source, repaired):
    mended, repairs = repair_message(source)
    assert mended == repaired
    assert bool(repairs) == (source != repaired)


def test_control_characters_are_repaired_and_noted():
    item = only_item(export(message(1, "سطر\x0bآخر\x1f \\x41 \\")))
    assert item.body == "سطر\x0bآخر\x1f \\x41 \\"
    assert item.repairs == ("json:x-escape",)


def test_a_bare_document_id_is_repaired_and_noted():
    raw = export(message(1, ["نص", EMOJI])).replace(
        b'"video_files/sticker (2).webm"', b"video_files/sticker (2).webm"
    )
    item = only_item(raw)
    assert (item.body, item.repairs) == ("نص😁", ("json:document-id",))


def test_a_sound_message_has_no_repairs():
    items, [] = outcomes(export(message(1, TEXT), message(2, ["نص", EMOJI]), message(3, TEXT)))
    assert [item.repairs for item in items] == [(), (), ()]


def test_a_repeated_empty_text_hides_nothing():
    raw = export({**message(1, ""), "text": TEXT, "texT": ""}, message(2, TEXT))
    items, [] = outcomes(raw.replace(b'"texT"', b'"text"'))
    assert [item.body for item in items] == [TEXT, TEXT]


def test_what_no_table_can_hold_is_replaced_and_noted():
    raw = json.dumps(chat([message(1, "أ\ud83dب\udc00\x00ج"), message(2, "😀")])).encode()
    items, [] = outcomes(raw)
    assert [item.body for item in items] == ["أ\ufffdب\ufffdج", "😀"]
    assert items[0].repairs == ("text:nul", "text:lone-surrogate")
    assert items[1].repairs == ()


def test_bytes_that_are_not_utf8_are_replaced_and_noted():
    raw = export(message(1, f"{TEXT}@"), message(2, TEXT)).replace(b"@", b"\xe1")
    items, [] = outcomes(raw)
    assert items[0].body == f"{TEXT}\ufffd"
    assert items[0].repairs == ("text:lone-surrogate",)
    assert raw[int(items[1].position.removeprefix("byte ")) :].startswith(b'{\n   "id": 2')


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
    raw = desktop_json(account(private, chat([message(1, TEXT)]))).encode()
    for cut in range(2, len(raw) - 1, 7):
        assert b"SECRET" not in b"".join(reject.raw for reject in outcomes(raw[:cut])[1])


def test_a_chat_without_a_type_is_read_alone_and_not_in_an_account():
    untyped = {k: v for k, v in chat([message(1, TEXT)]).items() if k != "type"}
    item = only_item(desktop_json(untyped).encode())
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


@given(st.lists(MESSAGE, min_size=1, max_size=5), st.integers(1, 400), st.data())
@settings(max_examples=100, deadline=None)
def test_any_truncation_gives_the_whole_messages_and_one_reject(messages, most, data):
    raw = export(*messages)
    whole, [] = outcomes(raw)
    cut = data.draw(st.integers(1, len(raw) - 1))
    items, [reject] = outcomes(raw[:cut], most=most)
    assert items == whole[: len(items)]
    assert reject.reason == "telegram-truncated"
    offset = int(reject.position.removeprefix("byte "))
    assert f"byte {offset}" in reject.message
    assert offset <= cut
    assert not offset or raw[:offset].endswith(b"\n  }")
    tail = raw[offset:].lstrip(b", \n")
    assert all(f'"id": {item.item_id[5:]},'.encode() not in tail[:9] for item in items)


def test_truncation_keeps_the_tail():
    raw = export(message(1, TEXT), message(2, TEXT))
    begin = raw.index(b'{\n   "id": 2')
    [_], [reject] = outcomes(raw[: begin + 60])
    assert reject.raw == raw[begin : begin + 60]
    assert reject.position == f"byte {raw.rindex(b',', 0, begin)}"


def test_a_broken_message_is_one_reject_and_the_next_is_read():
    raw = export(message(1, TEXT), message(2, "قال \x02الوزير\x02 إن"), message(3, TEXT))
    raw = raw.replace(rb"\x02", b'"')
    items, [reject] = outcomes(raw)
    assert [item.item_id for item in items] == ["1001/1", "1001/3"]
    assert reject.reason == "telegram-message-malformed"
    begin = raw.index(b'{\n   "id": 2')
    assert reject.position == f"byte {begin}"
    assert reject.raw.startswith(raw[begin : begin + 300])
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
    assert reasons(raw) == ["telegram-not-an-export"]


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
@settings(max_examples=200, deadline=None)
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
