"""Keeps what a service answered, so that nothing is asked twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from kg.errors import StoreError
from kg.reconciliation.candidates import Candidate, Query, read_candidates

__all__ = ["Answers"]


class Answers:
    """The answers of one service by query: a file of lines, or memory where there is no folder.

    Losing it costs the time to ask again.
    """

    def __init__(self, folder: Path | None, service: str) -> None:
        name = hashlib.sha256(service.encode()).hexdigest()[:16]
        self._file = folder / f"{name}.jsonl" if folder is not None else None
        self._known = dict(self._read())

    def get(self, query: Query) -> tuple[Candidate, ...] | None:
        """Return the candidates for a query; None where it has not been asked."""
        return self._known.get(query)

    def put(self, answers: Iterable[tuple[Query, tuple[Candidate, ...]]]) -> None:
        """Keep the answers of a batch. Raises StoreError where they cannot be written."""
        told = list(answers)
        self._known |= dict(told)
        if self._file is None:
            return
        lines = "".join(json.dumps(_encode(*answer)) + "\n" for answer in told)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as file:
                # On a line of its own, even where another was left unfinished.
                file.write("\n" + lines)
        except OSError as error:
            raise StoreError(f"{self._file}: cannot be written: {error.strerror}") from error

    def _read(self) -> Iterable[tuple[Query, tuple[Candidate, ...]]]:
        if self._file is None or not self._file.exists():
            return
        try:
            lines = self._file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError as error:
            raise StoreError(f"{self._file}: cannot be read: {error.strerror}") from error
        for line in lines:
            try:
                name, type_, candidates = json.loads(line)
            except (ValueError, TypeError):
                continue  # empty, or its writer was ended in the middle of it
            yield Query(name, type_), read_candidates(candidates)


def _encode(query: Query, candidates: tuple[Candidate, ...]) -> list[object]:
    told = []
    for candidate in candidates:
        types = [{"id": id_, "name": name} for id_, name in candidate.types]
        told.append(asdict(candidate) | {"type": types})
    return [query.name, query.type, told]
