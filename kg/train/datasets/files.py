"""Reads the containers that data sets come in."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from kg.errors import UnreadableSource

__all__ = ["in_part", "read_json", "read_lines", "read_records"]

# Sets without a part of their own for development give up this share of their documents.
_DEV_SHARE = 0.15


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 file, gzipped where its name ends in `.gz`.

    Raises UnreadableSource where the file is missing or damaged.
    """
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
                yield from lines
        else:
            with path.open(encoding="utf-8", newline="\n") as lines:
                yield from lines
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UnreadableSource(str(path), f"cannot be read: {error}") from error


def read_records(path: Path) -> Iterator[Any]:
    """Yield the records of a JSON Lines file; UnreadableSource names a broken line."""
    for number, line in enumerate(read_lines(path), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except json.JSONDecodeError as error:
                raise UnreadableSource(str(path), str(error), place=str(number)) from error


def read_json(path: Path) -> Any:  # noqa: ANN401 - JSON holds anything
    """Return the content of a JSON file; UnreadableSource where it is none."""
    try:
        return json.loads("".join(read_lines(path)))
    except json.JSONDecodeError as error:
        raise UnreadableSource(str(path), str(error)) from error


def in_part(id_: str, part: str) -> bool:
    """Tell whether a document of a set without parts belongs to `train` or `dev`.

    The share of `dev` is 15 percent; a document stays where it is whatever else is read.
    """
    share = int.from_bytes(sha256(id_.encode()).digest()[:4], "big") / 2**32
    return (share < _DEV_SHARE) == (part == "dev")
