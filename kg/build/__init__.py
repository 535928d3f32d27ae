"""Builds the graph: articles in, exactly those articles' graph out.

The only module that knows the order of the stages:

    articles -> nlp -> cache -> resolve -> rdf -> store

A `Register` keeps what people decide about a store, as an input of `resolve`.
"""

from __future__ import annotations

from kg.build.building import Extractor, build, build_articles, remove
from kg.build.register import Register
from kg.build.report import BuildReport, Outcome, Progress, RemoveReport

__all__ = [
    "BuildReport",
    "Extractor",
    "Outcome",
    "Progress",
    "Register",
    "RemoveReport",
    "build",
    "build_articles",
    "remove",
]
