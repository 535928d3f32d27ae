"""Writes a graph as one HTML file that asks nothing of any network.

The page is made of what lies in `page/` (a template, a style sheet, and modules joined
into one script) and vis-network. A Content-Security-Policy admits these by hash and nothing
else; data stands in a JSON block that no browser runs, and reaches the page only as text.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from dataclasses import asdict
from importlib.resources import files
from string import Template
from typing import Any

from kg.ontology import Ontology
from kg.view.graph import Edge, Graph, Node, Source
from kg.view.network import build_network, vis_network_script

__all__ = ["graph_data", "render_graph"]

_SCRIPTS = (
    "text", "graph", "state", "palette", "shapes", "scene", "labels", "painter", "camera", "canvas",
    "search", "evidence", "details", "filters", "timeline", "table", "copy", "vector", "picture",
    "keys", "main",
)  # fmt: skip

_MODULE_LINE = re.compile(r"^import .*?;\n|^export (?=\S)", re.MULTILINE | re.DOTALL)


def render_graph(graph: Graph, ontology: Ontology, *, title: str = "", service: str = "") -> str:
    """Return the page of a graph.

    `service` is the address, of the page's own server, that answers `?node=IRI` with the
    `graph_data` of that node's neighbourhood; without it the page asks nobody.
    """
    data = graph_data(graph, ontology) | {"title": title or "Knowledge graph", "service": service}
    style, script, library = _read("page/page.css"), _join_scripts(), vis_network_script()
    policy = {
        "default-src": "'none'",
        "script-src": f"{_hash(library)} {_hash(script)}",
        "style-src": _hash(style),
        "img-src": "data: blob:",
        "connect-src": "'self'" if service else "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return Template(_read("page/template.html")).substitute(
        policy=html.escape("; ".join(f"{name} {value}" for name, value in policy.items())),
        title=html.escape(data["title"]),
        style=style,
        data=_embed(data),
        library=library,
        script=script,
    )


def graph_data(graph: Graph, ontology: Ontology) -> dict[str, Any]:
    """Return the graph as JSON values: what the page reads and a server answers.

    Nodes, articles, classes and predicates are named by their place in their list.
    """
    classes = _classes(graph, ontology)
    shapes = {c["name"]: c["shape"] for c in classes}
    network = build_network(graph, shapes)
    predicates = sorted({edge.predicate for edge in graph.edges})
    at = {
        "node": {n.iri: i for i, n in enumerate(graph.nodes)},
        "article": {s.iri: i for i, s in enumerate(graph.sources)},
        "predicate": {p: i for i, p in enumerate(predicates)},
        "class": {c["name"]: i for i, c in enumerate(classes)},
    }
    return {
        "classes": classes,
        "predicates": [_predicate(iri, ontology) for iri in predicates],
        "articles": [_article(source) for source in graph.sources],
        "nodes": [_node(node, at["class"]) for node in graph.nodes],
        "facts": [_fact(edge, at) for edge in graph.edges],
        "network": {
            "nodes": network.nodes,
            "edges": network.edges,
            "options": network.options,
        },
    }


def _classes(graph: Graph, ontology: Ontology) -> list[dict[str, str]]:
    """Return the classes that occur, in the ontology's order, each with colours and shape.

    A class without colours of its own takes those of the nearest class above it that has.
    """
    palette = json.loads(_read("classes.json"))
    used = {node.type for node in graph.nodes}
    named = [name for name in ontology.entity_classes if name in used]
    found = []
    for index, name in enumerate(named + sorted(used.difference(named))):
        known = ontology.classes.get(name)
        above = (name, *ontology.ancestors(name)) if known else (name,)
        look = next(
            (palette["known"][a] for a in above if a in palette["known"]),
            palette["others"][index % len(palette["others"])],
        )
        label = known.label if known else _spaced(name)
        found.append(
            {"name": name, "iri": known.iri if known else "", "label": label or "Other", **look}
        )
    return found


def _predicate(iri: str, ontology: Ontology) -> dict[str, Any]:
    known = next((p for p in ontology.predicates.values() if p.iri == iri), None)
    if known:
        return {"iri": iri, "label": known.label, "symmetric": known.symmetric}
    return {"iri": iri, "label": _spaced(re.split(r"[#/]", iri)[-1]).lower(), "symmetric": False}


def _spaced(name: str) -> str:
    """Return a name in camel case as words."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)


def _node(node: Node, classes: dict[str, int]) -> dict[str, Any]:
    return _compact(
        {
            "iri": node.iri,
            "label": node.label,
            "class": classes[node.type],
            "aliases": node.aliases,
            "links": node.links,
        }
    )


def _article(source: Source) -> dict[str, Any]:
    return _compact(asdict(source))


def _fact(edge: Edge, at: dict[str, dict[str, int]]) -> dict[str, Any]:
    return _compact(
        {
            "iri": edge.iri,
            "subject": at["node"][edge.source],
            "predicate": at["predicate"][edge.predicate],
            "object": at["node"][edge.target] if edge.target else None,
            "value": edge.value if not edge.target else None,
            "datatype": edge.datatype,
            "currency": edge.currency,
            "confidence": edge.confidence,
            "modality": edge.modality,
            "from": edge.valid_from,
            "to": edge.valid_to,
            "evidence": [
                _compact(
                    {
                        "article": at["article"].get(quote.article),
                        "quote": quote.text,
                        "before": quote.before,
                        "after": quote.after,
                        "start": quote.start,
                        "end": quote.end,
                        "confidence": quote.confidence,
                        "extractor": quote.extractor,
                        "speaker": quote.speaker,
                    }
                )
                for quote in edge.quotes
            ],
        }
    )


def _compact(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values without those that say nothing."""
    return {name: value for name, value in values.items() if value not in (None, "", (), [])}


def _join_scripts() -> str:
    """Return the page's modules as one, in an order in which each stands on those before.

    They share one scope then: a name at the top of one module stands in no other.
    """
    return "\n".join(_MODULE_LINE.sub("", _read(f"page/{name}.js")) for name in _SCRIPTS)


def _embed(data: dict[str, Any]) -> str:
    """Return JSON that cannot close the script element around it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _hash(content: str) -> str:
    """Return what a Content-Security-Policy admits an inline element by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _read(name: str) -> str:
    return files("kg.view").joinpath(name).read_text(encoding="utf-8")
