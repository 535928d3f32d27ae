"""The service's own description (https://www.w3.org/TR/sparql11-service-description/)."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.serve.jobs import Query
from kg.serve.messages import Problem, Request, Response
from kg.serve.service import Service
from kg.serve.work import write_triples
from kg.vocab import FORMATS, RDF, SD, VOID, XSD

__all__ = ["describe_service"]

_RESULTS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "N-Triples", "RDF_XML", "JSON-LD", "N-Quads", "TriG",
)  # fmt: skip
_INPUTS = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD", "N3")

_COUNT = "SELECT (COUNT(*) AS ?count) { ?s ?p ?o }"

_Node = NamedNode | BlankNode


def describe_service(request: Request, service: Service) -> Response:
    """Answer with the description of the service in RDF."""
    endpoint = f"{request.origin}/sparql"
    triples = _describe(endpoint, service)
    answer = write_triples(triples, request.accept, rows=service.limits.rows)
    return Response(body=answer.body, media_type=answer.media_type)


def _describe(endpoint: str, service: Service) -> Iterator[Triple]:
    """Yield languages, formats, features and the data set with its counts."""
    subject, default_graph = NamedNode(f"{endpoint}#service"), BlankNode("graph")
    dataset = NamedNode(f"{service.base_iri}dataset")
    languages = ["SPARQL11Query", *(["SPARQL11Update"] if service.token else [])]
    yield _type(subject, "Service")
    yield _say(subject, "endpoint", NamedNode(endpoint))
    for language in languages:
        yield _say(subject, "supportedLanguage", NamedNode(SD + language))
    for name in _RESULTS:
        yield _say(subject, "resultFormat", NamedNode(FORMATS + name))
    if service.token:
        for name in _INPUTS:
            yield _say(subject, "inputFormat", NamedNode(FORMATS + name))
    if service.limits.hosts:
        yield _say(subject, "feature", NamedNode(f"{SD}BasicFederatedQuery"))
    yield _say(subject, "defaultDataset", dataset)
    yield _type(dataset, "Dataset")
    yield _say(dataset, "defaultGraph", default_graph)
    yield _type(default_graph, "Graph")
    count = _count(service)
    if count is not None:
        number = Literal(str(count), datatype=NamedNode(f"{XSD}integer"))
        yield Triple(default_graph, NamedNode(f"{VOID}triples"), number)


def _count(service: Service) -> int | None:
    """Return the number of triples in the default graph; None where counting takes too long."""
    try:
        answer = service.engine.read(Query(_COUNT, accept="text/csv"))
    except Problem:
        return None
    return int(answer.body.split()[1])


def _say(subject: _Node, name: str, object_: _Node) -> Triple:
    return Triple(subject, NamedNode(SD + name), object_)


def _type(subject: _Node, name: str) -> Triple:
    return Triple(subject, NamedNode(f"{RDF}type"), NamedNode(SD + name))
