"""One process that works through items, and what it says while it does."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any

from kg.errors import KGError

__all__ = ["Begun", "Done", "Failed", "Result", "Worker"]

# How long beyond its time a process lives on where nobody is left to end it.
_GRACE_SECONDS = 30.0
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Begun:
    """All that the work needs is loaded, and the items are begun."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the next item gave."""

    value: Any


@dataclass(frozen=True, slots=True)
class Done:
    """The items are done."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The process ends: why, where it is not for want of memory.

    `error` is what keeps the work from being done at all, on whatever item.
    """

    reason: str = ""
    error: KGError | None = None


@dataclass(frozen=True, slots=True)
class _Order:
    """Items to be done, and how long each may take before the process ends itself."""

    work: int
    items: Sequence[Any]
    seconds: float


class Worker:
    """A process and the line to it. `deadline` is when it should have said something."""

    def __init__(self, works: Sequence[Callable[..., Any]], memory: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, far_end = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(far_end, works, memory), daemon=True, name="kg-reader"
        )
        self._process.start()
        far_end.close()
        self.deadline = float("inf")
        self.has_begun = False

    def send(self, work: int, items: Sequence[Any], seconds: float) -> None:
        """Give the process items to do; what keeps it from hearing of them is heard later."""
        self.has_begun = False
        with contextlib.suppress(OSError):
            self.connection.send(_Order(work, items, seconds))

    def receive(self) -> Begun | Result | Done | Failed:
        """Return what the process says; that it ended, where it has."""
        try:
            message: Begun | Result | Done | Failed = self.connection.recv()
        except (EOFError, OSError):
            self._process.join(1)
            return Failed(_explain_end(self._process.exitcode))
        self.has_begun = self.has_begun or isinstance(message, Begun)
        return message

    def stop(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def _explain_end(code: int | None) -> str:
    """Return why a process ended that had not said so."""
    how = f"with exit code {code}"
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            how = f"by {signal.Signals(-code).name}"
    return f"reading it ended the process that did, {how}: leave it out, and report this"


def _serve(connection: Connection, works: Sequence[Callable[..., Any]], memory: int) -> None:
    """Do orders until nobody gives any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What libraries say as they die is told by the parent, in one line.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stderr__.fileno() if sys.__stderr__ else 2)
    loaded: set[int] = set()
    with contextlib.suppress(EOFError, BrokenPipeError), _Confession(connection):
        while True:
            order: _Order = connection.recv()
            work = works[order.work]
            if order.work not in loaded:
                _bound_memory(None)
                _exhaust(work(()))
                loaded.add(order.work)
                _bound_memory(memory)
            connection.send(Begun())
            _arm(order.seconds)
            for value in work(order.items):
                connection.send(Result(value))
                _arm(order.seconds)
            _arm(0)
            connection.send(Done())


def _exhaust(results: Iterable[Any]) -> None:
    """Have a work load what it needs, by doing no item at all."""
    for _ in results:
        pass


class _Confession:
    """Says what went wrong before the process ends by it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Tell of an error, and let only those of the line through."""
        if isinstance(error, EOFError | BrokenPipeError) or not isinstance(error, Exception):
            return False
        # What led here may hold most of the memory that there is.
        del trace
        error.__traceback__ = None
        _bound_memory(None)
        if isinstance(error, MemoryError):
            failed = Failed()
        elif isinstance(error, KGError):
            failed = Failed(str(error), error)
        else:
            told = " ".join(f"{type(error).__name__}: {error}".split())[:_LONGEST]
            failed = Failed(f"reading it failed ({told}): leave it out, and report this")
        self._connection.send(failed)
        return True


def _arm(seconds: float) -> None:
    """Have the system end this process some time after its parent should have; 0 disarms.

    The signal's own action ends it, which no call into a library can hold up.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE_SECONDS if seconds else 0)


def _bound_memory(limit: int | None) -> None:
    """Let this process take so many bytes more than it has, where the system sees to it."""
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    soft = hard if limit is None else _measure_data() + limit
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _measure_data() -> int:
    """Return how many bytes of memory of its own this process has."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123 - no file
            lines = dict(line.split(":", 1) for line in file)
    except OSError:  # pragma: no cover - other systems than Linux
        return 0
    return int(lines["VmData"].split()[0]) * 1024
