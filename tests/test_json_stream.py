"""Arrays of JSON read as a stream: equal to json.loads, whatever the chunks, past broken parts."""

import io
import json
import re
import time
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.telegram_exports import Trickle, desktop_json
from transforms.sources.json_elements import (
    ELEMENT_BYTES_MAX,
    NESTING_MAX,
    Broken,
    Grammar,
    elements,
)
from transforms.sources.json_layout import Decoded, find_layout, laid_out
from transforms.sources.json_stream import (
    TruncatedJsonError,
    items,
    members,
    read_scalar,
    skip_value,
)
from transforms.sources.json_window import BOUNDARY_BYTES_MAX, ByteWindow

SPACE = rb"[ \t\r\n]{0,9}"
GRAMMAR = Grammar(
    repair=lambda source: (source.replace("\\x", "\\u00"), ("x",) if "\\x" in source else ()),
    boundary=re.compile(rb'\{' + SPACE + rb'"id"' + SPACE + rb":|(?P<outer>\{\"name\")"),
    unneeded=(b"again", b"last"),
)

TEXT = st.text(st.sampled_from('ab"\\{}[],:\n\u2028 خبرشُ،🛑é'), max_size=12)
SCALAR = st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), TEXT)
VALUE = st.recursive(
    SCALAR,
    lambda child: st.one_of(
        st.lists(child, max_size=3), st.dictionaries(TEXT, child, max_size=3)
    ),
    max_leaves=8,
)
ELEMENT = st.builds(
    lambda number, rest, again: {"id": number, **rest, "again": again, "end": 1},
    st.integers(0, 99),
    st.dictionaries(TEXT.filter(lambda name: name != "id"), VALUE, max_size=4),
    st.lists(st.dictionaries(TEXT, TEXT, max_size=2), max_size=3),
)
PRINTED = st.sampled_from([
    lambda value: json.dumps(value, ensure_ascii=False, indent=1),
    lambda value: json.dumps(value, ensure_ascii=False, indent=4),
    lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
    lambda value: json.dumps(value, indent="\t"),
    lambda value: json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\r\n"),
    lambda value: json.dumps(value, ensure_ascii=False, indent=0),
])


def read(raw: bytes, chunk_bytes: int = 1 << 16) -> list[Decoded | Broken]:
    return list(elements(ByteWindow(io.BytesIO(raw), chunk_bytes), GRAMMAR))


def needed(value: dict[str, object]) -> dict[str, object]:
    return {name: child for name, child in value.items() if name != "again"}


@given(st.lists(ELEMENT, max_size=6), PRINTED, st.integers(1, 300))
@settings(max_examples=100, deadline=None)
def test_elements_equal_json_loads(values, printed, chunk_bytes):
    raw = printed(values).encode()
    found = read(raw, chunk_bytes)
    assert [needed(element.value) for element in found] == [needed(value) for value in values]
    assert [json.loads(element.source) for element in found] == values
    for element in found:
        assert raw[element.offset :].startswith(element.source)


@given(st.lists(ELEMENT, min_size=1, max_size=4), PRINTED, st.integers(1, 300), st.data())
@settings(max_examples=100, deadline=None)
def test_any_cut_leaves_the_whole_elements_and_one_error(values, printed, chunk_bytes, data):
    raw = printed(values).encode()
    ends = [element.offset + len(element.source) for element in read(raw)]
    cut = data.draw(st.integers(1, len(raw) - 1))
    stream = elements(ByteWindow(io.BytesIO(raw[:cut]), chunk_bytes), GRAMMAR)
    found = []
    with pytest.raises(TruncatedJsonError):
        found.extend(iter(lambda: next(stream), None))
    assert [json.loads(element.source) for element in found] == [
        value for value, end in zip(values, ends, strict=True) if end <= cut
    ]


@given(st.binary(max_size=200), st.integers(1, 50))
@example(b'[{"id":1}{"id":2}', 3)
@example(b"[}{\"", 1)
@example(b'[{"id":"\\', 1)
@settings(max_examples=100, deadline=None)
def test_arbitrary_bytes_end_in_elements_or_truncation(junk, chunk_bytes):
    window = ByteWindow(io.BytesIO(b"[" + junk), chunk_bytes)
    try:
        found = list(elements(window, GRAMMAR))
    except TruncatedJsonError:
        return
    assert sum(isinstance(element, (Decoded, Broken)) for element in found) == len(found)


