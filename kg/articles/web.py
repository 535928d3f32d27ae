"""Visits web addresses, as a guest who knows the rules of the house.

A visit goes to public addresses only, asks robots.txt first, waits between two requests
to one host, follows few redirects, and ends at a limit of bytes and of time. No cookie, no
script, nothing that a page refers to: one address, one document.
"""

from __future__ import annotations

import http.client
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message

from kg.articles.addresses import Address, parse_address
from kg.articles.connection import Deadline, connect
from kg.articles.jsonlines import inflate
from kg.articles.robots import Robots, read_robots
from kg.errors import OversizeSource, SourceError, UnreadableSource

__all__ = ["Page", "Policy", "Visitor", "fetch"]

_CHUNK = 1 << 16
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ACCEPT = "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, */*;q=0.5"
_MAX_ROBOTS = 600_000
# A site that asks for longer pauses than this between visits gets this.
_MAX_DELAY = 30.0


@dataclass(frozen=True, slots=True)
class Policy:
    """What visits may do.

    `allowed_hosts` may be visited though they are on a private network (`localhost`);
    `delay` is the least number of seconds between two requests to one host, `timeout`
    those for one document with its redirects; `max_bytes` counts what is unpacked;
    `max_pages` those that one feed or sitemap, with all that it refers to, may list.
    `agent` is the name that robots.txt knows.
    """

    allowed_hosts: frozenset[str] = frozenset()
    delay: float = 1.0
    timeout: float = 60.0
    max_bytes: int = 20_000_000
    max_redirects: int = 5
    max_pages: int = 1000
    agent: str = "kg-builder"


@dataclass(frozen=True, slots=True)
class Page:
    """What stands at an address: the last one after redirects, and the type it has."""

    address: Address
    data: bytes
    type: str
    encoding: str


@dataclass(slots=True)
class _Answer:
    """The answer to one request, its body unread where it is an error or a redirect."""

    status: int
    headers: Message
    data: bytes = b""


@dataclass(slots=True)
class Visitor:
    """Fetches documents, one after the other, and remembers the rules of each host."""

    policy: Policy = field(default_factory=Policy)
    pause: Callable[[float], None] = time.sleep
    _robots: dict[str, Robots | SourceError] = field(default_factory=dict)
    _last: dict[str, float] = field(default_factory=dict)

    def fetch(self, address: Address) -> Page:
        """Return the document at an address.

        Raises UnreadableSource where the host is private, robots.txt forbids the visit, or
        no document comes back in time, OversizeSource where it is too large.
        """
        deadline = Deadline.start(self.policy.timeout)
        for _ in range(self.policy.max_redirects + 1):
            robots = self._ask(address)
            if not robots.allow(address.target):
                reason = f"the robots.txt of {address.host} forbids programs to read this page"
                raise UnreadableSource(str(address), reason)
            deadline = self._wait(address, robots, deadline)
            answer = self._request(address, deadline, self.policy.max_bytes)
            if answer.status not in _REDIRECTS:
                return _make_page(address, answer)
            address = _follow(address, answer)
        reason = f"it redirects more than {self.policy.max_redirects} times"
        raise UnreadableSource(str(address), reason)

    def _wait(self, address: Address, robots: Robots, deadline: Deadline) -> Deadline:
        """Keep the pause that a host is due; what is waited counts for no time limit."""
        now = time.monotonic()
        delay = max(self.policy.delay, min(robots.delay, _MAX_DELAY))
        due = self._last.get(address.host, now - delay) + delay - now
        if due > 0:
            self.pause(due)
        self._last[address.host] = time.monotonic()
        return Deadline(deadline.seconds, deadline.at + max(due, 0.0))

    def _ask(self, address: Address) -> Robots:
        """Return the rules of a host, asked for once; raise where they cannot be had."""
        known = self._robots.get(address.origin)
        if known is None:
            try:
                known = self._fetch_robots(address.join("/robots.txt"))
            except SourceError as error:
                known = error
            self._robots[address.origin] = known
        if isinstance(known, SourceError):
            raise type(known)(str(address), known.reason)
        return known

    def _fetch_robots(self, address: Address) -> Robots:
        """Return the rules of a host: none where it has no file (RFC 9309, 2.3.1.3)."""
        deadline = Deadline.start(min(self.policy.timeout, 30.0))
        for _ in range(self.policy.max_redirects + 1):
            answer = self._request(address, deadline, _MAX_ROBOTS)
            if answer.status in _REDIRECTS:
                address = _follow(address, answer)
            elif answer.status < 400:
                return read_robots(answer.data.decode("utf-8", "replace"), self.policy.agent)
            elif answer.status < 500:
                return Robots()
            else:
                break
        reason = f"the robots.txt of {address.host} cannot be read, so nothing there is"
        raise UnreadableSource(str(address), reason)

    def _request(self, address: Address, deadline: Deadline, most: int) -> _Answer:
        name = str(address)
        try:
            with connect(
                address, allowed=self.policy.allowed_hosts, deadline=deadline
            ) as connection:
                headers = {
                    "User-Agent": self.policy.agent,
                    "Accept": _ACCEPT,
                    "Accept-Encoding": "gzip",
                    "Connection": "close",
                }
                connection.request("GET", address.target, headers=headers)
                with connection.getresponse() as response:
                    body = _read_body(response, name, most) if response.status == 200 else b""
                    answer = _Answer(response.status, response.headers, body)
        except (OSError, http.client.HTTPException, zlib.error, EOFError, UnicodeError) as error:
            raise _explain(name, error, deadline) from error
        if deadline.passed:
            raise UnreadableSource(name, _too_slow(deadline))
        return answer


