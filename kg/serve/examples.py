"""The example queries that come with the project."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from kg.errors import KGError
from kg.resources import bundled

__all__ = ["Example", "read_examples"]


@dataclass(frozen=True, slots=True)
class Example:
    """A query, titled by the question in its first line."""

    title: str
    text: str


@cache
def read_examples() -> tuple[Example, ...]:
    """Return the examples in order of their files; none where the package has none."""
    try:
        paths = sorted(bundled("examples").glob("*.rq"))
    except KGError:
        return ()
    texts = [path.read_text(encoding="utf-8") for path in paths]
    return tuple(Example(text.partition("\n")[0].lstrip("# "), text) for text in texts)
