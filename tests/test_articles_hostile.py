"""Whatever bytes come in: an article or a refusal, nothing else, and nothing is lost."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from article_files import PROSE, TEXT, TITLE, check_spans, make_pdf, read, record, refuse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trust_ledger import tally

from kg.articles import make_article, read_articles
from kg.articles.jsonlines import MAX_LINE, inflate, split_lines
from kg.errors import OversizeSource, SourceError, UnreadableSource, UnsupportedSource
from kg.model import Article

KINDS = ["txt", "md", "html", "pdf", "jsonl", "jsonl.gz", "warc", "warc.gz", ""]
WARC = (
    b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\n"
    b"Content-Length: 66\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    b"A few words of text.\r\n\r\n"
)
SEEDS = [
    TEXT.encode(),
    f"---\ntitle: {TITLE}\ndate: 2021-03-04\n---\n# H\n\n{TEXT}".encode(),
    f"<html><head><title>{TITLE}</title></head><body><p>{TEXT}</p></body></html>".encode(),
    make_pdf([PROSE], title=TITLE),
    f"{record(id='a')}\n{record(id='b', title=TITLE)}\n".encode(),
    gzip.compress(f"{record(id='a')}\n".encode(), mtime=0),
    WARC,
]

few = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """Return one of the seeds with pieces of it replaced, cut out or doubled."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 40)))
        data = data[:start] + draw(st.binary(max_size=20)) * draw(st.integers(0, 3)) + data[end:]
    return data


def read_bytes(data: bytes, ending: str) -> tuple[list[Article], list[SourceError]]:
    tally("inputs")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (f"input.{ending}" if ending else "input")
        path.write_bytes(data)
        return read(path)


@few
@given(data=st.binary(max_size=400) | mangled(), ending=st.sampled_from(KINDS))
def test_any_bytes_become_articles_or_refusals(data: bytes, ending: str):
    articles, errors = read_bytes(data, ending)
    assert articles or errors or ending.startswith(("jsonl", "warc")) or not ending
    for error in errors:
        assert isinstance(error, SourceError)
        assert str(error).isprintable()
    for article in articles:
        assert article.id
        assert "\0" not in article.text
        article.text.encode()
    assert read_bytes(data, ending)[0] == articles


PDF_PIECES = [b"/Kids", b"/Filter /LZWDecode", b"/Filter /ASCII85Decode", b"1 0 R", b"null", b"<<"]
PDF_PIECES += [b"]", b"[", b"(", b"endobj", b"stream", b"-1", b"9" * 40, b"/Encrypt 1 0 R", b"/F1"]
PDF_PIECES += [b"/FlateDecode", b"/ObjStm", b"/XRef", b"startxref 0", b"trailer", b"/Length 5"]

# What stands in the lines of pages, to be put together in any way.
LINES = [TITLE, "Share", "By Ada Kling", "Published: March 4, 2021", "Tags: a, b", "•", "3"]
LINES += ["Related articles", "Home > News > Jena", "“Quote?”", "\u202eabc", "a" * 300, "- item"]
PIECES = st.lists(st.sampled_from([*PROSE, *LINES]) | st.text(max_size=40), max_size=20)


@few
@given(PIECES, st.sampled_from(["\n", "\n\n", "\r\n", "\r", "\u2028", " \n\t\n "]))
def test_spans_lie_in_the_text_whatever_it_holds(pieces: list[str], between: str):
    text = between.join(pieces)
    article = make_article(text, id="a")
    check_spans(article)
    assert article.text == text
    assert article == make_article(text, id="a")


@few
@given(st.permutations(["a.txt", "b.md", "c/a.txt", "c/d.jsonl"]))
def test_order_of_the_sources_changes_no_article(names: list[str]):
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            path = Path(folder) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(record(text=f"{name} {TEXT}") if path.suffix == ".jsonl" else TEXT)
        articles, errors = read(*(Path(folder) / name for name in names))
    assert not errors
    assert {a.id for a in articles} >= {"b", "c/a.txt"}
    assert sorted(a.id for a in articles) == sorted({a.id for a in articles})


# Sizes


def endless(line: bytes, times: int) -> Iterator[bytes]:
    # Pieces of their own, so that holding them all would show.
    return (bytes(bytearray(line)) for _ in range(times))