@given(st.text('[]{}",:\\ \nid1x"', max_size=60), st.integers(1, 20))
@settings(max_examples=100, deadline=None)
def test_broken_json_gives_the_same_whatever_the_chunks(junk, chunk_bytes):
    raw = f'[{{"id": 1}},{junk},{{"id": 2}}]'.encode()

    def outcome(size: int) -> list[object]:
        found: list[object] = []
        try:
            found.extend(elements(ByteWindow(io.BytesIO(raw), size), GRAMMAR))
        except TruncatedJsonError:
            found.append("truncated")
        return found

    assert outcome(chunk_bytes) == outcome(1 << 16)


@pytest.mark.parametrize("broken", [
    '{"id": 2, "text": "قال "الوزير" إن"}',
    '{"id": 2, "text": "قال "الوزير إن"}',
    '{"id": 2, "text": }',
    '{"id": 2, "text": "bad \\q escape"}',
    '{"id": 2, "n": 01}',
    '{"id": 2 "text": "x"}',
    '{"id": 2, "open": [1, 2}',
    '{"id": 2, "text": "never closed}',
    '{"id": 2, "text": "\x00\x00\x00\x00',
    "nonsense",
    "[1, 2]",
    "17",
    '"a string"',
])
@pytest.mark.parametrize("between", [",\n  ", ","], ids=["lines", "compact"])
def test_a_broken_element_gives_one_broken_and_the_next_is_read(broken, between):
    raw = f'[{between.strip(",")}{{"id": 1}}{between}{broken}{between}{{"id": 3}}]'.encode()
    first, second, third = read(raw)
    assert (first.value, third.value) == ({"id": 1}, {"id": 3})
    assert isinstance(second, Broken)
    assert raw[second.offset :].startswith(second.raw)
    assert second.raw.startswith(broken.encode())


def test_repairs_are_tried_only_where_the_element_is_broken():
    first, second, third = read(
        rb'[{"id": 1, "t": "C:\\x41"}, {"id": 2, "t": "a\x1Fb"}, {"id": 3, "t": "\x02"}]'
    )
    assert (first.value["t"], first.repairs) == ("C:\\x41", ())
    assert (second.value["t"], second.repairs) == ("a\x1fb", ("x",))
    assert (third.value["t"], third.repairs) == ("\x02", ("x",))


def test_raw_control_characters_in_strings_are_taken_and_noted():
    [element] = read(b'[{"id": 1, "t": "a\tb"}]')
    assert (element.value["t"], element.repairs) == ("a\tb", ("json:control-character",))


def test_bytes_that_are_not_utf8_keep_their_place():
    first, second = read(b'[{"id": 1, "t": "\xe4\xd1"}, {"id": 2}]')
    assert first.source == b'{"id": 1, "t": "\xe4\xd1"}'
    assert second.offset == len(b'[{"id": 1, "t": "\xe4\xd1"}, ')


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
@pytest.mark.parametrize("count", [NESTING_MAX + 1, 900, 100_000])
def test_deep_nesting_is_broken_at_every_depth(opening, count):
    closing = {"[": "]", '{"a":': "}", '[{"a":': "}]"}[opening]
    deep = f'{{\n "id": 1, "x": {opening * count}1{closing * count}\n}}'.encode()
    for raw in (b"[" + deep + b', {"id": 2}]', b"[\n" + deep + b',\n{\n "id": 2\n}\n]'):
        first, second = read(raw)
        assert isinstance(first, Broken)
        assert "nests deeper" in first.cause
        assert first.size_bytes == len(deep)
        assert second.value == {"id": 2}


def test_unclosed_nesting_is_truncation():
    window = ByteWindow(io.BytesIO(b'[{"id": 1}, {"id": 2, "x": ' + b"[" * 100_000))
    stream = elements(window, GRAMMAR)
    assert next(stream).value == {"id": 1}
    with pytest.raises(TruncatedJsonError):
        next(stream)


def test_brackets_in_strings_are_no_nesting():
    [element] = read(json.dumps([{"id": 1, "t": "[" * 500}]).encode())
    assert element.value["t"] == "[" * 500


