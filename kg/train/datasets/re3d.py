"""re3d: documents on a conflict, with names among nominal mentions (Dstl, 2017)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kg.train.datasets.files import in_part, read_records
from kg.train.datasets.names import Names
from kg.train.datasets.scheme import load_mapping
from kg.train.example import Example, LabelledMention

__all__ = ["read_re3d"]


def read_re3d(shared: Path, part: str) -> Iterator[Example]:
    """Yield the documents with the spans that read as names; nothing is marked throughout."""
    names = Names.load(shared)
    for record in read_records(shared / "data" / "re3d" / "documents.jsonl.gz"):
        if in_part(record["id"], part):
            yield Example(
                id=record["id"],
                source="re3d",
                text=record["text"],
                mentions=tuple(_mentions(record, names)),
            )


def _mentions(record: Mapping[str, Any], names: Names) -> Iterator[LabelledMention]:
    kinds = load_mapping("re3d")["types"]
    last = 0
    for entity in sorted(record["entities"], key=lambda e: (e["begin"], -e["end"])):
        start, end = entity["begin"], entity["end"]
        text = record["text"][start:end]
        if text.casefold().startswith("the "):
            start += 4
        name = record["text"][start:end]
        tidy = name == name.strip() and len(name) > 2
        named = tidy and all(w[:1].isupper() or w in {"of", "the"} for w in name.split())
        if named and text == entity["value"] and start >= last and entity["type"] in kinds:
            types = names.refine([name], frozenset(kinds[entity["type"]]))
            yield LabelledMention(start, end, types)
            last = end
