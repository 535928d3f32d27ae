"""Attributes what articles say themselves to those who publish them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kg.model import Article, Evidence, Fact, Speaker
from kg.resolve import Resolution
from kg.vocab import Minter

__all__ = ["attribute"]


def attribute(
    resolution: Resolution, articles: Mapping[str, Article], minter: Minter
) -> Resolution:
    """Return the resolution with a speaker for all evidence of articles with a publisher.

    Evidence that the article puts into somebody's mouth stays as it is.
    """
    publishers = {
        id_: Speaker(article.publisher, iri=minter.publisher(article.publisher))
        for id_, article in articles.items()
        if article.publisher
    }

    def name(evidence: Evidence) -> Evidence:
        publisher = publishers.get(evidence.article)
        is_own = evidence.speaker is None and publisher is not None
        return replace(evidence, speaker=publisher) if is_own else evidence

    def read(fact: Fact) -> Fact:
        return replace(fact, evidence=tuple(map(name, fact.evidence)))

    return replace(
        resolution,
        facts=tuple(map(read, resolution.facts)),
        quarantined=tuple(replace(item, fact=read(item.fact)) for item in resolution.quarantined),
    )
