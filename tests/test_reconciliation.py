"""Entities are linked to what a service knows, be it ours, careless or hostile."""

from __future__ import annotations

import gzip
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from build_sample import ONTOLOGY, SENTENCES, build, build_afresh, make_article
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kg.build import ReconcileReport, Register, reconcile
from kg.cli import main
from kg.errors import OversizeSource
from kg.model import Entity
from kg.rdf import read_contents
from kg.reconciliation import Candidate, Query, choose
from kg.reconciliation.candidates import read_candidates
from kg.serve import Limits, LocalEngine, Server, Service
from kg.store import MEMORY, Store, open_store

LOCAL = frozenset({"127.0.0.1"})
SPACE = "http://things.example/"
ARTICLES = [make_article(f"a{n}", sentence) for n, sentence in enumerate(SENTENCES)]
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Stub:
    """A service that answers as it is told, and remembers what it was asked."""

    answer: Callable[[str, dict], Answer]
    address: str = ""
    asked: list[dict] = field(default_factory=list)


@contextmanager
def serving(answer: Callable[[str, dict], Answer]) -> Iterator[Stub]:
    stub = Stub(answer)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.reply({})

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            queries = json.loads(parse_qs(body)["queries"][0])
            stub.asked.append(queries)
            self.reply(queries)

        def reply(self, queries):
            status, headers, body = stub.answer(self.command, queries)
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # the client had enough

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    stub.address = f"http://127.0.0.1:{server.server_port}/reconcile"
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def say(value: object, status: int = 200, **headers: str) -> Answer:
    return status, headers, json.dumps(value).encode()


MANIFEST = say({"versions": ["0.2"], "name": "Stub", "identifierSpace": SPACE, "batchSize": 2})


def knowing(*things: dict) -> Callable[[str, dict], Answer]:
    """A service that knows some things by their exact names."""

    def answer(method: str, queries: dict) -> Answer:
        if method == "GET":
            return MANIFEST
        results = {
            key: {"result": [t for t in things if t["name"] == query["query"]]}
            for key, query in queries.items()
        }
        return say(results)

    return answer


def thing(name: str, type_: str = "Company", **more: object) -> dict:
    told = {"id": name[:1], "name": name, "score": 100, "match": True, "type": [{"id": type_}]}
    return told | more


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(MEMORY) as opened:
        build(opened, ARTICLES)
        yield opened


def ask(store: Store, address: str, **options: object) -> ReconcileReport:
    settings = {"allowed_hosts": LOCAL, "ontology": ONTOLOGY, "pause": lambda _: None}
    return reconcile(store, address, **settings | options)


def entities(store: Store) -> dict[str, Entity]:
    contents = read_contents(store.quads(), ontology=ONTOLOGY)
    return {entity.name: entity for entity in contents.entities}


def test_what_a_service_is_sure_of_is_linked_with_score_and_rule(store: Store):
    with serving(knowing(thing("Orvane", score=97.5), thing("Finland", "Country"))) as stub:
        report = ask(store, stub.address)
    assert len(report.linked) == 1
    (link,) = entities(store)["Orvane"].links
    assert (link.target, link.score) == (f"{SPACE}O", 0.975)
    assert stub.address in link.rule
    assert "http://things.example/" not in str(entities(store)["Finland"].links)
    # Countries have links: only names without any were sent, two at once.
    names = {query["query"] for queries in stub.asked for query in queries.values()}
    assert "Finland" not in names
    assert all(len(queries) <= 2 for queries in stub.asked)
    assert report.asked == len(names)


def test_links_stay_whatever_is_built_and_go_with_their_decision(store: Store):
    before = set(store.quads())
    with serving(knowing(thing("Orvane"))) as stub:
        report = ask(store, stub.address, at=date(2024, 5, 1))
    build(store, [*ARTICLES, make_article("more", SENTENCES[2])])
    assert entities(store)["Orvane"].links
    Register(store, ontology=ONTOLOGY).undo([d.number for d in report.linked])
    assert set(store.quads()) == build_afresh([*ARTICLES, make_article("more", SENTENCES[2])])
    assert before != set(store.quads())


