"""Looks at a store as a network: who is central, who belongs together, how two are tied.

network = read_network(store)                entities, and the asserted facts between them
measure(network)                             degree, PageRank and community of each entity
write_measures(store, measures)              the same as kg: properties in a graph of its own
find_ties(network, ones, others)             the shortest ways from one to another, with sentences
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise

import networkx as nx
import pyoxigraph as ox

from kg.export.network import make_network
from kg.model import Modality
from kg.ontology import Ontology, load_ontology
from kg.rdf import read_contents
from kg.store import Store
from kg.vocab import BASE_IRI, KG, XSD, Minter

__all__ = ["Measure", "Tie", "TieFact", "find_ties", "measure", "read_network", "write_measures"]

# As in Brin and Page, "The anatomy of a large-scale hypertextual Web search engine" (1998).
_DAMPING = 0.85
_TOLERANCE = 1e-10
_MOST_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Measure:
    """Where an entity stands in the network.

    `degree` counts the other entities that it shares a fact with; `page_rank` is its share
    of 1; communities count from 1, the largest first.
    """

    iri: str
    name: str
    type: str
    degree: int
    page_rank: float
    community: int


@dataclass(frozen=True, slots=True)
class TieFact:
    """A fact on the way between two entities, with its best evidence; ends are named."""

    iri: str
    subject: str
    predicate: str
    label: str
    object: str
    confidence: float
    article: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Tie:
    """A way from one entity to another: the IRIs on it, and the facts of each step.

    `steps` has one member fewer than `entities`; the facts of a step are sorted, the surest
    first, and lead in either direction.
    """

    entities: tuple[str, ...]
    names: tuple[str, ...]
    steps: tuple[tuple[TieFact, ...], ...]


def read_network(store: Store, *, ontology: Ontology | None = None) -> nx.MultiDiGraph:
    """Return the entities of a store as nodes and the asserted facts between them as edges.

    Nodes and edges have the attributes that `kg.export.network.make_network` gives. What
    is former, announced or denied is left out, as it is of the plain triples.
    """
    ontology = ontology or load_ontology()
    minter = Minter(store.base or BASE_IRI)
    network = make_network(read_contents(store.quads(), ontology=ontology, minter=minter), ontology)
    others = [
        (one, other, key)
        for one, other, key, modality in network.edges(keys=True, data="modality")
        if modality != Modality.ASSERTED.value
    ]
    network.remove_edges_from(others)
    return network


def measure(network: nx.MultiDiGraph) -> tuple[Measure, ...]:
    """Return the measures of all entities, the highest PageRank first.

    The directions of facts do not count, their number does: `partnerOf` leads nowhere, and
    of "A acquired B" the news is about both. Communities are those of Louvain (Blondel and
    others, "Fast unfolding of communities in large networks", 2008), with a fixed seed; equal
    networks give equal measures.
    """
    iris = sorted(network)
    plain = _simplify(network, iris)
    ranks = _rank(plain)
    communities = _number_communities(plain)
    measures = [
        Measure(
            iri=iri,
            name=network.nodes[iri]["label"],
            type=network.nodes[iri]["type"],
            degree=plain.degree(number),
            page_rank=round(ranks[number], 8),
            community=communities[number],
        )
        for number, iri in enumerate(iris)
    ]
    return tuple(sorted(measures, key=lambda m: (-m.page_rank, -m.degree, m.iri)))


def write_measures(store: Store, measures: Iterable[Measure]) -> str:
    """Write measures into a graph of their own, in place of those before; return its IRI.

    They are no part of what is built from the articles: a build leaves them as they are, or
    drops them when it writes the graph anew.
    """
    graph = ox.NamedNode(Minter(store.base or BASE_IRI).analysis)
    before = set(store.quads(graph=graph))
    after = {ox.Quad(*triple, graph) for told in measures for triple in _describe(told)}
    store.apply(removed=before - after, added=after - before)
    store.flush()
    return graph.value


def find_ties(
    network: nx.MultiDiGraph, ones: Iterable[str], others: Iterable[str], *, limit: int = 5
) -> tuple[Tie, ...]:
    """Return the shortest ways from one of `ones` to one of `others`, by IRI.

    All are equally long, at most `limit`, in an order that only the network decides;
    nothing comes back where no facts tie the two.
    """
    iris = sorted(network)
    numbers = {iri: number for number, iri in enumerate(iris)}
    plain = _simplify(network, iris)
    targets = sorted(numbers[iri] for iri in set(others) if iri in numbers)
    ways: list[list[int]] = []
    for one in sorted(numbers[iri] for iri in set(ones) if iri in numbers):
        for other in targets:
            if one != other and nx.has_path(plain, one, other):
                ways += islice(nx.all_shortest_paths(plain, one, other), limit)
    shortest = min(map(len, ways), default=0)
    kept = islice((way for way in ways if len(way) == shortest), limit)
    return tuple(_make_tie(network, [iris[number] for number in way]) for way in kept)


def _simplify(network: nx.MultiDiGraph, iris: Iterable[str]) -> nx.Graph:
    """Return the network with one undirected edge between two entities, weighted by facts.

    Nodes are numbers: sets of them have one order whatever PYTHONHASHSEED is.
    """
    numbers = {iri: number for number, iri in enumerate(iris)}
    plain = nx.Graph()
    plain.add_nodes_from(numbers.values())
    ends = sorted((numbers[one], numbers[other]) for one, other in network.edges())
    for one, other in ends:
        if one != other:
            known = plain.get_edge_data(one, other, default={"weight": 0})
            plain.add_edge(one, other, weight=known["weight"] + 1)
    return plain


def _rank(plain: nx.Graph) -> Mapping[int, float]:
    """Return the PageRank of each node; those without edges lend theirs to all alike."""
    size = len(plain)
    weights = dict(plain.degree(weight="weight"))
    ranks = dict.fromkeys(plain, 1 / size) if size else {}
    for _ in range(_MOST_ROUNDS):
        idle = sum(rank for node, rank in ranks.items() if not weights[node])
        base = (1 - _DAMPING + _DAMPING * idle) / size if size else 0.0
        following = {
            node: base
            + _DAMPING
            * sum(ranks[n] * tie["weight"] / weights[n] for n, tie in plain[node].items())
            for node in plain
        }
        moved = sum(abs(following[node] - ranks[node]) for node in plain)
        ranks = following
        if moved < _TOLERANCE:
            break
    return ranks


def _number_communities(plain: nx.Graph) -> Mapping[int, int]:
    """Return the number of the community of each node, the largest community first."""
    found = nx.community.louvain_communities(plain, weight="weight", seed=0) if len(plain) else []
    ordered = sorted(found, key=lambda members: (-len(members), min(members)))
    return {node: number for number, members in enumerate(ordered, 1) for node in members}


def _describe(told: Measure) -> Iterator[tuple[ox.NamedNode, ox.NamedNode, ox.Literal]]:
    rank = f"{told.page_rank:.8f}".rstrip("0").rstrip(".")
    for name, value, datatype in (
        ("degree", str(told.degree), "integer"),
        ("pageRank", rank, "decimal"),
        ("community", str(told.community), "integer"),
    ):
        literal = ox.Literal(value, datatype=ox.NamedNode(f"{XSD}{datatype}"))
        yield ox.NamedNode(told.iri), ox.NamedNode(f"{KG}{name}"), literal


def _make_tie(network: nx.MultiDiGraph, way: list[str]) -> Tie:
    return Tie(
        entities=tuple(way),
        names=tuple(network.nodes[iri]["label"] for iri in way),
        steps=tuple(
            tuple(sorted(_read_facts(network, *step), key=lambda f: (-f.confidence, f.iri)))
            for step in pairwise(way)
        ),
    )


def _read_facts(network: nx.MultiDiGraph, one: str, other: str) -> Iterator[TieFact]:
    """Yield the facts between two entities, in either direction."""
    for subject, object_ in ((one, other), (other, one)):
        for iri, said in network.get_edge_data(subject, object_, default={}).items():
            yield TieFact(
                iri=iri,
                subject=network.nodes[subject]["label"],
                predicate=said["predicate"],
                label=said["label"],
                object=network.nodes[object_]["label"],
                confidence=said["confidence"],
                article=said["article"],
                sentence=said["sentence"],
            )
