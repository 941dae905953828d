"""Mend Arabic text that was decoded with the wrong charset; leave every other text alone.

Three accidents happen in the wild, alone or one upon the other: Windows-1256 read as Latin-1
(`ÇáÈáÇÏ`), UTF-8 read as Windows-1256 (`ط§ظ„`) and UTF-8 read as Latin-1 (`Ø§Ù„`). "latin1" in the
name of a repair includes windows-1252, as in the WHATWG Encoding Standard.
"""

import re
from typing import NamedTuple

from transforms.letter_pairs import letters_of, pair_cost

PLAUSIBLE_BITS = 5.4
"""Above this mean cost per letter pair a text is not Arabic: of 15,811 headlines 99.9 % cost less,
of random five-word strings 99.8 % more (python -m benchmarks.mojibake)."""

PLAUSIBLE_BITS_SHORT = 4.9
"""The same for fewer than SHORT_LETTERS letters, where chance could pass."""

NOT_RANDOM_BITS = 7.0
"""The same where the bytes already form UTF-8, which chance does not produce."""

SHORT_LETTERS = 12
LETTERS_MIN = 4
"""Fewer different letters than this prove nothing: the text stays as it is."""

_LAYERS_MAX = 2  # accidents, one upon the other
# Between Latin and Arabic, and between Arabic and punctuation, but for what cp1252 itself holds.
_NOT_IN_WIRES = re.compile(
    "[\u0180-\u0191\u0193-\u02c5\u02c7-\u02db\u02dd-\u05ff\u0700-\u074f\u0780-\u1fff]"
)
_ARABIC_LEADS = range(0xD8, 0xDC)  # UTF-8 lead bytes of U+0600 to U+06FF
_WESTERN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff"


def _misread(byte: int, charset: str) -> str:
    """Return the characters that `byte` may have become when read as `charset`."""
    read = bytes([byte]).decode(charset, "ignore")
    return read if charset == "cp1256" else "".join({read, chr(byte)})


def _any_of(values: range, charset: str) -> str:
    """Return a regex class of what the bytes `values` become when read as `charset`."""
    return f"[{re.escape(''.join(_misread(value, charset) for value in values))}]"


class _Utf8Misread(NamedTuple):
    """UTF-8 that was read as a one-byte charset."""

    name: str
    byte_of: dict[int, int]
    sequences: re.Pattern[str]
    evidence: re.Pattern[str]  # three Arabic characters in a row: no clean text has that


def _utf8_misread(name: str, charset: str) -> _Utf8Misread:
    """Return the tables for UTF-8 read as `charset`."""
    tail = _any_of(range(0x80, 0xC0), charset)
    lead2, lead3, lead4 = (
        _any_of(leads, charset)
        for leads in (range(0xC2, 0xE0), range(0xE0, 0xF0), range(0xF0, 0xF5))
    )
    arabic = _any_of(_ARABIC_LEADS, charset) + tail
    return _Utf8Misread(
        name,
        {ord(char): byte for byte in range(0x80, 0x100) for char in _misread(byte, charset)},
        re.compile(f"(?:{lead2}{tail}|{lead3}{tail}{{2}}|{lead4}{tail}{{3}})+"),
        re.compile(f"(?:{arabic}){{3}}"),
    )


_UTF8_AS_CP1256 = _utf8_misread("utf-8-as-cp1256", "cp1256")
_UTF8_AS_LATIN1 = _utf8_misread("utf-8-as-latin1", "cp1252")

_CP1256_OF = {
    ord(char): bytes([byte]).decode("cp1256")
    for byte in range(0x80, 0x100)
    for char in _misread(byte, "cp1252")
    if bytes([byte]).decode("cp1256") > "\u0600" or byte in (0xFD, 0xFE)
    if not "\u2010" < bytes([byte]).decode("cp1256") < "\u2fff"
}
_C1_AS_CP1256 = {byte: bytes([byte]).decode("cp1256") for byte in range(0x80, 0xA0)}
_CP1256_WORD = re.compile(
    f"(?<![{_WESTERN}])[{re.escape(''.join(map(chr, _CP1256_OF)))}]+(?![{_WESTERN}])"
)
# "لـCNN", "بالUN": clitics and the article, joined to an acronym.
_CP1256_CLITIC = re.compile(f"(?<![{_WESTERN}])(?:[æÝÈßá]|Çá){{1,3}}Ü?(?=[A-Z])")
_CP1256_MARK = re.compile(r"[¡¿](?!\w)")  # Spanish has them before a word
_WESTERN_BEYOND_ASCII = re.compile("[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff]")

_COMMON_PAIRS = (
    "ال لا في من ية ين ان ار را وا با ما تا ات ير ري لم لع عل ول لت مر بي رئ ها سي حر قت"
)


