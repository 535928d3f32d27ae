"""Writes the facts between entities as a network: GraphML and GEXF."""

from __future__ import annotations

import io
import re

import networkx as nx

from kg.model import Fact, Literal
from kg.ontology import Ontology
from kg.rdf import Contents

__all__ = ["make_network", "write_gexf", "write_graphml"]

# The day that networkx notes in GEXF would change the bytes every day.
_DAY = re.compile(rb' lastmodifieddate="[^"]*"')


def make_network(contents: Contents, ontology: Ontology) -> nx.MultiDiGraph:
    """Return the entities as nodes and the facts between them as edges.

    A node has the attributes `label`, `type`, `aliases` and, for each value that is stated
    of it, one by the name of the predicate; an edge `predicate`, `label`, `confidence`,
    `modality`, `articles` (their number), `article` and `sentence` of the best evidence.
    """
    network = nx.MultiDiGraph()
    for entity in contents.entities:
        network.add_node(
            entity.iri,
            label=entity.name,
            type=entity.type,
            aliases="; ".join(entity.aliases),
        )
    for fact in contents.facts:
        if isinstance(fact.object, Literal):
            if fact.subject in network:
                value = f"{fact.object.value} {fact.object.currency}".strip()
                network.nodes[fact.subject].setdefault(fact.predicate, value)
        elif fact.subject in network and fact.object in network:
            label = ontology.predicates[fact.predicate].label
            network.add_edge(fact.subject, fact.object, key=fact.iri, **_describe(fact, label))
    return network


def _describe(fact: Fact, label: str) -> dict[str, str | float | int]:
    best = max(fact.evidence, key=lambda e: (e.confidence, e.article, e.quote))
    return {
        "predicate": fact.predicate,
        "label": label,
        "confidence": best.confidence,
        "modality": fact.modality.value,
        "articles": len({e.article for e in fact.evidence}),
        "article": best.article,
        "sentence": best.quote,
    }


def write_graphml(network: nx.MultiDiGraph) -> bytes:
    """Return the network as GraphML (http://graphml.graphdrawing.org/specification.html)."""
    stream = io.BytesIO()
    nx.write_graphml(network, stream, named_key_ids=True)
    return stream.getvalue()


def write_gexf(network: nx.MultiDiGraph) -> bytes:
    """Return the network as GEXF 1.2 (https://gexf.net)."""
    stream = io.BytesIO()
    nx.write_gexf(network, stream, version="1.2draft")
    return _DAY.sub(b"", stream.getvalue())
