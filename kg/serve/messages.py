"""What the service is asked and what it answers, without a socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qs

from kg.errors import KGError

__all__ = ["JSON", "PROBLEM", "Problem", "Request", "Response"]

JSON = "application/json"
PROBLEM = "application/problem+json"


class Problem(KGError):
    """A request cannot be answered; what the client is told about it (RFC 9457).

    `status` is the HTTP status, `title` says the kind of problem, `detail` this one.
    Neither holds a path, a trace or any other part of the machinery.
    """

    def __init__(
        self, status: int, title: str, detail: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, title, detail, headers)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})

    def __str__(self) -> str:
        return f"{self.status} {self.title}: {self.detail}" if self.detail else self.title


@dataclass(frozen=True)
class Request:
    """One HTTP request: `path` is decoded, `query` is not, header names are lower case.

    `origin` is scheme and authority of the service as the client sees it.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    origin: str = "http://127.0.0.1"

    @cached_property
    def parameters(self) -> Mapping[str, list[str]]:
        """The values of each parameter of the query string, in order.

        Raises Problem where it is no UTF-8.
        """
        return read_form(self.query)

    @property
    def accept(self) -> str:
        """What the client says it can read."""
        return self.headers.get("accept", "")

    @property
    def media_type(self) -> str:
        """The media type of the body, in lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def url(self) -> str:
        """The address asked for, without its query string."""
        return f"{self.origin}{self.path}"

    def get(self, name: str, default: str = "") -> str:
        """Return a parameter that may be given once.

        Raises Problem where it is given more often.
        """
        values = self.parameters.get(name, [])
        if len(values) > 1:
            raise Problem(400, "Parameter given twice", f"give {name} once")
        return values[0] if values else default


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response."""

    status: int = 200
    body: bytes = b""
    media_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def read_form(text: str) -> Mapping[str, list[str]]:
    """Return the values of each field of a form, in order.

    Raises Problem where the text is no UTF-8.
    """
    try:
        return parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise Problem(400, "Unreadable parameters", "parameters must be UTF-8") from error