def test_a_line_of_100_mb_is_refused_without_being_held():
    chunks = endless(b"x" * 1_000_000, 100)
    tracemalloc.start()
    lines = list(split_lines(chunks))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [line.content for line in lines] == [None]
    assert peak < 2 * MAX_LINE


def test_lines_around_a_long_one_are_read(tmp_path: Path):
    path = tmp_path / "news.jsonl"
    with path.open("wb") as file:
        file.write(record(id="before").encode() + b"\n")
        for _ in range(MAX_LINE // 1_000_000 + 1):
            file.write(b"x" * 1_000_000)
        file.write(b"\n" + record(id="after").encode() + b"\n")
    articles, errors = read(path)
    assert [a.id for a in articles] == ["before", "after"]
    assert [(type(e), e.place) for e in errors] == [(OversizeSource, "line 2")]


def test_gzip_bomb_is_refused_early(tmp_path: Path):
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * 10_000_000) for _ in range(30)) + packer.flush()
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(bomb)
    error = refuse(path)
    assert isinstance(error, OversizeSource)
    assert "grows" in error.reason


def test_articles_before_the_break_of_a_gzip_file_are_read(tmp_path: Path):
    lines = "".join(f"{record(id=str(n), text=f'{n} {TEXT}')}\n" for n in range(50))
    packed = gzip.compress(lines.encode())
    path = tmp_path / "news.jsonl.gz"
    path.write_bytes(packed[: len(packed) - 12])
    articles, errors = read(path)
    assert len(articles) > 40
    assert any("too early" in e.reason for e in errors)


def test_gzip_members_are_read_one_after_the_other():
    data = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 20
    assert b"".join(inflate([data])) == b"one two"
    assert b"".join(inflate([data[n : n + 1] for n in range(len(data))])) == b"one two"


def test_files_too_large_for_their_kind_are_not_read_whole(tmp_path: Path):
    path = tmp_path / "page.html"
    path.write_bytes(b"<html><body>" + b"<p>a</p>" * 1_500_000)
    error = refuse(path)
    assert isinstance(error, OversizeSource)
    assert "larger than 10 MB" in error.reason


# PDF


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_pdf_is_read_or_refused(data: st.DataObject):
    whole = make_pdf([PROSE, PROSE], title=TITLE)
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(whole)))
        piece = data.draw(st.sampled_from(PDF_PIECES) | st.binary(max_size=8))
        whole = whole[:start] + piece + whole[start + data.draw(st.integers(0, 12)) :]
    articles, errors = read_bytes(whole, "pdf")
    assert len(articles) + len(errors) == 1


def test_pdf_whose_pages_are_their_own_parents_is_refused(tmp_path: Path):
    data = make_pdf([PROSE]).replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")
    path = tmp_path / "loop.pdf"
    path.write_bytes(data)
    assert isinstance(refuse(path), SourceError)


def test_pdf_with_a_loop_of_tables_is_read_or_refused(tmp_path: Path):
    data = make_pdf([PROSE])
    start = data.rindex(b"startxref")
    place = data[start:].split()[1]
    looped = data.replace(b"/Info", b"/Prev " + place + b" /Info")
    path = tmp_path / "loop.pdf"
    path.write_bytes(looped)
    articles, errors = read(path)
    assert len(articles) + len(errors) == 1


def test_pdf_stream_that_blows_up_is_refused(tmp_path: Path):
    packed = zlib.compress(b"(x) Tj T*\n" * 20_000_000, 9)
    data = make_pdf([["MARK"]])
    stream = data[data.index(b"<< /Length") : data.index(b"endobj", data.index(b"<< /Length"))]
    bomb = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream\n" % (len(packed), packed)
    path = tmp_path / "bomb.pdf"
    path.write_bytes(data.replace(stream, bomb))
    assert isinstance(refuse(path), SourceError)


# Characters


@pytest.mark.parametrize("data", [b"abc\0def" * 50, TEXT.encode() + b"\0", b"\x01\x02\x03" * 99])
def test_nuls_and_controls_are_refused_with_their_place(tmp_path: Path, data: bytes):
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    assert isinstance(refuse(path), UnsupportedSource)


