"""Names groups of nodes: each becomes an entity with a stable IRI."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from kg.model import Entity
from kg.ontology import Ontology
from kg.resolve.forms import PLACE, is_acronym
from kg.resolve.identity import Identity
from kg.resolve.nodes import Node
from kg.vocab import Minter

__all__ = ["name_entities"]


def name_entities(
    groups: Iterable[Sequence[Node]], *, ontology: Ontology, minter: Minter
) -> tuple[Entity, ...]:
    """Return an entity for each group, sorted by IRI.

    The IRI is made from what tells the group apart: family and key, as a rule; the class
    too where two groups share both (a city and a country of one name); and the first
    cluster where even that is shared, or the name is good for one article only.
    """
    named = [(group, _identify(group, ontology)) for group in groups]
    shared = [Counter(identity[level] for _, identity in named) for level in range(2)]
    entities = []
    for group, identity in named:
        level = next((n for n in range(2) if shared[n][identity[n]] == 1), 2)
        family, unique = identity[level]
        entities.append(
            _make_entity(group, minter.entity(family, unique, _find_slug(group)), ontology)
        )
    return tuple(sorted(entities, key=lambda entity: entity.iri))


def _identify(group: Sequence[Node], ontology: Ontology) -> tuple[tuple[str, str], ...]:
    """Return pairs of class and key that tell a group apart, each better than the last."""
    identity = _choose_identity(group)
    key = identity.key if identity else _choose_key(group)
    article, number = group[0].member
    if all(node.local for node in group):
        key = f"{key}\n{article}"
    type_ = _choose_type(group, ontology)
    return (group[0].family, key), (type_, key), (type_, f"{key}\n{article}\n{number}")


def _make_entity(group: Sequence[Node], iri: str, ontology: Ontology) -> Entity:
    identity = _choose_identity(group)
    name = _choose_name(group)
    return Entity(
        iri=iri,
        name=name,
        type=_choose_type(group, ontology),
        aliases=tuple(sorted({a for node in group for a in node.aliases} - {name})),
        links=identity.links if identity else (),
        members=tuple(sorted(node.member for node in group)),
        iso_code=identity.iso_code if identity else "",
    )


def _choose_identity(group: Sequence[Node]) -> Identity | None:
    """Return what the gazetteer knows of a group, by the surest rule."""
    known = (node.identity for node in group if node.identity is not None)
    return max(known, key=lambda i: (i.score, i.rule, i.name, i.type), default=None)


def _find_slug(group: Sequence[Node]) -> str:
    """Return the name that makes an IRI readable."""
    identity = _choose_identity(group)
    return identity.name if identity else _choose_key(group)


def _choose_type(group: Sequence[Node], ontology: Ontology) -> str:
    """Return the most special class of the group; that of a place is known to the gazetteer."""
    type_ = max((node.type for node in group), key=lambda t: (len(ontology.ancestors(t)), t))
    identity = _choose_identity(group)
    is_better = identity and (group[0].family == PLACE or ontology.is_a(identity.type, type_))
    return identity.type if identity and is_better and identity.type in ontology.classes else type_


def _choose_key(group: Sequence[Node]) -> str:
    """Return the key that most nodes have; of equals the longest, then the first.

    A key that is good for one article only counts where there is no other.
    """
    counted = Counter(node.key for node in group if not node.local)
    counted = counted or Counter(node.key for node in group)
    return min(counted, key=lambda key: (-counted[key], -len(key), key))


def _choose_name(group: Sequence[Node]) -> str:
    """Return the commonest spelling of the key; of equals the longest, then the first.

    The gazetteer names countries and regions, which articles call by adjectives too, and
    what they call by initials only; other things keep the name that they had in their time.
    """
    key = _choose_key(group)
    counted = Counter(node.name for node in group if node.key == key)
    name = min(counted, key=lambda name: (-counted[name], -len(name), name))
    identity = _choose_identity(group)
    if identity and (identity.type in ("Country", PLACE) or is_acronym(name)):
        return identity.name
    return name
