"""Builds the graph: articles in, exactly those articles' graph out.

The only module that knows the order of the stages:

    articles -> nlp -> cache -> resolve -> rdf -> store

`watch` keeps a store up to date with folders. A `Register` keeps what people decide about a
store, as an input of `resolve`.
"""

from __future__ import annotations

from kg.build.building import Extractor, build, build_articles, remove
from kg.build.register import Register
from kg.build.report import BuildReport, Outcome, Progress, RemoveReport
from kg.build.watching import Rest, watch

__all__ = [
    "BuildReport",
    "Extractor",
    "Outcome",
    "Progress",
    "Register",
    "RemoveReport",
    "Rest",
    "build",
    "build_articles",
    "remove",
    "watch",
]
