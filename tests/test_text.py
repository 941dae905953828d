import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.text import clean, clean_line

ANY_TEXT = st.text(st.characters(), max_size=60)  # surrogates and controls included


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("سطر\r\nثان\rثالث\u2028رابع\u2029خامس\x85سادس\x0bسابع\x0cثامن",
         "سطر\nثان\nثالث\nرابع\nخامس\nسادس\nسابع\nثامن"),
        ("\ufeffنص\x00 فيه\x07 تحكم\x1f\x7f\x9f", "نص فيه تحكم"),
        ("ا\u0653ب", "آب"),
        ("وجه \ud83d\ude00 ونصف \ud83d", "وجه 😀 ونصف \ufffd"),
        ("قُتِلَ مـحـمّد \u200fفي «القدس» ١٢ ۱۲ “نعم”\tثم",
         "قُتِلَ مـحـمّد \u200fفي «القدس» ١٢ ۱۲ “نعم”\tثم"),
        ("فاصل\u00a0ثابت ﷺ ﻻ", "فاصل\u00a0ثابت ﷺ ﻻ"),
        ("", ""),
    ],
    ids=["line-breaks", "controls", "composed", "surrogates", "publishers-own", "no-nfkc",
         "empty"],
)
def test_clean(raw: str, expected: str) -> None:
    assert clean(raw) == expected


@given(ANY_TEXT)
def test_clean_twice_is_clean_once(raw: str) -> None:
    assert clean(clean(raw)) == clean(raw)


@given(ANY_TEXT)
def test_clean_text_can_be_stored(raw: str) -> None:
    text = clean(raw)
    text.encode()
    assert unicodedata.is_normalized("NFC", text)
    controls = {character for character in text if unicodedata.category(character) == "Cc"}
    assert controls <= {"\n", "\t"}
    assert "\ufeff" not in text


def test_clean_line_has_one_line() -> None:
    assert clean_line("  عنوان\r\n في \t سطرين\u00a0هنا ") == "عنوان في سطرين\u00a0هنا"
