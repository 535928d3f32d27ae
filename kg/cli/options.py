"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from kg.vocab import BASE_IRI

__all__ = [
    "base_iri_option",
    "json_option",
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


def sources_argument(function: _Command) -> _Command:
    """Add the sources: files, folders, globs, `-` for standard input."""
    return click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")(function)