def test_asking_again_asks_nothing_and_changes_nothing(tmp_path: Path):
    with open_store(tmp_path / "kg") as store, serving(knowing(thing("Orvane"))) as stub:
        build(store, ARTICLES)
        ask(store, stub.address)
        before, asked = set(store.quads()), len(stub.asked)
        again = ask(store, stub.address)
        assert (again.asked, again.linked, again.fault) == (0, (), None)
        assert len(stub.asked) == asked
        assert set(store.quads()) == before
        for file in (tmp_path / "kg" / "answers").iterdir():
            file.write_text(f'{file.read_text()}\n["half')
        assert ask(store, stub.address).asked == 0


def test_our_own_service_is_understood(store: Store):
    with open_store(MEMORY) as other:
        build(other, ARTICLES, base_iri="https://other.example/id/")
        service = Service(LocalEngine(other, Limits()), Limits())
        server = Server(service)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            report = ask(store, f"{server.address}reconcile")
        finally:
            server.stop()
            thread.join()
        known = {entity.name: entity.iri for entity in entities(other).values()}
    assert report.fault is None
    linked = {
        entity.name: link.target
        for entity in entities(store).values()
        for link in entity.links
        if "reconciled" in link.rule
    }
    assert {"Halden Oy", "Orvane", "Quillon", "Aino Rautio"} <= linked.keys()
    assert all(known[name] == target for name, target in linked.items())


# Services that fail


def slow(method: str, queries: dict) -> Answer:
    threading.Event().wait(1.0)
    return MANIFEST


HUGE = (200, {}, b'{"a": "' + b"x" * 10_100_000)
GARBAGE = {
    "no JSON": (200, {}, b"<html>\xff\xfe"),
    "no object": say(["what"]),
    "nested": (200, {}, b"[" * 200_000),
    "packed": (200, {"Content-Encoding": "gzip"}, gzip.compress(b"{}")),
    "no space": say({"name": "x"}),
    "bad space": say({"name": "x", "identifierSpace": "javascript:alert(1)//"}),
    "an error": say({}, 404),
    "a redirect": (302, {"Location": "http://169.254.169.254/"}, b""),
    "huge": HUGE,
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_a_service_that_talks_garbage_is_named_and_changes_nothing(store: Store, kind: str):
    before = set(store.quads())
    with serving(lambda *_: GARBAGE[kind]) as stub:
        report = ask(store, stub.address)
    assert report.fault is not None
    assert report.fault.source == stub.address
    assert isinstance(report.fault, OversizeSource) is (kind == "huge")
    assert set(store.quads()) == before


def test_a_slow_service_is_given_up(store: Store):
    with serving(slow) as stub:
        report = ask(store, stub.address, timeout=0.05)
    assert "longer than 0.05 seconds" in str(report.fault)


def test_a_service_that_stumbles_is_asked_again_after_pauses(store: Store):
    pauses: list[float] = []
    stumbles = iter([say({}, 500), say({}, 429, **{"Retry-After": "7"})])
    good = knowing(thing("Orvane"))
    with serving(lambda m, q: next(stumbles, None) or good(m, q)) as stub:
        report = ask(store, stub.address, pause=pauses.append)
    assert pauses == [1.0, 7.0]
    assert (report.fault, len(report.linked)) == (None, 1)


def test_a_service_that_keeps_failing_is_given_up_and_what_it_said_is_kept(store: Store):
    good = knowing(thing("Orvane"), thing("Aino Rautio", "Person"))
    with serving(good) as stub:
        stub.answer = lambda m, q: good(m, q) if len(stub.asked) <= 1 else say({}, 503)
        pauses: list[float] = []
        report = ask(store, stub.address, pause=pauses.append)
        assert "503" in str(report.fault)
        assert pauses == [1.0, 2.0, 4.0]
        assert report.asked == 2
        assert len(report.linked) == 1


def test_a_service_that_asks_for_too_long_a_pause_is_left(store: Store):
    with serving(lambda *_: say({}, 503, **{"Retry-After": "999999999"})) as stub:
        report = ask(store, stub.address, pause=pytest.fail)
    assert "503" in str(report.fault)


def test_private_networks_are_not_asked_unless_allowed(store: Store):
    with serving(knowing()) as stub:
        report = ask(store, stub.address, allowed_hosts=frozenset())
        assert "private network" in str(report.fault)
        assert stub.asked == []


def test_queries_without_an_answer_are_a_fault(store: Store):
    with serving(lambda m, q: MANIFEST if m == "GET" else say({"q0": {}})) as stub:
        assert "without an answer" in str(ask(store, stub.address).fault)


# Choosing

COMPANY = Query("Orvane", "Company")


def pick(*candidates: dict, query: Query = COMPANY, space: str = SPACE) -> str:
    chosen = choose(query, read_candidates(list(candidates)), space=space, ontology=ONTOLOGY)
    return chosen.target.removeprefix(space) if chosen else ""


@pytest.mark.parametrize(
    ("candidates", "chosen"),
    [
        ([], ""),
        ([thing("Orvane")], "O"),
        ([thing("Orvane", "Person")], ""),
        ([thing("Orvane", "Organization")], "O"),
        ([thing("Orvane", "Q783794")], "O"),
        ([thing("Orvane", "http://www.wikidata.org/entity/Q5")], ""),
        ([thing("Orvane", "Q5"), thing("Orvane", id="x")], "x"),
        ([thing("Orvane", "Q99999999")], "O"),
        ([thing("Orvane Group", "Q99999999")], ""),
        ([thing("Orvane Group")], "O"),
        ([thing("Orvane", match=False)], "O"),
        ([thing("Orvane", match=False, score=94)], ""),
        ([thing("Orvane", match=False), thing("Orvane", id="x", match=False, score=96)], ""),
        ([thing("Orvane", match=False, score=4000)], ""),
        ([thing("Orvane"), thing("Orvane", id="x")], ""),
        ([thing("Orvane", id="a b>")], ""),
        ([thing("Orvane", score="100")], ""),
        ([thing("Orvane", score=float("nan"))], ""),
        ([thing("Orvane", id="x" * 2000)], ""),
        ([{"id": "x"}, 7, None], ""),
    ],
)
def test_only_what_is_surely_meant_is_chosen(candidates: list, chosen: str):
    assert pick(*candidates) == chosen


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "score", "match", "type", "x"]), inner, max_size=6
        )
    ),
    max_leaves=12,
)


