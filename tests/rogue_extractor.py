"""An extractor that does to its process what each article's first word says."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from build_sample import extract as extract_well

from kg.model import Article, Extraction


def extract(articles: Iterable[Article]) -> Iterator[Extraction]:
    for article in articles:
        HARMS.get(article.text.partition(" ")[0], int)()
        yield from extract_well([article])


def _hang() -> None:
    while True:
        time.sleep(60)


def _spin() -> None:
    while True:
        pass


def _allocate() -> None:
    held = []
    while True:
        held.append(bytearray(16 << 20))


def _recurse(depth: int = 0) -> None:
    sys.setrecursionlimit(1 << 30)
    _recurse(depth + 1)


def _exit() -> None:
    os._exit(7)


def _crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _fail() -> None:
    raise ValueError("no\nsuch\twords")


def _give_up() -> None:
    raise KeyboardInterrupt


HARMS: dict[str, Callable[[], Any]] = {
    "Hanging": _hang,
    "Spinning": _spin,
    "Allocating": _allocate,
    "Recursing": _recurse,
    "Exiting": _exit,
    "Crashing": _crash,
    "Failing": _fail,
    "Interrupting": _give_up,
}
