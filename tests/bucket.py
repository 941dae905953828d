"""A bucket on a server on this machine that speaks S3, and counts what it is asked."""

import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

NAME = "newsroom"


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Print no line for each request."""


class Bucket:
    """The bucket, empty at first."""

    def __init__(self, url: str, requests: "Counter[str]") -> None:
        self.requests = requests  # by method, and what of S3's it is
        self.environment = {
            "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        os.environ.update(self.environment)
        self._client: Any = boto3.session.Session().client("s3")
        place = {"LocationConstraint": "eu-central-1"}
        self._client.create_bucket(Bucket=NAME, CreateBucketConfiguration=place)

    def url(self, key: str) -> str:
        """Return where `key` lies."""
        return f"s3://{NAME}/{key}"

    def put(self, key: str, content: bytes) -> None:
        """Write an object."""
        self._client.put_object(Bucket=NAME, Key=key, Body=content)

    def keys(self, prefix: str = "") -> list[str]:
        """Return the keys of all objects that begin with `prefix`, sorted."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=NAME, Prefix=prefix)
        return [found["Key"] for page in pages for found in page.get("Contents", ())]

    def objects(self, prefix: str = "") -> dict[str, bytes]:
        """Return all objects whose keys begin with `prefix`."""
        return {
            key: self._client.get_object(Bucket=NAME, Key=key)["Body"].read()
            for key in self.keys(prefix)
        }

    def delete(self, *keys: str) -> None:
        """Remove objects."""
        for key in keys:
            self._client.delete_object(Bucket=NAME, Key=key)


@contextmanager
def bucket() -> Iterator[Bucket]:
    """Give a bucket that lives while this is open."""
    before = dict(os.environ)
    requests: Counter[str] = Counter()
    dispatch = DomainDispatcherApplication(create_backend_app)

    def counted(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        query = environ.get("QUERY_STRING", "").partition("=")[0]
        requests[f"{environ['REQUEST_METHOD']} {query}".strip()] += 1
        return dispatch(environ, start)

    server = make_server("127.0.0.1", 0, counted, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Bucket(f"http://127.0.0.1:{server.server_port}", requests)
    finally:
        server.shutdown()
        thread.join()
        os.environ.clear()
        os.environ.update(before)