def _too_slow(deadline: Deadline) -> str:
    return f"it took longer than {deadline.seconds:g} seconds"


def _explain(name: str, error: Exception, deadline: Deadline) -> SourceError:
    if deadline.passed or isinstance(error, TimeoutError):
        return UnreadableSource(name, _too_slow(deadline))
    if isinstance(error, OSError):
        return UnreadableSource(name, f"it cannot be fetched: {error.strerror or error}")
    return UnreadableSource(name, f"the server does not speak HTTP well: {type(error).__name__}")


def _read_body(response: http.client.HTTPResponse, name: str, most: int) -> bytes:
    chunks = iter(lambda: response.read(_CHUNK), b"")
    coding = (response.headers.get("Content-Encoding") or "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip", ""):
        raise UnreadableSource(name, f"it comes packed as {coding[:20]!r}, which was not asked for")
    body = _join(chunks if coding in ("identity", "") else inflate(chunks), name, most)
    if response.length:
        raise UnreadableSource(name, "the connection broke off before its end")
    return body


def _join(chunks: Iterator[bytes], name: str, most: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    try:
        for chunk in chunks:
            pieces.append(chunk)
            size += len(chunk)
            if size > most:
                raise OversizeSource(name, f"it is larger than {most:,} bytes")
    except OverflowError as error:
        raise OversizeSource(name, "what it unpacks to grows beyond all reason") from error
    return b"".join(pieces)


def _follow(address: Address, answer: _Answer) -> Address:
    """Return where a redirect leads; one out of an encrypted connection is refused."""
    location = answer.headers.get("Location")
    if not location:
        raise UnreadableSource(str(address), "it redirects to nowhere")
    # Headers are Latin-1 by RFC 9110; servers write UTF-8.
    target = address.join(location.encode("latin-1", "replace").decode("utf-8", "replace"))
    if address.scheme == "https" and target.scheme != "https":
        raise UnreadableSource(str(address), f"it redirects out of encryption, to {target}")
    return target


def _make_page(address: Address, answer: _Answer) -> Page:
    if answer.status != 200:
        status = http.client.responses.get(answer.status, "an unknown status")
        raise UnreadableSource(str(address), f"the server answers {answer.status} ({status})")
    declared = answer.headers.get("Content-Type") is not None
    kind = answer.headers.get_content_type() if declared else ""
    return Page(address, answer.data, kind, answer.headers.get_content_charset() or "")


def fetch(address: str, *, policy: Policy | None = None) -> Page:
    """Return the document at one address; errors as of `Visitor.fetch`."""
    return Visitor(policy or Policy()).fetch(parse_address(address))
