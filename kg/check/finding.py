"""What a check tells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kg.model import Evidence

__all__ = ["CheckReport", "Finding", "Severity"]


class Severity(StrEnum):
    """How bad a finding is; a warning leaves the graph conforming."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or looks wrong.

    `subject` is the IRI of what it is about and `name` how people know it; `predicate` and
    `value` say where the fault lies, where it lies in one statement. `evidence` are the
    places that contradict each other, best first.
    """

    severity: Severity
    subject: str
    message: str
    name: str = ""
    predicate: str = ""
    value: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The findings, worst first and then by subject, and the number of facts looked at."""

    findings: tuple[Finding, ...]
    facts: int

    @property
    def conforms(self) -> bool:
        """Whether no shape is violated."""
        return not any(finding.severity is Severity.VIOLATION for finding in self.findings)
