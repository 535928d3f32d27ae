"""Writes facts as a table for people to judge, and takes their verdicts.

rows = select_facts(store, Selection(predicates=("worksFor",), sample=100))
Path("facts.csv").write_bytes(write_table(rows))
report = apply_table(store, Path("facts.csv"), reviewer="Ada")    decisions, kept in the store
write_training(store, Path("reviewed"))                           for `kg train reviewed`
"""

from __future__ import annotations

from kg.review.applying import ApplyReport, apply_table
from kg.review.selecting import Selection, select_facts
from kg.review.table import COLUMNS, ReviewRow, read_table, write_table
from kg.review.training import write_training

__all__ = [
    "COLUMNS",
    "ApplyReport",
    "ReviewRow",
    "Selection",
    "apply_table",
    "read_table",
    "select_facts",
    "write_table",
    "write_training",
]
