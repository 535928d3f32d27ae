"""What `kg build --watch` does: follows folders until it is stopped, and tells of every change."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.report import count
from kg.errors import KGError, SourceError

if TYPE_CHECKING:
    from kg.build import Limits, Rest

__all__ = ["follow"]


def follow(
    folders: tuple[str, ...],
    *,
    store: str,
    ontology: Path | None,
    base_iri: str | None,
    min_confidence: float | None,
    model: Path | None,
    limits: Limits,
    interval: float,
    as_json: bool,
    quiet: bool,
) -> None:
    """Keep a store up to date with folders until a signal ends it."""
    from kg.build import watch
    from kg.ontology import load_ontology

    rests = watch(
        folders,
        store=store,
        ontology=load_ontology(ontology),
        base_iri=base_iri,
        min_confidence=min_confidence,
        model=model,
        limits=limits,
        on_error=_refuse,
        interval=interval,
    )
    with _ending_quietly():
        if not quiet:
            _say(f"watching {', '.join(folders)} (stop with Ctrl+C)")
        for rest in rests:
            if as_json:
                told = asdict(rest) | {"refused": [str(error) for error in rest.refused]}
                click.echo(json.dumps(told, ensure_ascii=False))
            elif not quiet:
                _say(_describe(rest, store))
    if not quiet:
        _say("stopped; nothing is lost")


@contextlib.contextmanager
def _ending_quietly() -> Iterator[None]:
    """Let Ctrl+C and SIGTERM end the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {sent: signal.getsignal(sent) for sent in (signal.SIGINT, signal.SIGTERM)}
    try:
        with contextlib.suppress(KeyboardInterrupt):
            for sent in before:
                signal.signal(sent, signal.default_int_handler)
            yield
    finally:
        for sent, handler in before.items():
            signal.signal(sent, handler)


def _describe(rest: Rest, store: str) -> str:
    numbers = {
        "added": len(rest.added),
        "changed": len(rest.changed),
        "removed": len(rest.removed),
        "refused": len(rest.refused),
    }
    told = ", ".join(f"{number} {name}" for name, number in numbers.items() if number)
    return f"{told or 'up to date'}; {store} holds {count(rest.store)}"


def _refuse(error: KGError) -> None:
    word = "refused" if isinstance(error, SourceError) else "waiting"
    _say(click.style(f"{word} ", fg="yellow") + str(error))


def _say(line: str) -> None:
    click.echo(f"{datetime.now().astimezone():%H:%M:%S} {line}", err=True)
