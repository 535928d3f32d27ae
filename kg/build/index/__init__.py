"""Keeps beside a store what its articles came to, so that a change redoes only what it touches."""

from __future__ import annotations

from kg.build.index.advancing import Advance, advance
from kg.build.index.filling import find_unit, recall, remember
from kg.build.index.tables import Index
from kg.build.index.zoning import TooWide

__all__ = ["Advance", "Index", "TooWide", "advance", "find_unit", "recall", "remember"]
