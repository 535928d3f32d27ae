"""Three short articles with what stands in them, built into a store by the real build."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from kg.build import Extractor, build_articles
from kg.model import (
    Article,
    Cluster,
    Evidence,
    Extraction,
    Literal,
    Mention,
    Modality,
    Relation,
    Span,
)
from kg.ontology import load_ontology
from kg.store import Store, open_store

CLASSES = {
    "Calder Freight": "Company",
    "Northwind Lines": "Company",
    "Mossbrook": "Company",
    "Kite Maps": "Product",
    "Portugal": "Country",
    "Ireland": "Country",
    "Ines Duarte": "Person",
    "Tom Hale": "Person",
    "Ola Brandt": "Person",
    "Pia Lund": "Person",
    "Zenith Choir": "Organization",
}

TEXTS = {
    "harbour": "Calder Freight moved early this year. On Monday Calder Freight signed a "
    "partnership with Northwind Lines, its old rival from Portugal. Nobody was surprised. "
    "Ines Duarte, who leads Northwind Lines, called it a marriage of reason.",
    "ledger": "Mossbrook, a grocer from Ireland, is a customer of Calder Freight. Calder "
    "Freight was founded by Tom Hale in Ireland. Kite Maps, an app made by Mossbrook, is "
    "blocked in Portugal.",
    "inland": "The pact between Calder Freight and Northwind Lines still holds. Northwind "
    "Lines earned $40 million last year. Ola Brandt was once an officer of Mossbrook. Pia "
    "Lund is a member of the Zenith Choir.",
}

METADATA = {
    "harbour": ("Two shippers join hands", date(2021, 3, 4), "Harbour Wire"),
    "ledger": ("Shops that ship", date(2022, 6, 20), "Morning Ledger"),
    "inland": ("A long engagement", date(2023, 11, 2), "Inland Courier"),
}

# Article, subject, predicate, object, number of the sentence, confidence.
STATED = [
    ("harbour", "Calder Freight", "partnerOf", "Northwind Lines", 1, 0.91),
    ("harbour", "Northwind Lines", "countryOf", "Portugal", 1, 0.84),
    ("harbour", "Ines Duarte", "chiefExecutiveOf", "Northwind Lines", 3, 0.77),
    ("ledger", "Mossbrook", "customerOf", "Calder Freight", 0, 0.66),
    ("ledger", "Mossbrook", "countryOf", "Ireland", 0, 0.8),
    ("ledger", "Calder Freight", "foundedBy", "Tom Hale", 1, 0.95),
    ("ledger", "Kite Maps", "productOf", "Mossbrook", 2, 0.88),
    ("ledger", "Kite Maps", "blockedIn", "Portugal", 2, 0.9),
    ("inland", "Calder Freight", "partnerOf", "Northwind Lines", 0, 0.97),
    (
        "inland",
        "Northwind Lines",
        "revenue",
        Literal("40000000", "money", "USD", "$40 million"),
        1,
        0.7,
    ),
    ("inland", "Ola Brandt", "worksFor", "Mossbrook", 2, 0.72),
    ("inland", "Pia Lund", "memberOf", "Zenith Choir", 3, 0.85),
]
FORMER = {"Ola Brandt"}


def make_articles() -> list[Article]:
    return [
        Article(
            id=id_,
            text=text,
            checksum=f"checksum of {id_}",
            title=METADATA[id_][0],
            url=f"https://news.example/{id_}",
            published=METADATA[id_][1],
            publisher=METADATA[id_][2],
        )
        for id_, text in TEXTS.items()
    ]


def build_store(folder: Path) -> Store:
    """Return a store in the folder that holds the three articles."""
    store = open_store(folder)
    extractor = Extractor(extract=_extract, version="sample 1")
    build_articles(make_articles(), store=store, extractor=extractor, ontology=load_ontology())
    return store


def _extract(articles: Iterable[Article]) -> Iterator[Extraction]:
    for article in articles:
        names = [name for name in CLASSES if name in article.text]
        clusters = tuple(_find_mentions(article.text, name) for name in names)
        relations = tuple(
            _relate(article, names, *stated) for id_, *stated in STATED if id_ == article.id
        )
        yield Extraction(
            article=article.id,
            checksum=article.checksum,
            extractor="sample 1",
            clusters=clusters,
            relations=relations,
        )


def _find_mentions(text: str, name: str) -> Cluster:
    found = [Span(*match.span()) for match in re.finditer(re.escape(name), text)]
    type_ = CLASSES[name]
    return Cluster(name, type_, tuple(Mention(span, name, type_, 0.9) for span in found))


def _relate(
    article: Article,
    names: list[str],
    subject: str,
    predicate: str,
    object_: str | Literal,
    sentence: int,
    confidence: float,
) -> Relation:
    sentences = [Span(*m.span()) for m in re.finditer(r"[^.]+\.", article.text)]
    start, end = sentences[sentence].start, sentences[sentence].end
    start += len(article.text[start:end]) - len(article.text[start:end].lstrip())
    evidence = Evidence(
        article=article.id,
        span=Span(start, end),
        quote=article.text[start:end],
        extractor="sample 1",
        confidence=confidence,
        modality=Modality.FORMER if subject in FORMER else Modality.ASSERTED,
    )
    target = names.index(object_) if isinstance(object_, str) else object_
    return Relation(names.index(subject), predicate, target, (evidence,))
