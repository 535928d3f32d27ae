"""The whole service as a function from request to response."""

from __future__ import annotations

from collections.abc import Callable

from kg.errors import KGError
from kg.serve.delivery import deliver, explain
from kg.serve.editor import answer_editor, answer_terms
from kg.serve.explore import answer_explore, answer_neighbourhood
from kg.serve.graphs import GRAPH_STORE, answer_graph_store
from kg.serve.linked_data import answer_linked_data
from kg.serve.messages import PROBLEM, Problem, Request, Response
from kg.serve.negotiation import choose
from kg.serve.pages import answer_static, show_problem
from kg.serve.protocol import answer_sparql
from kg.serve.reconcile import answer_reconcile, answer_suggest
from kg.serve.search import answer_search
from kg.serve.service import Service

__all__ = ["handle"]

_READ = ("GET", "HEAD", "OPTIONS")
_ASK = (*_READ, "POST")
_CHANGE = (*_ASK, "PUT", "DELETE")

_Answering = Callable[[Request, Service], Response]

# What answers at each path, and by which methods. One that ends in a slash stands for all
# that lies below it.
_ROUTES: dict[str, tuple[_Answering, tuple[str, ...]]] = {
    "/": (answer_editor, _READ),
    "/terms": (answer_terms, _READ),
    "/search": (answer_search, _READ),
    "/explore": (answer_explore, _READ),
    "/explore/data": (answer_neighbourhood, _READ),
    "/reconcile": (answer_reconcile, _ASK),
    "/reconcile/suggest/": (answer_suggest, _READ),
    "/sparql": (answer_sparql, _ASK),
    GRAPH_STORE: (answer_graph_store, _CHANGE),
    f"{GRAPH_STORE}/": (answer_graph_store, _CHANGE),
    "/article/": (answer_linked_data, _READ),
    "/entity/": (answer_linked_data, _READ),
    "/fact/": (answer_linked_data, _READ),
    "/static/": (answer_static, _READ),
}


def handle(request: Request, service: Service) -> Response:
    """Return the response to a request. Never raises for what a client may send."""
    try:
        response = _answer(request, service)
    except Problem as problem:
        response = _tell(problem, request)
    except KGError:
        # The message was written for who runs the service, and may name its files.
        failure = Problem(500, "Not answered", "the service failed over this request")
        response = _tell(failure, request)
    return deliver(response, request, service)


def _tell(problem: Problem, request: Request) -> Response:
    """Return a page for a browser that asks for one, data for everybody else."""
    is_browsing = choose(request.accept, (PROBLEM, "text/html")) == "text/html"
    return show_problem(problem) if is_browsing else explain(problem)


def _answer(request: Request, service: Service) -> Response:
    found = _find_route(request.path)
    if found is None:
        raise Problem(404, "Not found", "nothing is at this address; / shows what there is")
    answering, methods = found
    allowed = ", ".join(methods)
    if request.method not in methods:
        raise Problem(405, "Method not allowed", f"use {allowed}", {"Allow": allowed})
    if request.method == "OPTIONS":
        return Response(204, headers={"Allow": allowed})
    if len(request.body) > service.limits.body:
        raise too_long(service.limits.body)
    return answering(request, service)


def too_long(limit: int) -> Problem:
    """Return what a client is told whose request has more bytes than the limit."""
    return Problem(413, "Too long a request", f"a body may have {limit} bytes")


def _find_route(path: str) -> tuple[_Answering, tuple[str, ...]] | None:
    exact = _ROUTES.get(path) or _ROUTES.get(path.rstrip("/"))
    if exact:
        return exact
    below = (r for r in _ROUTES if len(r) > 1 and r.endswith("/") and path.startswith(r))
    return _ROUTES.get(next(below, ""))
