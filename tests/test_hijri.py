from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.dates.hijri import (
    HijriError,
    hijri_day,
    hijri_month,
    hijri_year,
    hijri_year_month,
)


@pytest.mark.parametrize(("hijri", "day"), [
    ((1446, 5, 8), date(2024, 11, 10)), ((1445, 9, 1), date(2024, 3, 11)),
    ((1445, 12, 10), date(2024, 6, 16)), ((1446, 1, 1), date(2024, 7, 7)),
])
def test_days_known_from_the_calendar_of_umm_al_qura(
    hijri: tuple[int, int, int], day: date
) -> None:
    assert hijri_day(*hijri) == day


@given(st.integers(1343, 1500), st.integers(1, 12))
def test_months_follow_one_another_and_fill_the_year(year: int, month: int) -> None:
    first, last = hijri_month(year, month)
    # The official tables hold months of 28 and 31 days before 1365.
    assert (last - first).days + 1 in ((29, 30) if year >= 1365 else (28, 29, 30, 31))
    assert hijri_year_month(first) == hijri_year_month(last) == (year, month)
    if month < 12:
        assert hijri_month(year, month + 1)[0] == last + timedelta(1)
    begin, end = hijri_year(year)
    assert begin <= first <= last <= end


@pytest.mark.parametrize("hijri", [(1342, 1, 1), (1501, 1, 1), (1446, 13, 1), (1446, 1, 31)])
def test_days_outside_the_tables_are_an_error(hijri: tuple[int, int, int]) -> None:
    with pytest.raises(HijriError):
        hijri_day(*hijri)


def test_a_gregorian_day_outside_the_tables_is_an_error() -> None:
    with pytest.raises(HijriError):
        hijri_year_month(date(1900, 1, 1))
