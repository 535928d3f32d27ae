"""`kg evaluate`: scores what ships with the package on annotated texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import min_confidence_option, model_option, ontology_option

if TYPE_CHECKING:
    from rich.console import Console

    from kg.evaluate import Report
    from kg.evaluate.scores import Estimate, Score

__all__ = ["evaluate", "print_tables"]


@click.command()
@click.argument(
    "gold",
    nargs=-1,
    required=True,
    metavar="GOLD...",
    type=click.Path(exists=True, path_type=Path),
)
@click.option(
    "--as",
    "form",
    default="",
    metavar="FORM",
    help="articles, redocred, redocred-given, knowledgenet, core, fire or tekgen."
    "  [default: what the folder of the gold is named after, else articles]",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Tables to read, or one JSON array of reports.",
)
@click.option(
    "--split",
    default="test",
    show_default=True,
    help="Of gold that has splits, the one to score; an empty text takes all.",
)
@ontology_option
@min_confidence_option
@model_option
@click.option("--limit", type=click.IntRange(1), help="Score only so many articles of each gold.")
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the intervals.")
@click.option(
    "--mistakes",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every missed and every wrong fact to a file, as JSON Lines.",
)
@click.option(
    "--floors",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Compare with the floors in a file; exit with 1 where a score falls below.",
)
@click.option("--update-floors", is_flag=True, help="Raise the floors to what was reached.")
@click.pass_context
def evaluate(
    ctx: click.Context,
    gold: tuple[Path, ...],
    *,
    form: str,
    format_: str,
    split: str,
    ontology: Path | None,
    min_confidence: float | None,
    model: Path | None,
    limit: int | None,
    seed: int,
    mistakes: Path | None,
    floors: Path | None,
    update_floors: bool,
) -> None:
    """Score mentions, entities, facts, evidence and confidence on annotated texts.

    GOLD is a folder in the form of corpus/, a JSON Lines file of annotated articles, or a
    benchmark: Re-DocRED, KnowledgeNet, CORE, FIRE, TekGen.

    \b
    Example:
      kg evaluate corpus/
      kg evaluate --as redocred-given redocred/dev.json.gz --format json
      kg evaluate corpus/ --mistakes mistakes.jsonl
    """
    from kg.evaluate import Options, to_record
    from kg.evaluate import evaluate as score
    from kg.ontology import load_ontology

    if update_floors and floors is None:
        raise click.UsageError("--update-floors needs --floors FILE")
    options = Options(load_ontology(ontology), min_confidence, limit, split, seed, model)
    reports = [score(path, form=form, options=options) for path in gold]
    if format_ == "json":
        click.echo(json.dumps([to_record(report) for report in reports], indent=2))
    else:
        print_tables(reports)
    if mistakes:
        _write_mistakes(reports, mistakes)
    if floors:
        ctx.exit(_hold(reports, floors, update=update_floors))


def _write_mistakes(reports: Sequence[Report], path: Path) -> None:
    lines = (json.dumps(asdict(m), ensure_ascii=False) for r in reports for m in r.mistakes)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _hold(reports: Sequence[Report], path: Path, *, update: bool) -> int:
    """Compare with the floors, or raise them; return the exit code."""
    from kg.evaluate import read_floors, write_floors

    floors = read_floors(path)
    if update:
        for report in reports:
            floors = floors.raised(report)
        write_floors(floors, path)
        click.echo(f"wrote {path}: look at the difference", err=True)
        return 0
    faults = [fault for report in reports for fault in floors.find_faults(report)]
    for fault in faults:
        click.echo(click.style("below ", fg="red") + fault, err=True)
    return int(bool(faults))


def print_tables(reports: Sequence[Report]) -> None:
    """Print the scores of reports."""
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    for report in reports:
        console.print(f"{report.gold}, {report.articles} texts, by {report.extractor}")
        _print_scores(console, "score", report.scores, {})
        _print_scores(console, "predicate", report.predicates, report.calibration)
        for name, share in report.shares.items():
            console.print(f"{name} {_tell(share.estimate)} of {share.whole:.0f}")
        console.print(f"calibration error {report.calibration['total']:.3f}", end="\n\n")


def _print_scores(
    console: Console, title: str, scores: Mapping[str, Score], errors: Mapping[str, float]
) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(title, no_wrap=True)
    for column in ("P", "R", "F1", "F1, 95 %", "right", "read", "gold", "calibr."):
        table.add_column(column, justify="right")
    for name, score in scores.items():
        error = f"{errors[name]:.3f}" if name in errors else ""
        # Text, so that brackets in a label of a benchmark are not read as rich's markup.
        table.add_row(*map(Text, (name, *_cells(score), error)))
    console.print(table)


def _cells(score: Score) -> Iterator[str]:
    for estimate in (score.precision, score.recall, score.f1):
        yield f"{estimate.value:.3f}"
    yield f"{score.f1.low:.3f}-{score.f1.high:.3f}"
    for count in (score.tally.right, score.tally.predicted, score.tally.gold):
        yield f"{count:.0f}"


def _tell(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f}-{estimate.high:.3f})"
