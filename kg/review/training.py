"""Writes reviewed articles as training data, laid out as the bundled corpus is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kg.build.register import Register
from kg.decisions import Review
from kg.errors import UsageError
from kg.files import save
from kg.model import Article, Entity, Evidence, Fact, Literal, Modality, Span
from kg.ontology import Ontology
from kg.resolve import normalize
from kg.store import Store

__all__ = ["write_training"]


def write_training(
    store: Store, folder: Path, *, ontology: Ontology | None = None
) -> tuple[str, ...]:
    """Write each article with a reviewed fact, as it reads now, and return their ids, sorted.

    `articles/ID.txt` is the text, `gold/ID.json` what it says: the facts that reviewers
    accepted, added or put right and those that they did not judge, without what they
    rejected. ID is the last part of the article's IRI. Raises UsageError where no fact is
    reviewed.
    """
    register = Register(store, ontology=ontology)
    reviewed = {
        d.about.statement.article for d in register.decisions if isinstance(d.about, Review)
    }
    chosen = sorted(reviewed & register.articles.keys())
    if not chosen:
        raise UsageError("no fact of the store's articles is reviewed: `kg review apply` does it")
    for name in ("articles", "gold"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    writing = _Writing(register)
    contents: dict[Path, bytes] = {}
    for id_ in chosen:
        name = register.minter.article(id_).rpartition("/")[2]
        record = json.dumps(writing.describe(id_, name), indent=1, ensure_ascii=False)
        contents[folder / "articles" / f"{name}.txt"] = register.articles[id_].text.encode()
        contents[folder / "gold" / f"{name}.json"] = f"{record}\n".encode()
    save(contents)
    return tuple(chosen)


class _Writing:
    """What a store's articles come to, by article."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._extractions = {e.article: e for e in register.extractions}
        self._stated: dict[str, list[tuple[Fact, Evidence]]] = {}
        self._named: dict[str, list[tuple[Entity, int]]] = {}
        for fact in register.resolution.facts:
            for evidence in fact.evidence:
                self._stated.setdefault(evidence.article, []).append((fact, evidence))
        for entity in register.resolution.entities:
            for article, number in entity.members:
                self._named.setdefault(article, []).append((entity, number))

    def describe(self, id_: str, name: str) -> dict[str, Any]:
        """Return the gold of an article."""
        article = self._register.articles[id_]
        ids: dict[str, str] = {}
        entities: list[dict[str, Any]] = []
        for entity, number in sorted(self._named.get(id_, ()), key=lambda pair: pair[1]):
            if entity.iri not in ids:
                ids[entity.iri] = f"e{len(ids) + 1}"
                told = {"id": ids[entity.iri], "name": entity.name, "type": entity.type}
                entities.append(told | {"aliases": []})
            aliases = self._extractions[id_].clusters[number].aliases
            known = entities[int(ids[entity.iri][1:]) - 1]["aliases"]
            known += [alias for alias in aliases if alias not in known]
        return {
            "id": name,
            "title": article.title,
            "published": article.published.isoformat() if article.published else None,
            "source": id_,
            "split": "train",
            "entities": entities,
            "facts": list(self._list_facts(article, ids)),
        }

    def _list_facts(self, article: Article, ids: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Yield the facts that an article states, each with the sentence that says it best."""
        words = self._find_words(article)
        best: dict[str, tuple[Fact, Evidence]] = {}
        for fact, evidence in self._stated.get(article.id, ()):
            known = best.setdefault(fact.iri, (fact, evidence))
            if known[1].confidence < evidence.confidence:
                best[fact.iri] = fact, evidence
        for fact, evidence in sorted(best.values(), key=lambda pair: (pair[1].span, pair[0].iri)):
            object_ = fact.object
            if isinstance(object_, Literal):
                end = words.get((evidence.span, object_), "")
            else:
                end = ids.get(object_, "")
            if end and fact.subject in ids and evidence.modality is not Modality.DENIED:
                is_plain = evidence.modality is Modality.ASSERTED
                yield {
                    "s": ids[fact.subject],
                    "p": fact.predicate,
                    "o": end,
                    "evidence": evidence.quote,
                    "start": evidence.span.start,
                    "end": evidence.span.end,
                    "qualifier": "" if is_plain else evidence.modality.value,
                }

    def _find_words(self, article: Article) -> dict[tuple[Span, Literal], str]:
        """Return the words of each value, by the sentence that states it."""
        return {
            (evidence.span, normalize(relation.object)): relation.object.text
            for relation in self._extractions[article.id].relations
            if isinstance(relation.object, Literal) and relation.object.text
            for evidence in relation.evidence
        }
