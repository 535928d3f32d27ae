"""Services to ask, without a socket, over small stores in memory."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pyoxigraph as ox

from kg.serve import Limits, LocalEngine, Request, Response, Service, handle
from kg.store import MEMORY, Store, open_store
from kg.vocab import PREFIXES

TOKEN = "sesame"
RESULTS = "application/sparql-results+json"


def make_store(trig: str = "") -> Store:
    """Return a store in memory that holds a TriG document."""
    store = open_store(MEMORY)
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    document = f"{prefixes}PREFIX : <http://example.org/>\n{trig}"
    store.apply(added=ox.parse(document, format=ox.RdfFormat.TRIG))
    return store


def make_service(trig: str = "", *, write: bool = False, **limits) -> Service:
    chosen = Limits(**limits)
    return Service(LocalEngine(make_store(trig), chosen), chosen, token=TOKEN if write else "")


class Client:
    """Asks a service through its function."""

    def __init__(self, service: Service, **headers: str) -> None:
        self.service = service
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def __call__(
        self, method: str, target: str, body: str | bytes = b"", **headers: str
    ) -> Response:
        path, _, query = target.partition("?")
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body.encode() if isinstance(body, str) else body
        request = Request(method, path, query, {**self.headers, **given}, data)
        return handle(request, self.service)

    def get(self, target: str, **headers: str) -> Response:
        return self("GET", target, **headers)

    def query(self, text: str, **headers: str) -> Response:
        return self("GET", f"/sparql?query={quote(text)}", **headers)

    def update(self, text: str, target: str = "/sparql", **headers: str) -> Response:
        headers.setdefault("authorization", f"Bearer {TOKEN}")
        return self("POST", target, text, content_type="application/sparql-update", **headers)

    def form(self, target: str = "/sparql", **fields: str | list[str]) -> Response:
        body = urlencode(fields, doseq=True)
        return self(
            "POST",
            target,
            body,
            content_type="application/x-www-form-urlencoded",
            authorization=f"Bearer {TOKEN}",
        )

    def ask(self, text: str) -> bool:
        return json.loads(self.query(text).body)["boolean"]


def rows_of(response: Response) -> list[dict[str, str]]:
    """Return the rows of a JSON result, values only."""
    assert response.status == 200, response.body
    bindings = json.loads(response.body)["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in bindings]
