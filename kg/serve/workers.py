"""Processes that answer jobs, and that can be stopped while they do.

The engine gives no way to call a query off, so each one runs in a process that ends when its
time is up. The process arms an alarm of its own first: it ends even if nobody is left to
end it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from kg.errors import KGError
from kg.serve.jobs import Answer, Job, Limits
from kg.serve.messages import Problem
from kg.serve.work import carry_out
from kg.store import Store, open_store

__all__ = ["Pool", "Worker"]

# How long a process may take to start, and how long beyond its alarm it is waited for.
_START_SECONDS = 60.0
_GRACE_SECONDS = 2.0
# How long copying the store after a change may take, on top.
_COPY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class _Order:
    """A job, the folder of the store to do it on, and where to copy the store afterwards."""

    job: Job | None
    folder: Path
    copy: Path | None = None


class Worker:
    """One process that does one job at a time. `writes` holds the store for itself alone."""

    def __init__(self, limits: Limits, *, writes: bool = False) -> None:
        self._limits = limits
        context = multiprocessing.get_context("spawn")
        self._connection, far_end = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(far_end, limits, writes), daemon=True, name="kg-worker"
        )
        self._process.start()
        far_end.close()
        try:
            self._receive(_START_SECONDS)
        except BaseException:
            self.stop()
            raise

    def do(self, job: Job | None, folder: Path, *, copy: Path | None = None) -> Answer:
        """Return the answer to a job on the store in a folder.

        Raises Problem, or what kept the store from being opened. A worker that ran out of
        time or memory is stopped, and `is_alive` false afterwards.
        """
        try:
            self._connection.send(_Order(job, folder, copy))
            wait = self._limits.seconds + _GRACE_SECONDS + (_COPY_SECONDS if copy else 0)
            return self._receive(wait)
        except (EOFError, OSError) as error:
            self.stop()
            raise self._explain_end() from error

    @property
    def is_alive(self) -> bool:
        """Whether it can take another job."""
        return self._process.is_alive()

    def stop(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _receive(self, seconds: float) -> Answer:
        if not self._connection.poll(seconds):
            self.stop()
            raise _too_slow(self._limits.seconds)
        reply = self._connection.recv()
        if isinstance(reply, KGError):
            raise reply
        if not isinstance(reply, Answer):  # pragma: no cover - only answers are sent
            raise TypeError(reply)
        return reply

    def _explain_end(self) -> Problem:
        if self._process.exitcode == -getattr(signal, "SIGALRM", 0):
            return _too_slow(self._limits.seconds)
        return Problem(500, "Not answered", "the request took more memory than it may, or failed")


class Pool:
    """Workers that read, started when they are needed; any number of threads may ask."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._slots: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(limits.workers):
            self._slots.put(None)
        self._admitted = threading.BoundedSemaphore(limits.workers + limits.waiting)

    def do(self, job: Job, folder: Path) -> Answer:
        """Return the answer to a job, which waits its turn. Raises Problem."""
        if not self._admitted.acquire(blocking=False):
            raise _too_many()
        try:
            with self._take() as worker:
                return worker.do(job, folder)
        finally:
            self._admitted.release()

    def close(self) -> None:
        """Stop every worker that is not at work; the others end with this process."""
        with contextlib.suppress(queue.Empty):
            while True:
                worker = self._slots.get_nowait()
                if worker is not None:
                    worker.stop()

    @contextmanager
    def _take(self) -> Iterator[Worker]:
        try:
            worker = self._slots.get(timeout=self._limits.seconds)
        except queue.Empty as error:
            raise _too_many() from error
        try:
            if worker is None or not worker.is_alive:
                worker = None
                worker = Worker(self._limits)
            yield worker
        finally:
            self._slots.put(worker if worker is not None and worker.is_alive else None)


def _serve(connection: Connection, limits: Limits, writes: bool) -> None:  # noqa: FBT001 # Process passes by place
    """Do jobs until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound_memory(limits.memory)
    connection.send(Answer())
    store, opened = None, None
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            order: _Order = connection.recv()
            try:
                if store is None or opened != order.folder:
                    if store is not None:
                        store.close()
                    store, opened = open_store(order.folder, read_only=not writes), order.folder
                connection.send(_obey(order, store, limits))
            except KGError as error:
                connection.send(error)
            except MemoryError:
                os._exit(1)


def _obey(order: _Order, store: Store, limits: Limits) -> Answer:
    answer = Answer()
    if order.job is not None:
        with _alarm(limits.seconds):
            answer = carry_out(order.job, store, limits)
    if order.copy is not None:
        store.flush()
        store.back_up(order.copy)
    return answer


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """End this process unless the block is done in time.

    The signal's own action ends it, which no call into the engine can hold up.
    """
    if not hasattr(signal, "setitimer"):  # pragma: no cover - Windows: the parent ends it
        yield
        return
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _bound_memory(limit: int) -> None:
    """Let this process take only so many bytes, where the system can see to it."""
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _too_slow(seconds: float) -> Problem:
    return Problem(503, "Out of time", f"the work was stopped after {seconds:g} seconds")


def _too_many() -> Problem:
    detail = "as many requests as may be are being answered: try again"
    return Problem(503, "Too many requests at once", detail, {"Retry-After": "1"})
