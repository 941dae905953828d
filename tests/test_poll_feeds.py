"""Feeds that are polled for ever, over real HTTP."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate

import pytest
from apache_beam.utils.timestamp import Timestamp

from schemas.records import Fetch, RawItem, Reject, SourceSpec
from tests.builders import TEXT
from tests.loopback import Loopback, Reply, Seen, serve
from tests.streams import Step, later, step
from transforms.event_time import StreamClock
from transforms.poll_feeds import PATIENCE_S, PollFeed
from transforms.polls import Polls
from transforms.stepwise import NAP_S

EVERY_S = 60
CLOCK = StreamClock(slot_s=60, lateness_s=300, floor_s=int(time.time()) // 60 * 60 - 3600)
_NEWS = ("1", TEXT, "")


def _rss(*items: tuple[str, str, str]) -> bytes:
    """Return a feed of (guid, text, pubDate)."""
    body = "".join(
        f"<item><guid>{guid}</guid><title>خبر {guid}</title><description>{text}</description>"
        + (f"<pubDate>{date}</pubDate>" if date else "") + "</item>"
        for guid, text, date in items
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{body}</channel></rss>'.encode()


def _poller(clock: StreamClock = CLOCK) -> PollFeed:
    poller = PollFeed(clock, EVERY_S, allow_loopback=True)
    poller.setup()
    return poller


@contextmanager
def _served(*answers: Reply) -> Iterator[tuple[Loopback, SourceSpec]]:
    """Serve a feed that gives each answer once, and the last one for ever."""
    with serve() as server:
        def answer(_: Seen) -> Reply:
            return answers[min(len(server.requests), len(answers)) - 1]

        server.routes["/rss"] = answer
        yield server, SourceSpec("anadolu", f"{server.url}/rss")


def _polls(server: Loopback, spec: SourceSpec, waits_s: list[float]) -> list[int]:
    """Return how many polls there have been after a first step, and after each of the waits."""
    poller = _poller()
    taken = step(poller, spec)
    counts = [len(server.requests)]
    for wait_s in waits_s:
        taken = step(poller, spec, later(taken, wait_s))
        counts.append(len(server.requests))
    return counts


def test_a_poll_sends_what_the_last_one_was_told_and_not_modified_is_no_item() -> None:
    tagged = Reply(_rss(_NEWS), headers=(("ETag", '"v1"'), ("Last-Modified", "yesterday")))
    with _served(tagged, Reply(status=304)) as (server, spec):
        poller = _poller()
        first = step(poller, spec)
        second = step(poller, spec, later(first, EVERY_S))
        step(poller, spec, later(second, EVERY_S))
    assert [item.title for item in first.of(RawItem)] == ["خبر 1"]
    (fetch,) = second.of(Fetch)
    assert (fetch.outcome, len(second.values)) == ("not_modified", 1)
    sent = [
        (seen.headers.get("if-none-match"), seen.headers.get("if-modified-since"))
        for seen in server.requests
    ]
    assert sent == [(None, None), ('"v1"', "yesterday"), ('"v1"', "yesterday")]


def test_the_first_poll_sends_what_earlier_runs_were_told() -> None:
    with _served(Reply(status=304)) as (server, spec):
        step(_poller(), spec._replace(etag='"v0"'))
    assert server.requests[0].headers["if-none-match"] == '"v0"'


def test_a_runner_that_ignores_the_wait_is_slowed_down_and_polls_no_more() -> None:
    with _served(Reply(_rss(_NEWS))) as (server, spec):
        poller = _poller()
        taken = step(poller, spec)
        began_s = time.monotonic()
        for _ in range(3):
            taken = step(poller, spec, taken)
            assert taken.values == []
            assert taken.wait_s > 0
        assert time.monotonic() - began_s > 2.5 * NAP_S
    assert len(server.requests) == 1


def test_a_feed_is_polled_when_its_time_has_come() -> None:
    with _served(Reply(_rss(_NEWS))) as (server, spec):
        assert _polls(server, spec, [EVERY_S - 20, EVERY_S, EVERY_S - 20]) == [1, 1, 2, 2]


@pytest.mark.parametrize("status", [200, 429, 503])
def test_retry_after_is_waited_for(status: int) -> None:
    body = _rss(_NEWS) if status == 200 else b""
    answer = Reply(body, status, (("Retry-After", "900"),))
    with _served(answer) as (server, spec):
        assert _polls(server, spec, [850, 50]) == [1, 1, 2]


def test_a_wait_left_by_an_earlier_run_is_kept() -> None:
    with _served(Reply(_rss(_NEWS))) as (server, spec):
        asleep = spec._replace(not_before_s=time.time() + 600)
        assert _polls(server, asleep, [500, 100]) == [0, 0, 1]


def test_a_feed_that_fails_is_asked_less_and_less_and_again_soon_once_it_is_back() -> None:
    bad, good = Reply(status=500), Reply(_rss(_NEWS))
    with _served(bad, bad, good, good) as (server, spec):
        counts = _polls(server, spec, [90, 30, 200, 40, EVERY_S])
    assert counts == [1, 1, 2, 2, 3, 4]


def test_a_broken_feed_is_a_reject_and_a_failed_fetch_each_time() -> None:
    with _served(Reply(b"<html>404</html>")) as (_, spec):
        taken = step(_poller(), spec)
    (reject,), (fetch,) = taken.of(Reject), taken.of(Fetch)
    assert (fetch.outcome, fetch.source_id, reject.source_id) == ("failed", "anadolu", "anadolu")


def test_an_answer_that_broke_off_is_asked_for_again_as_a_whole() -> None:
    cut = Reply(_rss(_NEWS, _NEWS)[:-40], headers=(("ETag", '"v1"'),))
    with _served(cut) as (server, spec):
        _polls(server, spec, [EVERY_S])
    assert "if-none-match" not in server.requests[1].headers


def test_no_item_is_before_the_watermark_or_after_its_fetch() -> None:
    ages_s = {"old": 86_400, "late": 400, "new": 100, "future": -7200}
    items = [(name, TEXT, formatdate(time.time() - age)) for name, age in ages_s.items()]
    with _served(Reply(_rss(*items, ("undated", TEXT, "")))) as (_, spec):
        taken = step(_poller(), spec)
    moments = dict(zip(
        [item.item_id for item in taken.of(RawItem)], taken.moments(RawItem), strict=True
    ))
    (fetched,) = taken.moments(Fetch)
    assert moments["old"] == moments["late"] > taken.watermark
    assert float(moments["new"]) == pytest.approx(time.time() - 100, abs=5)
    assert moments["future"] == moments["undated"] == fetched
    assert all(taken.watermark <= moment <= fetched for moment in moments.values())


def test_the_watermark_follows_the_clock_between_polls_and_never_goes_back() -> None:
    with _served(Reply(_rss(_NEWS))) as (_, spec):
        poller, floor = _poller(), Timestamp(CLOCK.floor_s)
        first = step(poller, spec)
        idle = step(poller, spec, later(first, 3)._replace(watermark=floor))
        assert idle.wait_s <= CLOCK.slot_s / 10  # though the next poll is far
        ahead = Timestamp(int(time.time()) + 7200)  # the clock was set back by two hours
        last = step(poller, spec, later(idle, EVERY_S)._replace(watermark=ahead))
    assert floor < first.watermark <= idle.watermark
    assert last.watermark == ahead
    assert {ahead} == set(last.moments(RawItem)) == set(last.moments(Fetch))


def test_no_watermark_and_no_item_is_before_the_floor_of_the_stream() -> None:
    clock = CLOCK._replace(floor_s=int(time.time()) + 60)
    with _served(Reply(_rss(_NEWS, ("2", TEXT, "Sun, 10 Nov 2024 06:00:00 GMT")))) as (_, spec):
        taken = step(_poller(clock), spec)
    assert {moment.timestamp for moment in taken.values} == {Timestamp(clock.floor_s)}
    assert taken.watermark == Timestamp(clock.floor_s)


@contextmanager
def _slow() -> Iterator[tuple[Loopback, SourceSpec, threading.Event]]:
    """Serve a feed that answers when the event is set."""
    may_answer = threading.Event()

    def answer(_: Seen) -> Reply:
        may_answer.wait(30)
        return Reply(_rss(_NEWS))

    with serve() as server:
        server.routes["/rss"] = server.routes["/other"] = answer
        try:
            yield server, SourceSpec("anadolu", f"{server.url}/rss"), may_answer
        finally:
            may_answer.set()


def test_a_slow_server_holds_up_no_step_and_is_asked_once() -> None:
    with _slow() as (server, spec, may_answer):
        first = step(_poller(), spec)
        second = step(_poller(), spec, later(first, 3))  # another DoFn of the same worker
        assert first.values == second.values == []
        assert 0 < second.wait_s < EVERY_S
        assert Timestamp(CLOCK.floor_s) < first.watermark <= second.watermark
        may_answer.set()
        last = _until_it_brings(spec, second)
    assert (len(last.of(RawItem)), len(server.requests)) == (1, 1)
    assert last.rest.poll_at_s > time.time() + EVERY_S - 20
    assert not last.rest.is_asked


def _until_it_brings(spec: SourceSpec, taken: Step) -> Step:
    for _ in range(100):
        taken = step(_poller(), spec, later(taken, 3))
        if taken.values:
            return taken
        time.sleep(0.05)
    raise TimeoutError("the poll does not end")


def test_a_poll_begun_in_another_process_is_made_once_more_and_waited_for() -> None:
    with _slow() as (server, spec, may_answer):
        first = step(_poller(), spec)
        elsewhere = _poller()
        elsewhere._polls = Polls()
        threading.Timer(PATIENCE_S + 1, may_answer.set).start()
        second = step(elsewhere, spec, later(first, 3))
        elsewhere._polls.end()
    assert (len(second.of(RawItem)), len(server.requests)) == (1, 2)


def test_the_steps_of_a_bundle_wait_for_slow_servers_once() -> None:
    with _slow() as (server, spec, _):
        poller = _poller()
        step(poller, spec)
        other = SourceSpec("other", f"{server.url}/other")
        began_s = time.monotonic()
        taken = step(poller, other, is_first_of_bundle=False)
        assert time.monotonic() - began_s < PATIENCE_S / 2
        assert taken.values == []


def test_a_drain_ends_the_polls() -> None:
    spec = SourceSpec("anadolu", "https://news.example/rss")
    assert _poller().truncate(spec, _poller().initial_restriction(spec)) is None
