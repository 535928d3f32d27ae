"""Reads sources into articles, and says why where it cannot.

    files, folders, globs, addresses, standard input -> find_sources -> read_articles -> Article

Plain text, Markdown with front matter, HTML, PDF, JSON Lines and web archives plain and under
gzip; pages, feeds and sitemaps on the web where their address is given. Offsets
always refer to `Article.text`; what belongs to the page is marked in `Article.furniture`.
"""

from __future__ import annotations

from kg.articles.article import MAX_TEXT, make_article
from kg.articles.language import detect_language
from kg.articles.reading import Found, Make, count_articles, make_articles, read_articles
from kg.articles.sources import Source, find_sources
from kg.articles.web import Policy

__all__ = [
    "MAX_TEXT",
    "Found",
    "Make",
    "Policy",
    "Source",
    "count_articles",
    "detect_language",
    "find_sources",
    "make_article",
    "make_articles",
    "read_articles",
]
