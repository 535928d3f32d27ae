"""The page in a real browser, used: searching, filtering, shaping, keys, copies."""

from __future__ import annotations

import base64
import csv
import io
import re
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys
from view_articles import CLASSES

from kg.ontology import load_ontology

pytest_plugins = ["view_browser"]
pytestmark = pytest.mark.browser


class TestFinding:
    def test_search_suggests_as_one_types(self, page):
        page.press("/")
        page.press(*"mos")
        assert page.text("#suggestions").splitlines()[0] == "Mossbrook"
        page.press(Keys.ARROW_DOWN, Keys.ENTER)
        assert page.selected() == "Mossbrook"
        assert page.text("#details h2") == "Mossbrook"

    def test_search_brings_back_what_is_hidden(self, page):
        page.click("#filters label", "Product")
        assert "Kite Maps" not in page.shown()
        page.find("#search").send_keys("kite", Keys.ENTER)
        assert "Kite Maps" in page.shown()
        assert page.selected() == "Kite Maps"

    def test_the_legend_is_a_filter(self, page):
        rows = [
            r.text.replace("\nonly", "").split("\n")
            for r in page.find_all("#filters .group:first-child li")
        ]
        assert ["Person", "4"] in rows
        page.click("#filters label", "Person")
        assert page.shown() == {n for n, c in CLASSES.items() if c != "Person"}
        assert "of 11 entities" in page.text("#counts")
        page.click("#reset")
        assert page.shown() == set(CLASSES)

    def test_one_choice_alone(self, page):
        row = next(r for r in page.find_all("#filters li") if "blocked in" in r.text)
        ActionChains(page.chrome).move_to_element(row).perform()
        row.find_element("css selector", ".only").click()
        assert page.shown() == {"Kite Maps", "Portugal"}

    def test_confidence(self, page):
        page.run("document.getElementById('confidence').focus()")
        page.press(Keys.END, *[Keys.ARROW_LEFT] * 5)
        page.wait("return kgPage.state.confidence === 0.95")
        page.wait("return kgPage.graph.facts.filter((f) => f.visible).length === 2")
        assert page.shown() == {"Calder Freight", "Northwind Lines", "Tom Hale"}

    @pytest.mark.parametrize(
        ("group", "choice", "facts"),
        [("Statement", "Former", 11), ("Publishers", "Morning Ledger", 7)],
    )
    def test_other_filters(self, page, group, choice, facts):
        page.click("#filters summary", group)
        page.click("#filters label", choice)
        assert page.visible_facts() == facts

    def test_articles_and_dates(self, page):
        page.click("#filters summary", "Articles")
        page.click("#filters label", "A long engagement")
        assert page.visible_facts() == 4
        page.click("#reset")
        page.click("#filters summary", "Dates")
        page.run(
            "const f = document.querySelector('#filters input[type=date]'); f.value = '2022-01-01';"
            "f.dispatchEvent(new Event('change'))"
        )
        assert "Ines Duarte" not in page.shown()

    def test_the_time_slider(self, page):
        assert page.text("#time-first") == "2021-03-04"
        page.run("document.getElementById('time-from').focus()")
        page.press(Keys.END)
        page.wait("return kgPage.state.from === '2023-11-02'")
        assert page.shown() == {
            "Calder Freight", "Northwind Lines", "Ola Brandt", "Mossbrook",
            "Pia Lund", "Zenith Choir",
        }  # fmt: skip
        assert page.text("#time-first") == "2023-11-02"

    def test_the_table_is_sorted_by_its_heads(self, page):
        page.click("#as-table")
        page.click("#table th button", "Confidence")
        assert page.find("th[aria-sort=ascending]").text.startswith("Confidence")
        first = [c.text for c in page.find_all("#table td.confidence")]
        assert first == sorted(first)
        page.click("#table th button", "Confidence")
        assert [c.text for c in page.find_all("#table td.confidence")] == first[::-1]
        page.click("#table .segments button", "Entities")
        assert {c.text for c in page.find_all("#table td.name")} == set(CLASSES)
        page.click("#table td.name button", "Tom Hale")
        assert page.text("#details h2") == "Tom Hale"

    def test_a_shortest_path(self, page):
        page.click_at(page.node_script("Kite Maps"))
        page.click_at(page.node_script("Tom Hale"), shift=True)
        assert "Shortest path: 3 steps" in page.text("#details-body")
        steps = [
            re.sub(r"\s+", " ", s.text) for s in page.find_all("#details .path summary .statement")
        ]
        assert steps == [
            "Kite Maps product of Mossbrook",
            "Mossbrook customer of Calder Freight",
            "Calder Freight founded by Tom Hale",
        ]

    def test_no_path(self, page):
        page.click_at(page.node_script("Kite Maps"))
        page.find(".path-to").send_keys("zenith", Keys.ENTER)
        assert "No way leads" in page.text("#details-body")


