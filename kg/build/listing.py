"""Lists the files of folders, and tells which have settled since the last look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kg.articles import Source, find_sources
from kg.errors import EmptySource, SourceError, UnreadableSource

__all__ = ["Listing", "State", "look"]

State = tuple[str, int, int, int]
"""The id of a file's article, and what the system tells of the file that changes with it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of some folders by path, in the order in which they are built.

    `states` change whenever the article of a file may have.
    """

    files: dict[str, Source]
    states: dict[str, State]


def look(
    folders: Sequence[str], *, on_error: Callable[[SourceError], None] | None = None
) -> Listing | None:
    """Return the files of the folders; None where one of the folders itself cannot be read.

    An empty folder is no fault here. What cannot be read goes to `on_error`.
    """
    errors: list[SourceError] = []
    sources = find_sources(folders, on_error=errors.append)
    lost = [e for e in errors if isinstance(e, UnreadableSource) and e.source in folders]
    empty = [e for e in errors if isinstance(e, EmptySource) and e.source in folders]
    for error in lost or errors:
        if on_error is not None and error not in empty:
            on_error(error)
    if lost:
        return None
    files: dict[str, Source] = {}
    states: dict[str, State] = {}
    for source in sources:
        if source.path is None:
            continue
        try:
            told = source.path.stat()
        except OSError:
            continue  # gone since it was listed
        path = str(source.path)
        files[path] = source
        states[path] = (source.id, told.st_size, told.st_mtime_ns, told.st_ino)
    return Listing(files, states)
