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
        "anadolu", "channel", url, f"{tmp_path.name}/story.txt", "wires/a/one.xml"
    ]
    by_id = {spec.source_id: spec for spec in plan.sources}
    assert by_id["anadolu"].agency == "الأناضول"
    assert by_id["channel"].location == str(tmp_path / "export/result.json")
    assert by_id[f"{tmp_path.name}/story.txt"].timezone == "Asia/Riyadh"
    assert configured_options([feeds, story]) == {"workers": 2}


def test_plan_does_not_depend_on_the_order_of_inputs(tmp_path: Path) -> None:
    inputs = [_write(tmp_path / "x/feed.xml"), _write(tmp_path / "y/feed.xml"),
              _write(tmp_path / "z.txt")]
    assert plan_sources(inputs) == plan_sources(inputs[::-1])


def test_a_file_has_one_name_whatever_is_read_with_it_and_is_read_once(tmp_path: Path) -> None:
    inputs = [_write(tmp_path / "x/feed.xml"), _write(tmp_path / "y/feed.xml")]
    again = str(tmp_path / "y/../x/feed.xml")
    together = plan_sources([*inputs, again]).sources
    assert [spec.source_id for spec in together] == ["x/feed.xml", "y/feed.xml"]
    assert plan_sources(inputs[:1]).sources == together[:1]
    assert plan_sources([str(tmp_path / "x")]).sources == together[:1]


def test_what_is_no_regular_file_is_rejected_and_not_opened(tmp_path: Path) -> None:
    folder = tmp_path / "wires"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    (folder / os.fsdecode(b"caf\xe9.xml")).write_text("x")
    (folder / "elsewhere").symlink_to(tmp_path)
    plan = plan_sources([str(folder)])
    assert plan.sources == ()
    assert {(reject.source_id, reject.reason) for reject in plan.rejects} == {
        ("wires/pipe", "source-not-a-file"),
        ("wires/caf\\udce9.xml", "source-not-a-file"),
        ("wires/elsewhere", "source-link"),
    }


def test_hidden_files_and_the_output_of_runs_are_passed_over(tmp_path: Path) -> None:
    for name in (".git/config", "tables/_commits/lock", "tables/stories/x.parquet", ".DS_Store",
                 "..%2f..%2fetc%2fpasswd"):
        _write(tmp_path / "wires" / name)
    plan = plan_sources([str(tmp_path / "wires")])
    assert [spec.source_id for spec in plan.sources] == ["wires/..%2f..%2fetc%2fpasswd"]
    assert plan.rejects == ()


def test_files_that_would_be_called_the_same_get_the_folders_above(tmp_path: Path) -> None:
    inputs = [_write(tmp_path / "p/r/feed.xml"), _write(tmp_path / "q/r/feed.xml")]
    assert [spec.source_id for spec in plan_sources(inputs).sources] == [
        "p/r/feed.xml", "q/r/feed.xml"
    ]


@pytest.mark.skipif(not hasattr(os, "seteuid") or os.geteuid() != 0, reason="needs to be root, "
                    "to become someone who may not read everything")
def test_a_folder_that_may_not_be_read_is_one_reject(tmp_path: Path) -> None:
    _write(tmp_path / "wires/story.txt")
    _write(tmp_path / "wires/closed/story.txt")
    (tmp_path / "wires/closed").chmod(0)
    for folder in (tmp_path, *tmp_path.parents[:2], tmp_path / "wires"):
        folder.chmod(0o755)
    os.seteuid(65534)
    try:
        plan = plan_sources([str(tmp_path / "wires")])
    finally:
        os.seteuid(0)
    assert [spec.source_id for spec in plan.sources] == ["wires/story.txt"]
    assert [reject.source_id for reject in plan.rejects] == ["wires/closed"]


def test_the_output_of_runs_is_no_input(tmp_path: Path) -> None:
    _write(tmp_path / "tables/_commits/lock")
    with pytest.raises(OptionsError, match="is the output of runs"):
        plan_sources([str(tmp_path / "tables")])


@pytest.mark.parametrize("text", ["", "feed://example.com/x", "file:///etc/passwd", "ftp://x/y"])
def test_an_input_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(OptionsError, match="input"):
        plan_sources([text])


def test_the_scheme_of_a_url_may_be_in_capitals() -> None:
    (spec,) = plan_sources(["HTTPS://user:secret@example.org/RSS"]).sources
    assert spec.location == "https://user:secret@example.org/RSS"
    assert "secret" not in spec.source_id


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[source]]\nid = 'a'\nurl = 'http://x'\nagancy = 'y'", "unknown key 'agancy'"),
        ("[[source]]\nid = 'a'", "needs one of url and path"),
        ("[[source]]\nurl = 'http://x'", "has no id"),
        ("[[source]]\nid = 'a'\npath = 'u'\n[[source]]\nid = 'a'\npath = 'v'", "two sources"),
        ("[[source]]\nid = 'a'\nurl = 'http://u'\ntimezone = 'Mars'", "unknown time zone 'Mars'"),
        ("[[source]]\nid = 'a'\nurl = 'http://u'\nkind = 'gopher'", "unknown kind 'gopher'"),
        ("[[source]]\nid = 'a'\nurl = 'http://u'\nidentity = 'hash'", "unknown identity 'hash'"),
        ("[[source]]\nid = 'a'\nurl = 'http://u'\nencoding = 'cp999999'", "unknown encoding"),
        ("[[source]]\nid = 'a'\nurl = 'http://u'\npriority = 'high'", "priority must be int"),
        ("[options]\nwrokers = 2\n[[source]]\nid = 'a'\npath = 'u'", "option 'wrokers'"),
        ("[[source]]\nid = 'a'\nurl = 'gopher://u'", "cannot read 'gopher://u'"),
        ("source = [1]", "write \\[\\[source\\]\\]"),
        ("options = 3", "write \\[options\\]"),
        ("sources = 1", "unknown key 'sources'"),
        ("[[source", "not valid TOML"),
        ("", "no \\[\\[source\\]\\]"),
    ],
)
def test_load_config_names_what_is_wrong(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(OptionsError, match=problem):
        load_config(Path(_write(tmp_path / "feeds.toml", text)))


def test_load_config_takes_a_byte_order_mark_and_names_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    path.write_text(FEEDS, encoding="utf-8-sig")
    assert len(load_config(path).sources) == 2
    for missing in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(OptionsError, match=str(missing)):
            load_config(missing)


def test_memory_is_used_only_for_the_same_url() -> None:
    memory = {"a": {"url": "http://x", "etag": '"1"', "last_modified": None,
                    "not_before_s": 5.0}}
    same, moved = SourceSpec("a", "http://x"), SourceSpec("a", "http://y")
    (kept,), (fresh,) = with_memory([same], memory), with_memory([moved], memory)
    assert (kept.etag, kept.last_modified, kept.not_before_s) == ('"1"', "", 5.0)
    assert fresh == moved


def test_a_link_that_leads_to_itself_is_a_source_that_cannot_be_read(tmp_path: Path) -> None:
    _write(tmp_path / "wires" / "a.txt")
    (tmp_path / "wires" / "loop").symlink_to("loop")
    sources = plan_sources([str(tmp_path / "wires")]).sources
    assert [spec.source_id for spec in sources] == ["wires/a.txt", "wires/loop"]
    (alone,) = plan_sources([str(tmp_path / "wires" / "loop")]).sources
    assert alone.source_id == "wires/loop"


def test_a_name_that_no_file_can_have_is_a_source_that_is_missing() -> None:
    (source,) = plan_sources(["ا" * 5000]).sources
    assert source.location == "ا" * 5000
