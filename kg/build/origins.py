"""Remembers which articles of a store came from which files of watched folders.

An article that is being read is noted at once, one line each, before the store has it; so
whatever cuts a build off, no article stays behind whose file is gone.
"""

from __future__ import annotations

import json
from pathlib import Path

from kg.errors import StoreError
from kg.files import save

__all__ = ["Origins"]


class Origins:
    """Article ids by the path of the file that they came from, kept in a file.

    `ids` may be changed; `settle` keeps it so.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.ids: dict[str, set[str]] = {}
        for line in self._read():
            try:
                path, id_ = json.loads(line)
            except (ValueError, TypeError):
                continue  # empty, or its writer was ended in the middle of it
            self.ids.setdefault(path, set()).add(id_)

    def note(self, path: str, article_id: str) -> None:
        """Note that an article comes from a file, before the store has it."""
        known = self.ids.setdefault(path, set())
        if article_id in known:
            return
        known.add(article_id)
        try:
            with self._file.open("a", encoding="utf-8") as file:
                # On a line of its own, even where another was left unfinished.
                file.write("\n" + _write(path, article_id))
        except OSError as error:
            raise StoreError(f"{self._file}: cannot be written: {error.strerror}") from error

    def settle(self) -> None:
        """Keep what `ids` has now in place of all that was noted."""
        lines = (_write(path, id_) for path in sorted(self.ids) for id_ in sorted(self.ids[path]))
        save({self._file: "".join(lines).encode()})

    def _read(self) -> list[str]:
        try:
            return self._file.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(f"{self._file}: cannot be read: {error.strerror}") from error


def _write(path: str, article_id: str) -> str:
    return json.dumps([path, article_id]) + "\n"
