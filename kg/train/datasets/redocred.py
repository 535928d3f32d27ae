"""Re-DocRED: Wikipedia articles with 96 Wikidata properties (Tan et al., EMNLP 2022)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kg.train.datasets.files import read_json
from kg.train.datasets.graph import RelationTable, Statement
from kg.train.datasets.names import Names
from kg.train.datasets.scheme import load_mapping
from kg.train.datasets.tokens import TokenText
from kg.train.example import Example, LabelledMention

__all__ = ["read_redocred"]


def read_redocred(shared: Path, part: str) -> Iterator[Example]:
    """Yield the documents with both labels, `benchmark:P17` and ours where there is one.

    Clusters are numbered as in the data set's `vertexSet`; `id` is part and position.
    """
    names = Names.load(shared)
    documents = read_json(shared / "data" / "redocred" / f"{part}.json.gz")
    for position, document in enumerate(documents):
        yield _read_document(document, f"redocred-{part}-{position}", names)


def _read_document(document: Mapping[str, Any], id_: str, names: Names) -> Example:
    mapping = load_mapping("redocred")
    text, starts, sentences = TokenText(), [0], []
    for sentence in document["sents"]:
        sentences.append(text.add(sentence))
        starts.append(len(text.spans))
    spans = [
        [span for mention in vertex if (span := _span(text, starts, mention))]
        for vertex in document["vertexSet"]
    ]
    table = RelationTable([_types(v, mapping) for v in document["vertexSet"]], mapping["strict"])
    _narrow(table, document["labels"], mapping["narrow"])
    statements = list(_statements(document["labels"], sentences, mapping["relations"]))
    table.relate(statements)
    for cluster, vertex in enumerate(document["vertexSet"]):
        named = [mention["name"] for mention in vertex]
        table.types[cluster] = names.refine(named, table.types[cluster])
    relations = table.relate(statements)
    own = frozenset(f"benchmark:{label}" for label in mapping["properties"])
    return Example(
        id=id_,
        source="redocred",
        text=text.text,
        mentions=tuple(
            LabelledMention(*span, types=table.types[cluster], cluster=cluster)
            for span, cluster in sorted({(s, c) for c, found in enumerate(spans) for s in found})
        ),
        relations=relations,
        mention_types=frozenset(mapping["mention_types"]),
        relation_labels=own | table.scheme.canonical(mapping["complete"]),
    )


def _span(text: TokenText, starts: list[int], mention: Mapping[str, Any]) -> tuple[int, int] | None:
    first, last = mention["pos"]
    offset = starts[mention["sent_id"]]
    return text.span(offset + first, offset + last)


def _types(vertex: list[Mapping[str, Any]], mapping: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(type_ for mention in vertex for type_ in mapping["types"][mention["type"]])


def _narrow(
    table: RelationTable, labels: list[Mapping[str, Any]], rules: Mapping[str, Any]
) -> None:
    for label in labels:
        for role, types in rules.get(label["r"], {}).items():
            table.narrow(label["h" if role == "subject" else "t"], types)


def _statements(
    labels: list[Mapping[str, Any]],
    sentences: list[tuple[int, int]],
    relations: Mapping[str, str],
) -> Iterator[Statement]:
    for label in labels:
        evidence = tuple(sentences[i] for i in label.get("evidence", ()))
        for name in (f"benchmark:{label['r']}", relations.get(label["r"])):
            if name:
                yield Statement(label["h"], name, label["t"], evidence)
