"""Makes the clusters of an article from what the model linked, and names them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.gazetteer import find_country, strip_legal_form
from kg.model import Cluster, Mention
from kg.ontology import Ontology
from kg.vocab import fold

__all__ = ["Grouping", "group_mentions", "name_cluster"]

_TITLES = frozenset("dr gen gov lord minister mr mrs ms president prof sen senator sir".split())
_COUNTRY, _PERSON = "Country", "Person"


@dataclass(frozen=True, slots=True)
class Grouping:
    """Clusters, sorted by their first mention, and where each group that went in ended up."""

    clusters: tuple[Cluster, ...]
    numbers: Mapping[int, int]


def group_mentions(
    groups: Mapping[int, tuple[str, Sequence[Mention]]], *, ontology: Ontology
) -> Grouping:
    """Return clusters made of groups of mentions, each with a type.

    Groups that bear one name and whose types do not exclude each other become one, a
    country whatever its name ("Chinese", "China"), a person or company under a shorter
    form that nothing else in the article has ("Yuan", "Eric Yuan"; "Apple", "Apple Inc.").
    """
    drafts = {n: _Draft(n, type_, tuple(mentions)) for n, (type_, mentions) in groups.items()}
    parents = {n: n for n in drafts}
    for rule in (_exact_forms, _short_forms):
        _join(drafts, parents, rule, ontology)
    members: defaultdict[int, list[_Draft]] = defaultdict(list)
    for number in sorted(drafts):
        members[_root(parents, number)].append(drafts[number])
    made = {root: _make_cluster(group, ontology) for root, group in members.items()}
    ordered = sorted(made, key=lambda root: made[root].mentions[0].span)
    places = {root: place for place, root in enumerate(ordered)}
    return Grouping(
        clusters=tuple(made[root] for root in ordered),
        numbers={n: places[_root(parents, n)] for n in drafts},
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    number: int
    type: str
    mentions: tuple[Mention, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(m.text for m in self.mentions if m.named)


def _join(
    drafts: Mapping[int, _Draft],
    parents: dict[int, int],
    rule: Callable[[Sequence[_Draft]], Mapping[str, list[int]]],
    ontology: Ontology,
) -> None:
    """Join the drafts that a rule puts under one key, where their types agree."""
    for numbers in rule([drafts[n] for n in sorted(drafts)]).values():
        for later in numbers[1:]:
            if _agree(drafts[numbers[0]].type, drafts[later].type, ontology):
                first, second = sorted((_root(parents, numbers[0]), _root(parents, later)))
                parents[second] = first


def _root(parents: dict[int, int], number: int) -> int:
    while parents[number] != number:
        number = parents[number]
    return number


def _agree(one: str, other: str, ontology: Ontology) -> bool:
    """Say whether one class is the other or above it."""
    return ontology.is_a(one, other) or ontology.is_a(other, one)


def _exact_forms(drafts: Sequence[_Draft]) -> Mapping[str, list[int]]:
    """Return the drafts under each name they bear, without legal form; countries by country."""
    keys: defaultdict[str, list[int]] = defaultdict(list)
    for draft in drafts:
        for key in sorted({_key(name, draft.type) for name in draft.names}):
            keys[key].append(draft.number)
    return keys


def _key(name: str, type_: str) -> str:
    if type_ == _COUNTRY and (country := find_country(name)) is not None:
        return f"country {country.code}"
    words = fold(name).split()
    if type_ == _PERSON:
        words = [w for w in words if w not in _TITLES] or words
    else:
        words = fold(strip_legal_form(name)).removeprefix("the ").split()
    return " ".join(words) or name


def _short_forms(drafts: Sequence[_Draft]) -> Mapping[str, list[int]]:
    """Return under each last name of a person the drafts that bear it, if one full name does."""
    full: defaultdict[str, set[int]] = defaultdict(set)
    short: defaultdict[str, set[int]] = defaultdict(set)
    for draft in drafts:
        if draft.type != _PERSON:
            continue
        keys = {_key(name, draft.type) for name in draft.names}
        lasts = {key.split()[-1] for key in keys if " " in key}
        for last in lasts:
            full[last].add(draft.number)
        if not lasts:
            for key in keys:
                short[key].add(draft.number)
    return {
        key: [*full[key], *sorted(numbers)]
        for key, numbers in short.items()
        if len(full.get(key, ())) == 1
    }


def _make_cluster(group: Sequence[_Draft], ontology: Ontology) -> Cluster:
    mentions = tuple(sorted((m for d in group for m in d.mentions), key=lambda m: m.span))
    type_ = _choose_type(group, ontology)
    typed = tuple(replace(m, type=type_) for m in mentions)
    return Cluster(name_cluster(typed, type_), type_, typed)


def _choose_type(group: Sequence[_Draft], ontology: Ontology) -> str:
    """Return the class with most names; of equals the more special one."""
    counted: Counter[str] = Counter()
    for draft in group:
        counted[draft.type] += len(draft.names)
    return max(sorted(counted), key=lambda t: (counted[t], len(ontology.ancestors(t))))


def name_cluster(mentions: Iterable[Mention], type_: str) -> str:
    """Return the fullest name among the mentions: the country's own name for a country.

    Of the others the one with most words, then the most frequent, then the longest.
    """
    counted = Counter(m.text for m in mentions if m.named)
    if type_ == _COUNTRY:
        for name in counted:
            if (country := find_country(name)) is not None:
                return country.name
    return max(sorted(counted), key=lambda name: (len(name.split()), counted[name], len(name)))
