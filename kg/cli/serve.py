"""`kg serve`: the graph over HTTP."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import click

from kg.cli.options import ontology_option, quiet_option, store_option
from kg.errors import UsageError

if TYPE_CHECKING:
    from kg.serve import Service

__all__ = ["serve"]


@click.command()
@store_option
@ontology_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="The port to listen at; 0 takes one that is free.",
)
@click.option("--write", is_flag=True, help="Let those who have the token change the store.")
@click.option(
    "--token",
    envvar="KG_TOKEN",
    metavar="TEXT",
    help="The token for --write, better given as KG_TOKEN.  [default: a new one, printed]",
)
@click.option(
    "--cors",
    metavar="ORIGIN",
    default="*",
    show_default=True,
    help="Whose web pages may read; '' for none.",
)
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="HOST",
    help="A server that queries may ask by SERVICE and updates LOAD from; may be repeated.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds after which a query or update is stopped.",
)
@click.option(
    "--row-limit",
    type=click.IntRange(1),
    default=1_000_000,
    show_default=True,
    help="Rows or triples that one answer may have.",
)
@click.option(
    "--body-limit",
    type=click.IntRange(1),
    default=10_000_000,
    show_default=True,
    help="Bytes that one request may have.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="How many queries are worked on at once.  [default: one a core, at least 2]",
)
@click.option(
    "--get", "path", metavar="PATH", help="Answer one request for this path, print it, and exit."
)
@click.option("--accept", metavar="TYPES", default="", help="The media types wanted of --get.")
@click.option("--open", "open_", is_flag=True, help="Open the service in the browser.")
@quiet_option
def serve(
    *,
    store: str,
    ontology: Path | None,
    host: str,
    port: int,
    write: bool,
    token: str | None,
    cors: str,
    hosts: tuple[str, ...],
    time_limit: float,
    row_limit: int,
    body_limit: int,
    workers: int | None,
    path: str | None,
    accept: str,
    open_: bool,
    quiet: bool,
) -> None:
    """Answer SPARQL and show the graph at http://127.0.0.1:8080/.

    Whoever reaches the port can read the whole graph. Nothing is changed without --write
    and its token, and no other server is asked without --allow-host.

    \b
    Example:
      kg serve --open
      kg serve --get '/sparql?query=ASK%20%7B%7D'
      KG_TOKEN=... kg serve --write
    """
    from kg.ontology import load_ontology
    from kg.serve import Limits, Server, Service, open_engine

    limits = Limits(
        seconds=time_limit,
        rows=row_limit,
        body=body_limit,
        workers=workers or max(2, os.cpu_count() or 2),
        hosts=tuple(host.lower() for host in hosts),
    )
    fresh = secrets.token_urlsafe(24) if write and not token else ""
    token = (token or fresh) if write else ""
    engine = open_engine(store, limits, writes=write, in_process=path is not None)
    with contextlib.closing(engine):
        service = Service(engine, limits, load_ontology(ontology), token=token, cors=cors)
        if path is not None:
            _print_one(service, path, accept)
            return
        server = Server(service, host=host, port=port)
        if not quiet or fresh:
            _announce(server.address, fresh)
        if open_:
            click.launch(server.address)
        server.run()


def _print_one(service: Service, path: str, accept: str) -> None:
    """Print the body of the answer to one request; an error is one of the command."""
    from kg.serve import Request, handle

    route, _, query = path.partition("?")
    answer = handle(Request("GET", unquote(route), query, {"accept": accept}), service)
    if answer.status >= 300:
        place = answer.headers.get("Location", "")
        told = f"see {place}" if place else answer.body.decode()
        raise UsageError(f"{path}: {answer.status} {told}")
    click.echo(answer.body, nl=False)


def _announce(address: str, token: str) -> None:
    click.echo(f"serving {address} (stop with Ctrl+C)", err=True)
    if token:
        # Made for this run, and nowhere else to be found.
        click.echo(f"token for changes: {token}", err=True)
