"""Asks services that speak the W3C Reconciliation API which of their things names mean.

    Query -> ask (a batch over HTTP) -> Candidate -> choose -> Choice

See https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/.
"""

from __future__ import annotations

from kg.reconciliation.answers import Answers
from kg.reconciliation.candidates import Candidate, Query
from kg.reconciliation.choosing import Choice, choose
from kg.reconciliation.client import Client

__all__ = ["Answers", "Candidate", "Choice", "Client", "Query", "choose"]
