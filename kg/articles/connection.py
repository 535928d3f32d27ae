"""Opens connections that cannot be led astray: to public addresses, within a time."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from kg.articles.addresses import Address, is_public
from kg.errors import UnreadableSource

__all__ = ["Deadline", "connect"]

# Seconds without a byte, and until one of several addresses of a host answers.
_STALL = 20.0


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment, on the monotonic clock, at which patience ends."""

    seconds: float
    at: float

    @classmethod
    def start(cls, seconds: float) -> Deadline:
        """Return a deadline that many seconds from now."""
        return cls(seconds, time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """The seconds that are left, never less than a few milliseconds."""
        return max(self.at - time.monotonic(), 0.005)

    @property
    def passed(self) -> bool:
        """Whether the moment is over."""
        return time.monotonic() >= self.at


@contextlib.contextmanager
def connect(
    address: Address, *, allowed: frozenset[str], deadline: Deadline
) -> Iterator[http.client.HTTPConnection]:
    """Give a connection to the host of an address; it is cut when the deadline passes.

    The IP address is judged that the connection is made to, so a name cannot be resolved
    to one address for the check and another for the visit. Only public ones are visited
    unless the host is `allowed` by name. Raises UnreadableSource, OSError.
    """
    held = [_dial(address, allowed, deadline)]
    # A server may send a byte at a time for ever, below the time-out of each read.
    guard = threading.Timer(deadline.left, _cut, (held,))
    guard.daemon = True
    guard.start()
    try:
        if address.scheme == "https":
            held[0] = secured = ssl.create_default_context().wrap_socket(
                held[0], server_hostname=address.host, do_handshake_on_connect=False
            )
            secured.do_handshake()
        connection = http.client.HTTPConnection(address.host, address.port)
        connection.sock = held[0]
        yield connection
    finally:
        guard.cancel()
        held[0].close()


def _cut(held: list[socket.socket]) -> None:
    with contextlib.suppress(OSError):
        socket.socket.shutdown(held[0], socket.SHUT_RDWR)


def _dial(address: Address, allowed: frozenset[str], deadline: Deadline) -> socket.socket:
    """Return a socket connected to the first address of the host that may be visited."""
    fault: OSError | None = None
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    for family, kind, protocol, _, place in found:
        if address.host not in allowed and not is_public(str(place[0])):
            continue
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(min(_STALL, deadline.left))
            sock.connect(place)
        except OSError as error:
            sock.close()
            fault = error
        else:
            return sock
    if fault:
        raise fault
    reason = f"{address.host} is on a private network, which is not visited: allow the host by name"
    raise UnreadableSource(str(address), reason)