class TestShaping:
    def test_hide_pin_collapse_expand(self, page):
        page.click_at(page.node_script("Mossbrook"))
        page.click("#details .actions button", "Collapse")
        assert {"Kite Maps", "Calder Freight"} <= page.shown()
        assert not {"Ireland", "Ola Brandt"} & page.shown()
        page.click("#details .actions button", "Expand")
        assert page.shown() == set(CLASSES)
        page.click("#details .actions button", "Pin")
        page.click("#filters label", "Company")
        assert "Mossbrook" in page.shown()
        assert "Calder Freight" not in page.shown()
        page.click("#reset")
        page.click("#details .actions button", "Hide")
        assert "Mossbrook" not in page.shown()

    def test_a_node_goes_where_it_is_dragged(self, page):
        before = page.run(
            "return kgPage.screen(kgPage.graph.nodes.find((n) => n.label === 'Tom Hale'))"
        )
        actions = ActionChains(page.chrome)
        pointer = actions.w3c_actions.pointer_action
        pointer.move_to_location(round(before["x"]), round(before["y"])).pointer_down()
        pointer.move_to_location(round(before["x"]) + 15, round(before["y"]) + 10)
        pointer.move_to_location(round(before["x"]) + 60, round(before["y"]) + 40).pointer_up()
        actions.perform()
        page.settle()
        fragment = page.run("return location.hash.slice(1)")
        assert "moved=tom-hale" in fragment
        place = page.run(
            "const n = kgPage.graph.nodes.find((n) => n.label === 'Tom Hale'); return [n.x, n.y]"
        )
        page.open(fragment)
        again = page.run(
            "const n = kgPage.graph.nodes.find((n) => n.label === 'Tom Hale'); return [n.x, n.y]"
        )
        assert again == [round(place[0]), round(place[1])]

    def test_a_link_brings_the_view_back(self, page):
        page.click("#filters label", "Person")
        page.click_at(page.tie_script("Kite Maps", "Portugal"))
        page.click("#theme")
        page.click("#zoom-in")
        page.settle()
        fragment = page.run("return location.hash.slice(1)")
        view = "return [kgPage.where(), [...kgPage.state.off.classes], kgPage.state.theme]"
        before, shown = page.run(view), page.text("#details h2")
        page.open(fragment)
        after = page.run(view)
        assert after[1:] == before[1:] == [["Person"], "dark"]
        for name in ("x", "y", "scale"):
            assert after[0][name] == pytest.approx(before[0][name], abs=1)
        assert page.text("#details h2") == shown
        assert page.requests() == [page.path.as_uri()] or "#" in page.requests()[0]

    def test_a_link_holds_everything_that_was_chosen(self, page):
        page.click("#filters label", "customer of")
        page.click("#filters label", "Colour communities")
        page.click_at(page.node_script("Portugal"))
        page.click("#details .actions button", "Pin")
        page.find("#time-to").send_keys(Keys.ARROW_LEFT)
        page.run("document.getElementById('confidence').focus()")
        page.press(*[Keys.ARROW_RIGHT] * 3)
        page.click_at(page.node_script("Tom Hale"))
        page.click("#details .actions button", "Hide")
        page.click("#as-table")
        page.click("#table .segments button", "Entities")
        page.settle()
        chosen = (
            "const s = kgPage.state; const keys = (set) => [...set].map((n) => n.label);"
            "return [[...s.off.predicates], s.colour, keys(s.pinned), s.to, s.confidence,"
            "  keys(s.hidden), s.view, s.rows]"
        )
        before = page.run(chosen)
        assert before[1:3] == ["community", ["Portugal"]]
        assert before[4:] == [0.03, ["Tom Hale"], "table", "entities"]
        page.open(page.run("return location.hash.slice(1)"))
        assert page.run(chosen) == before

    def test_communities_can_be_coloured_and_closed(self, page):
        page.click("#filters label", "Colour communities")
        assert page.run("return kgPage.state.colour") == "community"
        groups = page.run("return new Set(kgPage.graph.nodes.map((n) => n.community)).size")
        assert groups > 1


