"""CORE: how two companies in a sentence are related (Borchert et al., EMNLP 2023)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kg.train.datasets.files import in_part, read_json
from kg.train.datasets.graph import RelationTable, Statement
from kg.train.datasets.names import Names, is_name
from kg.train.datasets.scheme import Scheme, load_mapping
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
    mapping, label = load_mapping("core"), record["relation"]
    text = TokenText()
    sentence = text.add(record["context"])
    one, other = (_span(text, record, argument, mapping) for argument in ("e1", "e2"))
    if not one or not other or _overlap(one, other):
        return None
    surfaces = [text.text[slice(*one)], text.text[slice(*other)]]
    table = RelationTable([_types(surface, names) for surface in surfaces])
    subject, object_ = (1, 0) if record["invert_relation"] else (0, 1)
    if label in mapping["products"]:
        table.types[subject] = frozenset({"Product"})
    predicate = mapping["relations"].get(label)
    statement = Statement(subject, predicate or label, object_, (sentence,))
    relations = table.relate([statement] if predicate else ())
    annotated = table.scheme.canonical(mapping["relations"].values())
    return Example(
        id=record["id"],
        source="core",
        text=text.text,
        mentions=tuple(
            LabelledMention(*span, types=table.types[c], cluster=c, named=is_name(surfaces[c]))
            for c, span in enumerate((one, other))
        ),
        relations=relations,
        relation_labels=annotated - frozenset(mapping["open"].get(label, ())),
        pairs=frozenset({(0, 1), (1, 0)}),
    )


def _types(surface: str, names: Names) -> frozenset[str]:
    organization = Scheme.load().below("Organization")
    return names.refine([surface], organization) if is_name(surface) else organization


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
