"""Checks whether a store conforms to its shapes, and whether it contradicts itself.

report = check(store)          every Finding, worst first
report.conforms                whether no shape is violated

conformance     SHACL, by the shapes that kg.shapes makes of the ontology
screening       what breaks no shape for sure, told fast
contradictions  facts that cannot all hold, with the sentences that state them
"""

from __future__ import annotations

from kg.check.checking import check
from kg.check.conformance import validate
from kg.check.finding import CheckReport, Finding, Severity
from kg.check.screening import Screen

__all__ = ["CheckReport", "Finding", "Screen", "Severity", "check", "validate"]
