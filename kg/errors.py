"""Every error that kg raises on purpose, in one tree.

    KGError
    ├── UsageError            the request itself cannot be carried out
    ├── SourceError           a source cannot become an article; others go on
    │   ├── UnreadableSource      missing, no permission, broken container or encoding
    │   ├── UnsupportedSource     binary, or no reader for this kind of file
    │   ├── EmptySource           no text left once the page furniture is gone
    │   ├── OversizeSource        more text than an article may hold
    │   ├── StoppedSource         took more time or memory than an article may, or broke its reader
    │   └── LanguageError         the text is not English
    ├── OntologyError         an ontology, shapes or pattern file is not usable
    ├── ModelError            the trained model is missing, damaged or of another version
    ├── StoreError            the store cannot be opened, read or written
    │   └── RefusedChange         its server will not carry out a change
    ├── QueryError            a SPARQL query or update is refused or fails
    ├── ExportError           a graph cannot be written in the format asked for
    └── MissingExtra          an optional dependency is not installed

A message says what went wrong, where (file, line, offset), and what to do next.
"""

from __future__ import annotations

__all__ = [
    "EmptySource",
    "ExportError",
    "KGError",
    "LanguageError",
    "MissingExtra",
    "ModelError",
    "OntologyError",
    "OversizeSource",
    "QueryError",
    "RefusedChange",
    "SourceError",
    "StoppedSource",
    "StoreError",
    "UnreadableSource",
    "UnsupportedSource",
    "UsageError",
]


class KGError(Exception):
    """Something went wrong that the user can do something about."""


class UsageError(KGError):
    """The request cannot be carried out as it was made."""


class SourceError(KGError):
    """A source cannot become an article.

    `source` is the file or address, `place` the line, record or offset in it where
    the fault lies (empty when the whole source is at fault), `reason` one sentence.
    """

    def __init__(self, source: str, reason: str, *, place: str = "") -> None:
        super().__init__(source, reason)  # what a copy is made with
        self.source = source
        self.reason = reason
        self.place = place

    def __str__(self) -> str:
        where = f"{self.source}:{self.place}" if self.place else self.source
        return f"{where}: {self.reason}"

    def __reduce__(self) -> tuple[object, ...]:
        return _make_again, (type(self), self.source, self.reason, self.place)


def _make_again(kind: type[SourceError], source: str, reason: str, place: str) -> SourceError:
    """Return an error that came from another process."""
    return kind(source, reason, place=place)


class UnreadableSource(SourceError):
    """The source is missing, not permitted, or broken."""


class UnsupportedSource(SourceError):
    """The source is binary, or of a kind that no reader knows."""


class EmptySource(SourceError):
    """The source holds no text of an article."""


class OversizeSource(SourceError):
    """The source holds more text than an article may."""


class StoppedSource(SourceError):
    """Reading the source took more time or memory than it may, or broke its reader."""


class LanguageError(SourceError):
    """The text is in another language than English."""


class OntologyError(KGError):
    """An ontology, shapes or pattern file is not usable."""


class ModelError(KGError):
    """The trained model is missing, damaged or of another version."""


class StoreError(KGError):
    """The store cannot be opened, read or written."""


class RefusedChange(StoreError):
    """The server of the store will not carry out a change; another one it may."""


class QueryError(KGError):
    """A SPARQL query or update is refused or fails."""


class ExportError(KGError):
    """A graph cannot be written in the format asked for."""


class MissingExtra(KGError):
    """An optional dependency is not installed.

    The message names the pip command that installs it.
    """

    def __init__(self, extra: str, *, needed_for: str) -> None:
        super().__init__(f"{needed_for} needs more packages: pip install 'kg-builder[{extra}]'")
        self.extra = extra
