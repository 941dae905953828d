import io
import json
import re
import time
from collections.abc import Sequence
from typing import Any

import pytest
from apache_beam.utils.timestamp import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import RawItem, Reject, SourceSpec
from transforms.sources import Document
from transforms.sources.feeds import FEED_BYTES_MAX, SOURCE, recognise

URL = "https://news.example/ar/feed.xml"
MOMENT = Timestamp(1_700_982_000)  # 2023-11-26 07:00 UTC

RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>أخبار</title><link>https://news.example/</link><language>ar-iq</language>
{items}
</channel></rss>"""

STORY = """<item>
  <title>ميناء الفاو &amp;quot;يستقبل&amp;quot; أول سفينة</title>
  <link>/ar/news/55101?a=1&amp;b=2</link>
  <guid isPermaLink="false">news-55101</guid>
  <description>ملخص قصير</description>
  <content:encoded><![CDATA[<p>استقبل ميناء الفاو، اليوم الأحد، <b>أول</b>
سفينة.</p>]]></content:encoded>
  <dc:creator>سامر الحلبي</dc:creator>
  <media:content url="https://news.example/1.jpg" medium="image"/>
  <pubDate>الأحد، 26 نوفمبر 2023 10:00:00 ص</pubDate>
  <dc:date>2023-11-27T00:00:00Z</dc:date>
</item>"""


def rss(*items: str, encoding: str = "utf-8") -> str:
    return RSS.format(encoding=encoding, items="\n".join(items))


def item(title: str, **elements: str) -> str:
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in elements.items())
    return f"<item><title>{title}</title>{inner}</item>"


def read(raw: str | bytes, *, content_type: str = "", origin: str = URL,
         **spec: Any) -> list[RawItem | Reject]:
    stream = io.BytesIO(raw.encode() if isinstance(raw, str) else raw)
    document = Document(SourceSpec("news", origin, **spec), origin, stream, content_type)
    return list(SOURCE.read(document))


def items_of(raw: str | bytes, **options: Any) -> list[RawItem]:
    outcomes = read(raw, **options)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Reject)]
    return [outcome for outcome in outcomes if isinstance(outcome, RawItem)]


def reasons(outcomes: Sequence[RawItem | Reject]) -> list[str]:
    return [o.reason if isinstance(o, Reject) else "item" for o in outcomes]


def test_read_rss_gives_every_field() -> None:
    assert items_of(rss(STORY), timezone="Asia/Baghdad", agency="نينا", priority=7) == [RawItem(
        source_id="news", source_kind="rss", item_id="news-55101", origin=URL, position="item 1",
        title="ميناء الفاو &quot;يستقبل&quot; أول سفينة",
        body="<p>استقبل ميناء الفاو، اليوم الأحد، <b>أول</b>\nسفينة.</p>", markup="html",
        url="https://news.example/ar/news/55101?a=1&b=2", agency="نينا", author="سامر الحلبي",
        language="ar-iq", published_at=MOMENT, published_from="pubDate:arabic+local",
        updated_at=None, has_media=True, priority=7, repairs=(), timezone="Asia/Baghdad",
    )]


def test_read_atom_gives_every_field() -> None:
    feed = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar" xml:base="https://a.example/">
      <title>الصباح</title><id>tag:a.example,2023:feed</id>
      <entry>
        <id>tag:a.example,2023:9001</id><title type="text">أسعار &lt;القمح&gt; &amp; الذرة</title>
        <link rel="enclosure" href="9001.mp4"/><link rel="alternate" href="9001"/>
        <author><name>ليث الخطيب</name></author>
        <published>2023-11-26T10:00:00+03:00</published><updated>2023-11-26T07:05:00Z</updated>
        <summary>ملخص</summary>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"
          ><p>نص الخبر كاملا</p></div></content>
      </entry></feed>"""
    assert items_of(feed) == [RawItem(
        source_id="news", source_kind="atom", item_id="tag:a.example,2023:9001", origin=URL,
        position="item 1", title="أسعار &lt;القمح&gt; &amp; الذرة",
        body="<p>نص الخبر كاملا</p>", markup="html", url="https://a.example/9001",
        author="ليث الخطيب", language="ar", published_at=MOMENT, published_from="published",
        updated_at=MOMENT + 300, has_media=True,
    )]


