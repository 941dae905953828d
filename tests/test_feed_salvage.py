import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.sources.feed_outline import outline
from transforms.sources.feed_prolog import UnsafeXmlError, read_prolog
from transforms.sources.feed_salvage import DEPTH_MAX, salvage

FRAGMENTS = st.lists(st.sampled_from([
    "<rss", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<item>", "</item>", "<entry a=b>",
    "</entry>", "<title>", "</title>", "<p>", "</p>", "<li/>", "<br>", "</rss>", "</", "<", ">",
    "/>", "&", "&amp;", "&#0;", "&#xD800;", "&#x110000;", "&nbsp;", "&x;", "]]>", "<![CDATA[",
    "<!--", "-->", "--", "<?x", "?>", "<!DOCTYPE", '"', "'", "=", " a='1'", ' a="2"',
    " xmlns:q=''", " xmlns:q='u'", " xmlns='http://www.w3.org/2000/xmlns/'", " xmlns:xml='x'",
    " q:a='1' r:a='2'", " xml:lang='ar'", "<xmlns:z>", "<xml:z>", "<q:z>", "</q:z>", "<a:b:c>",
    "خبر", "\x00", "\x0b", "\ud800", "\ufffe", "\n", " ",
]), max_size=30).map("".join)


def mend(text: str) -> str:
    return salvage(text, {}).xml


@given(FRAGMENTS | st.text(max_size=100))
def test_salvage_writes_well_formed_xml_whatever_it_reads(text: str) -> None:
    outline(mend(f"<rss>{text}").encode())
    outline(mend(text).encode())


@given(FRAGMENTS)
def test_salvage_has_nothing_to_mend_in_what_it_wrote(text: str) -> None:
    once = mend(f"<rss>{text}</rss>")
    assert mend(once) == once


def test_salvage_balances_tags() -> None:
    assert mend("<a><b>x</a></c>y") == "<a><b>x</b>y</a>"
    assert mend("<a><p>1<p>2<br>3</a>") == "<a><p>1</p><p>2<br></br>3</p></a>"
    assert mend("<a><item>1<item>2</item></a>") == "<a><item>1</item><item>2</item></a>"


def test_salvage_mends_attributes() -> None:
    assert mend("<a b=1 b='2' c=\"3&4\" d>x</a>") == '<a b="1" c="3&amp;4">x</a>'
    assert mend("<a><x:b y:c='1' z:c='2'/></a>") == (
        '<a xmlns:x="urn:undeclared:x" xmlns:y="urn:undeclared:y"><x:b y:c="1"></x:b></a>')
    assert 'xmlns:dc="http://purl.org/dc/elements/1.1/"' in mend("<a><dc:date/></a>")


def test_salvage_resolves_references_once() -> None:
    salvaged = salvage("<a>&nbsp;&amp;lt; & &x; &#1605;&#x645;&#0; &y;</a>", {"x": "<b> & c"})
    assert salvaged.xml == "<a>\u00a0&amp;lt; &amp; &lt;b&gt; &amp; c مم\ufffd &amp;y;</a>"


def test_salvage_ends_a_cdata_section_that_another_interrupts() -> None:
    broken = "<a><b><![CDATA[1</b><b><![CDATA[<2>]]></b></a>"
    assert mend(broken) == "<a><b>1</b><b>&lt;2&gt;</b></a>"
    broken = "<a><item><b><![CDATA[1</b></item><item>2</item></a>"
    assert mend(broken) == "<a><item><b>1</b></item><item>2</item></a>"


def test_salvage_tells_a_broken_feed_from_a_broken_off_one() -> None:
    assert salvage("<rss><item>1</b></item></rss>", {})[1:] == (False, "")
    assert salvage("<rss><item>1</item><item>2", {})[1:] == (True, "<item>2")
    assert salvage("<rss><item>1</item><item>2</ite", {}).xml == "<rss><item>1</item></rss>"
    assert salvage("<rss><item>1</item></rss>\n<item>2</item>", {})[1:] == (False, "")
    assert salvage("<rss xmlns='http", {})[1:] == (True, "")


def test_salvage_refuses_nesting_without_end() -> None:
    mend("<a>" * DEPTH_MAX)
    with pytest.raises(UnsafeXmlError, match=str(DEPTH_MAX)):
        mend("<a>" * (DEPTH_MAX + 1))


def test_read_prolog_finds_the_root_behind_comments_and_dtd() -> None:
    before = "\ufeff<?xml version='1.0'?><!-- <rss> --><!DOCTYPE r [<!ENTITY a '>]'><!-- ' -->]>"
    prolog = read_prolog(before + "<rss>")
    assert prolog == ("rss", len(before), {"a": ">]"}, False)
    assert read_prolog("<html><pre><rss version='2.0'>").root == "rss"
    assert read_prolog("<!-- never closed <feed x='y'>").root == "feed"
    assert read_prolog("text").root == ""
