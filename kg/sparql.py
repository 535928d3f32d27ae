"""Reads SPARQL text just far enough to refuse what must not run and to explain errors.

The engine parses and answers; it gives no access to what it parsed, so words are found
here, outside strings, comments, IRIs and names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kg.errors import QueryError

__all__ = ["explain_syntax_error", "refuse_remote"]

# Tokens of SPARQL 1.1, section 19.8. A name is cut short rather than long: what is left
# over is looked at again, so that nothing hides in it.
_TOKEN = re.compile(
    r"""
      (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<comment>\#[^\r\n]*)
    | (?P<string>\"\"\"(?:\"{0,2}(?:[^"\\]|\\.))*\"\"\"
               |'''(?:'{0,2}(?:[^'\\]|\\.))*'''
               |"(?:[^"\\\r\n]|\\.)*"
               |'(?:[^'\\\r\n]|\\.)*')
    | (?P<variable>[?$][A-Za-z0-9_]+)
    | (?P<prefix>[A-Za-z0-9_.-]*:)(?P<local>(?:[A-Za-z0-9_-]|%[0-9A-Fa-f]{2})*)
    | (?P<escape>\\.)
    | (?P<word>[A-Za-z0-9_]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_POSITION = re.compile(r"(?:error )?at (\d+):(\d+): ?")


def refuse_remote(text: str) -> None:
    """Raise QueryError if the text asks another server (SERVICE).

    The engine would send the request at once, to whatever address the text names.
    """
    for kind, word in _find_tokens(text):
        if kind in ("word", "prefix") and "service" in word.casefold():
            raise QueryError(
                "SERVICE is refused: queries never reach for the network. Load the other "
                "data into a store of its own, or rename a prefix called service"
            )


def explain_syntax_error(text: str, reason: str, *, prefixes: Mapping[str, str]) -> str:
    """Return what is wrong with a query: the reason, the line with a mark, and a hint.

    `reason` is the engine's sentence, in which line and column count from 1.
    """
    message = f"the query is not valid SPARQL: {reason}"
    found = _POSITION.match(reason)
    if found:
        number, column = int(found[1]), int(found[2])
        said = reason[found.end() :]
        message = f"the query is not valid SPARQL, line {number}, column {column}: {said}"
        lines = text.splitlines()
        if number <= len(lines):
            message += f"\n    {lines[number - 1]}\n    {' ' * (column - 1)}^"
    missing = sorted(_find_undeclared(text, prefixes))
    if missing:
        message += f"\nno PREFIX is declared for {', '.join(missing)}"
    return message


def _find_tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield kind and text of each token that is no string, comment or IRI."""
    for token in _TOKEN.finditer(text):
        if token["prefix"] is not None:
            yield "prefix", token["prefix"]
        elif token.lastgroup in ("word", "variable"):
            yield token.lastgroup, token[0]


def _find_undeclared(text: str, prefixes: Mapping[str, str]) -> set[str]:
    """Return the prefixes that are used but declared neither in the text nor by default."""
    declared = {f"{name}:" for name in prefixes}
    used: set[str] = set()
    before = ""
    for kind, word in _find_tokens(text):
        if kind == "prefix":
            (declared if before == "prefix" else used).add(word)
        before = word.casefold() if kind == "word" else ""
    return used - declared - {"_:"}