def test_read_rss_1_0_gives_every_field() -> None:
    feed = """<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
        xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
      <channel rdf:about="https://r.example/"><title>أخبار</title><dc:language>ar</dc:language></channel>
      <item rdf:about="https://r.example/1"><title>عنوان</title><link>https://r.example/1</link>
        <description>نص</description><dc:date>2023-11-26T10:00+03:00</dc:date></item></rdf:RDF>"""
    [found] = items_of(feed)
    assert found[:9] == ("news", "rss", "https://r.example/1", URL, "item 1", "عنوان", "نص",
                         "html", "https://r.example/1")
    assert (found.language, found.published_at, found.published_from) == ("ar", MOMENT, "dc:date")


def test_read_json_feed_gives_every_field() -> None:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "الخليج", "language": "ar-KW",
            "items": [{
                "id": 7002, "url": "https://k.example/7002", "title": "الكويت & السودان <عاجل>",
                "summary": "ملخص", "content_text": "أقلعت طائرة إغاثة.\nنص",
                "authors": [{"name": "كونا"}, {"name": "محرر"}],
                "date_published": "2023-11-26T10:00:00+03:00",
                "date_modified": "2023-11-26T07:05:00Z", "attachments": [{"url": "https://k/1.mp3"}],
            }, {"id": "7003", "content_html": "<p>نص</p>", "title": "أ & ب", "language": "en"}]}
    first, second = items_of(json.dumps(feed))
    assert first == RawItem(
        source_id="news", source_kind="jsonfeed", item_id="7002", origin=URL, position="item 1",
        title="الكويت & السودان <عاجل>", body="أقلعت طائرة إغاثة.\nنص", markup="plain",
        url="https://k.example/7002", author="كونا, محرر", language="ar-KW", published_at=MOMENT,
        published_from="date_published", updated_at=MOMENT + 300, has_media=True,
    )
    assert (second.title, second.body, second.markup) == ("أ &amp; ب", "<p>نص</p>", "html")
    assert (second.language, second.published_from) == ("en", "none")


@pytest.mark.parametrize(("elements", "moment", "source"), [
    ({"pubDate": "Sun, 26 Nov 2023 10:00:00 +0300"}, MOMENT, "pubDate"),
    ({"pubDate": "Sun, 26 Nov 2023 10:00:00"}, MOMENT, "pubDate:local"),
    ({"pubDate": "26 تشرين الثاني/نوفمبر 2023 10:00 ص"}, MOMENT, "pubDate:arabic+local"),
    ({"pubDate": "غير معروف", "dc:date": "2023-11-26T07:00:00Z"}, MOMENT, "dc:date"),
    ({"pubDate": "Thu, 01 Jan 1970 00:00:00 +0000"}, None, "invalid:pubDate"),
    ({"pubDate": "5 شعبان 1445"}, None, "invalid:pubDate"),
    ({"pubDate": " "}, None, "none"),
    ({}, None, "none"),
], ids=["offset", "local", "arabic", "second-field", "epoch", "hijri", "blank", "missing"])
def test_read_says_where_a_date_comes_from(
    elements: dict[str, str], moment: Timestamp | None, source: str
) -> None:
    [found] = items_of(rss(item("خبر", **elements)), timezone="Asia/Riyadh")
    assert (found.published_at, found.published_from) == (moment, source)


def test_read_gives_no_date_that_lies_far_after_the_run() -> None:
    raw = io.BytesIO(rss(item("خبر", pubDate="2051-01-01T00:00:00Z")).encode())
    document = Document(SourceSpec("news", URL), URL, raw, as_of=MOMENT)
    [found] = SOURCE.read(document)
    assert isinstance(found, RawItem)
    assert (found.published_at, found.published_from) == (None, "invalid:pubDate")


def test_read_names_an_item_alike_wherever_its_feed_lies() -> None:
    feed = rss(item("خبر", guid="55101", link="/55101"))
    [online], [offline] = items_of(feed), items_of(feed, origin="/tmp/feed.xml")
    assert online.item_id == offline.item_id == "55101"
    assert (online.url, offline.url) == ("https://news.example/55101", None)


def test_read_takes_the_longer_text_and_the_title_as_it_is_meant() -> None:
    longer = item("AT&amp;T", description="&lt;p&gt;نص كامل طويل&lt;/p&gt;")
    both = "<item><title>خبر</title><description>مقدمة أطول من النص</description>" \
           "<content:encoded>&lt;img src='x' alt=''&gt;نص</content:encoded></item>"
    first, second = items_of(rss(longer, both))
    assert (first.title, first.body) == ("AT&amp;T", "<p>نص كامل طويل</p>")
    assert second.body == "مقدمة أطول من النص"


