"""Stores to make pages of: the bundled gold facts, a small hostile one, a large made one."""

from __future__ import annotations

import json
import random
import re
from datetime import date

from kg.model import Article, Entity, Evidence, Fact, Link, Literal, Modality, Span
from kg.ontology import Ontology, load_ontology
from kg.rdf import Describer
from kg.resources import bundled
from kg.store import MEMORY, Store, open_store
from kg.vocab import WIKIDATA, Minter

MINTER = Minter()


def write_store(
    articles: list[Article], entities: list[Entity], facts: list[Fact], ontology: Ontology
) -> Store:
    """Return a store in memory that holds these, as a build would write them."""
    describer = Describer(ontology)
    store = open_store(MEMORY)
    quads = [q for a in articles for q in describer.describe_article(a, extraction="0")]
    quads += [q for e in entities for q in describer.describe_entity(e)]
    quads += [q for f in facts for q in describer.describe_fact(f)]
    for extractor in sorted({e.extractor for f in facts for e in f.evidence}):
        quads += describer.describe_extractor(extractor)
    store.apply(added=quads)
    return store


def make_article(
    id_: str, *, title: str, published: str = "", publisher: str = "", url: str = ""
) -> Article:
    return Article(
        id=id_,
        text="",
        checksum="0",
        title=title,
        url=url or f"https://news.example/{id_}",
        published=date.fromisoformat(published) if published else None,
        publisher=publisher,
    )


def make_entity(name: str, type_: str, aliases: tuple[str, ...] = (), link: str = "") -> Entity:
    links = (Link(target=WIKIDATA + link, rule="name"),) if link else ()
    return Entity(MINTER.entity(type_, name, name), name, type_, aliases=aliases, links=links)


def make_fact(
    subject: Entity,
    predicate: str,
    object_: Entity | Literal,
    *places: tuple[str, str],
    confidence: float = 0.9,
    modality: Modality = Modality.ASSERTED,
    valid_from: str = "",
    qualifiers: tuple[tuple[str, str], ...] = (),
) -> Fact:
    """Return a fact that the (article id, sentence) places state."""
    target = object_.iri if isinstance(object_, Entity) else object_
    spelled = object_.iri if isinstance(object_, Entity) else object_.value
    return Fact(
        iri=MINTER.fact(subject.iri, predicate, spelled),
        subject=subject.iri,
        predicate=predicate,
        object=target,
        evidence=tuple(
            Evidence(article, Span(0, len(quote)), quote, "sample 1", confidence, modality)
            for article, quote in places
        ),
        modality=modality,
        valid_from=valid_from,
        qualifiers=qualifiers,
    )


