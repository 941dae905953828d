import pytest

from transforms.dates.numbers import cardinal, day_number, digits, ordinal, year_number, year_words
from transforms.dates.tokens import tokens_of
from transforms.fold import fold_key


def _number(read: object) -> int | None:
    return read[0] if isinstance(read, tuple) else None


@pytest.mark.parametrize(("text", "number"), [
    ("ثلاثة", 3), ("الثلاث", 3), ("عشر", 10), ("أحد عشر", 11), ("اثنتا عشرة", 12),
    ("ثلاث عشرة", 13), ("خمسة وعشرين", 25), ("واحد و عشرون", 21), ("مئة", 100), ("مائتين", 200),
    ("ثلاث مئة وخمسة", 305), ("ألفين وخمسة", 2005), ("ألف وتسعمائة وثمانية وسبعون", 1978),
    ("خمسة آلاف", 5000), ("ثلاثة وخمسة", 3), ("أحد الضباط", None), ("كتاب", None),
])
def test_cardinals_in_words(text: str, number: int | None) -> None:
    assert _number(cardinal(tokens_of(fold_key(text)), 0)) == number


@pytest.mark.parametrize(("text", "number"), [
    ("الأول", 1), ("الثانية", 2), ("العاشر", 10), ("الحادي عشر", 11), ("الثالثة عشرة", 13),
    ("العشرين", 20), ("الحادية والعشرين", 21), ("الخامس و العشرون", 25), ("الثلاثين", 30),
    ("الأول عشر", 1), ("الحادي", None), ("أول", None),
])
def test_ordinals(text: str, number: int | None) -> None:
    assert _number(ordinal(tokens_of(fold_key(text)), 0)) == number


@pytest.mark.parametrize(("text", "number"), [
    ("24", 24), ("٢٤", 24), ("۲۴", 24), ("الـ24", 24), ("ال 24", 24), ("24.", 24), ("24،", 24),
    ("24.5", None), ("1,500", None), ("24%", None), ("24km", None), ("9" * 40, None),
])
def test_whole_numbers_in_digits(text: str, number: int | None) -> None:
    assert _number(digits(tokens_of(fold_key(text)), 0)) == number


def test_the_fraction_of_a_decimal_is_no_number() -> None:
    assert digits(tokens_of("75.30"), 2) is None


@pytest.mark.parametrize(("text", "number"), [
    ("31", 31), ("32", None), ("0", None), ("غرة", 1), ("فاتح", 1), ("السابع", 7), ("أول", 1),
])
def test_days_of_a_month(text: str, number: int | None) -> None:
    assert _number(day_number(tokens_of(fold_key(text)), 0)) == number


def test_years_have_four_digits_or_words() -> None:
    assert _number(year_number(tokens_of("1969"), 0)) == 1969
    assert year_number(tokens_of("969"), 0) is None
    assert _number(year_number(tokens_of("969"), 0, least=100)) == 969
    assert year_number(tokens_of("0969"), 0) is None
    assert year_words(tokens_of(fold_key("خمسة وعشرين")), 0) is None
