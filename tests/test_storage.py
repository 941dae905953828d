"""The same of a disk and of an object store: files below a root."""

import io
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.memory_store import STORE
from transforms import object_store, storage
from transforms.object_store import StoreError, check_store


@pytest.fixture(params=["disk", "store"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An output that is empty."""
    STORE.objects.clear()
    return str(tmp_path / "tables") if request.param == "disk" else "memory://room/tables"


def _put(root: str, *paths: str) -> None:
    for path in paths:
        with storage.replaced(storage.join(root, path)) as file:
            file.write(path.encode())


def test_what_was_written_is_read(root: str) -> None:
    path = storage.join(root, "_commits", "ticket")
    with pytest.raises(FileNotFoundError):
        storage.read(path)
    for text in ("أول", "ثان"):
        with storage.replaced(path) as file:
            file.write(text.encode())
        assert storage.read(path).decode() == text
        with storage.opened(path) as file:
            assert file.read().decode() == text
    assert storage.names(storage.join(root, "_commits")) == ["ticket"]


def test_what_was_broken_off_takes_no_place(root: str) -> None:
    path = storage.join(root, "_commits", "ticket")
    _put(root, "_commits/ticket")

    def fail_half_way() -> None:
        with storage.replaced(path) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert storage.read(path) == b"_commits/ticket"


@pytest.mark.parametrize("durable", [False, True])
def test_arrow_and_parquet_files_are_read_back(root: str, durable: bool) -> None:
    rows = pa.table({"id": list(range(1000)), "text": ["خبر"] * 1000})
    piece, table = storage.join(root, "_staging/a/x.piece"), storage.join(root, "t/x.parquet")
    with storage.created(piece) as file, pa.ipc.new_file(file, rows.schema) as writer:
        writer.write_table(rows)
    with storage.created(table, durable=durable) as file:
        pq.write_table(rows, file, row_group_size=100)
    with storage.mapped(piece) as file:
        assert pa.ipc.open_file(file).read_all() == rows
    with storage.parquet(table) as found:
        assert found.read_row_group(3) == rows.slice(300, 100)
    with pytest.raises(FileNotFoundError), storage.parquet(storage.join(root, "t/y.parquet")):
        pass


def test_names_are_those_of_one_folder(root: str) -> None:
    _put(root, "a/1.txt", "a/b/2.txt", "ab/3.txt", "a/[0]*.txt")
    assert storage.names(storage.join(root, "a")) == ["1.txt", "[0]*.txt", "b"]
    assert storage.names(storage.join(root, "c")) == []


def test_a_name_that_looks_like_a_pattern_is_a_name(root: str) -> None:
    _put(root, "[a]*?/1.txt", "a/2.txt")
    assert storage.names(storage.join(root, "[a]*?")) == ["1.txt"]
    assert storage.read(storage.join(root, "[a]*?/1.txt")) == b"[a]*?/1.txt"


def test_files_in_folders_are_those_of_the_folders_wanted(root: str) -> None:
    _put(root, "t/d=2/1", "t/d=1/2", "t/d=1/1", "t/x=1/1", "t/file", "u/d=1/1")
    found = storage.files_in_folders(storage.join(root, "t"), lambda name: name[:2] == "d=")
    assert list(found) == [("d=1", "1"), ("d=1", "2"), ("d=2", "1")]


def test_the_state_of_a_file_changes_with_the_file(root: str) -> None:
    _put(root, "t/d/1", "t/d/2", "u/3")
    paths = ["t/d/1", "u/3", "u/none"]
    before = storage.states(root, paths)
    assert {path: before[path].size for path in paths if path in before} == {"t/d/1": 5, "u/3": 3}
    _put(root, "t/d/1")
    after = storage.states(root, paths)
    assert after["t/d/1"] != before["t/d/1"]
    assert after["u/3"] == before["u/3"]


def test_files_are_published_in_the_order_of_their_groups(root: str) -> None:
    _put(root, "_staging/a", "_staging/b", "t/d/b")
    storage.publish(root, [[("_staging/a", "t/d/a")], [("_staging/b", "t/d/b")]])
    assert storage.read(storage.join(root, "t/d/a")) == b"_staging/a"
    assert storage.read(storage.join(root, "t/d/b")) == b"_staging/b"


def test_removing_what_is_not_there_is_no_error(root: str) -> None:
    _put(root, "a/1", "a/2")
    storage.remove([storage.join(root, "a", name) for name in ("1", "3")])
    storage.remove([])
    assert storage.names(storage.join(root, "a")) == ["2"]


def test_a_folder_is_removed_with_those_above_that_are_empty(root: str) -> None:
    _put(root, "_staging/a/x/1", "_staging/a/2", "_staging/b/3", "_commits/4")
    storage.remove_folder(root, "_staging/a")
    assert storage.names(storage.join(root, "_staging")) == ["b"]
    storage.remove_folder(root, "_staging/b")
    storage.remove_folder(root, "_staging/none")
    assert storage.names(root) == ["_commits"]


def test_a_folder_may_be_removed_while_files_are_made_in_it(tmp_path: Path) -> None:
    root, end = str(tmp_path), threading.Event()

    def remove() -> None:
        while not end.wait(0.0001):
            storage.remove_folder(root, "_staging/a")

    remover = threading.Thread(target=remove)
    remover.start()
    try:
        for number in range(200):
            with storage.created(f"{root}/_staging/b{number}/1") as file:
                file.write(b"kept")
            storage.remove_folder(root, f"_staging/b{number}")
    finally:
        end.set()
        remover.join()


def test_a_root_may_end_with_a_slash() -> None:
    assert storage.join("memory://room/tables/", "a", "b") == "memory://room/tables/a/b"
    assert storage.join("tables/", "a") == "tables/a"


def test_what_a_store_answers_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class RefusedError(Exception):
        code = 403
        message = "An error occurred (AccessDenied) when calling PutObject"

    monkeypatch.setattr(object_store, "_errors_of_stores", lambda: (RefusedError,))

    def refuse(self: io.BytesIO) -> None:
        raise RefusedError

    monkeypatch.setattr("tests.memory_store._Upload.close", refuse)
    with (
        pytest.raises(StoreError, match=r"^memory://room/x: An error .*AccessDenied"),
        storage.replaced("memory://room/x") as file,
    ):
        file.write(b"1")


@pytest.mark.parametrize(
    ("url", "module", "remedy"),
    [
        ("s3://room/tables", "boto3", r"install naba\[aws\]"),
        ("gs://room/tables", "google.cloud.storage", r"install naba\[gcp\]"),
    ],
)
def test_a_package_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, url: str, module: str, remedy: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(StoreError, match=f"cannot open {url}: .* is missing: {remedy}"):
        check_store(url)


def test_without_keys_s3_is_refused_at_once(tmp_path: Path) -> None:
    pytest.importorskip("boto3", reason="no boto3 here: install naba[aws]")
    environment = {"PATH": "", "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    command = [sys.executable, "-m", "pipeline", "run", __file__, "--output", "s3://room/tables"]
    answer = subprocess.run(command, capture_output=True, text=True, env=environment,
                            cwd=Path(__file__).parent.parent, timeout=60)
    assert answer.returncode == 2
    assert "output: cannot open s3://room/tables: no credentials for S3: set AWS_" in answer.stderr
