"""`kg build`, `kg extract`, `kg remove`: the commands that read articles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from kg.cli.options import (
    base_iri_option,
    hosts_option,
    json_option,
    limits_options,
    min_confidence_option,
    model_option,
    ontology_option,
    quiet_option,
    sources_argument,
    store_option,
)
from kg.cli.report import Refusals, count, print_facts, progress_bar, track

if TYPE_CHECKING:
    from kg.build import Limits

__all__ = ["build", "extract", "remove"]


@click.command()
@sources_argument
@store_option
@ontology_option
@base_iri_option
@min_confidence_option
@model_option
@limits_options
@click.option(
    "--watch", is_flag=True, help="Keep the store up to date with folders until stopped (Ctrl+C)."
)
@click.option(
    "--interval",
    type=click.FloatRange(0.05, 86_400),
    default=1.0,
    show_default=True,
    help="Seconds between two looks at the folders that are watched.",
)
@click.option(
    "--reconcile",
    "service",
    metavar="URL",
    help="Then link entities to what a reconciliation service knows (see kg reconcile).",
)
@hosts_option
@json_option
@quiet_option
@click.pass_context
def build(
    ctx: click.Context,
    sources: tuple[str, ...],
    *,
    store: str,
    ontology: Path | None,
    base_iri: str | None,
    min_confidence: float | None,
    model: Path | None,
    limits: Limits,
    watch: bool,
    interval: float,
    service: str | None,
    hosts: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> None:
    """Read articles into the store.

    Unchanged articles are skipped, changed ones replaced. SOURCE is a file (text,
    Markdown, HTML, PDF, JSON Lines, gzipped JSON Lines), a folder, a glob, `-` for
    standard input, or the address of a page, a feed or a sitemap: only what is named or
    listed there is fetched, and nothing from a private network but from hosts that
    --allow-host names. With --watch it is a folder, and articles whose files are gone leave
    the store. Articles are read in a process of their own: one that takes more time or
    memory than it may, or breaks its reader, is refused, and costs nothing else.

    \b
    Example:
      kg build articles/ press/*.html
      kg build --watch articles/
      kg build --store news.kg news.jsonl.gz
      kg build https://example.org/feed.xml
      kg build --allow-host wiki.local http://wiki.local/story.html
    """
    options: _Options = {
        "ontology": ontology,
        "base_iri": base_iri,
        "min_confidence": min_confidence,
        "model": model,
    }
    if watch and service:
        raise click.UsageError("--reconcile goes without --watch: run kg reconcile now and then")
    if watch:
        from kg.cli.watch import follow

        follow(
            sources,
            store=store,
            limits=limits,
            interval=interval,
            as_json=as_json,
            quiet=quiet,
            **options,
        )
    else:
        told = _build_once(
            sources,
            store=store,
            limits=limits,
            hosts=hosts,
            as_json=as_json,
            quiet=quiet,
            **options,
        )
        if service:
            told = max(told, _reconcile(service, store, ontology, hosts, quiet=quiet or as_json))
        ctx.exit(told)


def _reconcile(
    service: str, store: str, ontology: Path | None, hosts: tuple[str, ...], *, quiet: bool
) -> int:
    """Link entities to what a service knows, and return the exit code."""
    from kg.cli.reconcile import describe, link
    from kg.store import open_store

    with open_store(store) as opened:
        report = link(opened, service, ontology=ontology, hosts=hosts)
    if not quiet:
        describe(report)
    return int(report.fault is not None)


class _Options(TypedDict):
    """How articles are read, whether once or again and again."""

    ontology: Path | None
    base_iri: str | None
    min_confidence: float | None
    model: Path | None


def _build_once(
    sources: tuple[str, ...],
    *,
    store: str,
    limits: Limits,
    hosts: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    **options: Unpack[_Options],
) -> int:
    """Build, tell what was done, and return the exit code."""
    from dataclasses import asdict

    from kg.articles import Policy
    from kg.build import build as build_graph
    from kg.ontology import load_ontology
    from kg.store import open_store

    refusals = Refusals()
    with open_store(store) as opened, progress_bar("Reading articles", quiet=quiet) as progress:
        report = build_graph(
            sources,
            store=opened,
            ontology=load_ontology(options["ontology"]),
            base_iri=options["base_iri"],
            min_confidence=options["min_confidence"],
            model=options["model"],
            limits=limits,
            policy=Policy(allowed_hosts=frozenset(host.lower() for host in hosts)),
            on_error=refusals,
            on_progress=progress,
        )
    if as_json:
        told = asdict(report) | {"refused": [str(error) for error in report.refused]}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    elif not quiet:
        click.echo(
            f"{len(report.added)} added, {len(report.changed)} changed, "
            f"{len(report.unchanged)} unchanged, {refusals.count} refused; {store} holds "
            f"{count(report.store)}",
            err=True,
        )
        for fault, times in sorted(report.ungrounded.items()):
            click.echo(f"left out: {times} {fault}", err=True)
    is_anything_done = bool(report.added or report.changed or report.unchanged)
    return refusals.judge(is_anything_done=is_anything_done)


@click.command()
@sources_argument
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "jsonl"]),
    default="table",
    show_default=True,
    help="A table to read, or one JSON object a line for other tools.",
)
@ontology_option
@base_iri_option
@min_confidence_option
@model_option
@hosts_option
@quiet_option
@click.pass_context
def extract(
    ctx: click.Context,
    sources: tuple[str, ...],
    *,
    format_: str,
    ontology: Path | None,
    base_iri: str | None,
    min_confidence: float | None,
    model: Path | None,
    hosts: tuple[str, ...],
    quiet: bool,
) -> None:
    """Print the facts that articles state, without a store.

    \b
    Example:
      kg extract story.txt
      kg extract --format jsonl articles/ > facts.jsonl
    """
    from kg.articles import Policy
    from kg.ontology import load_ontology
    from kg.records import read_facts
    from kg.vocab import BASE_IRI, Minter

    refusals = Refusals()
    records = read_facts(
        track(sources, "Reading articles", quiet=quiet),
        ontology=load_ontology(ontology),
        minter=Minter(base_iri or BASE_IRI),
        min_confidence=min_confidence,
        model=model,
        policy=Policy(allowed_hosts=frozenset(host.lower() for host in hosts)),
        on_error=refusals,
    )
    if format_ == "jsonl":
        for record in records:
            click.echo(json.dumps(record, ensure_ascii=False))
    else:
        print_facts(records)
    ctx.exit(refusals.exit_code)


@click.command()
@click.argument("article_ids", nargs=-1, required=True, metavar="ARTICLE...")
@store_option
@ontology_option
@quiet_option
@click.pass_context
def remove(
    ctx: click.Context,
    article_ids: tuple[str, ...],
    *,
    store: str,
    ontology: Path | None,
    quiet: bool,
) -> None:
    """Take articles out of the store, with the facts that only they state.

    \b
    Example:
      kg remove zoom-exiting-china
    """
    from kg.build import remove as remove_articles
    from kg.ontology import load_ontology
    from kg.store import open_store

    with open_store(store) as opened:
        report = remove_articles(article_ids, store=opened, ontology=load_ontology(ontology))
    for article_id in report.unknown:
        click.echo(f"{article_id}: no such article in {store}: see kg stats", err=True)
    if not quiet:
        click.echo(f"{len(report.removed)} removed; {store} holds {count(report.store)}", err=True)
    ctx.exit(int(bool(report.unknown)))
