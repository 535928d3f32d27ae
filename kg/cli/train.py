"""`kg train`: a model from annotated articles."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from kg.cli.options import ontology_option, quiet_option
from kg.errors import MissingExtra

__all__ = ["train"]


@click.command()
@click.argument("articles", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--shared",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the data sets that the configuration names.",
)
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The settings of the training (YAML).  [default: those of the bundled small training]",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("kg-model"),
    show_default=True,
    help="The folder for checkpoints and, in `model`, the model.",
)
@click.option("--steps", type=click.IntRange(1), help="Stop after so many steps.")
@ontology_option
@quiet_option
def train(
    articles: tuple[Path, ...],
    *,
    shared: Path | None,
    config: Path | None,
    output: Path,
    steps: int | None,
    ontology: Path | None,
    quiet: bool,
) -> None:
    """Train a model on annotated articles, for an ontology of your own if you like.

    ARTICLES are folders laid out as the bundled corpus: `articles/ID.txt` and
    `gold/ID.json`. A training that was cut off goes on where it was. Needs the extra
    `train`: pip install 'kg-builder[train]'.

    \b
    Example:
      kg train corpus/ --output kg-model
      kg build articles/ --model kg-model/model
    """
    from dataclasses import replace

    from kg.ontology import load_ontology
    from kg.train.examples import gather_examples
    from kg.train.settings import SMALL, read_config

    if not articles and shared is None:
        raise click.UsageError("name folders of annotated articles, or --shared")
    settings = read_config(config or SMALL)
    settings = replace(settings, steps=steps) if steps else settings
    examples = gather_examples(settings, articles=articles, shared=shared, ontology=ontology)
    try:
        from kg.train.model import make_model
    except ModuleNotFoundError as error:
        raise MissingExtra("train", needed_for="kg train") from error

    with _bar(settings.steps, quiet=quiet) as report:
        own = load_ontology(ontology)
        folder = make_model(settings, examples, output=output, ontology=own, report=report)
    if not quiet:
        click.echo(f"wrote {folder}: use it with --model {folder}", err=True)
    for path in articles:
        _print_scores(path, folder, ontology)


@contextmanager
def _bar(steps: int, *, quiet: bool) -> Iterator[Callable[[dict[str, Any]], None] | None]:
    """Give what draws the progress: a bar on a terminal, a line now and then elsewhere."""
    if quiet:
        yield None
    elif not sys.stderr.isatty():
        yield lambda line: click.echo(
            "  ".join(f"{name} {value}" for name, value in line.items()), err=True
        )
    else:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("Training", total=steps)
            yield lambda line: progress.update(
                task,
                completed=line["step"],
                description=f"step {line['step']}, relations {line.get('relations', 0):.3f}",
            )


def _print_scores(path: Path, model: Path, ontology: Path | None) -> None:
    """Print how well the model reads the part `test` of a folder, if it has one."""
    from kg.cli.evaluate import print_tables
    from kg.evaluate import Options, evaluate
    from kg.evaluate.gold import read_gold
    from kg.ontology import load_ontology

    if read_gold(path, split="test"):
        options = Options(ontology=load_ontology(ontology), model=model, split="test")
        print_tables([evaluate(path, form="articles", options=options)])
