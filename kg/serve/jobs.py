"""What is asked of a store on behalf of a client, as data that can go to another process."""

from __future__ import annotations

from dataclasses import dataclass

from kg.store import Dataset

__all__ = ["Answer", "Drop", "Job", "Limits", "Query", "ReadGraph", "Update", "WriteGraph"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one client may ask for.

    `seconds` bounds the work on one query or update, `rows` its result, `body` (bytes) a
    request and `memory` (bytes) what a process may take to answer one. `workers` are
    answered at once, `waiting` more are kept waiting, the rest are told to come back.
    `hosts` are the servers, in lower case, that a query may ask.
    """

    seconds: float = 30.0
    rows: int = 1_000_000
    body: int = 10_000_000
    memory: int = 4_000_000_000
    workers: int = 4
    waiting: int = 256
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A SPARQL query; `accept` is what the client can read."""

    text: str
    accept: str = ""
    dataset: Dataset | None = None
    base_iri: str | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """A SPARQL update."""

    text: str
    dataset: Dataset | None = None
    base_iri: str | None = None


@dataclass(frozen=True, slots=True)
class ReadGraph:
    """The triples of a graph, by IRI; "" is the default graph, None the whole data set."""

    graph: str | None
    accept: str = ""


@dataclass(frozen=True, slots=True)
class WriteGraph:
    """Triples for a graph, in the place of its own or beside them.

    `graph` is as in `ReadGraph`; `parts` are pairs of content and media type.
    """

    graph: str | None
    parts: tuple[tuple[bytes, str], ...]
    base_iri: str
    replaces: bool


@dataclass(frozen=True, slots=True)
class Drop:
    """A graph that is to go, by IRI; "" is the default graph, which is emptied."""

    graph: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a job; `created` says that it made a graph that was not there."""

    body: bytes = b""
    media_type: str = ""
    created: bool = False


Job = Query | Update | ReadGraph | WriteGraph | Drop
