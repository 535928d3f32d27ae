"""SPARQL 1.1 Protocol: queries and updates over HTTP.

See https://www.w3.org/TR/sparql11-protocol/, section 2.
"""

from __future__ import annotations

from collections.abc import Mapping

from kg.serve.description import describe_service
from kg.serve.jobs import Query, Update
from kg.serve.messages import Problem, Request, Response, read_form
from kg.serve.negotiation import choose
from kg.serve.service import Service
from kg.serve.work import GRAPH_TYPES
from kg.store import Dataset

__all__ = ["answer_sparql"]

_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"

_FORMATS = {
    "json": "application/sparql-results+json, application/ld+json",
    "xml": "application/sparql-results+xml, application/rdf+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
}

_Form = Mapping[str, list[str]]


def answer_sparql(request: Request, service: Service) -> Response:
    """Answer a query or an update, or describe the service where neither is sent."""
    form, direct = _read(request)
    if "query" in form and "update" in form:
        raise Problem(400, "Query and update", "send one of them")
    if direct == _UPDATE or "update" in form:
        return _update(request, service, form)
    if "query" in form:
        return _query(request, service, form)
    if request.method == "POST":
        raise Problem(400, "No query", "the parameter query or update is missing")
    if choose(request.accept, (*GRAPH_TYPES, "text/html")) == "text/html":
        return Response(303, headers={"Location": "/"})
    return describe_service(request, service)


def _read(request: Request) -> tuple[_Form, str]:
    """Return what was sent as a form, and the media type of a body that is SPARQL itself."""
    if request.method != "POST":
        if "update" in request.parameters:
            raise Problem(405, "Update by GET", "send updates by POST", {"Allow": "POST"})
        return request.parameters, ""
    kind = request.media_type
    if kind not in (_FORM, _QUERY, _UPDATE):
        detail = f"the body must be {_FORM}, {_QUERY} or {_UPDATE}, and say so"
        raise Problem(415, "Unsupported media type", detail)
    body = _decode(request)
    if kind == _FORM:
        # The protocol puts all of a form's parameters into the body; clients are known to
        # leave the graphs in the address, which does no harm.
        return _merge(read_form(body), request.parameters), ""
    name = "query" if kind == _QUERY else "update"
    if not request.parameters.keys().isdisjoint({"query", "update"}):
        raise Problem(400, "Two requests in one", "the body and the address hold one each")
    return {**request.parameters, name: [body]}, kind


def _merge(form: _Form, parameters: _Form) -> _Form:
    names = {*form, *parameters}
    return {name: [*form.get(name, ()), *parameters.get(name, ())] for name in names}


def _decode(request: Request) -> str:
    """Return the body as text. Raises Problem where it is not, or not said to be, UTF-8."""
    _, _, parameters = request.headers.get("content-type", "").partition(";")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip(' "').lower() != "utf-8":
            raise Problem(415, "Unsupported encoding", "SPARQL is sent as UTF-8")
    try:
        return request.body.decode()
    except UnicodeDecodeError as error:
        raise Problem(400, "Unreadable body", "SPARQL is sent as UTF-8") from error


def _query(request: Request, service: Service, form: _Form) -> Response:
    job = Query(
        _take_one(form, "query"),
        accept=_find_accept(request, form),
        dataset=_dataset(form, "default-graph-uri", "named-graph-uri"),
        base_iri=request.url,
    )
    answer = service.engine.read(job)
    return Response(body=answer.body, media_type=answer.media_type)


def _update(request: Request, service: Service, form: _Form) -> Response:
    job = Update(
        _take_one(form, "update"),
        dataset=_dataset(form, "using-graph-uri", "using-named-graph-uri"),
        base_iri=request.url,
    )
    service.admit_change(request)
    service.engine.write(job)
    return Response(204)


def _find_accept(request: Request, form: _Form) -> str:
    """Return what the client can read: what `format` names, for links, or else its header.

    Clients are known to send names of their own beside the header, which then counts.
    """
    return _FORMATS.get(form.get("format", [""])[-1], request.accept)


def _take_one(form: _Form, name: str) -> str:
    """Return the value of a parameter. Raises Problem where it is given more than once."""
    values = form[name]
    if len(values) != 1:
        raise Problem(400, "Several requests in one", f"send one {name}")
    return values[0]


def _dataset(form: _Form, default: str, named: str) -> Dataset | None:
    """Return the graphs that a request names, None where it names none."""
    if default not in form and named not in form:
        return None
    return Dataset(default=tuple(form.get(default, ())), named=tuple(form.get(named, ())))
