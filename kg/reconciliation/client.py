"""Talks to one service: as the network policy allows, within time, with pauses where it fails."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from kg.articles import Policy
from kg.articles.addresses import parse_address
from kg.articles.connection import Deadline, connect
from kg.errors import OversizeSource, SourceError, UnreadableSource
from kg.ontology import Ontology
from kg.reconciliation.candidates import Candidate, Query, read_candidates
from kg.reconciliation.choosing import find_class

__all__ = ["Client"]

_PASSING = frozenset({429, 500, 502, 503, 504})
_TRIES = 4
# A service that asks for a longer pause than this is asked another day.
_MAX_PAUSE = 30.0
_MAX_BYTES = 10_000_000
_CHUNK = 1 << 16
_BATCH, _MAX_BATCH = 10, 50
_LIMIT = 5
_SPACE = re.compile(r"https?://[^\s<>\"{}|\\^`]{1,500}")


class _Passing(UnreadableSource):
    """The service fails now and may not the next time; `pause` is how long it asks to wait."""

    pause: float = 0.0


@dataclass(slots=True)
class Client:
    """A service at an address; what it says of itself is asked for once, when it is needed.

    Raises SourceError from every method where the service is on a private network that is
    not allowed, does not answer in time, or answers in another form: UnreadableSource,
    OversizeSource.
    """

    address: str
    ontology: Ontology
    policy: Policy = field(default_factory=lambda: Policy(timeout=30.0))
    pause: Callable[[float], None] = time.sleep
    _manifest: dict[str, Any] = field(default_factory=dict)

    @property
    def space(self) -> str:
        """What stands before the id of a candidate in its IRI."""
        return str(self._describe()["identifierSpace"])

    @property
    def batch(self) -> int:
        """How many queries may be asked at once."""
        size = self._describe().get("batchSize")
        return min(size, _MAX_BATCH) if isinstance(size, int) and size > 0 else _BATCH

    def ask(self, queries: Sequence[Query]) -> list[tuple[Candidate, ...]]:
        """Return the candidates for each query of one batch."""
        asked = {f"q{n}": self._write(query) for n, query in enumerate(queries)}
        told = self._request("POST", urlencode({"queries": json.dumps(asked)}).encode())
        answers = [told.get(key) for key in asked]
        if not all(isinstance(answer, dict) for answer in answers):
            raise UnreadableSource(self.address, "it leaves queries without an answer")
        return [read_candidates(a.get("result")) for a in answers if isinstance(a, dict)]

    def _write(self, query: Query) -> dict[str, object]:
        """Return a query in the form of the API, of a type that the service knows, if any."""
        told: dict[str, object] = {"query": query.name, "limit": _LIMIT}
        offered = self._describe().get("defaultTypes")
        for type_ in offered if isinstance(offered, list) else ():
            id_, name = (type_.get("id"), type_.get("name")) if isinstance(type_, dict) else (0, 0)
            if isinstance(id_, str) and find_class(id_, str(name), self.ontology) == query.type:
                return told | {"type": id_}
        return told

    def _describe(self) -> dict[str, Any]:
        if not self._manifest:
            told = self._request("GET", b"")
            space = told.get("identifierSpace")
            if not isinstance(space, str) or not _SPACE.fullmatch(space):
                reason = "it is no reconciliation service: it names no identifierSpace"
                raise UnreadableSource(self.address, reason)
            self._manifest = told
        return self._manifest

    def _request(self, method: str, body: bytes) -> dict[str, Any]:
        """Return the object that the service answers with, after several tries if need be."""
        for attempt in range(1, _TRIES + 1):
            try:
                return self._read(self._send(method, body))
            except _Passing as error:
                if attempt == _TRIES or error.pause > _MAX_PAUSE:
                    raise UnreadableSource(self.address, error.reason) from error
                self.pause(max(error.pause, 2.0 ** (attempt - 1)))
        raise AssertionError("the last try raises or returns")

    def _send(self, method: str, body: bytes) -> bytes:
        address = parse_address(self.address)
        deadline = Deadline.start(self.policy.timeout)
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": self.policy.agent,
        }
        try:
            allowed = self.policy.allowed_hosts
            with connect(address, allowed=allowed, deadline=deadline) as connection:
                connection.request(method, address.target, body or None, headers)
                with connection.getresponse() as response:
                    self._judge(response)
                    data = self._receive(response)
        except SourceError:
            raise
        except (OSError, http.client.HTTPException) as error:
            slow = deadline.passed or isinstance(error, TimeoutError)
            reason = f"it took longer than {self.policy.timeout:g} seconds"
            told = f"it does not answer: {getattr(error, 'strerror', '') or type(error).__name__}"
            raise _Passing(self.address, reason if slow else told) from error
        if deadline.passed:
            raise _Passing(self.address, f"it took longer than {self.policy.timeout:g} seconds")
        return data

    def _judge(self, response: http.client.HTTPResponse) -> None:
        if response.status == 200:
            return
        meaning = http.client.responses.get(response.status, "an unknown status")
        reason = f"it answers {response.status} ({meaning})"
        if response.status in _PASSING:
            error = _Passing(self.address, reason)
            asked = response.headers.get("Retry-After", "")
            error.pause = float(asked) if asked.isascii() and asked.isdigit() else 0.0
            raise error
        location = ascii(response.headers.get("Location", ""))[:200]
        hint = f", to {location}: give that address" if 300 <= response.status < 400 else ""
        raise UnreadableSource(self.address, reason + hint)

    def _receive(self, response: http.client.HTTPResponse) -> bytes:
        most = min(self.policy.max_bytes, _MAX_BYTES)
        data = bytearray()
        while chunk := response.read(_CHUNK):
            data += chunk
            if len(data) > most:
                raise OversizeSource(self.address, f"its answer is larger than {most:,} bytes")
        return bytes(data)

    def _read(self, data: bytes) -> dict[str, Any]:
        try:
            told = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise UnreadableSource(self.address, "its answer is no JSON") from error
        if not isinstance(told, dict):
            raise UnreadableSource(self.address, "its answer is no JSON object")
        return told