@pytest.mark.parametrize("charset", ["utf-8", "windows-1256", "iso-8859-6", "utf-16", "utf-16-le",
                                     "utf-32-be"])
@pytest.mark.parametrize("content_type", ["", "text/xml; charset=utf-8"], ids=["file", "http"])
def test_read_gives_the_same_items_in_every_charset(charset: str, content_type: str) -> None:
    plain = rss(item("وكالة الأنباء تعلن نتائج الانتخابات", description="نص الخبر كما ورد"),
                encoding=charset)
    [expected] = items_of(plain.replace(charset, "utf-8", 1))
    [found] = items_of(plain.encode(charset), content_type=content_type)
    assert found._replace(repairs=()) == expected


def test_read_reverses_mojibake_and_says_so() -> None:
    arabic = "وكالة الأنباء العراقية تعلن نتائج الانتخابات المحلية"
    [found] = items_of(rss(item(arabic.encode("cp1256").decode("latin-1"))))
    assert found.title == arabic
    assert any(repair.startswith("mojibake:") for repair in found.repairs)


def test_read_prefers_the_language_that_the_owner_names() -> None:
    [found] = items_of(rss(STORY), language="ar")
    assert found.language == "ar"


@pytest.mark.parametrize("broken", [
    "<title>نفط & غاز</title><link>https://n.example/?a=1&b=2</link>",
    "<title>نفط &amp; غاز</title><link>https://n.example/?a=1&amp;b=2</link><p>بلا نهاية",
    "<title>نفط & غاز</title><link>https://n.example/?a=1&b=2</link></b>",
    "<title>نفط\x0b & غاز\x00</title><link>https://n.example/?a=1&b=2</link>",
    "<title>نفط &#38; غاز&#0;</title><link>https://n.example/?a=1&b=2</link>",
    "<title><![CDATA[نفط & غاز</title><link>https://n.example/?a=1&b=2</link>",
    "<title>نفط & غاز</title><ns:x y=1 y=2/><link>https://n.example/?a=1&b=2</link>",
    "<title>نفط &amp;&nbsp;غاز</title><link>https://n.example/?a=1&amp;b=2</link>",
    "<title>نفط & غاز</title><link>https://n.example/?a=1&b=2</link><description>أ<br>ب"
    + "<br>" * 300 + "</description>",
], ids=["bare-ampersand", "unclosed", "stray-end", "controls", "bad-reference", "cdata",
        "undeclared", "html-entity", "unclosed-html"])
def test_read_mends_broken_xml(broken: str) -> None:
    found = items_of(rss(item("قبل"), f"<item>{broken}</item>", item("بعد"), STORY))
    assert [one.title for one in found[::2]] == ["قبل", "بعد"]
    assert re.fullmatch(r"نفط &(amp;)?\s+?غاز\ufffd?", found[1].title)
    assert found[1].url == "https://n.example/?a=1&b=2"
    assert found[3].published_from == "pubDate:arabic+local"
    assert "feed-salvaged" in found[1].repairs


def test_read_finds_the_items_that_an_unclosed_title_swallows() -> None:
    found = items_of(f"<rss><channel><title type='html'>أخبار {STORY} {STORY}</channel></rss>")
    assert [one.item_id for one in found] == ["news-55101", "news-55101"]


def test_read_ends_an_item_where_the_next_begins() -> None:
    found = items_of(rss("<item><title>أ</title>", "<item><title>ب<item><title>ج</title></item>"))
    assert [one.title for one in found] == ["أ", "ب", "ج"]


@pytest.mark.parametrize("cut", [10, 60, 200, len(STORY) - 1])
def test_read_keeps_the_complete_items_of_a_truncated_feed(cut: int) -> None:
    raw = rss(STORY, item("ثان"), "\0").partition("\0")[0].encode() + STORY.encode()[:cut]
    outcomes = read(raw)
    assert reasons(outcomes) == ["item", "item", "feed-truncated"]
    reject = outcomes[-1]
    assert isinstance(reject, Reject)
    assert f"byte {len(raw)}, inside item 3" in reject.message
    assert (reject.position, reject.raw[:6]) == ("item 3", b"<item>")


