"""`kg demo`: the whole way on the bundled articles."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import quiet_option
from kg.cli.report import Refusals, count, progress_bar

__all__ = ["demo"]

# Each question with the query that answers it, by name in the folder `queries`.
_QUESTIONS = (
    ("Who are the partners of a company, and where are they from?", "partners.rq"),
    ("Who founded which company, and who leads it?", "leaders.rq"),
    ("What is blocked where?", "blocked.rq"),
)


@click.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("kg-demo"),
    show_default=True,
    help="Where the store and the page go.",
)
@click.option("--open", "open_", is_flag=True, help="Open the page in the browser.")
@quiet_option
def demo(*, folder: Path, open_: bool, quiet: bool) -> None:
    """Build the bundled articles, answer three questions, write the page.

    \b
    Example:
      kg demo --open
    """
    from kg.build import build
    from kg.query import run_query
    from kg.resources import bundled
    from kg.store import open_store
    from kg.view import write_page

    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "graph.html"
    with open_store(folder / "kg-store") as store:
        with progress_bar("Reading the bundled articles", quiet=quiet) as progress:
            report = build(
                [str(bundled("corpus/articles"))],
                store=store,
                on_error=Refusals(),
                on_progress=progress,
            )
        click.echo(f"The graph holds {count(report.store)}.\n")
        for question, name in _QUESTIONS:
            text = (Path(__file__).parent / "queries" / name).read_text(encoding="utf-8")
            click.secho(question, bold=True)
            click.echo(run_query(store, text, format="table"))
        write_page(store, page)
    click.echo(f"The page: {page}\nYour own queries: kg query --store {folder / 'kg-store'} '...'")
    if open_:
        click.launch(str(page))
