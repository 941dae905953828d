from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import digest


@given(st.lists(st.text(), min_size=1), st.lists(st.text(), min_size=1))
def test_digest_differs_for_different_fields(one: list[str], other: list[str]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)


def test_digest_is_fixed_for_good() -> None:
    # Ids are stored: a change of this value would double every story of every lake.
    assert digest("anadolu", "guid-1", "نبأ") == "edd23a17327a8345d77f92005253cbd1"


def test_digest_takes_a_lone_surrogate() -> None:
    assert len(digest("\ud83d")) == 32
