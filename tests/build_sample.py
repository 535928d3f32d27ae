"""Articles whose every sentence states one fact in a set form, and an extractor that reads it.

    Company Halden Oy partnerOf Company Orvane.
    denied Company Halden Oy partnerOf Company Orvane.
    Company Halden Oy foundedOn gYear 1987.

Run as a script it builds such articles into the store in a folder, see `main`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import sys
from collections.abc import Iterable, Iterator
from datetime import date

from pyoxigraph import Quad

from kg.build import BuildReport, Extractor, build_articles, building
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
from kg.store import MEMORY, Store, open_store

ONTOLOGY = load_ontology()
READER = "set-form 1"

_SENTENCE = re.compile(
    r"(?:(?P<modality>former|announced|denied) )?(?P<type>[A-Z]\w+) (?P<subject>[^.]+?) "
    rf"(?P<predicate>{'|'.join(ONTOLOGY.predicates)}) (?P<kind>\w+) (?P<object>[^.]+)\."
)

# Names that meet in several articles, in several spellings, of several classes.
SENTENCES = (
    "Company Halden Oy partnerOf Company Orvane.",
    "Company Orvane partnerOf Company Halden.",
    "Company Orvane Inc partnerOf Company Quillon.",
    "denied Company Quillon partnerOf Company Orvane.",
    "former Company Quillon customerOf Company Halden Oy.",
    "Person Aino Rautio chiefExecutiveOf Company Halden Oy.",
    "Person Rautio worksFor Organization Orvane.",
    "Company Orvane headquarteredIn City Tampere.",
    "Company Orvane countryOf Country Finland.",
    "Company Halden Oy foundedOn gYear 1987.",
    "Company Halden revenue money 1500000 EUR.",
    "Company Halden revenue money 1500000 USD.",
    "Company Quillon blockedIn Country China.",
    "Country China blockedIn Company Quillon.",
    "Company Orvane supplierOf Company Quillon.",
    "announced Company Quillon acquired Company Orvane.",
    "Product Lumo productOf Company Quillon.",
    "Person Aino Rautio nationality Country Finland.",
)


def make_article(id_: str, text: str, *, title: str = "") -> Article:
    """Return an article published on a day that its id tells."""
    digest = hashlib.sha256(f"{id_}\n{text}\n{title}".encode()).hexdigest()
    published = date(2020, 1 + int(digest[:2], 16) % 12, 1 + int(digest[2:4], 16) % 28)
    return Article(
        id=id_, text=text, checksum=digest, title=title, published=published, publisher="Wire"
    )


def make_articles(count: int) -> list[Article]:
    """Return articles of three sentences each, no two alike."""
    size = len(SENTENCES)
    return [
        make_article(
            f"a{n}",
            " ".join(
                (SENTENCES[n % size], SENTENCES[(n * 5 + 3) % size], SENTENCES[n // size % size])
            ),
            title=f"Report {n}",
        )
        for n in range(count)
    ]


def extract(articles: Iterable[Article]) -> Iterator[Extraction]:
    """Yield what the sentences state."""
    return map(_read, articles)


EXTRACTOR = Extractor(extract=extract, version="1")


def build(store: Store, articles: Iterable[Article], **options: object) -> BuildReport:
    """Build with the sample's extractor and the bundled ontology."""
    options = {"extractor": EXTRACTOR, "ontology": ONTOLOGY} | options
    return build_articles(articles, store=store, **options)


def build_afresh(articles: Iterable[Article]) -> set[Quad]:
    """Return the quads of a store that holds these articles and has held no others."""
    with open_store(MEMORY) as store:
        build(store, articles)
        return set(store.quads())


def _read(article: Article) -> Extraction:
    mentions: dict[tuple[str, str], list[Mention]] = {}
    relations, quarantined = [], []
    for found in _SENTENCE.finditer(article.text):
        subject = _note(mentions, found, "type", "subject")
        datatype = ONTOLOGY.predicates[found["predicate"]].datatype
        object_ = _value(found) if datatype else _note(mentions, found, "kind", "object")
        relation = Relation(subject, found["predicate"], object_, (_evidence(article, found),))
        if found["subject"] == "Orvane Inc":
            quarantined.append((relation, "below the threshold"))
        else:
            relations.append(relation)
    clusters = tuple(Cluster(name, type_, tuple(m)) for (type_, name), m in mentions.items())
    return Extraction(
        article=article.id,
        checksum=article.checksum,
        extractor="1",
        clusters=clusters,
        relations=tuple(relations),
        quarantined=tuple(quarantined),
    )


def _note(
    mentions: dict[tuple[str, str], list[Mention]], found: re.Match[str], type_: str, name: str
) -> int:
    """Return the number of the cluster that is named, with one mention more."""
    key = found[type_], found[name]
    mentions.setdefault(key, []).append(Mention(Span(*found.span(name)), found[name], key[0]))
    return list(mentions).index(key)


def _value(found: re.Match[str]) -> Literal:
    value, _, currency = found["object"].partition(" ")
    return Literal(value, found["kind"], currency, text=found["object"])


def _evidence(article: Article, found: re.Match[str]) -> Evidence:
    confidence = 0.5 + len(found[0]) % 7 / 20
    modality = Modality(found["modality"] or "asserted")
    return Evidence(article.id, Span(*found.span()), found[0], READER, confidence, modality)


def tell(*words: object) -> None:
    """Write a line in one piece, whatever kills this process and however it is buffered."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def serve() -> None:
    """Build in a child process for each line of standard input: folder, batch, articles.

    Writes the child's process id, a line for each of its steps, and `ended`. Nothing is
    imported again for a child, so that many can be started and killed in a short time.
    """
    for line in sys.stdin:
        folder, batch, told = json.loads(line)
        child = os.fork()
        if child == 0:
            building._BATCH = batch
            with open_store(folder) as store:
                articles = [make_article(id_, text, title=title) for id_, text, title in told]
                build(store, articles, on_progress=lambda step: tell(step.outcome))
            os._exit(0)
        tell(child)
        os.waitpid(child, 0)
        tell("ended")


def main(folder: str, batch: str = "200", limit: str = "") -> None:
    """Build the articles told on standard input, as JSON, into the store in a folder.

    Writes one line when the build is about to begin, and one for each step. `batch` is
    how many articles a transaction has at least, `limit` how many bytes a file of this process
    may grow to.
    """
    told = json.load(sys.stdin)
    building._BATCH = int(batch)
    with open_store(folder) as store:
        tell("ready")
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
        articles = [make_article(id_, text, title=title) for id_, text, title in told]
        build(store, articles, on_progress=lambda step: tell(step.outcome))


if __name__ == "__main__":
    if sys.argv[1:]:
        main(*sys.argv[1:])
    else:
        serve()
