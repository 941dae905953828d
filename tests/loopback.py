"""A real HTTP server on this machine's loopback, for tests: routes are functions."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Seen(NamedTuple):
    """A request that the server got; header names are in lower case."""

    path: str
    headers: dict[str, str]


class Reply(NamedTuple):
    """What to answer. Content-Length is added unless the headers name one."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


Route = Callable[[Seen], Reply]
RawRoute = Callable[[socket.socket], None]
"""Writes to the socket itself: for slow, broken and lying servers."""


class Loopback:
    """The server: `url` is its root, `requests` what it was asked, in order."""

    def __init__(self, server: ThreadingHTTPServer, host: str) -> None:
        self.url = f"http://{host}:{server.server_port}"
        self.port = server.server_port
        self.requests: list[Seen] = []
        self.routes: dict[str, Route] = {}
        self.raw_routes: dict[str, RawRoute] = {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    loopback: Loopback

    def do_GET(self) -> None:  # the name that http.server calls
        seen = Seen(self.path, {name.lower(): value for name, value in self.headers.items()})
        self.loopback.requests.append(seen)
        path = self.path.partition("?")[0]
        if path in self.loopback.raw_routes:
            self.close_connection = True
            self.loopback.raw_routes[path](self.connection)
            return
        route = self.loopback.routes.get(path, lambda _: Reply(status=404))
        self._send(route(seen))

    def _send(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        names = {name.lower() for name, _ in reply.headers}
        for name, value in reply.headers:
            self.send_header(name, value)
        if "content-length" not in names:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # overrides
        """Keep the test output quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients under test hang up early: that is no error of the server."""


class _ServerV6(_Server):
    address_family = socket.AF_INET6


@contextmanager
def serve(*, ipv6: bool = False) -> Iterator[Loopback]:
    """Serve on a free port until the block ends."""
    handler = type("Handler", (_Handler,), {})
    server = (_ServerV6 if ipv6 else _Server)(("::1" if ipv6 else "127.0.0.1", 0), handler)
    handler.loopback = Loopback(server, "[::1]" if ipv6 else "127.0.0.1")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield handler.loopback
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
