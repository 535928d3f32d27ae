"""FIRE: sentences of finance news and filings (Hamad et al., NAACL Findings 2024)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from kg.train.datasets.files import in_part, read_records
from kg.train.datasets.graph import RelationTable, Statement
from kg.train.datasets.names import Names
from kg.train.datasets.scheme import load_mapping
from kg.train.datasets.tokens import TokenText
from kg.train.example import Example, LabelledMention
from kg.vocab import fold

__all__ = ["read_fire"]

_Span = tuple[int, int]


def read_fire(shared: Path, part: str) -> Iterator[Example]:
    """Yield the sentences with relations, then those with names only."""
    names = Names.load(shared)
    folder = shared / "data" / "fire"
    for record in chain(
        read_records(folder / "relations.jsonl.gz"),
        read_records(folder / "train_ner_strings.jsonl.gz"),
    ):
        if in_part(record["id"], part):
            yield _Sentence(record, names).example()


class _Sentence:
    def __init__(self, record: Mapping[str, Any], names: Names) -> None:
        self._record, self._names = record, names
        self._mapping = load_mapping("fire")
        self._tokens = TokenText()
        # The sentences with names only have offsets into tokens joined by single spaces.
        words = record["tokens"] if "tokens" in record else record["text"].split(" ")
        self._whole = self._tokens.add(words)
        self._starts = list(_starts(words)) if "tokens" not in record else []
        self._known: dict[str, int] = {}
        self._types: list[frozenset[str]] = []
        self._mentions: dict[_Span, tuple[int, frozenset[str]]] = {}

    def example(self) -> Example:
        clusters = [self._add(entity) for entity in self._record["entities"]]
        table = RelationTable(self._types)
        relations = self._record.get("relations", ())
        statements = self._statements(relations, clusters)
        related = table.relate(statements)
        return Example(
            id=self._record["id"],
            source="fire",
            text=self._tokens.text,
            mentions=tuple(
                LabelledMention(*span, types=table.types[cluster], cluster=cluster)
                for span, (cluster, _) in sorted(self._mentions.items())
            ),
            relations=related,
            mention_types=frozenset(self._mapping["mention_types"]),
            relation_labels=self._annotated(relations),
        )

    def _annotated(self, relations: Iterable[Mapping[str, Any]]) -> frozenset[str]:
        if "relations" not in self._record:
            return frozenset()
        open_ = {
            label
            for relation in relations
            for label in self._mapping["open"].get(relation["type"], ())
        }
        return frozenset(self._mapping["complete"]) - open_

    def _statements(
        self, relations: Iterable[Mapping[str, Any]], clusters: list[int | None]
    ) -> Iterator[Statement]:
        for relation in relations:
            label = self._mapping["relations"].get(relation["type"])
            head, tail = clusters[relation["head"]], clusters[relation["tail"]]
            if label and head is not None and tail is not None:
                yield Statement(head, label, tail, (self._whole,))

    def _add(self, entity: Mapping[str, Any]) -> int | None:
        """Take up an entity and return its cluster, `None` where it is not of our kind."""
        types = self._mapping["types"].get(entity["type"])
        span = self._span(entity)
        if types is None or span is None:
            return None
        text = self._tokens.text
        spans = list(_names_in(text, span))
        if entity["type"] == "Person":
            spans = [self._without_honorific(name) for name in spans]
        surfaces = [text[slice(*name)] for name in spans]
        if not surfaces or (entity["type"] == "Product" and not surfaces[0][:1].isupper()):
            return None
        refined = self._names.refine(surfaces, frozenset(types))
        keys = [f"{entity['type']} {fold(surface)}" for surface in surfaces]
        cluster = next((self._known[key] for key in keys if key in self._known), len(self._types))
        if cluster == len(self._types):
            self._types.append(refined)
        self._known.update((key, cluster) for key in keys)
        for name in spans:
            self._mentions.setdefault(name, (cluster, refined))
        return self._mentions[spans[0]][0]

    def _without_honorific(self, span: _Span) -> _Span:
        first, _, rest = self._tokens.text[slice(*span)].partition(" ")
        known = first.casefold().rstrip(".") in self._mapping["honorifics"]
        return (span[1] - len(rest), span[1]) if known and rest else span

    def _span(self, entity: Mapping[str, Any]) -> _Span | None:
        if not self._starts:
            return self._tokens.span(entity["start"], entity["end"])
        inside = [i for i, s in enumerate(self._starts) if entity["start"] <= s < entity["end"]]
        return self._tokens.span(inside[0], inside[-1] + 1) if inside else None


def _starts(words: Iterable[str]) -> Iterator[int]:
    """Yield the offset of each word in the words joined by single spaces."""
    offset = 0
    for word in words:
        yield offset
        offset += len(word) + 1


def _names_in(text: str, span: _Span) -> Iterator[_Span]:
    """Yield the name in a span, then the short form that it has in brackets."""
    name = text[slice(*span)]
    for found in re.finditer(r"[^()]+", name):
        inner = found.group()
        for ending in ("'s", "'", "-based"):
            inner = inner.rstrip(' ,"').removesuffix(ending)
        inner = inner.rstrip(' ,"')
        start = len(inner) - len(inner.lstrip(' ,"'))
        if inner[start:]:
            offset = span[0] + found.start()
            yield offset + start, offset + len(inner)