def corpus_store() -> Store:
    """Return the gold facts of the bundled corpus, entities merged by name and class."""
    ontology = load_ontology()
    publishers = ("Harbour Wire", "The Morning Ledger", "Tech Review Weekly", "Inland Courier")
    dice = random.Random(3)
    articles, entities, facts = [], {}, {}
    for path in sorted(bundled("corpus/gold").glob("*.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        published = gold.get("published") or "2022-01-01"
        articles.append(
            make_article(
                gold["id"],
                title=gold["title"],
                published=published[:10],
                publisher=dice.choice(publishers),
            )
        )
        local = {}
        for entry in gold["entities"]:
            key = (entry["name"], entry["type"])
            aliases = set(entry["aliases"]) - {entry["name"]}
            if key in entities:
                aliases |= set(entities[key].aliases)
            entities[key] = make_entity(*key, aliases=tuple(sorted(aliases)))
            local[entry["id"]] = key
        for entry in gold["facts"]:
            subject = entities[local[entry["s"]]]
            predicate = ontology.predicates[entry["p"]]
            if entry["o"] in local:
                object_ = entities[local[entry["o"]]]
            else:
                object_ = _literal(entry["o"], predicate.datatype)
            fact = make_fact(
                subject,
                entry["p"],
                object_,
                (gold["id"], entry["evidence"]),
                confidence=round(dice.betavariate(8, 2), 3),
            )
            facts.setdefault(fact.iri, fact)
    return write_store(articles, list(entities.values()), list(facts.values()), ontology)


HOSTILE = (
    "</script><script>window.broken = 1</script>",
    '<img src=x onerror="window.broken = 2">',
    '"><svg onload="window.broken = 3">',
    "javascript:window.broken = 4",
    "$data ${style} &amp; \\u003c <!--<script>",
    "safe\u202egnp.exe",
    '=HYPERLINK("https://evil.example","x")',
)


def hostile_store() -> Store:
    """Return a star of entities whose names, articles and links try to be more than text."""
    hub = make_entity("Plain Hub", "Company")
    names = [make_entity(name, "Organization", aliases=(name[::-1],)) for name in HOSTILE]
    links = (Link(target="javascript:window.broken=5", rule="name"),)
    names.append(Entity(MINTER.entity("Person", "x", "x"), "Linked", "Person", links=links))
    article = make_article(
        "hostile",
        title="<b onclick=window.broken=6>Title</b></title>",
        published="2024-02-03",
        publisher="<script>window.broken = 7</script>",
        url="javascript:window.broken=8",
    )
    facts = [
        make_fact(
            hub, "partnerOf", entity, ("hostile", f"Plain Hub and {entity.name} <i>agree</i>.")
        )
        for entity in names
    ]
    return write_store([article], [hub, *names], facts, load_ontology())


def _literal(text: str, datatype: str) -> Literal:
    number = re.search(r"\d[\d.,]*", text)
    digits = number[0].strip(".,").replace(",", "") if number else "0"
    if datatype == "date":
        year = re.search(r"\d{4}", text)
        return Literal(year[0] if year else "2000", "gYear", text=text)
    if datatype == "money":
        return Literal(digits, "money", currency="USD", text=text)
    return Literal(digits.split(".")[0], "integer", text=text)


def large_store(count: int, facts_per_node: float = 3.0) -> Store:
    """Return a made graph of communities with hubs, of so many entities."""
    dice = random.Random(count)
    ontology = load_ontology()
    days = [date(2015 + i // 12 % 9, i % 12 + 1, 1 + i % 28).isoformat() for i in range(400)]
    articles = [
        make_article(
            f"a{i}", title=f"Report {i}", published=days[i % 400], publisher=f"Paper {i % 9}"
        )
        for i in range(max(4, count // 20))
    ]
    kinds = ("Company", "Company", "Company", "Person", "Person", "Country", "City", "Product")
    entities = [
        make_entity(f"{_word(dice)} {_word(dice)} {i}", dice.choice(kinds)) for i in range(count)
    ]
    groups = max(3, round(count**0.5 / 2))
    members: list[list[int]] = [[] for _ in range(groups)]
    for i in range(count):
        members[
            min(int(dice.paretovariate(1.1)) - 1, groups - 1)
            if dice.random() < 0.3
            else dice.randrange(groups)
        ].append(i)
    group_of = {i: group for group in members for i in group}
    facts = {}
    while len(facts) < count * facts_per_node:
        a = dice.randrange(count)
        near = group_of[a] if dice.random() < 0.9 else range(count)
        b = near[min(int(len(near) * dice.random() ** 2.2), len(near) - 1)]
        if a == b:
            continue
        predicate = dice.choice(("partnerOf", "investorIn", "operatesIn", "worksFor", "productOf"))
        article = dice.choice(articles).id
        sentence = (
            f"In a statement, {entities[a].name} named {entities[b].name} as a part of its plans."
        )
        fact = make_fact(
            entities[a],
            predicate,
            entities[b],
            (article, sentence),
            confidence=round(dice.betavariate(8, 2), 3),
        )
        facts.setdefault(fact.iri, fact)
    return write_store(articles, entities, list(facts.values()), ontology)


def _word(dice: random.Random) -> str:
    syllables = (
        "ba",
        "cor",
        "del",
        "fin",
        "gra",
        "hol",
        "ker",
        "lum",
        "mar",
        "nor",
        "pel",
        "ros",
        "sta",
        "tor",
        "ven",
    )
    return "".join(dice.choice(syllables) for _ in range(dice.choice((2, 2, 3)))).capitalize()
