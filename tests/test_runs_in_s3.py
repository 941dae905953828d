"""Whole runs that read from and write to S3, as far as a server on this machine speaks it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.dataset as ds
import pytest
from pyarrow.fs import FileSelector, S3FileSystem

from pipeline.cli import main
from tests.builders import TEXT
from tests.lake import checksums, rows

pytest.importorskip("boto3", reason="no boto3 here: install naba[aws]")
pytest.importorskip("moto", reason="no moto here, which plays the store")
from tests.bucket import NAME, Bucket, bucket  # it needs both

FIRST, SECOND = "2024-11-10T06:00Z", "2024-11-10T07:00Z"
SECOND_ID = "20241110T070000Z"
OTHER = f"{TEXT[::-1]}\nزار وفد تركيا مدينة دمشق."
WALL_CLOCK = ("runs/", "fetches/")
ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.timeout(900)  # each test is some whole runs


@pytest.fixture(scope="module")
def store() -> Iterator[Bucket]:
    """A bucket with two slots of runs in `tables`, over what lies in `wires`."""
    with bucket() as store:
        store.put("wires/a.txt", TEXT.encode())
        store.put("wires/deep/b.txt", OTHER.encode())
        store.put("wires/.hidden", b"not to be read")
        store.put("wires/deep/", b"")  # as the console of S3 marks a folder
        store.put("feeds.toml", b"[[source]]\nid = 'named'\npath = 'wires/deep/b.txt'\n")
        assert _run(store, "tables", "wires/", FIRST) == 0
        store.put("wires/c.txt", f"عاجل. {TEXT[::-1] * 2}".encode())
        assert _run(store, "tables", "wires/", SECOND) == 0
        yield store


def _run(store: Bucket, output: str, source: str, slot: str, *flags: str) -> int:
    return main(["run", store.url(source), "--output", store.url(output), "--run-id", slot,
                 *flags])


def _tables(store: Bucket, output: str) -> dict[str, bytes]:
    """Return the objects of the tables that hold no wall-clock times, by their path."""
    found = store.objects(f"{output}/")
    paths = {key[len(output) + 1 :]: content for key, content in found.items()}
    return {path: content for path, content in paths.items()
            if path.endswith(".parquet") and not path.startswith(WALL_CLOCK)}


def _download(store: Bucket, output: str, folder: Path) -> Path:
    for key, content in store.objects(f"{output}/").items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder / output


def test_the_tables_are_those_that_a_disk_would_hold(store: Bucket, tmp_path: Path) -> None:
    for name, content in store.objects("wires/").items():
        if not name.endswith("/"):
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    (tmp_path / "in/wires/c.txt").rename(tmp_path / "c.txt")
    local = [str(tmp_path / "in/wires"), "--output", str(tmp_path / "disk")]
    assert main(["run", *local, "--run-id", FIRST]) == 0
    (tmp_path / "c.txt").rename(tmp_path / "in/wires/c.txt")
    assert main(["run", *local, "--run-id", SECOND]) == 0
    disk, stored = tmp_path / "disk", _download(store, "tables", tmp_path)
    query = "select * exclude (origin) from @stories order by all"
    assert rows(stored, query) == rows(disk, query)
    assert rows(stored, "select * exclude (origin) from @duplicates order by all") == (
        rows(disk, "select * exclude (origin) from @duplicates order by all")
    )
    same = {path: digest for path, digest in checksums(disk).items()
            if not path.startswith(("stories", "duplicates"))}
    assert same.items() <= checksums(stored).items()


def test_a_second_run_knows_what_the_first_has_stored(store: Bucket, tmp_path: Path) -> None:
    stored = _download(store, "tables", tmp_path)
    (counts,) = rows(stored, """
        select sum(c.read), sum(c.stories), sum(c.duplicates), sum(c.unchanged)
        from (select unnest(counts) as c, run_id from @runs) where run_id = '20241110T070000Z'
    """)
    assert counts == (3, 0, 1, 2)
    assert any(key.startswith("tables/_index/") for key in store.keys("tables/"))


def test_a_slot_that_is_run_again_is_the_same_to_the_byte(store: Bucket) -> None:
    before = _tables(store, "tables")
    assert _run(store, "tables", "wires/", SECOND) == 0
    assert _tables(store, "tables") == before


def test_a_run_that_is_killed_is_completed_by_the_next(store: Bucket) -> None:
    expected = _tables(store, "tables")
    for key, content in store.objects("tables/").items():
        if SECOND_ID not in key and "_index" not in key:
            store.put(key.replace("tables/", "killed/", 1), content)
    command = [sys.executable, "-m", "pipeline", "run", store.url("wires/"), "--output",
               store.url("killed"), "--run-id", SECOND]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    while process.poll() is None and not store.keys(f"killed/_commits/{SECOND_ID}.intent"):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert _run(store, "killed", "wires/", SECOND) == 0
    assert _tables(store, "killed") == expected
    assert not [key for key in store.keys("killed/")
                if "_staging" in key or key.endswith(".intent")]


def test_several_workers_get_the_keys_that_beams_flags_name(store: Bucket) -> None:
    flags = ["--s3_endpoint_url", store.environment["AWS_ENDPOINT_URL"],
             "--s3_access_key_id", "key", "--s3_secret_access_key", "secret",
             "--s3_region_name", "eu-central-1"]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [sys.executable, "-m", "pipeline", "run", store.url("wires/"), "--output",
               store.url("shared"), "--run-id", FIRST, "--workers", "2", "--json", "--", *flags]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250,
                            env=bare | {"AWS_EC2_METADATA_DISABLED": "true"})
    assert answer.returncode == 0, answer.stderr
    assert sum(count["read"] for count in json.loads(answer.stdout)["counts"]) == 3
    assert "secret" not in answer.stdout


def test_a_feeds_toml_in_a_store_names_what_lies_beside_it(store: Bucket) -> None:
    assert _run(store, "named", "feeds.toml", FIRST, "--json") == 0
    assert any(key.startswith("named/stories/") for key in store.keys("named/"))


def test_an_object_that_is_missing_is_a_source_that_failed(
    store: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(store, "missing", "wires/none.txt", FIRST, "--json") == 1
    (reject,) = json.loads(capsys.readouterr().out)["rejects"]
    assert (reject["reason"], reject["origin"]) == ("source-missing", store.url("wires/none.txt"))


def test_the_output_of_runs_is_no_input(store: Bucket, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(store, "other", "tables/", FIRST) == 2
    assert "is the output of runs" in capsys.readouterr().err


def test_show_and_explain_read_the_store(
    store: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", store.url("tables"), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["rows"]["stories"] == 2
    assert shown["output"] == store.url("tables")
    story_id = shown["latest"][0]["story_id"]
    assert main(["explain", story_id[:8], "--tables", store.url("tables"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["story"]["story_id"] == story_id
    assert main(["show", store.url("nothing")]) == 1
    assert f"{store.url('nothing')} holds no tables" in capsys.readouterr().err


def test_an_analyst_reads_the_tables_where_they_lie(store: Bucket) -> None:
    s3 = S3FileSystem(endpoint_override=store.environment["AWS_ENDPOINT_URL"],
                      access_key="key", secret_key="secret", region="eu-central-1")
    stories = ds.dataset(f"{NAME}/tables/stories", filesystem=s3, partitioning="hive")
    found = stories.to_table(columns=["story_id", "ingest_date"]).to_pydict()
    assert len(found["story_id"]) == 2
    assert set(found["ingest_date"]) == {"2024-11-10"}
    manifests = s3.get_file_info(FileSelector(f"{NAME}/tables/_commits"))
    assert [file.base_name for file in manifests if file.extension == "json"] == [
        "20241110T060000Z.json", f"{SECOND_ID}.json"
    ]


def test_a_bucket_that_does_not_exist_is_named(store: Bucket) -> None:
    command = [sys.executable, "-m", "pipeline", "run", store.url("wires/"), "--output",
               "s3://nobody/tables"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250)
    assert answer.returncode == 1
    assert answer.stderr.startswith("naba: cannot write to s3://nobody/tables: ")
    assert "The specified bucket does not exist" in answer.stderr
    assert answer.stderr.count("\n") == 1


REQUESTS_MAX = 130
"""That a small run asks of the store: two sources, none of which is new, after two runs."""


def test_a_run_asks_the_store_a_bounded_number_of_times(store: Bucket) -> None:
    store.requests.clear()
    assert _run(store, "tables", "wires/", "2024-11-10T08:00Z") == 0
    assert sum(store.requests.values()) <= REQUESTS_MAX, dict(store.requests)
