"""Clusters of all articles as nodes, with the keys by which they find one another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kg.model import Cluster, Extraction
from kg.ontology import Ontology
from kg.vocab import fold

__all__ = ["PERSON", "Node", "find_family", "make_key", "make_nodes"]

# The one class that resolution treats by rules of its own: people share surnames.
PERSON = "Person"
_PLACE = "Place"

# Words that say in which legal form a company exists; it is the same company without.
_LEGAL_FORMS = frozenset(
    "ab ag bv co company corp corporation gmbh inc incorporated kg kk limited llc llp lp ltd nv"
    " oy oyj plc pte pty sa sarl se spa srl".split()
)


@dataclass(frozen=True, slots=True)
class Node:
    """One cluster of one article, ready to be compared.

    `family` is the class that all of its kind share, such as `Organization`; `key` the
    folded name without article and legal form; `alias_keys` the keys of its other
    surface forms. A node that is `local` may be anyone of that name (a bare surname) and
    never meets nodes of other articles.
    """

    article: str
    number: int
    name: str
    type: str
    family: str
    key: str
    alias_keys: frozenset[str]
    aliases: tuple[str, ...]
    local: bool

    @property
    def member(self) -> tuple[str, int]:
        """The cluster, as article id and number."""
        return self.article, self.number


def make_nodes(extractions: Iterable[Extraction], *, ontology: Ontology) -> list[Node]:
    """Return a node for each cluster of a known class, sorted by article id and number."""
    ordered = sorted(extractions, key=lambda extraction: extraction.article)
    return [
        _make_node(extraction.article, number, cluster, ontology)
        for extraction in ordered
        for number, cluster in enumerate(extraction.clusters)
        if cluster.type in ontology.classes
    ]


def find_family(type_: str, ontology: Ontology) -> str:
    """Return the highest class above a class that is not a union, or the class itself."""
    above = [name for name in ontology.ancestors(type_) if not ontology.classes[name].members]
    return above[-1] if above else type_


def make_key(name: str, family: str) -> str:
    """Return the form of a name under which all its spellings meet."""
    words = fold(name).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    if family not in (PERSON, _PLACE):
        while len(words) > 1 and words[-1] in _LEGAL_FORMS:
            words = words[:-1]
    return " ".join(words) or name


def _make_node(article: str, number: int, cluster: Cluster, ontology: Ontology) -> Node:
    family = find_family(cluster.type, ontology)
    key = make_key(cluster.name, family)
    forms = {make_key(alias, family) for alias in cluster.aliases}
    return Node(
        article=article,
        number=number,
        name=cluster.name,
        type=cluster.type,
        family=family,
        key=key,
        alias_keys=frozenset(forms - {key}),
        aliases=cluster.aliases,
        local=family == PERSON and " " not in key,
    )
