"""Reads SPARQL text just far enough to refuse what must not run and to explain errors.

The engine parses and answers; it gives no access to what it parsed, so words are found
here, outside strings, comments, IRIs and names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from kg.errors import QueryError

__all__ = [
    "declare_prefixes",
    "explain_syntax_error",
    "find_form",
    "refuse_deep",
    "refuse_remote",
    "substitute",
    "use_dataset",
]

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
_NESTED = re.compile(f"{_TOKEN.pattern} | [{{}}]", re.VERBOSE | re.DOTALL)
# What the engine's parser follows by calling itself: brackets, and operators in a chain. A
# sign before a digit belongs to a number, of which data may hold any count.
_SHAPE = re.compile(
    rf"(?P<open><<|[{{(\[])|(?P<close>>>|[}})\]])|(?P<link>[!*/|&]|[+-](?![0-9.]))|{_TOKEN.pattern}",
    re.VERBOSE | re.DOTALL,
)
_LINKS = frozenset("union optional minus filter bind".split())
# Measured: with 8 MB of stack it ends the process from about 300 nested EXISTS on, and from
# about 1000 links on.
_DEEPEST = 150
_LONGEST_CHAIN = 1000
_IRI = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^<>"{}|^`\\\x00-\x20]*')
_FORMS = frozenset({"ask", "construct", "describe", "select"})
_UPDATES = frozenset("add clear copy create delete drop insert load move with".split())
# The engine lists what its grammar would take next, which helps nobody, and now and then a
# sentence among it, which does.
_SENTENCE = re.compile(r"[A-Z][A-Za-z]+(?: [A-Za-z]+){2,}")
_POSITION = re.compile(r"(?:error )?at (\d+):(\d+): ?")


def refuse_remote(text: str, *, hosts: Collection[str] = ()) -> None:
    """Raise QueryError if the text asks or loads from another server (SERVICE, LOAD).

    The engine would send the request at once, to whatever address the text names. A server
    among `hosts` (lower case, `name` or `name:port`) is let through where its address
    stands in full, since a variable or a relative address could come to mean any other.
    """
    calling = ""
    for token in _TOKEN.finditer(text):
        word = (token["word"] or token["prefix"] or "").casefold()
        if calling and token["iri"] is not None:
            _refuse_host(calling, token["iri"][1:-1], hosts)
            calling = ""
        elif calling and word != "silent" and token["comment"] is None:
            raise QueryError(f"{calling} is refused: write the address of the server in full")
        found = next((call for call in ("service", "load") if _calls(call, word, token)), "")
        if found:
            calling = found.upper()
            if not hosts:
                raise QueryError(
                    f"{calling} is refused: queries never reach for the network. Load the "
                    f"other data into a store of its own, or rename a prefix called {found}"
                )
    if calling:
        raise QueryError(f"{calling} is refused: write the address of the server in full")


def refuse_deep(text: str) -> None:
    """Raise QueryError if the text is nested or chained further than the engine can follow.

    It would end the process, and whatever else that does.
    """
    depth = links = 0
    for token in _SHAPE.finditer(text):
        if token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
        elif token["link"] or (token["word"] or "").casefold() in _LINKS:
            links += 1
        if depth > _DEEPEST or links > _LONGEST_CHAIN:
            raise QueryError(
                f"the text is nested deeper than {_DEEPEST} brackets, or has more than "
                f"{_LONGEST_CHAIN} operators: ask in several queries, or use VALUES"
            )


def use_dataset(text: str, default: Iterable[str], named: Iterable[str]) -> str:
    """Return an update whose WHERE clauses ask the graphs that are given by IRI.

    Raises QueryError where the update says itself which graphs it asks (SPARQL 1.1
    Protocol, section 2.2.3), or an IRI is none.
    """
    graphs = [("", iri) for iri in default] + [("NAMED ", iri) for iri in named]
    for _, iri in graphs:
        if not _IRI.fullmatch(iri):
            raise QueryError(f"{iri!r} is no absolute IRI of a graph")
    clauses = "".join(f"USING {kind}<{iri}> " for kind, iri in graphs)
    written, copied, depth, before = [], 0, 0, ""
    for token in _NESTED.finditer(text):
        word = (token["word"] or "").casefold()
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if depth == 0 and word in ("using", "with"):
            raise QueryError(
                f"the update says {word.upper()} and the request says using-graph-uri: "
                "leave one of them out"
            )
        if depth == 0 and word == "where" and before != "delete":
            written += [text[copied : token.start()], clauses]
            copied = token.start()
        if token["comment"] is None:
            before = word
    return "".join([*written, text[copied:]])


def declare_prefixes(text: str, prefixes: Mapping[str, str]) -> str:
    """Return a query or update that declares those of the prefixes that it only uses."""
    missing = sorted(_find_undeclared(text, {}))
    known = (name for name in missing if name[:-1] in prefixes)
    return "".join(f"PREFIX {name} <{prefixes[name[:-1]]}>\n" for name in known) + text


def find_form(text: str) -> str:
    """Return `select`, `ask`, `construct` or `describe`: the form of a query, else ""."""
    words = (word.casefold() for kind, word in _find_tokens(text) if kind == "word")
    return next((word for word in words if word in _FORMS), "")


def substitute(text: str, terms: Mapping[str, str]) -> str:
    """Return a query in which terms, in SPARQL syntax, stand for variables, by name.

    Within braces each variable gives way to its term; where it is selected it has the
    term as its value.
    """
    values = "".join(f" VALUES ?{name} {{ {term} }}" for name, term in sorted(terms.items()))
    is_construct = find_form(text) == "construct"
    written, copied, depth, groups = [], 0, 0, 0
    for token in _NESTED.finditer(text):
        if token[0] == "{":
            depth += 1
            groups += depth == 1
            if depth == 1 and groups == (2 if is_construct else 1):
                written += [text[copied : token.end()], values]
                copied = token.end()
        elif token[0] == "}":
            depth -= 1
        elif depth and token["variable"] and token["variable"][1:] in terms:
            written += [text[copied : token.start()], terms[token["variable"][1:]]]
            copied = token.end()
    return "".join([*written, text[copied:]])


def explain_syntax_error(text: str, reason: str, *, kind: str, prefixes: Mapping[str, str]) -> str:
    """Return what is wrong with a query or update: the reason, the line with a mark, a hint.

    `reason` is the engine's sentence, in which line and column count from 1.
    """
    words = (word.casefold() for sort, word in _find_tokens(text) if sort == "word")
    first = next((word for word in words if word not in ("base", "prefix")), "")
    if kind == "query" and first in _UPDATES:
        return f"{first.upper()} is refused: it would change the store, and a query only reads"
    message = f"the {kind} is not valid SPARQL"
    found = _POSITION.match(reason)
    if found is None:
        message += f": {reason}"
    else:
        number, column = int(found[1]), int(found[2])
        sentence = _SENTENCE.search(reason, found.end())
        told = sentence[0] if sentence else "cannot be read any further"
        message += f", line {number}, column {column}: {told}"
        lines = text.splitlines()
        if number <= len(lines):
            message += f"\n    {lines[number - 1]}\n    {' ' * (column - 1)}^"
    missing = sorted(_find_undeclared(text, prefixes))
    if missing:
        message += f"\nno PREFIX is declared for {', '.join(missing)}"
    return message


def _calls(call: str, word: str, token: re.Match[str]) -> bool:
    """Say whether a token could be a keyword that makes the engine reach for the network.

    LOAD stands where an update begins, so that a prefix or a name that holds it does no
    harm; SERVICE is looked for in any word or prefix.
    """
    if call == "load":
        return word == "load" and token["word"] is not None
    return call in word


def _refuse_host(calling: str, address: str, hosts: Collection[str]) -> None:
    """Raise QueryError unless an address is one of HTTP at one of the hosts."""
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or parts.netloc.casefold() not in hosts:
        raise QueryError(
            f"{calling} <{address}> is refused: allowed are {', '.join(sorted(hosts))}"
        )


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
