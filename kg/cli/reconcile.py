"""`kg reconcile`: links entities to what a service knows under their names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import hosts_option, json_option, ontology_option, quiet_option, store_option

if TYPE_CHECKING:
    from kg.build import ReconcileReport
    from kg.store import Store

__all__ = ["describe", "link", "reconcile"]


@click.command()
@click.argument("service", metavar="URL")
@store_option
@ontology_option
@hosts_option
@click.option(
    "--timeout",
    type=click.FloatRange(0, 600, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds that the service may take for one answer.",
)
@json_option
@quiet_option
@click.pass_context
def reconcile(
    ctx: click.Context,
    service: str,
    *,
    store: str,
    ontology: Path | None,
    hosts: tuple[str, ...],
    timeout: float,
    as_json: bool,
    quiet: bool,
) -> None:
    """Link entities that have no link to what a service knows under their names.

    URL is that of a service of the W3C Reconciliation API. Names and classes are sent to it,
    and nothing else. What is taken is kept as decisions: `kg entities undo` takes it back.

    \b
    Example:
      kg reconcile https://wikidata.reconci.link/en/api
      kg reconcile http://localhost:8080/reconcile --allow-host localhost
    """
    from kg.store import open_store

    with open_store(store, create=False) as opened:
        report = link(opened, service, ontology=ontology, hosts=hosts, timeout=timeout)
    if as_json:
        told = {
            "unlinked": report.unlinked,
            "asked": report.asked,
            "linked": len(report.linked),
            "fault": str(report.fault or ""),
        }
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    elif not quiet:
        describe(report)
    ctx.exit(int(report.fault is not None))


def link(
    store: Store,
    service: str,
    *,
    ontology: Path | None,
    hosts: tuple[str, ...],
    timeout: float = 30.0,
) -> ReconcileReport:
    """Link the entities of a store, tell what ended it early, and return what was done."""
    from kg.build import reconcile as reconcile_entities
    from kg.ontology import load_ontology

    report = reconcile_entities(
        store,
        service,
        ontology=load_ontology(ontology),
        allowed_hosts=frozenset(host.lower() for host in hosts),
        timeout=timeout,
    )
    if report.fault is not None:
        click.echo(click.style("refused ", fg="yellow") + str(report.fault), err=True)
    return report


def describe(report: ReconcileReport) -> None:
    """Print what was done."""
    click.echo(
        f"{len(report.linked)} of {report.unlinked} entities without a link linked; "
        f"{report.asked} asked for, the others known or not alone with their name",
        err=True,
    )
