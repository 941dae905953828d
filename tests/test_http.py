import gzip
import socket
import time
import zlib
from collections.abc import Iterator
from email.utils import formatdate

import brotli
import httpx
import pytest

from schemas.reasons import REASONS
from tests.loopback import Loopback, RawRoute, Reply, Route, Seen, serve
from transforms.sources import fetch_errors
from transforms.sources.addresses import is_loopback, is_public
from transforms.sources.fetch_errors import (
    FetchBrokenError,
    FetchDecodingError,
    FetchDnsError,
    FetchEmptyError,
    FetchError,
    FetchForbiddenAddressError,
    FetchGoneError,
    FetchRedirectsError,
    FetchRefusedError,
    FetchStatusError,
    FetchTimeoutError,
    FetchTlsError,
    FetchTooLargeError,
    FetchUnavailableError,
    redacted,
)
from transforms.sources.http import (
    RETRY_AFTER_S_MAX,
    Limits,
    Response,
    _Hop,
    _next_url,
    fetch,
    parse_retry_after,
)

FEED = "<rss><channel><title>وكالة الأنباء</title></channel></rss>".encode()
BRISK = Limits(connect_s=1, read_s=0.5, total_s=1, bytes_max=100_000, backoff_s=0.01)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serve() as loopback:
        yield loopback


def get(url: str, **options: str) -> Response:
    return fetch(url, limits=BRISK, allow_loopback=True, **options)


def reply_with(body: bytes, *headers: tuple[str, str], status: int = 200) -> Route:
    return lambda _: Reply(body, status, headers)


def redirect(status: int, target: str) -> Route:
    return lambda _: Reply(b"moved", status, (("Location", target),))


def test_fetch_returns_the_body_and_the_validators(server: Loopback) -> None:
    server.routes["/feed"] = reply_with(
        FEED,
        ("ETag", '"v1"'),
        ("Last-Modified", "Sun, 10 Nov 2024 12:00:00 GMT"),
        ("Content-Type", "text/xml; charset=windows-1256"),
    )
    assert get(f"{server.url}/feed") == Response(
        status=200,
        final_url=f"{server.url}/feed",
        body=FEED,
        etag='"v1"',
        last_modified="Sun, 10 Nov 2024 12:00:00 GMT",
        content_type="text/xml; charset=windows-1256",
        retry_after_s=None,
        permanent_url=None,
    )
    sent = server.requests[0].headers
    assert sent["host"] == f"127.0.0.1:{server.port}"
    assert sent["user-agent"].startswith("naba/")
    assert "application/rss+xml" in sent["accept"]
    assert "if-none-match" not in sent


def test_fetch_asks_whether_the_feed_changed(server: Loopback) -> None:
    def conditional(seen: Seen) -> Reply:
        return Reply(status=304) if seen.headers.get("if-none-match") == '"v1"' else Reply(FEED)

    server.routes["/feed"] = conditional
    assert get(f"{server.url}/feed", etag='"v0"').status == 200
    day = "Sun, 10 Nov 2024 12:00:00 GMT"
    unchanged = get(f"{server.url}/feed", etag='"v1"', last_modified=day)
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert server.requests[-1].headers["if-modified-since"] == day


def test_stored_validator_cannot_smuggle_a_header(server: Loopback) -> None:
    server.routes["/feed"] = reply_with(FEED)
    get(f"{server.url}/feed", etag='"v1"\r\nX-Evil: 1', last_modified="الأحد")
    assert not {"x-evil", "if-none-match", "if-modified-since"} & set(server.requests[0].headers)


