"""The page as data and as a file: what is read, chosen, placed and written."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from view_articles import METADATA, TEXTS, build_store
from view_sample import HOSTILE, corpus_store, hostile_store, make_entity, make_fact, write_store

from kg.errors import ExportError, UsageError
from kg.ontology import load_ontology
from kg.store import MEMORY, Store, open_store
from kg.view import find_entities, graph_data, render_page, select_graph, write_page
from kg.view.layout import place
from kg.view.network import vis_network_script


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with build_store(tmp_path_factory.mktemp("view") / "store") as built:
        yield built


def labels(graph) -> set[str]:
    return {node.label for node in graph.nodes}


def data_of(page: str) -> dict:
    block = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    return json.loads(block[1])


class TestSelection:
    def test_shows_every_entity_that_the_store_has(self, store):
        query = """SELECT ?name { VALUES ?c { kg:Organization kg:Person kg:Place kg:Product }
            ?e a ?c ; rdfs:label ?name }"""
        there = {s["name"].value for s in store.select(query)}
        assert labels(select_graph(store)) == there
        assert "Zenith Choir" in there

    def test_shows_every_fact_with_every_sentence(self, store):
        graph = select_graph(store)
        nodes = {n.iri: n.label for n in graph.nodes}
        partners = next(e for e in graph.edges if e.predicate.endswith("partnerOf"))
        assert {nodes[partners.source], nodes[partners.target]} == {
            "Calder Freight",
            "Northwind Lines",
        }
        assert partners.confidence == 0.97
        assert sorted(q.confidence for q in partners.quotes) == [0.91, 0.97]
        for edge in graph.edges:
            for quote in edge.quotes:
                article = next(s for s in graph.sources if s.iri == quote.article)
                id_ = next(i for i, (title, *_) in METADATA.items() if title == article.title)
                assert TEXTS[id_][quote.start : quote.end] == quote.text
                assert quote.extractor == "sample 1"

    def test_says_what_surrounds_a_sentence(self, store):
        graph = select_graph(store)
        founded = next(e for e in graph.edges if e.predicate.endswith("foundedBy"))
        (quote,) = founded.quotes
        assert quote.before.endswith("is a customer of Calder Freight.")
        assert quote.after.startswith("Kite Maps, an app made by Mossbrook")

    def test_does_without_the_surroundings_that_are_lost(self, tmp_path):
        with build_store(tmp_path / "store") as store:
            for path in (tmp_path / "store" / "extractions").rglob("*.json.gz"):
                path.unlink()
            assert all(not q.before for e in select_graph(store).edges for q in e.quotes)

    def test_describes_values_and_modalities(self, store):
        edges = select_graph(store).edges
        revenue = next(e for e in edges if e.predicate.endswith("revenue"))
        assert (revenue.target, revenue.value, revenue.currency) == ("", "40000000", "USD")
        post = next(e for e in edges if e.modality != "asserted")
        assert post.modality == "former"

    def test_focus_follows_facts_in_both_directions(self, store):
        near = select_graph(store, focus="kite maps", hops=1)
        assert labels(near) == {"Kite Maps", "Mossbrook", "Portugal"}
        far = select_graph(store, focus="kite maps", hops=2)
        assert labels(far) == {
            *labels(near), "Calder Freight", "Ireland", "Northwind Lines", "Ola Brandt",
        }  # fmt: skip
        assert "Zenith Choir" not in labels(select_graph(store, focus="Kite Maps", hops=6))

    def test_focus_takes_an_iri(self, store):
        (iri,) = find_entities(store, "Mossbrook")
        assert find_entities(store, iri) == (iri,)

    def test_an_unknown_focus_is_refused_with_the_names_near_it(self, store):
        with pytest.raises(UsageError, match="did you mean Mossbrook"):
            select_graph(store, focus="Mosbrok")

    def test_a_focus_is_never_taken_for_sparql(self, store):
        with pytest.raises(UsageError):
            select_graph(store, focus='x" } ; DROP ALL #')

    def test_top_keeps_the_best_tied(self, store):
        assert labels(select_graph(store, top=2)) <= {
            "Northwind Lines", "Mossbrook", "Calder Freight", "Portugal",
        }  # fmt: skip
        assert len(select_graph(store, top=2).nodes) == 2

    def test_since_keeps_what_a_later_article_states(self, store):
        graph = select_graph(store, since=date(2023, 1, 1))
        assert "Kite Maps" not in labels(graph)
        assert {"Calder Freight", "Zenith Choir"} <= labels(graph)

    @pytest.mark.parametrize("wrong", [{"top": 0}, {"focus": "Mossbrook", "hops": 0}])
    def test_numbers_below_one_are_refused(self, store, wrong):
        with pytest.raises(UsageError, match="at least 1"):
            select_graph(store, **wrong)

    def test_an_entity_without_facts_is_shown(self):
        lone = make_entity("Lone Mill", "Company")
        ontology = load_ontology()
        assert labels(select_graph(write_store([], [lone], [], ontology))) == {"Lone Mill"}

    def test_an_empty_store_gives_a_page(self):
        assert data_of(render_page(open_store(MEMORY)))["nodes"] == []


class TestFile:
    def test_reports_what_it_wrote(self, store, tmp_path):
        report = write_page(store, tmp_path / "graph.html", title="Ports")
        assert report.path.read_text(encoding="utf-8").count("<title>Ports</title>") == 1
        graph = select_graph(store)
        assert (report.entities, report.facts) == (len(graph.nodes), len(graph.edges))
        assert report.articles == 3
        assert [p.name for p in tmp_path.iterdir()] == ["graph.html"]

    def test_a_place_that_cannot_be_written_is_named(self, store, tmp_path):
        with pytest.raises(ExportError, match="nowhere"):
            write_page(store, tmp_path / "nowhere" / "graph.html")

    def test_the_same_store_gives_the_same_bytes(self, tmp_path):
        build_store(tmp_path / "store").close()
        script = (
            "import hashlib, sys; from kg.store import open_store; from kg.view import render_page;"
            "s = open_store(sys.argv[1], read_only=True);"
            "print(hashlib.sha256(render_page(s).encode()).hexdigest())"
        )
        digests = {
            subprocess.run(
                [sys.executable, "-c", script, str(tmp_path / "store")],
                env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
                capture_output=True,
                check=True,
                text=True,
            ).stdout
            for seed in ("1", "2")
        }
        assert len(digests) == 1

    def test_nothing_in_it_names_another_file(self, store):
        page = render_page(store).replace(vis_network_script(), "")
        assert not re.findall(r"<(?:link|iframe|object|embed|base|form)\b", page)
        assert not re.findall(r"\b(?:src|href|action)\s*=\s*[\"']?(?!#)\w+:", page)
        assert "sourceMappingURL" not in render_page(store)

    def test_the_policy_admits_its_own_scripts_and_styles_only(self, store):
        page = render_page(store)
        policy = html.unescape(
            re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[1]
        )
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        assert rules["default-src"] == rules["connect-src"] == rules["base-uri"] == "'none'"
        scripts = re.findall(r'<script(?: type="module")?>(.*?)</script>', page, re.S)
        styles = re.findall(r"<style>(.*?)</style>", page, re.S)
        assert rules["script-src"].split() == [hash_of(script) for script in scripts]
        assert rules["style-src"].split() == [hash_of(style) for style in styles]

    def test_hostile_text_cannot_leave_the_data(self):
        page = render_page(hostile_store(), title="</title><script>window.broken=9</script>")
        assert len(re.findall(r"<script", page.replace(vis_network_script(), ""))) == 3
        assert "window.broken=9</script>" not in page
        there = {node["label"] for node in data_of(page)["nodes"]}
        assert set(HOSTILE) <= there

    def test_vis_network_is_the_one_that_pyvis_carries(self):
        carried = files("pyvis").joinpath("lib/vis-9.1.2/vis-network.min.js")
        assert vis_network_script().rstrip() in carried.read_text(encoding="utf-8")

    def test_no_two_modules_share_a_name(self):
        named = [
            name
            for path in files("kg.view").joinpath("page").iterdir()
            if path.name.endswith(".js")
            for name in re.findall(
                r"^(?:export )?(?:async )?(?:const|let|class|function\*?) (\w+)",
                path.read_text(encoding="utf-8"),
                re.M,
            )
        ]
        assert sorted(named) == sorted(set(named))


def hash_of(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


class TestData:
    def test_numbers_point_into_their_lists(self, store):
        data = graph_data(select_graph(store), load_ontology())
        assert len(data["network"]["nodes"]) == len(data["nodes"])
        for fact in data["facts"]:
            assert fact["subject"] < len(data["nodes"])
            assert fact["predicate"] < len(data["predicates"])
            assert all(e["article"] < len(data["articles"]) for e in fact["evidence"])
        for tie in data["network"]["edges"]:
            for number in tie["facts"]:
                fact = data["facts"][number]
                assert {fact["subject"], fact["object"]} == {tie["from"], tie["to"]}

    def test_classes_have_colours_shapes_and_the_ontology_s_labels(self):
        data = graph_data(select_graph(corpus_store()), load_ontology())
        labels_ = {c["label"] for c in data["classes"]}
        assert {"company", "person", "country"} <= labels_
        assert len({(c["light"], c["shape"]) for c in data["classes"]}) == len(data["classes"])

    def test_a_fact_about_itself_draws_no_line(self):
        entity = make_entity("Ouroboros", "Company")
        fact = make_fact(entity, "partnerOf", entity, ("a", "It deals with itself."))
        graph = select_graph(write_store([], [entity], [fact], load_ontology()))
        assert graph_data(graph, load_ontology())["network"]["edges"] == []


class TestLayout:
    @settings(max_examples=25, deadline=None)
    @given(
        st.integers(1, 40).flatmap(
            lambda n: st.tuples(
                st.just(n),
                st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=80),
            )
        )
    )
    def test_every_node_has_a_place_of_its_own(self, graph):
        count, ties = graph
        layout = place(count, ties)
        assert len(layout.points) == len(layout.communities) == count
        assert len(set(layout.points)) == count
        tied = {end for a, b in ties if a != b for end in (a, b)}
        assert {n for n, c in enumerate(layout.communities) if c >= 0} == tied

    def test_is_the_same_for_the_same_ties_in_any_order(self):
        ties = [(i, (i * 7 + 3) % 30) for i in range(30)]
        assert place(30, ties) == place(30, [(b, a) for a, b in reversed(ties)])

    def test_communities_lie_apart_in_a_large_graph(self):
        rings = [
            (100 * r + i, 100 * r + (i + j) % 100)
            for r in range(6)
            for i in range(100)
            for j in (1, 2, 5)
        ]
        layout = place(600, rings + [(100 * r, 100 * r + 100) for r in range(5)])
        centres = []
        for number in range(6):
            members = [
                p for p, c in zip(layout.points, layout.communities, strict=True) if c == number
            ]
            centres.append([sum(axis) / len(members) for axis in zip(*members, strict=True)])
        assert min(math.dist(a, b) for a in centres for b in centres if a is not b) > 300


def test_colours_have_the_contrast_that_readers_need():
    style = files("kg.view").joinpath("page/page.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"--(\w+(?:-\w+)*): (#[0-9a-f]{6});", block))
        for block in re.findall(r"^:root[^{]*\{(.*?)\}", style, re.S | re.M)
    )
    for colours in (light, dark):
        for ground in ("ground", "panel", "soft"):
            assert contrast(colours["ink"], colours[ground]) > 7
            assert contrast(colours["muted"], colours[ground]) > 4.5
        assert contrast(colours["accent"], colours["panel"]) > 4.5
        assert contrast(colours["on-accent"], colours["accent"]) > 4.5
        assert contrast(colours["ink"], colours["subject"]) > 7
        assert contrast(colours["ink"], colours["object"]) > 7
        assert contrast(colours["warn"], colours["soft"]) > 4.5
    looks = json.loads(files("kg.view").joinpath("classes.json").read_text(encoding="utf-8"))
    for look in [*looks["known"].values(), *looks["others"]]:
        assert contrast(look["light"], light["ground"]) > 4.5
        assert contrast(look["dark"], dark["ground"]) > 4.5


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 defines it."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_paths_are_relative_to_nothing_of_this_machine(store, tmp_path):
    page = render_page(store)
    assert str(tmp_path.parent) not in page
    assert str(Path.home()) not in page
