"""The page in a real browser that has no network: what it shows, and what it never does."""

from __future__ import annotations

import csv
import io
import re
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from selenium.webdriver.common.keys import Keys
from view_articles import CLASSES
from view_sample import HOSTILE

pytest_plugins = ["view_browser"]
pytestmark = pytest.mark.browser


class TestOpening:
    def test_asks_no_network_and_breaks_no_rule(self, page):
        page.click_at(page.node_script("Mossbrook"))
        page.click("#as-table")
        page.click("#as-graph")
        assert {address.split("#")[0] for address in page.requests()} == {page.path.as_uri()}
        assert page.complaints() == []

    def test_its_own_policy_refuses_a_request(self, page):
        refused = page.chrome.execute_async_script(
            "const done = arguments[0];"
            "fetch('https://news.example/').then(() => done('sent'), () => done('refused'))"
        )
        assert refused == "refused"
        assert any("Content Security Policy" in message for message in page.complaints())

    def test_draws_every_entity(self, page):
        assert page.shown() == set(CLASSES)
        assert page.text("#counts") == "11 entities \u00b7 12 facts \u00b7 3 articles"
        painted = page.run(
            "const c = document.querySelector('#canvas canvas');"
            "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            "const seen = new Set();"
            "for (let i = 0; i < d.length; i += 4) seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]);"
            "return [...seen]"
        )
        colours = page.run("return kgPage.graph.classes.map((c) => parseInt(c.light.slice(1), 16))")
        assert set(colours) <= set(painted)

    def test_looks_the_same_each_time(self, page):
        first = page.run("return [kgPage.graph.nodes.map((n) => [n.x, n.y]), kgPage.where()]")
        page.open()
        again = page.run("return [kgPage.graph.nodes.map((n) => [n.x, n.y]), kgPage.where()]")
        assert first == again

    def test_names_lie_on_no_other_name(self, page):
        boxes = page.run(
            "const drawn = []; const write = CanvasRenderingContext2D.prototype.fillText;"
            "CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {"
            "  const t = this.getTransform();"
            "  if (t.b === 0) drawn.push([text, x, y, this.measureText(text).width]);"
            "  return write.call(this, text, x, y); };"
            "kgPage.svgText(); return kgPage.png().then(() => {"
            "  CanvasRenderingContext2D.prototype.fillText = write; return drawn; })"
        )
        names = [box for box in boxes if box[0] in CLASSES]
        assert len(names) == len(CLASSES)
        for i, (_, x, y, width) in enumerate(names):
            for _, other_x, other_y, other_width in names[:i]:
                apart = abs(x - other_x) >= (width + other_width) / 2 or abs(y - other_y) >= 22
                assert apart


class TestDetails:
    def test_a_click_on_a_line_shows_each_sentence(self, page):
        page.click_at(page.tie_script("Calder Freight", "Northwind Lines"))
        page.wait("return !document.getElementById('details').hidden")
        shown = page.text("#details-body")
        assert "partner of" in shown
        quotes = [q.text for q in page.find_all("#details .said")]
        assert [quote.partition(" ")[0] for quote in quotes] == ["On", "The"]
        assert quotes[1] == "The pact between Calder Freight and Northwind Lines still holds."
        marks = [m.text for m in page.find_all("#details .said:first-of-type mark")]
        assert {"Calder Freight", "Northwind Lines"} <= set(marks)
        assert "Nobody was surprised." in page.text("#details .quote .around:last-of-type")
        for told in ("Two shippers join hands", "Harbour Wire, 2021-03-04", "97 %", "91 %"):
            assert told in shown
        links = [a.get_attribute("href") for a in page.find_all("#details a")]
        assert "https://news.example/harbour" in links

    def test_a_click_on_an_entity_shows_all_about_it(self, page):
        page.click_at(page.node_script("Portugal"))
        page.wait("return !document.getElementById('details').hidden")
        shown = page.text("#details-body")
        assert "Country" in shown
        assert "Kite Maps blocked in this" in re.sub(r"\s+", " ", shown)
        assert "2 articles" in shown
        links = [a.get_attribute("href") for a in page.find_all("#details .links a")]
        assert "http://www.wikidata.org/entity/Q45" in links

    def test_a_value_is_written_as_people_write_it(self, page):
        page.click_at(page.node_script("Northwind Lines"))
        assert "revenue USD 40,000,000" in re.sub(r"\s+", " ", page.text("#details-body"))

    def test_what_was_says_so(self, page):
        page.click_at(page.tie_script("Ola Brandt", "Mossbrook"))
        assert page.text("#details .tag.former") == "former"

    def test_an_article_leads_to_its_facts(self, page):
        page.click_at(page.tie_script("Kite Maps", "Portugal"))
        page.click("#details .citation button", "Shops that ship")
        assert "Article" in page.text("#details-body")
        page.click("#details .actions button", "Show only this article")
        assert page.shown() == {
            "Calder Freight", "Ireland", "Kite Maps", "Mossbrook", "Portugal", "Tom Hale",
        }  # fmt: skip

    def test_a_click_beside_everything_closes(self, page):
        page.click_at(page.node_script("Mossbrook"))
        page.click("#close-details")
        assert not page.find("#details").is_displayed()
        assert page.run("return document.activeElement.id") == "canvas"


