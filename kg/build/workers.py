"""Processes that work through items, each item at its own risk.

    with Workers([work], limits) as workers:
        for items, results in workers.map(0, items): ...

A work is a function from items to results, one for each and in order. Items go to a process
in batches. Where one takes too long or too much memory, or ends the process, the others of
its batch are done again, one by one, in a process of their own: so it costs only itself.
"""

from __future__ import annotations

import pickle
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import Any, Self

from kg.build.limits import Limits
from kg.build.worker import Begun, Done, Failed, Result, Worker
from kg.errors import KGError, UsageError

__all__ = ["Lost", "Work", "Workers", "measure"]

Work = Callable[[Iterable[Any]], Iterable[Any]]

# Items of a batch: as many as the pipeline reads at once; and characters, or hundreds of bytes.
_ITEMS = 16
_SIZE = 100_000
# How long starting a process, and loading a model, may take.
_START_SECONDS = 300.0
# Systems wait for no more than some weeks.
_LONGEST_WAIT = 3600.0
# Processes in a row that may end before they do anything.
_FALSE_STARTS = 2


@dataclass(frozen=True, slots=True)
class Lost:
    """An item that gave no result, and why."""

    item: Any
    reason: str


@dataclass(slots=True)
class _Batch:
    """Items to be done, in the parts in which they are sent, and the results so far."""

    work: int
    parts: deque[Sequence[Any]]
    items: Sequence[Any]
    results: list[Any] = field(default_factory=list)
    answered: int = 0


def measure(item: Any) -> int:  # noqa: ANN401 - whatever is worked through
    """Return the size of an item: characters of a text, hundreds of bytes of a file."""
    text = getattr(item, "text", None)
    return len(text) if isinstance(text, str) else len(getattr(item, "data", b"")) // 100


class Workers:
    """Processes that are started when there is work, and replaced when they end."""

    def __init__(self, works: Sequence[Work], limits: Limits) -> None:
        try:
            pickle.dumps(works)
        except (AttributeError, TypeError, pickle.PicklingError) as error:
            reason = "what works in other processes must be a function of a module"
            raise UsageError(f"{reason}: {error}") from error
        self._works = works
        self._limits = limits
        self._workers: dict[Worker, _Batch | None] = {}
        self._waiting: deque[_Batch] = deque()
        self._false_starts = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.stop()
        self._workers.clear()

    def map(self, work: int, items: Iterable[Any]) -> Iterator[tuple[Sequence[Any], Sequence[Any]]]:
        """Yield batches of the items, in order, each with its results.

        An item that cost its process has a Lost in the place of its result. Items are taken
        ahead, so that no process waits for them. Raises KGError where a process cannot even
        be made ready.
        """
        begun: deque[_Batch] = deque()
        for part in _cut(items):
            begun.append(_Batch(work, deque([part]), part))
            self._waiting.append(begun[-1])
            self._assign()
            while len(begun) > self._limits.processes:
                yield self._finish(begun.popleft())
        while begun:
            yield self._finish(begun.popleft())

    def _finish(self, batch: _Batch) -> tuple[Sequence[Any], Sequence[Any]]:
        while batch.parts:
            self._assign()
            self._attend()
        return batch.items, batch.results

    def _assign(self) -> None:
        """Give what waits to processes that have nothing to do."""
        while self._waiting:
            idle = next((w for w, batch in self._workers.items() if batch is None), None)
            if idle is None and len(self._workers) < self._limits.processes:
                idle = Worker(self._works, self._limits.memory)
            if idle is None:
                return
            batch = self._waiting.popleft()
            batch.answered = 0
            self._workers[idle] = batch
            idle.deadline = time.monotonic() + _START_SECONDS
            idle.send(batch.work, batch.parts[0], self._allow(batch.parts[0]))

    def _allow(self, items: Sequence[Any]) -> float:
        """Return how long the next result may take, in seconds."""
        return self._limits.seconds * (1 + max(map(measure, items)) // _SIZE)

    def _attend(self) -> None:
        """Wait for a process to say something, or to run out of time."""
        busy = {w.connection: w for w, batch in self._workers.items() if batch is not None}
        patience = min(worker.deadline for worker in busy.values()) - time.monotonic()
        for connection in wait(list(busy), min(max(0.0, patience), _LONGEST_WAIT)):
            worker = next(w for c, w in busy.items() if c is connection)
            self._hear(worker)
        for worker in busy.values():
            if worker in self._workers and time.monotonic() > worker.deadline:
                self._lose(worker, _too_slow(self._limits.seconds))

    def _hear(self, worker: Worker) -> None:
        batch = self._workers[worker]
        if batch is None:  # pragma: no cover - only who has work speaks
            return
        match worker.receive():
            case Begun():
                self._false_starts = 0
                worker.deadline = time.monotonic() + self._allow(batch.parts[0])
            case Result(value):
                batch.results.append(value)
                batch.answered += 1
                worker.deadline = time.monotonic() + self._allow(batch.parts[0])
            case Done():
                batch.parts.popleft()
                self._free(worker, batch)
            case Failed(reason, error):
                if error is not None and not worker.has_begun:
                    raise error
                self._lose(worker, reason or _too_large(self._limits.memory))

    def _free(self, worker: Worker, batch: _Batch) -> None:
        self._workers[worker] = None
        worker.deadline = float("inf")
        if batch.parts:
            self._waiting.appendleft(batch)

    def _lose(self, worker: Worker, reason: str) -> None:
        """Replace a process; what it had not done is done again one by one, or is lost."""
        batch = self._workers.pop(worker)
        worker.stop()
        if batch is None:  # pragma: no cover - only who has work is lost
            return
        if worker.has_begun:
            left = batch.parts.popleft()[batch.answered :]
            if len(left) == 1:
                batch.results.append(Lost(left[0], reason))
            else:
                batch.parts.extendleft([item] for item in reversed(left))
        else:
            self._false_starts += 1
            if self._false_starts > _FALSE_STARTS:
                raise KGError(f"no process to read articles can be started: {reason}")
        if batch.parts:
            self._waiting.appendleft(batch)


def _cut(items: Iterable[Any]) -> Iterator[Sequence[Any]]:
    """Yield the items in batches of bounded length and size."""
    part: list[Any] = []
    size = 0
    for item in items:
        own = measure(item)
        if part and (len(part) >= _ITEMS or size + own > _SIZE):
            yield part
            part, size = [], 0
        part.append(item)
        size += own
    if part:
        yield part


def _too_slow(seconds: float) -> str:
    return f"reading it took longer than {seconds:g} seconds: split it, or allow it more"


def _too_large(memory: int) -> str:
    size = f"{memory / (1 << 30):.3g} GiB"
    return f"reading it took more than {size} of memory: split it, or allow it more"
