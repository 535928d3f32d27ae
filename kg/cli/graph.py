"""`kg query`, `kg view`, `kg export`, `kg stats`: the commands that read the graph."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from kg.cli.options import json_option, ontology_option, quiet_option, store_option

if TYPE_CHECKING:
    from kg.store import Store

__all__ = ["export", "query", "stats", "view"]

_RESULT_FORMATS = ("table", "csv", "tsv", "json", "xml", "turtle", "ntriples")


@click.command()
@click.argument("sparql", required=False, metavar="QUERY")
@click.option(
    "-f",
    "--file",
    "file",
    type=click.File(encoding="utf-8"),
    help="Read the query from a file, or from standard input (`-`).",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(_RESULT_FORMATS),
    help="How to write the answer.  [default: table on a terminal; in a pipe csv, and turtle "
    "for CONSTRUCT and DESCRIBE]",
)
@click.option(
    "--timeout", type=click.FloatRange(0, min_open=True), help="Give up after so many seconds."
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Answer from the facts that held on this day.",
)
@store_option
@ontology_option
def query(
    sparql: str | None,
    *,
    file: TextIO | None,
    format_: str | None,
    timeout: float | None,
    as_of: datetime | None,
    store: str,
    ontology: Path | None,
) -> None:
    """Answer a SPARQL query: SELECT, ASK, CONSTRUCT or DESCRIBE.

    The prefixes kg, rdf, rdfs, skos, schema, prov, oa and others need not be declared.

    \b
    Example:
      kg query 'SELECT ?partner { ?z rdfs:label "Zoom" ; kg:partnerOf/rdfs:label ?partner }'
      kg query -f examples/leaders.rq --format json
      kg query -f examples/leaders.rq --as-of 2020-09-01
    """
    import sys

    from kg.query import run_query
    from kg.store import open_store

    if (sparql is None) == (file is None):
        raise click.UsageError("give either a QUERY or -f FILE")
    text = sparql if sparql is not None else file.read() if file else ""
    chosen = format_ or ("table" if sys.stdout.isatty() else None)
    with open_store(store, read_only=True) as opened:
        asked = _read_as_of(opened, as_of, ontology) if as_of else opened
        click.echo(run_query(asked, text, format=chosen, timeout=timeout), nl=False)


def _read_as_of(store: Store, as_of: datetime, ontology: Path | None) -> Store:
    """Return the graph of a day; tell how many facts have no place in time."""
    from kg.ontology import load_ontology
    from kg.validity import read_as_of

    then = read_as_of(store, as_of.date(), ontology=load_ontology(ontology))
    if then.unplaced:
        counted = "1 fact is" if then.unplaced == 1 else f"{then.unplaced} facts are"
        click.echo(f"{counted} left out: nothing tells when they hold", err=True)
    return then.store


@click.command()
@store_option
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("graph.html"),
    show_default=True,
    help="The file to write.",
)
@click.option("--focus", metavar="NAME", help="Show only what lies around this entity.")
@click.option(
    "--hops", type=click.IntRange(1, 6), default=1, show_default=True, help="How far around it."
)
@click.option("--top", type=click.IntRange(1), help="Show only the best-tied entities.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Show only facts from articles published on or after this day.",
)
@click.option("--open", "open_", is_flag=True, help="Open the page in the browser.")
@quiet_option
def view(
    *,
    store: str,
    output: Path,
    focus: str | None,
    hops: int,
    top: int | None,
    since: datetime | None,
    open_: bool,
    quiet: bool,
) -> None:
    """Write the graph as one interactive HTML page that needs no network.

    \b
    Example:
      kg view --open
      kg view --focus Zoom --hops 2 --output zoom.html
    """
    from kg.store import open_store
    from kg.view import write_page

    with open_store(store, read_only=True) as opened:
        write_page(
            opened,
            output,
            focus=focus,
            hops=hops,
            top=top,
            since=since.date() if since else None,
        )
    if not quiet:
        click.echo(f"wrote {output}", err=True)
    if open_:
        click.launch(str(output))


@click.command()
@store_option
@click.option(
    "--output",
    type=click.Path(dir_okay=True, path_type=Path),
    help="The file to write; its ending says the format.  [default: standard output]",
)
@click.option("--format", "format_", help="The format, where the ending does not say it.")
@click.option(
    "--profile",
    type=click.Choice(["plain", "full", "rdf12", "nanopub"]),
    default="full",
    show_default=True,
    help="Facts and labels only; with provenance; with RDF 1.2 triple terms; as nanopublications.",
)
@quiet_option
def export(
    *, store: str, output: Path | None, format_: str | None, profile: str, quiet: bool
) -> None:
    """Write the graph for other tools.

    Formats: turtle, ntriples, nquads, trig, jsonld, rdfxml, graphml, gexf, csv, and neo4j
    (a folder with nodes.csv and relationships.csv for neo4j-admin import).

    \b
    Example:
      kg export --output graph.ttl
      kg export --profile plain --format ntriples | sort
      kg export --profile nanopub --output facts.trig
      kg export --output graph.graphml
    """
    from kg.export import export as write_graph
    from kg.store import open_store

    with open_store(store, read_only=True) as opened:
        written = write_graph(opened, output, format=format_, profile=profile)
    if output is None:
        click.echo(written, nl=False)
    elif not quiet:
        click.echo(f"wrote {output}", err=True)


@click.command()
@store_option
@click.option(
    "--graph",
    "as_graph",
    is_flag=True,
    help="Show who is central instead: degree, PageRank and community of the entities.",
)
@click.option(
    "--top", type=click.IntRange(1), default=20, show_default=True, help="With --graph: how many."
)
@click.option(
    "--write",
    is_flag=True,
    help="With --graph: keep it in the store too, as kg: properties in a graph of its own.",
)
@json_option
def stats(*, store: str, as_graph: bool, top: int, write: bool, as_json: bool) -> None:
    """Count what the store holds: articles, entities by class, facts by predicate.

    \b
    Example:
      kg stats
      kg stats --json
      kg stats --graph --top 10
    """
    from kg.query import count_contents
    from kg.store import open_store

    if write and not as_graph:
        raise click.UsageError("--write goes with --graph")
    if as_graph:
        _print_measures(store, top=top, write=write, as_json=as_json)
        return
    with open_store(store, read_only=True) as opened:
        counts = count_contents(opened)
    if as_json:
        click.echo(json.dumps(counts, indent=2))
        return
    for group, rows in counts.items():
        click.echo(click.style(f"{group} ({sum(rows.values())})", bold=True))
        for name, number in rows.items():
            click.echo(f"  {number:>8}  {name}")


def _print_measures(location: str, *, top: int, write: bool, as_json: bool) -> None:
    from dataclasses import asdict

    from kg.graph import measure, read_network, write_measures
    from kg.store import open_store

    with open_store(location, read_only=not write, create=False) as opened:
        measures = measure(read_network(opened))
        if write:
            write_measures(opened, measures)
    shown = measures[:top]
    if as_json:
        click.echo(json.dumps([asdict(told) for told in shown], indent=2, ensure_ascii=False))
        return
    click.echo(click.style("PageRank  degree  community  entity", bold=True))
    for told in shown:
        name = "".join(c if c.isprintable() else " " for c in told.name)
        numbers = f"{told.page_rank:8.4f}  {told.degree:>6}  {told.community:>9}"
        click.echo(f"{numbers}  {name} ({told.type})")
