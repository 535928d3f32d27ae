"""Writes tables of facts for reviewers, and reads what came back from a spreadsheet."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from kg.errors import SourceError, UnreadableSource, UsageError
from kg.export.tables import defuse

__all__ = ["COLUMNS", "ReviewRow", "read_table", "write_table"]

_DELIMITERS = ",;\t"
_NEEDED = ("id", "verdict")


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A fact with the sentence that states it best, and room for a verdict.

    The names of the fields are the columns. `reason` says why a quarantined statement is
    one; a reviewer fills in the cells from `verdict` to `date`. `place` is the line that
    the row was read from.
    """

    id: str = ""
    subject: str = ""
    predicate: str = ""
    object: str = ""
    modality: str = ""
    sentence: str = ""
    verdict: str = ""
    corrected_subject: str = ""
    corrected_predicate: str = ""
    corrected_object: str = ""
    corrected_modality: str = ""
    note: str = ""
    reviewer: str = ""
    date: str = ""
    article: str = ""
    title: str = ""
    confidence: str = ""
    subject_class: str = ""
    object_class: str = ""
    reason: str = ""
    place: str = ""


COLUMNS = tuple(field.name for field in fields(ReviewRow) if field.name != "place")
"""The columns of a table, in their order."""


def write_table(rows: Iterable[ReviewRow], *, delimiter: str = ",") -> bytes:
    """Return rows as CSV (RFC 4180), or with tabs, in UTF-8 with the mark that Excel needs.

    A cell that a spreadsheet would run as a formula begins with an apostrophe, which
    `read_table` takes away again.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(map(defuse, astuple(row)[: len(COLUMNS)]))
    return stream.getvalue().encode("utf-8-sig")


def read_table(path: Path) -> Iterator[ReviewRow | SourceError]:
    """Yield the rows of a table, and in the place of a malformed one what is wrong with it.

    The delimiter is a comma, semicolon or tab; columns may stand in any order, be left out
    or be new ones. Raises UnreadableSource where the file cannot be read, UsageError where
    its first line does not name the columns.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableSource(str(path), f"it cannot be read: {error.strerror}") from error
    lines = list(io.StringIO(_decode(content), newline=""))
    head = lines[0] if lines else ""
    delimiter = max(_DELIMITERS, key=head.count)
    columns = [name.strip().lower() for name in next(csv.reader([head], delimiter=delimiter), [])]
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise UsageError(
            f"{path}: its first line names no column {' and '.join(missing)}: "
            "`kg review export` writes a table with all of them"
        )
    for place, cells in _read_records(lines, delimiter):
        if isinstance(cells, str):
            yield SourceError(str(path), cells, place=place)
        elif len(cells) > len(columns) and any(cells[len(columns) :]):
            reason = f"it has {len(cells)} cells, and there are {len(columns)} columns"
            yield SourceError(str(path), reason, place=place)
        elif any(map(str.strip, cells)):
            told = dict(zip(columns, map(_arm, cells), strict=False))
            yield ReviewRow(**{c: told[c] for c in COLUMNS if c in told}, place=place)


def _read_records(lines: Sequence[str], delimiter: str) -> Iterator[tuple[str, list[str] | str]]:
    """Yield the cells of each record, or what is wrong with it, with its first line.

    A quote that is never closed would take the rest of the file with it: then its line
    alone is malformed, and reading goes on with the next.
    """
    start = 1
    while start < len(lines):
        reader = csv.reader(lines[start:], delimiter=delimiter, strict=True)
        read = 0
        try:
            for cells in reader:
                yield f"line {start + read + 1}", cells
                read = reader.line_num
            return
        except csv.Error as error:
            yield f"line {start + read + 1}", f"it is no row of a table: {error}"
            start += read + 1


def _decode(content: bytes) -> str:
    """Return the text of a file in the encodings that spreadsheets write."""
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _arm(cell: str) -> str:
    """Return a cell as it was before it was made harmless."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and defuse(text[1:]) != text[1:] else text
