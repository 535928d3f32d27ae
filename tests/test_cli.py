"""The commands, as a user runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.resources import bundled

TEXT = (
    "Norvik Systems, a Norwegian software company based in Oslo, opened an office on Monday. It "
    "acquired the British start-up Pixelworks Studio for $40 million. Norvik Systems was founded "
    "by Ingrid Solberg, who is its chief executive.\n"
)


def run(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], input=stdin)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    (folder / "norvik.txt").write_text(TEXT, encoding="utf-8")
    assert run("build", folder / "norvik.txt", "--store", folder / "store").exit_code == 0
    return folder


def test_help_names_every_command_and_shows_an_example():
    told = run("--help").output
    for name in ("build", "extract", "query", "view", "export", "stats", "remove", "demo"):
        assert f"\n  {name}" in told
        own = run(name, "--help")
        assert own.exit_code == 0
        assert "Example:" in own.output


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom kg.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('spacy', 'pyoxigraph', 'onnxruntime', 'rdflib', 'torch', 'networkx')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_build_tells_what_the_store_holds(folder: Path):
    again = run("build", folder / "norvik.txt", "--store", folder / "store")
    assert again.stdout == ""
    assert "0 added, 0 changed, 1 unchanged, 0 refused" in again.stderr
    quiet = run("build", "-q", folder / "norvik.txt", "--store", folder / "store")
    assert (quiet.stdout, quiet.stderr) == ("", "")
    machine = run("build", "--json", folder / "norvik.txt", "--store", folder / "store")
    assert json.loads(machine.stdout)["unchanged"] == ["norvik"]


def test_refused_input_is_named_and_costs_nothing_else(tmp_path: Path):
    (tmp_path / "good.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "empty.txt").write_text("\n\n", encoding="utf-8")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 40)
    sources = (tmp_path / "good.txt", tmp_path / "empty.txt", tmp_path / "binary.txt")
    done = run("build", *sources, tmp_path / "missing.txt", "--store", tmp_path / "store")
    assert done.exit_code == 1
    for name in ("empty.txt", "binary.txt", "missing.txt"):
        assert name in done.stderr
    assert "1 added" in done.stderr
    assert "Traceback" not in done.output


def test_nothing_but_refusals_is_still_no_traceback(tmp_path: Path):
    done = run("extract", tmp_path / "missing.txt")
    assert done.exit_code == 1
    assert "missing.txt" in done.stderr


def test_query_formats(folder: Path):
    text = 'SELECT ?n { ?c rdfs:label "Norvik Systems" ; kg:foundedBy/rdfs:label ?n }'
    store = ("--store", folder / "store")
    assert run("query", text, *store, "--format", "csv").stdout.splitlines() == [
        "n",
        "Ingrid Solberg",
    ]
    table = run("query", text, *store, "--format", "table").stdout
    assert table.splitlines()[0] == "n"
    assert table.splitlines()[-1] == "(1 row)"
    bindings = json.loads(run("query", text, *store, "--format", "json").stdout)
    assert bindings["results"]["bindings"][0]["n"]["value"] == "Ingrid Solberg"
    assert "<sparql" in run("query", text, *store, "--format", "xml").stdout
    assert run("query", text, *store, "--format", "tsv").stdout.startswith("?n")
    ask = "ASK { ?c kg:foundedBy ?d }"
    assert run("query", ask, *store, "--format", "table").stdout == "yes\n"
    build = "CONSTRUCT { ?c kg:foundedBy ?d } { ?c kg:foundedBy ?d }"
    assert "kg:foundedBy" in run("query", build, *store, "--format", "turtle").stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELEC ?x { ?x ?y ?z }", "line 1, column"),
        ("SELECT ?x { ?x foo:bar ?z }", "foo:"),
        ("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }", "SERVICE is refused"),
        ("DELETE WHERE { ?s ?p ?o }", "DELETE is refused"),
    ],
)
def test_a_bad_query_says_where_and_why(text: str, message: str, folder: Path):
    done = run("query", text, "--store", folder / "store")
    assert done.exit_code == 2
    assert message in done.stderr
    assert "Traceback" not in done.output


def test_query_reads_a_file_and_standard_input(folder: Path, tmp_path: Path):
    text = "SELECT (COUNT(?f) AS ?n) { ?f a kg:Fact }"
    (tmp_path / "q.rq").write_text(text, encoding="utf-8")
    store = ("--store", folder / "store", "--format", "csv")
    by_file = run("query", "-f", tmp_path / "q.rq", *store).stdout
    assert run("query", "-f", "-", *store, stdin=text).stdout == by_file
    assert run("query", *store).exit_code == 2
    assert run("query", text, "-f", tmp_path / "q.rq", *store).exit_code == 2


def test_readers_name_a_store_that_is_not_there(tmp_path: Path):
    for command in (("stats",), ("query", "ASK {}"), ("export", "--output", tmp_path / "g.ttl")):
        done = run(*command, "--store", tmp_path / "none")
        assert done.exit_code == 2
        assert "kg build" in done.stderr


def test_extract_writes_the_contract_and_nothing_else(folder: Path):
    done = run("extract", folder / "norvik.txt", "--format", "jsonl")
    facts = [json.loads(line) for line in done.stdout.splitlines()]
    found = {
        (f["subject"]["name"], f["predicate"], f["object"].get("name", f["object"].get("text")))
        for f in facts
    }
    assert ("Norvik Systems", "foundedBy", "Ingrid Solberg") in found
    for fact in facts:
        assert fact["article"] == "norvik"
        assert fact["subject"]["iri"].startswith("https://")
        assert 0 < fact["confidence"] <= 1
        assert fact["modality"] in ("asserted", "former", "announced", "denied")
        for place in fact["evidence"]:
            assert TEXT[place["start"] : place["end"]] == place["quote"]


def test_extract_draws_a_table(folder: Path):
    done = run("extract", folder / "norvik.txt")
    assert "foundedBy" in done.stdout
    assert done.exit_code == 0


def test_standard_input_and_json_lines_keep_their_ids(tmp_path: Path):
    record = {"id": "my/id 1", "text": TEXT, "title": "Norvik", "published": "2021-03-09"}
    done = run("extract", "-", "--format", "jsonl", stdin=json.dumps(record) + "\n")
    lines = done.stdout.splitlines()
    assert lines, done.stderr
    assert {json.loads(line)["article"] for line in lines} == {"my/id 1"}


def test_export_by_ending_and_to_standard_output(folder: Path, tmp_path: Path):
    store = ("--store", folder / "store")
    assert run("export", *store, "--output", tmp_path / "g.ttl").exit_code == 0
    assert "kg:foundedBy" in (tmp_path / "g.ttl").read_text(encoding="utf-8")
    told = run("export", *store, "--format", "ntriples", "--profile", "plain").stdout
    assert "ns#foundedBy>" in told
    assert run("export", *store, "--output", tmp_path / "g.xyz").exit_code == 2
    assert run("export", *store, "--format", "rdfxml", "--profile", "rdf12").exit_code == 2


def test_stats_and_remove(tmp_path: Path):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    store = ("--store", tmp_path / "store")
    run("build", tmp_path / "a.txt", *store)
    counts = json.loads(run("stats", "--json", *store).stdout)
    assert sum(counts["articles"].values()) == 1
    assert counts["facts"]["kg:foundedBy"] >= 1
    assert run("remove", "nothing", *store).exit_code == 1
    assert run("remove", "a", *store).exit_code == 0
    assert json.loads(run("stats", "--json", *store).stdout)["articles"] == {}


def test_view_writes_one_page(folder: Path, tmp_path: Path):
    page = tmp_path / "graph.html"
    assert run("view", "--store", folder / "store", "--output", page).exit_code == 0
    assert "Norvik Systems" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str):
    assert "_KG_COMPLETE" in run("completion", shell).stdout


def test_a_min_confidence_keeps_less(folder: Path):
    usual = run("extract", folder / "norvik.txt", "--format", "jsonl").stdout.splitlines()
    strict = run(
        "extract", folder / "norvik.txt", "--format", "jsonl", "--min-confidence", "0.97"
    ).stdout.splitlines()
    assert len(strict) < len(usual)
    assert run("extract", folder / "norvik.txt", "--min-confidence", "7").exit_code == 2


def test_the_demo_answers_its_questions(tmp_path: Path):
    done = run("demo", "--folder", tmp_path / "demo")
    assert done.exit_code == 0, done.output
    assert "Who founded which company, and who leads it?" in done.stdout
    assert "rows)" in done.stdout
    assert (tmp_path / "demo" / "graph.html").stat().st_size > 100_000


def test_training_without_its_extra_names_the_command(tmp_path: Path):
    code = (
        "import sys\nsys.modules['torch'] = None\nfrom kg.cli import main\n"
        f"main(['train', {str(bundled('corpus'))!r}, '--output', {str(tmp_path)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'kg-builder[train]'" in done.stderr
    assert "Traceback" not in done.stderr
