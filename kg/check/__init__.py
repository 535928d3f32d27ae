"""Checks whether a store conforms to its shapes, and whether it contradicts itself.

report = check(store)          every Finding, worst first
report.conforms                whether no shape is violated

conformance     SHACL, by the shapes that kg.shapes makes of the ontology
contradictions  facts that cannot all hold, with the sentences that state them
"""

from __future__ import annotations

from kg.check.checking import check
from kg.check.finding import CheckReport, Finding, Severity

__all__ = ["CheckReport", "Finding", "Severity", "check"]
