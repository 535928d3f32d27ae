"""Says which entity of the gold each cluster that was read stands for.

Names decide: a cluster stands for an entity when the two share a folded surface form.
Of several such entities the one is taken whose class agrees, then the one with which the
cluster shares most mentions, then most forms. Several clusters may stand for one entity:
that they were not joined is a fault of coreference, and is counted there.
"""

from __future__ import annotations

from collections.abc import Mapping

from kg.evaluate.gold import GoldArticle, GoldEntity
from kg.model import Cluster, Literal, Span
from kg.ontology import Ontology
from kg.vocab import fold

__all__ = ["match_cluster", "match_literal"]


def match_cluster(
    cluster: Cluster,
    gold: GoldArticle,
    mentions: Mapping[Span, GoldEntity],
    *,
    ontology: Ontology,
) -> str | None:
    """Return the id of the entity that a cluster stands for, None where there is none."""
    forms = {fold(name) for name in (cluster.name, *cluster.aliases)}
    spans = [mentions.get(mention.span) for mention in cluster.mentions]

    def rank(entity: GoldEntity) -> tuple[bool, int, int, str]:
        agrees = ontology.is_a(cluster.type, entity.type) or ontology.is_a(
            entity.type, cluster.type
        )
        return agrees, spans.count(entity), len(forms & entity.forms), entity.id

    sharing = [entity for entity in gold.entities if forms & entity.forms]
    return max(sharing, key=rank).id if sharing else None


def match_literal(predicted: Literal, gold: Literal) -> bool:
    """Say whether two literals are one value, or at least the same words."""
    if gold.value and (predicted.value, predicted.currency) == (gold.value, gold.currency):
        return True
    return fold(predicted.text) == fold(gold.text)
