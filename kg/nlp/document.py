"""A spaCy Doc for an article, and what the components write on it.

doc._.article     the Article that the Doc was made of
doc._.text        the text of the Doc, see `text_of`
doc._.values      tuple of Value: dates, money, percentages, counts
doc._.reading     what the trained model read, None where other components found the mentions
doc._.arguments   what each cluster of the reading stands for: a cluster's number or a literal
doc._.clusters    tuple of Cluster: what the mentions refer to
doc._.collapsed   the Doc with one token for each mention, see `kg.nlp.collapse`
doc._.relations   tuple of Relation between them
doc._.quarantined tuple of (Relation, reason): read, but kept out of the graph
doc.ents          the named mentions; `ent.id_` is the number of the cluster
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from spacy.attrs import SENT_START
from spacy.language import Language
from spacy.tokens import Doc

from kg.model import Article, Evidence, Modality, Span

__all__ = [
    "article_of",
    "make_doc",
    "quote_sentence",
    "register_extensions",
    "sentence_spans",
    "text_of",
]


def register_extensions() -> None:
    """Declare the Doc attributes that the components share; harmless when repeated."""
    if not Doc.has_extension("article"):
        Doc.set_extension("article", default=None)
        Doc.set_extension("reading", default=None)
        Doc.set_extension("text", default=None)
        Doc.set_extension("arguments", default={})
        Doc.set_extension("collapsed", default={})
        for name in ("values", "clusters", "relations", "quarantined"):
            Doc.set_extension(name, default=())


def _hide_furniture(article: Article) -> str:
    """Return the text with page furniture blanked out, every offset unchanged."""
    text = article.text
    for span in article.furniture:
        hidden = "".join(c if c == "\n" else " " for c in text[span.start : span.end])
        text = text[: span.start] + hidden + text[span.end :]
    return text


def make_doc(nlp: Language, article: Article) -> Doc:
    """Return the tokenized article, in which no component can see the page furniture."""
    register_extensions()
    text = _hide_furniture(article)
    doc = nlp.make_doc(text)
    doc._.article, doc._.text = article, text
    return doc


def text_of(doc: Doc) -> str:
    """Return the text of a Doc, which spaCy puts together from its tokens whenever asked."""
    if doc._.text is None:
        doc._.text = doc.text
    return str(doc._.text)


def article_of(doc: Doc) -> Article:
    """Return the article that a Doc was made of, one without an id for a bare text."""
    article: Article | None = doc._.article
    return article or Article("", text_of(doc), "")


def sentence_spans(doc: Doc) -> list[Span]:
    """Return the sentences in order, without the white space around them."""
    spans = []
    for first, last in pairwise(_sentence_starts(doc)):
        text = text_of(doc)[first:last]
        stripped = text.strip()
        if stripped:
            start = first + len(text) - len(text.lstrip())
            spans.append(Span(start, start + len(stripped)))
    return spans


def _sentence_starts(doc: Doc) -> list[int]:
    """Return where sentences begin, and where the text ends; without a look at each token."""
    if not len(doc):
        return []
    if not doc.has_annotation("SENT_START"):
        return [0, len(text_of(doc))]
    begins = np.flatnonzero(doc.to_array(SENT_START) == 1)
    starts = (doc[int(token)].idx for token in begins if token)
    return [0, *starts, len(text_of(doc))]


def quote_sentence(
    article: Article,
    span: Span,
    *,
    extractor: str,
    confidence: float,
    modality: Modality = Modality.ASSERTED,
) -> Evidence:
    """Return the evidence that quotes a span of the article, character by character."""
    return Evidence(
        article=article.id,
        span=span,
        quote=article.text[span.start : span.end],
        extractor=extractor,
        confidence=round(confidence, 4),
        modality=modality,
    )
