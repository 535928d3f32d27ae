"""Places the nodes of a graph in the plane and finds its communities.

Computed once, when a page is written, so that the page opens at once and looks the same
to everyone. Forces as in Jacomy et al., ForceAtlas2 (2014): linear attraction along ties,
repulsion by degree, so that hubs stand apart. Graphs of more than a few hundred nodes are
placed community by community, each inside a circle of its own.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
import numpy.typing as npt

__all__ = ["Layout", "place"]

_Points = npt.NDArray[np.float64]
_SEED = 20_240_817
_SPACING = 90.0  # pixels between neighbours at scale 1: room for a name of 12 pixels
_WHOLE = 400  # up to here forces alone read well; above, communities blur into each other
_EXACT = 1_500  # up to here every pair repels every other; above, a sample stands for all
_SAMPLE = 600
_ROOM = (1.5, 1.0)  # a node with its name is half as wide again as it is high
_APART = 52.0  # pixels that two nodes keep, measured by their room
_WIDE = (1.2, 0.84)  # screens are wide and so are names: the plane is stretched to about 10:7


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each node lies (whole pixels) and the number of its community.

    Communities are numbered from 0 by falling size; a node without ties has -1.
    """

    points: tuple[tuple[int, int], ...]
    communities: tuple[int, ...]


def place(count: int, ties: Sequence[tuple[int, int]]) -> Layout:
    """Return the layout of the nodes 0 to `count` - 1, the same for the same ties."""
    pairs = sorted({(min(t), max(t)) for t in ties if t[0] != t[1]})
    groups = _communities(count, pairs)
    number = [-1] * count
    for index, group in enumerate(groups):
        for node in group:
            number[node] = index
    tied = sorted(node for group in groups for node in group)
    points = np.zeros((count, 2))
    if 0 < len(tied) <= _WHOLE:
        points[tied] = _spread(_enlarge(_forces(len(tied), _within(tied, pairs))))
    elif tied:
        points = _by_community(points, groups, number, pairs)
    points *= _WIDE
    _set_aside(points, [n for n in range(count) if number[n] < 0], tied)
    return Layout(
        points=tuple((round(x), round(y)) for x, y in points.tolist()),
        communities=tuple(number),
    )


