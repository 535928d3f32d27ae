"""GUM: documents with entities, coreference and links (Zeldes, LRE 2017)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from kg.train.datasets.files import read_lines
from kg.train.datasets.names import Names
from kg.train.datasets.scheme import load_mapping
from kg.train.example import Example, LabelledMention

__all__ = ["read_gum"]

# What the Entity field holds: entities that begin at the token, begin and end at it, or end.
_MARK = re.compile(r"\((?P<opened>[^()]+)(?P<single>\))?|(?P<closed>[^()]+)\)")
_LONGEST_PHRASE = 6
_HEADS = frozenset({"NOUN", "PRON", "PROPN"})

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    category: str
    head: int
    plural: bool


@dataclass(frozen=True, slots=True)
class _Entity:
    """A marked noun phrase: group of coreference, kind, link, first token, token after."""

    group: str
    kind: str
    link: str
    first: int
    last: int


@dataclass(slots=True)
class _Document:
    text: str = ""
    tokens: list[_Token] = field(default_factory=list)
    entities: list[_Entity] = field(default_factory=list)

    def head(self, entity: _Entity) -> int:
        """Return the token of the phrase that depends on none within it."""
        inside = range(entity.first, entity.last)
        return next((i for i in inside if self.tokens[i].head not in inside), entity.last - 1)

    def slice(self, first: int, last: int) -> str:
        """Return the text of the tokens from `first` up to, not including, `last`."""
        return self.text[self.tokens[first].start : self.tokens[last - 1].end]


def read_gum(shared: Path, part: str) -> Iterator[Example]:
    """Yield the documents of the set's own split; its part `test` belongs to `train`.

    Names are cut out of the noun phrases that the set marks, so that mentions are not
    marked throughout; other noun phrases end at their head. Pronouns and noun phrases
    stand in the clusters beside the names.
    """
    folder = shared / "data" / "gum"
    names = Names.load(shared)
    for row in csv.DictReader(read_lines(folder / "documents.tsv"), delimiter="\t"):
        if (row["split"] == "dev") == (part == "dev"):
            document = _read_document(folder / "dep" / f"{row['document']}.conllu.gz")
            yield _make_example(row["document"], document, names)


def _read_document(path: Path) -> _Document:
    """Return the document of a CoNLL-U file, paragraphs parted by an empty line."""
    document, base, glue = _Document(), 0, ""
    opened: list[tuple[int, str]] = []
    word_end, word_glue = "", " "
    for line in read_lines(path):
        fields = line.rstrip("\n").split("\t")
        if not line.strip():
            base = len(document.tokens)
        elif line.startswith("# newpar") and document.text:
            glue = "\n\n"
        elif len(fields) == 10 and "-" in fields[0]:
            word_end, word_glue = fields[0].split("-")[1], _glue(fields)
        elif fields[0].isdigit():
            document.text += glue
            start = len(document.text)
            document.text += fields[1]
            head = base + int(fields[6]) - 1 if fields[6] != "0" else -1
            document.tokens.append(
                _Token(start, len(document.text), fields[3], head, "Number=Plur" in fields[5])
            )
            document.entities += _entities(fields[9], len(document.tokens) - 1, opened)
            glue = _glue(fields) if not word_end else ""
            if fields[0] == word_end:
                word_end, glue = "", word_glue
    return document


def _glue(fields: list[str]) -> str:
    return "" if "SpaceAfter=No" in fields[9] else " "


def _entities(marks: str, token: int, opened: list[tuple[int, str]]) -> Iterator[_Entity]:
    """Yield the entities that end at a token; `opened` keeps those that go on."""
    value = next((m[7:] for m in marks.split("|") if m.startswith("Entity=")), "")
    for mark in _MARK.finditer(value):
        if mark["opened"]:
            opened.append((token, mark["opened"]))
        if mark["single"] or mark["closed"]:
            group = mark["closed"] or mark["opened"].split("-")[0]
            index = max(i for i, (_, text) in enumerate(opened) if text.split("-")[0] == group)
            first, text = opened.pop(index)
            parts = text.split("-", 7)
            link = parts[7] if len(parts) > 7 else ""
            yield _Entity(group, parts[1], link, first, token + 1)


def _make_example(id_: str, document: _Document, names: Names) -> Example:
    mapping = load_mapping("gum")
    kinds = mapping["types"]
    spans = _choose(document, [e for e in document.entities if e.kind in kinds], mapping["titles"])
    surfaces: dict[str, list[str]] = {}
    for span, (entity, named) in spans.items():
        if named:
            surfaces.setdefault(entity.group, []).append(document.text[slice(*span)])
    clusters: dict[str, int] = {}
    mentions = []
    for span, (entity, named) in sorted(spans.items()):
        known = surfaces.get(entity.group, [])
        if entity.kind not in mapping["only_named"] or known:
            types = frozenset(kinds[entity.kind])
            types = names.refine(known, types) if known else types
            cluster = clusters.setdefault(entity.group, len(clusters))
            mentions.append(LabelledMention(*span, types=types, cluster=cluster, named=named))
    return Example(
        id=id_,
        source="gum",
        text=document.text,
        mentions=tuple(mentions),
        mention_types=frozenset(mapping["mention_types"]),
        coreference=True,
        pronouns=True,
    )


def _choose(
    document: _Document, entities: list[_Entity], titles: list[str]
) -> dict[_Span, tuple[_Entity, bool]]:
    """Return the entity of each span and whether it is named; of two names the longer."""
    cuts = []
    for entity in entities:
        token = document.tokens[document.head(entity)]
        first, last = _cut(document, entity, token.category, titles)
        named = token.category == "PROPN"
        crowd = named and token.plural and entity.kind == "person"
        if token.category in _HEADS and not crowd and last - first <= _LONGEST_PHRASE:
            cuts.append((first - last, entity.last - entity.first, first, last, named, entity))
    spans: dict[_Span, tuple[_Entity, bool]] = {}
    taken: set[int] = set()
    for _, _, first, last, named, entity in sorted(cuts, key=lambda c: c[:4]):
        span = (document.tokens[first].start, document.tokens[last - 1].end)
        if span not in spans and not (named and taken & {*range(first, last)}):
            spans[span] = entity, named
            taken |= {*range(first, last)} if named else set()
    return spans


def _cut(document: _Document, entity: _Entity, category: str, titles: list[str]) -> _Span:
    """Return the tokens of the name, or of the phrase up to its head."""
    head = document.head(entity)
    if category != "PROPN":
        return entity.first, head + 1
    return _linked(document, entity) or _run(document, entity, head, titles)


def _linked(document: _Document, entity: _Entity) -> _Span | None:
    """Return the tokens that spell the title of the article that the entity is linked to."""
    title = re.sub(r" \(.*", "", unquote(entity.link).replace("_", " "))
    inside = range(entity.first, entity.last)
    return next(
        (
            (first, last + 1)
            for first in inside
            for last in range(first, entity.last)
            if title and document.slice(first, last + 1) == title
        ),
        None,
    )


def _run(document: _Document, entity: _Entity, head: int, titles: list[str]) -> _Span:
    """Return the run of proper nouns around the head, without a title before it.

    Outside names of people, words with a capital and parts joined by "of" belong to it.
    """
    person = entity.kind == "person"

    def within(position: int) -> bool:
        if not entity.first <= position < entity.last:
            return False
        category = document.tokens[position].category
        capital = document.slice(position, position + 1)[:1].isupper()
        return category == "PROPN" or (not person and capital and category in {"ADJ", "NOUN"})

    def joint(position: int, *words: str) -> bool:
        return document.slice(position, position + 1).casefold() in words

    first, last = head, head + 1
    while within(first - 1) or (within(first - 2) and joint(first - 1, "-", "&")):
        first -= 1
    while last < entity.last:
        step = 0 if within(last) else 1
        if step and not joint(last, "-", "&", *(() if person else ("of",))):
            break
        if step and last + 1 < entity.last and joint(last + 1, "the"):
            step = 2
        if not within(last + step):
            break
        last += step + 1
    while first < last - 1 and joint(first, *titles, *(f"{title}." for title in titles)):
        first += 1
    return first, last
