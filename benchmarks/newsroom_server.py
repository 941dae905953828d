"""The feeds of a newsroom on a server of this machine, with their faults; keeps what it served."""

import hashlib
import math
import random
import time
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from typing import NamedTuple

from benchmarks.newsroom import FEEDS, HOUR_S, Clock, Key, Newsroom, Version
from benchmarks.newsroom_documents import KINDS, print_feed
from tests.loopback import Loopback, Reply, Route, Seen

WINDOW_ITEMS = 30
SLOW_S = 1.5
RETRY_AFTER_S = 2
_PAGE = "<!DOCTYPE html><html><head><title>503</title></head><body><p>صيانة</p></body></html>"


class Manner(NamedTuple):
    """How a feed is printed and served, and what it is prone to."""

    kind: str = "rss"
    encoding: str = "utf-8"
    charset: str = "utf-8"  # what the header says
    validator: str = "etag"  # "etag", "last-modified" or ""
    is_repeating: bool = False  # shows its newest item twice
    fault: str = ""


MANNERS = dict(zip(FEEDS, (
    Manner(),
    Manner("atom", validator="last-modified"),
    Manner("json"),
    Manner(encoding="windows-1256"),
    Manner("rdf", validator="", is_repeating=True),
    Manner(fault="error"),
    Manner(fault="busy"),
    Manner(fault="cut"),
    Manner("atom", validator="last-modified", fault="slow"),
    Manner("damaged", fault="page"),
), strict=True))
FAULTS = ("error", "busy", "cut", "broken", "slow", "page")


class Answer(NamedTuple):
    """An answer to a poll, and what it told."""

    source: str
    at_s: float  # Unix time
    generation: int  # of the process that asked
    status: int
    fault: str
    body: bytes
    told: frozenset[Key]  # versions that it holds whole; none unless all of it was sent


class Server:
    """Serves the feeds. The newsroom's time begins with the first request."""

    def __init__(self, newsroom: Newsroom, speed: float, seed: int) -> None:
        self.newsroom = newsroom
        self.answers: list[Answer] = []
        self.generation = 0
        self.clock: Clock | None = None
        self._speed = speed
        self._faults = {source: _faults(source, newsroom.end_s, seed) for source in FEEDS}

    def mount(self, server: Loopback) -> str:
        """Serve on `server`; return the feeds.toml that names the feeds."""
        server.routes.update((f"/{source}", self._route(source)) for source in FEEDS)
        return "\n".join(
            f'[[source]]\nid = "{source}"\nurl = "{server.url}/{source}"\n' for source in FEEDS
        )

    def is_over(self) -> bool:
        """Say whether the newsroom has nothing more to tell."""
        return self.clock is not None and self._now(time.time()) > self.newsroom.end_s

    def _route(self, source: str) -> Route:
        def answer(seen: Seen) -> Reply:
            now_s = time.time()
            if self.clock is None:
                self.clock = Clock(now_s, self._speed)
            reply, fault, told = self._reply(source, seen.headers, now_s)
            record = Answer(source, now_s, self.generation, reply.status, fault, reply.body, told)
            if fault == "slow":
                time.sleep(SLOW_S)
            self.answers.append(record)
            return reply

        return answer

    def _now(self, wall_s: float) -> float:
        return self.clock.newsroom(wall_s) if self.clock else 0.0

    def _fault(self, source: str, time_s: float) -> str:
        found = (name for start_s, end_s, name in self._faults[source] if start_s < time_s < end_s)
        return next(found, "")

    def _reply(
        self, source: str, asked: Mapping[str, str], wall_s: float
    ) -> tuple[Reply, str, frozenset[Key]]:
        """Return the answer, the fault in it, and what it tells."""
        manner, fault = MANNERS[source], self._fault(source, self._now(wall_s))
        if fault == "error":
            return Reply(status=500), fault, frozenset()
        if fault == "busy":
            headers = (("Retry-After", str(RETRY_AFTER_S)),)
            return Reply(status=429, headers=headers), fault, frozenset()
        if fault == "page":
            page = Reply(_PAGE.encode(), headers=(("Content-Type", "text/html"),))
            return page, fault, frozenset()
        return self._document(source, manner, fault, asked, wall_s)

    def _document(
        self, source: str, manner: Manner, fault: str, asked: Mapping[str, str], wall_s: float
    ) -> tuple[Reply, str, frozenset[Key]]:
        assert self.clock is not None
        if manner.validator == "last-modified":  # as exact as the header that it is known by
            wall_s = math.floor(wall_s)
        shown = self.newsroom.shown(source, self._now(wall_s))[:WINDOW_ITEMS]
        printed = print_feed(
            KINDS[manner.kind], shown[:1] * manner.is_repeating + shown, self.clock
        )
        text, told = printed.text, printed.told()
        if fault == "cut":
            text = text[: round(len(text) * random.Random(len(text)).uniform(0.2, 0.95))]
            told = printed.before(len(text))
        body = text.encode(manner.encoding)
        headers = [("Content-Type", f"{KINDS[manner.kind].media_type}; charset={manner.charset}")]
        if manner.validator == "etag":
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if asked.get("if-none-match") == tag:
                return Reply(status=304), fault, frozenset()
            headers.append(("ETag", tag))
        if manner.validator == "last-modified":
            changed = formatdate(self._changed_s(shown), usegmt=True)
            if asked.get("if-modified-since") == changed:
                return Reply(status=304), fault, frozenset()
            headers.append(("Last-Modified", changed))
        if fault == "broken":
            headers += [("Content-Length", str(len(body) + 500)), ("Connection", "close")]
            told = frozenset()
        return Reply(body, headers=tuple(headers)), fault, told

    def _changed_s(self, shown: Sequence[Version]) -> float:
        assert self.clock is not None
        latest_s = max((one.shown_s for one in shown), default=0.0)
        return math.ceil(self.clock.wall(latest_s))


def _faults(source: str, end_s: float, seed: int) -> list[tuple[float, float, str]]:
    """Return when a feed fails, and how: twice an hour at most, mostly in its own way."""
    faults: list[tuple[float, float, str]] = []
    rng, time_s = random.Random(f"{seed} {source}"), 0.0
    own = MANNERS[source].fault
    while True:
        time_s += rng.uniform(1, 5) * HOUR_S
        length_s = rng.uniform(0.2, 0.8) * HOUR_S
        if time_s + length_s > end_s:
            return faults
        name = own if own and rng.random() < 0.6 else rng.choice(FAULTS)
        faults.append((time_s, time_s + length_s, name))
        time_s += length_s
