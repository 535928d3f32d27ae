"""`kg entities`: what is one thing, why, and people's word on it."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack

import click

from kg.cli.options import json_option, ontology_option, quiet_option, store_option

if TYPE_CHECKING:
    from kg.decisions import Decision, Statement
    from kg.entities import EntityReport, MergeReport

__all__ = ["entities"]

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _Options(TypedDict):
    """The options of commands that decide something."""

    by: str | None
    note: str
    store: str
    ontology: Path | None
    quiet: bool


def _deciding(function: _Command) -> _Command:
    """Add the options of commands that decide something."""
    by = click.option(
        "--by", envvar="KG_REVIEWER", metavar="NAME", help="Who decides.  [default: who you are]"
    )
    note = click.option("--note", default="", metavar="TEXT", help="Why, to be kept with it.")
    return by(note(store_option(ontology_option(quiet_option(function)))))


@click.group()
def entities() -> None:
    """List entities, tell what made them one, and decide otherwise.

    Decisions are kept in the store, hold for whatever is built into it later, and can be
    taken back. Entities go by name, alias or IRI.

    \b
    Example:
      kg entities list --search zoom
      kg entities merge Zoom "Zoom Video Communications"
      kg entities undo 1
    """


@entities.command("list")
@click.option("--search", default="", metavar="TEXT", help="Only those with it in a name.")
@click.option("--class", "type_", default="", metavar="CLASS", help="Only those of a class.")
@click.option("--limit", type=click.IntRange(1), help="Show at most so many.")
@store_option
@ontology_option
@json_option
def list_(
    *,
    search: str,
    type_: str,
    limit: int | None,
    store: str,
    ontology: Path | None,
    as_json: bool,
) -> None:
    """List entities with their class, facts and articles, those in most facts first.

    \b
    Example:
      kg entities list --class Company --limit 20
      kg entities list --search "saudi" --json
    """
    from dataclasses import asdict

    from kg.entities import list_entities
    from kg.ontology import load_ontology
    from kg.store import open_store

    with open_store(store, read_only=True) as opened:
        found = list_entities(opened, search=search, type_=type_, ontology=load_ontology(ontology))[
            :limit
        ]
    if as_json:
        click.echo(json.dumps([asdict(entity) for entity in found], indent=2, ensure_ascii=False))
        return
    click.echo(click.style(" facts  articles  entity", bold=True))
    for entity in found:
        also = f", also {', '.join(entity.aliases)}" if entity.aliases else ""
        told = _clean(f"{entity.name} ({entity.type}){also}")
        click.echo(f"{entity.facts:>6}  {entity.articles:>8}  {told}\n{'':18}{entity.iri}")


@entities.command()
@click.argument("name")
@store_option
@ontology_option
@json_option
def show(name: str, *, store: str, ontology: Path | None, as_json: bool) -> None:
    """Show what made an entity: its names, articles, and every merge with its rule and score.

    \b
    Example:
      kg entities show Zoom
      kg entities show Georgia --json
    """
    from dataclasses import asdict

    from kg.entities import describe_entity
    from kg.ontology import load_ontology
    from kg.store import open_store

    with open_store(store, read_only=True) as opened:
        reports = describe_entity(opened, name, ontology=load_ontology(ontology))
    if as_json:
        told = [asdict(report) for report in reports]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    for report in reports:
        head, *lines = map(_clean, _write_report(report))
        click.echo("\n".join([click.style(head, bold=True), *lines]))


@entities.command()
@click.argument("name")
@click.argument("other", metavar="NAME")
@_deciding
def merge(name: str, other: str, **options: Unpack[_Options]) -> None:
    """Make two entities one, with the IRI, name and class of the first.

    \b
    Example:
      kg entities merge Zoom "Zoom Video Communications" --note "the firm's full name"
    """
    from kg.entities import merge as unite

    _decide(unite, name, other, options=options)


@entities.command()
@click.argument("name")
@click.option("--article", default="", metavar="ID", help="Take out what this article means.")
@click.option("--name", "alias", default="", metavar="TEXT", help="Take out what is called so.")
@_deciding
def split(name: str, *, article: str, alias: str, **options: Unpack[_Options]) -> None:
    """Take what an article means, or all that bears a name, out of an entity.

    \b
    Example:
      kg entities split Jordan --article interview-with-michael-jordan
      kg entities split Apple --name "Apple Records"
    """
    from kg.entities import split as part

    _decide(part, name, options=options, article=article, name=alias)


@entities.command()
@click.argument("name")
@click.option("--iri", default="", metavar="IRI", help="Its IRI from now on.")
@click.option("--name", "label", default="", metavar="TEXT", help="Its name from now on.")
@click.option("--class", "type_", default="", metavar="CLASS", help="Its class from now on.")
@_deciding
def pin(name: str, *, iri: str, label: str, type_: str, **options: Unpack[_Options]) -> None:
    """Keep an entity one, with its IRI, name and class, or with those given.

    \b
    Example:
      kg entities pin Zoom
      kg entities pin Facebook --name "Meta Platforms"
    """
    from kg.entities import pin as keep

    _decide(keep, name, options=options, iri=iri, name=label, type_=type_)


@entities.command()
@click.argument("numbers", nargs=-1, type=int, metavar="[NUMBER]...")
@click.option(
    "--limit", type=click.IntRange(1), default=20, show_default=True, help="List so many."
)
@store_option
@ontology_option
@json_option
@quiet_option
def undo(
    numbers: tuple[int, ...],
    *,
    limit: int,
    store: str,
    ontology: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Take decisions back by their numbers, those of reviewers too; without one, list the last.

    \b
    Example:
      kg entities undo
      kg entities undo 3
    """
    from dataclasses import asdict

    from kg.entities import list_decisions
    from kg.entities import undo as withdraw
    from kg.ontology import load_ontology
    from kg.store import open_store

    with open_store(store, read_only=not numbers, create=False) as opened:
        if numbers:
            told = withdraw(opened, numbers, ontology=load_ontology(ontology))
        else:
            told = list_decisions(opened)[-limit:][::-1]
    if as_json:
        click.echo(json.dumps([asdict(made) for made in told], indent=2, ensure_ascii=False))
    elif not numbers:
        click.echo("\n".join(map(_write_decision, told)) or f"{store} keeps no decisions")
    elif not quiet:
        click.echo("\n".join(f"undone: {_write_decision(made)}" for made in told), err=True)


