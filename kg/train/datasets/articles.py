"""Articles annotated with every entity and every fact of the ontology."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from kg.nlp.values import find_values
from kg.resources import bundled
from kg.train.datasets.files import read_json, read_lines, read_records
from kg.train.datasets.graph import RelationTable, Statement
from kg.train.datasets.scheme import Scheme, load_mapping
from kg.train.example import Example, LabelledMention

__all__ = ["read_articles", "read_corpus", "read_folder", "read_news", "read_record"]

_Span = tuple[int, int]


def read_news(shared: Path, part: str) -> Iterator[Example]:
    """Yield the annotated news articles."""
    return read_articles(shared / "data" / "news" / f"{part}.jsonl", source="news")


def read_corpus(_shared: Path, part: str) -> Iterator[Example]:
    """Yield the articles of the bundled corpus; its part `test` serves as `dev`."""
    return read_folder(bundled("corpus"), part, source="corpus")


def read_folder(
    folder: Path, part: str, *, source: str, ontology: Path | None = None
) -> Iterator[Example]:
    """Yield the annotated articles of a folder that is laid out as the bundled corpus.

    `articles/ID.txt` holds a text, `gold/ID.json` what is in it and, as `split`, its part:
    `train` or `test`, which serves as `dev`.
    """
    split = "test" if part == "dev" else part
    scheme = Scheme.load(ontology)
    for path in sorted((folder / "gold").glob("*.json")):
        record = read_json(path)
        if record["split"] == split:
            record["text"] = "".join(read_lines(folder / "articles" / f"{record['id']}.txt"))
            yield _Article(record, source, scheme).example()


def read_articles(path: Path, *, source: str, ontology: Path | None = None) -> Iterator[Example]:
    """Yield the articles of a JSON Lines file in the form of our annotation guide.

    Each record holds `id`, `text`, `entities` (`id`, `type`, `aliases`) and `facts` (`s`,
    `p`, `o`, `start`, `end`, `qualifier`). Every occurrence of an alias is a mention, the
    longest first. An entity that occurs only inside longer names is left out together
    with its facts. Every value of the text is a mention too, so that the values of no fact
    are examples of none. Types and predicates are those of the ontology file, or of the
    bundled one.
    """
    scheme = Scheme.load(ontology)
    for record in read_records(path):
        yield _Article(record, source, scheme).example()


def read_record(record: Mapping[str, Any], *, source: str) -> Example:
    """Return the example of one such record, under the bundled ontology."""
    return _Article(record, source, Scheme.load()).example()


class _Article:
    def __init__(self, record: Mapping[str, Any], source: str, scheme: Scheme) -> None:
        self._record, self._source, self._scheme = record, source, scheme
        self._text: str = record["text"]
        self._taken = bytearray(len(self._text))
        self._clusters: dict[str, int] = {}
        self._types: list[frozenset[str]] = []
        self._spans: dict[_Span, int] = {}

    def example(self) -> Example:
        self._mark_names()
        self._mark_values()
        statements = list(self._statements())
        table = RelationTable(self._types, scheme=self._scheme)
        relations = table.relate(statements)
        return Example(
            id=self._record["id"],
            source=self._source,
            text=self._text,
            mentions=tuple(
                LabelledMention(*span, types=table.types[cluster], cluster=cluster)
                for span, cluster in sorted(self._spans.items())
            ),
            relations=relations,
            mention_types=frozenset(self._scheme.ontology.entity_classes),
            relation_labels=frozenset(self._scheme.arguments),
        )

    def _mark_names(self) -> None:
        owners: dict[str, Mapping[str, Any]] = {}
        for entity in self._record["entities"]:
            for alias in entity["aliases"]:
                owners.setdefault(alias, entity)
        for alias in sorted(owners, key=lambda name: (-len(name), name)):
            entity = owners[alias]
            for found in re.finditer(rf"(?<!\w){re.escape(alias)}(?!\w)", self._text):
                if self._is_free(found.span()):
                    self._mark(found.span(), entity["id"], frozenset({entity["type"]}))

    def _mark_values(self) -> None:
        told = self._record.get("published")
        published = date.fromisoformat(told) if told else None
        for value in find_values(self._text, published=published):
            span = (value.span.start, value.span.end)
            if self._is_free(span):
                self._mark(span, "{}-{}".format(*span), frozenset({value.kind}))

    def _is_free(self, span: _Span) -> bool:
        return not any(self._taken[slice(*span)])

    def _mark(self, span: _Span, key: str, types: frozenset[str]) -> None:
        if key not in self._clusters:
            self._clusters[key] = len(self._types)
            self._types.append(types)
        self._taken[slice(*span)] = b"\x01" * (span[1] - span[0])
        self._spans[span] = self._clusters[key]

    def _statements(self) -> Iterator[Statement]:
        entities = {entity["id"] for entity in self._record["entities"]}
        for fact in self._record["facts"]:
            literal = fact["o"] not in entities
            object_ = self._literal(fact) if literal else self._clusters.get(fact["o"])
            subject = self._clusters.get(fact["s"])
            if subject is not None and object_ is not None:
                span = (fact["start"], fact["end"])
                modality = self._modality(fact.get("qualifier", ""))
                yield Statement(subject, fact["p"], object_, (span,), modality)

    def _literal(self, fact: Mapping[str, Any]) -> int | None:
        """Return the cluster of a fact's literal, found within its evidence."""
        types = self._scheme.admitted(fact["p"]).object
        evidence = self._text[: fact["end"]]
        pattern = re.compile(rf"(?<!\w){re.escape(fact['o'])}(?!\w)")
        for found in pattern.finditer(evidence, fact["start"]):
            for span, cluster in self._spans.items():
                overlaps = span[0] < found.end() and found.start() < span[1]
                if overlaps and self._types[cluster] == types:
                    return cluster
            if self._is_free(found.span()):
                key = "{}-{}".format(*found.span())
                self._mark(found.span(), key, types)
                return self._clusters[key]
        return None

    def _modality(self, qualifier: str) -> str:
        rules: Mapping[str, str] = load_mapping("articles")["modality"]
        words = set(re.findall(r"\w+", qualifier.casefold()))
        return next((held for word, held in rules.items() if word in words), "asserted")
