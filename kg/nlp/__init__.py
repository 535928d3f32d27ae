"""Articles in, extractions out: mentions, clusters and relations of each article.

    sentences -> values -> mentions -> coreference -> relations -> patterns -> consolidation

Importing this module registers the components with spaCy.
"""

from __future__ import annotations

from kg.nlp.pipeline import extract, extractor_version, load_pipeline

__all__ = ["extract", "extractor_version", "load_pipeline"]
