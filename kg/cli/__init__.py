"""The command line: parse, call one library function, print.

Exit codes: 0 done; 1 done, but some input was refused (each named, with the reason);
2 wrong usage, or nothing could be done.
"""

from __future__ import annotations

import click

from kg.cli.articles import build, extract, remove
from kg.cli.compare import check, diff
from kg.cli.demo import demo
from kg.cli.entities import entities
from kg.cli.evaluate import evaluate
from kg.cli.explain import explain
from kg.cli.graph import export, query, stats, view
from kg.cli.licences import licences
from kg.cli.path import path
from kg.cli.reconcile import reconcile
from kg.cli.review import review
from kg.cli.serve import serve
from kg.cli.shell import completion
from kg.cli.train import train
from kg.errors import KGError

__all__ = ["main"]


class _Failure(click.ClickException):
    """Nothing could be done."""

    exit_code = 2


class _Group(click.Group):
    """A group that turns every KGError into one line on standard error and exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KGError as error:
            raise _Failure(str(error)) from error
        except BrokenPipeError:
            ctx.exit(0)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kg-builder", prog_name="kg")
def main() -> None:
    """News articles in, a knowledge graph out, every fact with its sentence.

    \b
    Example:
      kg build articles/            read a folder of articles into ./kg-store
      kg query 'SELECT ?s ?o { ?s kg:partnerOf ?o }'
      kg view --open                look at the graph in the browser
      kg demo                       see all of it on the bundled articles
    """


for _command in (
    *(build, extract, remove, query, view, export, stats, serve),
    *(explain, path, check, diff, entities, review, reconcile),
    *(demo, evaluate, train, licences, completion),
):
    main.add_command(_command)
