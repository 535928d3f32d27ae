"""Names groups of nodes: each becomes an entity with a stable IRI."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count

from kg.model import Entity
from kg.ontology import Ontology
from kg.resolve.deciding import Claim
from kg.resolve.forms import PLACE, is_acronym
from kg.resolve.identity import Identity
from kg.resolve.nodes import Node
from kg.vocab import Minter

__all__ = ["name_entities"]


def name_entities(
    groups: Iterable[Sequence[Node]],
    *,
    ontology: Ontology,
    minter: Minter,
    claims: Iterable[Claim] = (),
) -> tuple[Entity, ...]:
    """Return an entity for each group, sorted by IRI.

    The IRI is made from what tells the group apart: family and key, as a rule; the class
    too where two groups share both (a city and a country of one name); and the first
    cluster where even that is shared, or the name is good for one article only. Where
    people decided, it is the one that they chose, and no other entity bears it.
    """
    groups, claims = list(groups), list(claims)
    claimed = _grant(groups, claims)
    # What a decision called one thing is not what another is called, even where a later
    # decision gave that thing another IRI.
    taken = {claim.iri for claim in claims}
    named = [(group, _identify(group, ontology)) for group in groups]
    shared = [Counter(identity[level] for _, identity in named) for level in range(2)]
    entities = []
    for number, (group, identity) in enumerate(named):
        claim = claimed.get(number)
        level = next((n for n in range(2) if shared[n][identity[n]] == 1), 2)
        minted = _mint(group, identity[level:], minter)
        iri = claim.iri if claim else next(iri for iri in minted if iri not in taken)
        entities.append(_make_entity(group, iri, ontology, claim))
    return tuple(sorted(entities, key=lambda entity: entity.iri))


def _grant(groups: Sequence[Sequence[Node]], claims: Iterable[Claim]) -> Mapping[int, Claim]:
    """Return the claim of each group that has one, by its number.

    A claim belongs to the group that holds most of what it is about. Of several of one
    group, or of one IRI, the first is granted.
    """
    home = {node.member: number for number, group in enumerate(groups) for node in group}
    granted: dict[int, Claim] = {}
    taken: set[str] = set()
    for claim in claims:
        held = Counter(home[member] for member in claim.members if member in home)
        number = min(held, key=lambda n: (-held[n], n), default=-1)
        if number >= 0 and number not in granted and claim.iri not in taken:
            granted[number] = claim
            taken.add(claim.iri)
    return granted


def _mint(
    group: Sequence[Node], identities: Sequence[tuple[str, str]], minter: Minter
) -> Iterator[str]:
    """Yield the IRIs that a group may have, the best first, without end."""
    type_, key = identities[-1]
    for family, unique in chain(identities, ((type_, f"{key}\n{n}") for n in count(1))):
        yield minter.entity(family, unique, _find_slug(group))


def _identify(group: Sequence[Node], ontology: Ontology) -> tuple[tuple[str, str], ...]:
    """Return pairs of class and key that tell a group apart, each better than the last."""
    identity = _choose_identity(group)
    key = identity.key if identity else _choose_key(group)
    article, number = group[0].member
    if all(node.local for node in group):
        key = f"{key}\n{article}"
    type_ = _choose_type(group, ontology)
    return (group[0].family, key), (type_, key), (type_, f"{key}\n{article}\n{number}")


def _make_entity(
    group: Sequence[Node], iri: str, ontology: Ontology, claim: Claim | None
) -> Entity:
    identity = _choose_identity(group)
    chosen = _choose_name(group)
    name = claim.name if claim and claim.name else chosen
    aliases = {chosen, *(alias for node in group for alias in node.aliases)}
    return Entity(
        iri=iri,
        name=name,
        type=_choose_type(group, ontology, claim.type if claim else ""),
        aliases=tuple(sorted(aliases - {name})),
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


def _choose_type(group: Sequence[Node], ontology: Ontology, decided: str = "") -> str:
    """Return the most special class of the group; that of a place is known to the gazetteer.

    Where people decided on a class, it is that one, or one below it.
    """
    if decided in ontology.classes:
        below = [decided, *(n.type for n in group if ontology.is_a(n.type, decided))]
        return max(below, key=lambda t: (len(ontology.ancestors(t)), t))
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
