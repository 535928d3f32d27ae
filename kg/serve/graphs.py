"""SPARQL 1.1 Graph Store HTTP Protocol: whole graphs, read and written.

See https://www.w3.org/TR/sparql11-http-rdf-update/. A graph is named by `?graph=IRI` or
`?default`, or is what lies below the address of the graph store. That address itself stands
for the whole data set, in formats that can name graphs, beyond what the protocol says.
"""

from __future__ import annotations

import secrets
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import quote

from kg.serve.jobs import Drop, ReadGraph, WriteGraph
from kg.serve.messages import Problem, Request, Response
from kg.serve.service import Service

__all__ = ["GRAPH_STORE", "answer_graph_store"]

GRAPH_STORE = "/graph-store"

_MULTIPART = "multipart/form-data"
_QUADS = ("application/n-quads", "application/trig")


def answer_graph_store(request: Request, service: Service) -> Response:
    """Answer a request for a graph: GET, HEAD, PUT, POST or DELETE."""
    names_graphs = request.media_type in _QUADS
    if request.method == "POST" and _names_store(request) and not names_graphs:
        address = f"{request.origin}{GRAPH_STORE}/{secrets.token_hex(8)}"
        _write(request, service, address)
        return Response(201, headers={"Location": address})
    graph = _find_graph(request)
    if request.method in ("GET", "HEAD"):
        answer = service.engine.read(ReadGraph(graph, request.accept))
        return Response(body=answer.body, media_type=answer.media_type)
    if request.method == "DELETE":
        service.admit_change(request)
        if graph is None:
            raise Problem(400, "No graph", "say ?default or ?graph=IRI; all goes by CLEAR ALL")
        service.engine.write(Drop(graph))
        return Response(204)
    if graph is None and not names_graphs:
        raise Problem(415, "No graph", f"say ?default or ?graph=IRI, or send {' or '.join(_QUADS)}")
    is_new = _write(request, service, graph)
    return Response(201 if is_new else 204)


def _names_store(request: Request) -> bool:
    """Say whether a request is about the graph store itself and no graph in it."""
    named = {"graph", "default"} & request.parameters.keys()
    return not named and request.path.rstrip("/") == GRAPH_STORE


def _find_graph(request: Request) -> str | None:
    """Return the IRI of the graph, "" for the default one, None for all of them."""
    names = {"graph", "default"} & request.parameters.keys()
    if names == {"default"}:
        return ""
    if names == {"graph"}:
        graph = request.get("graph")
        if not graph:
            raise Problem(400, "Not a graph", "graph must be an absolute IRI")
        return graph
    if names:
        raise Problem(400, "Two graphs", "say either ?default or ?graph=IRI")
    if _names_store(request):
        return None
    return request.origin + quote(request.path, safe="/:@!$&'()*+,;=~")


def _write(request: Request, service: Service, graph: str | None) -> bool:
    """Put triples into a graph, and say whether it is new."""
    service.admit_change(request)
    if request.media_type == _MULTIPART:
        parts = _split(request)
    else:
        parts = ((request.body, request.media_type or "text/turtle"),)
    job = WriteGraph(graph, parts, graph or request.url, replaces=request.method == "PUT")
    return service.engine.write(job).created


def _split(request: Request) -> tuple[tuple[bytes, str], ...]:
    """Return content and media type of each part of a body."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    if not message.is_multipart():
        raise Problem(400, "Unreadable body", f"it is said to be {_MULTIPART} and is not")
    return tuple(
        (bytes(part.get_payload(decode=True) or b""), part.get_content_type())
        for part in message.iter_parts()
    )
