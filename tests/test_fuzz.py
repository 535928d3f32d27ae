"""What strangers may send, beside articles: questions, requests, rules, tables. None does harm.

Articles have `test_articles_hostile.py`, and the pages of strangers `test_articles_web.py`.
"""

from __future__ import annotations

import contextlib
import json
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import spacy
from article_files import PROSE, TEXT, make_pdf, read
from build_sample import ONTOLOGY, build, make_articles
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serve_sample import Client, make_service
from test_serve_server import ask, running
from trust_ledger import tally

from kg.errors import KGError, OntologyError, QueryError, SourceError
from kg.nlp.patterns import RelationMatcher, load_patterns
from kg.ontology import load_ontology
from kg.resources import bundled
from kg.review import apply_table
from kg.review.table import COLUMNS
from kg.store import MEMORY, Store, open_store

some = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@pytest.fixture
def file() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "input"


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(MEMORY) as opened:
        build(opened, make_articles(4))
        yield opened


# Articles


@some
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from("id text title url published authors publisher language".split())
            | st.text(max_size=9),
            VALUES | st.just(TEXT),
            max_size=6,
        )
        | VALUES,
        max_size=4,
    )
)
def test_any_values_in_json_lines_are_articles_or_refused(rows: list[object]):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "n.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)))
        articles, errors = read(path)
    tally("inputs", len(rows))
    assert len(articles) + len(errors) <= len(rows) + 1
    for article in articles:
        assert article.id.isprintable()
        article.title.encode()


DEEP = {
    "a.jsonl": b"[" * 200_000,
    "b.jsonl": b'{"text":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "c.md": b"---\na: " + b"[" * 50_000 + b"\n---\n" + TEXT.encode(),
    "d.md": b"> " * 50_000 + b"x",
    "e.pdf": make_pdf([PROSE]).replace(
        b"/Info", b"/X " + b"[" * 50_000 + b"]" * 50_000 + b" /Info"
    ),
    "f.pdf": make_pdf([PROSE]).replace(b"/Info", b"/X " + b"<</A " * 50_000 + b"1 /Info"),
    "g.html": b"<div>" * 200_000 + b"hello",
    "h.html": b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><p>&b;&b;</p>',
    "i.warc": b"WARC/1.0\r\n" + b"A: b\r\n" * 200_000,
    "j.txt": b"PK\x03\x04" + b"\0" * 5000,
    "k.zip": b"PK\x03\x04" + b"\0" * 5000,
}


@pytest.mark.parametrize("name", DEEP)
def test_what_is_nested_without_end_is_read_or_refused(tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(DEEP[name])
    (tmp_path / "z.txt").write_text(TEXT)
    articles, errors = read(tmp_path)
    tally("inputs")
    assert "z" in [article.id for article in articles]
    assert len(articles) + len(errors) == 2
    assert all(str(error).isprintable() for error in errors)


# Questions

WORDS = """SELECT * ?s ?p ?o { } ( ) [ ] << >> . ; , a WHERE FILTER EXISTS NOT OPTIONAL UNION MINUS
    BIND AS VALUES UNDEF ASK CONSTRUCT DESCRIBE FROM NAMED GRAPH SERVICE LOAD INSERT DATA DELETE
    DROP ALL CLEAR ORDER BY DESC LIMIT 3 OFFSET GROUP HAVING COUNT 1e9999 -0 "x" "x"@en '''y'''
    <urn:a> <http://192.0.2.1/> kg:partnerOf rdfs:label xsd:date _:b ! = != < > || && + - * / ^ |
    PREFIX BASE # \\ \\u0000 \x00 \u202e IF IN REGEX REPLACE UUID""".split()
QUERIES = st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=25).map(" ".join)


@some
@given(QUERIES, st.sampled_from(["", "SELECT * { ", "ASK { ", "CONSTRUCT WHERE { "]))
def test_any_query_is_answered_or_refused_and_changes_nothing(text: str, head: str):
    before = len(ASKED)
    with refusals():
        answer = ASKED.query(head + text + (" }" if head else ""))
        for _, _ in zip(range(5), answer, strict=False) if not isinstance(answer, bool) else ():
            pass
    assert len(ASKED) == before


@some
@given(QUERIES, st.sampled_from(["", "INSERT DATA { ", "DELETE WHERE { ", "WITH <urn:g> DELETE "]))
def test_any_update_happens_or_is_refused_and_reaches_nobody(text: str, head: str):
    with open_store(MEMORY) as store, refusals():
        store.update(head + text + (" }" if head.endswith("{ ") else ""))


