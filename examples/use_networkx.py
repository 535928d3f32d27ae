"""Reads the exported GraphML with networkx: what is central, and what ties two things.

kg export --output graph.graphml
python use_networkx.py graph.graphml [FROM TO]      by name; else the two most central
"""

from __future__ import annotations

import sys
from itertools import pairwise

import networkx as nx

# Countries and cities tie almost everything to everything; these tell more.
KINDS = {"Organization", "Company", "Person", "Product", "Event"}


def main(file: str, names: list[str]) -> None:
    """Print the most central entities, then the shortest way between two of them."""
    whole = nx.MultiGraph(nx.read_graphml(file, force_multigraph=True))
    print(f"{len(whole)} entities, {whole.size()} facts between them")
    network = whole.subgraph(node for node, type_ in whole.nodes(data="type") if type_ in KINDS)
    largest = network.subgraph(max(nx.connected_components(network), key=len))
    ranks = nx.betweenness_centrality(nx.Graph(largest))
    ranked = sorted(largest, key=lambda node: (-ranks[node], node))[:10]
    print(f"\nMost others of {len(largest)} that hang together without places are tied through:")
    for node in ranked:
        print(f"  {ranks[node]:.3f}  {network.nodes[node]['label']}")
    one, other = (find(network, name) for name in names) if names else ranked[:2]
    print_way(network, one, other)


def find(network: nx.MultiGraph, name: str) -> str:
    """Return the entity of a name."""
    for node, label in network.nodes(data="label"):
        if label == name:
            return str(node)
    sys.exit(f"no company, person or product is called {name}")


def print_way(network: nx.MultiGraph, one: str, other: str) -> None:
    """Print the facts along the shortest way, each with its sentence."""
    label = network.nodes(data="label")
    print(f"\nThe shortest way from {label[one]} to {label[other]}:")
    if not nx.has_path(network, one, other):
        print("  none")
        return
    for here, there in pairwise(nx.shortest_path(network, one, other)):
        fact = max(network[here][there].values(), key=lambda fact: fact["confidence"])
        print(f"  {label[here]} - {label[there]}: {fact['label']}")
        print(f'    "{fact["sentence"]}"')


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
