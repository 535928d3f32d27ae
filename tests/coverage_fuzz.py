"""Fuzzes whatever reads what strangers send, led by the coverage of the Python code.

    pip install -e '.[dev,fuzz]'
    python tests/coverage_fuzz.py TARGET [FOLDER] [-max_total_time=30]

TARGET is one of `TARGETS`; flags are those of libFuzzer. Any exception other than KGError is a
crash: its input is kept, and named as FOLDER again it is tried alone. FOLDER, `.fuzz/TARGET`
unless named, gathers the inputs that reached new code, for the next run to begin with.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent

# What is traced beside our own: the parsers in Python that read first what strangers send.
TRACED = ["kg", "pypdf", "markdown_it", "trafilatura"]

Try = Callable[[Path], object]


@dataclass(frozen=True)
class Target:
    """What reads a file: `prepare` returns the function to try, given inputs to begin with."""

    prepare: Callable[[], Try]
    ending: str
    seeds: Callable[[], Sequence[bytes]]


def read_articles() -> Try:
    import markdown_it  # noqa: F401 - what is loaded now is traced
    import pypdf  # noqa: F401
    import trafilatura  # noqa: F401
    from article_files import read

    return read


def load_rules() -> Try:
    from test_patterns import annotate

    from kg.nlp.collapse import collapse
    from kg.nlp.patterns import RelationMatcher, load_patterns
    from kg.ontology import load_ontology

    ontology = load_ontology()
    collapsed = collapse(annotate("[Orvane|Company] buys [Quillon|Company], a maker of bolts."))

    def match(path: Path) -> None:
        patterns = load_patterns(path, ontology)
        list(RelationMatcher(collapsed.doc.vocab, patterns, ontology).find(collapsed))

    return match


def load_terms() -> Try:
    from kg.ontology import load_ontology

    return load_ontology


def apply_tables() -> Try:
    from build_sample import build, make_articles

    from kg.review import apply_table
    from kg.store import MEMORY, open_store

    store = open_store(MEMORY)
    build(store, make_articles(2))
    built = set(store.quads())

    def apply(path: Path) -> None:
        try:
            apply_table(store, path, reviewer="Ada Reviewer")
        finally:
            changed = set(store.quads())
            store.apply(added=built - changed, removed=changed - built)

    return apply


def answer_questions() -> Try:
    from serve_sample import make_store

    from kg.query import run_query

    store = make_store(":a :b :c , 1 , 'x'@en .")

    # As a command line hands over what is no UTF-8.
    return lambda path: run_query(store, path.read_bytes().decode("utf-8", "surrogateescape"))


def carry_out_updates() -> Try:
    from serve_sample import make_store

    def carry_out(path: Path) -> None:
        make_store().update(path.read_bytes().decode("utf-8", "surrogateescape"))

    return carry_out


def answer_requests() -> Try:
    from serve_sample import Client, make_service

    def answer(path: Path) -> None:
        head, _, body = path.read_bytes().partition(b"\n\n")
        first, *lines = head.decode("latin-1").split("\n")
        method, _, target = first.partition(" ")
        headers = {name.lower(): value for name, _, value in (x.partition(": ") for x in lines)}
        client = Client(make_service(":a :b :c , 1 , 'x'@en .", write=True), **headers)
        response = client(method, target, body)
        assert response.status != 500, response.body

    return answer


def _seed_html() -> Sequence[bytes]:
    from article_files import PROSE, TITLE

    body = "".join(f"<p>{line}</p>" for line in PROSE)
    data = json.dumps({"@type": "NewsArticle", "headline": TITLE, "datePublished": "2024-05-06"})
    head = f'<meta charset="utf-8"><title>{TITLE}</title><meta name="author" content="A. Rautio">'
    linked = f'<script type="application/ld+json">{data}</script>'
    return [
        f"<!doctype html><html><head>{head}{linked}</head><body>{body}</body></html>".encode(),
        f"<html><body><nav>Home</nav><article>{body}</article></body></html>".encode("utf-16"),
    ]


def _seed_markdown() -> Sequence[bytes]:
    from article_files import TEXT

    fields = "title: A\nauthors: [B, C]\npublished: 2024-05-06T07:08:09Z\nurl: https://a.example/b"
    return [
        f"---\n{fields}\n---\n# Head\n\n{TEXT}\n\n- *one*\n- [two](urn:x)\n\n> `three`".encode(),
        f"| a | b |\n|---|---|\n| c | &amp; |\n\n```x\ny\n```\n\n{TEXT}".encode(),
    ]


def _seed_lines() -> Sequence[bytes]:
    from article_files import record

    fields = {"title": "A", "url": "https://a.example/b", "published": "2024-05-06"}
    line = record(id="a1", **fields, authors=["B"], publisher="C", language="en").encode()
    return [line + b"\n\n" + record(id=7, authors="B; C").encode(), b'{"id": null}\n[1e400]']


def _seed_gzip() -> Sequence[bytes]:
    lines = _seed_lines()[0]
    return [gzip.compress(lines, mtime=0), gzip.compress(b"", mtime=0) + b"\0\0", lines]


def _seed_warc() -> Sequence[bytes]:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + _seed_html()[0]
    head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\n"
    return [head + b"Content-Length: %d\r\n\r\n" % len(page) + page + b"\r\n\r\n"]


def _seed_pdf() -> Sequence[bytes]:
    from article_files import PROSE, TITLE, make_pdf

    return [make_pdf([PROSE[:1]], title=TITLE), make_pdf([["a", "b"], ["c"]])]


def _seed_patterns() -> Sequence[bytes]:
    elements = [{"ARG": "subject", "TYPE": ["Company"]}, {"LOWER": "@buy", "OP": "+", "AS": "how"}]
    elements.append({"ARG": "object", "LIST": True, "NAMED": True})
    row = {"predicate": "acquired", "confidence": 0.9, "modality": "former", "pattern": elements}
    words = {"words": "buy", "list": ["buys", "bought"]}
    tokens = [{"LOWER": {"REGEX": "(a|b)"}, "OP": "{1,3}"}, {"LENGTH": {">=": 2}, "OP": "!"}]
    short = {"predicate": "bornIn", "pattern": [{"ARG": "object"}, *tokens, {"ARG": "subject"}]}
    rows = ["# rules", json.dumps(words), json.dumps(row)]
    return ["\n".join(rows).encode(), json.dumps(short).encode()]


def _seed_ontology() -> Sequence[bytes]:
    head = b"""@prefix : <urn:x#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:A a owl:Class ; rdfs:label "a"@en . :B a owl:Class ; rdfs:subClassOf :A .
