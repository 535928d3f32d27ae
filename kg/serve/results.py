"""Results of queries as HTML."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from kg.serve.jobs import Answer
from kg.serve.markup import Markup, external_link, join, name, tag
from kg.serve.paths import find_path, link_resource, shorten

__all__ = ["write_results"]

_SHOWN = 1000
# So many entities of a result can be seen as a graph: their IRIs travel in an address.
_IN_GRAPH = 40


def write_results(answer: Answer, base_iri: str) -> Markup:
    """Return a table of rows, a yes or no, or the text of a graph."""
    if "json" not in answer.media_type:
        return tag("pre", answer.body.decode())
    results = json.loads(answer.body)
    if "boolean" in results:
        return tag("p", tag("strong", "Yes" if results["boolean"] else "No"))
    rows, names = results["results"]["bindings"], results["head"]["vars"]
    count = f"{len(rows)} row{'' if len(rows) == 1 else 's'}"
    shown = f", of which {_SHOWN} are shown" if len(rows) > _SHOWN else ""
    head = tag("tr", *(tag("th", variable, scope="col") for variable in names))
    body = (
        tag("tr", *(tag("td", _write_cell(row.get(n), base_iri)) for n in names))
        for row in rows[:_SHOWN]
    )
    table = tag("table", tag("thead", head), tag("tbody", *body))
    return join([
        tag("p", count, shown, ". ", _link_graph(rows, base_iri), class_="muted"),
        tag("div", table, class_="results", tabindex="0"),
    ])  # fmt: skip


def _link_graph(rows: list[dict[str, Any]], base_iri: str) -> Markup:
    """Return a link to the entities of a result in the graph, the first ones of many."""
    iris = (cell["value"] for row in rows for cell in row.values() if cell["type"] == "uri")
    entities = (iri for iri in iris if find_path(base_iri, iri).startswith("/entity/"))
    focus = [("focus", iri) for iri in dict.fromkeys(entities)][:_IN_GRAPH]
    if not focus:
        return Markup()
    return tag("a", "See them in the graph", href=f"/explore?{urlencode(focus)}")


def _write_cell(cell: dict[str, Any] | None, base_iri: str) -> Markup:
    if cell is None:
        return Markup()
    value = cell["value"]
    if cell["type"] == "uri":
        short = shorten(value) or value.removeprefix(base_iri)
        if find_path(base_iri, value):
            return link_resource(base_iri, value, short)
        return external_link(value, short)
    if cell["type"] == "triple":
        parts = (_write_cell(value[part], base_iri) for part in ("subject", "predicate", "object"))
        return join(parts, " ")
    return name(value)
