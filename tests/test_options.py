import pytest

from pipeline.options import Options, OptionsError, make_options, parse_run_id, run_time


@pytest.mark.parametrize(
    "slot",
    ["20241110T060000Z", "2024-11-10T06:00Z", "2024-11-10T06:00:00+00:00", "2024-11-10 06:00",
     "2024-11-10T09:00+03:00"],
)
def test_parse_run_id_reads_time_slots(slot: str) -> None:
    assert parse_run_id(slot) == "20241110T060000Z"
    assert run_time(parse_run_id(slot)).hour == 6


@pytest.mark.parametrize("slot", ["0500-01-01", "0001-01-01T00:00+14:00", "9999-12-31"])
def test_parse_run_id_refuses_years_that_are_a_mistake(slot: str) -> None:
    with pytest.raises(OptionsError, match="outside 1970 to 2199"):
        parse_run_id(slot)


@pytest.mark.parametrize("slot", ["", "yesterday", "../../etc", "20241399T000000Z"])
def test_parse_run_id_refuses_what_is_no_time(slot: str) -> None:
    with pytest.raises(OptionsError, match="time slot"):
        parse_run_id(slot)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"outptu": "x"}, "unknown option 'outptu'"),
        ({"workers": "2"}, "must be int"),
        ({"workers": 0}, "at least 1"),
        ({"workers": True}, "must be int"),
        ({"output": "https://x/tables"}, "folder or a store"),
        ({"timezone": "Mars/Olympus"}, "unknown time zone 'Mars/Olympus'"),
    ],
    ids=["unknown", "type", "range", "bool", "remote", "zone"],
)
def test_make_options_names_what_is_wrong(settings: dict[str, object], problem: str) -> None:
    with pytest.raises(OptionsError, match=problem):
        make_options(settings)


def test_options_of_nothing_are_the_defaults() -> None:
    assert make_options({}) == Options()