def test_unasked_304_is_an_error(server: Loopback) -> None:
    server.routes["/feed"] = reply_with(b"", status=304)
    with pytest.raises(FetchStatusError):
        get(f"{server.url}/feed")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, FetchStatusError), (404, FetchStatusError), (204, FetchStatusError),
        (410, FetchGoneError),
        (408, FetchUnavailableError), (429, FetchUnavailableError),
        (500, FetchUnavailableError), (503, FetchUnavailableError),
    ],
)
def test_error_status_is_raised_and_never_repeated(
    server: Loopback, status: int, error: type[FetchError]
) -> None:
    server.routes["/feed"] = reply_with(b"" if status == 204 else b"no", status=status)
    with pytest.raises(FetchError) as caught:
        get(f"{server.url}/feed")
    assert type(caught.value) is error
    assert caught.value.status == status
    assert caught.value.retryable == (error is FetchUnavailableError)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_told_in_either_form(server: Loopback, status: int) -> None:
    asked = iter(["120", formatdate(time.time() + 300, usegmt=True)])
    server.routes["/feed"] = lambda _: Reply(b"later", status, (("Retry-After", next(asked)),))
    waits = []
    for _ in range(2):
        with pytest.raises(FetchUnavailableError) as caught:
            get(f"{server.url}/feed")
        waits.append(caught.value.retry_after_s)
    assert waits[0] == 120
    assert 290 < waits[1] <= 300


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0), (" 0 ", 0.0), ("Sun, 10 Nov 2024 12:01:00 GMT", 60.0),
        ("Sunday, 10-Nov-24 12:01:00 GMT", 60.0), ("Sun, 10 Nov 2024 11:00:00 GMT", 0.0),
        ("9" * 10, RETRY_AFTER_S_MAX), ("9" * 400, None), ("-5", None), ("soon", None), ("", None),
        ("Sun, 10 Nov 99999 12:00:00 GMT", None), ("١٢٠", None), ("Sun, 10 Nov", None),
        (f"Sun, 10 Nov {'9' * 30} 12:00:00 GMT", None),
        ("Sun, 10 Nov 2024 12:00:00 +99999999999999", None),
    ],
)
def test_parse_retry_after(value: str, seconds: float | None) -> None:
    assert parse_retry_after(value, 1_731_240_000.0) == seconds


def test_redirects_are_followed_and_permanent_moves_reported(server: Loopback) -> None:
    server.routes |= {
        "/old": redirect(301, "/moved"),
        "/moved": redirect(308, f"{server.url}/here"),
        "/here": redirect(302, "/now?day=الأحد".encode().decode("latin-1")),
        "/now": reply_with(FEED),
    }
    answer = get(f"{server.url}/old", etag='"v1"')
    assert answer.body == FEED
    assert answer.permanent_url == f"{server.url}/here"
    assert answer.final_url.startswith(f"{server.url}/now?day=%D8")
    assert server.requests[-1].headers["if-none-match"] == '"v1"'


def test_move_behind_a_temporary_redirect_is_not_permanent(server: Loopback) -> None:
    server.routes |= {
        "/a": redirect(307, "/b"), "/b": redirect(301, "/c"), "/c": reply_with(FEED),
    }
    assert get(f"{server.url}/a").permanent_url is None


@pytest.mark.parametrize(
    "target", ["/loop", "", "http://[::1", "http://:80//%00[//xn--ß", "/loop#part"]
)
def test_redirect_that_leads_nowhere_fails(server: Loopback, target: str) -> None:
    server.routes["/loop"] = redirect(302, target)
    with pytest.raises(FetchRedirectsError):
        get(f"{server.url}/loop")
    assert len(server.requests) <= BRISK.redirects_max + 1


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd", "ftp://example.org/", "gopher://127.0.0.1/", "//10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://0.0.0.0/",
        "http://0x0a000001/", "http://167772161/", "http://[::ffff:10.0.0.1]/",
        "https://xn--a/",
    ],
)
def test_redirect_to_a_forbidden_address_fails(server: Loopback, target: str) -> None:
    server.routes["/feed"] = redirect(302, target)
    with pytest.raises(FetchForbiddenAddressError):
        get(f"{server.url}/feed")


def test_redirect_from_https_to_http_fails() -> None:
    hop = _Hop(
        httpx.URL("https://example.org/a"), 302,
        httpx.Headers({"location": "http://example.org/b"}), b"",
    )
    with pytest.raises(FetchForbiddenAddressError, match="from https to http"):
        _next_url(hop, "https://example.org/a")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "127.1"])
def test_loopback_is_refused_unless_allowed(server: Loopback, host: str) -> None:
    server.routes["/feed"] = reply_with(FEED)
    with pytest.raises(FetchForbiddenAddressError):
        fetch(f"http://{host}:{server.port}/feed", limits=BRISK)
    assert server.requests == []


def test_name_that_leads_to_loopback_is_served_when_allowed(server: Loopback) -> None:
    server.routes["/feed"] = reply_with(FEED)
    assert get(f"http://localhost:{server.port}/feed").body == FEED


