"""Namespaces and the minting of IRIs: the only place where an IRI is spelt.

IRIs are made from what they name and from nothing else, so that the same articles give
the same bytes (docs/decisions/0002-iri-minting.md).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin

__all__ = [
    "BASE_IRI",
    "DCAT",
    "DCTERMS",
    "FOAF",
    "FORMATS",
    "GEONAMES",
    "KG",
    "NANOPUB",
    "OA",
    "ORG",
    "OWL",
    "PREFIXES",
    "PROV",
    "RDF",
    "RDFS",
    "SCHEMA",
    "SD",
    "SH",
    "SKOS",
    "VOID",
    "WIKIDATA",
    "WIKIDATA_PROPERTY",
    "XSD",
    "Minter",
    "find_date_type",
    "fold",
    "skolemize",
]

KG = "https://w3id.org/kg-builder/ns#"
BASE_IRI = "https://w3id.org/kg-builder/id/"

DCAT = "http://www.w3.org/ns/dcat#"
DCTERMS = "http://purl.org/dc/terms/"
FOAF = "http://xmlns.com/foaf/0.1/"
FORMATS = "http://www.w3.org/ns/formats/"
GEONAMES = "https://sws.geonames.org/"
NANOPUB = "http://www.nanopub.org/nschema#"
OA = "http://www.w3.org/ns/oa#"
ORG = "http://www.w3.org/ns/org#"
OWL = "http://www.w3.org/2002/07/owl#"
PROV = "http://www.w3.org/ns/prov#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SCHEMA = "https://schema.org/"
SD = "http://www.w3.org/ns/sparql-service-description#"
SH = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
VOID = "http://rdfs.org/ns/void#"
WIKIDATA = "http://www.wikidata.org/entity/"
WIKIDATA_PROPERTY = "http://www.wikidata.org/prop/direct/"
XSD = "http://www.w3.org/2001/XMLSchema#"

PREFIXES: dict[str, str] = {
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "foaf": FOAF,
    "kg": KG,
    "oa": OA,
    "org": ORG,
    "owl": OWL,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "sh": SH,
    "skos": SKOS,
    "void": VOID,
    "wd": WIKIDATA,
    "wdt": WIKIDATA_PROPERTY,
    "xsd": XSD,
}


def fold(name: str) -> str:
    """Return the name without case, accents, punctuation and runs of space.

    Two surface forms with one folded form are spellings of one name.
    """
    if not name.isascii():
        decomposed = unicodedata.normalize("NFKD", name)
        name = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w&+]+", " ", name.casefold()).split())


def find_date_type(text: str) -> str:
    """Return `date`, `gYearMonth` or `gYear` for the lexical form of a date, else `""`."""
    if not re.fullmatch(r"\d{4}(-\d{2}){0,2}", text, re.ASCII):
        return ""
    try:
        date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return ""
    return {4: "gYear", 7: "gYearMonth", 10: "date"}[len(text)]


def skolemize(address: str, label: str) -> str:
    """Return the IRI that stands for a blank node, on the host of an address.

    Whoever knows RDF 1.1 Concepts, section 3.5, sees that it was a blank node.
    """
    return urljoin(address, f"/.well-known/genid/{label}")


def _digest(*parts: str) -> str:
    """Return 16 hexadecimal digits that stand for the parts, in order."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def _slug(name: str) -> str:
    """Return an ASCII form of the name that reads well inside an IRI, often lossy."""
    ascii_name = fold(name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:48].strip("-")


@dataclass(frozen=True, slots=True)
class Minter:
    """Mints every IRI below one base, which ends in `/` or `#`."""

    base: str = BASE_IRI

    def entity(self, type_: str, key: str, name: str) -> str:
        """Return the IRI of the entity that `type_` and `key` tell apart; `name` reads."""
        return f"{self.base}entity/{_slug(name) or 'x'}-{_digest(type_, key)}"

    def article(self, article_id: str) -> str:
        """Return the IRI of an article, which is also the name of its graph."""
        return f"{self.base}article/{_slug(article_id) or 'x'}-{_digest(article_id)}"

    def fact(self, subject: str, predicate: str, object_: str) -> str:
        """Return the IRI of the fact node for three terms in N-Triples form."""
        return f"{self.base}fact/{_digest(subject, predicate, object_)}"

    def evidence(self, article: str, fact: str, start: int, end: int, extractor: str) -> str:
        """Return the IRI of one evidence, a fragment of its article's IRI."""
        return f"{article}#{_digest(fact, str(start), str(end), extractor)}"

    def extractor(self, name: str) -> str:
        """Return the IRI of the model or pattern that read an evidence."""
        return f"{self.base}extractor/{_slug(name) or 'x'}-{_digest(name)}"

    def link(self, entity: str, target: str) -> str:
        """Return the IRI of the tie between an entity and a node of another data set."""
        return f"{self.base}link/{_digest(entity, target)}"

    def report(self, fact: str) -> str:
        """Return the IRI of the report on the shapes that a statement breaks."""
        return f"{self.base}report/{_digest(fact)}"

    def decision(self, number: int, by: str, at: str) -> str:
        """Return the IRI of what somebody decided at some time."""
        return f"{self.base}decision/{_digest(str(number), by, at)}"

    def agent(self, name: str) -> str:
        """Return the IRI of somebody who decides."""
        return f"{self.base}agent/{_slug(name) or 'x'}-{_digest(name)}"

    def nanopublication(self, thing: str) -> str:
        """Return the IRI of the nanopublication of a fact or an entity."""
        return f"{self.base}nanopublication/{_digest(thing)}"

    def publisher(self, name: str) -> str:
        """Return the IRI of who publishes articles under a name."""
        return f"{self.base}publisher/{_slug(name) or 'x'}-{_digest(name)}"

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that make files of this base readable."""
        kinds = (
            *("agent", "article", "decision", "entity", "extractor", "fact", "link"),
            *("nanopublication", "publisher", "report"),
        )
        return {kind: f"{self.base}{kind}/" for kind in kinds}

    @property
    def dataset(self) -> str:
        """The IRI of the data set itself."""
        return f"{self.base}dataset"

    @property
    def analysis(self) -> str:
        """The name of the graph that holds what `kg stats --graph --write` found."""
        return f"{self.base}graph/analysis"

    @property
    def decisions(self) -> str:
        """The name of the graph that holds what people decided."""
        return f"{self.base}graph/decisions"

    @property
    def quarantine(self) -> str:
        """The name of the graph that holds what was kept out."""
        return f"{self.base}graph/quarantine"
