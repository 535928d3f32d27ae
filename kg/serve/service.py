"""What a service stands on: its store behind an engine, its ontology and its rules."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kg.ontology import Ontology, load_ontology
from kg.serve.jobs import Answer, Drop, Limits, Query, ReadGraph, Update, WriteGraph
from kg.serve.messages import Problem, Request
from kg.serve.names import NameIndex, Names
from kg.serve.work import carry_out
from kg.store import Store
from kg.vocab import BASE_IRI

__all__ = ["Engine", "LocalEngine", "Service"]


class Engine(Protocol):
    """What answers jobs; several threads use it at once."""

    @property
    def folder(self) -> Path | None:
        """Where the store lies; None for memory and for another server."""

    @property
    def revision(self) -> int:
        """How many times the store was changed; another number, another state."""

    def read(self, job: Query | ReadGraph) -> Answer:
        """Return the answer to a job that changes nothing. Raises Problem."""

    def write(self, job: Update | WriteGraph | Drop) -> Answer:
        """Return the answer to a job that changes the store. Raises Problem."""

    def open(self) -> AbstractContextManager[Store]:
        """Give the store as it is now, for reading, for the pages."""

    def close(self) -> None:
        """Release the store and whatever works on it."""


class LocalEngine:
    """Answers jobs in this process, as many at once as may be. Stops none in its course."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._writing = threading.Lock()
        self._reading = threading.BoundedSemaphore(limits.workers)
        self._admitted = threading.BoundedSemaphore(limits.workers + limits.waiting)
        self.revision = 0

    @property
    def folder(self) -> Path | None:
        """The folder of the store, if it lies in one."""
        return self._store.folder

    def read(self, job: Query | ReadGraph) -> Answer:
        """Return the answer to a job that changes nothing."""
        if not self._admitted.acquire(blocking=False):
            raise Problem(503, "Too many requests at once", headers={"Retry-After": "1"})
        try:
            with self._reading:
                return carry_out(job, self._store, self._limits)
        finally:
            self._admitted.release()

    def write(self, job: Update | WriteGraph | Drop) -> Answer:
        """Return the answer to a job that changes the store."""
        with self._writing:
            self.revision += 1
            return carry_out(job, self._store, self._limits)

    @contextmanager
    def open(self) -> Iterator[Store]:
        """Give the store itself."""
        yield self._store

    def close(self) -> None:
        """Close the store."""
        self._store.close()


@dataclass(frozen=True)
class Service:
    """One store as it is served.

    `token` admits changes; without one there are none. `cors` is the origin whose pages
    may read, `*` for all of them, "" for none.
    """

    engine: Engine
    limits: Limits = field(default_factory=Limits)
    ontology: Ontology = field(default_factory=load_ontology)
    title: str = "Knowledge graph"
    token: str = ""
    cors: str = "*"
    _names: Names = field(default_factory=Names)

    @property
    def base_iri(self) -> str:
        """Where the IRIs of entities and articles begin."""
        with self.engine.open() as store:
            return store.base or BASE_IRI

    @property
    def names(self) -> NameIndex:
        """The names of the entities in the store as it is now."""
        revision = self.engine.revision
        with self.engine.open() as store:
            return self._names.read(store, self.ontology, revision=revision)

    def admit_change(self, request: Request) -> None:
        """Let a request change the store. Raises Problem where it may not."""
        if not self.token:
            raise Problem(403, "Read only", "start the service with --write to change its store")
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        is_right = hmac.compare_digest(given.strip().encode(), self.token.encode())
        if scheme.lower() != "bearer" or not is_right:
            asked = {"WWW-Authenticate": 'Bearer realm="kg"'}
            detail = "send the header Authorization: Bearer TOKEN with the service's token"
            raise Problem(401, "Token needed", detail, asked)
