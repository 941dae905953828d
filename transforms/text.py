"""Clean text as it is stored: composed, without controls, with everything the publisher wrote."""

import re
import unicodedata

_UNCLEAN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
# CR LF is one line break; the rest end a line or a page (UAX #14, classes BK, CR and NL).
_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff]")


def clean(text: str) -> str:
    r"""Return `text` in NFC with `\n` line ends and without controls, BOM or lone surrogates.

    Diacritics, tatweel, direction marks, digits and quotes are the publisher's and stay.
    Cleaning twice changes nothing.
    """
    if _UNCLEAN.search(text):
        text = _CONTROLS.sub("", _LINE_BREAKS.sub("\n", _join_surrogates(text)))
    return unicodedata.normalize("NFC", text)


def clean_line(text: str) -> str:
    """Return `text` clean and on one line, without white space around it."""
    return re.sub(r"[ \t\n]+", " ", clean(text)).strip()


def _join_surrogates(text: str) -> str:
    """Return `text` with surrogate pairs as one character and lone surrogates as U+FFFD."""
    if not _SURROGATES.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
