"""Runs the commands that read a store, over a folder and over a server that holds the same."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from kg.cli import main

_PARTNERS = "SELECT ?a ?b { ?x kg:partnerOf ?y . ?x rdfs:label ?a . ?y rdfs:label ?b }"

# What prints its answer, and what writes it to a file of this name.
PRINTING = {
    "query": ["query", "--format", "csv", f"{_PARTNERS} ORDER BY ?a ?b"],
    "construct": ["query", "--format", "ntriples", "CONSTRUCT WHERE { ?s kg:partnerOf ?o }"],
    "ask": ["query", "--format", "json", "ASK { ?s a kg:Company }"],
    "stats": ["stats", "--json"],
    "measures": ["stats", "--graph", "--json"],
    "check": ["check", "--json"],
    "serve": ["serve", "--accept", "text/csv", "--get", "/sparql?query=ASK%20%7B?s%20?p%20?o%7D"],
}
WRITING = {
    "full": ("graph.nq", ["export"]),
    "plain": ("graph.ttl", ["export", "--profile", "plain"]),
    "rdf12": ("graph.nt", ["export", "--profile", "rdf12"]),
    "network": ("graph.graphml", ["export"]),
    "table": ("graph.csv", ["export"]),
    "page": ("graph.html", ["view"]),
    "part": ("part.html", ["view", "--top", "30", "--since", "2020-06-01"]),
}


def answer(name: str, store: str, folder: Path) -> bytes:
    """Return what a command prints or writes over a store. Raises AssertionError if it fails."""
    if name in PRINTING:
        command = [*PRINTING[name], "--store", store]
    else:
        file, words = WRITING[name]
        command = [*words, "--store", store, "--output", str(folder / file)]
    result = CliRunner().invoke(main, command)
    # The command that checks tells by its code whether it has found something.
    assert result.exit_code == 0 or name == "check", result.output
    if name in PRINTING:
        return b"\n".join(sorted(result.stdout_bytes.splitlines()))
    return b"\n".join(sorted((folder / file).read_bytes().splitlines()))
