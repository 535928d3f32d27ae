"""Which cases of the W3C's suites fail, why, and the page that says so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

REPORT = Path(__file__).parent.parent / "docs" / "conformance.md"

_ZERO_LENGTH = "engine: a path of length zero finds no term that is only in the query"
_GRAPH = "engine: inside GRAPH ?g the variable is not yet bound"

# Every case that fails, with the reason.
EXPECTED: dict[str, str] = {
    "aggregates/agg-empty-group-count-graph": _GRAPH,
    "aggregates/agg-groupconcat-04": "engine: GROUP_CONCAT keeps a language that all texts share",
    "aggregates/agg-groupconcat-06": "engine: GROUP_CONCAT keeps a language that all texts share",
    "bindings/graph": _GRAPH,
    "csv-tsv-res/csv03": "engine: numbers come back in the canonical form of their value",
    "functions/bnode01": "engine: BNODE(text) names one node for a text in all rows",
    "negation/graph-minus": _GRAPH,
    "property-path/zero_or_more_set_end": _ZERO_LENGTH,
    "property-path/zero_or_more_set_start": _ZERO_LENGTH,
    "property-path/zero_or_one_set_end": _ZERO_LENGTH,
    "property-path/zero_or_one_set_start": _ZERO_LENGTH,
}

_HEAD = """# Conformance

This page is written by a test run, `python -m pytest tests/test_conformance.py \
--update-golden`, and the run fails where it is not true any more. The suites are those of \
[w3c/rdf-tests](https://github.com/w3c/rdf-tests); nothing of them is part of this project.

- SPARQL 1.1 Query and Update go through `kg.store.Store`, the CSV results through the service.
- Turtle, N-Triples, TriG and N-Quads are put into the graph store of the service and read back; \
there a blank node that names a graph becomes an IRI (RDF 1.1 Concepts, section 3.5), since \
SPARQL names graphs by IRIs.
- The protocol, the graph store protocol and the service description are asked of a running \
server on the loopback.
- Federated queries (`service`) are asked of a store that asks two running servers of ours, the \
first of which asks the second; their addresses stand in the place of those that the suite made \
up, and are allowed by name.

| Suite | Passed | Of |
|---|---:|---:|
"""

_LEFT_OUT = """
## Not run

- `entailment`: entailment regimes are not offered, and the service description names none.
- `http-rdf-update`: told in words, and deprecated by its authors in favour of \
`graph-store-protocol`.

{refused}

`LOAD` and `SERVICE` are pointed at a port of this machine where nobody listens, but for the \
suite `service`.
"""


def write_report(
    passed: Mapping[str, int], total: Mapping[str, int], *, refused: Mapping[str, str]
) -> str:
    """Return the page for the number of cases by suite, and what is refused, with the reason."""
    rows = [f"| {suite} | {passed[suite]} | {total[suite]} |" for suite in sorted(total)]
    rows.append(f"| **all** | **{sum(passed.values())}** | **{sum(total.values())}** |")
    ours = [case for case, why in EXPECTED.items() if not why.startswith("engine: ")]
    failures = [f"| {case} | {why} |" for case, why in sorted(EXPECTED.items())]
    return "\n".join(
        [
            _HEAD + "\n".join(rows),
            "",
            "## Failures",
            "",
            f"The engine's: {len(failures) - len(ours)}. Ours: {len(ours) or 'none'}.",
            "",
            "| Case | Reason |",
            "|---|---|",
            *failures,
            _LEFT_OUT.format(
                refused="\n".join(f"- `{case}`: {why}." for case, why in sorted(refused.items()))
            ),
        ]
    )
