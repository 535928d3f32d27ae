"""The explorer: the page of `kg view`, which asks for more of the graph as it is walked."""

from __future__ import annotations

import json

from pyoxigraph import NamedNode

from kg.errors import UsageError
from kg.serve.messages import JSON, Problem, Request, Response
from kg.serve.service import Service
from kg.store import Store
from kg.view import (
    Graph,
    find_entities,
    graph_data,
    read_graph,
    read_neighbourhood,
    render_graph,
)
from kg.view.graph import keep_top

__all__ = ["answer_explore", "answer_neighbourhood"]

# Up to so many facts are shown as a whole; of a larger graph, what lies around the entities
# with the most facts.
_WHOLE = 400
_CENTRES = 12
_SHOWN = 200
# So many facts are read around what is asked for, and around what is clicked on.
_MOST, _GROWTH = 3000, 200
_MAX_HOPS = 3

_COUNT = "SELECT (COUNT(*) AS ?count) { ?fact a kg:Fact }"
_CENTRAL = f"""
SELECT ?entity (COUNT(?fact) AS ?count) {{
  ?fact a kg:Fact ; rdf:subject|rdf:object ?entity FILTER(ISIRI(?entity)) }}
GROUP BY ?entity ORDER BY DESC(?count) ?entity LIMIT {_CENTRES}"""


def answer_explore(request: Request, service: Service) -> Response:
    """Answer with the page: around `?focus=` (names or IRIs, repeated), `?hops=` far."""
    names = [name for name in request.parameters.get("focus", ()) if name]
    hops = _read_hops(request)
    with service.engine.open() as store:
        found = _read_around(store, service, names, hops) if names else None
        graph = found or _read_start(store, service)
    labels = {node.iri: node.label for node in graph.nodes}
    title = labels.get(names[0], names[0]) if len(names) == 1 else service.title
    page = render_graph(graph, service.ontology, title=title, service="/explore/data")
    # The page bears its own policy, which admits its scripts by their hashes. The editor
    # frames it.
    headers = {
        "Content-Security-Policy": "frame-ancestors 'self'",
        "X-Frame-Options": "SAMEORIGIN",
    }
    return Response(body=page.encode("utf-8", "replace"), media_type="text/html", headers=headers)


def answer_neighbourhood(request: Request, service: Service) -> Response:
    """Answer with what lies around `?node=IRI`, as data for the page."""
    iri = request.get("node")
    try:
        NamedNode(iri)
    except ValueError as error:
        raise Problem(400, "Not a node", "node must be the IRI of an entity") from error
    with service.engine.open() as store:
        graph = read_neighbourhood(store, service.ontology, [iri], hops=1, most=_GROWTH)
    data = graph_data(graph, service.ontology)
    return Response(body=json.dumps(data).encode(), media_type=JSON)


def _read_hops(request: Request) -> int:
    given = request.get("hops", "1")
    if not given.isdecimal() or not 1 <= int(given) <= _MAX_HOPS:
        raise Problem(400, "Not a distance", f"hops must be from 1 to {_MAX_HOPS}")
    return int(given)


def _read_around(store: Store, service: Service, names: list[str], hops: int) -> Graph:
    try:
        entities = [iri for name in names for iri in find_entities(store, name)]
    except UsageError as error:
        raise Problem(404, "No such entity", str(error)) from error
    return read_neighbourhood(store, service.ontology, entities, hops=hops, most=_MOST)


def _read_start(store: Store, service: Service) -> Graph:
    """Return what is shown of a graph when nothing in particular is asked for."""
    count = next((int(row["count"].value) for row in store.select(_COUNT)), 0)
    if count <= _WHOLE:
        return read_graph(store, service.ontology)
    central = [row["entity"].value for row in store.select(_CENTRAL)]
    graph = read_neighbourhood(store, service.ontology, central, hops=1, most=_MOST)
    return keep_top(graph, _SHOWN)
