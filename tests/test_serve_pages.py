"""Linked data and pages, through the function that answers requests."""

from __future__ import annotations

import json
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from serve_sample import Client, rows_of

from kg.cache import ExtractionCache, Kept
from kg.model import (
    Article,
    Cluster,
    Entity,
    Evidence,
    Extraction,
    Fact,
    Literal,
    Mention,
    Modality,
    Span,
)
from kg.ontology import load_ontology
from kg.rdf import Describer
from kg.serve import Limits, LocalEngine, Service
from kg.store import Store, open_store
from kg.vocab import RDFS, Minter

HTML = "text/html,application/xhtml+xml,*/*;q=0.8"
MINTER = Minter()
HOSTILE = '</script><img src=x onerror="alert(1)">\u202e'

TEXT = (
    "Norwind Turbines said on Monday that it had joined forces with Halden Cable. "
    "The company is worth $2 billion.\n\nShare this page\n\n"
    f"Its rival {HOSTILE} & Sons laughed <b>aloud</b>."
)


def find(words: str) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words))


def name(words: str, type_: str, *others: str, named: bool = True) -> Cluster:
    mentions = [Mention(find(words), words, type_)]
    mentions += [Mention(find(other), other, type_, named=named) for other in others]
    return Cluster(words, type_, tuple(mentions))


def make_entity(text: str, type_: str, *aliases: str) -> Entity:
    return Entity(MINTER.entity(type_, text, text), text, type_, aliases=aliases)


def make_fact(subject: Entity, predicate: str, object_: Entity | Literal, words: str) -> Fact:
    target = object_.iri if isinstance(object_, Entity) else object_
    span = find(words)
    evidence = Evidence("a/1", span, words, "sample 1", 0.87, Modality.ASSERTED)
    iri = MINTER.fact(subject.iri, predicate, str(target))
    return Fact(iri, subject.iri, predicate, target, (evidence,))


NORWIND = make_entity("Norwind Turbines", "Company", "Norwind")
HALDEN = make_entity("Halden Cable", "Company")
RIVAL = make_entity(f"{HOSTILE} & Sons", "Company")
WORTH = Literal("2000000000", "money", currency="USD", text="$2 billion")
FIRST = TEXT[: TEXT.index(" The company")]
SECOND = "The company is worth $2 billion."
FACTS = (
    make_fact(NORWIND, "partnerOf", HALDEN, FIRST),
    make_fact(NORWIND, "valuation", WORTH, SECOND),
)
ARTICLE = Article(
    id="a/1",
    text=TEXT,
    checksum="c",
    title=f"Wind {HOSTILE}",
    url="javascript:alert(1)",
    published=date(2021, 3, 4),
    publisher="The Harbour Post",
    furniture=(find("Share this page"),),
)
CLUSTERS = (
    name("Norwind Turbines", "Company", "The company", named=False),
    name("Halden Cable", "Company"),
    name(f"{HOSTILE} & Sons", "Company"),
)


def fill(store: Store) -> None:
    describer = Describer(load_ontology())
    quads = [*describer.describe_article(ARTICLE, extraction="key")]
    for entity in (NORWIND, HALDEN, RIVAL):
        quads += describer.describe_entity(entity)
    for fact in FACTS:
        quads += describer.describe_fact(fact)
    quads += describer.describe_dataset(articles=1, entities=3, facts=2, revision="1")
    store.apply(added=quads)
    extraction = Extraction("a/1", "c", "sample 1", CLUSTERS)
    assert store.folder is not None
    ExtractionCache(store.folder / "extractions").put(Kept("key", ARTICLE, extraction))


@pytest.fixture
def client(tmp_path: Path):
    with open_store(tmp_path / "store") as store:
        fill(store)
        yield Client(Service(LocalEngine(store, Limits()), Limits()))


@pytest.fixture(autouse=True)
def plain_form(monkeypatch):
    """Show the plain form, whether or not the package was built with Yasgui."""
    monkeypatch.setattr("kg.serve.editor.has_asset", lambda _: False)


def local(iri: str) -> str:
    return iri.removeprefix(MINTER.base)


class Page(HTMLParser):
    """What a browser makes of a page: elements with attributes, and texts."""

    def __init__(self, response):
        super().__init__()
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.in_note = False
        self.feed(response.body.decode())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.in_note = self.in_note or tag == "sup"

    def handle_endtag(self, tag):
        self.in_note = self.in_note and tag != "sup"

    def handle_data(self, data):
        if not self.in_note:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


ENTITY = f"/{local(NORWIND.iri)}"
PAPER = f"/{local(MINTER.article('a/1'))}"
FACT = f"/{local(FACTS[0].iri)}"


