"""How fast a page opens and how smoothly it pans, beside pyvis's own page of the same graph.

    python benchmarks/view.py                      # 100, 1,000, 10,000 and 50,000 nodes
    python benchmarks/view.py 1000 --limit 20

For each made graph, three facts a node: the seconds it takes to write the page, its size,
and in headless Chromium without a GPU and without a network the seconds until the first
picture stands on the screen, then frames a second and the slowest of 60 frames while the
camera pans; of our page once as it opens (large graphs as communities) and once with every
node shown. pyvis's page is what `Network.generate_html` gives with its defaults and the
script in line. What is not there after --limit seconds is given up. Needs Chromium with its
driver (Debian: chromium, chromium-driver) and the extra `dev` (selenium).
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyvis.edge import Edge as VisEdge
from pyvis.network import Network
from pyvis.node import Node as VisNode
from rich.console import Console
from rich.table import Table
from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from kg.ontology import load_ontology
from kg.view import Edge, Graph, Node, Quote, Source, render_graph

SIZES = (100, 1_000, 10_000, 50_000)
FACTS_PER_NODE = 3
FRAMES = 60

# The first time that anything is drawn on a canvas, and the frame after it.
WATCH = """
const drawn = (name) => {
  const draw = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...values) {
    if (!window.firstDrawn && this.canvas.isConnected) {
      window.firstDrawn = performance.now();
      requestAnimationFrame(() => setTimeout(() => (window.firstShown = performance.now())));
    }
    return draw.apply(this, values);
  };
};
["fill", "drawImage", "fillText"].forEach(drawn);
"""

PAN = """
const [network, frames, done] = arguments;
const net = network === "own" ? kgPage.network : window.network;
const { x, y } = net.getViewPosition();
const scale = net.getScale();
const took = [];
let last = performance.now();
const step = () => {
  const now = performance.now();
  took.push(now - last);
  last = now;
  const turn = took.length / 10;
  const [right, down] = [(200 * Math.sin(turn)) / scale, (150 * Math.sin(turn / 2)) / scale];
  net.moveTo({ position: { x: x + right, y: y + down }, scale });
  if (took.length <= frames) requestAnimationFrame(step);
  else done(took.slice(1));
};
requestAnimationFrame(step);
"""

SHOW_ALL = """
kgPage.state.overview = false;
kgPage.changed("scene");
kgPage.fit({ flying: false });
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one page; None for what took longer than the limit."""

    page: str
    written: float
    megabytes: float
    shown: float | None
    frames: list[float] | None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="NODES")
    parser.add_argument("--limit", type=float, default=60, help="seconds for each page")
    options = parser.parse_args()
    console = Console(highlight=False)
    console.print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    table = Table(
        "nodes", "facts", "page", "write s", "MB", "first picture s", "frames/s", "slowest ms"
    )
    for size in options.sizes:
        graph = make_graph(size)
        for row in measure(graph, options.limit):
            table.add_row(f"{size:,}", f"{len(graph.edges):,}", *cells(row, options.limit))
        table.add_section()
    console.print(table)


def cells(row: Measured, limit: float) -> Iterator[str]:
    yield row.page
    yield f"{row.written:.1f}"
    yield f"{row.megabytes:.1f}"
    yield f"{row.shown:.2f}" if row.shown is not None else f"> {limit:.0f}"
    yield f"{1000 * len(row.frames) / sum(row.frames):.0f}" if row.frames else "-"
    yield f"{max(row.frames):.0f}" if row.frames else "-"


def make_graph(count: int) -> Graph:
    """Return a graph of communities with hubs, the same for the same count."""
    dice = random.Random(count)
    ontology = load_ontology()
    classes = ("Company", "Company", "Person", "Country", "City", "Product")
    predicates = [p.iri for p in list(ontology.predicates.values())[:8]]
    base = "https://example.org/"
    sources = tuple(
        Source(f"{base}a{i:05}", f"Report {i}", published=f"20{10 + i % 14}-{1 + i % 12:02}-05")
        for i in range(max(4, count // 20))
    )
    nodes = tuple(Node(f"{base}e{i:06}", f"Entity {i}", dice.choice(classes)) for i in range(count))
    groups = max(3, round(count**0.5 / 2))
    group = [dice.randrange(groups) for _ in nodes]
    members = [[i for i in range(count) if group[i] == g] for g in range(groups)]
    edges = []
    for number in range(count * FACTS_PER_NODE):
        a = dice.randrange(count)
        near = members[group[a]] if dice.random() < 0.9 else range(count)
        b = near[int(len(near) * dice.random() ** 2.2)]
        text = f"{nodes[a].label} and {nodes[b].label} were named together in the report."
        quote = Quote(dice.choice(sources).iri, text, 0, len(text), 0.9)
        predicate = dice.choice(predicates)
        edges.append(
            Edge(
                f"{base}f{number:06}",
                nodes[a].iri,
                predicate,
                nodes[b].iri,
                (quote,),
                confidence=0.9,
            )
        )
    return Graph(nodes, tuple(edges), sources)


def write_own(graph: Graph) -> str:
    return render_graph(graph, load_ontology(), title="Benchmark")


def write_pyvis(graph: Graph) -> str:
    network = Network(directed=True, cdn_resources="in_line")
    at = {node.iri: i for i, node in enumerate(graph.nodes)}
    # Network.add_node and add_edge look through all nodes each time; this fills their lists.
    for i, node in enumerate(graph.nodes):
        network.nodes.append(VisNode(i, "dot", node.label, group=node.type).options)
        network.node_ids.append(i)
    for edge in graph.edges:
        title = edge.quotes[0].text
        network.edges.append(VisEdge(at[edge.source], at[edge.target], title=title).options)
    return str(network.generate_html())


def measure(graph: Graph, limit: float) -> Iterator[Measured]:
    with tempfile.TemporaryDirectory() as folder, start_chromium(limit) as chrome:
        path, written = write(write_own, graph, Path(folder) / "own.html")
        size = path.stat().st_size / 1e6
        shown = open_page(chrome, path, limit)
        yield Measured("ours", written, size, shown, pan(chrome, "own") if shown else None)
        if shown:
            chrome.execute_script(SHOW_ALL)
            yield Measured("ours, all nodes", written, size, shown, pan(chrome, "own"))
    with tempfile.TemporaryDirectory() as folder, start_chromium(limit) as chrome:
        path, written = write(write_pyvis, graph, Path(folder) / "pyvis.html")
        size = path.stat().st_size / 1e6
        shown = open_page(chrome, path, limit)
        yield Measured("pyvis", written, size, shown, pan(chrome, "pyvis") if shown else None)


def write(render: Callable[[Graph], str], graph: Graph, path: Path) -> tuple[Path, float]:
    started = time.perf_counter()
    path.write_text(render(graph), encoding="utf-8")
    return path, time.perf_counter() - started


@contextmanager
def start_chromium(limit: float) -> Iterator[Chrome]:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if not browser or not driver:
        raise SystemExit(
            "install Chromium and its driver: apt-get install chromium chromium-driver"
        )
    options = Options()
    options.binary_location = browser
    options.page_load_strategy = "none"
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--window-size=1440,900", "--host-resolver-rules=MAP * ~NOTFOUND",
    ):  # fmt: skip
        options.add_argument(argument)
    chrome = Chrome(options=options, service=Service(driver))
    try:
        chrome.set_script_timeout(limit)
        chrome.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        yield chrome
    finally:
        chrome.quit()


def open_page(chrome: Chrome, path: Path, limit: float) -> float | None:
    """Return the seconds until the first picture, None when it takes longer than the limit."""
    chrome.get(path.as_uri())
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        time.sleep(0.1)
        try:
            shown = chrome.execute_script("return window.firstShown")
        except (TimeoutException, WebDriverException):
            continue
        if shown:
            return float(shown) / 1000
    return None


def pan(chrome: Chrome, network: str) -> list[float] | None:
    """Return the milliseconds of each frame while the camera moves."""
    time.sleep(1)
    try:
        took = chrome.execute_async_script(PAN, network, FRAMES)
    except (TimeoutException, WebDriverException):
        return None
    return [float(milliseconds) for milliseconds in took]


if __name__ == "__main__":
    main()
