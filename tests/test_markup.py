import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.markup import strip_markup

MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>قال&nbsp;الوزير</p>\n<p>&quot;نعم&quot;<br/>ثم &amp; غادر</p>",
         "قال\u00a0الوزير\n\"نعم\"\nثم & غادر"),
        ("<DIV>أ<br><br><br>\n<br>ب</DIV>  <p>&nbsp;</p><ul><li>ج<li>د</ul>", "أ\n\nب\nج\nد"),
        ("<b>ا</b>لوزير <a title=\"x>y\" href='z>'>قال</a> <img alt='صورة' src=x>نعم",
         "الوزير قال نعم"),
        ("قبل<script>if (a<b) {'</p>'}</script><style>p{}</style><iframe src=x>إطار</iframe>"
         "<!-- <p>تعليق</p> --><!-->بعد<!--->.", "قبلبعد."),
        ("<table><tr><td>أ</td><td>ب</td></tr><tr><td>ج</td></tr></table>", "أ ب\nج"),
        ("<pre>سطر\nثان</pre><p>سطر\nواحد</p>", "سطر\nثان\nسطر واحد"),
        ("سطر أول\nسطر &quot;ثان&quot;", "سطر أول\nسطر \"ثان\""),
        ("5 < 6 و 7 > 3 <3 </3", "5 < 6 و 7 > 3 <3 </3"),
        ("نص مقطوع <a href=\"http://example.org/", "نص مقطوع"),
        ("نص <a href=\"بلا نهاية> باق</a> هنا", "نص باق هنا"),
        ("<![CDATA[<p>نص</p>]]>", "نص"),
        ("<!DOCTYPE html><html><head><title>ع</title></head><body>نص</body></html>", "نص"),
        ("&lt;p&gt;مرتين &amp;quot;نعم&amp;quot;&lt;/p&gt;", "مرتين \"نعم\""),
        ("&amp;lt;p&amp;gt;ثلاثا&amp;lt;/p&amp;gt;", "ثلاثا"),
        ("السعر &lt; 5 و x &lt;y", "السعر < 5 و x <y"),
        ("&#" + "9" * 5000 + ";&#1575;&#xD800;", "\ufffdا\ufffd"),
        ("", ""),
    ],
    ids=["paragraphs", "breaks", "inline", "unread", "cells", "pre", "no-blocks", "no-tags",
         "truncated", "open-quote", "cdata", "document", "escaped-twice", "escaped-thrice",
         "escaped-once", "overlong-reference", "empty"],
)
def test_strip_markup(html: str, text: str) -> None:
    assert strip_markup(html) == text


PIECES = [*"<>/!-'\"=& \n;#bpa[]ا", "<p>", "</p>", "<br>", "<!--", "-->", "&lt;", "<script>"]


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_strip_markup_never_raises_and_trims(pieces: list[str]) -> None:
    text = strip_markup("".join(pieces))
    assert "\n\n\n" not in text
    assert all(line == line.strip() for line in text.split("\n"))


@given(st.text(st.sampled_from("ابتث 12.،\n"), max_size=50))
def test_plain_words_survive(words: str) -> None:
    assert strip_markup(words).split() == words.split()
    assert strip_markup(f"<p>{words}</p>").split() == words.split()


@pytest.mark.parametrize(
    "bomb",
    [
        "<div>" * 100_000 + "نص" + "</div>" * 100_000,
        "<a =\"" * (MEGABYTE // 5),
        "<a b=\"<c d='" * (MEGABYTE // 12),
        "<a ='>' " * (MEGABYTE // 8),
        "<a ='>' " * (MEGABYTE // 8) + "=\"",
        "<!--" * (MEGABYTE // 4),
        "<a" * (MEGABYTE // 2),
        "<a>" + "<b " * (MEGABYTE // 3),
        "&amp;lt;a " * (MEGABYTE // 10),
        "<script>" * (MEGABYTE // 8),
        "<p>" + "\n" * MEGABYTE,
        "&" * MEGABYTE,
    ],
    ids=["depth", "quotes", "mixed-quotes", "quoted-ends", "last-quote", "comments", "names",
         "truncated", "escaped", "scripts", "line-ends", "ampersands"],
)
def test_hostile_markup_takes_linear_time(bomb: str) -> None:
    started = time.process_time()
    strip_markup(bomb)
    assert time.process_time() - started < 3


def test_ten_megabytes_of_paragraphs() -> None:
    paragraph = "نص عادي طويل بعض الشيء. " * 40
    text = strip_markup(f"<p>{paragraph}</p>" * (10 * MEGABYTE // len(paragraph)))
    assert text.startswith(f"{paragraph.strip()}\nنص")
    assert len(text) > 9 * MEGABYTE
