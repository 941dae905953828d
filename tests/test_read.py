import gzip
import time
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.error_handling import CollectingErrorHandler

from schemas.records import Fetch, RawItem, Reject, SourceSpec
from tests.builders import NOON, TEXT
from tests.loopback import Reply, serve
from transforms.read import Read
from transforms.reading import Reading
from transforms.sources import load_sources

FEED = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>وكالة</title>
<item><guid>1</guid><title>خبر أول</title><description>{TEXT}</description>
<pubDate>Sun, 10 Nov 2024 12:00:00 +0300</pubDate></item>
</channel></rss>"""


def _read(location: str, **fields: object) -> tuple[list[RawItem], list[Reject], Fetch]:
    spec = SourceSpec("anadolu", location)._replace(**fields)
    reading = Reading(spec, load_sources(), as_of=NOON, allow_loopback=True)
    outcomes = list(reading)
    return (
        [one for one in outcomes if isinstance(one, RawItem)],
        [one for one in outcomes if isinstance(one, Reject)],
        reading.fetch(),
    )


def _file(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "wire"
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize("content", [FEED.encode(), gzip.compress(FEED.encode())])
def test_a_feed_file_is_recognised_and_read(tmp_path: Path, content: bytes) -> None:
    (item,), rejects, fetch = _read(_file(tmp_path, content))
    assert item.title == "خبر أول"
    assert rejects == []
    assert (fetch.outcome, fetch.items_seen, fetch.bytes) == ("ok", 1, len(FEED.encode()))
    assert fetch.health == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "source-empty"),
        (b" \n\t ", "source-empty"),
        (b"\x7fELF\x02\x01\x01" + bytes(100), "source-unrecognised"),
        (gzip.compress(FEED.encode() * 50)[:200], "source-unreadable"),
    ],
    ids=["empty", "white space", "program", "damaged gzip"],
)
def test_what_cannot_be_read_is_one_reject(tmp_path: Path, content: bytes, reason: str) -> None:
    items, (reject,), fetch = _read(_file(tmp_path, content))
    assert items == []
    assert reject.reason == reason
    assert str(tmp_path) in reject.message
    assert (fetch.outcome, fetch.health) == ("failed", ["failed"])


def test_a_missing_file_is_one_reject_that_a_later_run_may_mend(tmp_path: Path) -> None:
    _, (reject,), _ = _read(str(tmp_path / "absent.xml"))
    assert (reject.reason, reject.retryable) == ("source-missing", True)


def test_http_validators_are_remembered_and_sent() -> None:
    headers = (("ETag", '"v1"'), ("Content-Type", "application/rss+xml"))
    with serve() as server:
        server.routes["/rss"] = lambda _: Reply(FEED.encode(), headers=headers)
        items, _, fetch = _read(f"{server.url}/rss", etag='"v0"')
    assert len(items) == 1
    assert (fetch.status, fetch.etag) == (200, '"v1"')
    assert server.requests[0].headers["if-none-match"] == '"v0"'


def test_not_modified_and_not_due_read_nothing() -> None:
    with serve() as server:
        server.routes["/rss"] = lambda _: Reply(status=304)
        items, rejects, fetch = _read(f"{server.url}/rss", etag='"v1"')
        assert (items, rejects, fetch.outcome, fetch.etag) == ([], [], "not_modified", '"v1"')
        not_before_s = time.time() + 3600
        _, _, fetch = _read(f"{server.url}/rss", etag='"v1"', not_before_s=not_before_s)
        assert (fetch.outcome, fetch.etag) == ("not_due", '"v1"')
        assert float(fetch.not_before) == pytest.approx(not_before_s)
        assert len(server.requests) == 1


def test_a_wait_longer_than_any_server_may_ask_for_is_a_clock_set_back() -> None:
    with serve() as server:
        server.routes["/rss"] = lambda _: Reply(FEED.encode())
        _, _, fetch = _read(f"{server.url}/rss", not_before_s=time.time() + 8 * 86_400)
    assert (fetch.outcome, fetch.not_before) == ("ok", None)


def test_validators_of_an_answer_that_was_cut_off_are_forgotten() -> None:
    cut = FEED.encode()[:-60]
    with serve() as server:
        server.routes["/rss"] = lambda _: Reply(cut, headers=(("ETag", '"v1"'),))
        _, rejects, fetch = _read(f"{server.url}/rss", etag='"v0"')
    assert [reject.retryable for reject in rejects] == [True]
    assert fetch.etag is None


def test_an_export_of_private_chats_alone_has_not_failed(tmp_path: Path) -> None:
    chat = b'{"name": "x", "type": "personal_chat", "id": 1, "messages": []}'
    items, rejects, fetch = _read(_file(tmp_path, chat))
    assert (items, len(rejects), fetch.outcome) == ([], 1, "ok")


def test_retry_after_is_kept_for_the_next_run() -> None:
    with serve() as server:
        server.routes["/rss"] = lambda _: Reply(status=429, headers=(("Retry-After", "3600"),))
        _, (reject,), fetch = _read(f"{server.url}/rss")
    assert reject.retryable
    assert fetch.status == 429
    assert fetch.not_before - fetch.fetched_at == 3600


def test_one_failing_source_does_not_stop_the_others(tmp_path: Path) -> None:
    specs = [SourceSpec("a", str(tmp_path / "absent")),
             SourceSpec("b", _file(tmp_path, FEED.encode()))]
    with beam.Pipeline("FnApiRunner") as pipeline:
        with CollectingErrorHandler() as errors:
            read = pipeline | beam.Create(specs) | Read(errors, as_of=NOON)
        rejects = errors.output()
        assert (read.items.element_type, read.fetches.element_type) == (RawItem, Fetch)
        assert rejects.element_type == Reject
        assert_that(read.items | beam.Map(lambda item: item.source_id), equal_to(["b"]))
        reasons = rejects | "Reasons" >> beam.Map(lambda reject: reject.reason)
        assert_that(reasons, equal_to(["source-missing"]), label="Rejects")
