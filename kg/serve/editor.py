"""The query editor: a form that works without scripts, and better with them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import urlencode

from kg.ontology import OntologyClass, Predicate
from kg.serve.examples import Example, read_examples
from kg.serve.jobs import Query
from kg.serve.markup import Markup, join, tag
from kg.serve.messages import JSON, Problem, Request, Response
from kg.serve.pages import has_asset, make_page
from kg.serve.paths import shorten
from kg.serve.results import write_results
from kg.serve.service import Service
from kg.vocab import PREFIXES, Minter

__all__ = ["answer_editor", "answer_terms"]

# Put beside the other files of pages when the package is built with npm at hand.
_YASGUI = "yasgui.min"

_ACCEPT = "application/sparql-results+json, text/turtle;q=0.9"
_TERMS = {
    "classes": "SELECT ?term (COUNT(*) AS ?n) { ?s a ?term } GROUP BY ?term",
    "predicates": "SELECT ?term (COUNT(*) AS ?n) { ?s ?term ?o } GROUP BY ?term",
}
_ASK_CLASS = """SELECT ?name ?thing {
  ?thing a TERM ; rdfs:label ?name .
}
ORDER BY ?name
LIMIT 100
"""
_ASK_PREDICATE = """SELECT ?subject ?object {
  ?s TERM ?o ; rdfs:label ?subject .
  OPTIONAL { ?o rdfs:label ?label }
  BIND(COALESCE(?label, ?o) AS ?object)
}
ORDER BY ?subject ?object
LIMIT 100
"""
_DOWNLOADS = (("CSV", "csv"), ("TSV", "tsv"), ("JSON", "json"), ("XML", "xml"))


def answer_editor(request: Request, service: Service) -> Response:
    """Answer with the editor, and with the results of `?query=` where there is one."""
    text = request.get("query")
    examples = read_examples()
    shown = text or (examples[0].text if examples else "")
    results, status = _run(request, service, text) if text.strip() else (Markup(), 200)
    form = tag("form", _write_field(shown), _write_actions(text), action="/", id="query-form")
    place = tag("div", id="yasgui") if has_asset(f"{_YASGUI}.js") else Markup()
    main = tag("div", tag("h1", service.title), place, form, results)
    content = tag("div", main, _write_aside(service, examples), class_="query")
    if not place:
        script = tag("script", src="/static/editor.js", type="module")
        return make_page("Query", content, head=script, status=status)
    # Yasgui's editor and tables write style elements of their own.
    head = _load_yasgui(service, shown)
    return make_page("Query", content, head=head, status=status, styles="'self' 'unsafe-inline'")


def answer_terms(request: Request, service: Service) -> Response:  # noqa: ARG001 # every route takes both
    """Answer with the classes and predicates in use, the most used first, and prefixes."""
    ontology = service.ontology
    labels = {term.iri: term.label for term in ontology.classes.values()}
    labels |= {term.iri: term.label for term in ontology.predicates.values()}
    found: dict[str, object] = {"prefixes": PREFIXES}
    for kind, text in _TERMS.items():
        answer = service.engine.read(Query(f"{text} ORDER BY DESC(?n) ?term LIMIT 500"))
        rows = json.loads(answer.body)["results"]["bindings"]
        iris = [row["term"]["value"] for row in rows]
        found[kind] = [{"iri": iri, "label": labels.get(iri, "")} for iri in iris]
    return Response(body=json.dumps(found).encode(), media_type=JSON)


def _run(request: Request, service: Service, text: str) -> tuple[Markup, int]:
    """Return what a query gives, or what is wrong with it, and the status of the page."""
    try:
        answer = service.engine.read(Query(text, accept=_ACCEPT, base_iri=request.url))
    except Problem as problem:
        told = tag("div", tag("h2", problem.title), tag("p", problem.detail, class_="error"))
        return tag("section", told, role="alert"), problem.status
    downloads = (
        tag("a", label, href=f"/sparql?{urlencode({'query': text, 'format': name})}")
        for label, name in (_DOWNLOADS if "json" in answer.media_type else (("Turtle", "turtle"),))
    )
    links = tag("p", "Download as ", join(downloads, ", "), class_="muted")
    shown = write_results(answer, service.base_iri)
    return tag("section", tag("h2", "Results"), links, shown, aria_label="Results"), 200


def _load_yasgui(service: Service, example: str) -> Markup:
    """Return what loads Yasgui, with the settings that it reads as data."""
    minter = Minter(service.base_iri)
    settings = {
        "prefixes": PREFIXES,
        "names": minter.prefixes,
        "base": minter.base,
        "example": example,
    }
    data = json.dumps(settings).replace("<", "\\u003c")
    return join(
        [
            tag("link", rel="stylesheet", href=f"/static/{_YASGUI}.css"),
            tag("script", Markup(data), type="application/json", id="settings"),
            tag("script", src=f"/static/{_YASGUI}.js", defer=True),
            tag("script", src="/static/yasgui.js", type="module"),
        ]
    )


def _write_field(text: str) -> Markup:
    label = tag("label", "SPARQL query", for_="query")
    # The line break keeps one that begins the text: HTML drops the first.
    field = tag(
        "textarea", "\n" + text, id="query", name="query", spellcheck="false", required=True,
        autocomplete="off", autocapitalize="off",
    )  # fmt: skip
    return join([label, tag("div", field, class_="field")])


def _write_actions(text: str) -> Markup:
    hint = tag("span", "Ctrl+Enter runs it. Names complete as you type.", class_="muted scripted")
    link = tag("a", "Link to this query", href=f"/?{urlencode({'query': text})}") if text else ""
    return tag("div", tag("button", "Run", class_="main"), link, hint, class_="actions")


def _write_aside(service: Service, examples: Iterable[Example]) -> Markup:
    ontology = service.ontology
    asked = [
        tag("li", tag("a", example.title, href=f"/?{urlencode({'query': example.text})}"))
        for example in examples
    ]
    classes = [_write_term(ontology.classes[name]) for name in ontology.entity_classes]
    predicates = [_write_term(term) for term in ontology.predicates.values() if term.canonical]
    prefixes = ", ".join(sorted(PREFIXES))
    return tag(
        "aside",
        tag("h2", "Examples"),
        tag("ul", *asked),
        tag("h2", "Classes"),
        tag("ul", *classes),
        tag("h2", "Predicates"),
        tag("ul", *predicates),
        tag("h2", "Prefixes"),
        tag("p", f"These need no declaration: {prefixes}.", class_="muted"),
        tag("p", "Other programs ask at /sparql.", class_="muted"),
        aria_label="What to ask",
    )


def _write_term(term: OntologyClass | Predicate) -> Markup:
    """Return a term that asks about itself, or goes into the query where scripts run."""
    shown = shorten(term.iri) or f"<{term.iri}>"
    question = _ASK_PREDICATE if isinstance(term, Predicate) else _ASK_CLASS
    href = f"/?{urlencode({'query': question.replace('TERM', shown)})}"
    return tag("li", tag("a", shown, href=href, title=term.definition, data_term=shown))
