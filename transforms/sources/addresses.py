"""Connect to public addresses only, each checked in the moment it is used.

The address that was checked is the one connected to, so that a name server cannot show one
address to the check and another to the connection (DNS rebinding).
"""

import socket
import ssl
import time
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpcore

from transforms.sources.fetch_errors import (
    FetchDnsError,
    FetchForbiddenAddressError,
    FetchRefusedError,
    FetchTimeoutError,
    FetchTlsError,
)

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the IPv4 address is the last 32 bits
_WRAPPINGS = tuple(
    map(IPv6Network, ("2002::/16", "2001::/32", "::/96", "64:ff9b:1::/48", "fec0::/10"))
)
"""6to4, Teredo, IPv4-compatible, local NAT64 and site-local: each leads, or led, elsewhere."""


def is_public(address: str) -> bool:
    """Say whether `address` is on the public internet, also behind IPv6 wrappings of IPv4."""
    found = _unwrapped(address)
    if isinstance(found, IPv6Address) and any(found in wrapping for wrapping in _WRAPPINGS):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def is_loopback(address: str) -> bool:
    """Say whether `address` is this machine."""
    return _unwrapped(address).is_loopback


def _unwrapped(address: str) -> IPv4Address | IPv6Address:
    """Return `address`, or the IPv4 address that it maps."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return found.ipv4_mapped
        if found in _NAT64:
            return IPv4Address(int(found) & 0xFFFF_FFFF)
    return found


class CheckedBackend(httpcore.NetworkBackend):
    """Connections to checked addresses, none of which outlives `deadline` (time.monotonic)."""

    def __init__(self, url: str, deadline: float, *, allow_loopback: bool) -> None:
        self._url = url
        self._deadline = deadline
        self._allow_loopback = allow_loopback

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a connection to the first address of `host` that answers.

        Raises:
            FetchError: the host does not resolve, is not public, or no address answers.
        """
        cause: Exception | None = None
        for address in self._addresses(host, port):
            left = time_left(self._deadline, timeout)
            try:
                stream = httpcore.SyncBackend().connect_tcp(
                    address, port, left, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                cause = error
                continue
            return _DeadlineStream(stream, self._url, self._deadline)
        if isinstance(cause, httpcore.ConnectTimeout):
            raise FetchTimeoutError(self._url, "no connection in time") from cause
        raise FetchRefusedError(self._url, f"no connection: {cause}") from cause

    def _addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of `host`, all of which may be connected to."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise FetchDnsError(self._url, f"no address for {host!r}: {error}") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            allowed = is_public(address) or (self._allow_loopback and is_loopback(address))
            if not allowed:
                raise FetchForbiddenAddressError(
                    self._url, f"{host!r} leads to {address}, which is not public"
                )
        return addresses


class _DeadlineStream(httpcore.NetworkStream):
    """A connection whose every operation ends by the deadline, however slowly bytes trickle."""

    def __init__(self, stream: httpcore.NetworkStream, url: str, deadline: float) -> None:
        self._stream = stream
        self._url = url
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, time_left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, time_left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = time_left(self._deadline, timeout)
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, left)
        except httpcore.ConnectError as error:
            raise FetchTlsError(self._url, f"no trusted connection: {error}") from error
        return _DeadlineStream(stream, self._url, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def time_left(deadline: float, timeout: float | None = None) -> float:
    """Return the seconds until `deadline`, at most `timeout`.

    Raises:
        httpcore.ReadTimeout: the deadline has passed.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for the whole fetch is over")
    return left if timeout is None else min(left, timeout)
