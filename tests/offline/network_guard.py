"""Keeps a Python process from the network: what is on this machine alone may be reached.

An audit hook (PEP 578) sees every connection and every look-up that goes through `socket`,
whoever makes it, and cannot be taken off again.
"""

from __future__ import annotations

import ipaddress
import socket
import sys

__all__ = ["BlockedNetwork", "attempts", "block"]

attempts: list[str] = []
"""What was refused in this process, first ones first."""

_CONNECTIONS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKUPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})


class BlockedNetwork(RuntimeError):
    """Something would have left this machine; no OSError, lest it be taken for a broken line."""


def block() -> None:
    """Refuse from now on whatever leaves this machine."""
    own = {"localhost", socket.gethostname()}

    def watch(event: str, told: tuple[object, ...]) -> None:
        if event in _CONNECTIONS and isinstance(told[1], tuple):
            if not _is_here(str(told[1][0]), own):
                _refuse(f"a connection to {told[1][0]}")
        elif event in _LOOKUPS and told[0]:
            host = told[0].decode() if isinstance(told[0], bytes) else str(told[0])
            if _read_address(host) is None and not _is_here(host, own):
                _refuse(f"a look-up of {host}")

    sys.addaudithook(watch)


def _refuse(what: str) -> None:
    attempts.append(what)
    raise BlockedNetwork(f"tests use no network, and this was {what}")


def _read_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a host is spelt as; 127.1 and 2130706433 are addresses too."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, UnicodeError):
            return None


def _is_here(host: str, own: set[str]) -> bool:
    """Say whether a host is this machine; a server may also listen at all its addresses."""
    address = _read_address(host)
    if address is None:
        return host in own or host == ""
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)
