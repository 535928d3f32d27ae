"""Requests per second of `kg serve`, beside rdflib-endpoint over rdflib, in one run.

    python benchmarks/serve.py [--clients 200] [--requests 4000]

Both serve the same graph on the loopback, made here, in processes of their own. Each client
asks for entities by name, waits for the answer, holds it against the graph, and asks again.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import multiprocessing
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

from kg.serve import Limits, Server, Service, open_engine
from kg.store import MEMORY, open_store
from kg.vocab import KG, PREFIXES, RDF, RDFS

ENTITIES = 5000
BASE = "https://example.org/"


def make_graph(folder: Path) -> None:
    """Write a store of companies, each partner of five others."""
    quads = []
    for number in range(ENTITIES):
        company = ox.NamedNode(f"{BASE}company-{number}")
        quads.append(ox.Quad(company, ox.NamedNode(f"{RDF}type"), ox.NamedNode(f"{KG}Company")))
        name = ox.Literal(f"Company {number}")
        quads.append(ox.Quad(company, ox.NamedNode(f"{RDFS}label"), name))
        for step in (1, 7, 49, 343, 2401):
            other = ox.NamedNode(f"{BASE}company-{(number + step) % ENTITIES}")
            quads.append(ox.Quad(company, ox.NamedNode(f"{KG}partnerOf"), other))
    with open_store(MEMORY) as store:
        store.apply(added=quads)
        store.back_up(folder)
        with folder.with_suffix(".nt").open("wb") as file:
            store.dump(file, format_=ox.RdfFormat.N_TRIPLES, graph=ox.DefaultGraph())


def serve_ours(folder: Path, port: int) -> None:
    """Serve the store."""
    limits = Limits(workers=multiprocessing.cpu_count())
    with contextlib.closing(open_engine(folder, limits)) as engine:
        Server(Service(engine, limits), port=port).run()


def serve_rdflib(folder: Path, port: int) -> None:
    """Serve the same graph by rdflib-endpoint."""
    import uvicorn
    from rdflib import Dataset
    from rdflib_endpoint import SparqlEndpoint

    dataset = Dataset(default_union=True)
    dataset.parse(folder.with_suffix(".nt"), format="nt")
    uvicorn.run(SparqlEndpoint(graph=dataset, path="/sparql"), port=port, log_level="critical")


@contextlib.contextmanager
def running(serve: Callable[[Path, int], None], folder: Path) -> Iterator[int]:
    """Run a server in a process of its own and give its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(folder, port))
    process.start()
    try:
        wait(port)
        yield port
    finally:
        process.terminate()
        process.join()


def wait(port: int) -> None:
    """Return when a server answers."""
    for _ in range(600):
        with contextlib.suppress(OSError, AssertionError):
            ask(http.client.HTTPConnection("127.0.0.1", port), 0)
            return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def ask(connection: http.client.HTTPConnection, number: int) -> None:
    """Ask for the partners of a company, and hold the answer against what was made."""
    prefixes = "".join(f"PREFIX {n}: <{PREFIXES[n]}> " for n in ("kg", "rdfs"))
    text = (
        f'{prefixes}SELECT ?n {{ ?c rdfs:label "Company {number}" ; kg:partnerOf/rdfs:label ?n }}'
    )
    connection.request("GET", f"/sparql?query={quote(text)}", headers={"Accept": "text/csv"})
    response = connection.getresponse()
    body = response.read()
    assert response.status == 200, body
    expected = {f"Company {(number + step) % ENTITIES}" for step in (1, 7, 49, 343, 2401)}
    assert set(body.decode().split("\r\n")[1:-1]) == expected


def measure(port: int, clients: int, requests: int) -> tuple[float, list[float]]:
    """Return requests per second, and the seconds that each took."""
    times: list[float] = []

    def work(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        with contextlib.closing(connection):
            for number in range(first, requests, clients):
                begun = time.perf_counter()
                ask(connection, number * 31 % ENTITIES)
                times.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(times) != requests:
        raise SystemExit("a client got a wrong answer, or none")
    return requests / (time.perf_counter() - begun), times


def main() -> None:
    """Measure both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--requests", type=int, default=4000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "store"
        make_graph(folder)
        print(f"{options.clients} clients, {options.requests} requests, {ENTITIES} companies")
        print("| server | requests per second | median | 99 of 100 |\n|---|---:|---:|---:|")
        for name, serve in (("kg serve", serve_ours), ("rdflib-endpoint", serve_rdflib)):
            with running(serve, folder) as port:
                rate, times = measure(port, options.clients, options.requests)
            median, most = statistics.median(times), statistics.quantiles(times, n=100)[98]
            print(f"| {name} | {rate:,.0f} | {median * 1000:.0f} ms | {most * 1000:.0f} ms |")


if __name__ == "__main__":
    main()
