"""KnowledgeNet: web passages with facts of 15 properties (Mesquita et al., EMNLP 2019)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kg.train.datasets.files import read_records
from kg.train.datasets.graph import RelationTable, Statement
from kg.train.datasets.names import Names, is_name
from kg.train.datasets.scheme import Scheme, load_mapping
from kg.train.example import Example, LabelledMention
from kg.vocab import fold

__all__ = ["read_knowledgenet"]

_FILES = {"train": "train_folds1-2.jsonl.gz", "dev": "dev_fold3.jsonl.gz"}


def read_knowledgenet(shared: Path, part: str) -> Iterator[Example]:
    """Yield the passages; `id` is the passage's own.

    Only arguments of facts are mentions. Those with one Wikidata address, or one wording,
    are a cluster. A missing relation is a negative only for the properties that the set
    calls exhaustively annotated in the passage.
    """
    names = Names.load(shared)
    for record in read_records(shared / "data" / "knowledgenet" / _FILES[part]):
        yield _read_passage(record, names)


def _read_statements(record: Mapping[str, Any], clusters: _Clusters) -> list[Statement]:
    """Return the facts of a passage between its clusters, which are filled."""
    mapping, scheme = load_mapping("knowledgenet"), Scheme.load()
    facts = []
    for fact in record["facts"]:
        classes = mapping["arguments"][fact["property"]]
        subject, object_ = (
            clusters.add(fact, role, scheme.below(class_))
            for role, class_ in zip(("subject", "object"), classes, strict=True)
        )
        facts.append((subject, fact["property"], object_))
    merged = _merge_pronouns(facts, clusters.unnamed, mapping["shared"])
    for span, cluster in clusters.spans.items():
        clusters.spans[span] = merged.get(cluster, cluster)
    return [
        Statement(merged.get(s, s), mapping["relations"][label], merged.get(o, o))
        for s, label, o in facts
    ]


def _read_passage(record: Mapping[str, Any], names: Names) -> Example:
    mapping, text = load_mapping("knowledgenet"), record["passageText"]
    clusters = _Clusters(record["passageStart"])
    statements = _read_statements(record, clusters)
    table = RelationTable(clusters.types)
    relations = table.relate(statements)
    for (start, end), cluster in clusters.spans.items():
        name = text[start:end]
        if is_name(name):
            table.types[cluster] = names.refine([name], table.types[cluster])
    annotated = record["exhaustivelyAnnotatedProperties"]
    return Example(
        id=record["passageId"],
        source="knowledgenet",
        text=text,
        mentions=tuple(
            LabelledMention(
                *span,
                types=table.types[cluster],
                cluster=cluster,
                named=is_name(text[slice(*span)]),
            )
            for span, cluster in sorted(clusters.spans.items())
        ),
        relations=relations,
        relation_labels=table.scheme.canonical(mapping["relations"][name] for name in annotated),
    )


def _merge_pronouns(
    facts: Iterable[tuple[int, str, int]], unnamed: Collection[int], shared: Collection[str]
) -> dict[int, int]:
    """Return the named cluster that each cluster of pronouns stands for, where it shows."""
    subjects: dict[tuple[str, int], set[int]] = {}
    for subject, label, object_ in facts:
        if label in shared:
            subjects.setdefault((label, object_), set()).add(subject)
    merged: dict[int, int] = {}
    for found in subjects.values():
        names = found.difference(unnamed)
        if len(names) == 1:
            merged.update(dict.fromkeys(found.intersection(unnamed), *names))
    return merged


class _Clusters:
    """Joins the arguments of facts by address and by wording."""

    def __init__(self, offset: int) -> None:
        self._offset = offset
        self._known: dict[str, int] = {}
        self.types: list[frozenset[str]] = []
        self.spans: dict[tuple[int, int], int] = {}
        self._named: set[int] = set()

    @property
    def unnamed(self) -> set[int]:
        """The clusters of pronouns alone."""
        return set(range(len(self.types))) - self._named

    def add(self, fact: Mapping[str, Any], role: str, types: frozenset[str]) -> int:
        start, end = (fact[f"{role}{edge}"] - self._offset for edge in ("Start", "End"))
        text, address = fold(fact[f"{role}Text"]), fact[f"{role}Uri"]
        keys = [address] if address else []
        keys.append(f"text {text}")
        cluster = self.spans.get((start, end))
        if cluster is None:
            cluster = next((self._known[key] for key in keys if key in self._known), None)
        if cluster is None:
            cluster = len(self.types)
            self.types.append(types)
        for key in keys:
            self._known.setdefault(key, cluster)
        self.types[cluster] = (self.types[cluster] & types) or self.types[cluster]
        self.spans[start, end] = cluster
        if is_name(fact[f"{role}Text"]):
            self._named.add(cluster)
        return cluster
