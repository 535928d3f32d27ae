"""`kg check`, `kg diff`: whether the graph is sound, and what changed in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import json_option, ontology_option, store_option

if TYPE_CHECKING:
    from kg.check import Finding

__all__ = ["check", "diff"]

_COLOURS = {"violation": "red", "warning": "yellow", "info": "blue"}


@click.command()
@store_option
@ontology_option
@json_option
@click.pass_context
def check(ctx: click.Context, *, store: str, ontology: Path | None, as_json: bool) -> None:
    """Check the graph against its SHACL shapes, and for contradictions.

    Contradictions (two chief executives at once, two founding years, a fact that another
    article denies) are told with their sentences. The exit code is 1 where a shape is
    violated.

    \b
    Example:
      kg check
      kg check --json
    """
    from dataclasses import asdict

    from kg.check import check as check_store
    from kg.ontology import load_ontology
    from kg.store import open_store

    with open_store(store, read_only=True) as opened:
        report = check_store(opened, ontology=load_ontology(ontology))
    if as_json:
        told = asdict(report) | {"conforms": report.conforms}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for finding in report.findings:
            _print_finding(finding)
        verdict = "conforms" if report.conforms else "does not conform"
        click.echo(f"{store} {verdict}: {report.facts} facts, {len(report.findings)} findings")
    ctx.exit(int(not report.conforms))


def _print_finding(finding: Finding) -> None:
    kind = click.style(f"{finding.severity.value:<9}", fg=_COLOURS[finding.severity.value])
    about = finding.name or finding.subject
    value = f" ({finding.predicate} {finding.value})" if finding.value else ""
    click.echo(f"{kind} {about}: {finding.message}{value}")
    for evidence in finding.evidence:
        click.echo(f"            {evidence.article}: {evidence.quote!r}")


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@ontology_option
@json_option
def diff(before: str, after: str, *, ontology: Path | None, as_json: bool) -> None:
    """Tell which facts came, went or have other evidence from A to B.

    A and B are stores or exports with the profile full or rdf12.

    \b
    Example:
      kg diff last-week.nq kg-store
      kg diff kg-store other-store --json
    """
    from dataclasses import asdict

    from kg.diff import diff as compare
    from kg.diff import write_diff
    from kg.ontology import load_ontology

    told = compare(before, after, ontology=load_ontology(ontology))
    if as_json:
        click.echo(json.dumps(asdict(told), indent=2, ensure_ascii=False))
    else:
        click.echo(write_diff(told), nl=False)
