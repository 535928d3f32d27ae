"""What the commands say on standard error: progress bars, refusals, closing lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from kg.errors import SourceError

if TYPE_CHECKING:
    from kg.build import Progress
    from kg.build.report import Counts
    from kg.records import FactRecord

__all__ = ["Refusals", "count", "print_facts", "progress_bar", "track"]


class Refusals:
    """Prints each refused input as it comes, and remembers that there were some."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, error: SourceError) -> None:
        """Print one line: file, place, reason."""
        self.count += 1
        click.echo(click.style("refused ", fg="yellow") + str(error), err=True)

    @property
    def exit_code(self) -> int:
        """1 if anything was refused, else 0."""
        return int(self.count > 0)

    def judge(self, *, is_anything_done: bool) -> int:
        """Return the exit code: 2 where all was refused, 1 where something was, else 0."""
        return self.exit_code if is_anything_done else 2 * self.exit_code


def print_facts(records: Iterable[FactRecord]) -> None:
    """Print facts as a table, each with its first sentence."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("Subject", "Predicate", "Object", "Modality", "Conf.", "Sentence")
    for record in records:
        object_ = record["object"]
        cells = (
            record["subject"]["name"],
            record["predicate"],
            object_["name"] if "name" in object_ else object_["text"],
            record["modality"],
            f"{record['confidence']:.2f}",
            record["evidence"][0]["quote"],
        )
        # Text, so that brackets in an article are not read as rich's markup.
        table.add_row(*map(Text, cells))
    Console().print(table)


def track(sources: Sequence[str], description: str, *, quiet: bool) -> Iterable[str]:
    """Return the sources, with a progress bar that follows them on a terminal."""
    if quiet or not sys.stderr.isatty():
        return sources
    from rich.console import Console
    from rich.progress import track as follow

    return follow(sources, description, console=Console(stderr=True), transient=True)


def count(counts: Counts) -> str:
    """Return in words how much a store holds."""
    return f"{counts.articles} articles, {counts.entities} entities, {counts.facts} facts"


class _Bar:
    """Draws with rich what a build tells."""

    def __init__(self, description: str) -> None:
        from rich.console import Console
        from rich.progress import Progress as RichProgress
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

        self.rich = RichProgress(
            SpinnerColumn(),
            TextColumn("[progress.description]{task.description}"),
            TextColumn("{task.completed} articles"),
            TextColumn("{task.fields[article]}", markup=False),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self.rich.add_task(description, total=None, article="")

    def __call__(self, progress: Progress) -> None:
        self.rich.update(self._task, completed=progress.done, article=progress.article[:40])


@contextmanager
def progress_bar(description: str, *, quiet: bool) -> Iterator[Callable[[Progress], None] | None]:
    """Give what draws the progress of a build; None in a pipe or when quiet."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    bar = _Bar(description)
    with bar.rich:
        yield bar
