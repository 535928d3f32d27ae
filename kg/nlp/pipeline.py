"""The pipeline from articles to extractions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import spacy
import spacy.about
from spacy.language import Language
from spacy.tokens import Doc

from kg.model import Article, Extraction
from kg.nlp.components import COMPONENTS, LABELS
from kg.nlp.document import article_of, make_doc
from kg.nlp.encoder import load_model
from kg.nlp.encoder.phrases import PHRASES
from kg.nlp.modality import CUES
from kg.nlp.speech import SPEECH
from kg.nlp.times import PERIODS
from kg.ontology import Ontology
from kg.resources import bundled

__all__ = ["extract", "extractor_version", "load_pipeline"]

# Raised when the components read the same article in another way.
_RULES = "5"
_ONTOLOGY = "ontologies/kg.ttl"


def load_pipeline(
    ontology: Ontology | None = None,
    *,
    min_confidence: float | None = None,
    model: Path | None = None,
    threads: int = 0,
) -> Language:
    """Return the spaCy pipeline of all components, without touching the network.

    `ontology` is by default the bundled one, `model` the shipped one; `threads` bounds
    the threads of the model, zero leaves their number to it. Saved with `to_disk`, the
    pipeline opens with `spacy.load` wherever this package is installed.
    """
    nlp = spacy.blank("en")
    # The tokens' limit guards parsers that need memory for each; these components do not.
    nlp.max_length = 10_000_000
    path = None if ontology is None or ontology.path == bundled(_ONTOLOGY) else str(ontology.path)
    settings = {
        "ontology": path,
        "min_confidence": min_confidence,
        "model": str(model) if model else None,
        "threads": threads,
    }
    nlp.meta["kg_model"] = load_model(model).version
    for name in COMPONENTS:
        known = nlp.get_factory_meta(name).default_config or {}
        nlp.add_pipe(name, config={k: v for k, v in settings.items() if k in known})
    return nlp


def extract(
    articles: Iterable[Article],
    *,
    ontology: Ontology | None = None,
    min_confidence: float | None = None,
    model: Path | None = None,
    pipeline: Language | None = None,
) -> Iterator[Extraction]:
    """Yield what each article states, in order, reading ahead by two batches of articles.

    `min_confidence` replaces the threshold of every predicate; what lies below is
    quarantined with the reason. `pipeline` is by default that of `load_pipeline`.
    """
    nlp = pipeline or load_pipeline(ontology, min_confidence=min_confidence, model=model)
    version = nlp.meta.get("kg_model", "")
    docs = (make_doc(nlp, article) for article in articles)
    for doc in nlp.pipe(docs, batch_size=16):
        yield _make_extraction(doc, version)


def _make_extraction(doc: Doc, version: str) -> Extraction:
    article = article_of(doc)
    return Extraction(
        article=article.id,
        checksum=article.checksum,
        extractor=f"model {version}",
        clusters=doc._.clusters,
        relations=doc._.relations,
        quarantined=doc._.quarantined,
    )


def extractor_version(ontology: Ontology, *, model: Path | None = None) -> str:
    """Return what changes whenever an article might be read in another way."""
    parts = [_RULES, load_model(model).version, ontology.version, spacy.about.__version__]
    data = [path.read_bytes() for path in (CUES, LABELS, PERIODS, PHRASES, SPEECH)]
    digest = hashlib.sha256(b"\n".join([" ".join(parts).encode(), *data]))
    return digest.hexdigest()[:12]
