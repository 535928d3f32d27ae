"""Asks a reconciliation service for the entities of a store that have no link."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from kg.articles import Policy
from kg.build.register import Register, write_time
from kg.decisions import Decision, Linking, Verdict
from kg.errors import SourceError
from kg.model import Entity
from kg.ontology import Ontology
from kg.reconciliation import Answers, Choice, Client, Query, choose
from kg.resolve import Designator
from kg.store import Store

__all__ = ["ReconcileReport", "reconcile"]

_LONGEST = 150


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """How many entities had no link, for how many the service was asked, and what was taken.

    `fault` is what ended the asking before all were asked for, if anything did.
    """

    unlinked: int
    asked: int
    linked: tuple[Decision, ...]
    fault: SourceError | None = None


def reconcile(
    store: Store,
    service: str,
    *,
    ontology: Ontology | None = None,
    allowed_hosts: frozenset[str] = frozenset(),
    timeout: float = 30.0,
    at: date | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> ReconcileReport:
    """Link entities without a link to what a service knows under their names.

    Names and classes are sent, and nothing else; answers are kept beside the store. What is
    taken becomes decisions by the service, which stay whatever is built and can be undone.
    A name that several entities of a class bear is asked for none of them. `allowed_hosts` are
    asked although they are on a private network. What fails is in the report.
    """
    register = Register(store, ontology=ontology)
    entities = {e: Query(e.name, e.type) for e in register.resolution.entities if not e.links}
    known = {replace(d, number=0, at="") for d in register.decisions}
    counted = Counter((entity.name, entity.type) for entity in register.resolution.entities)
    queries = sorted(
        {q for q in entities.values() if counted[q.name, q.type] == 1 and len(q.name) <= _LONGEST}
    )
    policy = Policy(allowed_hosts=allowed_hosts, timeout=timeout)
    client = Client(service, register.ontology, policy, pause)
    answers = Answers(store.beside / "answers" if store.beside is not None else None, service)
    asked, fault = _ask(client, answers, queries)
    found: dict[Query, Choice] = {}
    try:
        found = _choose(client, answers, queries)
    except SourceError as error:
        fault = fault or error
    designator = Designator(register.extractions, ontology=register.ontology)
    drafts = []
    for entity, query in sorted(entities.items(), key=lambda item: item[0].iri):
        if query in found:
            draft = _draft(entity, found[query], service, designator)
            if draft not in known:
                drafts.append(replace(draft, at=write_time(at)))
    made = register.decide(drafts) if drafts else ()
    return ReconcileReport(len(entities), asked, made, fault)


def _ask(
    client: Client, answers: Answers, queries: Sequence[Query]
) -> tuple[int, SourceError | None]:
    """Ask what has not been asked yet; return how much was, and what cut it off."""
    waiting = [query for query in queries if answers.get(query) is None]
    asked = 0
    try:
        while asked < len(waiting):
            batch = waiting[asked : asked + client.batch]
            answers.put(zip(batch, client.ask(batch), strict=True))
            asked += len(batch)
    except SourceError as error:
        return asked, error
    return asked, None


def _choose(client: Client, answers: Answers, queries: Sequence[Query]) -> dict[Query, Choice]:
    found = {}
    for query in queries:
        candidates = answers.get(query)
        if candidates:
            choice = choose(query, candidates, space=client.space, ontology=client.ontology)
            if choice is not None:
                found[query] = choice
    return found


def _draft(entity: Entity, choice: Choice, service: str, designator: Designator) -> Decision:
    return Decision(
        number=0,
        by=service,
        at="",
        about=Linking(
            verdict=Verdict.LINK,
            ones=designator.designate(entity.members),
            target=choice.target,
            rule=f"reconciled with {service}: {choice.rule}",
            score=choice.score,
        ),
    )
