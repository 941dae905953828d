"""Fetch feeds over HTTP: politely (conditional, no haste), bounded, and from public hosts only."""

import functools
import re
import ssl
import time
from base64 import b64encode
from collections.abc import Iterator
from datetime import timezone
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import NamedTuple

import httpcore
import httpx

from transforms.sources.addresses import CheckedBackend
from transforms.sources.content_coding import (
    ACCEPTED,
    DamagedBytesError,
    TooManyBytesError,
    decode_content,
)
from transforms.sources.fetch_errors import (
    URL_ERRORS,
    FetchBrokenError,
    FetchDecodingError,
    FetchEmptyError,
    FetchForbiddenAddressError,
    FetchGoneError,
    FetchRedirectsError,
    FetchRefusedError,
    FetchStatusError,
    FetchTimeoutError,
    FetchTooLargeError,
    FetchUnavailableError,
    redacted,
)

USER_AGENT = f"naba/{version('naba')} (feed reader)"
ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
RETRY_AFTER_S_MAX = 7 * 86_400
"""A server may not silence a feed for longer than a week with one answer."""

_VALIDATOR = re.compile(r"[\x20-\x7e]{1,1000}")
_FAILURES: dict[int, type[FetchStatusError]] = {
    410: FetchGoneError,
    **dict.fromkeys((408, 425, 429, 500, 502, 503, 504), FetchUnavailableError),
}
_PERMANENT_REDIRECTS = frozenset({301, 308})
_REDIRECTS = _PERMANENT_REDIRECTS | {302, 303, 307}


class Limits(NamedTuple):
    """What one fetch may cost."""

    connect_s: float = 10.0
    read_s: float = 20.0  # between two pieces of the answer
    total_s: float = 60.0  # redirects and the second try included
    bytes_max: int = 32 * 1024 * 1024  # of the body, as sent and decompressed
    redirects_max: int = 5
    backoff_s: float = 0.5  # before the second try


DEFAULT_LIMITS = Limits()


class Response(NamedTuple):
    """The answer to a fetch: 200 with a body, or 304 without one."""

    status: int
    final_url: str  # after redirects; without credentials
    body: bytes
    etag: str
    last_modified: str
    content_type: str
    retry_after_s: float | None
    permanent_url: str | None  # where the feed has moved for good


class _Hop(NamedTuple):
    """One request and what came back."""

    url: httpx.URL
    status: int
    headers: httpx.Headers
    body: bytes


def fetch(
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    limits: Limits = DEFAULT_LIMITS,
    allow_loopback: bool = False,
) -> Response:
    """Return what `url` holds, or status 304 when it is as `etag` or `last_modified` knew it.

    A connection that breaks is tried once more after a short pause; nothing else is repeated.

    Raises:
        FetchError: one subclass per expected failure.
    """
    deadline = time.monotonic() + limits.total_s
    request = _Request(url, etag, last_modified, limits, deadline, allow_loopback)
    try:
        return _follow(request)
    except (FetchBrokenError, FetchRefusedError):
        if deadline - time.monotonic() <= limits.backoff_s:
            raise
        time.sleep(limits.backoff_s)
        return _follow(request)


class _Request(NamedTuple):
    """What to fetch, and how."""

    url: str
    etag: str
    last_modified: str
    limits: Limits
    deadline: float
    allow_loopback: bool


def _follow(request: _Request) -> Response:
    """Return the answer at the end of the redirects."""
    url = _checked_url(request.url, request.url)
    authorization = _basic_auth(url)
    origin = url
    permanent: httpx.URL | None = None
    is_permanent = True
    for _ in range(request.limits.redirects_max + 1):
        same_origin = (url.scheme, url.host, url.port) == (origin.scheme, origin.host, origin.port)
        hop = _get(url, request, authorization if same_origin else "")
        if hop.status not in _REDIRECTS:
            return _answer(hop, request, permanent)
        url = _next_url(hop, request.url)
        is_permanent = is_permanent and hop.status in _PERMANENT_REDIRECTS
        permanent = url if is_permanent else permanent
    raise FetchRedirectsError(request.url, f"more than {request.limits.redirects_max} redirects")


def _checked_url(url: str, asked: str) -> httpx.URL:
    """Return `url` parsed; `asked` is the URL that the user knows."""
    try:
        parsed = httpx.URL(url)
        is_web = parsed.scheme in ("http", "https") and parsed.host and parsed.raw_host
    except URL_ERRORS as error:
        raise FetchForbiddenAddressError(asked, f"no URL: {error}") from error
    if not is_web or (parsed.port is not None and not 0 < parsed.port < 65_536):
        raise FetchForbiddenAddressError(asked, f"{redacted(url)!r} is no http or https URL")
    return parsed


