"""The store of a server is built into like one in a folder."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from build_sample import build, build_afresh, make_article, make_articles

from kg.build import remove
from kg.errors import RefusedChange, StoreError
from kg.serve import Limits, Server, Service, open_engine
from kg.store import open_store

TOKEN = "let me in"


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with serving(tmp_path, monkeypatch, body=50_000_000) as found:
        yield found


@contextlib.contextmanager
def serving(folder: Path, monkeypatch: pytest.MonkeyPatch, *, body: int) -> Iterator[str]:
    """The address of a store in a folder, on a server that takes so many bytes at once."""
    monkeypatch.setenv("KG_TOKEN", TOKEN)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    open_store(folder / "kg").close()
    limits = Limits(workers=1, seconds=60, body=body)
    with contextlib.closing(open_engine(folder / "kg", limits, writes=True)) as engine:
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


def test_what_is_too_much_at_once_is_written_article_by_article(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    articles = make_articles(8)
    long = make_article("long", " ".join(article.text for article in make_articles(150)))
    with serving(tmp_path, monkeypatch, body=80_000) as address:
        with (
            open_store(address) as store,
            pytest.raises(RefusedChange, match=r"\(413\)|less at once"),
        ):
            build(store, [long])
        with open_store(address) as store:
            assert set(store.quads()) == set()
            report = build(store, [*articles[:4], long, *articles[4:]])
            assert len(report.added) == len(articles)
            assert [error.source for error in report.refused] == ["long"]
            assert set(store.quads()) == build_afresh(articles)