class TestKeyboard:
    def test_the_whole_way_without_a_mouse(self, page):
        page.focus_picture()
        page.press(Keys.ARROW_RIGHT)
        assert page.selected() == "Mossbrook"
        page.press("]")
        assert page.selected() == "tie"
        page.press("b")
        assert page.selected() == "Mossbrook"
        page.press(Keys.ARROW_UP)
        other = page.selected()
        assert other != "Mossbrook"
        assert page.text("#announcer")
        page.press("p")
        assert page.run("return kgPage.state.pinned.size") == 1
        page.press(Keys.ENTER)
        assert page.run("return document.activeElement.closest('#details') !== null")
        page.press(Keys.ESCAPE)
        assert page.run("return document.activeElement.id") == "canvas"
        page.press(Keys.ARROW_DOWN, "h")
        assert len(page.shown()) == len(CLASSES) - 1

    def test_zoom_view_and_help(self, page):
        page.focus_picture()
        scale = page.run("return kgPage.where().scale")
        page.press("-")
        page.settle()
        assert page.run("return kgPage.where().scale") < scale
        page.press("0")
        page.settle()
        assert page.run("return kgPage.where().scale") == pytest.approx(scale, rel=0.02)
        page.press("t")
        assert page.find("#table").is_displayed()
        page.press("t", "?")
        assert page.find("#help").is_displayed()
        page.press(Keys.ESCAPE)
        assert not page.find("#help").is_displayed()

    def test_all_controls_tell_their_name(self, page):
        page.click_at(page.node_script("Mossbrook"))
        tree = page.chrome.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        roles = {"button", "checkbox", "slider", "searchbox", "combobox", "textbox", "link"}
        controls = [n for n in tree if not n["ignored"] and n["role"]["value"] in roles]
        assert len(controls) > 40
        assert [n for n in controls if not n.get("name", {}).get("value")] == []


class TestCopies:
    def test_turtle_is_part_of_the_store(self, page, built_store):
        text = page.run("return kgPage.turtle()")
        there = {
            (q.subject, q.predicate, q.object) for q in built_store.quads(graph=ox.DefaultGraph())
        }
        former = "worksFor"
        for triple in ox.parse(text, format=ox.RdfFormat.TURTLE):
            known = (triple.subject, triple.predicate, triple.object) in there
            assert known or former in triple.predicate.value

    def test_sparql_finds_the_chosen_facts_again(self, page, built_store):
        page.click_at(page.node_script("Kite Maps"))
        rows = list(built_store.select(page.run("return kgPage.sparql()")))
        assert {row["object"].value for row in rows} == {"Mossbrook", "Portugal"}
        assert {row["subject"].value for row in rows} == {"Kite Maps"}
        assert all("Kite Maps, an app" in row["quote"].value for row in rows)

    def test_csv_has_a_line_for_each_sentence(self, page):
        rows = list(csv.DictReader(io.StringIO(page.run("return kgPage.csv()"))))
        partners = [row for row in rows if row["predicate"] == "partner of"]
        assert len(partners) == 2
        assert {row["publisher"] for row in partners} == {"Harbour Wire", "Inland Courier"}

    @pytest.mark.parametrize(
        ("choice", "expected"),
        [("Turtle", "kgPage.turtle()"), ("SPARQL", "kgPage.sparql()"), ("CSV", "kgPage.csv()")],
    )
    def test_the_menu_copies(self, page, choice, expected):
        page.run("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
        page.click_at(page.node_script("Kite Maps"))
        page.click("#share summary")
        page.click("#share button", f"Copy as {choice}")
        page.wait("return !document.getElementById('note').hidden")
        assert page.text("#note").startswith(choice)
        assert page.run("return window.copied") == page.run(f"return {expected}")
        assert "Kite Maps" in page.run("return window.copied") or choice == "SPARQL"

    @pytest.mark.parametrize("ending", ["png", "svg"])
    def test_the_menu_saves_pictures(self, page, tmp_path, ending):
        where = {"behavior": "allow", "downloadPath": str(tmp_path)}
        page.chrome.execute_cdp_cmd("Browser.setDownloadBehavior", where)
        page.click("#share summary")
        page.click("#share button", f"({ending.upper()})")
        saved = tmp_path / f"ports.{ending}"
        page.until(saved.exists)
        assert saved.read_bytes().startswith(b"\x89PNG" if ending == "png" else b"<svg")

    def test_pictures(self, page):
        svg = ET.fromstring(page.run("return kgPage.svgText()"))
        words = {e.text for e in svg.iter("{http://www.w3.org/2000/svg}text")}
        assert set(CLASSES) <= words
        assert words - set(CLASSES) <= {p.label for p in load_ontology().predicates.values()}
        data = page.chrome.execute_async_script(
            "const done = arguments[0]; kgPage.png().then((blob) => { const r = new FileReader();"
            "r.onload = () => done(r.result); r.readAsDataURL(blob); })"
        )
        picture = base64.b64decode(data.split(",", 1)[1])
        assert picture.startswith(b"\x89PNG")
        assert len(picture) > 10_000

    def test_a_picture_shows_what_is_selected(self, page):
        page.click_at(page.node_script("Kite Maps"))
        svg = ET.fromstring(page.run("return kgPage.svgText()"))
        rest, lit = svg.findall("{http://www.w3.org/2000/svg}g")
        assert rest.get("opacity") == "0.2"
        names = {e.text for e in lit.iter("{http://www.w3.org/2000/svg}title")}
        assert names == {"Kite Maps", "Mossbrook", "Portugal"}
