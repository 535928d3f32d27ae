"""Lists under which licences everything stands that is installed or was used to make this.

list_packages()     every package that is needed at run time, by the metadata it is installed with
list_data()         the data that the model and the tables were made of (`licences.json`)

Each is held against an allow-list in the same file: one for packages, where licences that ask
of users to give away their own programs are left out, and one for data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from kg.errors import KGError

__all__ = ["Licensed", "is_allowed", "list_data", "list_packages"]

_FILE = Path(__file__).parent / "licences.json"
_OWN = "kg-builder"
_CLASSIFIER = "License :: "
_TOKEN = re.compile(r"\(|\)|[^\s()]+")


@dataclass(frozen=True, slots=True)
class Licensed:
    """A package or a set of data with its licence, an expression of SPDX where it is known."""

    name: str
    version: str
    licence: str
    is_allowed: bool
    used_for: str = ""


def list_packages(root: str = _OWN, *, extras: frozenset[str] = frozenset()) -> list[Licensed]:
    """Return the packages that a package needs at run time, itself not among them, sorted.

    What the platform does not ask for is left out; what it asks for and is not installed has
    no licence, and so is not allowed. Raises KGError where the package itself is missing.
    """
    found: dict[str, Licensed] = {}
    try:
        waiting = list(_find_needed(distribution(root), extras))
    except PackageNotFoundError as error:
        raise KGError(f"{root} is not installed: pip install {root}") from error
    while waiting:
        needed = waiting.pop()
        name = canonicalize_name(needed.name)
        # An extra may need more than the package did without it.
        if name in found and not needed.extras:
            continue
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            found[name] = Licensed(name, "", "not installed", is_allowed=False)
            continue
        licence = _read_licence(name, installed)
        allowed = is_allowed(licence, of="packages")
        is_new = name not in found
        found[name] = Licensed(name, installed.version, licence, is_allowed=allowed)
        own = _find_needed(installed, frozenset(needed.extras))
        waiting += own if is_new else [r for r in own if canonicalize_name(r.name) not in found]
    return [found[name] for name in sorted(found)]


def list_data() -> list[Licensed]:
    """Return the data that the model and the tables were made of, in the order of the file."""
    return [
        Licensed(
            row["name"],
            "",
            row["licence"],
            is_allowed=is_allowed(row["licence"], of="data"),
            used_for=row["used_for"],
        )
        for row in _read_file()["data"]
    ]


def is_allowed(expression: str, *, of: str) -> bool:
    """Say whether a licence expression (SPDX 3.0, annex B) is allowed, of `packages` or `data`.

    Of a choice one licence must be allowed, of a conjunction all. What is no expression of
    known licences is not allowed.
    """
    allowed = frozenset(_read_file()["allowed"][of])
    try:
        return _Expression(expression, allowed).judge()
    except IndexError:
        return False


@cache
def _read_file() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return table


def _find_needed(installed: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    """Yield what a package needs here, and in addition for some of its extras."""
    for line in installed.requires or ():
        needed = Requirement(line)
        environments = [{"extra": extra} for extra in ("", *sorted(extras))]
        if needed.marker is None or any(map(needed.marker.evaluate, environments)):
            yield needed


def _read_licence(name: str, installed: Distribution) -> str:
    """Return the licence that a package tells: as an expression, in words, or as classifiers."""
    told = installed.metadata
    known: Mapping[str, str] = _read_file()["packages"]
    names: Mapping[str, str] = _read_file()["names"]
    words = _first(told.get_all("License")).strip().partition("\n")[0]
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in told.get_all("Classifier") or ()
        if line.startswith(_CLASSIFIER)
    ]
    classified = [names[c.lower()] for c in classifiers if c.lower() in names]
    spelt = _first(told.get_all("License-Expression")) or names.get(words.lower()) or words
    if name in known:
        return known[name]
    if is_allowed(spelt, of="packages") or not classified:
        return spelt or "unknown"
    # A package with several classifiers does not say whether they are a choice.
    return " AND ".join(sorted(set(classified)))


def _first(values: list[Any] | None) -> str:
    return str(values[0]) if values else ""


class _Expression:
    """A licence expression that is read once from left to right."""

    def __init__(self, text: str, allowed: frozenset[str]) -> None:
        self._tokens = _TOKEN.findall(text)
        self._allowed = allowed

    def judge(self) -> bool:
        """Say whether it is allowed. Raises IndexError where it breaks off."""
        judged = self._read_choice()
        return judged and not self._tokens

    def _read_choice(self) -> bool:
        judged = self._read_conjunction()
        while self._next_is("OR"):
            judged = self._read_conjunction() or judged
        return judged

    def _read_conjunction(self) -> bool:
        judged = self._read_licence()
        while self._next_is("AND"):
            judged = self._read_licence() and judged
        return judged

    def _read_licence(self) -> bool:
        if self._next_is("("):
            return self._read_choice() & self._next_is(")")
        licence = self._tokens.pop(0)
        if self._next_is("WITH"):
            self._tokens.pop(0)  # an exception only ever permits more
        return licence in self._allowed

    def _next_is(self, word: str) -> bool:
        """Say whether a word comes next, and pass over it if so."""
        if self._tokens[:1] != [word]:
            return False
        self._tokens.pop(0)
        return True
