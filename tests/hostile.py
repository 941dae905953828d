"""Fifty hostile files, each made from a recipe: nothing of the kind may stop a run."""

import gzip
import json
import zipfile
from io import BytesIO
from pathlib import Path

from tests.builders import TEXT

ITEM = f"<item><guid>1</guid><title>خبر</title><description>{TEXT}</description></item>"
RSS = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{ITEM}</channel></rss>'
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + "]><rss version='2.0'><channel><item><title>&m;</title></item></channel></rss>"
)
XXE = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    "<rss version='2.0'><channel><item><title>&x;</title><description>&x;</description></item>"
    "</channel></rss>"
)
CHAT = {
    "name": "قناة", "type": "public_channel", "id": 7,
    "messages": [
        {"id": n, "type": "message", "date": "2024-11-10T12:00:00", "date_unixtime": "1731240000",
         "from": "قناة", "from_id": "channel7", "text": f"{TEXT} {n}", "text_entities": []}
        for n in range(3)
    ],
}
EXPORT = json.dumps(CHAT, ensure_ascii=False, indent=1)


def _zip() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../escape.xml", RSS)
    return buffer.getvalue()


def _chat(message: dict[str, object]) -> bytes:
    return json.dumps({**CHAT, "messages": [{**CHAT["messages"][0], **message}]}).encode()


FILES: dict[str, bytes] = {
    # cut off
    "truncated.json": EXPORT.encode()[: len(EXPORT.encode()) // 2],
    "truncated-in-escape.json": EXPORT.replace("خبر", "\\u062e").encode()[:-200],
    "truncated.xml": RSS.encode()[:-60],
    "truncated-in-letter.xml": RSS.encode()[:-61],
    "truncated-prolog.xml": b"<?xml version=",
    "only-open-brace.json": b"{",
    "only-messages.json": b'{"messages": [',
    "truncated.gz": gzip.compress(RSS.encode() * 100)[:300],
    # bombs
    "entity-bomb.xml": BOMB.encode(),
    "external-entity.xml": XXE.encode(),
    "external-dtd.xml": RSS.replace("<rss", '<!DOCTYPE rss SYSTEM "http://127.0.0.1/x"><rss')
    .encode(),
    "deep.xml": b"<rss version='2.0'><channel>" + b"<a>" * 100_000,
    "deep-html.xml": RSS.replace(TEXT, "&lt;div&gt;" * 50_000).encode(),
    "deep.json": b'{"messages": ' + b"[" * 100_000,
    "deep-object.json": b'{"a":' * 100_000,
    "deep-message.json": _chat({"text": "نص"}).replace(b'"text": "', b'"x":' + b"[" * 5000
                                                       + b"]" * 5000 + b',"text": "'),
    "gzip-bomb.gz": gzip.compress(b"<rss version='2.0'><channel>" + b" " * 80_000_000),
    "many-attributes.xml": RSS.encode().replace(
        b"<rss", b"<rss " + b" ".join(b'a%d="1"' % n for n in range(50_000))
    ),
    "huge-attribute.xml": b'<rss version="' + b"9" * 5_000_000 + b'"/>',
    # wrong charset
    "cp1256-as-utf8.xml": RSS.encode("cp1256"),
    "cp1256-undeclared.xml": RSS.replace(' encoding="utf-8"', "").encode("cp1256"),
    "utf8-as-cp1256.xml": RSS.replace("utf-8", "windows-1256").encode(),
    "utf16-no-bom.xml": RSS.replace("utf-8", "utf-16").encode("utf-16-le"),
    "unknown-charset.xml": RSS.replace("utf-8", "x-klingon").encode(),
    "invalid-utf8.txt": TEXT.encode() + b"\xff\xfe\xc3\x28" + TEXT.encode(),
    "cp1256.txt": TEXT.encode("cp1256"),
    "utf16.json": EXPORT.encode("utf-16"),
    # nothing, or not text
    "empty.xml": b"",
    "white.txt": b" \n\t\r\n ",
    "bom-only.json": b"\xef\xbb\xbf",
    "nul.txt": b"\0" * 1000,
    "program.bin": b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 20,
    "picture.xml": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "archive.txt": _zip(),
    "page.html": f"<!doctype html><html><body><p>{TEXT}</p></body></html>".encode(),
    "other.json": b'{"status": "ok", "rows": [1, 2, 3]}',
    "number.json": b"42",
    # odd bytes inside
    "nul-in-feed.xml": RSS.replace("خبر", "خ\0بر").encode(),
    "nul-in-text.txt": TEXT.replace(" ", " \0").encode(),
    "controls.xml": RSS.replace("خبر", "خ\x0b\x1fبر").encode(),
    "lone-surrogate.json": _chat({"text": "XX"}).replace(b"XX", b"\\ud83d \\ude00"),
    "surrogate-reference.xml": RSS.replace("خبر", "&#xD83D; خبر").encode(),
    "backslash-x.json": EXPORT.replace("قناة", "قنا\\x1fة").encode(),
    "bidi.txt": f"\u202e{TEXT}\u202c\u2066".encode(),
    "ansi.txt": f"\x1b[31m{TEXT}\x1b[0m\x07".encode(),
    # names and shapes
    "..%2f..%2fetc%2fpasswd": TEXT.encode(),
    "-rf --output=x.xml": RSS.encode(),
    "<script>alert(1)</script>.txt".replace("/", "\u2215"): TEXT.encode(),
    "long-line.txt": ("كلمة " * 11_000_000).encode(),
    "long-line.xml": b"<rss version='2.0'><channel><item><title>" + b"a" * 100_000_000,
    "long-string.json": b'{"name":"x","type":"public_channel","id":1,"messages":[{"id":1,"text":"'
    + b"a" * 100_000_000,
}


def write_hostile(folder: Path) -> list[str]:
    """Write the files into `folder` and return their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return sorted(FILES)
