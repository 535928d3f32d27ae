"""Web archives are read offline, record by record."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from article_files import PROSE, TEXT, TITLE, make_pdf, read, read_one, refuse
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.articles.sources import Source
from kg.articles.warc import read_warc
from kg.errors import OversizeSource, SourceError, UnreadableSource

BODY = "".join(f"<p>{line}</p>" for line in PROSE)
PAGE = f"<html><head><title>{TITLE}</title></head><body><article>{BODY}</article></body></html>"
ADDRESS = "https://lens.example/tarnhelm"


def make_record(
    block: bytes, *, kind: str = "response", address: str = ADDRESS, **more: str
) -> bytes:
    """Return a record of an archive."""
    headers = {"WARC-Type": kind, "WARC-Target-URI": address, "Content-Length": str(len(block))}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"WARC/1.1\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def answer(body: bytes, kind: str = "text/html", status: str = "200 OK", *more: str) -> bytes:
    """Return an answer of HTTP as a crawler records it."""
    lines = "".join(f"{line}\r\n" for line in (f"Content-Type: {kind}", *more))
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def page(text: str = PAGE) -> bytes:
    return answer(text.encode())


@pytest.mark.parametrize("ending", ["warc", "warc.gz"])
def test_pages_of_an_archive_are_read(tmp_path: Path, ending: str):
    records = [
        make_record(b"software: made by hand\r\n", kind="warcinfo"),
        make_record(b"GET / HTTP/1.1\r\n\r\n", kind="request"),
        make_record(page()),
        make_record(answer(b"\x89PNG", "image/png"), address="https://lens.example/a.png"),
        make_record(answer(b"", status="301 Moved"), address="https://lens.example/old"),
        make_record(make_pdf_answer(), address="https://lens.example/a.pdf"),
        make_record(TEXT.encode(), kind="conversion", address="https://lens.example/b").replace(
            b"\r\n\r\n", b"\r\nContent-Type: text/plain\r\n\r\n", 1
        ),
    ]
    path = tmp_path / f"crawl.{ending}"
    # Each record is a member of its own, as the standard recommends.
    path.write_bytes(b"".join(gzip.compress(r) if ending == "warc.gz" else r for r in records))
    articles, errors = read(path)
    assert not errors
    assert [(a.id, a.url) for a in articles] == [
        (ADDRESS, ADDRESS),
        ("https://lens.example/a.pdf", "https://lens.example/a.pdf"),
        ("https://lens.example/b", "https://lens.example/b"),
    ]
    assert articles[0].title == TITLE
    assert all("Tarnhelm Instruments said" in article.text for article in articles)


def make_pdf_answer() -> bytes:
    return answer(make_pdf([PROSE]), "application/pdf")


def test_bodies_are_unpacked(tmp_path: Path):
    data = PAGE.encode()
    chunked = b"".join(
        b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (data[:100], data[100:], b"")
    )
    packed = gzip.compress(data)
    records = [
        answer(chunked, "text/html", "200 OK", "Transfer-Encoding: chunked"),
        answer(packed, "text/html", "200 OK", "Content-Encoding: gzip"),
        answer(data, "text/html", "200 OK", "Content-Encoding: gzip"),
        answer(PAGE.replace("Jena", "Köln").encode("cp1252"), "text/html; charset=latin-1"),
    ]
    path = tmp_path / "crawl.warc"
    path.write_bytes(
        b"".join(make_record(r, address=f"{ADDRESS}/{n}") for n, r in enumerate(records))
    )
    articles, errors = read(path)
    assert not errors
    assert len(articles) == 4
    assert "Köln" in articles[3].text


def test_archive_on_standard_input_is_told_by_its_content(tmp_path: Path):
    for data in (make_record(page()), gzip.compress(make_record(page()))):
        path = tmp_path / "noending"
        path.write_bytes(data)
        assert read_one(path).id == ADDRESS


def test_page_that_is_none_costs_itself(tmp_path: Path):
    path = tmp_path / "crawl.warc"
    path.write_bytes(
        make_record(page("<html></html>"), address=f"{ADDRESS}/empty")
        + make_record(page())
        + make_record(answer(b"%PDF-1.4 broken", "application/pdf"), address=f"{ADDRESS}/pdf")
        + make_record(page("<p>x</p>" + " " * 10_000_001), address=f"{ADDRESS}/large")
    )
    articles, errors = read(path)
    assert [a.id for a in articles] == [ADDRESS]
    assert [e.place for e in errors] == ["record 1", "record 3", "record 4"]
    assert isinstance(errors[2], OversizeSource)


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        (b"nonsense", "no record begins"),
        (b"WARC/1.1\r\nWARC-Type: response\r\n\r\n", "how long"),
        (b"WARC/1.1\r\nContent-Length: -5\r\n\r\n", "how long"),
        (b"WARC/1.1\r\nContent-Length: 99999999999999999\r\n\r\nx", "cut off"),
        (b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 90\r\n\r\nx", "cut off"),
        (b"WARC/1.1\r\n" + b"A: b\r\n" * 1000, "no end"),
        (b"WARC/1.1\r\nA: " + b"b" * 200_000, "no end"),
        (b"WARC/1.1\r\n", "no end"),
    ],
)
def test_broken_archive_gives_what_came_before(tmp_path: Path, tail: bytes, reason: str):
    path = tmp_path / "crawl.warc"
    path.write_bytes(make_record(page()) + tail)
    articles, errors = read(path)
    assert [a.id for a in articles] == [ADDRESS]
    assert [(type(e), e.place) for e in errors] == [(UnreadableSource, "record 2")]
    assert reason in errors[0].reason


def test_broken_and_growing_gzip_is_refused(tmp_path: Path):
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(gzip.compress(make_record(page()))[:-50])
    assert "gzip" in refuse(path).reason
    bomb = make_record(b" " * 200_000_000, kind="metadata")
    path.write_bytes(gzip.compress(bomb, 9))
    assert "grows" in refuse(path).reason


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_archive_is_read_or_refused(data: st.DataObject):
    whole = make_record(page()) + make_record(make_pdf_answer(), address=f"{ADDRESS}/pdf")
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 30)))
    mangled = whole[:start] + data.draw(st.binary(max_size=20)) + whole[end:]
    found = list(read_warc([mangled[:500], mangled[500:]], Source("archive")))
    assert len(found) <= 3
    for item in found:
        if isinstance(item, SourceError):
            assert item.place.startswith("record ")
            assert str(item).isprintable()