class TestHostileText:
    def test_stays_text_wherever_it_is_shown(self, hostile):
        for name in HOSTILE:
            hostile.run(
                "kgPage.select(kgPage.graph.nodes.find((n) => n.label === arguments[0]))", name
            )
            assert (
                hostile.text("#details h2") == name.replace("\u202e", "\u2039U+202E\u203a").strip()
            )
            hostile.run("kgPage.select(kgPage.state.selection.ties[0])")
        hostile.run("kgPage.select(kgPage.graph.articles[0])")
        assert "<b onclick" in hostile.text("#details h2")
        hostile.click("#as-table")
        hostile.click("#table .segments button", "Entities")
        hostile.find("#search").send_keys("script")
        assert "</script>" in hostile.text("#suggestions")
        assert hostile.run("return window.broken") is None
        assert hostile.text("h1") == "</title><script>window.broken = 9</script>"
        assert (
            hostile.run("return document.querySelectorAll('main img, main script, main b').length")
            == 0
        )
        assert hostile.complaints() == []

    def test_an_address_that_runs_code_is_no_link(self, hostile):
        hostile.run("kgPage.select(kgPage.graph.nodes.find((n) => n.label === 'Linked'))")
        assert "javascript:window.broken=5" in hostile.text("#details .links")
        hostile.run("kgPage.select(kgPage.graph.articles[0])")
        assert hostile.run("return document.querySelectorAll('a[href^=javascript]').length") == 0
        assert hostile.find_all("#details a") == []

    def test_stays_text_in_every_copy(self, hostile):
        picture = ET.fromstring(hostile.run("return kgPage.svgText()"))
        words = {element.text for element in picture.iter("{http://www.w3.org/2000/svg}title")}
        assert "</script><script>window.broken = 1</script>" in words
        assert not list(picture.iter("{http://www.w3.org/2000/svg}script"))
        triples = {
            t.object.value
            for t in ox.parse(hostile.run("return kgPage.turtle()"), format=ox.RdfFormat.TURTLE)
        }
        assert set(HOSTILE) <= triples
        cells = [
            c for row in csv.reader(io.StringIO(hostile.run("return kgPage.csv()"))) for c in row
        ]
        assert "'" + HOSTILE[-1] in cells
        assert not any(cell.startswith(("=", "@")) for cell in cells)

    def test_a_fragment_can_do_no_harm(self, hostile):
        hostile.open("at=node+%3Cimg&theme=%22%3E&camera=NaN+x&classes=%3Cb%3E&moved=a,b,c&open=x")
        assert hostile.run("return [window.broken, kgPage.state.theme]") == [None, "auto"]
        assert hostile.complaints() == []


class TestLooks:
    def test_dark_follows_the_system_and_the_button(self, page):
        page.prefer_dark(True)
        try:
            page.wait("return document.documentElement.dataset.theme === 'dark'")
            ground = page.run("return getComputedStyle(document.body).backgroundColor")
            assert max(int(part) for part in re.findall(r"\d+", ground)) < 60
            page.click("#theme")
            assert page.run("return document.documentElement.dataset.theme") == "light"
        finally:
            page.prefer_dark(False)

    @pytest.mark.parametrize("width", [360, 768])
    def test_everything_fits_a_small_screen(self, page, width):
        page.open(width=width, height=640)
        fits = "return document.documentElement.scrollWidth <= innerWidth"
        assert page.run(fits)
        for control in page.find_all("header button, header input, header summary"):
            if control.is_displayed():
                box = control.rect
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= width
        page.click_at(page.tie_script("Kite Maps", "Portugal"))
        assert page.find("#details .said").is_displayed()
        page.click("#close-details")
        page.click("#show-filters")
        assert page.find("#filters label").is_displayed()
        page.click("#show-filters")
        page.click("#as-table")
        assert page.run(fits)

    def test_what_is_selected_is_not_hidden_by_the_panel(self, page):
        page.open(width=360, height=640)
        page.click_at(page.node_script("Zenith Choir"))
        page.settle()
        place = page.run(
            page.node_script("Zenith Choir").replace("return ", "return kgPage.screen(", 1)[:-1]
            + ")"
        )
        assert place["y"] < page.find("#details").rect["y"]


class TestLargeGraphs:
    def test_open_as_communities_that_open_in_turn(self, large):
        large.open()
        assert large.run("return kgPage.scene.nodes.every((n) => n.bubble)")
        assert large.run("return kgPage.scene.nodes.length") == 20
        large.click_at("return kgPage.scene.nodes[3];", double=True)
        large.wait("return kgPage.scene.nodes.length === 99")
        assert "80 entities" in large.text("#details-body")
        large.click("#details .actions button", "Close community")
        large.wait("return kgPage.scene.nodes.length === 20")

    def test_search_opens_the_community_of_what_it_finds(self, large):
        large.open()
        large.find("#search").send_keys("member 7 of 12", Keys.ENTER)
        assert "Member 7 of 12" in large.shown()
        assert large.text("#details h2") == "Member 7 of 12"

    def test_a_path_stands_out_of_closed_communities(self, large):
        large.open()
        large.find("#search").send_keys("member 0 of 2", Keys.ENTER)
        large.find(".path-to").send_keys("member 0 of 5", Keys.ENTER)
        assert "Shortest path: 3 steps" in large.text("#details-body")
        assert {f"Member 0 of {ring}" for ring in (2, 3, 4, 5)} <= large.shown()
        assert "Member 1 of 4" not in large.shown()

    def test_few_are_shown_one_by_one(self, large):
        large.open()
        large.run(
            "kgPage.graph.nodes.slice(100).forEach((n) => kgPage.state.hidden.add(n));"
            "kgPage.changed('filter')"
        )
        assert large.run("return kgPage.scene.nodes.some((n) => n.bubble)") is False

    def test_all_nodes_can_be_shown(self, large):
        large.open()
        large.click("#filters label", "Overview of communities")
        assert len(large.shown()) == 1600