def resolve_once(
    monkeypatch: pytest.MonkeyPatch, name: str, addresses: list[str], port: int
) -> None:
    """Let `name` resolve to `addresses` the first time, and to nothing after that."""
    system = socket.getaddrinfo
    answers = [[(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in addresses]]

    def getaddrinfo(host: str, *args: object, **options: object) -> object:
        return answers.pop() if host == name else system(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def test_connection_goes_to_the_address_that_was_checked(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_once(monkeypatch, "feed.example", ["127.0.0.1"], server.port)
    server.routes["/feed"] = reply_with(FEED)
    assert get(f"http://feed.example:{server.port}/feed").body == FEED
    assert server.requests[0].headers["host"] == f"feed.example:{server.port}"


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_once(monkeypatch, "feed.example", ["8.8.8.8", "10.0.0.1"], server.port)
    with pytest.raises(FetchForbiddenAddressError, match=r"10\.0\.0\.1"):
        get(f"http://feed.example:{server.port}/feed")


def test_ipv6_loopback_is_served_when_allowed() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with serve(ipv6=True) as server:
        server.routes["/feed"] = reply_with(FEED)
        assert get(f"{server.url}/feed").body == FEED
        assert server.requests[0].headers["host"] == f"[::1]:{server.port}"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "feed.xml", "", "http://", "http:///x", "http://127.0.0.1:99999/",
     "http://127.0.0.1:0/", "أ", "https://xn--a/", "http://a\ud800/"],
)
def test_what_is_no_http_url_is_refused(url: str) -> None:
    with pytest.raises(FetchForbiddenAddressError):
        get(url)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2001:4860:4860::8888", True), ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True), ("64:ff9b::a00:1", False), ("64:ff9b:1::808:808", False),
        ("127.0.0.1", False), ("10.1.2.3", False), ("192.168.1.1", False), ("172.16.0.1", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("::", False),
        ("::1", False), ("::ffff:10.0.0.1", False), ("::127.0.0.1", False), ("fe80::1", False),
        ("fc00::1", False), ("fec0::1", False), ("2002:a00:1::", False), ("2001::1", False),
        ("224.0.0.1", False), ("ff02::1", False), ("198.18.0.1", False), ("240.0.0.1", False),
        ("255.255.255.255", False), ("2001:db8::1", False),
    ],
)
def test_is_public(address: str, public: bool) -> None:
    assert is_public(address) == public


def test_loopback_is_only_this_machine() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1")))
    assert not any(map(is_loopback, ("10.0.0.1", "0.0.0.0", "::", "8.8.8.8", "::2")))


def deflate(body: bytes) -> bytes:
    squeezer = zlib.compressobj(wbits=-15)
    return squeezer.compress(body) + squeezer.flush()


CODED = {
    "gzip": (gzip.compress(FEED), "gzip"),
    "x-gzip": (gzip.compress(FEED), "X-GZip"),
    "two members": (gzip.compress(FEED[:20]) + gzip.compress(FEED[20:]), "gzip"),
    "padding": (gzip.compress(FEED) + bytes(8), "gzip"),
    "br": (brotli.compress(FEED), "br"),
    "zlib": (zlib.compress(FEED), "deflate"),
    "raw deflate": (deflate(FEED), "deflate"),
    "identity": (FEED, "identity"),
    "two codings": (brotli.compress(gzip.compress(FEED)), "gzip, br"),
}


@pytest.mark.parametrize("name", CODED)
def test_content_codings_are_undone(server: Loopback, name: str) -> None:
    body, coding = CODED[name]
    server.routes["/feed"] = reply_with(body, ("Content-Encoding", coding))
    assert get(f"{server.url}/feed").body == FEED


ZEROS = bytes(50_000_000)
BOMBS = {
    "gzip": (gzip.compress(ZEROS), "gzip"),
    "br": (brotli.compress(ZEROS, quality=1), "br"),
    "deflate": (zlib.compress(ZEROS), "deflate"),
    "gzip twice": (gzip.compress(gzip.compress(ZEROS)), "gzip, gzip"),
    "no coding": (bytes(100_001), "identity"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bodies_stop_at_the_limit(server: Loopback, name: str) -> None:
    body, coding = BOMBS[name]
    server.routes["/feed"] = reply_with(body, ("Content-Encoding", coding))
    with pytest.raises(FetchTooLargeError, match="more than 100,000 bytes"):
        get(f"{server.url}/feed")


def test_body_of_exactly_the_limit_is_taken(server: Loopback) -> None:
    body = gzip.compress(b"a" * 100_000)
    server.routes["/feed"] = reply_with(body, ("Content-Encoding", "gzip"))
    assert len(get(f"{server.url}/feed").body) == 100_000


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (b"plain", "gzip"), (gzip.compress(FEED)[:-9], "gzip"), (b"plain", "br"),
        (brotli.compress(FEED)[:-3], "br"), (zlib.compress(FEED)[:-5], "deflate"),
        (FEED, "zstd"), (FEED, "gzip, gzip, gzip, gzip"),
    ],
)
def test_damaged_or_unknown_coding_fails(server: Loopback, body: bytes, coding: str) -> None:
    server.routes["/feed"] = reply_with(body, ("Content-Encoding", coding))
    with pytest.raises(FetchDecodingError):
        get(f"{server.url}/feed")


