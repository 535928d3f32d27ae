"""`kg review`: people's word on facts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import json_option, ontology_option, quiet_option, store_option
from kg.cli.report import Refusals

if TYPE_CHECKING:
    from kg.review import Selection
    from kg.store import Store

__all__ = ["review"]


@click.group()
def review() -> None:
    """Write facts as a table to be judged, and take the verdicts.

    In the column `verdict` a reviewer writes accept, reject, correct (with what is right in
    the columns for corrections) or, in a new row, add. Verdicts are kept in the store as
    decisions, hold for whatever is built later, and are undone by `kg entities undo`.

    \b
    Example:
      kg review export --sample 100 --output facts.csv
      kg review apply facts.csv --reviewer "Ada Lovelace"
    """


@review.command()
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write, with tabs where it ends in .tsv.  [default: standard output]",
)
@click.option(
    "--predicate", "predicates", multiple=True, metavar="NAME", help="Only facts of it; repeatable."
)
@click.option("--min-confidence", type=click.FloatRange(0, 1), default=0.0, help="From this on.")
@click.option("--max-confidence", type=click.FloatRange(0, 1), default=1.0, help="Up to this.")
@click.option("--limit", type=click.IntRange(1), help="The first so many, the least sure first.")
@click.option("--sample", type=click.IntRange(1), help="So many at random.")
@click.option("--seed", type=int, default=0, show_default=True, help="What --sample draws.")
@click.option("--quarantined", is_flag=True, help="What was kept out of the graph instead.")
@click.option("--reviewed", is_flag=True, help="What was reviewed before too.")
@click.option(
    "--training",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the reviewed articles there instead, as training data for `kg train`.",
)
@store_option
@ontology_option
@quiet_option
def export(
    *,
    output: Path | None,
    training: Path | None,
    store: str,
    ontology: Path | None,
    quiet: bool,
    **chosen: object,
) -> None:
    """Write a table of facts with their sentences, and room for verdicts.

    Facts that were reviewed before are left out.

    \b
    Example:
      kg review export --max-confidence 0.7 --output unsure.csv
      kg review export --predicate worksFor --predicate headOf --sample 50 > sample.csv
      kg review export --training reviewed/ && kg train reviewed/
    """
    from kg.ontology import load_ontology
    from kg.review import Selection, write_training
    from kg.store import open_store

    own = load_ontology(ontology)
    with open_store(store, read_only=True) as opened:
        if training is not None:
            written = write_training(opened, training, ontology=own)
            told = f"wrote {len(written)} articles to {training}"
        else:
            selection = Selection(**chosen)  # type: ignore[arg-type] # click checks their types
            told = _write_table(opened, selection, output, ontology)
    if told and not quiet:
        click.echo(told, err=True)


@review.command()
@click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--reviewer",
    envvar="KG_REVIEWER",
    default="",
    metavar="NAME",
    help="Who judged the rows that name nobody.",
)
@store_option
@ontology_option
@json_option
@quiet_option
@click.pass_context
def apply(
    ctx: click.Context,
    table: Path,
    *,
    reviewer: str,
    store: str,
    ontology: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Take the verdicts of a table: CSV, or with semicolons or tabs.

    A row that cannot be followed is named with its line and the reason, all others count, and
    the exit code is then 1. Applying a table again changes nothing.

    \b
    Example:
      kg review apply facts.csv --reviewer "Ada Lovelace"
    """
    from dataclasses import asdict

    from kg.ontology import load_ontology
    from kg.review import apply_table
    from kg.store import open_store

    refusals = Refusals()
    with open_store(store, create=False) as opened:
        report = apply_table(opened, table, reviewer=reviewer, ontology=load_ontology(ontology))
    for error in report.refused:
        refusals(error)
    if as_json:
        told = asdict(report) | {"refused": list(map(str, report.refused))} | report.counts
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    elif not quiet:
        made = ", ".join(f"{number} {name}" for name, number in report.counts.items())
        click.echo(
            f"{made}; {report.unchanged} known already, {report.open} without a verdict, "
            f"{refusals.count} refused",
            err=True,
        )
    ctx.exit(refusals.exit_code)


def _write_table(
    store: Store, selection: Selection, output: Path | None, ontology: Path | None
) -> str:
    """Write a table, and return what to say of it."""
    from kg.files import save
    from kg.ontology import load_ontology
    from kg.review import select_facts, write_table

    rows = select_facts(store, selection, ontology=load_ontology(ontology))
    is_tabbed = output is not None and output.suffix.lower() == ".tsv"
    content = write_table(rows, delimiter="\t" if is_tabbed else ",")
    if output is None:
        click.echo(content, nl=False)
        return ""
    save({output: content})
    return f"wrote {len(rows)} facts to {output}"
