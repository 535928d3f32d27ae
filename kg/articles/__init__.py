"""Reads sources into articles, and says why where it cannot.

    files, folders, globs, standard input -> find_sources -> read_articles -> Article

Plain text, Markdown with front matter, HTML, PDF, JSON Lines plain and under gzip. Offsets
always refer to `Article.text`; what belongs to the page is marked in `Article.furniture`.
"""

from __future__ import annotations

from kg.articles.article import MAX_TEXT, make_article
from kg.articles.language import detect_language
from kg.articles.reading import count_articles, read_articles
from kg.articles.sources import Source, find_sources

__all__ = [
    "MAX_TEXT",
    "Source",
    "count_articles",
    "detect_language",
    "find_sources",
    "make_article",
    "read_articles",
]
