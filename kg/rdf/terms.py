"""The terms of the vocabularies that the graph uses, and literals."""

from __future__ import annotations

from functools import lru_cache

from pyoxigraph import Literal, NamedNode

from kg.model import Modality
from kg.vocab import (
    DCAT,
    DCTERMS,
    KG,
    OA,
    OWL,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SH,
    SKOS,
    VOID,
    XSD,
    find_date_type,
)

__all__ = [
    "MODALITIES",
    "NOT_QUALIFIERS",
    "T",
    "make_date",
    "make_decimal",
    "make_literal",
    "make_text",
    "node",
]


@lru_cache(maxsize=65536)
def node(iri: str) -> NamedNode:
    """Return the term for an IRI."""
    return NamedNode(iri)


class T:
    """The terms, by name."""

    ACTIVITY = node(f"{PROV}Activity")
    AGENT = node(f"{PROV}Agent")
    ALT_LABEL = node(f"{SKOS}altLabel")
    ANNOTATION = node(f"{OA}Annotation")
    ARTICLE = node(f"{SCHEMA}NewsArticle")
    ARTICLE_ID = node(f"{KG}articleId")
    ASSOCIATED_WITH = node(f"{PROV}wasAssociatedWith")
    ATTRIBUTED_TO = node(f"{PROV}wasAttributedTo")
    AUTHOR = node(f"{SCHEMA}author")
    CHECKSUM = node(f"{KG}checksum")
    CLASS_NAME = node(f"{KG}className")
    COMMENT = node(f"{RDFS}comment")
    CONFIDENCE = node(f"{KG}confidence")
    CONFORMS = node(f"{SH}conforms")
    CONFORMS_TO = node(f"{DCTERMS}conformsTo")
    CORRECTION = node(f"{KG}correction")
    CUE = node(f"{KG}cue")
    CURRENCY = node(f"{KG}currency")
    DATASET = node(f"{VOID}Dataset")
    DCAT_DATASET = node(f"{DCAT}Dataset")
    DATATYPE = node(f"{KG}datatype")
    DATE_PUBLISHED = node(f"{SCHEMA}datePublished")
    DECISION = node(f"{KG}Decision")
    DECISION_NUMBER = node(f"{KG}decisionNumber")
    DERIVED_FROM = node(f"{PROV}wasDerivedFrom")
    DESIGNATION = node(f"{KG}Designation")
    DOCUMENTS = node(f"{VOID}documents")
    END = node(f"{OA}end")
    ENDED_AT = node(f"{PROV}endedAtTime")
    ENTITIES = node(f"{VOID}entities")
    ENTITY = node(f"{KG}entity")
    EVIDENCE = node(f"{KG}Evidence")
    EXACT = node(f"{OA}exact")
    EXTRACTION = node(f"{KG}extraction")
    EXTRACTOR = node(f"{KG}Extractor")
    FACT = node(f"{KG}Fact")
    FACTS = node(f"{KG}factCount")
    FOCUS = node(f"{SH}focusNode")
    GENERATED_BY = node(f"{PROV}wasGeneratedBy")
    HAS_BODY = node(f"{OA}hasBody")
    HAS_EVIDENCE = node(f"{KG}evidence")
    HAS_RESULT = node(f"{SH}result")
    HAS_SELECTOR = node(f"{OA}hasSelector")
    HAS_SOURCE = node(f"{OA}hasSource")
    HAS_TARGET = node(f"{OA}hasTarget")
    HEADLINE = node(f"{SCHEMA}headline")
    IDENTIFIER = node(f"{DCTERMS}identifier")
    IS_EXACT = node(f"{KG}isExact")
    ISO_CODE = node(f"{KG}isoCode")
    LABEL = node(f"{RDFS}label")
    LANGUAGE = node(f"{SCHEMA}inLanguage")
    LINK = node(f"{KG}Link")
    LINKED_TO = node(f"{KG}linkedTo")
    MODALITY = node(f"{KG}modality")
    OBJECT = node(f"{RDF}object")
    OBJECT_MENTION = node(f"{KG}objectMention")
    ONE = node(f"{KG}one")
    OTHER = node(f"{KG}other")
    POSITION_SELECTOR = node(f"{OA}TextPositionSelector")
    PREDICATE = node(f"{RDF}predicate")
    PREDICATE_NAME = node(f"{KG}predicateName")
    PREF_LABEL = node(f"{SKOS}prefLabel")
    PUBLISHER = node(f"{SCHEMA}publisher")
    PUBLISHER_COUNT = node(f"{KG}publisherCount")
    QUALIFIER = node(f"{KG}qualifier")
    QUARANTINED = node(f"{KG}Quarantined")
    QUOTE_SELECTOR = node(f"{OA}TextQuoteSelector")
    REASON = node(f"{KG}reason")
    REPORT = node(f"{SH}ValidationReport")
    RESULT = node(f"{SH}ValidationResult")
    RESULT_MESSAGE = node(f"{SH}resultMessage")
    RESULT_PATH = node(f"{SH}resultPath")
    RESULT_VALUE = node(f"{SH}value")
    REVIEWED_STATEMENT = node(f"{KG}ReviewedStatement")
    RULE = node(f"{KG}rule")
    SAME_AS = node(f"{OWL}sameAs")
    SEVERITY = node(f"{SH}resultSeverity")
    SOURCE_COMPONENT = node(f"{SH}sourceConstraintComponent")
    SOURCE_SHAPE = node(f"{SH}sourceShape")
    SPEAKER = node(f"{KG}speaker")
    START = node(f"{OA}start")
    STATEMENT = node(f"{KG}statement")
    SUBJECT = node(f"{RDF}subject")
    SUBJECT_MENTION = node(f"{KG}subjectMention")
    TARGET = node(f"{OA}SpecificResource")
    TEXT = node(f"{KG}text")
    TITLE = node(f"{DCTERMS}title")
    TYPE = node(f"{RDF}type")
    URI_SPACE = node(f"{VOID}uriSpace")
    URL = node(f"{SCHEMA}url")
    VALID_FROM = node(f"{KG}validFrom")
    VALID_TO = node(f"{KG}validTo")
    VALUE = node(f"{KG}value")
    VALIDATION_REPORT = node(f"{KG}validationReport")
    VERDICT = node(f"{KG}verdict")
    VERSION = node(f"{OWL}versionInfo")
    VIOLATION = node(f"{SH}Violation")
    VOCABULARY = node(f"{VOID}vocabulary")


