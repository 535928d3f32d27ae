"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from kg.vocab import BASE_IRI

__all__ = [
    "base_iri_option",
    "hosts_option",
    "json_option",
    "limits_options",
    "min_confidence_option",
    "model_option",
    "ontology_option",
    "quiet_option",
    "sources_argument",
    "store_option",
]

_Command = TypeVar("_Command", bound=Callable[..., Any])


def store_option(function: _Command) -> _Command:
    """Add `--store`."""
    return click.option(
        "--store",
        default="kg-store",
        show_default=True,
        metavar="DIR_OR_URL",
        help="The folder that holds the graph, or the address of a SPARQL server.",
    )(function)


def ontology_option(function: _Command) -> _Command:
    """Add `--ontology`."""
    return click.option(
        "--ontology",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="An ontology of your own (OWL in Turtle) in place of the bundled one.",
    )(function)


def base_iri_option(function: _Command) -> _Command:
    """Add `--base-iri`."""
    return click.option(
        "--base-iri",
        metavar="IRI",
        help="Where the IRIs of entities, articles and facts begin.  "
        f"[default: that of the store, or {BASE_IRI}]",
    )(function)


def hosts_option(function: _Command) -> _Command:
    """Add `--allow-host`."""
    return click.option(
        "--allow-host",
        "hosts",
        multiple=True,
        metavar="HOST",
        help="A host on a private network that may be asked all the same; may be repeated.",
    )(function)


def min_confidence_option(function: _Command) -> _Command:
    """Add `--min-confidence`."""
    return click.option(
        "--min-confidence",
        type=click.FloatRange(0, 1),
        help="Keep facts from this confidence on, in place of each predicate's own threshold.",
    )(function)


def model_option(function: _Command) -> _Command:
    """Add `--model`."""
    return click.option(
        "--model",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="The folder of a model of your own (kg train) in place of the shipped one.",
    )(function)


def quiet_option(function: _Command) -> _Command:
    """Add `-q/--quiet`."""
    return click.option(
        "-q", "--quiet", is_flag=True, help="Say nothing but what was asked for, and refusals."
    )(function)


def json_option(function: _Command) -> _Command:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Report as JSON.")(function)


def limits_options(function: _Command) -> _Command:
    """Add what one article may take, and `--processes`; the command gets them as `limits`."""

    @wraps(function)
    def gather(
        *arguments: Any,  # noqa: ANN401 - whatever the command takes
        article_seconds: float,
        article_memory: float,
        article_size: int,
        processes: int,
        **options: Any,  # noqa: ANN401 - whatever the command takes
    ) -> object:
        from kg.build import Limits

        limits = Limits(
            seconds=article_seconds,
            memory=max(1, int(article_memory * (1 << 30))),
            characters=article_size,
            processes=processes,
        )
        return function(*arguments, limits=limits, **options)

    return _add_limits(gather)  # type: ignore[return-value] # but for the options, the same


def _add_limits(function: _Command) -> _Command:
    for option in (
        click.option(
            "--processes",
            type=click.IntRange(1, 256),
            default=1,
            show_default=True,
            help="How many processes read articles; each loads the model.",
        ),
        click.option(
            "--article-size",
            type=click.IntRange(1),
            default=5_000_000,
            show_default=True,
            metavar="CHARACTERS",
            help="How long the text of one article may be.",
        ),
        click.option(
            "--article-memory",
            type=click.FloatRange(0, 4096, min_open=True),
            default=2.0,
            show_default=True,
            metavar="GIB",
            help="How much memory reading one article may take.",
        ),
        click.option(
            "--article-seconds",
            type=click.FloatRange(0, 86_400, min_open=True),
            default=60.0,
            show_default=True,
            help="How long reading 100,000 characters of an article may take.",
        ),
    ):
        function = option(function)
    return function


def sources_argument(function: _Command) -> _Command:
    """Add the sources: files, folders, globs, `-` for standard input."""
    return click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")(function)
