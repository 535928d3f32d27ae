"""What changes or writes out a store, as steps that a child process takes and is killed over.

Run as a script it takes a step for each line of standard input, each in a child process of
its own: nothing is imported again, so that many can be started and killed in a short time.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from build_sample import build, make_articles, tell

from kg.build import remove
from kg.entities import list_decisions, merge, undo
from kg.errors import KGError
from kg.export import export
from kg.serve import Limits, LocalEngine, Request, Service, handle, open_engine
from kg.store import open_store

ARTICLES = make_articles(6)
GRAPH = "http://example.org/written"
TOKEN = "sesame"
_OPENED = frozenset(["serve"])


@contextlib.contextmanager
def memory_folder() -> Iterator[Path]:
    """Give a folder in memory where there is one.

    What is killed is a process and not the system, so that nothing has to reach a disk.
    """
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


class Stage:
    """A process whose children take steps, and can be killed on the way."""

    def __enter__(self) -> Stage:
        self._lasts: dict[str, float] = {}
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()

    def run(self, step: str, folder: Path, *told: Any, room: int | None = None) -> str:
        """Take a step to its end; return what went wrong, or nothing.

        `room` is how many bytes any file may come to hold, once the store is open; where it
        is negative, the system kills who writes the next one.
        """
        self._start(step, folder, told, room)
        return self._finish(step)

    def kill(self, step: str, folder: Path, *told: Any, moment: float) -> bool:
        """Kill a step at a moment, in shares of the time that it takes.

        Say whether it was killed before it told that it was done.
        """
        child = self._start(step, folder, told, None)
        time.sleep(moment * self._lasts[step])
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        return self._finish(step) == "killed"

    def _start(self, step: str, folder: Path, told: tuple[Any, ...], room: int | None) -> int:
        self._send(step, folder, told, room)
        return int(self._read())

    def _send(self, step: str, folder: Path, told: tuple[Any, ...], room: int | None) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([step, str(folder), room, told]) + "\n")
        self._process.stdin.flush()

    def _finish(self, step: str) -> str:
        lines = list(iter(self._read, "ended"))
        if not lines:
            return "killed"
        word, _, rest = lines[0].partition(" ")
        if word == "failed":
            return rest
        before = self._lasts.get(step, float(rest))
        self._lasts[step] = (before + float(rest)) / 2
        return ""

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def _build(folder: Path, numbers: list[int]) -> Iterator[None]:
    with open_store(folder) as store:
        yield
        build(store, [ARTICLES[number] for number in numbers])


def _remove(folder: Path, numbers: list[int]) -> Iterator[None]:
    with open_store(folder) as store:
        yield
        remove([ARTICLES[number].id for number in numbers], store=store)


def _merge(folder: Path, one: str, other: str) -> Iterator[None]:
    with open_store(folder) as store:
        yield
        merge(store, one, other, by="Ada Reviewer", at=date(2026, 1, 5))


def _undo(folder: Path) -> Iterator[None]:
    with open_store(folder) as store:
        yield
        undo(store, [decision.number for decision in list_decisions(store)])


def _update(folder: Path, text: str) -> Iterator[None]:
    """Send an update to the service, which works in this process."""
    store = open_store(folder)
    yield
    with contextlib.closing(LocalEngine(store, Limits())) as engine:
        _ask(Service(engine, token=TOKEN), text)


def _serve(folder: Path, text: str) -> Iterator[None]:
    """Send an update to the service, which works in processes of its own."""
    limits = Limits(workers=1)
    with contextlib.closing(open_engine(folder, limits, writes=True)) as engine:
        yield
        _ask(Service(engine, limits, token=TOKEN), text)


def _ask(service: Service, text: str) -> None:
    headers = {
        "content-type": "application/sparql-update",
        "authorization": f"Bearer {TOKEN}",
    }
    response = handle(Request("POST", "/sparql", "", headers, text.encode()), service)
    if response.status >= 400:
        raise KGError(f"{response.status} {response.body.decode()}")


def _export(folder: Path, target: str, format_: str) -> Iterator[None]:
    with open_store(folder, read_only=True) as store:
        yield
        export(store, Path(target), format=format_)


_STEPS: dict[str, Callable[..., Iterator[None]]] = {
    "build": _build,
    "remove": _remove,
    "merge": _merge,
    "undo": _undo,
    "update": _update,
    "serve": _serve,
    "export": _export,
}


def take(step: str, folder: str, room: int | None, told: list[Any]) -> None:
    """Take a step in this process, and tell of its begin and end."""
    os.setsid()
    began = time.monotonic()
    is_opened = step in _OPENED
    if not is_opened:
        tell(os.getpid())
    try:
        steps = _STEPS[step](Path(folder), *told)
        next(steps)
        if is_opened:
            tell(os.getpid())
            began = time.monotonic()
        if room is not None:
            if room < 0:
                signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_FSIZE, (abs(room), abs(room)))
        next(steps, None)
        tell("done", time.monotonic() - began)
    except KGError as error:
        tell("failed", " ".join(str(error).split()))


def main() -> None:
    for line in sys.stdin:
        step, folder, room, told = json.loads(line)
        child = os.fork()
        if child == 0:
            take(step, folder, room, told)
            os._exit(0)
        os.waitpid(child, 0)
        tell("ended")


if __name__ == "__main__":
    main()