MODALITIES = {modality: node(f"{KG}{modality.value.capitalize()}") for modality in Modality}

# What a fact node says with a kg: term that is no qualifier.
NOT_QUALIFIERS = frozenset(
    {
        T.CONFIDENCE,
        T.CURRENCY,
        T.HAS_EVIDENCE,
        T.MODALITY,
        T.PUBLISHER_COUNT,
        T.QUALIFIER,
        T.REASON,
        T.VALIDATION_REPORT,
        T.VALID_FROM,
        T.VALID_TO,
    }
)


def make_text(text: str) -> Literal:
    """Return a plain literal; what no RDF can hold (lone surrogates) becomes U+FFFD."""
    return Literal(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def make_literal(value: str, datatype: str) -> Literal:
    """Return a literal of an XML Schema type, by its local name."""
    return Literal(value, datatype=node(f"{XSD}{datatype}"))


def make_decimal(number: float) -> Literal:
    """Return a decimal of at most four places, in the one form that stores keep."""
    return make_literal(f"{number:.4f}".rstrip("0").rstrip("."), "decimal")


def make_date(text: str) -> Literal:
    """Return a typed literal for a day, month or year, and plain text for all else."""
    datatype = find_date_type(text)
    return make_literal(text, datatype) if datatype else make_text(text)
