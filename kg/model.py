"""The words of the field as frozen data: what flows between the stages.

    Article -> Mention -> Cluster -> Relation   one article, made by `kg.nlp` (an Extraction)
    Extractions -> Entity, Fact                 the whole set, made by `kg.resolve`

Every span is half-open and counts characters of `Article.text`; for every evidence
`article.text[evidence.span.start:evidence.span.end] == evidence.quote`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

__all__ = [
    "Article",
    "Breach",
    "Cluster",
    "Entity",
    "Evidence",
    "Extraction",
    "Fact",
    "Link",
    "Literal",
    "Mention",
    "Modality",
    "Relation",
    "Span",
    "Speaker",
]


class Modality(StrEnum):
    """How the text puts a statement; negated and hypothetical ones are no statements."""

    ASSERTED = "asserted"
    FORMER = "former"
    ANNOUNCED = "announced"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open character offsets into `Article.text`."""

    start: int
    end: int

    def __contains__(self, other: Span) -> bool:
        """Say whether `other` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Article:
    """One input document.

    `text` is what every span refers to: for plain text and JSON Lines it is the decoded
    input, unchanged. `furniture` are the spans of it that belong to the page and not to
    the article (share buttons, tag lines, bylines, captions), sorted, not overlapping.
    `checksum` is the SHA-256 of text and metadata, in hexadecimal digits: two articles
    with one checksum are the same input.
    """

    id: str
    text: str
    checksum: str
    title: str = ""
    url: str = ""
    published: date | None = None
    authors: tuple[str, ...] = ()
    publisher: str = ""
    language: str = "en"
    furniture: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of an article that names something of a class.

    `type` is the local name of an ontology class (`Company`); a pronoun or a noun
    phrase such as "the company" has `named` false and lends no alias.
    """

    span: Span
    text: str
    type: str
    confidence: float = 1.0
    named: bool = True


@dataclass(frozen=True, slots=True)
class Cluster:
    """The mentions of one article that refer to one thing.

    `name` is the fullest name among them; `mentions` are sorted by span and hold at
    least one named mention.
    """

    name: str
    type: str
    mentions: tuple[Mention, ...]

    @property
    def aliases(self) -> tuple[str, ...]:
        """The distinct surface forms in the article, in order of first appearance."""
        return tuple(dict.fromkeys(m.text for m in self.mentions if m.named))


@dataclass(frozen=True, slots=True)
class Literal:
    """A typed value.

    `datatype` is `date`, `gYearMonth`, `gYear`, `integer`, `decimal` or `money`; `value`
    its lexical form in XML Schema (for money the amount); `currency` an ISO 4217 code,
    for money only; `text` the words of the article.
    """

    value: str
    datatype: str
    currency: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says what an evidence states.

    `span` is where the article names them and `text` the words there, a pronoun perhaps.
    In a fact, `iri` is that of the entity, empty for words that name nobody who is known
    ("people close to the talks"); and what an article says itself is said by its publisher:
    then there is no span, and `text` is the publisher's name.
    """

    text: str
    span: Span | None = None
    iri: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The place that states a relation: the sentence, who read it, how sure it was.

    `extractor` names the model or the pattern, with its version; `modality` is how this
    place puts the statement; `speaker` is None where the article itself says so. `cue` is
    where, inside the span, the words stand that make the statement something else than
    asserted ("denied", "until"); None where none do, or where its dates alone tell.
    """

    article: str
    span: Span
    quote: str
    extractor: str
    confidence: float
    modality: Modality = Modality.ASSERTED
    speaker: Speaker | None = None
    cue: Span | None = None

    @property
    def cue_text(self) -> str:
        """The words of the cue, empty where there is none."""
        if self.cue is None:
            return ""
        return self.quote[self.cue.start - self.span.start : self.cue.end - self.span.start]


@dataclass(frozen=True, slots=True)
class Relation:
    """A predicate between two clusters of one article, or a cluster and a literal.

    `subject` and `object` count `Extraction.clusters`. `predicate` is the local name of
    an ontology property in its canonical direction. `qualifiers` are sorted pairs
    (`role`, `share`, `place`, `from`, `to`, ...).
    """

    subject: int
    predicate: str
    object: int | Literal
    evidence: tuple[Evidence, ...]
    qualifiers: tuple[tuple[str, str], ...] = ()

    @property
    def confidence(self) -> float:
        """The confidence of the best evidence."""
        return max(e.confidence for e in self.evidence)

    @property
    def modality(self) -> Modality:
        """The modality of the best evidence."""
        return max(self.evidence, key=lambda e: e.confidence).modality


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was read from one article; `quarantined` are relations kept out, with why."""

    article: str
    checksum: str
    extractor: str
    clusters: tuple[Cluster, ...] = ()
    relations: tuple[Relation, ...] = ()
    quarantined: tuple[tuple[Relation, str], ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """A tie from an entity to a node of another data set, with the rule that made it."""

    target: str
    rule: str
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing of the graph, resolved over all articles.

    `aliases` and `links` are sorted; `members` are the clusters it was made of, as
    sorted pairs of article id and cluster number; `iso_code` is the code of ISO 3166 of
    a country.
    """

    iri: str
    name: str
    type: str
    aliases: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    members: tuple[tuple[str, int], ...] = ()
    iso_code: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A resolved statement with all its evidence, sorted; never without evidence.

    `iri` names the fact node, `subject` and an entity `object` are entity IRIs,
    `predicate` is the local name of an ontology property. Facts that differ only in
    modality or validity are one fact with the state of its strongest evidence.
    `publishers` counts those that state it independently; zero where nobody counted.
    """

    iri: str
    subject: str
    predicate: str
    object: str | Literal
    evidence: tuple[Evidence, ...]
    modality: Modality = Modality.ASSERTED
    valid_from: str = ""
    valid_to: str = ""
    qualifiers: tuple[tuple[str, str], ...] = ()
    publishers: int = 0

    @property
    def confidence(self) -> float:
        """The confidence of the best evidence."""
        return max(e.confidence for e in self.evidence)


@dataclass(frozen=True, slots=True)
class Breach:
    """How something breaks a shape: one result of SHACL validation.

    `focus`, `component`, `path` and `shape` are IRIs, the last two empty where they have
    none; `value` is the node or literal at fault, empty where the focus itself is.
    """

    focus: str
    component: str
    message: str
    path: str = ""
    shape: str = ""
    value: str | Literal = ""
