"""The store of a server is built into like one in a folder."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from build_sample import build, build_afresh, make_articles

from kg.build import remove
from kg.errors import StoreError
from kg.serve import Limits, Server, Service, open_engine
from kg.store import open_store

TOKEN = "let me in"


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("KG_TOKEN", TOKEN)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    open_store(tmp_path / "kg").close()
    limits = Limits(workers=1, seconds=60, body=50_000_000)
    with contextlib.closing(open_engine(tmp_path / "kg", limits, writes=True)) as engine:
        server = Server(Service(engine, limits, token=TOKEN))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield f"{server.address}/sparql".replace("//sparql", "/sparql")
        finally:
            server.stop()
            thread.join()


def test_building_and_removing_on_a_server(address: str, tmp_path: Path):
    articles = make_articles(12)
    with open_store(address) as store:
        build(store, articles[:8])
    with open_store(address) as store:
        report = build(store, articles)
        assert len(report.unchanged) == 8
        assert set(store.quads()) == build_afresh(articles)
    with open_store(address) as store:
        remove([articles[0].id], store=store)
        assert set(store.quads()) == build_afresh(articles[1:])
    assert len(list((tmp_path / "cache" / "kg-builder").iterdir())) == 1


def test_another_computer_is_told_what_it_lacks(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    articles = make_articles(4)
    with open_store(address) as store:
        build(store, articles[:3])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    with open_store(address) as store:
        with pytest.raises(StoreError, match="build them again"):
            build(store, articles[3:])
        build(store, articles)
        assert set(store.quads()) == build_afresh(articles)
