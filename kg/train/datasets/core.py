"""CORE: how two companies in a sentence are related (Borchert et al., EMNLP 2023)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kg.train.datasets.files import in_part, read_json
from kg.train.datasets.graph import RelationTable, Statement
from kg.train.datasets.names import Names
from kg.train.datasets.scheme import load_mapping
from kg.train.datasets.tokens import TokenText
from kg.train.example import Example, LabelledMention

__all__ = ["read_core"]


def read_core(shared: Path, part: str) -> Iterator[Example]:
    """Yield the sentences with their pair; only the pair is annotated.

    Its label rules out the other labels of the set, except those that may hold beside it.
    """
    names = Names.load(shared)
    for record in read_json(shared / "data" / "core" / "train.json.gz"):
        if in_part(record["id"], part) and (example := _read_pair(record, names)):
            yield example


def _read_pair(record: Mapping[str, Any], names: Names) -> Example | None:
    mapping = load_mapping("core")
    label = record["relation"]
    text = TokenText()
    sentence = text.add(record["context"])
    spans = [_span(text, record, argument, mapping) for argument in ("e1", "e2")]
    if not spans[0] or not spans[1] or _overlap(spans[0], spans[1]):
        return None
    organization = frozenset({"Organization", "Company"})
    surfaces = [text.text[slice(*span)] for span in spans if span]
    named = [_is_named(surface, mapping) for surface in surfaces]
    table = RelationTable(
        [
            names.refine([surface], organization) if is_named else organization
            for surface, is_named in zip(surfaces, named, strict=True)
        ]
    )
    subject, object_ = (1, 0) if record["invert_relation"] else (0, 1)
    if label in mapping["products"]:
        table.types[subject] = frozenset({"Product"})
    statements = []
    if label in mapping["relations"]:
        statements.append(Statement(subject, mapping["relations"][label], object_, (sentence,)))
    relations = table.relate(statements)
    annotated = table.scheme.canonical(mapping["relations"].values())
    return Example(
        id=record["id"],
        source="core",
        text=text.text,
        mentions=tuple(
            LabelledMention(
                *span, types=table.types[cluster], cluster=cluster, named=named[cluster]
            )
            for cluster, span in enumerate(spans)
            if span
        ),
        relations=relations,
        relation_labels=annotated - frozenset(mapping["open"].get(label, ())),
        pairs=frozenset({(0, 1), (1, 0)}),
    )


def _span(
    text: TokenText, record: Mapping[str, Any], argument: str, mapping: Mapping[str, Any]
) -> tuple[int, int] | None:
    """Return the span of an argument without the punctuation that clings to it."""
    first, last = record[f"{argument}_start"], record[f"{argument}_end"] + 1
    tokens = record["context"]
    while first < last and tokens[last - 1] in mapping["trimmed"]:
        last -= 1
    while first < last and tokens[first] in mapping["trimmed"]:
        first += 1
    return text.span(first, last)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _is_named(surface: str, mapping: Mapping[str, Any]) -> bool:
    """Tell a name from a pronoun and from a phrase such as "the company"."""
    words = surface.split()
    if surface.casefold() in mapping["unnamed"]:
        return False
    determined = words[0].casefold() in mapping["determiners"]
    return not determined or any(word[:1].isupper() for word in words[1:])