def _basic_auth(url: httpx.URL) -> str:
    """Return the Authorization header for the credentials in `url`, or ""."""
    if not url.userinfo:
        return ""
    pair = f"{url.username}:{url.password}"
    return f"Basic {b64encode(pair.encode()).decode()}"


def _next_url(hop: _Hop, asked: str) -> httpx.URL:
    """Return where the redirect `hop` leads; never from https to http."""
    location = hop.headers.get("location", "")
    if not location:
        cause = f"status {hop.status} without Location"
        raise FetchRedirectsError(asked, cause, status=hop.status)
    try:
        joined = str(hop.url.join(location))
    except URL_ERRORS as error:
        raise FetchRedirectsError(asked, f"bad Location: {error}", status=hop.status) from error
    target = _checked_url(joined, asked)
    if hop.url.scheme == "https" and target.scheme == "http":
        raise FetchForbiddenAddressError(asked, f"redirect from https to {redacted(joined)}")
    return target.copy_with(userinfo=b"", fragment=None)


def _get(url: httpx.URL, request: _Request, authorization: str) -> _Hop:
    """Return the answer of one request."""
    limits = request.limits
    backend = CheckedBackend(
        request.url, request.deadline, allow_loopback=request.allow_loopback
    )
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    timeouts = {"connect": limits.connect_s, "read": limits.read_s, "write": limits.read_s}
    try:
        with (
            httpcore.ConnectionPool(_ssl_context(), network_backend=backend) as pool,
            pool.stream(
                "GET", target, headers=_headers(url, request, authorization),
                extensions={"timeout": timeouts},
            ) as response,
        ):
            headers = httpx.Headers(response.headers)
            is_wanted = response.status == 200
            body = _body(response.iter_stream(), headers, request) if is_wanted else b""
            return _Hop(url, response.status, headers, body)
    except httpcore.TimeoutException as error:
        raise FetchTimeoutError(request.url, str(error) or "no answer in time") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise FetchBrokenError(request.url, str(error) or type(error).__name__) from error


def _body(chunks: Iterator[bytes], headers: httpx.Headers, request: _Request) -> bytes:
    """Return the decompressed body."""
    limits = request.limits
    try:
        return decode_content(chunks, headers.get("content-encoding", ""), limits.bytes_max)
    except DamagedBytesError as error:
        raise FetchDecodingError(request.url, str(error), status=200) from error
    except TooManyBytesError as error:
        raise FetchTooLargeError(request.url, str(error), status=200) from error


def _headers(url: httpx.URL, request: _Request, authorization: str) -> list[tuple[str, str]]:
    """Return the headers to send; a stored validator that is no header value is left out."""
    headers = [
        ("Host", url.netloc.decode("ascii")),
        ("User-Agent", USER_AGENT),
        ("Accept", ACCEPT),
        ("Accept-Encoding", ACCEPTED),
        ("Connection", "close"),
    ]
    optional = {
        "If-None-Match": _validator(request.etag),
        "If-Modified-Since": _validator(request.last_modified),
        "Authorization": authorization,
    }
    return headers + [(name, value) for name, value in optional.items() if value]


def _answer(hop: _Hop, request: _Request, permanent: httpx.URL | None) -> Response:
    """Return the response that `hop` gives, or raise what its status means."""
    retry_after_s = parse_retry_after(hop.headers.get("retry-after", ""), time.time())
    is_conditional = bool(request.etag or request.last_modified)
    if hop.status == 200 and not hop.body:
        raise FetchEmptyError(request.url, "status 200 with an empty body", status=200)
    if hop.status != 200 and not (hop.status == 304 and is_conditional):
        raise _FAILURES.get(hop.status, FetchStatusError)(
            request.url, f"status {hop.status}", status=hop.status, retry_after_s=retry_after_s
        )
    return Response(
        status=hop.status,
        final_url=str(hop.url.copy_with(userinfo=b"")),
        body=hop.body,
        etag=_validator(hop.headers.get("etag", "")),
        last_modified=_validator(hop.headers.get("last-modified", "")),
        content_type=hop.headers.get("content-type", "")[:1000],
        retry_after_s=retry_after_s,
        permanent_url=str(permanent) if permanent else None,
    )


def _validator(value: str) -> str:
    """Return `value` when it may be sent back to the server as it stands, else ""."""
    return value if _VALIDATOR.fullmatch(value) else ""


def parse_retry_after(value: str, now_s: float) -> float | None:
    """Return the seconds that Retry-After asks for, or None (RFC 9110 §10.2.3).

    Args:
        value: the header: seconds, or a date.
        now_s: Unix seconds.
    """
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,10}", value):
        return min(float(value), RETRY_AFTER_S_MAX)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # no date; a number in it beyond any calendar
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return min(max(0.0, moment.timestamp() - now_s), RETRY_AFTER_S_MAX)


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    """Return the TLS settings: the certifi roots, or SSL_CERT_FILE; proxies are never read."""
    return httpx.create_ssl_context()
