"""Every way in which a fetch can fail, one exception each; `reason` is its code in the rejects."""

from typing import ClassVar

import httpx

from schemas.reasons import REASONS

URL_ERRORS = (httpx.InvalidURL, ValueError)
"""What httpx raises for bad URLs; ValueError: a host that is no IDNA name (RFC 5891)."""


class FetchError(Exception):
    """A URL could not be fetched. The message names the URL, the `cause` and the remedy.

    `status` is the HTTP status, None when there was no answer; `retry_after_s` is how long the
    server asks to be left alone.
    """

    reason: ClassVar[str]

    def __init__(
        self,
        url: str,
        cause: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        remedy = REASONS[self.reason].remedy
        message = f"cannot fetch {redacted(url)}: {cause} ({remedy})"
        super().__init__(message.encode("utf-8", "replace").decode())
        self.cause = cause
        self.status = status
        self.retry_after_s = retry_after_s

    @property
    def retryable(self) -> bool:
        """Say whether a later try may succeed."""
        return REASONS[self.reason].retryable


class FetchForbiddenAddressError(FetchError):
    """The URL is not http(s), or its host is not on the public internet."""

    reason = "fetch-forbidden-address"


class FetchDnsError(FetchError):
    """The host name does not resolve."""

    reason = "fetch-dns"


class FetchRefusedError(FetchError):
    """No connection to the server."""

    reason = "fetch-refused"


class FetchTlsError(FetchError):
    """The TLS handshake failed."""

    reason = "fetch-tls"


class FetchTimeoutError(FetchError):
    """The server, or the whole fetch, took too long."""

    reason = "fetch-timeout"


class FetchBrokenError(FetchError):
    """The answer broke off or is no HTTP."""

    reason = "fetch-broken"


class FetchDecodingError(FetchError):
    """The Content-Encoding is unknown or damaged."""

    reason = "fetch-decoding"


class FetchTooLargeError(FetchError):
    """The answer is larger than allowed, as sent or decompressed."""

    reason = "fetch-too-large"


class FetchRedirectsError(FetchError):
    """Too many redirects, or one that leads nowhere."""

    reason = "fetch-redirects"


class FetchEmptyError(FetchError):
    """The server answered 200 and sent nothing."""

    reason = "fetch-empty"


class FetchStatusError(FetchError):
    """The server answered with an error status that will stay."""

    reason = "fetch-status"


class FetchGoneError(FetchStatusError):
    """The feed is gone for good: 410."""

    reason = "fetch-gone"


class FetchUnavailableError(FetchStatusError):
    """The server cannot answer for now: 408, 425, 429 or 5xx."""

    reason = "fetch-unavailable"


def redacted(url: str) -> str:
    """Return `url` without user name and password, at most 500 characters of it."""
    try:
        parsed = httpx.URL(url)
        clean = str(parsed.copy_with(userinfo=b"")) if parsed.userinfo else url
    except URL_ERRORS:
        clean = url.rpartition("@")[2]
    return clean[:500]
