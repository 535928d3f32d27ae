"""Speaks to a SPARQL 1.1 server as `kg.store` speaks to its database.

An address is that of the endpoint for queries and updates; where a server has two, both are
given with a space between them. A user and password go into the address, a bearer token
into the environment variable KG_TOKEN. Where the server's default graph is the union of all
(Virtuoso, GraphDB), `#IRI` after the address names the graph that stands for our own.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pyoxigraph as ox

from kg.errors import StoreError
from kg.sparql import declare_prefixes, find_form, substitute

__all__ = ["RemoteDatabase", "is_refusal"]

_ROWS = "application/sparql-results+json"
_TRIPLES = "application/n-triples, text/turtle;q=0.9"
_GRAPH = re.compile(r"\bGRAPH\s*<([^<>\s]+)>", re.IGNORECASE)
_TIMEOUT = 300.0
_VIRTUOSO = "__ASK_RETVAL"

_Subject = ox.NamedNode | ox.BlankNode | ox.Triple
_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_GraphName = ox.NamedNode | ox.BlankNode | ox.DefaultGraph
_Answer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

_EVERYTHING = "{ ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }"


class RemoteDatabase:
    """A server's data set, with the methods of `pyoxigraph.Store` that `kg.store` uses.

    `default_graph` is the graph that stands for the default one, None where the server has
    one of its own. Nothing is asked before the first query. Raises StoreError for an address
    that is none of HTTP, ValueError where the server refuses a request, OSError where it
    does not answer.
    """

    def __init__(self, address: str, *, read_only: bool = False) -> None:
        place, _, default = address.partition("#")
        asking, _, changing = place.partition(" ")
        self.default_graph = _read_graph(default) if default else None
        self._asking, self._identity = _read_address(asking)
        self._changing = _read_address(changing.strip() or asking)[0]
        self._is_read_only = read_only
        self._opener = build_opener(_NoRedirect)

    def __len__(self) -> int:
        rows = self._select(f"SELECT (COUNT(*) AS ?count) {{ {_EVERYTHING} {self._real} }}")
        return int(next(iter(rows))["count"].value)

    def query(
        self,
        query: str,
        *,
        prefixes: Mapping[str, str] | None = None,
        substitutions: Mapping[ox.Variable, _Term] | None = None,
        default_graph: Sequence[_GraphName] | None = None,
        named_graphs: Sequence[ox.NamedNode | ox.BlankNode] | None = None,
        base_iri: str | None = None,
    ) -> _Answer:
        """Return the server's answer to a query."""
        terms = {variable.value: str(term) for variable, term in (substitutions or {}).items()}
        text = _complete(substitute(query, terms), prefixes, base_iri)
        fields = [("query", text)]
        if default_graph is None and named_graphs is None and self.default_graph:
            # A data set that is told holds no other graph, except for variables.
            default_graph = [self.default_graph]
            named_graphs = [ox.NamedNode(iri) for iri in sorted(set(_GRAPH.findall(text)))]
        fields += [("default-graph-uri", _name(graph)) for graph in default_graph or ()]
        fields += [("named-graph-uri", _name(graph)) for graph in named_graphs or ()]
        is_table = find_form(query) in ("select", "ask")
        body, media_type = self._send(
            self._asking,
            urlencode(fields).encode(),
            "application/x-www-form-urlencoded",
            accept=_ROWS if is_table else _TRIPLES,
        )
        return _read_table(body) if is_table else _read_triples(body, media_type)

    def update(
        self, update: str, *, prefixes: Mapping[str, str] | None = None, base_iri: str | None = None
    ) -> None:
        """Let the server carry out an update, in one request."""
        if self._is_read_only:
            raise OSError("the store was opened for reading only")
        text = _complete(update, prefixes, base_iri)
        self._send(self._changing, text.encode(), "application/sparql-update")

    def quads_for_pattern(
        self,
        subject: _Subject | None,
        predicate: ox.NamedNode | None,
        object: _Term | None,  # noqa: A002 # as the engine's own
        graph_name: _GraphName | None = None,
    ) -> Iterator[ox.Quad]:
        """Yield the quads that match; what is None matches everything."""
        given: dict[str, _Term] = {"s": subject, "p": predicate, "o": object, "g": graph_name}  # type: ignore[dict-item] # Nones go next
        given = {name: term for name, term in given.items() if term is not None}
        triple = " ".join(str(given.get(name, f"?{name}")) for name in "spo")
        if isinstance(graph_name, ox.DefaultGraph):
            pattern = triple
        elif graph_name is None:
            pattern = f"{{ {triple} }} UNION {{ GRAPH ?g {{ {triple} }} }} {self._real}"
        else:
            pattern = f"GRAPH {graph_name} {{ {triple} }}"
        wanted = " ".join(f"?{name}" for name in "spog" if name not in given) or "(1 AS ?one)"
        for row in self._select(f"SELECT {wanted} {{ {pattern} }}"):
            found = [given[n] if n in given else row[n] for n in "spog"]
            yield ox.Quad(*found)  # type: ignore[arg-type] # what a server has as a triple is one

    def named_graphs(self) -> Iterator[ox.NamedNode | ox.BlankNode]:
        """Yield the names of the graphs that hold something."""
        pattern = f"GRAPH ?g {{ ?s ?p ?o }} {self._real}"
        for row in self._select(f"SELECT DISTINCT ?g {{ {pattern} }}"):
            graph = row["g"]
            if isinstance(graph, ox.NamedNode | ox.BlankNode):
                yield graph

    def dump(
        self,
        output: IO[bytes],
        format: ox.RdfFormat,  # noqa: A002 # as the engine's own
        *,
        from_graph: _GraphName | None = None,
        prefixes: Mapping[str, str] | None = None,
    ) -> None:
        """Write all quads, or the triples of one graph."""
        quads = self.quads_for_pattern(None, None, None, from_graph)
        declared = dict(prefixes or {})
        if from_graph is None:
            ox.serialize(quads, output, format=format, prefixes=declared)
        else:
            triples = (quad.triple for quad in quads)
            ox.serialize(triples, output, format=format, prefixes=declared)

    def flush(self) -> None:
        """Do nothing: a server keeps what it has acknowledged."""

    def backup(self, target_directory: object) -> None:
        """Raise OSError: a server's files are its own."""
        raise OSError(f"{target_directory}: a server cannot be copied by its files")

    @property
    def _real(self) -> str:
        """The filter that passes over the graph that stands for the default one."""
        return f"FILTER(!BOUND(?g) || ?g != {self.default_graph})" if self.default_graph else ""

    def _select(self, text: str) -> ox.QuerySolutions:
        answer = self.query(text)
        if not isinstance(answer, ox.QuerySolutions):
            raise ValueError(f"{self._asking} answers a SELECT query with something else")
        return answer

    def _send(
        self, address: str, body: bytes, media_type: str, *, accept: str = "*/*"
    ) -> tuple[bytes, str]:
        """Return body and media type of the answer to a request."""
        headers = {"Accept": accept, "Content-Type": f"{media_type}; charset=utf-8"}
        if self._identity:
            headers["Authorization"] = self._identity
        request = Request(address, body, headers, method="POST")  # noqa: S310 # HTTP only: _read_address
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as response:
                cut = response.headers.get("X-SPARQL-MaxRows")
                if cut is not None:
                    raise OSError(f"{address} cuts its answers off after {cut} rows")
                return response.read(), response.headers.get_content_type()
        except HTTPError as error:
            with error:
                reason = _explain(error)
            if 400 <= error.code < 500:
                raise ValueError(f"{address} refuses it ({error.code}): {reason}") from error
            raise OSError(f"{address} fails over it ({error.code}): {reason}") from error
        except URLError as error:
            if is_refusal(error):
                told = f"hangs up on {len(body):,} bytes: it may take less at once"
                raise OSError(f"{address} {told}") from error
            raise OSError(f"{address} does not answer: {error.reason}") from error