def _communities(count: int, pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the groups of tied nodes that are tied closest, largest first (Louvain)."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from(pairs)
    graph.remove_nodes_from(list(nx.isolates(graph)))
    if not graph:
        return []
    found = nx.community.louvain_communities(graph, seed=_SEED)
    return sorted((sorted(group) for group in found), key=lambda g: (-len(g), g[0]))


def _within(nodes: Sequence[int], pairs: Sequence[tuple[int, int]]) -> npt.NDArray[np.int64]:
    """Return the ties between these nodes, numbered by their order."""
    at = {node: index for index, node in enumerate(nodes)}
    kept = [(at[a], at[b]) for a, b in pairs if a in at and b in at]
    return np.array(kept, dtype=np.int64).reshape(-1, 2)


def _forces(
    count: int,
    ties: npt.NDArray[np.int64],
    *,
    start: _Points | None = None,
    masses: npt.NDArray[np.float64] | None = None,
    steps: int = 300,
) -> _Points:
    """Return points at rest between attraction along ties and repulsion of all nodes."""
    random = np.random.default_rng(_SEED)
    points = _spiral(count) if start is None else start.copy()
    degree = np.bincount(ties.ravel(), minlength=count).astype(np.float64)
    mass = degree + 1 if masses is None else masses
    heat = _SPACING * max(1.0, math.sqrt(count)) / 8
    for step in range(steps):
        force = _repulsion(points, mass, random) - points * (mass * 0.004)[:, None]
        pull = (points[ties[:, 1]] - points[ties[:, 0]]) / _SPACING
        for axis in (0, 1):
            force[:, axis] += np.bincount(ties[:, 0], pull[:, axis], minlength=count)
            force[:, axis] -= np.bincount(ties[:, 1], pull[:, axis], minlength=count)
        force /= np.sqrt(mass)[:, None]
        length = np.maximum(np.linalg.norm(force, axis=1), 1e-9)
        limit = heat * (1 - step / steps) ** 1.5
        points += force * (np.minimum(length * _SPACING / 4, limit) / length)[:, None]
    centred: _Points = points - points.mean(axis=0)
    return centred


def _repulsion(
    points: _Points, mass: npt.NDArray[np.float64], random: np.random.Generator
) -> _Points:
    """Return the push on each point, from all others or from a sample of them."""
    count = len(points)
    if count > _EXACT:
        others = random.choice(count, _SAMPLE, replace=False)
        weight = mass[others] * (count / _SAMPLE)
    else:
        others = np.arange(count)
        weight = mass
    there = points[others]
    # The squares of all distances by one product of matrices: no array holds the differences.
    square = (points**2).sum(axis=1)[:, None] + (there**2).sum(axis=1)[None, :]
    square -= 2 * points @ there.T
    strength = weight[None, :] / np.maximum(square, 1.0, out=square)
    push: _Points = points * strength.sum(axis=1)[:, None] - strength @ there
    return push * (0.35 * mass)[:, None]


def _enlarge(points: _Points) -> _Points:
    """Return the points so far from each other that most have room for their names."""
    if len(points) < 2:
        return points
    distance = np.linalg.norm(points[:, None, :] - points[None, :, :], axis=2)
    np.fill_diagonal(distance, np.inf)
    near = max(float(np.quantile(distance.min(axis=1), 0.3)), 1e-6)
    return points * max(1.0, _SPACING / near)


def _spread(points: _Points) -> _Points:
    """Return the points with those that lie too close pushed apart, the rest in place."""
    room = points / _ROOM
    for _ in range(60):
        apart = room[:, None, :] - room[None, :, :]
        distance = np.maximum(np.linalg.norm(apart, axis=2), 1e-6)
        overlap = np.maximum(_APART - distance, 0)
        np.fill_diagonal(overlap, 0)
        if not overlap.any():
            break
        room += (apart * (overlap / distance * 0.4)[:, :, None]).sum(axis=1)
    spread: _Points = room * _ROOM
    return spread


def _spiral(count: int) -> _Points:
    """Return points evenly spread over a disc, the first in its middle (Vogel, 1979)."""
    index = np.arange(count)
    radius = _SPACING * 0.6 * np.sqrt(index + 0.5)
    angle = index * math.pi * (3 - math.sqrt(5))
    return np.column_stack((radius * np.cos(angle), radius * np.sin(angle)))


def _by_community(
    points: _Points,
    groups: Sequence[list[int]],
    number: Sequence[int],
    pairs: Sequence[tuple[int, int]],
) -> _Points:
    """Return points with each community in a circle, and tied circles near each other."""
    inner: dict[int, list[tuple[int, int]]] = defaultdict(list)
    outer: dict[tuple[int, int], int] = defaultdict(int)
    for a, b in pairs:
        left, right = number[a], number[b]
        if left == right:
            inner[left].append((a, b))
        else:
            outer[min(left, right), max(left, right)] += 1
    radii = np.array([_SPACING * 0.62 * math.sqrt(len(group) + 1) for group in groups])
    centres = _circles(radii, outer)
    for index, group in enumerate(groups):
        steps = max(60, min(200, 40_000 // len(group)))
        local = _forces(len(group), _within(group, inner[index]), steps=steps)
        reach = np.quantile(np.linalg.norm(local, axis=1), 0.98) or 1.0
        shrunk = local * (radii[index] / reach)
        points[group] = centres[index] + (_spread(shrunk) if len(group) <= _WHOLE else shrunk)
    return points


def _circles(radii: npt.NDArray[np.float64], outer: dict[tuple[int, int], int]) -> _Points:
    """Return centres of circles that do not overlap, those with many ties close."""
    strong = sorted(outer, key=lambda pair: (-outer[pair], pair))[: 3 * len(radii)]
    ties = np.array(sorted(strong), dtype=np.int64).reshape(-1, 2)
    scale = float(radii.mean()) / _SPACING * 2
    centres = _forces(len(radii), ties, masses=np.ones(len(radii)) * 2) * scale
    for _ in range(400):
        apart = centres[:, None, :] - centres[None, :, :]
        distance = np.maximum(np.linalg.norm(apart, axis=2), 1e-6)
        overlap = radii[:, None] + radii[None, :] + _SPACING - distance
        np.fill_diagonal(overlap, 0)
        overlap = np.maximum(overlap, 0)
        if not overlap.any():
            break
        share = radii[None, :] / (radii[:, None] + radii[None, :])
        centres += (apart / distance[:, :, None] * (overlap * share * 0.5)[:, :, None]).sum(axis=1)
        centres *= 0.999
    return centres


def _set_aside(points: _Points, lone: Sequence[int], tied: Sequence[int]) -> None:
    """Put the nodes without ties in rows below the others."""
    if not lone:
        return
    width = float(np.ptp(points[tied, 0])) if tied else 0.0
    below = float(points[tied, 1].max()) + 1.5 * _SPACING if tied else 0.0
    columns = max(math.ceil(math.sqrt(len(lone))), round(width / (1.4 * _SPACING)))
    for index, node in enumerate(lone):
        row, column = divmod(index, columns)
        in_row = min(columns, len(lone) - row * columns)
        points[node] = (
            (column - (in_row - 1) / 2) * 1.4 * _SPACING,
            below + row * 0.8 * _SPACING,
        )
