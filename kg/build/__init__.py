"""Builds the graph: articles in, exactly those articles' graph out.

The only module that knows the order of the stages:

    articles -> nlp -> cache -> resolve -> rdf -> store

What the articles come to is kept in an index beside the store (`kg.build.index`), so that a
small change resolves only what it touches. With `Limits` they are read in processes where
each article is at its own risk (docs/trust.md). `watch` keeps a store up to date with
folders. A `Register` keeps what people decide about a store, as an input of `resolve`.
"""

from __future__ import annotations

from kg.build.building import build, build_articles, remove
from kg.build.extractor import Extractor
from kg.build.limits import Limits
from kg.build.reconciling import ReconcileReport, reconcile
from kg.build.register import Register
from kg.build.report import BuildReport, Outcome, Progress, RemoveReport
from kg.build.watching import Rest, watch

__all__ = [
    "BuildReport",
    "Extractor",
    "Limits",
    "Outcome",
    "Progress",
    "ReconcileReport",
    "Register",
    "RemoveReport",
    "Rest",
    "build",
    "build_articles",
    "reconcile",
    "remove",
    "watch",
]