def is_refusal(error: BaseException | None) -> bool:
    """Say whether a request failed since the server would not have it, and not for want of one.

    Some hang up on what is too large before they have been told all of it.
    """
    hung_up = BrokenPipeError, ConnectionResetError
    is_cut = isinstance(error, URLError) and isinstance(error.reason, hung_up)
    return isinstance(error, HTTPError) or is_cut


class _NoRedirect(HTTPRedirectHandler):
    """Follows nothing: a token must not travel on to another server."""

    def redirect_request(self, *_: object) -> None:
        """Return no request."""


def _read_address(address: str) -> tuple[str, str]:
    """Return an address without what identifies the user, and the header that does."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise StoreError(f"{address}: not an address: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise StoreError(f"{address}: not an address of a SPARQL server (http:// or https://)")
    identity = f"Bearer {os.environ['KG_TOKEN']}" if os.environ.get("KG_TOKEN") else ""
    if parts.username:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        identity = f"Basic {base64.b64encode(user.encode()).decode()}"
    shown = f"[{host}]" if ":" in host else host
    place = f"{shown}:{port}" if port else shown
    return urlunsplit((parts.scheme, place, parts.path or "/", parts.query, "")), identity


def _complete(text: str, prefixes: Mapping[str, str] | None, base_iri: str | None) -> str:
    """Return a query or update that stands for itself."""
    base = f"BASE <{ox.NamedNode(base_iri).value}>\n" if base_iri else ""
    return base + declare_prefixes(text, prefixes or {})


def _name(graph: _GraphName) -> str:
    if isinstance(graph, ox.DefaultGraph):
        raise TypeError("a server has no name for its default graph")
    return graph.value


def _read_graph(iri: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise StoreError(f"#{iri}: not the IRI of a graph: {error}") from error


def _read_table(body: bytes) -> ox.QuerySolutions | ox.QueryBoolean:
    """Return rows, or yes or no, which Virtuoso tells as a row with a name of its own."""
    answer = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    if isinstance(answer, ox.QueryBoolean) or [v.value for v in answer.variables] != [_VIRTUOSO]:
        return answer
    is_so = any(row[_VIRTUOSO].value == "1" for row in answer)
    told = json.dumps({"head": {}, "boolean": is_so})
    return ox.parse_query_results(told, format=ox.QueryResultsFormat.JSON)


def _read_triples(body: bytes, media_type: str) -> ox.QueryTriples:
    """Return a graph as the answer to the query that made it."""
    format_ = ox.RdfFormat.from_media_type(media_type)
    if format_ is None:
        raise ValueError(f"the server answers in {media_type}, which is no RDF")
    graph = ox.Store()
    graph.bulk_load(body, format_)
    answer = graph.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    if not isinstance(answer, ox.QueryTriples):  # pragma: no cover - it is a CONSTRUCT
        raise TypeError(answer)
    return answer


def _explain(error: HTTPError) -> str:
    """Return what a server says is wrong: the detail of its problem, or its first words."""
    text = error.read(4000).decode("utf-8", "replace").strip()
    try:
        told = json.loads(text)
    except ValueError:
        # Virtuoso goes on with the text that it was sent.
        return text.partition("\n\n")[0] or str(error.reason)
    return str(told.get("detail") or told.get("title")) if isinstance(told, dict) else text
