"""Sets of sentences in which one pair of things has one label."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from kg.train.datasets.files import in_part, read_records
from kg.train.datasets.graph import RelationTable, Statement
from kg.train.datasets.names import Names
from kg.train.datasets.scheme import Scheme, load_mapping
from kg.train.datasets.tokens import TokenText
from kg.train.example import Example, LabelledMention

__all__ = ["read_fewrel", "read_tekgen", "read_typere"]

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A sentence with the spans and classes of its two arguments."""

    id: str
    source: str
    text: str
    spans: tuple[_Span | None, _Span | None]
    classes: tuple[str, str]


def _read_tokens(shared: Path, part: str, *, name: str) -> Iterator[Example]:
    mapping, names = load_mapping("pairs")[name], Names.load(shared)
    whole = mapping["files"].get("whole")
    for file in whole or mapping["files"][part]:
        path = shared / "data" / name / f"{file}.jsonl.gz"
        for number, record in enumerate(read_records(path)):
            id_ = record.get("id", f"{name}-{file}-{number}")
            rule = mapping["relations"].get(record["relation"])
            if rule and (not whole or in_part(id_, part)):
                text = TokenText()
                text.add(record.get("tokens") or record["token"])
                spans = (_token_span(text, record["h"]), _token_span(text, record["t"]))
                pair = _Pair(id_, name, text.text, spans, rule["arguments"])
                yield from _make_example(pair, [rule["to"]], names)


read_fewrel = partial(_read_tokens, name="fewrel_val")
read_typere = partial(_read_tokens, name="typere_wiki80")


def read_tekgen(shared: Path, part: str) -> Iterator[Example]:
    """Yield the sentences that name both arguments of a triple whose classes are ours.

    Each has `benchmark:` with the Wikidata property as its label, and ours if there is one.
    """
    relations, names = load_mapping("tekgen")["relations"], Names.load(shared)
    folder = shared / "data" / "tekgen" / ("validation" if part == "dev" else part)
    for path in sorted(folder.glob("*.jsonl.gz")):
        for record in read_records(path):
            rule = relations.get(record["rel"])
            if rule:
                text = record["sent"]
                spans = (_find(text, record["sub_label"]), _find(text, record["obj_label"]))
                pair = _Pair(record["id"], "tekgen", text, spans, rule["arguments"])
                labels = [f"benchmark:{record['rel']}", *filter(None, [rule.get("to")])]
                yield from _make_example(pair, labels, names)


def _make_example(pair: _Pair, labels: list[str], names: Names) -> Iterator[Example]:
    """Yield the example, or nothing where an argument is missing or inside the other."""
    one, other = pair.spans
    if one is None or other is None or (one[0] < other[1] and other[0] < one[1]):
        return
    scheme, exclusive = Scheme.load(), frozenset(load_mapping("pairs")["exclusive"])
    table = RelationTable(
        [
            names.refine([pair.text[slice(*span)]], scheme.below(class_))
            for span, class_ in zip((one, other), pair.classes, strict=True)
        ]
    )
    whole = ((0, len(pair.text)),)
    relations = table.relate(Statement(0, label, 1, whole) for label in labels)
    annotated = frozenset(relation.label for relation in relations)
    yield Example(
        id=pair.id,
        source=pair.source,
        text=pair.text,
        mentions=tuple(
            LabelledMention(*span, types=table.types[cluster], cluster=cluster)
            for cluster, span in enumerate((one, other))
        ),
        relations=relations,
        relation_labels=annotated | exclusive if annotated & exclusive else annotated,
        pairs=frozenset({(0, 1), (1, 0)}),
    )


def _token_span(text: TokenText, argument: Any) -> _Span | None:  # noqa: ANN401 - either form
    """Return the span of an argument, given as `pos` or as lists of token numbers."""
    if isinstance(argument, Mapping):
        return text.span(*argument["pos"])
    tokens: list[int] = argument[2][0]
    return text.span(tokens[0], tokens[-1] + 1)


def _find(text: str, name: str) -> _Span | None:
    found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
    return found.span() if found else None
