"""Counts what the tests try and measure, and writes the table of docs/trust.md.

`tally` counts; at the end of a run with `--update-trust` each row for which the run counted
something is written anew, and the others stay.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

__all__ = ["PAGE", "counts", "read_table", "tally", "write_table"]

PAGE = Path(__file__).parent.parent / "docs" / "trust.md"

counts: Counter[str] = Counter()


def tally(what: str, number: int = 1) -> None:
    """Add to what this run counted."""
    counts[what] += number


def _share(part: str, whole: str) -> Callable[[], str]:
    return lambda: f"{counts[part] / counts[whole]:.1%} of {counts[whole]:,}"


def _speed() -> str:
    bare = counts["articles"] / counts["milliseconds without gates"] * 1000
    gated = counts["articles"] / counts["milliseconds with gates"] * 1000
    inside = counts["milliseconds inside gates"] / counts["milliseconds with gates"]
    return f"{gated:.2f} articles a second of a core, {bare:.2f} without; {inside:.1%} of the time"


# Each row: what must have been counted for it, and what it then says.
_ROWS: dict[str, tuple[str, Callable[[], str]]] = {
    "Bad inputs tried": ("inputs", lambda: f"{counts['inputs']:,}"),
    "Kills survived": ("kills", lambda: f"{counts['kills']:,}"),
    "Hostile queries refused": (
        "queries",
        lambda: f"{counts['queries refused']:,} of {counts['queries']:,}; the others answered",
    ),
    "Pairs of modality right": ("pairs", _share("pairs right", "pairs")),
    "Facts with evidence": ("facts", _share("facts with evidence", "facts")),
    "Graph conforming": ("nodes", _share("nodes conforming", "nodes")),
    "Cost of the gates": ("milliseconds with gates", _speed),
}


def read_table() -> dict[str, str]:
    """Return the figures that the page states, by row."""
    found = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", PAGE.read_text(), re.MULTILINE)
    return {name.strip(): figure.strip() for name, figure in found if name.strip() in _ROWS}


def write_table() -> None:
    """Write the rows for which this run counted something."""
    page = PAGE.read_text(encoding="utf-8")
    for name, (needed, write) in _ROWS.items():
        if counts[needed]:
            row = re.compile(rf"^\| {re.escape(name)} \| [^|]+ \|", re.MULTILINE)
            page = row.sub(lambda _, n=name, w=write: f"| {n} | {w()} |", page)
    PAGE.write_text(page, encoding="utf-8")
