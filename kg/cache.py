"""Keeps what was read from each article, in files that bear the key of what made them.

Extraction is the dear part of a build. Losing a file costs the time to read its article
again, and nothing else.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kg.errors import StoreError
from kg.model import (
    Article,
    Cluster,
    Evidence,
    Extraction,
    Literal,
    Mention,
    Modality,
    Relation,
    Span,
    Speaker,
)

__all__ = [
    "ExtractionCache",
    "Kept",
    "decode_evidence",
    "encode_evidence",
    "encode_literal",
    "make_key",
]

# From so many files on, writing the whole disk through is quicker than one after the other.
_MANY = 100

# Part of every key: raised when the files are written in another way.
_LAYOUT = "3"


@dataclass(frozen=True, slots=True)
class Kept:
    """An article with what was read from it, and the key under which both are kept."""

    key: str
    article: Article
    extraction: Extraction


def make_key(article: Article, *, extractor: str, ontology: str) -> str:
    """Return the key for an article read by a version of the extractor.

    Two readings with one key give the same extraction.
    """
    parts = [_LAYOUT, article.id, article.checksum, extractor, ontology]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class ExtractionCache:
    """Extractions by key: a folder of files, or memory where there is no folder."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._files: dict[str, bytes] = {}
        self._unwritten: list[Path] = []

    def __contains__(self, key: str) -> bool:
        """Say whether something is kept under a key, damaged or not."""
        return self._path(key).is_file() if self._folder else key in self._files

    def get(self, key: str) -> Kept | None:
        """Return what is kept under a key; None where nothing is, or it is damaged."""
        try:
            content = self._path(key).read_bytes() if self._folder else self._files[key]
            return _decode(key, gzip.decompress(content))
        except (LookupError, OSError, EOFError, ValueError, TypeError, zlib.error):
            return None

    def put(self, kept: Kept) -> None:
        """Keep an extraction; the file appears whole or not at all."""
        content = gzip.compress(_encode(kept), compresslevel=6, mtime=0)
        if self._folder is None:
            self._files[kept.key] = content
            return
        with self._reporting():
            path = self._path(kept.key)
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(f".{os.getpid()}.new")
            try:
                draft.write_bytes(content)
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
        self._unwritten.append(path)

    def flush(self) -> None:
        """Return when everything that was put is on the disk."""
        with self._reporting():
            if len(self._unwritten) > _MANY and hasattr(os, "sync"):
                os.sync()
            else:
                for path in self._unwritten:
                    _write_through(path)
        self._unwritten.clear()

    def drop(self, key: str) -> None:
        """Forget an extraction, if it is kept."""
        self._files.pop(key, None)
        if self._folder is not None:
            with self._reporting():
                self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        folder = self._folder or Path()
        return folder / key[:2] / f"{key}.json.gz"

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(f"{self._folder}: cannot be written: {error.strerror}") from error


def _write_through(path: Path) -> None:
    """Return when a file is on the disk; one that is gone needs no writing."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _encode(kept: Kept) -> bytes:
    article, extraction = kept.article, kept.extraction
    content = {
        "article": {
            "id": article.id,
            "text": article.text,
            "checksum": article.checksum,
            "title": article.title,
            "url": article.url,
            "published": article.published.isoformat() if article.published else None,
            "authors": article.authors,
            "publisher": article.publisher,
            "language": article.language,
            "furniture": [[s.start, s.end] for s in article.furniture],
        },
        "extraction": {
            "article": extraction.article,
            "checksum": extraction.checksum,
            "extractor": extraction.extractor,
            "clusters": [_encode_cluster(c) for c in extraction.clusters],
            "relations": [_encode_relation(r) for r in extraction.relations],
            "quarantined": [[_encode_relation(r), why] for r, why in extraction.quarantined],
        },
    }
    return json.dumps(content, separators=(",", ":")).encode()


def _encode_cluster(cluster: Cluster) -> list[Any]:
    mentions = [
        [m.span.start, m.span.end, m.text, m.type, m.confidence, m.named] for m in cluster.mentions
    ]
    return [cluster.name, cluster.type, mentions]


def encode_literal(literal: Literal) -> list[str]:
    """Return a value as JSON holds it; `Literal(*told)` takes it back."""
    return [literal.value, literal.datatype, literal.currency, literal.text]


def encode_evidence(evidence: Iterable[Evidence]) -> list[Any]:
    """Return evidence as JSON holds it."""
    return [
        [
            *(e.article, e.span.start, e.span.end, e.quote, e.extractor, e.confidence),
            *(e.modality.value, _encode_speaker(e.speaker), _encode_span(e.cue)),
        ]
        for e in evidence
    ]


def _encode_speaker(speaker: Speaker | None) -> list[Any] | None:
    if speaker is None:
        return None
    return [speaker.text, _encode_span(speaker.span), speaker.iri]


def _encode_span(span: Span | None) -> list[int] | None:
    return [span.start, span.end] if span else None


def decode_evidence(told: Iterable[Any]) -> tuple[Evidence, ...]:
    """Return the evidence that `encode_evidence` wrote."""
    return tuple(
        Evidence(
            *(article, Span(start, end), quote, extractor, confidence, Modality(modality)),
            _decode_speaker(speaker),
            Span(*cue) if cue else None,
        )
        for article, start, end, quote, extractor, confidence, modality, speaker, cue in told
    )


def _decode_speaker(told: list[Any] | None) -> Speaker | None:
    if told is None:
        return None
    text, span, iri = told
    return Speaker(text, Span(*span) if span else None, iri)


def _encode_relation(relation: Relation) -> list[Any]:
    object_ = relation.object
    told = encode_literal(object_) if isinstance(object_, Literal) else object_
    evidence = encode_evidence(relation.evidence)
    return [relation.subject, relation.predicate, told, evidence, relation.qualifiers]


def _decode(key: str, content: bytes) -> Kept:
    told = json.loads(content)
    article, extraction = told["article"], told["extraction"]
    published = article.pop("published")
    return Kept(
        key=key,
        article=Article(
            **article
            | {
                "published": date.fromisoformat(published) if published else None,
                "authors": tuple(article["authors"]),
                "furniture": tuple(Span(*span) for span in article["furniture"]),
            }
        ),
        extraction=Extraction(
            article=extraction["article"],
            checksum=extraction["checksum"],
            extractor=extraction["extractor"],
            clusters=tuple(_decode_cluster(*c) for c in extraction["clusters"]),
            relations=tuple(_decode_relation(*r) for r in extraction["relations"]),
            quarantined=tuple((_decode_relation(*r), why) for r, why in extraction["quarantined"]),
        ),
    )


def _decode_cluster(name: str, type_: str, mentions: list[Any]) -> Cluster:
    return Cluster(
        name, type_, tuple(Mention(Span(start, end), *rest) for start, end, *rest in mentions)
    )


def _decode_relation(
    subject: int, predicate: str, told: int | list[str], evidence: list[Any], qualifiers: list[Any]
) -> Relation:
    return Relation(
        subject=subject,
        predicate=predicate,
        object=told if isinstance(told, int) else Literal(*told),
        evidence=decode_evidence(evidence),
        qualifiers=tuple((name, value) for name, value in qualifiers),
    )