ASKED = open_store(MEMORY)
ASKED.update("INSERT DATA { <urn:a> <urn:b> <urn:c>, 1 }")


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Count a question, and its refusal."""
    tally("queries")
    try:
        yield
    except (QueryError, TypeError, SyntaxError, RuntimeError, OSError, ValueError):
        # What the engine finds only as it answers reaches whoever reads the answer.
        tally("queries refused")


OVERFLOWING = [
    "ASK " + "{" * 20_000 + "}" * 20_000,
    "ASK { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }",
    "ASK { FILTER(" + "!" * 20_000 + "true) }",
    "ASK { FILTER(" + "?x||" * 20_000 + "?x) }",
    "ASK { ?s " + "(" * 20_000 + "<urn:a>" + ")" * 20_000 + " ?o }",
    "ASK { ?s " + "<urn:a>/" * 20_000 + "<urn:a> ?o }",
    "ASK { " + "{ ?s ?p ?o } UNION " * 20_000 + "{ ?s ?p ?o } }",
    "ASK { ?s ?p ?o " + "MINUS { ?s ?p ?o } " * 20_000 + "}",
    "ASK { ?s ?p " + "<<( ?s ?p " * 20_000 + "1" + ")>>" * 20_000 + " }",
    "ASK { FILTER(" + "IF(1," * 20_000 + "1" + ",1)" * 20_000 + ") }",
    "ASK { " + "FILTER EXISTS { " * 20_000 + "}" * 20_000 + " }",
]


@pytest.mark.parametrize("text", OVERFLOWING, ids=lambda text: text[:24])
def test_questions_that_would_end_the_process_are_refused(store: Store, text: str):
    tally("queries")
    with pytest.raises(QueryError, match="nested deeper"):
        store.query(text)
    tally("queries refused")
    assert Client(make_service()).query(text[:4000]).status == 400


def test_long_questions_and_data_are_no_deep_ones():
    names = " ".join(f"<urn:n{n}>" for n in range(3000))
    rows = "".join(f"<urn:n{n}> <urn:p> -{n}, '((((((((((' .\n" for n in range(3000))
    client = Client(make_service(write=True))
    sent = client("PUT", "/graph-store?graph=urn:g", rows, content_type="text/turtle",
                  authorization="Bearer sesame")  # fmt: skip
    assert sent.status in (201, 204)
    assert client.update(f"INSERT DATA {{ {rows} }}").status == 204
    assert client.ask(f"ASK {{ VALUES ?s {{ {names} }} ?s ?p -7 }}") is True


# Requests over a socket

RAW = [b"GET ", b"POST ", b"BREW ", b"/", b"/sparql?query=", b"ASK%7B%7D", b" HTTP/1.1\r\n"]
RAW += [b" HTTP/9.9\r\n", b"Host: a\r\n", b"Content-Length: 5\r\n", b"Content-Length: -1\r\n"]
RAW += [b"Transfer-Encoding: chunked\r\n", b"ffffffffffffffff\r\n", b"0\r\n", b"\r\n", b"\n", b"\0"]
RAW += [b"\xff\xfe", b"Accept: " + b"a/b," * 3000 + b"\r\n", b"X: " + b"y" * 70_000, b"%", b":"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("fuzz") / "store"
    with open_store(MEMORY) as store:
        store.update("INSERT DATA { <urn:a> <urn:b> <urn:c> }")
        store.back_up(folder)
    with running(folder) as found:
        yield found


@some
@given(st.lists(st.sampled_from(RAW) | st.binary(max_size=9), max_size=12).map(b"".join))
def test_any_bytes_at_the_socket_leave_the_service_up(address: str, sent: bytes):
    tally("inputs")
    place = urlsplit(address)
    line = socket.create_connection((place.hostname, place.port), timeout=20)
    with line, contextlib.suppress(OSError):
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        while line.recv(65536):
            pass


def test_the_service_is_up_after_all_that(address: str):
    status, _, body = ask(address, "GET", "/sparql?query=ASK%7B%3Furn%20%3Fp%20%3Fo%7D")
    assert (status, json.loads(body)["boolean"]) == (200, True)


# Rules of the user's

PATTERN_KEYS = st.sampled_from("predicate pattern confidence modality words list ARG TYPE".split())
ELEMENTS = st.fixed_dictionaries(
    {},
    optional={
        "ARG": st.sampled_from(["subject", "object"]) | VALUES,
        "LOWER": st.just("of") | VALUES,
        "LEMMA": VALUES,
        "OP": st.sampled_from(["?", "*", "{1,99}", "x"]) | VALUES,
        "TYPE": st.just("Company") | VALUES,
        "LIST": VALUES,
    },
)
ROWS = st.fixed_dictionaries(
    {"predicate": st.just("acquired") | VALUES, "pattern": st.lists(ELEMENTS, max_size=4)},
    optional={"confidence": VALUES, "modality": VALUES, "words": VALUES, "list": VALUES},
)


@some
@given(
    st.lists(ROWS.map(json.dumps) | st.text(max_size=30), max_size=3).map("\n".join).map(str.encode)
    | st.binary(max_size=60)
)
def test_any_patterns_are_loaded_or_refused_with_their_place(content: bytes):
    tally("inputs")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.jsonl"
        path.write_bytes(content.replace(b"\\ud", b"\\u0"))
        with contextlib.suppress(OntologyError):
            RelationMatcher(VOCAB, load_patterns(path, ONTOLOGY), ONTOLOGY)


VOCAB = spacy.blank("en").vocab


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_patterns_nested_without_end_are_refused(file: Path, opening: str):
    file.write_text('{"pattern":' + opening * 100_000)
    with pytest.raises(OntologyError, match=":1: "):
        load_patterns(file, ONTOLOGY)


@pytest.mark.parametrize(
    "element",
    [
        {"LOWER": {"REGEX": "("}},
        {"LOWER": "of", "OP": "{1,99999999}"},
        {"LOWER": "of", "AS": 5},
        {"ARG": "subject", "TYPE": 5},
        {"ARG": "subject", "TYPE": "Company"},
        "of",
    ],
    ids=str,
)
def test_elements_that_would_break_the_matcher_are_refused(file: Path, element: object):
    subject = [] if "ARG" in element else [{"ARG": "subject"}]
    row = {"predicate": "acquired", "pattern": [*subject, element, {"ARG": "object"}]}
    file.write_text(json.dumps(row))
    with pytest.raises(OntologyError, match=f"{file.name}:1: "):
        RelationMatcher(VOCAB, load_patterns(file, ONTOLOGY), ONTOLOGY)


TURTLE = bundled("ontologies/kg.ttl").read_bytes()
TERMS = [b"owl:Class", b"rdfs:subClassOf", b"kg:Person", b"kg:Agent", b"kg:partnerOf", b"[", b"("]
TERMS += [
    b"rdfs:domain",
    b"rdfs:range",
    b"owl:inverseOf",
    b'"x"@en',
    b"_:b",
    b";",
    b".",
    b"a",
    b"]",
]


@some
@given(st.data())
def test_any_ontology_is_loaded_or_refused(data: st.DataObject):
    """Terms put in the place of others: circles, missing ends, ranges that are no classes."""
    tally("inputs")
    lines = TURTLE.split(b" ")
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        lines[place] = data.draw(st.sampled_from(TERMS) | st.binary(max_size=5))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.ttl"
        path.write_bytes(b" ".join(lines))
        with contextlib.suppress(OntologyError):
            load_ontology(path)


# Tables of reviewers

CELLS = st.sampled_from(["accept", "reject", "correct", "add", "a0", "Orvane", "Quillon"])
CELLS |= st.sampled_from(["partnerOf", "=1+1", "'", '"', "2026-01-05", "denied", ";", "\n", "1"])
CELLS |= st.text(st.characters(codec="utf-8"), max_size=9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=len(COLUMNS)), max_size=4))
def test_any_table_is_applied_row_by_row_or_refused(rows: list[list[str]]):
    tally("inputs", len(rows))
    lines = [",".join(COLUMNS), *(",".join(f'"{cell}"' for cell in row) for row in rows)]
    with tempfile.TemporaryDirectory() as folder, open_store(MEMORY) as store:
        build(store, make_articles(2))
        before = set(store.quads())
        path = Path(folder) / "t.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        with contextlib.suppress(KGError):
            report = apply_table(store, path, reviewer="Ada Reviewer")
            assert all(isinstance(error, SourceError) for error in report.refused)
            assert report.decisions or set(store.quads()) == before
