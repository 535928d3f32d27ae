"""The page in a real browser, for everybody: contrast, keyboard, small screens, options."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from selenium.webdriver.common.keys import Keys
from view_articles import CLASSES, build_store

from kg.cli import main
from kg.ontology import load_ontology
from kg.view import Edge, Graph, Node, Quote, Source, render_graph

pytest_plugins = ["view_browser"]
pytestmark = pytest.mark.browser

# Every text that can be seen: its beginning, its contrast, and the least that WCAG asks for.
CONTRASTS = (Path(__file__).parent / "data" / "contrasts.js").read_text(encoding="utf-8")

# The controls that a reader without a mouse must come to.
CONTROLS = """
const all = [...document.querySelectorAll("a[href], button, input, summary, [tabindex='0']")];
return all.filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled);
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_has_the_contrast_that_readers_need(page, theme):
    page.open(f"theme={theme}")
    assert page.run("return document.documentElement.dataset.theme") == theme
    texts: dict[str, tuple[float, float]] = {}

    def look() -> None:
        for text, contrast, least in page.run(CONTRASTS):
            texts[text] = min(texts.get(text, (99, 0)), (contrast, least))

    look()
    page.click("#share summary")
    look()
    page.click("#share summary")
    for thing in (page.tie_script("Ola Brandt", "Mossbrook"), page.node_script("Portugal")):
        page.click_at(thing)
        for fact in page.find_all("#details .fact:not([open]) summary"):
            fact.click()
        look()
    page.click("#details .actions button", "Pin")
    for title in ("Statement", "Publishers", "Articles", "Dates"):
        page.click("#filters summary", title)
    page.find("#search").send_keys("o")
    look()
    page.press(Keys.ESCAPE)
    page.click("#as-table")
    look()
    page.click("#show-help")
    look()
    assert {"Graph", "Former", "former", "Copy as CSV", "Unpin", "Sentence", "search"} <= set(texts)
    assert {t: found for t, found in texts.items() if found[0] < found[1]} == {}


@pytest.mark.parametrize("view", ["graph", "table"])
def test_the_tab_key_comes_to_every_control(page, view):
    page.click_at(page.node_script("Mossbrook"))
    if view == "table":
        page.click("#as-table")
    wanted = page.run(CONTROLS)
    page.run("document.activeElement.blur(); document.body.tabIndex = -1; document.body.focus()")
    reached = []
    for _ in range(len(wanted) + 5):
        page.press(Keys.TAB)
        reached.append(page.run("return document.activeElement"))
    missed = [e for e in wanted if e not in reached]
    assert [e.get_attribute("outerHTML")[:100] for e in missed] == []


def test_the_focus_can_be_seen(page):
    page.press("/")
    for _ in range(6):
        page.press(Keys.TAB)
        width = page.run("return getComputedStyle(document.activeElement).outlineWidth")
        assert width == "2px"


