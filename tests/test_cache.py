"""What was read from an article is kept whole, and what is damaged counts as lost."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.cache import ExtractionCache, Kept, make_key
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

# Lone surrogates too: a reader may let them through.
TEXTS = st.text(st.characters())
COUNTS = st.integers(0, 10**6)
SPANS = st.builds(Span, COUNTS, COUNTS)
SHARES = st.floats(0, 1)
MENTIONS = st.builds(Mention, SPANS, TEXTS, TEXTS, SHARES, st.booleans())
CLUSTERS = st.builds(Cluster, TEXTS, TEXTS, st.lists(MENTIONS, max_size=3).map(tuple))
SPEAKERS = st.builds(Speaker, TEXTS, st.none() | SPANS, TEXTS)
EVIDENCE = st.builds(
    Evidence,
    *(TEXTS, SPANS, TEXTS, TEXTS, SHARES, st.sampled_from(Modality)),
    st.none() | SPEAKERS,
    st.none() | SPANS,
)
RELATIONS = st.builds(
    Relation,
    COUNTS,
    TEXTS,
    COUNTS | st.builds(Literal, TEXTS, TEXTS, TEXTS, TEXTS),
    st.lists(EVIDENCE, max_size=2).map(tuple),
    st.lists(st.tuples(TEXTS, TEXTS), max_size=2).map(tuple),
)
ARTICLES = st.builds(
    Article,
    id=TEXTS,
    text=TEXTS,
    checksum=TEXTS,
    title=TEXTS,
    url=TEXTS,
    published=st.none() | st.dates(),
    authors=st.lists(TEXTS, max_size=2).map(tuple),
    publisher=TEXTS,
    language=TEXTS,
    furniture=st.lists(SPANS, max_size=2).map(tuple),
)
EXTRACTIONS = st.builds(
    Extraction,
    TEXTS,
    TEXTS,
    TEXTS,
    st.lists(CLUSTERS, max_size=2).map(tuple),
    st.lists(RELATIONS, max_size=2).map(tuple),
    st.lists(st.tuples(RELATIONS, TEXTS), max_size=2).map(tuple),
)
KEPT = Kept("ab12", Article("a", "text", "00"), Extraction("a", "00", "1"))


def test_the_strategies_fill_every_field():
    """A new field of the model belongs into the strategies above, and into the files."""
    counts = {
        Article: 10,
        Extraction: 6,
        Cluster: 3,
        Mention: 5,
        Relation: 5,
        Evidence: 8,
        Speaker: 3,
        Literal: 4,
    }
    assert {kind: len(fields(kind)) for kind in counts} == counts


@given(ARTICLES, EXTRACTIONS)
def test_what_is_kept_comes_back_as_it_was(article: Article, extraction: Extraction):
    kept = Kept("key", article, extraction)
    cache = ExtractionCache(None)
    cache.put(kept)
    assert "key" in cache
    assert cache.get("key") == kept


def test_a_folder_keeps_over_time(tmp_path: Path):
    cache = ExtractionCache(tmp_path / "extractions")
    cache.put(KEPT)
    cache.flush()
    again = ExtractionCache(tmp_path / "extractions")
    assert KEPT.key in again
    assert again.get(KEPT.key) == KEPT
    again.drop(KEPT.key)
    again.drop(KEPT.key)
    assert KEPT.key not in cache
    assert cache.get(KEPT.key) is None


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\x1f\x8b\x08\x00", None])
def test_what_is_damaged_is_lost_and_can_be_kept_again(tmp_path: Path, damage: bytes | None):
    cache = ExtractionCache(tmp_path)
    cache.put(KEPT)
    (file,) = tmp_path.rglob("*.gz")
    file.write_bytes(file.read_bytes()[:-9] if damage is None else damage)
    assert cache.get(KEPT.key) is None
    cache.put(KEPT)
    assert cache.get(KEPT.key) == KEPT


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    cache = ExtractionCache(tmp_path)
    cache.put(KEPT)
    longer = replace(KEPT, article=replace(KEPT.article, text="other text"))

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(StoreError, match="No space left on device"):
        cache.put(longer)
    assert cache.get(KEPT.key) == KEPT


def test_many_files_are_written_through_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    called: list[str] = []
    monkeypatch.setattr(os, "sync", lambda: called.append("sync"), raising=False)
    cache = ExtractionCache(tmp_path)
    for number in range(101):
        cache.put(replace(KEPT, key=f"{number:04}"))
    cache.flush()
    cache.flush()
    assert called == ["sync"]


@pytest.mark.parametrize("part", ["id", "checksum", "extractor", "ontology"])
def test_whatever_could_change_the_reading_changes_the_key(part: str):
    article, versions = KEPT.article, {"extractor": "1", "ontology": "1"}
    before = make_key(article, **versions)
    assert before == make_key(article, **versions)
    if part in versions:
        versions[part] = "2"
    else:
        article = replace(article, **{part: "other"})
    assert make_key(article, **versions) != before
