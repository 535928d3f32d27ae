"""Holds what was read from an article to the article's own words.

grounded = ground(extraction, article)
grounded.extraction     what stands in the text, whoever read it
grounded.faults         what does not, and so was left out, counted by kind

Every extraction passes here, on its way into a store and on its way out as records: that of
the shipped model, of patterns, and of any extractor of the user's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import isfinite

from kg.gazetteer import find_country
from kg.model import Article, Cluster, Evidence, Extraction, Literal, Relation, Span

__all__ = ["Fault", "Grounded", "ground", "is_quoted"]

_UNGROUNDED_VALUE = "the words of the value do not stand in the article"


class Fault(StrEnum):
    """What an extraction holds that the article does not."""

    MENTION = "mentions that are not in the text"
    NAME = "names that no mention bears"
    EVIDENCE = "quotes that are not in the text"
    CONFIDENCE = "quotes with a confidence that is no number"
    RELATION = "statements without words of the text"


@dataclass(frozen=True, slots=True)
class Grounded:
    """What is left of an extraction, and how often each fault was found in it."""

    extraction: Extraction
    faults: Mapping[Fault, int] = field(default_factory=dict)


def ground(extraction: Extraction, article: Article) -> Grounded:
    """Return the extraction without what the article does not say.

    A mention stays where its text is what stands at its span, a cluster where a named
    mention stays, under a name that one of them bears, and an evidence where its quote is
    what stands at its span. A cue stays among
    the words of its evidence. A relation stays between clusters that stay, with the evidence
    that stays; without any it is left out. One with a value whose words do not stand in the
    article is quarantined. Grounding again changes nothing.
    """
    faults: Counter[Fault] = Counter()
    clusters = [_ground_cluster(cluster, article, faults) for cluster in extraction.clusters]
    stay = [number for number, cluster in enumerate(clusters) if cluster is not None]
    numbers = {number: place for place, number in enumerate(stay)}
    kept: list[Relation] = []
    held: list[tuple[Relation, str]] = []
    for relation, reason in _relations(extraction):
        grounded = _ground_relation(relation, article, numbers, faults)
        if grounded is not None:
            why = reason or _find_fault(grounded, article)
            if why:
                held.append((grounded, why))
            else:
                kept.append(grounded)
    return Grounded(
        replace(
            extraction,
            clusters=tuple(cluster for cluster in clusters if cluster is not None),
            relations=tuple(kept),
            quarantined=tuple(held),
        ),
        +faults,
    )


def is_quoted(text: str, span: Span, article: Article) -> bool:
    """Say whether a text, not blank, is what stands at a span of the article."""
    inside = 0 <= span.start < span.end <= len(article.text)
    return inside and article.text[span.start : span.end] == text and not text.isspace()


def _relations(extraction: Extraction) -> Iterator[tuple[Relation, str]]:
    """Yield the relations that were read, and those kept out with the reason."""
    yield from ((relation, "") for relation in extraction.relations)
    yield from extraction.quarantined


def _ground_cluster(cluster: Cluster, article: Article, faults: Counter[Fault]) -> Cluster | None:
    mentions = tuple(m for m in cluster.mentions if is_quoted(m.text, m.span, article))
    faults[Fault.MENTION] += len(cluster.mentions) - len(mentions)
    names = [mention.text for mention in mentions if mention.named]
    if not names:
        return None
    name = cluster.name
    if name not in names and not _is_country(name, names):
        faults[Fault.NAME] += 1
        name = max(names, key=lambda text: (len(text.split()), len(text), text))
    return replace(cluster, name=name, mentions=mentions)


def _is_country(name: str, mentions: Iterable[str]) -> bool:
    """Say whether a name is that of a country which one of the mentions names."""
    found = (find_country(mention) for mention in mentions)
    return any(country is not None and country.name == name for country in found)


def _ground_relation(
    relation: Relation, article: Article, numbers: Mapping[int, int], faults: Counter[Fault]
) -> Relation | None:
    """Return the relation between the clusters by their new numbers, with its true evidence."""
    quoted = [e for e in relation.evidence if _is_true(e, article)]
    evidence = tuple(_ground_cue(e) for e in quoted if isfinite(e.confidence))
    faults[Fault.EVIDENCE] += len(relation.evidence) - len(quoted)
    faults[Fault.CONFIDENCE] += len(quoted) - len(evidence)
    subject = numbers.get(relation.subject)
    object_ = relation.object
    if not isinstance(object_, Literal):
        object_ = numbers.get(object_, -1)
    if subject is None or object_ == -1 or not evidence:
        faults[Fault.RELATION] += 1
        return None
    return replace(relation, subject=subject, object=object_, evidence=evidence)


def _is_true(evidence: Evidence, article: Article) -> bool:
    """Say whether an evidence quotes this article."""
    return evidence.article == article.id and is_quoted(evidence.quote, evidence.span, article)


def _ground_cue(evidence: Evidence) -> Evidence:
    """Return the evidence without a cue that is none of its words."""
    cue = evidence.cue
    stands = cue is None or (cue in evidence.span and evidence.cue_text.strip() != "")
    return evidence if stands else replace(evidence, cue=None)


def _find_fault(relation: Relation, article: Article) -> str:
    """Return why a relation with words of the text is to be quarantined, or nothing."""
    object_ = relation.object
    if isinstance(object_, Literal) and not (object_.text and object_.text in article.text):
        return _UNGROUNDED_VALUE
    return ""
