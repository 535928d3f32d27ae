"""Makes nodes of the clusters of all articles: what resolution compares and merges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kg.model import Cluster, Extraction, Literal
from kg.ontology import Ontology
from kg.resolve.forms import PERSON, PLACE, block, is_office, make_key, place_office
from kg.resolve.identity import Identity, Setting, identify, read_setting

__all__ = ["PERSON", "Node", "find_family", "make_nodes"]


@dataclass(frozen=True, slots=True)
class Node:
    """One cluster of one article, ready to be compared.

    `family` is the class that all of its kind share, such as `Organization`; `key` the
    form of its name that reads well, `block` the form in which names are compared,
    `alias_keys` the keys of its other surface forms. A node that is `local` may be anyone
    of that name (a bare surname) and never meets nodes of other articles. `identity` is
    what the gazetteer knows it as. `traits` are pairs of a predicate that a thing has one
    value of and that value (a year of birth), `countries` the keys of the countries that
    the article ties it to. `starts` are the offsets of its named mentions; `sides` the
    splits that people decided on, by number, and whether it was taken out by them.
    """

    article: str
    number: int
    name: str
    type: str
    family: str
    key: str
    block: str
    alias_keys: frozenset[str]
    aliases: tuple[str, ...]
    local: bool
    identity: Identity | None = None
    traits: frozenset[tuple[str, str]] = frozenset()
    countries: frozenset[str] = frozenset()
    starts: frozenset[int] = frozenset()
    sides: frozenset[tuple[int, bool]] = frozenset()

    @property
    def member(self) -> tuple[str, int]:
        """The cluster, as article id and number."""
        return self.article, self.number


def make_nodes(extractions: Iterable[Extraction], *, ontology: Ontology) -> list[Node]:
    """Return a node for each cluster of a known class, sorted by article id and number."""
    ordered = sorted(extractions, key=lambda extraction: extraction.article)
    return [node for extraction in ordered for node in _make_nodes(extraction, ontology)]


def find_family(type_: str, ontology: Ontology) -> str:
    """Return the highest class above a class that is not a union, or the class itself."""
    above = [name for name in ontology.ancestors(type_) if not ontology.classes[name].members]
    return above[-1] if above else type_


def _make_nodes(extraction: Extraction, ontology: Ontology) -> Iterator[Node]:
    """Yield the nodes of one article."""
    setting = read_setting(extraction.clusters)
    traits = _read_traits(extraction, ontology)
    countries = _read_countries(extraction, ontology)
    around = _read_surroundings(extraction, ontology)
    for number, cluster in enumerate(extraction.clusters):
        if cluster.type not in ontology.classes:
            continue
        family = find_family(cluster.type, ontology)
        key, is_local = _make_key(cluster, family, setting)
        forms = {make_key(alias, family) for alias in cluster.aliases}
        yield Node(
            article=extraction.article,
            number=number,
            name=cluster.name,
            type=cluster.type,
            family=family,
            key=key,
            block=block(key, family),
            alias_keys=frozenset(forms - {key}),
            aliases=cluster.aliases,
            local=is_local,
            identity=identify(cluster, family, setting, around=around.get(number)),
            traits=frozenset(traits.get(number, ())),
            countries=frozenset(countries.get(number, ())),
            starts=frozenset(m.span.start for m in cluster.mentions if m.named),
        )


def _make_key(cluster: Cluster, family: str, setting: Setting) -> tuple[str, bool]:
    """Return the key of a cluster and whether it is good for its article only.

    A bare surname is; so is an office that every state has, unless the article is about
    one country.
    """
    if family in (PERSON, PLACE):
        key = make_key(cluster.name, family)
        return key, family == PERSON and " " not in key
    if is_office(cluster.name):
        if setting.home:
            return place_office(cluster.name, setting.home), False
        return make_key(cluster.name, family), True
    return make_key(cluster.name, family), False


def _read_traits(extraction: Extraction, ontology: Ontology) -> dict[int, set[tuple[str, str]]]:
    """Return under each cluster the years of what happens to a thing once."""
    found: dict[int, set[tuple[str, str]]] = {}
    for relation in extraction.relations:
        predicate = ontology.predicates.get(relation.predicate)
        if predicate and predicate.functional and isinstance(relation.object, Literal):
            pair = (predicate.name, relation.object.value[:4])
            found.setdefault(relation.subject, set()).add(pair)
    return found


def _read_countries(extraction: Extraction, ontology: Ontology) -> dict[int, set[str]]:
    """Return under each cluster the countries that the article says it is from."""
    found: dict[int, set[str]] = {}
    for relation in extraction.relations:
        predicate = ontology.predicates.get(relation.predicate)
        if predicate and predicate.range == ("Country",) and isinstance(relation.object, int):
            country = extraction.clusters[relation.object]
            known = identify(country, PLACE, Setting())
            if known is not None:
                found.setdefault(relation.subject, set()).add(known.key)
    return found


def _read_surroundings(extraction: Extraction, ontology: Ontology) -> dict[int, Setting]:
    """Return under each place the countries and regions that the article puts it in."""
    found: dict[int, list[Cluster]] = {}
    for relation in extraction.relations:
        if isinstance(relation.object, int):
            pair = (extraction.clusters[n] for n in (relation.subject, relation.object))
            subject, object_ = pair
            if all(ontology.is_a(cluster.type, PLACE) for cluster in (subject, object_)):
                found.setdefault(relation.subject, []).append(object_)
    return {number: read_setting(places) for number, places in found.items()}
