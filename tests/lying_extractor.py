"""Extractors that make things up: spans, quotes, names, ends and numbers, some of them true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from build_sample import ONTOLOGY
from hypothesis import strategies as st

from kg.build import Extractor
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

_CLASSES = ["City", "Company", "Country", "Organization", "Person", "Product"]
_PREDICATES = sorted(ONTOLOGY.predicates)
_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_DAYS = st.sampled_from(["1950", "1987-05", "1990-02-03", "2020", "soon", "2021-13", ""])
_NUMBERS = st.sampled_from(["0", "7", "-3", "1500000.50", "1e9", "NaN", "9" * 5000, "seven", ""])
_CONFIDENCES = st.sampled_from([0.0, 0.3, 0.87654, 1.0, 1.00001, 1.5, -0.2, float("nan")])


@st.composite
def liars(draw: st.DrawFn) -> Extractor:
    """Return an extractor whose every choice hypothesis makes."""

    def extract(articles: Iterable[Article]) -> Iterator[Extraction]:
        for article in articles:
            yield draw(extractions(article))

    return Extractor(extract, version="a liar")


@st.composite
def extractions(draw: st.DrawFn, article: Article) -> Extraction:
    clusters = draw(st.lists(_clusters(article), max_size=5))
    relations = draw(st.lists(_relations(article, clusters), max_size=6))
    held = draw(st.lists(_relations(article, clusters), max_size=2))
    return Extraction(
        article=article.id,
        checksum=article.checksum,
        extractor="a liar",
        clusters=tuple(clusters),
        relations=tuple(relations),
        quarantined=tuple((relation, "below the threshold") for relation in held),
    )


def _spans(article: Article) -> st.SearchStrategy[Span]:
    size = len(article.text)
    start = st.integers(0, max(0, size - 1))
    inside = st.builds(lambda s, n: Span(s, min(size, s + n)), start, st.integers(1, 30))
    anywhere = st.builds(Span, st.integers(-9, size + 9), st.integers(-9, size + 9))
    return st.one_of(inside, inside, inside, anywhere)


def _quoted(article: Article) -> st.SearchStrategy[tuple[Span, str]]:
    """Return spans with what stands there, mostly."""

    def quote(span: Span, lie: str | None) -> tuple[Span, str]:
        return span, article.text[span.start : span.end] if lie is None else lie

    return st.builds(quote, _spans(article), st.one_of(*[st.none()] * 5, _WORDS))


def _mentions(article: Article) -> st.SearchStrategy[Mention]:
    return st.builds(
        lambda place, type_, named: Mention(*place, type_, 0.9, named),
        _quoted(article),
        st.sampled_from(_CLASSES),
        st.sampled_from([True, True, True, False]),
    )


@st.composite
def _clusters(draw: st.DrawFn, article: Article) -> Cluster:
    mentions = draw(st.lists(_mentions(article), min_size=1, max_size=3))
    true = st.sampled_from([mention.text for mention in mentions])
    name = draw(st.one_of(true, true, true, _WORDS, st.just("Peru")))
    return Cluster(name, draw(st.sampled_from(_CLASSES)), tuple(mentions))


def _evidence(article: Article) -> st.SearchStrategy[Evidence]:
    return st.builds(
        lambda place, source, sure, modality: Evidence(
            source, *place, "a liar", sure, modality=modality
        ),
        _quoted(article),
        st.sampled_from([article.id] * 7 + ["another"]),
        _CONFIDENCES,
        st.sampled_from(Modality),
    )


@st.composite
def _relations(draw: st.DrawFn, article: Article, clusters: Sequence[Cluster]) -> Relation:
    """Return a relation that the ontology admits, mostly."""
    numbers = st.integers(-1, len(clusters))
    subject = draw(numbers)
    literal = draw(_literals(article))
    object_ = draw(st.one_of(numbers, st.just(literal)))
    kind = object_.datatype if isinstance(object_, Literal) else _find_type(object_, clusters)
    admitted = [
        name for name in _PREDICATES if ONTOLOGY.admits(name, _find_type(subject, clusters), kind)
    ]
    qualifiers = {name: day for name in ("from", "to") if (day := draw(_DAYS))}
    return Relation(
        subject,
        draw(st.sampled_from(admitted * 5 + _PREDICATES)),
        object_,
        tuple(draw(st.lists(_evidence(article), max_size=2))),
        tuple(sorted(qualifiers.items())),
    )


def _find_type(number: int, clusters: Sequence[Cluster]) -> str:
    return clusters[number].type if 0 <= number < len(clusters) else ""


def _literals(article: Article) -> st.SearchStrategy[Literal]:
    words = st.one_of(*[_quoted(article).map(lambda place: place[1])] * 4, _WORDS)
    dates = st.builds(
        Literal, _DAYS, st.sampled_from(["date", "gYearMonth", "gYear"]), st.just(""), words
    )
    numbers = st.builds(
        Literal,
        _NUMBERS,
        st.sampled_from(["integer", "decimal", "money"]),
        st.sampled_from(["", "EUR", "USD", "euros"]),
        words,
    )
    return st.one_of(dates, numbers)
