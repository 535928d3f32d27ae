"""Decisions on the store of a server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from build_sample import build, build_afresh, make_articles
from test_build_remote import address

from kg.entities import describe_entity, list_decisions, list_entities, merge, undo
from kg.errors import StoreError
from kg.review import apply_table, select_facts, write_table
from kg.store import open_store

__all__ = ["address"]  # the fixture


def test_a_server_keeps_decisions(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    articles = make_articles(12)
    table = tmp_path / "facts.csv"
    with open_store(address) as store:
        build(store, articles)
        merge(store, "Orvane", "Quillon", by="Ada")
        (row, *_) = select_facts(store)
        table.write_bytes(write_table([replace(row, verdict="reject")]))
        assert apply_table(store, table, reviewer="Ada").counts["reject"] == 1
    with open_store(address) as store:
        assert [decision.number for decision in list_decisions(store)] == [1, 2]
        (report,) = describe_entity(store, "Orvane")
        assert report.merges
        assert "Quillon" in report.entity.aliases
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    with open_store(address) as store:
        assert "Quillon" not in [entity.name for entity in list_entities(store)]
        (report,) = describe_entity(store, "Orvane")
        assert (report.merges, [d.number for d in report.decisions]) == (None, [1])
        with pytest.raises(StoreError, match="build them again"):
            undo(store, [1])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with open_store(address) as store:
        undo(store, [1, 2])
        assert set(store.quads()) == build_afresh(articles)
