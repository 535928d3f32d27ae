"""Chromium without a network, and a page in it as a reader uses it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from programs import find_chromium
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from view_articles import build_store
from view_sample import hostile_store

from kg.ontology import load_ontology
from kg.store import Store
from kg.view import Edge, Graph, Node, render_graph, write_page

_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


@contextmanager
def start_chromium() -> Iterator[Chrome]:
    browser, driver = find_chromium()
    options = Options()
    options.binary_location = browser
    for argument in _ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = Chrome(options=options, service=Service(driver))
    try:
        chrome.execute_cdp_cmd("Network.enable", {})
        chrome.execute_cdp_cmd(
            "Network.emulateNetworkConditions",
            {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
        )
        yield chrome
    finally:
        chrome.quit()


class Page:
    """One page in the browser; `run` asks its own objects, all else acts as hands do."""

    def __init__(self, chrome: Chrome, path: Path) -> None:
        self.chrome = chrome
        self.path = path

    def open(self, fragment: str = "", *, width: int = 1280, height: int = 800) -> None:
        self.resize(width, height)
        self.chrome.get("about:blank")
        self.chrome.get_log("performance")
        self.chrome.get_log("browser")
        self.chrome.get(self.path.as_uri() + (f"#{fragment}" if fragment else ""))
        self.wait("return Boolean(window.kgPage && kgPage.network)")
        self.settle()

    def resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def prefer_dark(self, dark: bool) -> None:
        value = "dark" if dark else "light"
        features = [{"name": "prefers-color-scheme", "value": value}]
        self.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def run(self, script: str, *values: Any) -> Any:
        return self.chrome.execute_script(script, *values)

    def draw(self) -> None:
        """Wait until the page has drawn twice: what a slider changes comes with the next frame."""
        self.chrome.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))"
        )

    def wait(self, script: str, *values: Any, seconds: float = 15) -> None:
        """Wait until the script returns something true."""
        self.until(lambda: self.run(script, *values), script, seconds)

    def settle(self) -> None:
        """Wait until the camera has come to rest and the address is written."""
        last = None
        for _ in range(60):
            now = self.run("return JSON.stringify([kgPage.where(), location.hash])")
            if now == last:
                return
            last = now
            time.sleep(0.3)
        pytest.fail("the camera does not come to rest")

    def find(self, selector: str) -> WebElement:
        return self.chrome.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector: str) -> list[WebElement]:
        return self.chrome.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """Return the text of an element as the reader sees it."""
        return self.find(selector).text

    def click(self, selector: str, text: str = "") -> None:
        """Click the first element of a selector, or the one with the text."""
        found = [e for e in self.find_all(selector) if text in e.text]
        assert found, f"nothing at {selector} says {text!r}"
        found[0].click()

    def press(self, *keys: str) -> None:
        for key in keys:
            ActionChains(self.chrome).send_keys(key).perform()

    def focus_picture(self) -> None:
        self.run("document.getElementById('canvas').focus()")

    def click_at(self, thing: str, *values: Any, shift: bool = False, double: bool = False) -> None:
        """Click a drawn thing, given by a script that returns it, where it lies."""
        self.settle()
        place = self.run(f"return kgPage.screen((() => {{ {thing} }})())", *values)
        mouse = {"x": place["x"], "y": place["y"], "modifiers": 8 if shift else 0}
        self._mouse("mouseMoved", **mouse)
        for number in (1, 2) if double else (1,):
            self._mouse("mousePressed", button="left", clickCount=number, **mouse)
            self._mouse("mouseReleased", button="left", clickCount=number, **mouse)

    def _mouse(self, kind: str, **what: Any) -> None:
        self.chrome.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": kind, **what})

    def node_script(self, label: str) -> str:
        return f"return kgPage.graph.nodes.find((n) => n.label === {json.dumps(label)});"

    def tie_script(self, one: str, other: str) -> str:
        names = json.dumps(sorted([one, other]))
        return (
            "return kgPage.graph.ties.find((t) => "
            f"JSON.stringify([t.a.label, t.b.label].sort()) === JSON.stringify({names}));"
        )

    def shown(self) -> set[str]:
        """Return the names of the nodes that are drawn."""
        self.draw()
        return set(self.run("return kgPage.scene.nodes.map((n) => n.label)"))

    def visible_facts(self) -> int:
        self.draw()
        return self.run("return kgPage.graph.facts.filter((f) => f.visible).length")

    def selected(self) -> str:
        return self.run("return kgPage.state.selection?.label || kgPage.state.selection?.kind")

    def requests(self) -> list[str]:
        """Return the addresses that the page has asked for since it was opened."""
        messages = [json.loads(e["message"])["message"] for e in self.chrome.get_log("performance")]
        return [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """Return what the browser has found wrong, refused requests included."""
        return [entry["message"] for entry in self.chrome.get_log("browser")]

    @staticmethod
    def until(ask: Callable[[], Any], what: str = "", seconds: float = 15) -> None:
        """Wait until a call returns something true."""
        deadline = time.monotonic() + seconds
        while not ask():
            if time.monotonic() > deadline:
                pytest.fail(f"not in {seconds} seconds: {what}")
            time.sleep(0.05)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chrome]:
    with start_chromium() as started:
        yield started


@pytest.fixture
def open_file(chrome: Chrome) -> Callable[[Path], Page]:
    """Opens a page that a test has written."""

    def open_(path: Path) -> Page:
        opened = Page(chrome, path)
        opened.open()
        return opened

    return open_


@pytest.fixture(scope="module")
def built_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with build_store(tmp_path_factory.mktemp("view") / "store") as built:
        yield built


@pytest.fixture(scope="module")
def written(built_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(
        built_store, tmp_path_factory.mktemp("page") / "graph.html", title="Ports"
    ).path


@pytest.fixture(scope="module")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "graph.html"
    title = "</title><script>window.broken = 9</script>"
    return write_page(hostile_store(), path, title=title).path


@pytest.fixture
def page(chrome: Chrome, written: Path) -> Page:
    opened = Page(chrome, written)
    opened.open()
    return opened


@pytest.fixture
def hostile(chrome: Chrome, hostile_file: Path) -> Page:
    opened = Page(chrome, hostile_file)
    opened.open()
    return opened


@pytest.fixture(scope="module")
def large(chrome: Chrome, tmp_path_factory: pytest.TempPathFactory) -> Page:
    path = tmp_path_factory.mktemp("large") / "graph.html"
    path.write_text(render_graph(make_rings(20, 80), load_ontology()), encoding="utf-8")
    return Page(chrome, path)


def make_rings(number: int, size: int) -> Graph:
    """Return so many rings of entities, each tied to the next by one fact."""
    iri = "https://example.org/e{}-{}".format
    predicate = load_ontology().predicates["partnerOf"].iri
    nodes = [
        Node(iri(r, i), f"Member {i} of {r}", "Company") for r in range(number) for i in range(size)
    ]
    ends = [
        (iri(r, i), iri(r, (i + j) % size))
        for r in range(number)
        for i in range(size)
        for j in (1, 3)
    ]
    ends += [(iri(r, 0), iri(r + 1, 0)) for r in range(number - 1)]
    edges = [
        Edge(f"https://example.org/f{k}", a, predicate, b, ()) for k, (a, b) in enumerate(ends)
    ]
    return Graph(
        tuple(sorted(nodes, key=lambda n: n.iri)), tuple(sorted(edges, key=lambda e: e.iri)), ()
    )
