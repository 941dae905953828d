"""Turn HTML into plain text in linear time, whatever its depth, size or state.

A tokeniser after the HTML Living Standard, §13.2.5, reduced to what text needs: no tree is
built, so nesting costs nothing, and every search that can fail is tried at most once.
"""

import re
from html import unescape

# Elements that stand on lines of their own (HTML Living Standard, §15.3.3 and tables).
_BLOCK_NAMES = (
    "address article aside blockquote body br caption center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li "
    "main menu nav ol option p pre search section summary table tbody tfoot thead tr ul"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_CELLS = frozenset(("td", "th"))
# Their content is no text of the page, and no markup inside them counts (§13.2.6.2).
_UNREAD = frozenset(
    ("iframe", "noembed", "noframes", "noscript", "script", "style", "template", "textarea",
     "title")
)
_OPENING = re.compile(r"<(?:(/?)([a-zA-Z][^\s/>]*)|!--|!\[CDATA\[|[!?])")
_TAG_END = re.compile(r">|=\s*([\"'])")
_TRUNCATED_TAG = re.compile(r"[^<>]{0,500}\Z")
# More digits than any code point has; int() refuses thousands of them.
_OVERLONG_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")
# Markup that shows in the text was escaped twice by the feed.
_ESCAPED_TWICE = re.compile(
    r"(?:<|&lt;)/?(?:a|b|br|div|em|figure|h[1-6]|i|iframe|img|li|ol|p|script|span|strong|style"
    r"|table|td|tr|u|ul)(?:\s[^<>&]{0,300})?(?:/?>|/?&gt;|&quot;|&#)"
    r"|&(?:nbsp|quot|amp|laquo|raquo|[lr][sd]quo|hellip|[nm]dash|#\d{2,6}|#x[\da-f]{2,5});",
    re.IGNORECASE,
)
_MAX_UNESCAPES = 2
_LINE_END_IN_SOURCE = re.compile(r"[\t\n\f\r ]+")
_SPACES = re.compile(r"[ \t]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_BLOCK_EDGE = "\x1e"


def strip_markup(html: str) -> str:
    """Return the text of `html`: a line per block, at most one blank line, trimmed lines.

    Never raises. Comments, scripts, styles, frames, addresses of links and alternative texts
    of images are left out; line ends of the source are kept where it has no block of its own.
    What a feed escaped twice or three times is unescaped until no markup shows.
    """
    text = _strip_once(html)
    for _ in range(_MAX_UNESCAPES):
        if not _ESCAPED_TWICE.search(text):
            break
        text = _strip_once(text)
    return text


def _strip_once(html: str) -> str:
    """Return `html` without one level of markup."""
    if "<" not in html:
        return _tidy(_unescape(html))
    stripper = _Stripper(html)
    stripper.run()
    return _tidy("".join(stripper.pieces))


def _tidy(text: str) -> str:
    """Return `text` with a line per block, trimmed lines and at most one blank line in a row."""
    blocks = (_tidy_block(block) for block in _SPACES.sub(" ", text).split(_BLOCK_EDGE))
    return "\n".join(block for block in blocks if block)


def _tidy_block(text: str) -> str:
    """Return one block with trimmed lines and at most one blank line in a row."""
    if "\n" not in text:
        return text.strip()
    lines = "\n".join(line.strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", lines).strip()


def _unescape(text: str) -> str:
    """Return `text` with its character references resolved once."""
    if "&" not in text:
        return text
    return unescape(_OVERLONG_REFERENCE.sub("\ufffd", text))


class _Stripper:
    """One pass over one document: where it stands, and what it has read so far."""

    def __init__(self, html: str) -> None:
        self.html = html.replace("\r\n", "\n").replace("\r", "\n")
        self.pieces: list[str] = []
        self.position = 0
        self.has_blocks = _has_blocks(html)
        self.preformatted = 0
        self.in_cdata = False
        # The last place where each closing sign stands: no search beyond it is ever begun.
        self.last_gt = self.html.rfind(">")
        self.last_comment_end = self.html.rfind("-->")
        self.quotes_close = True

    def run(self) -> None:
        """Read the whole document into `pieces`."""
        while opening := _OPENING.search(self.html, self.position):
            self._read_text(opening.start())
            if opening.start() > self.last_gt:
                self._read_truncated(opening)
            elif opening[2]:
                self._read_tag(opening)
            else:
                self._read_declaration(opening)
        self._read_text(len(self.html))

    def _read_text(self, end: int) -> None:
        """Take the text up to `end`."""
        text = self.html[self.position : end]
        self.position = end
        if self.in_cdata:
            text = text.replace("]]>", "")
        if self.has_blocks and not self.preformatted:
            text = _LINE_END_IN_SOURCE.sub(" ", text)
        self.pieces.append(_unescape(text))

    def _read_truncated(self, opening: re.Match[str]) -> None:
        """Leave out a tag that the end of the document cuts; keep any other sign as text."""
        if truncated := _TRUNCATED_TAG.match(self.html, opening.end()):
            self.position = truncated.end()
        else:
            self.pieces.append(opening[0])
            self.position = opening.end()

    def _read_tag(self, opening: re.Match[str]) -> None:
        """Step over one tag, and over the content of an element that is not text."""
        name = opening[2].lower()
        self.position = self._tag_end(opening.end())
        if name == "br":
            self.pieces.append("\n")
        elif name in _BLOCKS:
            self.pieces.append(_BLOCK_EDGE)
            if name == "pre":
                self.preformatted = max(0, self.preformatted + (-1 if opening[1] else 1))
        elif name in _CELLS:
            self.pieces.append(" ")
        elif name in _UNREAD and not opening[1]:
            self._skip_content(name)

    def _tag_end(self, start: int) -> int:
        """Return where the tag ends whose name ends at `start`.

        A ">" inside a quoted value does not end it. Once a quote has run to the end of the
        document, quotes are no longer trusted: that keeps the whole pass linear.
        """
        position = start
        while self.quotes_close:
            end = _TAG_END.search(self.html, position)
            if end is None:
                self.quotes_close = False
            elif not end[1]:
                return end.end()
            else:
                closing = self.html.find(end[1], end.end())
                self.quotes_close = closing >= 0
                position = closing + 1
        return self.html.find(">", start) + 1

    def _skip_content(self, name: str) -> None:
        """Step over the content of the element `name`; without an end tag, over the rest."""
        end = re.compile(f"</{name}(?=[\\s/>])", re.IGNORECASE).search(self.html, self.position)
        self.position = end.start() if end else len(self.html)

    def _read_declaration(self, opening: re.Match[str]) -> None:
        """Step over a comment, a doctype or a processing instruction; open a CDATA section."""
        start = opening.end()
        if opening[0] == "<![CDATA[":
            self.in_cdata = True
            self.position = start
        elif opening[0] == "<!--" and start - 2 <= self.last_comment_end:
            # "<!-->" and "<!--->" are whole comments (§13.2.5.43).
            self.position = self.html.find("-->", start - 2) + 3
        else:
            self.position = self.html.find(">", start) + 1


def _has_blocks(html: str) -> bool:
    """Return whether `html` breaks its lines by elements rather than by line ends."""
    return any(tag[2] and tag[2].lower() in _BLOCKS for tag in _OPENING.finditer(html))
