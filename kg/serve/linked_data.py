"""Linked data: what an IRI of the graph stands for, for people and for tools.

`/entity/x` is a thing and no document, so it answers 303 with the document about it that
the client likes best (https://www.w3.org/TR/cooluris/, section 4.2): `/entity/x.html`,
`.ttl`, `.nt`, `.rdf` or `.jsonld`. The same holds for `/article/x` and `/fact/x`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pyoxigraph import NamedNode

from kg.serve.article_page import show_article
from kg.serve.entity_page import show_entity
from kg.serve.messages import Problem, Request, Response
from kg.serve.negotiation import choose
from kg.serve.paths import find_path
from kg.serve.resources import KINDS, read_triples
from kg.serve.service import Service
from kg.serve.work import write_triples
from kg.vocab import RDF

__all__ = ["answer_linked_data"]

# Turtle comes first: who says nothing of what it reads is no browser.
_DOCUMENTS = {
    "ttl": "text/turtle",
    "html": "text/html",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
_PATH = re.compile(r"/(?P<kind>[a-z]+)/(?P<id>[\w-]+)(?:\.(?P<ending>[a-z]+))?", re.ASCII)


def answer_linked_data(request: Request, service: Service) -> Response:
    """Answer for a thing with the address of a document, for a document with itself."""
    found = _PATH.fullmatch(request.path)
    if found is None or found["kind"] not in KINDS:
        raise Problem(404, "Not found", "no IRI of the graph has this form")
    path, kind = f"/{found['kind']}/{found['id']}", found["kind"]
    iri = f"{service.base_iri}{kind}/{found['id']}"
    if found["ending"] is None:
        return _see_document(request, service, path, iri, kind)
    if found["ending"] not in _DOCUMENTS:
        raise Problem(404, "Not found", f"documents end in {', '.join(_DOCUMENTS)}")
    if found["ending"] == "html":
        return _PAGES[kind](service, iri, _link_documents(path))
    with service.engine.open() as store:
        triples = read_triples(store, kind, iri)
    media_type = _DOCUMENTS[found["ending"]]
    answer = write_triples(triples, media_type, rows=service.limits.rows)
    return Response(body=answer.body, media_type=media_type, headers=_about(iri))


def _see_document(request: Request, service: Service, path: str, iri: str, kind: str) -> Response:
    chosen = choose(request.accept, tuple(_DOCUMENTS.values()))
    if chosen is None:
        detail = f"documents come as {', '.join(_DOCUMENTS.values())}"
        raise Problem(406, "Not acceptable", detail)
    with service.engine.open() as store:
        read_triples(store, kind, iri)
    ending = next(e for e, media_type in _DOCUMENTS.items() if media_type == chosen)
    return Response(303, headers={"Location": f"{path}.{ending}"})


def _link_documents(path: str) -> tuple[str, ...]:
    return tuple(
        f'<{path}.{ending}>; rel="alternate"; type="{media_type}"'
        for ending, media_type in _DOCUMENTS.items()
        if ending != "html"
    )


def _about(iri: str) -> dict[str, str]:
    return {"Link": f'<{iri}>; rel="describes"'}


def _show_fact(service: Service, iri: str, links: tuple[str, ...]) -> Response:  # noqa: ARG001 # as all pages
    """Send the reader to the fact's place on the page of its subject."""
    with service.engine.open() as store:
        triples = read_triples(store, "fact", iri)
    told = (t.object for t in triples if t.predicate.value == f"{RDF}subject")
    subject = next((term.value for term in told if isinstance(term, NamedNode)), "")
    place = find_path(service.base_iri, subject)
    if not place:
        raise Problem(404, "Not found", "the fact's subject has no page here")
    return Response(303, headers={"Location": f"{place}.html#{iri.rpartition('/')[2]}"})


_PAGES: dict[str, Callable[[Service, str, tuple[str, ...]], Response]] = {
    "article": show_article,
    "entity": show_entity,
    "fact": _show_fact,
}
