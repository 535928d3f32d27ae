"""The index of a store: what its articles came to, part by part, in a SQLite database.

    articles    who publishes each article, and whether it names anything
    nodes       the clusters of articles, in zones, with the entity that each came to
    points      where names meet, and the zone of all that meet there
    merged      zones that became a part of another
    things      what may be rare, by the articles that name it
    asked       the articles of which it matters to a zone what rare things they name
    entities    what is in the graph
    statements  what each article states of which fact, in the order of the article
    facts       what is in the graph of it, and what was kept out
    extractors  how many facts each is the source of

All of it follows from the extractions, and the index is named by what it follows from: where
it is missing, damaged or of other articles, the articles are resolved again, and nothing is
lost.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self

__all__ = ["FILE", "Index"]

FILE = "index.sqlite"

_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, told TEXT) WITHOUT ROWID;
CREATE TABLE articles (id TEXT PRIMARY KEY, publisher TEXT, url TEXT, is_naming INTEGER)
  WITHOUT ROWID;
CREATE TABLE nodes (
  article TEXT, number INTEGER, zone INTEGER, iri TEXT, type TEXT, told TEXT,
  PRIMARY KEY (article, number)
) WITHOUT ROWID;
CREATE TABLE points (point INTEGER PRIMARY KEY, zone INTEGER);
CREATE TABLE merged (zone INTEGER PRIMARY KEY, whole INTEGER);
CREATE TABLE things (thing TEXT, article TEXT, PRIMARY KEY (thing, article)) WITHOUT ROWID;
CREATE TABLE asked (zone INTEGER, article TEXT, PRIMARY KEY (zone, article)) WITHOUT ROWID;
CREATE TABLE entities (iri TEXT PRIMARY KEY, zone INTEGER, told TEXT) WITHOUT ROWID;
CREATE TABLE statements (
  article TEXT, place INTEGER, fact TEXT, told TEXT, PRIMARY KEY (article, place)
) WITHOUT ROWID;
CREATE TABLE facts (
  iri TEXT PRIMARY KEY, unit TEXT, subject TEXT, object TEXT, is_wary INTEGER, fact TEXT, held TEXT
) WITHOUT ROWID;
CREATE TABLE extractors (name TEXT PRIMARY KEY, uses INTEGER) WITHOUT ROWID;
"""
# Made when the tables are full, which is quicker.
_KEYS = """
CREATE INDEX nodes_by_zone ON nodes (zone);
CREATE INDEX things_by_article ON things (article);
CREATE INDEX asked_by_article ON asked (article);
CREATE INDEX entities_by_zone ON entities (zone);
CREATE INDEX statements_by_fact ON statements (fact);
CREATE INDEX facts_by_unit ON facts (unit);
CREATE INDEX wary_by_subject ON facts (subject) WHERE is_wary;
CREATE INDEX wary_by_object ON facts (object) WHERE is_wary;
"""
_WRITING = {
    table: f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * width)})"  # noqa: S608 (ours)
    for table, width in (
        *(("about", 2), ("articles", 4), ("nodes", 6), ("points", 2), ("merged", 2)),
        *(("things", 2), ("asked", 2), ("entities", 3), ("statements", 4), ("facts", 7)),
        ("extractors", 2),
    )
}
_IN_LIST = "IN (SELECT value FROM json_each(?))"


class Index:
    """An open index; close it, or use it in a `with` statement.

    What is changed after `begin` is kept by `commit`, and taken back by closing. Reading and
    changing raise sqlite3.Error where the file is damaged.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @classmethod
    def create(cls, file: Path) -> Self:
        """Return an empty index in a new file, which becomes whole by `finish`."""
        connection = sqlite3.connect(file, isolation_level=None)
        # The file gets its name when it is whole: one that is cut off is never looked at.
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        connection.executescript(f"BEGIN; {_SCHEMA}")
        return cls(connection)

    @classmethod
    def open(cls, folder: Path, name: str) -> Self | None:
        """Return the index of a name; None where it is not there, or cannot be read."""
        if not (folder / FILE).is_file():
            return None
        with suppress(sqlite3.Error):
            connection = sqlite3.connect(folder / FILE, isolation_level=None)
            try:
                index = cls(connection)
                if index.tell("name") == name:
                    return index
            except sqlite3.Error:
                pass
            connection.close()
        return None

    def finish(self) -> None:
        """Make what was written ready to be asked."""
        self._connection.executescript(_KEYS)  # which commits first

    def begin(self) -> None:
        """Begin a change, alone."""
        self._connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Keep what was changed since it began."""
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def tell(self, name: str) -> str:
        """Return what was noted under a name, or nothing."""
        rows = self.ask("SELECT told FROM about WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def note(self, name: str, told: str) -> None:
        """Note something under a name, in the place of what was."""
        self.put("about", [(name, told)])

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows that a query finds; a collection is the value of an `IN ?`."""
        with closing(self._execute(query, values)) as cursor:
            return cursor.fetchall()

    def run(self, statement: str, *values: object) -> None:
        """Carry out a statement; values as for `ask`."""
        self._execute(statement, values).close()

    def put(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        """Write rows in the place of those of their keys."""
        self._connection.executemany(_WRITING[table], rows)

    def _execute(self, statement: str, values: Iterable[object]) -> sqlite3.Cursor:
        bound = (
            json.dumps([*value])
            if isinstance(value, Collection) and not isinstance(value, str)
            else value
            for value in values
        )
        return self._connection.execute(statement.replace("IN ?", _IN_LIST), tuple(bound))