@pytest.mark.parametrize("thing", [ENTITY, PAPER, FACT])
@pytest.mark.parametrize(
    ("accept", "ending"),
    [
        (HTML, "html"),
        ("", "ttl"),
        ("*/*", "ttl"),
        ("text/turtle", "ttl"),
        ("application/ld+json, text/html;q=0.5", "jsonld"),
        ("application/rdf+xml", "rdf"),
        ("application/n-triples", "nt"),
    ],
)
def test_things_send_everybody_to_the_document_they_like(client, thing, accept, ending):
    response = client.get(thing, accept=accept)
    assert (response.status, response.headers["Location"]) == (303, f"{thing}.{ending}")
    assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize("thing", [ENTITY, PAPER, FACT])
@pytest.mark.parametrize("ending", ["ttl", "nt", "rdf", "jsonld"])
def test_documents_describe_the_thing(client, thing, ending):
    response = client.get(f"{thing}.{ending}", accept="image/png")
    assert response.status == 200
    format_ = ox.RdfFormat.from_extension(ending)
    assert format_ is not None
    subjects = {q.subject.value for q in ox.parse(response.body, format=format_)}
    iri = f"{MINTER.base}{thing[1:]}"
    assert iri in subjects
    assert response.headers["Link"] == f'<{iri}>; rel="describes"'


def test_an_entity_document_names_its_facts_and_neighbours(client):
    body = client.get(f"{ENTITY}.nt").body.decode()
    assert FACTS[0].iri in body
    assert f'<{HALDEN.iri}> <{RDFS}label> "Halden Cable"' in body


@pytest.mark.parametrize(
    "path",
    ["/entity/none-0", "/entity/", "/entity/a/b", f"{ENTITY}.exe", "/entity/x%3E", "/fact/0"],
)
def test_what_the_graph_does_not_know_is_not_found(client, path):
    for accept in (HTML, "text/turtle"):
        response = client.get(path, accept=accept)
        assert response.status == 404
    page = Page(client.get(f"{path}.html" if "." not in path else path, accept=HTML))
    assert "Not found" in page.text


def test_an_entity_page_shows_facts_with_their_sentences(client):
    response = client.get(f"{ENTITY}.html", accept=HTML)
    page = Page(response)
    assert "Norwind Turbines" in page.text
    assert FIRST in page.text
    assert "USD 2,000,000,000" in page.text
    assert {"href": f"/{local(HALDEN.iri)}.html"} in page.all("a")
    assert {"href": f"{PAPER}.html#c0"} in page.all("a")
    assert 'type="text/turtle"' in response.headers["Link"]
    assert local(FACTS[0].iri).partition("/")[2] in {a.get("id") for a in page.all("li")}


def test_pages_show_the_surest_of_many_facts(client, monkeypatch):
    monkeypatch.setattr("kg.serve.entity_page._SHOWN_FACTS", 1)
    page = Page(client.get(f"{ENTITY}.html", accept=HTML))
    assert len([a for a in page.all("li") if a.get("id")]) == 1
    assert "there are more" in page.text
    monkeypatch.setattr("kg.serve.explore._GROWTH", 1)
    data = json.loads(client.get(f"/explore/data?node={quote(NORWIND.iri)}").body)
    assert len(data["facts"]) == 1


def test_a_fact_page_is_a_place_on_the_page_of_its_subject(client):
    response = client.get(f"{FACT}.html")
    place = local(FACTS[0].iri).partition("/")[2]
    assert (response.status, response.headers["Location"]) == (303, f"{ENTITY}.html#{place}")


def test_an_article_page_shows_its_text_with_mentions_and_facts(client):
    page = Page(client.get(f"{PAPER}.html"))
    assert TEXT in page.text, "the text is whole and unchanged"
    assert f"Wind {HOSTILE}" in page.text
    linked = [a["href"] for a in page.all("a") if a.get("class") == "mention"]
    assert linked == [f"{ENTITY}.html", f"/{local(HALDEN.iri)}.html", f"{ENTITY}.html",
                      f"/{local(RIVAL.iri)}.html"]  # fmt: skip
    anchors = [mark["id"] for mark in page.all("mark") if mark.get("id")]
    assert anchors == [f"c{find(FIRST).start}", f"c{find(SECOND).start}"]
    assert {"href": "#f1"} in page.all("a")
    assert {"href": "#c0"} in page.all("a")
    assert [li["id"] for li in page.all("li")] == ["f1", "f2"]
    assert {"class": "furniture"} in page.all("span")


