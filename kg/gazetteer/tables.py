"""Reads the tables: lines of cells, found by the keys in their first cell."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["FOLDER", "Table", "load_table", "split_cell"]

FOLDER = Path(__file__).parent


class Table:
    """The rows of a table in their order, which is the order of rank.

    A line stays text until its row is asked for: half a second saved on every start.
    """

    def __init__(self, text: str) -> None:
        self._lines = [line for line in text.splitlines() if line and line[0] != "#"]
        self._numbers: dict[str, int | list[int]] = {}
        numbers = self._numbers
        for number, line in enumerate(self._lines):
            for key in line.partition("\t")[0].split("|"):
                # Most keys have one row and need no list.
                known = numbers.setdefault(key, number)
                if known != number:
                    numbers[key] = [*known, number] if isinstance(known, list) else [known, number]

    def __iter__(self) -> Iterator[list[str]]:
        """Yield every row, without its keys."""
        return (line.split("\t")[1:] for line in self._lines)

    def find(self, key: str) -> list[list[str]]:
        """Return the rows that bear a key, without their keys."""
        numbers = self._numbers.get(key, [])
        numbers = [numbers] if isinstance(numbers, int) else numbers
        return [self._lines[number].split("\t")[1:] for number in numbers]


@cache
def load_table(name: str) -> Table:
    """Return the table of a name, read on first use."""
    path = FOLDER / "tables" / f"{name}.tsv"
    if path.exists():
        return Table(path.read_text(encoding="utf-8"))
    packed = path.with_name(f"{name}.tsv.gz").read_bytes()
    return Table(gzip.decompress(packed).decode("utf-8"))


def split_cell(cell: str) -> tuple[str, ...]:
    """Return the parts of a cell that holds several, such as aliases."""
    return tuple(cell.split("|")) if cell else ()