def test_read_says_that_a_feed_breaks_off_between_items() -> None:
    raw = rss(STORY).partition("</channel>")[0].encode()
    outcomes = read(raw)
    assert reasons(outcomes) == ["item", "feed-truncated"]
    assert outcomes[1].position == f"byte {len(raw)}"


def test_read_passes_over_junk_before_the_feed() -> None:
    warning = "\ufeff\n<br />\n<b>Warning</b>: mysql_connect(): تعذر الاتصال<br />\n"
    [found] = items_of(warning + rss(STORY))
    assert found.item_id == "news-55101"
    assert found.repairs == ("junk-before-feed",)
    assert items_of("\ufeff \n" + rss(STORY))[0].repairs == ()


@pytest.mark.parametrize(("raw", "what"), [
    ("<!DOCTYPE html><html><head><title>404\n غير موجود</title></head></html>",
     "an HTML page titled '404 غير موجود'"),
    ("<NewsML><NewsItem/></NewsML>", "an XML document with the root <NewsML>"),
    ("بغداد / نينا / نص", "a text without markup"),
    ('{"messages": [], "type": "public_channel"}', "a JSON document without a list of items"),
    ("{broken", "a JSON document that is broken"),
])
def test_read_names_what_a_document_is_that_is_no_feed(raw: str, what: str) -> None:
    [reject] = read(raw)
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.stage) == ("source-not-a-feed", "read")
    assert what in reject.message


def test_read_rejects_items_that_say_nothing() -> None:
    outcomes = read(rss("<item><category>عام</category></item>", STORY, "<item/>"))
    assert reasons(outcomes) == ["item-empty", "item", "item-empty"]
    assert [outcome.position for outcome in outcomes] == ["item 1", "item 2", "item 3"]
    assert isinstance(outcomes[0], Reject)
    assert outcomes[0].raw == "<item><category>عام</category></item>".encode()


@pytest.mark.parametrize("raw", [b"", b" \n\t", b"\xef\xbb\xbf", "\ufeff ".encode("utf-16-le")])
def test_read_rejects_a_blank_document(raw: bytes) -> None:
    assert reasons(read(raw)) == ["source-empty"]


def test_read_rejects_a_document_over_the_limit() -> None:
    assert reasons(read(b" " * (FEED_BYTES_MAX + 1))) == ["source-too-large"]
    assert reasons(read(b" " * FEED_BYTES_MAX)) == ["source-empty"]


def test_read_takes_a_stream_that_gives_little_at_a_time() -> None:
    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 7, 7))

    spec = SourceSpec("news", URL)
    document = Document(spec, URL, Dripping(rss(STORY).encode()))
    assert reasons(list(SOURCE.read(document))) == ["item"]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(("raw", "reason"), [
    (f'<!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]>' + rss(item("&l9;")), "feed-unsafe"),
    ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + rss(item("&e;")), "feed-unsafe"),
    (f'<!DOCTYPE x [<!ENTITY e "{"e" * 9999}">]>' + rss(item("&e;" * 9999)), "feed-unsafe"),
    ("<rss>" + "<a>" * 100_000, "feed-unsafe"),
    ("<rss>" + "<a>" * 100_000 + "</a>" * 100_000 + "</rss>", "feed-unsafe"),
    (f'<rss a="{"b" * 10_000_000}"><channel/></rss>', "feed-unsafe"),
    ("<rss><channel>" + "<" * 4_000_000, "feed-unsafe"),
    ("<rss><channel>" + "<item/>" * 400_000 + "</channel></rss>", "feed-unsafe"),
    ("<rss><channel>" + "<![CDATA[" * 400_000, "feed-truncated"),
    ("<?" * 2_000_000, "source-not-a-feed"),
    (rss(f'<item><a b="{"c" * 10_000_000}"/></item>'), "item-too-large"),
    (rss(item("خبر", author="a" * 1_000_000)), "item-too-large"),
    (rss("<item>" + "<category/>" * 50_000 + "</item>"), "item-too-large"),
    (rss(item("خ" * 3_000_000)), "item-too-large"),
    ('{"version":"https://jsonfeed.org/version/1","items":' + "[" * 100_000, "feed-truncated"),
    ('{"items":[' + '{"id":"' * 500_000, "feed-truncated"),
], ids=["laughs", "external", "swelling", "deep-open", "deep", "attribute", "less-than", "items",
        "cdata", "instructions", "item-attribute", "author", "categories", "item", "json-deep",
        "json-strings"])