"""
    ends = b"rdfs:domain :A ; rdfs:range [ a owl:Class ; owl:unionOf ( :A :B ) ]"
    near = b":p a owl:ObjectProperty , owl:SymmetricProperty ; " + ends + b" .\n"
    far = b":q a owl:DatatypeProperty , owl:FunctionalProperty ; rdfs:range xsd:date .\n"
    return [head + near + far, head + b":r rdfs:subPropertyOf :p ; owl:inverseOf :r .\n" + near]


def _seed_tables() -> Sequence[bytes]:
    return [
        b'id,subject,predicate,object,verdict,note\n,Orvane,partnerOf,Quillon,add,"a ""b"", c"\n',
        b"id,verdict,date,note\nx1,accept,2026-01-05,=1+1\n",
        b"\xef\xbb\xbfverdict;id;corrected_modality;reviewer\ncorrect;x;denied;Bo\nreject;y;;\n",
        "id\tverdict\nx\treject\n".encode("utf-16"),
    ]


# One a line; in a request `|` stands for the end of a line.
QUESTIONS = rb"""
SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o . FILTER(?o > 1 && !REGEX(STR(?s), '^a+')) } GROUP BY ?s
SELECT * WHERE { OPTIONAL { ?s rdfs:label ?l } { SELECT ?s { } } } ORDER BY DESC(?n) LIMIT 3
PREFIX e: <http://example.org/> ASK { e:a e:b/(^e:b|!e:c)* ?o MINUS { ?o a 'x'@en } } # a
CONSTRUCT { ?s ?p <<( ?s ?p ?o )>> } { GRAPH ?g { ?s ?p ?o } UNION { VALUES ?s { 1 } } }
DESCRIBE <urn:a> FROM NAMED <urn:g> WHERE { SERVICE SILENT <http://192.0.2.1/> { } }
"""
UPDATES = rb"""
INSERT DATA { <urn:a> kg:partnerOf 1.5e3 . GRAPH <urn:g> { _:b <urn:c> '''x\u00e9''' } }
DELETE WHERE { ?s ?p ?o } ; CREATE GRAPH <urn:i>
WITH <urn:g> DELETE { ?s ?p ?o } INSERT { ?o ?p ?s } USING <urn:h> WHERE { ?s ?p ?o }
LOAD SILENT <http://192.0.2.1/> INTO GRAPH <urn:g> ; CLEAR ALL ; COPY DEFAULT TO <urn:h>
"""
REQUESTS = rb"""
GET /sparql?query=ASK%7B%7D&default-graph-uri=urn:g|accept: text/csv, */*;q=0.1
POST /sparql|content-type: application/sparql-query||SELECT * { ?s ?p ?o }
POST /sparql|content-type: application/sparql-update|authorization: Bearer sesame||CLEAR ALL
POST /sparql|content-type: application/x-www-form-urlencoded||query=ASK+%7B%7D&named-graph-uri=a
PUT /graph-store?graph=urn:g|authorization: Bearer sesame|content-type: text/turtle||<urn:a> a [] .
GET /graph-store?default|accept: application/ld+json|if-none-match: W/"a", *
POST /reconcile|content-type: application/x-www-form-urlencoded||queries={"q":{"query":"a"}}
GET /reconcile/suggest/entity?prefix=a&cursor=1
GET /explore/data?entity=http://example.org/a&hops=2|accept-encoding: gzip;q=1
GET /search?q=a&limit=3&page=2|accept: text/html
GET /entity/a.ttl|accept: text/turtle;q=0.5, application/n-triples
GET /static/view.js|if-modified-since: Thu, 26 Nov 2026 00:00:00 GMT
OPTIONS /fact/%E2%82%AC|origin: http://a.example
"""


def _seed_requests() -> Sequence[bytes]:
    return [line.replace(b"|", b"\n") for line in REQUESTS.splitlines()]


# What is put where a value stands, beside the words of the seeds.
ODD = [*rb'null [] {} "" -1 1e999 \ud800 99999999999999999999'.split(), b"\xff", b"\0"]

TARGETS = {
    "html": Target(read_articles, ".html", _seed_html),
    "markdown": Target(read_articles, ".md", _seed_markdown),
    "jsonlines": Target(read_articles, ".jsonl", _seed_lines),
    "gzip": Target(read_articles, ".jsonl.gz", _seed_gzip),
    "warc": Target(read_articles, ".warc", _seed_warc),
    "pdf": Target(read_articles, ".pdf", _seed_pdf),
    "patterns": Target(load_rules, ".jsonl", _seed_patterns),
    "ontology": Target(load_terms, ".ttl", _seed_ontology),
    "tables": Target(apply_tables, ".csv", _seed_tables),
    "queries": Target(answer_questions, ".rq", QUESTIONS.splitlines),
    "updates": Target(carry_out_updates, ".ru", UPDATES.splitlines),
    "requests": Target(answer_requests, ".http", _seed_requests),
}


def write_seeds(folder: Path, seeds: Sequence[bytes]) -> Path:
    """Write inputs to begin with, and a dictionary of their words; return the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (folder / f"seed{number}").write_bytes(seed)
    words = {*ODD, *re.findall(rb"[\w@:/-]{2,}", b"\n".join(seeds))}
    spelt = ("".join(f"\\x{byte:02x}" for byte in word) for word in sorted(words))
    dictionary = folder.with_suffix(".dict")
    dictionary.write_text("".join(f'"{word}"\n' for word in spelt))
    return dictionary


def main(arguments: Sequence[str]) -> None:
    """Fuzz a target until libFuzzer's flags say that it is enough."""
    if not arguments or arguments[0] not in TARGETS:
        sys.exit(f"name a target first: {', '.join(TARGETS)}")
    sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "offline")]
    import atheris
    import network_guard

    network_guard.block()
    name, target = arguments[0], TARGETS[arguments[0]]
    with atheris.instrument_imports(include=TRACED):
        attempt = target.prepare()
        from kg.errors import KGError

    flags = [argument for argument in arguments[1:] if argument.startswith("-")]
    named = [Path(argument) for argument in arguments[1:] if not argument.startswith("-")]
    folder = named[0] if named else ROOT / ".fuzz" / name
    if not folder.is_file():
        flags.insert(0, f"-dict={write_seeds(folder, target.seeds())}")
    given = folder.parent / f"{name}-input{target.ending}"

    def try_input(data: bytes) -> None:
        given.write_bytes(data)
        with contextlib.suppress(KGError):
            attempt(given)

    kept = f"-artifact_prefix={folder.parent}/{name}-"
    atheris.Setup([sys.argv[0], kept, "-timeout=60", *flags, str(folder)], try_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
