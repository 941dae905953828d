"""Telegram messages: their text, times, senders and links, and what is mended in them."""

import json
from zoneinfo import ZoneInfoNotFoundError

import pytest
from apache_beam.utils.timestamp import Timestamp

from schemas.records import RawItem, SourceSpec
from tests.telegram_exports import LINK, SPEC, TEXT, chat, export, message, outcomes, read
from transforms.sources.telegram_messages import repair_message
from transforms.sources.telegram_rich import rich_text

EMOJI = {"type": "custom_emoji", "text": "😁", "document_id": "video_files/sticker (2).webm"}


def only_item(raw: bytes, spec: SourceSpec = SPEC) -> RawItem:
    [item], [] = outcomes(raw, spec)
    return item


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
        timezone="Asia/Baghdad",
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