@entities.command()
@click.argument("source")
@store_option
@ontology_option
@quiet_option
def copy(source: str, *, store: str, ontology: Path | None, quiet: bool) -> None:
    """Take over the decisions of another store, or of an export with graphs.

    What is here already is not taken again.

    \b
    Example:
      kg entities copy ../old-store
      kg entities copy graph.nq --store new-store
    """
    from kg.entities import copy_decisions
    from kg.ontology import load_ontology
    from kg.store import open_store

    with open_store(store) as opened:
        made = copy_decisions(opened, source, ontology=load_ontology(ontology))
    if not quiet:
        click.echo(f"{len(made)} decisions taken over from {source}", err=True)


def _decide(decide: Callable[..., Decision], *names: str, options: _Options, **chosen: str) -> None:
    """Let a function decide something, and say what."""
    from kg.ontology import load_ontology
    from kg.store import open_store

    with open_store(options["store"], create=False) as opened:
        made = decide(
            opened,
            *names,
            by=options["by"] or _find_user(),
            note=options["note"],
            ontology=load_ontology(options["ontology"]),
            **chosen,
        )
    if not options["quiet"]:
        click.echo(_write_decision(made), err=True)


def _find_user() -> str:
    """Return the name under which the user is logged in."""
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:  # no such user, as in some containers
        raise click.UsageError("say who decides: --by NAME") from error


def _write_report(report: EntityReport) -> Iterator[str]:
    entity = report.entity
    yield f"{entity.name} ({entity.type})"
    yield f"  {entity.iri}, in {report.facts} facts"
    if entity.aliases:
        yield f"  also {', '.join(entity.aliases)}"
    for link in entity.links:
        yield f"  linked to {link.target} by {link.rule}, score {link.score:.2f}"
    called: dict[str, dict[str, None]] = {}
    for naming in report.names or ():
        called.setdefault(naming.article, {}).setdefault(naming.name)
    for article, title in report.articles:
        names = f" as {_join(list(called[article]))}" if article in called else ""
        yield f"  in {article}{f' ({title})' if title else ''}{names}"
    if report.merges is None:
        yield "  what was read from its articles is not kept here: merges cannot be told"
    yield from _write_merges(report.merges or ())
    for decision in report.decisions:
        yield f"  decision {_write_decision(decision)}"


def _write_merges(merges: Sequence[MergeReport]) -> Iterator[str]:
    """Yield each way in which names were merged, with one pair of places that shows it."""
    alike: dict[tuple[object, ...], list[MergeReport]] = {}
    for merged in merges:
        names = sorted(
            [(merged.left.name, merged.left.type), (merged.right.name, merged.right.type)]
        )
        alike.setdefault((merged.decision, merged.rule, merged.score, *names), []).append(merged)
    for found in alike.values():
        first = found[0]
        rule = f"{first.rule}, score {first.score:.2f}"
        why = f"decision {first.decision}" if first.decision else rule
        yield f"  merged by {why}{f', {len(found)} times' if len(found) > 1 else ''}"
        for naming in (first.left, first.right):
            yield f"    {naming.article}: {naming.name} ({naming.type}), ...{naming.context}..."


def _write_decision(decision: Decision) -> str:
    """Return a decision as one line."""
    from kg.decisions import Grouping, Linking

    about = decision.about
    note = f" ({decision.note})" if decision.note else ""
    head = f"{decision.number}  {decision.day}  {decision.by}: {about.verdict.value}"
    if isinstance(about, Grouping):
        names = _join([meant.name for meant in about.ones])
        behind = f" out of {about.name}" if about.others else f" as {about.name}"
        return _clean(f"{head} {names}{behind}{note}")
    if isinstance(about, Linking):
        names = _join([meant.name for meant in about.ones])
        return _clean(f"{head} {names} to {about.target}, score {about.score:.2f}{note}")
    told = _write_statement(about.statement)
    if about.correction is not None:
        told += f" to {_write_statement(about.correction)}"
    return _clean(f"{head} {told}, {about.statement.article}{note}")


def _write_statement(statement: Statement) -> str:
    from kg.model import Literal

    object_ = statement.object
    if isinstance(object_, Literal):
        end = f"{object_.value} {object_.currency}".strip()
    else:
        end = object_.name
    return f"{statement.subject.name} {statement.predicate} {end} ({statement.modality.value})"


def _join(names: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(names))
    more = f" and {len(distinct) - 5} more" if len(distinct) > 5 else ""
    return ", ".join(distinct[:5]) + more


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