@pytest.mark.parametrize("filler", [b"a", b"\\n", b'\\"', "خ".encode()], ids=str)
def test_an_element_over_the_limit_is_passed_over(filler):
    text = filler * (ELEMENT_BYTES_MAX // len(filler) + 1)
    first, second = read(b'[{"id": 1, "t": "' + text + b'"},{"id": 2}]')
    assert first.is_too_large
    assert first.size_bytes == len(text) + len(b'{"id": 1, "t": ""}')
    assert second.value == {"id": 2}


def test_an_element_at_the_limit_is_decoded():
    text = b"a" * (ELEMENT_BYTES_MAX - len(b'{"id": 1, "t": ""}'))
    assert isinstance(read(b'[{"id": 1, "t": "' + text + b'"}]')[0], Decoded)
    assert isinstance(read(b'[{"id": 1, "t": "a' + text + b'"}]')[0], Broken)


def test_a_number_of_thousands_of_digits_is_broken():
    first, second = read(b'[{"id": ' + b"9" * 5000 + b'}, {"id": 2}]')
    assert isinstance(first, Broken)
    assert second.value == {"id": 2}


@pytest.mark.parametrize("hostile", [
    b'{"id": x "' + b'\\"' * 300_000,
    b'{"id" ' * 100_000,
    b'{"n": "a"b", ' * 40_000,
    b'{"n": x},' * 40_000,
    b"{" + b" " * 500_000 + b"x",
    b'"' * 200_000,
    b'{"id": 1, "a": \\x' * 20_000,
], ids=lambda hostile: repr(hostile[:12]))
def test_hostile_input_takes_linear_time(hostile):
    begin = time.process_time()
    with pytest.raises(TruncatedJsonError):
        read(b"[" + hostile)
    assert time.process_time() - begin < 5


@pytest.mark.parametrize("cut", range(1, 7))
def test_a_boundary_is_found_across_reads(cut):
    junk = b'[{"id": x' + b"[" * (ELEMENT_BYTES_MAX + 2 * BOUNDARY_BYTES_MAX)
    window = ByteWindow(io.BytesIO(b'{"id": 2}]'[cut:]), 4)
    window.data = junk + b'{"id": 2}]'[:cut]
    first, second = elements(window, GRAMMAR)
    assert isinstance(first, Broken)
    assert first.size_bytes == len(junk) - 1
    assert second.value == {"id": 2}


def test_an_outer_boundary_ends_the_array():
    window = ByteWindow(io.BytesIO(b'[{"id": 1 "broken}, {"name": "next"}'))
    assert [type(element) for element in elements(window, GRAMMAR)] == [Broken]
    assert window.data[window.index :] == b'{"name": "next"}'


@given(VALUE, PRINTED, st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_skip_value_stops_right_after_it(value, printed, chunk_bytes):
    window = ByteWindow(Trickle(printed(value).encode() + b" , rest", chunk_bytes), chunk_bytes)
    window.fill()
    skip_value(window)
    assert window.hold(99) == b" , rest"


@given(st.dictionaries(TEXT, SCALAR, max_size=5), PRINTED, st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_members_and_scalars_equal_json_loads(value, printed, chunk_bytes):
    window = ByteWindow(io.BytesIO(printed(value).encode()), chunk_bytes)
    window.peek()
    assert {name: read_scalar(window) for name in members(window)} == value


def test_items_names_the_first_byte_of_each_value():
    window = ByteWindow(io.BytesIO(b'[1, "a", [2], {"b": 3}]'))
    window.fill()
    marks = []
    for mark in items(window):
        marks.append(mark)
        skip_value(window)
    assert marks == [b"1", b'"', b"[", b"{"]


def test_a_skipped_string_of_any_length_takes_constant_memory():
    class Endless(io.RawIOBase):
        left = 40

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            return b"a\\" * (1 << 19) if self.left > 0 else b'" , rest'

    window = ByteWindow(Endless())
    window.data = b'"'
    tracemalloc.start()
    skip_value(window)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20
    assert window.hold(7) == b" , rest"


def test_layout_reads_all_but_the_last_and_what_does_not_follow_it():
    values = [{"id": n, "again": [{"type": "a"}], "t": "x\n  },\n  {"} for n in range(5)]
    raw = desktop_json({"name": 1, "messages": values}).encode()
    window = ByteWindow(io.BytesIO(raw[raw.index(b"[") :]))
    layout = find_layout(window, (b"again", b"last"))
    window.index = window.data.index(b"{")
    assert [element.value for element in laid_out(window, layout, GRAMMAR.repair)] == [
        {"id": n, "t": "x\n  },\n  {"} for n in range(4)
    ]
    assert json.JSONDecoder().raw_decode(window.data[window.index :].decode())[0] == values[4]


@pytest.mark.parametrize("again", [
    [["nested"]], [{"text": "[brackets]"}], [{"text": "a]"}], [], "no array", {"a": [1]},
], ids=str)
def test_layout_leaves_out_only_what_certainly_ends_there(again):
    value = {"id": 1, "again": again, "kept": 7}
    raw = desktop_json([value, value, value]).encode()
    window = ByteWindow(io.BytesIO(raw))
    layout = find_layout(window, (b"again",))
    window.index = window.data.index(b"{")
    found = list(laid_out(window, layout, GRAMMAR.repair))
    assert len(found) == 2
    for element in [*found, *read(raw)]:
        assert needed(element.value) == needed(value)
        assert json.loads(element.source) == value