def test_empty_body_is_an_error(server: Loopback) -> None:
    server.routes["/feed"] = reply_with(b"")
    with pytest.raises(FetchEmptyError):
        get(f"{server.url}/feed")


def send_slowly(head: bytes) -> RawRoute:
    def route(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.05)

    return route


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\nA: "],
    ids=["body", "header"],
)
def test_trickling_answer_ends_at_the_total_timeout(server: Loopback, head: bytes) -> None:
    server.raw_routes["/feed"] = send_slowly(head)
    limits = BRISK._replace(total_s=0.3)
    started = time.monotonic()
    with pytest.raises(FetchTimeoutError):
        fetch(f"{server.url}/feed", limits=limits, allow_loopback=True)
    assert time.monotonic() - started < 1.5


def test_silent_server_ends_at_the_read_timeout(server: Loopback) -> None:
    server.raw_routes["/feed"] = lambda connection: time.sleep(0.6)
    with pytest.raises(FetchTimeoutError):
        fetch(f"{server.url}/feed", limits=BRISK._replace(read_s=0.1), allow_loopback=True)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"",
    ],
    ids=["length", "chunked", "no http", "nothing"],
)
def test_broken_answer_is_tried_once_more(server: Loopback, answer: bytes) -> None:
    server.raw_routes["/feed"] = lambda connection: connection.sendall(answer)
    with pytest.raises(FetchBrokenError) as caught:
        get(f"{server.url}/feed")
    assert caught.value.retryable
    assert len(server.requests) == 2


def test_second_try_can_succeed(server: Loopback) -> None:
    def once(connection: socket.socket) -> None:
        del server.raw_routes["/feed"]

    server.raw_routes["/feed"] = once
    server.routes["/feed"] = reply_with(FEED)
    assert get(f"{server.url}/feed").body == FEED


def test_refused_connection_fails() -> None:
    with serve() as server:
        url = server.url
    with pytest.raises(FetchRefusedError):
        get(url)


def test_server_without_tls_fails_as_tls(server: Loopback) -> None:
    with pytest.raises(FetchTlsError):
        get(server.url.replace("http", "https"))


def test_unknown_host_fails() -> None:
    with pytest.raises(FetchDnsError):
        get("http://nobody.invalid/feed")


def test_credentials_are_sent_to_their_origin_and_shown_nowhere(server: Loopback) -> None:
    server.routes["/feed"] = redirect(302, "/here")
    server.routes["/here"] = reply_with(FEED)
    with serve() as other:
        server.routes["/away"] = redirect(302, f"{other.url}/feed")
        other.routes["/feed"] = reply_with(FEED)
        answer = get(server.url.replace("//", "//reader:s3cret@") + "/feed")
        get(server.url.replace("//", "//reader:s3cret@") + "/away")
        assert "authorization" not in other.requests[0].headers
    assert "s3cret" not in repr(answer)
    assert server.requests[1].headers["authorization"] == "Basic cmVhZGVyOnMzY3JldA=="
    with pytest.raises(FetchStatusError) as caught:
        get(server.url.replace("//", "//reader:s3cret@") + "/none")
    assert "s3cret" not in str(caught.value)
    assert f"{server.url}/none" in str(caught.value)
    assert REASONS["fetch-status"].remedy in str(caught.value)


def test_redacted_survives_what_is_no_url() -> None:
    assert redacted("http://u:p@[::1") == "[::1"
    assert redacted("https://example.org/a") == "https://example.org/a"


def test_environment_proxies_are_ignored(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.routes["/feed"] = reply_with(FEED)
    assert get(f"{server.url}/feed").body == FEED


def test_every_failure_has_a_declared_reason() -> None:
    failures = [
        value for value in vars(fetch_errors).values()
        if isinstance(value, type) and issubclass(value, FetchError) and value is not FetchError
    ]
    assert {failure.reason for failure in failures} == {
        code for code in REASONS if code.startswith("fetch-")
    }
    assert len({failure.reason for failure in failures}) == len(failures) == 13
