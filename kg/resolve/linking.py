"""Gives entities the links to other data sets that services gave for their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from kg.model import Entity
from kg.resolve.deciding import Attachment

__all__ = ["attach_links"]


def attach_links(
    entities: Iterable[Entity], attachments: Iterable[Attachment]
) -> tuple[Entity, ...]:
    """Return the entities, in their order, with links for those that have none.

    Of several links of one entity the first counts. A node that two entities would be linked
    to is linked to neither: by `owl:sameAs` they would be one.
    """
    entities = tuple(entities)
    home = {member: number for number, e in enumerate(entities) for member in e.members}
    given: dict[int, Attachment] = {}
    for attachment in attachments:
        held = Counter(home[member] for member in attachment.members if member in home)
        number = min(held, key=lambda n: (-held[n], n), default=-1)
        if number >= 0 and not entities[number].links:
            given.setdefault(number, attachment)
    used = Counter(link.target for entity in entities for link in entity.links)
    used.update(attachment.link.target for attachment in given.values())
    return tuple(
        replace(entity, links=(given[number].link,))
        if number in given and used[given[number].link.target] == 1
        else entity
        for number, entity in enumerate(entities)
    )