def test_an_article_without_its_text_shows_what_is_stated(client):
    client.service.engine.folder.joinpath("extractions").rename(
        client.service.engine.folder / "gone"
    )
    page = Page(client.get(f"{PAPER}.html"))
    assert "not kept" in page.text
    assert FIRST in page.text
    assert SECOND in page.text
    assert not [a for a in page.all("a") if (a.get("href") or "").startswith("#c0")]


PAGES = [
    "/",
    f"/?query={quote('SELECT ?s ?o { ?s rdfs:label|schema:url ?o }')}",
    f"/?query={quote('SELECT ?o { GRAPH ?g { ?s schema:url|schema:headline ?o } }')}",
    f"/?query={quote('CONSTRUCT WHERE { ?s rdfs:label ?o }')}",
    f"/?query={quote(HOSTILE)}",
    f"/search?q={quote(HOSTILE)}",
    "/search?q=norwin",
    f"/{local(RIVAL.iri)}.html",
    f"{ENTITY}.html",
    f"{PAPER}.html",
    "/none",
    f"/explore?focus={quote(HOSTILE)}",
]


@pytest.mark.parametrize("target", PAGES)
def test_hostile_texts_stay_texts(client, target):
    response = client.get(target, accept=HTML)
    page = Page(response) if response.status != 303 else None
    for name_, attributes in page.elements if page else ():
        assert name_ not in ("img", "b", "object", "iframe", "style")
        assert not [key for key in attributes if key.startswith("on") or key == "style"]
        for key in ("href", "src", "action"):
            address = attributes.get(key) or "/"
            assert address.startswith(("/", "#", "https://"))
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"]


def test_the_editor_runs_a_query_without_scripts(client):
    text = "SELECT ?partner ?n { ?x kg:partnerOf ?partner . ?partner rdfs:label ?n } ORDER BY ?n"
    page = Page(client.get(f"/?query={quote(text)}"))
    assert "2 rows" in page.text
    assert "Halden Cable" in page.text
    assert {"href": f"/{local(HALDEN.iri)}.html"} in page.all("a")
    links = [a["href"] or "" for a in page.all("a")]
    assert any(link.startswith("/explore?focus=") for link in links)
    table = next(link for link in links if "format=csv" in link)
    assert client.get(table).headers["Content-Type"] == "text/csv; charset=utf-8"


def test_the_editor_says_what_is_wrong_with_a_query(client):
    response = client.get(f"/?query={quote('SELECT * { ?s ?p }')}")
    assert response.status == 400
    assert "line 1" in Page(response).text


def test_the_editor_offers_the_examples_and_they_run(client):
    page = Page(client.get("/"))
    examples = [a["href"] for a in page.all("a") if (a.get("href") or "").startswith("/?query=%23")]
    assert len(examples) >= 5
    for link in examples:
        assert client.get(link).status == 200
    terms = [a["href"] for a in page.all("a") if "data-term" in a]
    assert client.get(terms[0]).status == client.get(terms[-1]).status == 200


def test_yasgui_gets_its_settings_as_data(client, monkeypatch):
    monkeypatch.setattr("kg.serve.editor.has_asset", lambda _: True)
    response = client.get(f"/?query={quote(f'ASK {{ # {HOSTILE}')}")
    page = Page(response)
    scripts = page.all("script")
    assert [script.get("type") for script in scripts] == ["application/json", None, "module"]
    assert all("src" in script for script in scripts[1:])
    start = response.body.index(b'id="settings">') + len(b'id="settings">')
    settings = json.loads(response.body[start : response.body.index(b"</script>", start)])
    assert settings["base"] == MINTER.base
    assert HOSTILE in settings["example"]
    assert "script-src 'self';" in response.headers["Content-Security-Policy"]


def test_terms_are_those_in_use(client):
    found = json.loads(client.get("/terms").body)
    ontology = load_ontology()
    assert ontology.classes["Company"].iri in {term["iri"] for term in found["classes"]}
    assert {"iri": ontology.predicate_iri("partnerOf"), "label": "partner of"} in found[
        "predicates"
    ]
    assert found["prefixes"]["rdfs"] == RDFS


@pytest.mark.parametrize("asked", ["Norwind Turbines", "NORWIND  TURBINES"])
def test_a_name_leads_to_its_entity(client, asked):
    response = client.get(f"/search?q={quote(asked)}")
    assert (response.status, response.headers["Location"]) == (303, f"{ENTITY}.html")


def test_misspelt_names_are_found(client):
    page = Page(client.get("/search?q=Nordwind"))
    assert {"href": f"{ENTITY}.html"} in page.all("a")
    assert "There are none" in Page(client.get("/search?q=zzz")).text