def test_bidirectional_controls_stay_where_they_are(tmp_path: Path):
    text = f"{TITLE}\n\n\u202e{PROSE[0]}\u202c\n\n{PROSE[1]}\u2066 \u2069"
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    articles, errors = read(path)
    assert not errors
    assert articles[0].text == text


def test_long_repetitions_take_no_longer_than_text(tmp_path: Path):
    pieces = ["a" * 400_000, "a " * 200_000, "(" * 100_000, "A B " * 100_000, "> " * 100_000]
    pieces += ["by " * 100_000, "aB" * 200_000, "1 May " * 60_000, "\n" * 400_000, "-\n" * 100_000]
    for number, piece in enumerate(pieces):
        (tmp_path / f"{number}.txt").write_text(f"{TEXT}\n\n{piece}\n\n{TEXT}")
    articles, errors = read(tmp_path)
    assert len(articles) + len(errors) == len(pieces)


def test_front_matter_of_aliases_does_not_grow(tmp_path: Path):
    layers = "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    path = tmp_path / "a.md"
    path.write_text(f"---\na0: &a0 [x]\n{layers}title: *a29\nauthor: *a29\n---\n{TEXT}")
    articles, errors = read(path)
    assert len(articles) + len(errors) == 1


# File names and links


@pytest.mark.parametrize("name", ["--help.txt", "-rf", "-", "a b\nc.txt", "*.txt", "[a].txt", "~"])
def test_file_names_that_mislead_are_read_from_their_folder(tmp_path: Path, name: str):
    (tmp_path / name).write_text(TEXT)
    articles, errors = read(tmp_path)
    assert not errors
    assert len(articles) == 1
    assert articles[0].id.isprintable()


def test_file_names_that_are_options_or_patterns_can_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    for name in ("--store", "[a].txt"):
        Path(name).write_text(f"{name} {TEXT}")
        assert read(name)[0]


def test_file_names_in_no_encoding_are_read(tmp_path: Path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    try:
        Path(os.fsdecode(path)).write_text(TEXT)
    except OSError:
        pytest.skip("this file system takes no such names")
    articles, errors = read(tmp_path)
    assert not errors
    assert [a.id for a in articles] == ["caf\\xe9"]
    articles[0].id.encode()


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.txt").write_text(TEXT)
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT)
    (folder / "b.txt").symlink_to(secret / "key.txt")
    (folder / "c").symlink_to(secret, target_is_directory=True)
    (folder / "d.txt").symlink_to(folder / "nowhere")
    (folder / "e.txt").symlink_to(folder / "a.txt")
    (folder / "f").symlink_to(folder, target_is_directory=True)
    for source in (str(folder), f"{folder}/**", f"{folder}/*.txt"):
        articles, errors = read(source)
        assert [a.id for a in articles] == ["a"]
        assert {Path(e.source).name for e in errors} >= {"b.txt", "d.txt"}
    named, errors = read(folder / "b.txt")
    assert not errors
    assert len(named) == 1


def test_pipes_and_devices_are_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.txt")
    assert isinstance(refuse(tmp_path), UnsupportedSource)
    assert isinstance(refuse("/dev/zero"), UnsupportedSource)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission_is_named(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text(TEXT)
    path.chmod(0)
    assert isinstance(refuse(path), UnreadableSource)


@pytest.mark.parametrize("source", ["", "\0", "a\0b", "x" * 5000, "*" * 300, "ftp://a.example/x"])
def test_sources_that_are_no_names_are_refused(source: str):
    assert isinstance(refuse(source), SourceError)


def test_reading_is_lazy(tmp_path: Path):
    path = tmp_path / "n.jsonl"
    path.write_text("\n".join(record(id=str(n)) for n in range(1000)))
    articles = read_articles([str(path)], on_error=pytest.fail)
    assert next(articles).id == "0"


def test_lone_surrogates_of_json_are_refused(tmp_path: Path):
    path = tmp_path / "n.jsonl"
    lines = [{"id": "\ud800", "text": TEXT}, {"id": "a", "title": "\udfff", "text": TEXT}]
    path.write_text("\n".join(json.dumps(line) for line in lines))
    articles, errors = read(path)
    assert len(articles) + len(errors) == 2
    for article in articles:
        article.id.encode()
        article.title.encode()