def test_read_ends_quickly_on_hostile_documents(raw: str, reason: str) -> None:
    started_s = time.perf_counter()
    outcomes = read(raw)
    assert time.perf_counter() - started_s < 10  # seconds; expanding or nesting takes for ever
    assert reasons(outcomes)[-1] == reason
    assert sum(len(str(field)) for outcome in outcomes for field in outcome) < 100_000


def test_read_resolves_what_a_harmless_dtd_declares() -> None:
    dtd = '<!DOCTYPE rss [<!ENTITY city "البصرة &#38; بغداد"><!ENTITY % x SYSTEM "x.ent"> %x;]>'
    [found] = items_of(dtd + rss(item("&city;")).partition("?>")[2])
    assert found.title == "البصرة & بغداد"


def test_read_lets_one_harmful_item_harm_itself_alone() -> None:
    harmful = "<item><title>أ</title><item><title>ب</title></item></item>"
    assert reasons(read(rss(STORY, harmful, STORY))) == ["item", "item-malformed", "item"]


def test_read_is_not_confused_by_elements_named_like_the_parsers_fields() -> None:
    odd = "<item><title>خبر</title><links a='b'/><title_detail>x</title_detail>" \
          "<summary_detail c='d'/><media_content/><authors>y</authors></item>"
    [outcome] = read(rss(odd))
    assert isinstance(outcome, Reject) or outcome.title == "خبر"


def test_read_resumes_a_json_feed_after_a_broken_item() -> None:
    outcomes = read('{"version": "https://jsonfeed.org/version/1.1", "items": ['
                    '{"id": "1", "content_text": "سطر\nثان \\ud800"}, {"id": "2", "title": oops},'
                    ' {"id": "3", "title": "ثالث"}, 4, {"id": "5", "title": "خا')
    assert reasons(outcomes) == ["item", "item-malformed", "item", "item-malformed",
                                 "feed-truncated"]
    assert outcomes[0][6] == "سطر\nثان \ufffd"


@pytest.mark.parametrize(("head", "least", "most"), [
    (rss(STORY).encode(), 90, 100), (rss(STORY).encode("utf-16"), 90, 100),
    (rss(STORY).encode("utf-16-be"), 90, 100), (rss(STORY).encode("utf-32"), 90, 100),
    (b"\xef\xbb\xbf\n" + rss(STORY).encode(), 90, 100),
    (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", 90, 100),
    (b"<!-- x --><!DOCTYPE rss [<!ENTITY a '>'>]><rss>", 90, 100),
    (b"<rdf:RDF xmlns='http://purl.org/rss/1.0/'>", 90, 100),
    (b"<br/>Warning<rss version='2.0'>", 90, 100),
    (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', 90, 100),
    (b'{"home_page_url": "x", "items": [{"id": 1}]}', 50, 90),
    (b'{"name": "x", "type": "public_channel", "messages": [{"id": 1}]}', 0, 0),
    (b"<!DOCTYPE html><html><body>rss</body></html>", 0, 10), (b"<NewsML/>", 0, 10),
    ("بغداد / نينا / نص < 5".encode(), 0, 0), (b"", 0, 0), (bytes(range(256)) * 10, 0, 10),
])
def test_recognise_tells_feeds_from_everything_else(head: bytes, least: int, most: int) -> None:
    assert least <= recognise(head) <= most


FRAGMENTS = st.sampled_from([
    "<item>", "</item>", "<title>", "</title>", "<![CDATA[", "]]>", "&", "&#0;", "<", ">", '"',
    "<a b='c' b=d>", "<x:y x:z=1>", "<!--", "-->", "<svg>", "</channel>", "</rss>", "خبر", "\0",
    " xmlns:x=''", "<p>", "<content type='xhtml'>", "<?x ?>", "<links a='b'/>", "<height>",
])


@given(st.binary(max_size=300)
       | st.text(max_size=200).map(lambda text: rss(text).encode("utf-8", "replace"))
       | st.lists(FRAGMENTS, max_size=25).map(lambda parts: rss(*parts).encode()))
def test_read_turns_any_bytes_into_valid_items_and_rejects(raw: bytes) -> None:
    assert 0 <= recognise(raw) <= 100
    for outcome in read(raw):
        assert isinstance(outcome, (RawItem, Reject))
        for field in outcome:
            assert not isinstance(field, str) or "\0" not in field.encode().decode()
