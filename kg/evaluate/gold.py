"""Reads annotated articles: what is true of a text, to compare with what was read.

Two forms: JSON Lines with the text in each record (`text`), and a folder of JSON files
whose texts stand beside them (`ID.txt`, or `../articles/ID.txt`). docs/evaluation.md
describes the keys.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kg.articles import make_article
from kg.errors import UnreadableSource, UsageError
from kg.model import Article, Literal, Modality, Span
from kg.nlp.values import Value, find_values
from kg.vocab import fold

__all__ = ["GoldArticle", "GoldEntity", "GoldFact", "read_gold"]


@dataclass(frozen=True, slots=True)
class GoldEntity:
    """A thing that an article names; `names` are its surface forms there, as written."""

    id: str
    name: str
    type: str
    names: tuple[str, ...]

    @property
    def forms(self) -> frozenset[str]:
        """The folded forms by which it may be called."""
        return frozenset(fold(name) for name in (self.name, *self.names))


@dataclass(frozen=True, slots=True)
class GoldFact:
    """A fact of an article; `object` is the id of an entity, or a literal."""

    subject: str
    predicate: str
    object: str | Literal
    evidence: Span | None = None
    modality: Modality = Modality.ASSERTED


@dataclass(frozen=True, slots=True)
class GoldArticle:
    """An article with all that it says. Entities and facts may stand in any order.

    `checksum` is the SHA-256 of the text and the record that it was read from.
    """

    article: Article
    entities: tuple[GoldEntity, ...]
    facts: tuple[GoldFact, ...]
    checksum: str = ""

    def find_mentions(self) -> dict[Span, GoldEntity]:
        """Return every occurrence of a name, the longest first, none overlapping another.

        Those in the furniture of the page are left out: they belong to no sentence.
        """
        text = self.article.text
        owners = {name: entity for entity in self.entities for name in entity.names}
        found: dict[Span, GoldEntity] = {}
        taken = bytearray(len(text))
        for name in sorted(owners, key=lambda n: (-len(n), n)):
            for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text):
                start, end = match.span()
                if not any(taken[start:end]):
                    taken[start:end] = b"\x01" * (end - start)
                    found[Span(start, end)] = owners[name]
        return {span: found[span] for span in sorted(found) if not self.in_furniture(span)}

    def in_furniture(self, span: Span) -> bool:
        """Say whether a span touches the furniture of the page."""
        return any(f.start < span.end and span.start < f.end for f in self.article.furniture)


def read_gold(path: Path, *, split: str = "") -> tuple[GoldArticle, ...]:
    """Return the annotated articles of a file or folder, in its order.

    Of records that say to which split they belong, only those of `split` are taken, all
    where it is empty. Raises UnreadableSource, with the line, where a file is broken, and
    UsageError where no article is left.
    """
    articles = tuple(
        _read_article(record, file, place)
        for file in _find_files(path)
        for place, record in _read_records(file)
        if not split or not isinstance(record, dict) or record.get("split", split) == split
    )
    if not articles:
        raise UsageError(f"{path}: no article of the split {split!r}: choose another split")
    return articles


def _find_files(path: Path) -> tuple[Path, ...]:
    """Return the gold files of a file or folder, sorted; a corpus keeps them in `gold/`.

    Raises UnreadableSource where there are none.
    """
    folder = path / "gold" if (path / "gold").is_dir() else path
    found = sorted(folder.glob("*.json")) if folder.is_dir() else [path]
    if not found or not all(file.is_file() for file in found):
        raise UnreadableSource(str(path), "there is no gold: name a file or a folder of JSON files")
    return tuple(found)


def _read_records(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the records of a file with the line at which each stands."""
    opened = gzip.open if file.suffix == ".gz" else open
    place = ""
    try:
        with opened(file, "rt", encoding="utf-8") as lines:
            if ".jsonl" not in file.suffixes:
                yield "", json.load(lines)
                return
            for number, line in enumerate(lines, 1):
                place = f"line {number}"
                if line.strip():
                    yield place, json.loads(line)
    except (OSError, EOFError, ValueError) as error:
        raise UnreadableSource(str(file), f"it cannot be read: {error}", place=place) from error


def _find_text(file: Path, id_: str) -> Path | None:
    for folder in (file.parent.parent / "articles", file.parent):
        if (folder / f"{id_}.txt").is_file():
            return folder / f"{id_}.txt"
    return None


def _read_text(record: Mapping[str, Any], file: Path) -> str:
    if "text" in record:
        return str(record["text"])
    found = _find_text(file, record["id"])
    if found is None:
        raise FileNotFoundError(f"{record['id']}.txt is not beside it")
    return found.read_bytes().decode()


def _read_article(record: Mapping[str, Any], file: Path, place: str) -> GoldArticle:
    try:
        published = record.get("published")
        article = make_article(
            _read_text(record, file),
            id=record["id"],
            title=record.get("title", ""),
            url=record.get("url", ""),
            published=date.fromisoformat(published[:10]) if published else None,
        )
        entities = tuple(
            GoldEntity(e["id"], e["name"], e["type"], tuple(e["aliases"]))
            for e in record["entities"]
        )
        facts = _Facts(article, frozenset(e.id for e in entities))
        stated = json.dumps([article.text, record], sort_keys=True)
        return GoldArticle(
            article,
            entities,
            tuple(map(facts.read, record["facts"])),
            hashlib.sha256(stated.encode()).hexdigest(),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        reason = f"the record is not in the form of gold ({error!r}): see docs/evaluation.md"
        raise UnreadableSource(str(file), reason, place=place) from error


class _Facts:
    """Reads the facts of one article."""

    def __init__(self, article: Article, entities: frozenset[str]) -> None:
        self._article = article
        self._entities = entities
        self._values: tuple[Value, ...] = find_values(article.text, published=article.published)

    def read(self, record: Mapping[str, Any]) -> GoldFact:
        evidence = self._read_evidence(record)
        object_ = record["o"]
        known = object_ in self._entities
        if record["s"] not in self._entities:
            raise ValueError(f"no entity {record['s']}")
        return GoldFact(
            subject=record["s"],
            predicate=record["p"],
            object=object_ if known else self._read_literal(object_, evidence),
            evidence=evidence,
            modality=_read_modality(record),
        )

    def _read_evidence(self, record: Mapping[str, Any]) -> Span | None:
        if "start" in record:
            return Span(record["start"], record["end"])
        quote = record.get("evidence", "")
        start = self._article.text.find(quote) if quote else -1
        return Span(start, start + len(quote)) if start >= 0 else None

    def _read_literal(self, words: str, evidence: Span | None) -> Literal:
        """Return the value that the words mean where the evidence has them."""
        within = evidence or Span(0, len(self._article.text))
        start = self._article.text.find(words, within.start, within.end)
        span = Span(start, start + len(words))
        for value in self._values:
            if start >= 0 and (value.span in span or span in value.span):
                return Literal(
                    value.literal.value, value.literal.datatype, value.literal.currency, words
                )
        return Literal("", "", text=words)


def _read_modality(record: Mapping[str, Any]) -> Modality:
    """Return the modality that the qualifier of a fact names."""
    noted = record.get("qualifiers", {}).get("modality", record.get("qualifier", ""))
    words = re.findall(r"\w+", str(noted).casefold())
    return next((Modality(word) for word in words if word in set(Modality)), Modality.ASSERTED)
