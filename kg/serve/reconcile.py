"""Reconciliation Service API 0.2: matches names of a table to entities of the graph.

See https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pyoxigraph import Literal, NamedNode

from kg.ontology import Ontology, OntologyClass, Predicate
from kg.serve.messages import JSON, Problem, Request, Response, read_form
from kg.serve.names import Match, Named
from kg.serve.service import Service
from kg.store import Store
from kg.vocab import KG, fold

__all__ = ["answer_reconcile", "answer_suggest"]

_BATCH = 100
_MAX_LIMIT = 50
# A candidate is the match if its score is at least this, and so much above the next one's.
_SURE, _AHEAD = 95.0, 5.0
# How much the properties that a query gives weigh beside the name.
_PROPERTY_WEIGHT = 0.3

_VALUES = """
SELECT ?entity ?predicate ?value {
  { ?entity ?predicate ?o } UNION { ?o ?predicate ?entity }
  OPTIONAL { ?o rdfs:label ?label }
  BIND(COALESCE(?label, STR(?o)) AS ?value) }"""


def answer_reconcile(request: Request, service: Service) -> Response:
    """Answer a batch of queries; without one, say what the service is."""
    form = dict(request.parameters)
    if request.method == "POST":
        form |= read_form(request.body.decode("utf-8", "replace"))
    if "queries" not in form:
        return _reply(_describe(request, service))
    queries = _read_queries(form["queries"][-1])
    return _reply({key: {"result": _answer(query, service)} for key, query in queries.items()})


def answer_suggest(request: Request, service: Service) -> Response:
    """Answer with entities, types or properties whose names begin like `?prefix=`."""
    prefix = request.get("prefix")
    kind = request.path.rpartition("/")[2]
    ontology = service.ontology
    if kind == "entity":
        matches = service.names.find(prefix)
        return _reply({"result": [_write_candidate(m.entity, service) for m in matches]})
    listed: dict[str, list[tuple[str, OntologyClass | Predicate]]] = {
        "type": [(name, ontology.classes[name]) for name in ontology.entity_classes],
        "property": list(ontology.predicates.items()),
    }
    if kind not in listed:
        raise Problem(404, "Not found", "suggest one of entity, type, property")
    return _reply(
        {
            "result": [
                {"id": name, "name": term.label, "description": term.definition}
                for name, term in listed[kind]
                if fold(term.label).startswith(fold(prefix)) or name.startswith(prefix)
            ]
        }
    )


def _describe(request: Request, service: Service) -> dict[str, Any]:
    ontology = service.ontology
    suggest = {
        kind: {"service_url": request.origin, "service_path": f"/reconcile/suggest/{kind}"}
        for kind in ("entity", "type", "property")
    }
    return {
        "versions": ["0.2"],
        "name": service.title,
        "identifierSpace": f"{service.base_iri}entity/",
        "schemaSpace": ontology.iri or KG,
        "view": {"url": f"{request.origin}/entity/{{{{id}}}}"},
        "defaultTypes": _write_types(ontology.entity_classes, ontology),
        "suggest": suggest,
        "batchSize": _BATCH,
    }


def _read_queries(text: str) -> dict[str, Mapping[str, Any]]:
    try:
        queries = json.loads(text)
    except ValueError as error:
        raise Problem(400, "Unreadable queries", f"queries must be JSON: {error}") from error
    if not isinstance(queries, dict) or not all(isinstance(q, dict) for q in queries.values()):
        raise Problem(400, "Unreadable queries", "queries must be an object of objects")
    if len(queries) > _BATCH:
        raise Problem(413, "Too many queries", f"send {_BATCH} at a time")
    return queries


def _answer(query: Mapping[str, Any], service: Service) -> list[dict[str, Any]]:
    limit = query.get("limit", 10)
    limit = min(limit, _MAX_LIMIT) if isinstance(limit, int) and limit > 0 else 10
    type_ = query.get("type")
    type_ = type_[0] if isinstance(type_, list) and type_ else type_
    type_ = type_ if isinstance(type_, str) else ""
    matches = service.names.find(str(query.get("query", "")), type_=type_, limit=limit)
    wanted = _read_properties(query.get("properties"), service.ontology)
    if wanted:
        with service.engine.open() as store:
            matches = [_weigh(match, wanted, store) for match in matches]
        matches.sort(key=lambda m: (-m.score, m.entity.iri))
    following = matches[1].score if len(matches) > 1 else 0.0
    is_sure = bool(matches) and matches[0].score >= max(_SURE, following + _AHEAD)
    return [
        {
            **_write_candidate(match.entity, service),
            "score": match.score,
            "match": is_sure and place == 0,
        }
        for place, match in enumerate(matches)
    ]


def _read_properties(properties: object, ontology: Ontology) -> list[tuple[str, str]]:
    """Return the properties that a query gives, as pairs of IRI and folded value."""
    found = []
    for given in properties if isinstance(properties, list) else ():
        if not isinstance(given, dict) or str(given.get("pid")) not in ontology.predicates:
            continue
        predicate = ontology.predicates[str(given["pid"])]
        value = given.get("v")
        for one in value if isinstance(value, list) else [value]:
            text = one.get("name", one.get("id", "")) if isinstance(one, dict) else one
            found.append((predicate.iri, fold(str(text))))
    return found


def _weigh(match: Match, wanted: Iterable[tuple[str, str]], store: Store) -> Match:
    """Return a match whose score says also how many of the properties hold."""
    bound: dict[str, NamedNode | Literal] = {"entity": NamedNode(match.entity.iri)}
    held = {
        (row["predicate"].value, fold(row["value"].value))
        for row in store.select(_VALUES, substitutions=bound)
    }
    wanted = list(wanted)
    share = sum(pair in held for pair in wanted) / len(wanted)
    score = (1 - _PROPERTY_WEIGHT) * match.score + _PROPERTY_WEIGHT * 100 * share
    return Match(match.entity, round(score, 1))


def _write_candidate(entity: Named, service: Service) -> dict[str, Any]:
    return {
        "id": entity.iri.removeprefix(f"{service.base_iri}entity/"),
        "name": entity.name,
        "description": ", ".join(entity.aliases[:5]),
        "type": _write_types(entity.types, service.ontology),
    }


def _write_types(names: Iterable[str], ontology: Ontology) -> list[dict[str, str]]:
    return [{"id": name, "name": ontology.classes[name].label} for name in names]


def _reply(value: object) -> Response:
    return Response(body=json.dumps(value).encode(), media_type=JSON)