def test_explore_shows_the_graph_and_grows(client):
    whole = client.get("/explore")
    assert b"Halden Cable" in whole.body
    assert b"/explore/data" in whole.body
    around = client.get(f"/explore?focus={quote(HALDEN.iri)}&hops=2")
    assert around.status == 200
    data = json.loads(client.get(f"/explore/data?node={quote(NORWIND.iri)}").body)
    assert {node["label"] for node in data["nodes"]} == {"Norwind Turbines", "Halden Cable"}
    assert client.get("/explore?focus=Halden&hops=9").status == 400
    assert client.get("/explore?focus=Nobody", accept=HTML).status == 404
    assert client.get("/explore/data?node=%3E%20DROP").status == 400


class TestReconcile:
    """W3C Reconciliation Service API 0.2."""

    def ask(self, client: Client, **queries) -> dict:
        response = client.form("/reconcile", queries=json.dumps(queries))
        assert response.status == 200
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        return json.loads(response.body)

    def test_the_manifest_says_what_it_is(self, client):
        manifest = json.loads(client.get("/reconcile").body)
        assert manifest["versions"] == ["0.2"]
        assert manifest["name"]
        assert manifest["identifierSpace"] == f"{MINTER.base}entity/"
        assert "{{id}}" in manifest["view"]["url"]
        assert {"id": "Company", "name": "company"} in manifest["defaultTypes"]

    def test_queries_are_answered_by_get_and_post(self, client):
        queries = {"q": {"query": "Norwind Turbines"}}
        posted = self.ask(client, **queries)
        got = client.get(f"/reconcile?queries={quote(json.dumps(queries))}")
        assert json.loads(got.body) == posted
        best = posted["q"]["result"][0]
        assert f"{MINTER.base}entity/{best['id']}" == NORWIND.iri
        assert (best["match"], best["score"]) == (True, 100.0)
        assert {"id": "Company", "name": "company"} in best["type"]
        assert client.get(f"/entity/{best['id']}", accept=HTML).status == 303

    def test_aliases_types_and_limits_count(self, client):
        found = self.ask(
            client,
            alias={"query": "norwind"},
            typed={"query": "Norwind", "type": "Person"},
            few={"query": "a", "limit": 1},
            nothing={"query": "qqqq"},
        )
        assert found["alias"]["result"][0]["match"] is True
        assert found["typed"]["result"] == []
        assert len(found["few"]["result"]) <= 1
        assert found["nothing"]["result"] == []

    def test_properties_weigh(self, client):
        partner = {"pid": "partnerOf", "v": "Halden Cable"}
        wrong = {"pid": "partnerOf", "v": "Nobody"}
        found = self.ask(
            client,
            right={"query": "Norwind Turbines", "properties": [partner]},
            wrong={"query": "Norwind Turbines", "properties": [wrong, {"pid": "none"}, 7]},
        )
        right, wrong_ = found["right"]["result"][0], found["wrong"]["result"][0]
        assert right["score"] > wrong_["score"]
        assert (right["match"], wrong_["match"]) == (True, False)

    @pytest.mark.parametrize("queries", ["", "[]", "{", '{"q": 1}', '"x"'])
    def test_unreadable_queries_are_told(self, client, queries):
        assert client.form("/reconcile", queries=queries).status == 400

    def test_too_many_queries_are_told(self, client):
        queries = json.dumps({str(number): {"query": "x"} for number in range(101)})
        assert client.form("/reconcile", queries=queries).status == 413

    def test_suggestions_begin_as_asked(self, client):
        def suggest(kind: str, prefix: str) -> list[str]:
            response = client.get(f"/reconcile/suggest/{kind}?prefix={prefix}")
            return [one["name"] for one in json.loads(response.body)["result"]]

        assert suggest("entity", "Norw")[0] == "Norwind Turbines"
        assert "company" in suggest("type", "comp")
        assert "partner of" in suggest("property", "partner")
        assert client.get("/reconcile/suggest/colour?prefix=x").status == 404


def test_pages_follow_changes(tmp_path):
    with open_store(tmp_path / "store") as store:
        fill(store)
        client = Client(Service(LocalEngine(store, Limits()), Limits(), token="sesame"))
        assert client.get("/search?q=Halden%20Cable").status == 303
        client.update(f"DELETE WHERE {{ <{HALDEN.iri}> ?p ?o }}")
        assert client.get("/search?q=Halden%20Cable").status == 200
        assert rows_of(client.query(f"SELECT * {{ <{HALDEN.iri}> ?p ?o }}")) == []


def test_only_the_files_of_pages_are_given_away(client):
    for name_ in ("page.css", "editor.js", "icon.svg"):
        assert client.get(f"/static/{name_}").status == 200
    for name_ in ("", "template.html", "../work.py", "..%2Fwork.py", "/etc/passwd"):
        assert client.get(f"/static/{name_}").status == 404
