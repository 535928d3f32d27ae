"""Sets that say whom a pronoun means."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kg.train.datasets.files import in_part, read_json, read_lines
from kg.train.datasets.scheme import Scheme, load_mapping
from kg.train.example import Example, LabelledMention

__all__ = ["read_gap", "read_model_based_coref"]

_GAP = {"train": ("development", "test"), "dev": ("validation",)}


def read_gap(shared: Path, part: str) -> Iterator[Example]:
    """Yield the passages of GAP (Webster et al., TACL 2018).

    Marked are two people and one pronoun, which means one of them or neither; whatever
    else the passage names is not marked.
    """
    for file in _GAP[part]:
        path = shared / "data" / "gap" / f"gap-{file}.tsv.gz"
        for row in csv.DictReader(read_lines(path), delimiter="\t", quoting=csv.QUOTE_NONE):
            people = [
                _mention(int(row[f"{who}-offset"]), row[who], cluster)
                for cluster, who in enumerate("AB")
            ]
            meant = next((i for i, who in enumerate("AB") if row[f"{who}-coref"] == "TRUE"), 2)
            pronoun = _mention(int(row["Pronoun-offset"]), row["Pronoun"], meant, named=False)
            yield Example(
                id=f"gap-{row['ID']}",
                source="gap",
                text=row["Text"],
                mentions=tuple(sorted((*people, pronoun), key=lambda m: m.start)),
                coreference=True,
                pronouns=True,
            )


def _mention(start: int, text: str, cluster: int, *, named: bool = True) -> LabelledMention:
    person = frozenset({"Person"})
    return LabelledMention(start, start + len(text), person, cluster=cluster, named=named)


def read_model_based_coref(shared: Path, part: str) -> Iterator[Example]:
    """Yield the Wikipedia paragraphs whose pronouns point at names (Aralikatte, 2021).

    Taken are the pronouns on which the annotators agree, and every occurrence of the
    names that they mean. What kind of thing it is follows from the pronouns alone.
    """
    path = shared / "data" / "model_based_coref_wiki" / "wiki-grounded.json.gz"
    for key, record in sorted(read_json(path).items()):
        if in_part(key, part):
            yield _read_paragraph(f"model_based_coref-{key}", record)


def _read_paragraph(id_: str, record: Mapping[str, Any]) -> Example:
    text: str = record["paragraph"]
    kinds = load_mapping("pronouns")
    first, second = (
        {(int(start), word): meant for start, word, meant in record[who]["para_ann"]}
        for who in ("a1", "a2" if "a2" in record else "a1")
    )
    clusters: dict[str, int] = {}
    types: list[frozenset[str]] = []
    pronouns: dict[tuple[int, int], int] = {}
    for (start, word), meant in first.items():
        span = (start, start + len(word))
        known = kinds.get(word.casefold())
        agreed = second.get((start, word)) == meant and text[slice(*span)].casefold() == word
        if known and agreed and _find_names(text, meant):
            cluster = clusters.setdefault(meant, len(types))
            if cluster == len(types):
                types.append(frozenset(Scheme.load().ontology.entity_classes))
            types[cluster] = (types[cluster] & frozenset(known)) or types[cluster]
            pronouns[span] = cluster
    names = {span: c for meant, c in clusters.items() for span in _find_names(text, meant)}
    return Example(
        id=id_,
        source="model_based_coref_wiki",
        text=text,
        mentions=tuple(
            LabelledMention(*span, types=types[c], cluster=c, named=span in names)
            for span, c in sorted((pronouns | names).items())
        ),
        coreference=True,
        pronouns=True,
    )


def _find_names(text: str, name: str) -> list[tuple[int, int]]:
    """Return where a name stands with a capital, its disambiguation in brackets left off."""
    plain = re.escape(re.sub(r"\s*\(.*\)$", "", name))
    found = re.finditer(rf"(?<!\w){plain}(?!\w)", text, re.IGNORECASE)
    return [match.span() for match in found if match.group()[:1].isupper()]