class TestSmallScreens:
    """At 360 pixels, with a finger."""

    @pytest.fixture
    def small(self, page):
        page.open(width=360, height=640)
        page.chrome.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
        yield page
        page.chrome.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})

    def tap(self, page, thing: str) -> None:
        page.settle()
        place = page.run(f"return kgPage.screen((() => {{ {thing} }})())")
        page.chrome.execute_cdp_cmd("Input.synthesizeTapGesture", place)

    def test_a_finger_opens_and_zooms(self, small):
        self.tap(small, small.node_script("Portugal"))
        small.wait("return kgPage.state.selection?.label === 'Portugal'")
        assert small.find("#details h2").is_displayed()
        small.click("#close-details")
        small.settle()
        scale = small.run("return kgPage.where().scale")
        pinch = {"x": 180, "y": 300, "scaleFactor": 2}
        small.chrome.execute_cdp_cmd("Input.synthesizePinchGesture", pinch)
        small.settle()
        assert small.run("return kgPage.where().scale") > 1.3 * scale

    def test_what_is_hidden_can_be_shown_again(self, small):
        small.run("kgPage.state.off.classes.add('Person'); kgPage.changed('filter')")
        box = small.find("#reset").rect
        assert box["width"] > 0
        assert box["x"] + box["width"] <= 360
        small.click("#reset")
        assert small.shown() == set(CLASSES)

    def test_held_upright_the_layout_lies_on_its_side(self, page):
        extent = (
            "const span = (axis) => { const all = kgPage.graph.nodes.map((node) => node[axis]);"
            "return Math.max(...all) - Math.min(...all); }; return [span('x'), span('y')];"
        )
        page.open(width=1280, height=800)
        wide, high = page.run(extent)
        assert wide > high
        page.open(width=360, height=640)
        assert page.run(extent) == [high, wide]

    def test_a_link_shows_the_same_in_any_window(self, page):
        page.open(width=360, height=640)
        node = page.node_script("Portugal").removeprefix("return ").rstrip("; ")
        page.run(
            f"const node = {node}; node.x = 70; node.y = -40; kgPage.state.moved.add(node);"
            "kgPage.moveTo({ x: 90, y: -40, scale: 1 }, { flying: false });"
        )
        away = f"const node = {node}; const at = kgPage.where();"
        away += "return [at.x - node.x, at.y - node.y, at.scale].map(Math.round);"
        assert page.run(away) == [20, 0, 1]
        fragment = page.run("return kgPage.fragment(kgPage.where())")
        page.open(fragment, width=360, height=640)
        assert page.run(away) == [20, 0, 1]
        page.open(fragment, width=1280, height=800)
        assert page.run(away) == [0, -20, 1]

    def test_no_name_is_cut_off(self, small):
        drawn = small.run(
            "const drawn = []; const write = CanvasRenderingContext2D.prototype.fillText;"
            "CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {"
            "  if (this.getTransform().b === 0)"
            "    drawn.push([text, x, this.measureText(text).width, this.canvas.width]);"
            "  return write.call(this, text, x, y); };"
            "return kgPage.png().then(() => {"
            "  CanvasRenderingContext2D.prototype.fillText = write; return drawn; })"
        )
        assert {name for name, *_ in drawn} <= set(CLASSES)
        assert len(drawn) > 5
        for name, x, width, whole in drawn:
            assert x - width / 2 >= 0, name
            assert x + width / 2 <= whole, name

    @pytest.mark.parametrize("selector", ["header button", "#details button", ".zoom button"])
    def test_fingers_hit_what_they_aim_at(self, small, selector):
        self.tap(small, small.node_script("Portugal"))
        small.wait("return kgPage.state.selection?.label === 'Portugal'")
        sizes = [e.rect for e in small.find_all(selector) if e.is_displayed()]
        inline = small.run(
            "return [...document.querySelectorAll(arguments[0])].filter((e) =>"
            "  e.classList.contains('plain')).length", selector,
        )  # fmt: skip
        # WCAG 2.2 (2.5.8): 24 pixels, but for links within a line of text.
        assert sum(size["height"] < 24 or size["width"] < 24 for size in sizes) <= inline


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("options") / "store"
    build_store(folder).close()
    return folder


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            (["--focus", "Mossbrook"], {"Kite Maps", "Calder Freight", "Ireland", "Ola Brandt"}),
            (["--focus", "kite maps", "--hops", "2"], {"Portugal", "Northwind Lines", "Ireland"}),
            (["--top", "3"], {"Calder Freight", "Northwind Lines"}),
            (["--since", "2023-01-01"], {"Calder Freight", "Northwind Lines", "Zenith Choir"}),
        ],
    )
    def test_a_part_is_shown(self, open_file, store, tmp_path, options, expected):
        command = ["view", "--store", str(store), "--output", str(tmp_path / "part.html")]
        result = CliRunner().invoke(main, [*command, *options])
        assert result.exit_code == 0, result.output
        part = open_file(tmp_path / "part.html")
        assert expected <= part.shown()
        assert part.shown() < set(CLASSES)


def test_what_two_have_read_at_one_place_is_shown_once(open_file, tmp_path):
    words = "Norwind, once Nordic Wind, works with Halden."
    both = [
        Quote("https://a.example/1", words, 0, 45, sure, who)
        for sure, who in ((0.9, "a"), (0.7, "b"))
    ]
    nodes = (
        Node("https://e.example/1", "Norwind", "Company", aliases=("Nordic Wind",)),
        Node("https://e.example/2", "Halden", "Company"),
    )
    partner = load_ontology().predicates["partnerOf"].iri
    edge = Edge("https://f.example/1", nodes[0].iri, partner, nodes[1].iri, tuple(both))
    graph = Graph(nodes, (edge,), (Source("https://a.example/1", "Wind"),))
    path = tmp_path / "graph.html"
    path.write_text(render_graph(graph, load_ontology()), encoding="utf-8")
    page = open_file(path)
    page.click_at(page.node_script("Norwind"))
    assert "Also: Nordic Wind" in page.text("#details-body")
    page.click("#details .fact summary .relation")
    assert [said.text for said in page.find_all("#details .said")] == [words]
    assert "confidence 90 % (a), 70 % (b)" in page.text("#details .quote small")
    assert json.dumps(page.complaints()) == "[]"