@given(_json)
def test_no_answer_breaks_the_reader(told: object):
    for candidate in read_candidates(told):
        assert isinstance(candidate, Candidate)
        chosen = choose(COMPANY, [candidate], space=SPACE, ontology=ONTOLOGY)
        assert chosen is None or 0 <= chosen.score <= 1


def test_of_two_entities_with_one_node_neither_is_linked(store: Store):
    with serving(knowing(thing("Orvane", id="x"), thing("Quillon", id="x"))) as stub:
        ask(store, stub.address)
    assert entities(store)["Orvane"].links == entities(store)["Quillon"].links == ()


# The commands


def test_the_command_links_and_tells(tmp_path: Path):
    folder = tmp_path / "kg"
    with open_store(folder) as store:
        build(store, ARTICLES)
    with serving(knowing(thing("Orvane"))) as stub:
        command = ["reconcile", stub.address, "--store", str(folder)]
        refused = CliRunner().invoke(main, command)
        assert refused.exit_code == 1
        assert "private network" in refused.stderr
        done = CliRunner().invoke(main, [*command, "--allow-host", "127.0.0.1", "--json"])
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["linked"] == 1
    listed = CliRunner().invoke(main, ["entities", "undo", "--store", str(folder)])
    assert f"link Orvane to {SPACE}O" in listed.stdout


@pytest.mark.model
def test_a_build_links_only_where_it_is_asked_to(tmp_path: Path):
    text = tmp_path / "a.txt"
    text.write_text(
        "Halden Ltd. acquired Quillon Inc. in 2018, it said on Monday in a statement.\n"
    )
    folder = tmp_path / "kg"
    command = ["build", str(text), "--store", str(folder)]
    assert CliRunner().invoke(main, [*command, "--watch", "--reconcile", "x"]).exit_code == 2
    with serving(knowing(thing("Quillon Inc."))) as stub:
        assert CliRunner().invoke(main, command).exit_code == 0
        assert stub.asked == []
        command += ["--reconcile", stub.address, "--allow-host", "127.0.0.1"]
        done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.stderr
    with open_store(folder, read_only=True) as store:
        assert [link.target for link in entities(store)["Quillon Inc."].links] == [f"{SPACE}Q"]