def _hints() -> dict[str, tuple[str, ...]]:
    """Return what common Arabic letters become, by first character: text without it is clean.

    Looking for one character, then for pairs, is many times faster than any regex.
    """
    once = [pair.encode("cp1256").decode("latin-1") for pair in _COMMON_PAIRS.split()]
    letters = "اليونمرت"
    for charset in ("latin-1", "cp1252", "cp1256"):
        once += [letter.encode().decode(charset) for letter in letters]
        # Damaged twice: the first two of four or more characters of a letter.
        once += [char.encode().decode(charset, "replace")[:2] for char in "ØÙÇáãط"]
    found: dict[str, tuple[str, ...]] = {}
    for hint in once:
        found[hint[0]] = (*found.get(hint[0], ()), hint)
    return found


_HINTS = _hints()


def scrub(text: str) -> str:
    """Return `text` without NUL; surrogates are joined to characters, lone ones become U+FFFD."""
    text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def is_arabic(text: str) -> bool:
    """Say whether the letters of `text` follow each other as they do in Arabic."""
    letters = letters_of(text)
    limit = PLAUSIBLE_BITS if len(letters) >= SHORT_LETTERS else PLAUSIBLE_BITS_SHORT
    return len(set(letters)) >= LETTERS_MIN and pair_cost(text) <= limit


def repair_mojibake(text: str) -> tuple[str, str]:
    """Return `text` mended, and the name of the repair: "" when there was nothing to mend.

    The name of a double accident has the first one first: "mojibake:cp1256-as-latin1+…".

    Clean text comes back as it is, but for NUL and lone surrogates, which never survive.
    """
    text = scrub(text)
    if not any(
        hint in text for first, hints in _HINTS.items() if first in text for hint in hints
    ):
        return text, ""
    for outer in (None, _UTF8_AS_LATIN1, _UTF8_AS_CP1256):
        mended = _reverse_utf8(text, outer) if outer else text
        names = [outer.name] if outer else []
        for _ in range(_LAYERS_MAX):
            mended, name = _mend_once(mended)
            if not name:
                break
            names.append(name)
        if len(names) > bool(outer):
            return scrub(mended), f"mojibake:{'+'.join(reversed(names))}"
    return text, ""


def _mend_once(text: str) -> tuple[str, str]:
    """Return `text` with one misreading undone, and its name or ""."""
    for misread in (_UTF8_AS_CP1256, _UTF8_AS_LATIN1):
        mended = _mend_utf8(text, misread)
        if mended is not None:
            return mended, misread.name
    mended = _mend_cp1256(text)
    return (text, "") if mended is None else (mended, "cp1256-as-latin1")


def _mend_utf8(text: str, misread: _Utf8Misread) -> str | None:
    """Return `text` with its UTF-8 sequences read as UTF-8, or None when that is no Arabic."""
    if misread is _UTF8_AS_LATIN1:
        # cp1252 has no character for byte 0x81; with lead byte 0xD9 it is the letter feh.
        text = text.replace("Ù\ufffd", "Ù\x81")
    if not misread.evidence.search(text):
        return None
    found = " ".join(_read_utf8(run, misread) for run in misread.sequences.findall(text))
    return _reverse_utf8(text, misread) if pair_cost(found) <= NOT_RANDOM_BITS else None


def _reverse_utf8(text: str, misread: _Utf8Misread) -> str:
    """Return `text` with every run of UTF-8 sequences read as UTF-8."""
    return misread.sequences.sub(lambda run: _read_utf8(run[0], misread), text)


def _read_utf8(run: str, misread: _Utf8Misread) -> str:
    """Return `run` read as UTF-8, or unchanged where it is not well-formed or never was Arabic.

    Clean Arabic beside damaged text may look like a sequence: "ة،" would become "ɡ".
    """
    try:
        found = run.translate(misread.byte_of).encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return run
    return run if _NOT_IN_WIRES.search(found) else found


def _mend_cp1256(text: str) -> str | None:
    """Return `text` with its Windows-1256 words read as such, or None when that is no Arabic.

    French letters stand at the same bytes in both charsets; words with an ASCII letter are
    Western and stay.
    """
    words = [word for word in _CP1256_WORD.findall(text) if len(word) > 1]
    if sum(map(len, words)) * 2 < len(_WESTERN_BEYOND_ASCII.findall(text)):
        return None
    # Each word counts once: "ÖÇÜ ÖÇÜ ÖÇÜ" is no more evidence than "ÖÇÜ".
    if not is_arabic(" ".join(dict.fromkeys(words)).translate(_CP1256_OF)):
        return None
    for misread in (_CP1256_WORD, _CP1256_CLITIC, _CP1256_MARK):
        text = misread.sub(lambda found: found[0].translate(_CP1256_OF), text)
    return text.translate(_C1_AS_CP1256)  # quotes and dashes
