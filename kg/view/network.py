"""Turns a graph into pyvis's Network: nodes in their places, one line for each tied pair.

All facts between two entities share one line, so that lines never hide one another; the
page lists the facts when the line is opened.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kg.view.graph import Graph
from kg.view.layout import place

if TYPE_CHECKING:
    from pyvis.network import Network

__all__ = ["build_network", "vis_network_script"]

_VIS = "lib/vis-9.1.2/vis-network.min.js"

# The page draws lines and names itself (kg/view/painter.js says why), so that vis-network
# is left with the camera, the gestures, the dragging and the finding of nodes.
_OPTIONS = {
    "autoResize": True,
    "physics": False,
    "layout": {"improvedLayout": False},
    "interaction": {
        "hover": False,
        "keyboard": False,
        "multiselect": False,
        "selectConnectedEdges": False,
        "tooltipDelay": 0,
    },
}


def build_network(graph: Graph, shapes: dict[str, str]) -> Network:
    """Return the network of a graph; nodes and edges are numbered in the graph's order.

    A node carries its place, its size by number of neighbours, its class as `group` and
    its `community`; an edge carries the numbers of its `facts`. `shapes` gives the shape
    of each class.
    """
    from pyvis.edge import Edge
    from pyvis.network import Network
    from pyvis.node import Node

    number = {node.iri: index for index, node in enumerate(graph.nodes)}
    ties: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, fact in enumerate(graph.edges):
        if fact.target and fact.target != fact.source:
            a, b = number[fact.source], number[fact.target]
            ties[min(a, b), max(a, b)].append(index)
    layout = place(len(graph.nodes), list(ties))
    degree = [0] * len(graph.nodes)
    for pair in ties:
        for end in pair:
            degree[end] += 1
    network = Network(directed=True, cdn_resources="in_line")
    # Network.add_node and add_edge search all nodes each time, which takes minutes for a
    # large graph: its lists are filled as they would fill them.
    for index, node in enumerate(graph.nodes):
        x, y = layout.points[index]
        shape = shapes.get(node.type, "dot")
        options: dict[str, Any] = {"x": x, "y": y, "size": _size(degree[index])}
        options |= {"group": node.type, "community": layout.communities[index]}
        network.nodes.append(Node(index, shape, node.label, **options).options)
        network.node_ids.append(index)
    for index, ((a, b), facts) in enumerate(sorted(ties.items())):
        network.edges.append(Edge(a, b, id=index, facts=facts).options)
    network.set_options(json.dumps(_OPTIONS))
    return network


def vis_network_script() -> str:
    """Return the vis-network library that pyvis carries, with its licence header."""
    script = files("pyvis").joinpath(_VIS).read_text(encoding="utf-8")
    # The map lies beside pyvis's file, not beside the page: browsers would look for it.
    return script.rsplit("//# sourceMappingURL=", 1)[0].rstrip() + "\n"


def _size(degree: int) -> float:
    """Return the radius of a node in pixels: its area grows with its neighbours."""
    return round(min(6 + 2.2 * math.sqrt(degree), 26), 1)
