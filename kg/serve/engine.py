"""The engine of a store in a folder: workers read it, and one more process changes it.

Readers look at a copy that nobody writes. Every change makes a new one (by hard links, so
that it takes no time and no room), which readers see from then on; those at work on an
older one finish with it undisturbed.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import StoreError
from kg.serve.jobs import Answer, Drop, Job, Limits, Query, ReadGraph, Update, WriteGraph
from kg.serve.messages import Problem
from kg.serve.service import Engine, LocalEngine
from kg.serve.workers import Pool, Worker
from kg.store import MEMORY, Store, open_store

__all__ = ["FolderEngine", "open_engine"]

_COPIES = "serving"


def open_engine(
    location: str | Path, limits: Limits, *, writes: bool = False, in_process: bool = False
) -> Engine:
    """Return what answers jobs on the store at a location.

    A folder is worked on by other processes, unless `in_process` asks for none: that starts
    at once, for a request or two, and stops nothing in its course. So are stores in memory
    and on other servers. Raises StoreError where the store cannot be opened.
    """
    if in_process or str(location) == MEMORY or "://" in str(location):
        return LocalEngine(open_store(location, read_only=not writes), limits)
    return FolderEngine(Path(location), limits, writes=writes)


class FolderEngine:
    """Answers jobs on the store in a folder, each within its time.

    With `writes` it holds the store for itself alone, and nobody else may open it. Raises
    StoreError where the store cannot be opened.
    """

    def __init__(self, folder: Path, limits: Limits, *, writes: bool = False) -> None:
        self.folder: Path | None = folder
        self._pool = Pool(limits)
        self._writer = _Writer(folder, limits) if writes else None
        self._shown = _State(self._writer.do(None)[1] if self._writer else folder)
        self._counting = threading.Lock()
        self._turn = threading.Lock()
        self.revision = 0
        try:
            self._shown.open()
        except StoreError:
            self.close()
            raise

    def read(self, job: Query | ReadGraph) -> Answer:
        """Return the answer to a job that changes nothing."""
        with self._hold() as state:
            return self._pool.do(job, state.folder)

    def write(self, job: Update | WriteGraph | Drop) -> Answer:
        """Return the answer to a job that changes the store; readers see the change."""
        if self._writer is None:
            raise Problem(403, "Read only", "start the service with --write to change its store")
        with self._turn:
            answer, folder = self._writer.do(job)
            with self._counting:
                before, self._shown = self._shown, _State(folder)
                self.revision += 1
                self._discard(before)
        return answer

    @contextmanager
    def open(self) -> Iterator[Store]:
        """Give the store as it is now."""
        with self._hold() as state:
            with self._counting:
                store = state.open()
            yield store

    def close(self) -> None:
        """Stop the processes and release the store."""
        self._pool.close()
        self._shown.close()
        if self._writer is not None:
            self._writer.close()

    @contextmanager
    def _hold(self) -> Iterator[_State]:
        """Give the newest state, which stays while it is held."""
        with self._counting:
            state = self._shown
            state.holders += 1
        try:
            yield state
        finally:
            with self._counting:
                state.holders -= 1
                self._discard(state)

    def _discard(self, state: _State) -> None:
        """Remove a state that is neither shown nor held any more."""
        if state is not self._shown and not state.holders:
            state.close()
            shutil.rmtree(state.folder, ignore_errors=True)


class _State:
    """A store in a folder that nobody writes to, and how many are reading it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.holders = 0
        self._store: Store | None = None

    def open(self) -> Store:
        """Return it for this process, opened once."""
        if self._store is None:
            self._store = open_store(self.folder, read_only=True)
        return self._store

    def close(self) -> None:
        """Release it in this process."""
        if self._store is not None:
            self._store.close()


class _Writer:
    """The process that changes a store and copies it after every change."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        self._number = 0
        self._worker = Worker(limits, writes=True)
        try:
            self._worker.do(None, folder)
        except BaseException:
            self._worker.stop()
            raise
        # The store is ours alone now: what lies here was left by a service that was killed.
        shutil.rmtree(folder / _COPIES, ignore_errors=True)
        (folder / _COPIES).mkdir()

    def do(self, job: Job | None) -> tuple[Answer, Path]:
        """Return the answer to a job and the copy of what came of it. Raises Problem."""
        if not self._worker.is_alive:
            self._worker = Worker(self._limits, writes=True)
        self._number += 1
        copy = self._folder / _COPIES / str(self._number)
        return self._worker.do(job, self._folder, copy=copy), copy

    def close(self) -> None:
        """Stop the process and remove the copies."""
        self._worker.stop()
        shutil.rmtree(self._folder / _COPIES, ignore_errors=True)
