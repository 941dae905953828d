"""What is due to be read of objects in a store; for files on a disk see test_watch_files.py."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.records import RawItem, Reject, SourceSpec
from tests.builders import NOON, TEXT
from transforms.file_memory import FileMemory, due
from transforms.reading import Reading
from transforms.sources import load_sources

boto3 = pytest.importorskip("boto3", reason="no boto3 here: install naba[aws]")
moto = pytest.importorskip("moto.server", reason="no moto here, which plays the store")

LATER_S = time.time() + 3600
SPECS = [SourceSpec(name, f"s3://wires/in/{name}") for name in ("a.txt", "deep/b.txt")]


@pytest.fixture(scope="module")
def store() -> Iterator[Any]:
    """An S3 store that boto3 and Beam find by the environment."""
    server = moto.ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield boto3.resource("s3")
    server.stop()


@pytest.fixture
def bucket(store: Any) -> Iterator[Any]:
    """A bucket that holds the objects of SPECS."""
    bucket = store.create_bucket(Bucket="wires")
    for spec in SPECS:
        bucket.put_object(Key=f"in/{spec.source_id}", Body=f"{TEXT} {spec.source_id}".encode())
    yield bucket
    bucket.objects.delete()
    bucket.delete()


def test_an_object_is_due_when_it_is_new_and_when_it_has_changed(bucket: Any) -> None:
    chosen, memory = due(SPECS, FileMemory(), LATER_S)
    assert chosen == SPECS
    assert due(SPECS, memory, LATER_S)[0] == []
    bucket.put_object(Key="in/a.txt", Body=b"more than before" * 50)
    chosen, memory = due(SPECS, memory, LATER_S)
    assert chosen == SPECS[:1]
    assert due(SPECS, memory, LATER_S) == ([], memory)


def test_an_object_that_was_written_just_now_waits_one_look(bucket: Any) -> None:
    chosen, memory = due(SPECS, FileMemory(), time.time())
    assert chosen == []
    assert due(SPECS, memory, time.time())[0] == SPECS


def test_an_object_is_read_and_one_that_is_gone_is_a_reject(bucket: Any) -> None:
    bucket.Object("in/a.txt").delete()
    gone, there = (list(Reading(spec, load_sources(), as_of=NOON)) for spec in SPECS)
    assert [(type(one), getattr(one, "reason", "")) for one in gone] == [
        (Reject, "source-missing")
    ]
    assert [(type(one), one.origin) for one in there] == [(RawItem, "s3://wires/in/deep/b.txt")]
