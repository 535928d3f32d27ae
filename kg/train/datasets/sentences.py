"""Sets of sentences with named spans, tagged token by token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from kg.train.datasets.files import in_part, read_lines, read_records
from kg.train.datasets.names import Names
from kg.train.datasets.scheme import load_mapping
from kg.train.datasets.tokens import TokenText
from kg.train.example import Example, LabelledMention

__all__ = ["read_crossner", "read_multiner_gov", "read_uner_ewt", "read_wikigold", "read_wnut17"]

_Sentence = tuple[str, list[str], list[str]]


def read_sentences(shared: Path, part: str, *, name: str) -> Iterator[Example]:
    """Yield the sentences of one of the sets in `mappings/sentences.yaml`.

    A span whose label the mapping leaves out is no mention.
    """
    mapping = load_mapping("sentences")[name]
    names = Names.load(shared)
    whole = mapping["files"].get("whole")
    for file in whole or mapping["files"][part]:
        for sentence in _read_file(shared / "data" / name, file):
            id_, tokens, _ = sentence
            if tokens and (not whole or in_part(id_, part)):
                yield _read_sentence(sentence, name, mapping, names)


read_crossner = partial(read_sentences, name="crossner")
read_multiner_gov = partial(read_sentences, name="multiner_gov")
read_uner_ewt = partial(read_sentences, name="uner_ewt")
read_wikigold = partial(read_sentences, name="wikigold")
read_wnut17 = partial(read_sentences, name="wnut17")


def _read_file(folder: Path, name: str) -> Iterator[_Sentence]:
    columns = folder / f"{name}.iob2.gz"
    if columns.exists():
        yield from _read_columns(columns)
        return
    for record in read_records(folder / f"{name}.jsonl.gz"):
        yield record["id"], record["tokens"], record["tags"]


def _read_columns(path: Path) -> Iterator[_Sentence]:
    """Yield the sentences of a file of lines `number, token, tag, ...` with comments."""
    id_, tokens, tags = "", list[str](), list[str]()
    for line in read_lines(path):
        fields = line.rstrip("\n").split("\t")
        if line.startswith("# sent_id = "):
            id_ = line.removeprefix("# sent_id = ").strip()
        elif len(fields) > 2 and fields[0].isdigit():
            tokens.append(fields[1])
            tags.append(fields[2])
        elif not line.strip() and tokens:
            yield id_, tokens, tags
            tokens, tags = [], []
    if tokens:
        yield id_, tokens, tags


def _read_sentence(
    sentence: _Sentence, source: str, mapping: Mapping[str, Any], names: Names
) -> Example:
    id_, tokens, tags = sentence
    text = TokenText()
    text.add(tokens)
    mentions = []
    for first, last, label in _spans(tags):
        span = text.span(first, last)
        if label in mapping["types"] and span:
            types = names.refine([text.text[slice(*span)]], frozenset(mapping["types"][label]))
            mentions.append(LabelledMention(*span, types=types))
    return Example(
        id=id_,
        source=source,
        text=text.text,
        mentions=tuple(mentions),
        mention_types=frozenset(mapping["mention_types"]),
    )


def _spans(tags: list[str]) -> Iterator[tuple[int, int, str]]:
    """Yield first token, end token and label of each span of a BIO tagging."""
    first, label = 0, ""
    for position, tag in enumerate((*tags, "O")):
        kind, _, current = tag.partition("-")
        if label and (kind != "I" or current != label):
            yield first, position, label
            label = ""
        if kind in {"B", "I"} and not label:
            first, label = position, current
