"""Brings an index to a changed set of articles, and tells which quads that changes.

What comes out is what resolving all articles again would give: only the zones in which names
of the changed articles meet others are resolved, and only the facts that are stated
otherwise, or of other entities, are made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Quad

from kg.build.index.stating import Part, Stating
from kg.build.index.tables import Index
from kg.build.index.zoning import TooWide, Zoning
from kg.cache import Kept
from kg.grounding import Fault, ground
from kg.model import Entity
from kg.rdf import Describer

__all__ = ["Advance", "advance"]

# Where more articles than one in so many are touched, all are better resolved anew.
_SHARE = 10


@dataclass(frozen=True, slots=True)
class Advance:
    """The quads that a change removes and adds, apart from those that tell of the data set.

    `entities` and `facts` are how many there are more, or fewer. `faults` counts, by article,
    what was read from the new ones and does not stand in their texts.
    """

    removed: set[Quad]
    added: set[Quad]
    entities: int
    facts: int
    faults: Mapping[str, Mapping[Fault, int]]


def advance(
    index: Index,
    new: Mapping[str, Kept],
    gone: Mapping[str, Kept],
    *,
    read: Callable[[str], Kept],
    count: int,
    describer: Describer,
) -> Advance:
    """Change an index to hold the articles of `new` and none of `gone`, each by its id.

    `read` gives what was read from any other of the `count` articles. Raises TooWide where
    the change touches most of them.
    """
    if not index.tell("is_whole"):
        raise TooWide("what people decided, or what breaks a shape, was resolved as a whole")
    grounded = {id_: ground(kept.extraction, kept.article) for id_, kept in new.items()}
    zoning = Zoning(index, describer)
    zoning.change(
        gone,
        [kept.article for kept in new.values()],
        [told.extraction for told in grounded.values()],
    )
    moved = zoning.moved - new.keys()
    if len(moved) * _SHARE > count:
        raise TooWide("most articles name what became something else")
    others = {id_: read(id_) for id_ in moved}
    stating = Stating(index, describer, lambda id_: (new.get(id_) or read(id_)).article)
    stating.change(
        gone.keys() - new.keys(),
        [
            *(told.extraction for told in grounded.values()),
            *(ground(kept.extraction, kept.article).extraction for kept in others.values()),
        ],
    )
    came, went = zoning.after.keys() - zoning.before, zoning.before.keys() - zoning.after
    before = {*_describe(gone, zoning.before, stating.before, stating.lost_sources, describer)}
    after = {*_describe(new, zoning.after, stating.after, stating.new_sources, describer)}
    return Advance(
        removed=before - after,
        added=after - before,
        entities=len(came) - len(went),
        facts=stating.grown,
        faults={id_: told.faults for id_, told in grounded.items() if told.faults},
    )


def _describe(
    articles: Mapping[str, Kept],
    entities: Mapping[str, Entity],
    facts: Mapping[str, Part],
    sources: Iterable[str],
    describer: Describer,
) -> Iterator[Quad]:
    """Yield the quads of some parts of a graph."""
    for kept in articles.values():
        yield from describer.describe_article(kept.article, extraction=kept.key)
    for entity in entities.values():
        yield from describer.describe_entity(entity)
    for part in facts.values():
        if part.fact is not None:
            yield from describer.describe_fact(part.fact)
        if part.held is not None:
            yield from describer.describe_quarantined(
                part.held.fact, part.held.reasons, part.held.breaches
            )
    for name in sources:
        yield from describer.describe_extractor(name)
