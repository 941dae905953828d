import os
from pathlib import Path

import pytest

from pipeline.config import load_config
from pipeline.options import OptionsError
from pipeline.plan import configured_options, plan_sources, with_memory
from schemas.records import SourceSpec

FEEDS = """
[options]
workers = 2

[[source]]
id = "anadolu"
url = "https://example.org/rss"
agency = "الأناضول"
timezone = "Europe/Istanbul"
priority = 1

[[source]]
id = "channel"
path = "export/result.json"
kind = "telegram"
"""


def _write(path: Path, text: str = "نص") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_plan_sources_mixes_files_folders_urls_and_feeds(tmp_path: Path) -> None:
    feeds = _write(tmp_path / "feeds.toml", FEEDS)
    story = _write(tmp_path / "story.txt")
    _write(tmp_path / "wires/a/one.xml")
    _write(tmp_path / "wires/.hidden/two.xml")
    url = "https://example.org/atom"
    plan = plan_sources([feeds, story, str(tmp_path / "wires"), url], timezone="Asia/Riyadh")
    assert [spec.source_id for spec in plan.sources] == [
        "a/one.xml", "anadolu", "channel", url, "story.txt"
    ]
    by_id = {spec.source_id: spec for spec in plan.sources}
    assert by_id["anadolu"].agency == "الأناضول"
    assert by_id["channel"].location == str(tmp_path / "export/result.json")
    assert by_id["story.txt"].timezone == "Asia/Riyadh"
    assert configured_options([feeds, story]) == {"workers": 2}


def test_plan_does_not_depend_on_the_order_of_inputs(tmp_path: Path) -> None:
    inputs = [_write(tmp_path / "x/feed.xml"), _write(tmp_path / "y/feed.xml"),
              _write(tmp_path / "z.txt")]
    assert plan_sources(inputs) == plan_sources(inputs[::-1])


def test_equal_file_names_get_their_folders_and_a_file_given_twice_is_read_once(
    tmp_path: Path,
) -> None:
    inputs = [_write(tmp_path / "x/feed.xml"), _write(tmp_path / "y/feed.xml")]
    plan = plan_sources([*inputs, inputs[0]])
    assert [spec.source_id for spec in plan.sources] == ["x/feed.xml", "y/feed.xml"]


def test_what_is_no_regular_file_is_rejected_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / os.fsdecode(b"caf\xe9.xml")).write_text("x")
    plan = plan_sources([str(tmp_path)])
    assert plan.sources == ()
    assert {reject.reason for reject in plan.rejects} == {"source-unreadable"}
    assert {reject.source_id for reject in plan.rejects} == {"pipe", "caf\\udce9.xml"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[source]]\nid = 'a'\nurl = 'http://x'\nagancy = 'y'", "unknown key 'agancy'"),
        ("[[source]]\nid = 'a'", "needs one of url and path"),
        ("[[source]]\nurl = 'http://x'", "has no id"),
        ("[[source]]\nid = 'a'\nurl = 'u'\n[[source]]\nid = 'a'\nurl = 'v'", "two sources"),
        ("[[source]]\nid = 'a'\nurl = 'u'\ntimezone = 'Mars'", "unknown time zone 'Mars'"),
        ("[[source]]\nid = 'a'\nurl = 'u'\nkind = 'gopher'", "unknown kind 'gopher'"),
        ("[[source]]\nid = 'a'\nurl = 'u'\nidentity = 'hash'", "unknown identity 'hash'"),
        ("[[source]]\nid = 'a'\nurl = 'u'\nencoding = 'cp999999'", "unknown encoding"),
        ("[[source]]\nid = 'a'\nurl = 'u'\npriority = 'high'", "priority must be int"),
        ("[options]\nwrokers = 2\n[[source]]\nid = 'a'\nurl = 'u'", "unknown option 'wrokers'"),
        ("sources = 1", "unknown key 'sources'"),
        ("[[source", "not valid TOML"),
        ("", "no \\[\\[source\\]\\]"),
    ],
)
def test_load_config_names_what_is_wrong(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(OptionsError, match=problem):
        load_config(Path(_write(tmp_path / "feeds.toml", text)))


def test_memory_is_used_only_for_the_same_url() -> None:
    memory = {"a": {"url": "http://x", "etag": '"1"', "last_modified": None,
                    "not_before_s": 5.0}}
    same, moved = SourceSpec("a", "http://x"), SourceSpec("a", "http://y")
    (kept,), (fresh,) = with_memory([same], memory), with_memory([moved], memory)
    assert (kept.etag, kept.last_modified, kept.not_before_s) == ('"1"', "", 5.0)
    assert fresh == moved
