"""`kg explain`: why a fact is in the graph, or where it was lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import json_option, ontology_option, store_option

if TYPE_CHECKING:
    from kg.explain import Explanation
    from kg.model import Entity, Evidence, Fact, Speaker

__all__ = ["explain"]


@click.command()
@click.argument("subject")
@click.argument("predicate")
@click.argument("object_", metavar="OBJECT")
@click.option("--why-not", is_flag=True, help="Tell at which stage it was lost, and why.")
@store_option
@ontology_option
@json_option
@click.pass_context
def explain(
    ctx: click.Context,
    subject: str,
    predicate: str,
    object_: str,
    *,
    why_not: bool,
    store: str,
    ontology: Path | None,
    as_json: bool,
) -> None:
    """Tell why a fact is in the graph: its evidence, and how its entities are linked.

    Entities go by name or IRI, predicates by local name or IRI. The exit code is 0 where the
    graph has the fact, in whatever state, and 1 where it has not.

    \b
    Example:
      kg explain Zoom partnerOf Oracle
      kg explain Zoom acquired Oracle --why-not
    """
    from dataclasses import asdict

    from kg.explain import explain as find_explanation
    from kg.ontology import load_ontology
    from kg.store import open_store

    with open_store(store, read_only=True) as opened:
        told = find_explanation(
            opened, subject, predicate, object_, ontology=load_ontology(ontology)
        )
    if as_json:
        click.echo(json.dumps(asdict(told), indent=2, ensure_ascii=False, default=str))
    else:
        for line in _write(told, why_not=why_not):
            click.echo(line)
        if not told.facts and not why_not:
            click.echo("the graph has no such fact: --why-not tells where it was lost", err=True)
    ctx.exit(0 if told.facts else 1)


def _write(told: Explanation, *, why_not: bool) -> Iterator[str]:
    """Yield the lines of an explanation."""
    if why_not:
        lost = f"lost at {told.loss.stage.value}: {told.loss.reason}" if told.loss else ""
        yield click.style(_clean(lost or "it is in the graph"), bold=True)
    for fact in told.facts:
        yield from _write_fact(fact, told)
    if why_not:
        for fact, reasons in told.quarantined:
            yield from _write_fact(fact, told)
            yield from (f"  kept out: {_clean(reason)}" for reason in reasons)
    if told.facts or why_not:
        for entity in (*told.subjects, *told.objects):
            yield from _write_entity(entity)
    if why_not:
        for fact in told.related:
            yield f"related: {_name(fact, told)} ({fact.modality.value})"


def _write_fact(fact: Fact, told: Explanation) -> Iterator[str]:
    yield click.style(_name(fact, told), bold=True)
    yield f"  {fact.modality.value}, confidence {fact.confidence:.2f}, {fact.iri}"
    if fact.valid_from or fact.valid_to:
        yield _clean(f"  holds from {fact.valid_from or '?'} to {fact.valid_to or '?'}")
    if fact.publishers:
        who = "publisher states" if fact.publishers == 1 else "publishers state"
        yield f"  {fact.publishers} {who} it independently"
    for name, value in fact.qualifiers:
        yield _clean(f"  {name}: {value}")
    for evidence in fact.evidence:
        yield from _write_evidence(evidence, told)


def _write_evidence(evidence: Evidence, told: Explanation) -> Iterator[str]:
    article = told.articles.get(evidence.article)
    about = [article.publisher, str(article.published or "")] if article else []
    source = ", ".join([evidence.article, *filter(None, about)])
    span = f"{evidence.span.start}-{evidence.span.end}"
    yield _clean(f"  {source}, characters {span}: {evidence.quote!r}")
    said = f" as {evidence.cue_text!r} says" if evidence.cue else ""
    yield _clean(
        f"    {evidence.modality.value}{said}, {evidence.confidence:.2f}, "
        f"read by {evidence.extractor}"
    )
    if evidence.speaker is not None:
        yield _clean(f"    said by {_name_speaker(evidence.speaker, told)}")


def _name_speaker(speaker: Speaker, told: Explanation) -> str:
    """Return who says so, with the words of the article where they differ."""
    name = told.names.get(speaker.iri, speaker.text)
    return name if speaker.text == name else f"{name} ({speaker.text!r})"


def _write_entity(entity: Entity) -> Iterator[str]:
    yield _clean(f"{entity.name} is a {entity.type}, {entity.iri}")
    for link in entity.links:
        yield _clean(f"  linked to {link.target} by {link.rule}, score {link.score:.2f}")


def _name(fact: Fact, told: Explanation) -> str:
    if isinstance(fact.object, str):
        object_ = told.names.get(fact.object, fact.object)
    else:
        object_ = f"{fact.object.value} {fact.object.currency}".strip()
    return _clean(f"{told.names.get(fact.subject, fact.subject)} {fact.predicate} {object_}")


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
