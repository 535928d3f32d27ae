"""Reads the exported Turtle with rdflib: people by company, and where it says so.

kg export --output graph.ttl
python use_rdflib.py graph.ttl
"""

from __future__ import annotations

import sys

from rdflib import RDF, RDFS, Graph, Namespace
from rdflib.term import Node

KG = Namespace("https://w3id.org/kg-builder/ns#")
OA = Namespace("http://www.w3.org/ns/oa#")


def main(file: str) -> None:
    """Print who founded what, with every sentence that says so."""
    graph = Graph().parse(file)
    companies = set(graph.subjects(RDF.type, KG.Company))
    print(f"{len(graph)} triples about {len(companies)} companies\n")
    for fact in sorted(graph.subjects(RDF.predicate, KG.foundedBy), key=str):
        subject, founder = graph.value(fact, RDF.subject), graph.value(fact, RDF.object)
        print(f"{graph.value(founder, RDFS.label)} founded {graph.value(subject, RDFS.label)}")
        for quote in quotes(graph, fact):
            print(f'    "{quote}"')


def quotes(graph: Graph, fact: Node) -> list[str]:
    """Return the sentences that state a fact; none from an export with `--profile plain`."""
    found = graph.objects(fact, KG.evidence / OA.hasTarget / OA.hasSelector / OA.exact)
    return sorted({str(quote) for quote in found})


if __name__ == "__main__":
    main(sys.argv[1])
