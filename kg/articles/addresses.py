"""Web addresses: which may be visited, by their spelling and by where they lead."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from kg.errors import SourceError, UnreadableSource, UnsupportedSource

__all__ = ["Address", "is_address", "is_public", "parse_address"]

# Addresses of IPv6 that carry one of IPv4 in their last bits (RFC 6052, 2.1; RFC 4291,
# 2.5.5.1).
_CARRIERS = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
_PORTS = {"http": 80, "https": 443}
_SAFE = "%/:=&?~#+!$,;'@()*[]"
_MAX_LENGTH = 4000


@dataclass(frozen=True, slots=True)
class Address:
    """An address of HTTP, its host in ASCII and lower case, without a fragment."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        """The address of the server: scheme, host and, where it is unusual, port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if _PORTS[self.scheme] == self.port else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    def __str__(self) -> str:
        return self.origin + self.target

    def join(self, reference: str) -> Address:
        """Return the address that a reference on this page means; errors as of parsing."""
        try:
            joined = urljoin(str(self), reference.strip())
        except ValueError as error:
            raise UnreadableSource(str(self), f"it leads to no address: {error}") from error
        return parse_address(joined)


def is_address(source: str) -> bool:
    """Say whether a source is an address of HTTP and not a file."""
    return source[:8].lower().startswith(("http://", "https://"))


def parse_address(text: str) -> Address:
    """Return the parts of an address.

    Raises UnsupportedSource for another protocol than HTTP, UnreadableSource for an
    address that is none or carries a user or password.
    """
    name = text if text.isprintable() else ascii(text)
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii").lower()
        port = parts.port
    except ValueError as error:
        raise UnreadableSource(name[:200], "this is no web address: check its spelling") from error
    _judge_parts(parts, host, text, name)
    path = quote(parts.path or "/", safe=_SAFE)
    query = quote(parts.query, safe=_SAFE)
    target = f"{path}?{query}" if query else path
    return Address(parts.scheme.lower(), host, port or _PORTS[parts.scheme.lower()], target)


def _judge_parts(parts: SplitResult, host: str, text: str, name: str) -> None:
    fault: SourceError | None = None
    if parts.scheme.lower() not in _PORTS:
        fault = UnsupportedSource(name, "only addresses of http and https are fetched")
    elif "@" in parts.netloc:
        fault = UnreadableSource(name, "an address may not carry a user or password")
    elif not host or len(text) > _MAX_LENGTH or not text.isprintable() or " " in text:
        fault = UnreadableSource(name[:200], "this is no web address: check its spelling")
    if fault:
        raise fault


def is_public(ip: str) -> bool:
    """Say whether an IP address is one of the public internet, whatever form it has.

    Private, loopback, link-local, shared and reserved ones are not, nor are those that
    carry such an address of IPv4 inside one of IPv6.
    """
    address = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = _find_embedded(address)
        if inner is not None and not inner.is_global:
            return False
        if address.ipv4_mapped is not None:
            return not address.ipv4_mapped.is_multicast
    return address.is_global and not address.is_multicast


def _find_embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if any(address in network for network in _CARRIERS):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
