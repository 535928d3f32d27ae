"""`kg path`: how two entities are tied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import json_option, ontology_option, store_option

if TYPE_CHECKING:
    from kg.graph import Tie

__all__ = ["path"]


@click.command()
@click.argument("one", metavar="NAME")
@click.argument("other", metavar="NAME")
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Show at most so many ways.",
)
@store_option
@ontology_option
@json_option
@click.pass_context
def path(
    ctx: click.Context,
    one: str,
    other: str,
    *,
    limit: int,
    store: str,
    ontology: Path | None,
    as_json: bool,
) -> None:
    """Show the shortest ties between two entities, with the sentences on the way.

    Only asserted facts tie, in either direction. The exit code is 1 where none do.

    \b
    Example:
      kg path Zoom "Eric Yuan"
      kg path Zoom Oracle --limit 1 --json
    """
    from dataclasses import asdict

    from kg.graph import find_ties, read_network
    from kg.ontology import load_ontology
    from kg.store import open_store
    from kg.view import find_entities

    with open_store(store, read_only=True) as opened:
        ends = [find_entities(opened, name) for name in (one, other)]
        network = read_network(opened, ontology=load_ontology(ontology))
    ties = find_ties(network, *ends, limit=limit)
    if as_json:
        click.echo(json.dumps([asdict(tie) for tie in ties], indent=2, ensure_ascii=False))
    elif ties:
        click.echo("\n".join(map(_write_tie, ties)))
    else:
        click.echo(f"no facts tie {one} and {other}", err=True)
    ctx.exit(0 if ties else 1)


def _write_tie(tie: Tie) -> str:
    """Return a way as lines: the names on it, then each fact with its sentence."""
    lines = [click.style(_clean(" - ".join(tie.names)), bold=True)]
    for fact in (fact for step in tie.steps for fact in step):
        told = f"{fact.subject} {fact.predicate} {fact.object}  {fact.confidence:.2f}"
        lines += [f"  {_clean(told)}", f"    {_clean(fact.article)}: {fact.sentence!r}"]
    return "\n".join(lines)


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
