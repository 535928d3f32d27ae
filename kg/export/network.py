"""Writes the facts between entities as a network: GraphML and GEXF."""

from __future__ import annotations

import io
import re

import networkx as nx

from kg.model import Fact, Literal, Modality
from kg.ontology import Ontology
from kg.rdf import Contents

__all__ = ["make_network", "write_gexf", "write_graphml"]

# What XML 1.0, section 2.2, has no way to write.
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The day that networkx notes in GEXF would change the bytes every day.
_DAY = re.compile(rb' lastmodifieddate="[^"]*"')


def make_network(contents: Contents, ontology: Ontology) -> nx.MultiDiGraph:
    """Return the entities as nodes and the facts between them as edges.

    A node has the attributes `label`, `type`, `aliases` and, for each value that is asserted
    of it, one by the name of the predicate; an edge `predicate`, `label`, `confidence`,
    `modality`, `articles` (their number), `article` and `sentence` of the best evidence.
    A character that XML cannot hold becomes U+FFFD.
    """
    network = nx.MultiDiGraph()
    for entity in contents.entities:
        network.add_node(
            entity.iri,
            label=_fit(entity.name),
            type=entity.type,
            aliases=_fit("; ".join(entity.aliases)),
        )
    for fact in contents.facts:
        if isinstance(fact.object, Literal):
            if fact.subject in network and fact.modality is Modality.ASSERTED:
                value = f"{fact.object.value} {fact.object.currency}".strip()
                network.nodes[fact.subject].setdefault(fact.predicate, _fit(value))
        elif fact.subject in network and fact.object in network:
            label = ontology.predicates[fact.predicate].label
            network.add_edge(fact.subject, fact.object, key=fact.iri, **_describe(fact, label))
    return network


def _describe(fact: Fact, label: str) -> dict[str, str | float | int]:
    best = max(fact.evidence, key=lambda e: (e.confidence, e.article, e.span))
    return {
        "predicate": fact.predicate,
        "label": label,
        "confidence": best.confidence,
        "modality": fact.modality.value,
        "articles": len({e.article for e in fact.evidence}),
        "article": _fit(best.article),
        "sentence": _fit(best.quote),
    }


def _fit(text: str) -> str:
    """Return the text as XML can hold it."""
    return _NO_XML.sub("\ufffd", text)


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
