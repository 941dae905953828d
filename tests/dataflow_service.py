"""The part of the Dataflow service that takes a job, on this machine's loopback, for tests."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NAME, RUNNING_ID = "naba-wires", "2024-11-10_running"


class Service:
    """`created` holds the jobs that were sent; `state` is what each of them is in at once."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.state = "JOB_STATE_RUNNING"
        self.created: list[dict[str, Any]] = []


class _Handler(BaseHTTPRequestHandler):
    service: Service

    def do_POST(self) -> None:  # the name that http.server calls: CreateJob
        job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.service.created.append({**job, "path": self.path.partition("?")[0]})
        self._answer({**job, "id": "2024-11-10_new", "currentState": self.service.state})

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith("/jobs"):
            running = {"id": RUNNING_ID, "name": NAME, "currentState": "JOB_STATE_RUNNING"}
            self._answer({"jobs": [running]})
        else:
            self._answer({} if path.endswith("/messages") else {"currentState": "JOB_STATE_DONE"})

    def _answer(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        self.send_response_only(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # overrides
        """Keep the test output quiet."""


@contextmanager
def serve_dataflow() -> Iterator[Service]:
    """Run the service until the block ends. Beam speaks plain HTTP to "localhost" alone."""
    handler = type("_Bound", (_Handler,), {})
    with ThreadingHTTPServer(("localhost", 0), handler) as server:
        handler.service = Service(f"http://localhost:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield handler.service
        finally:
            server.shutdown()
            thread.join()
