"""Wikinews articles: those annotated for this project, as stand-off data, and the others.

`kg/train/annotations/wikinews.jsonl.gz` holds, for each article, its id, the SHA-256 of its
text, and entities and facts in the form of `read_articles`; the texts are those of the
shared data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from kg.errors import UnreadableSource
from kg.train.datasets.articles import read_record
from kg.train.datasets.files import read_records
from kg.train.example import Example

__all__ = ["ANNOTATIONS", "read_unmarked", "read_wikinews"]

ANNOTATIONS = Path(__file__).parent.parent / "annotations" / "wikinews.jsonl.gz"


def read_wikinews(shared: Path, part: str) -> Iterator[Example]:
    """Yield the annotated articles; all are of the part `train`.

    The text of an article begins with its title and a blank line. Raises UnreadableSource
    where a text is missing or not the one that was annotated.
    """
    if part != "train":
        return
    path = shared / "data" / "wikinews" / "articles.jsonl.gz"
    texts = {record["id"]: record for record in read_records(path)}
    for annotation in read_records(ANNOTATIONS):
        found = texts.get(annotation["id"])
        if found is None:
            raise UnreadableSource(str(path), f"lacks the annotated article {annotation['id']}")
        text = _whole_text(found)
        if sha256(text.encode()).hexdigest() != annotation["sha256"]:
            raise UnreadableSource(str(path), f"{annotation['id']} is not as it was annotated")
        record = annotation | {"text": text, "published": found["published"]}
        yield read_record(record, source="wikinews")


def read_unmarked(shared: Path, part: str) -> Iterator[Example]:
    """Yield the articles that nobody annotated, without marks; all are of the part `train`.

    Articles of the annotated news, of either part, are not among them.
    """
    if part != "train":
        return
    data = shared / "data"
    marked = {record["id"] for record in read_records(ANNOTATIONS)}
    named = set()
    for record in (r for p in ("train", "dev") for r in read_records(data / "news" / f"{p}.jsonl")):
        marked.add(record["id"])
        named |= {record["url"], record["title"].casefold()}
    for record in read_records(data / "wikinews" / "articles.jsonl.gz"):
        if record["id"] not in marked and not {record["url"], record["title"].casefold()} & named:
            yield Example(
                id=record["id"], source="wikinews_unmarked", text=_whole_text(record), mentions=()
            )


def _whole_text(record: Mapping[str, Any]) -> str:
    """Return the text of an article with its title before it."""
    title, text = str(record["title"]), str(record["text"])
    return text if text.startswith(title) else f"{title}\n\n{text}"
