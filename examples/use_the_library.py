"""Builds a graph of articles, asks it two questions, prints facts with their sentences.

python use_the_library.py [SOURCE...]       files, folders or globs; else the bundled articles
"""

from __future__ import annotations

import sys

from pyoxigraph import Literal

from kg.build import build
from kg.query import run_query
from kg.resources import bundled
from kg.store import Store, open_store

LEADERS = """
SELECT DISTINCT ?person ?company {
  ?p kg:chiefExecutiveOf ?c ; rdfs:label ?person .
  ?c rdfs:label ?company .
} ORDER BY ?company ?person
"""

PARTNERS = """
SELECT DISTINCT ?company ?partner ?quote {
  ?fact a kg:Fact ; rdf:predicate kg:partnerOf ; rdf:subject ?c ; rdf:object ?p .
  ?c rdfs:label ?company .
  ?p rdfs:label ?partner .
  GRAPH ?article { ?evidence oa:hasBody ?fact ; oa:hasTarget/oa:hasSelector/oa:exact ?quote }
} ORDER BY ?company ?partner ?quote
"""

# The store puts a name in the place of `?wanted`, which is safe whatever the name holds.
PLACES = """
SELECT DISTINCT ?wanted ?place {
  ?company rdfs:label ?wanted ; kg:operatesIn|kg:headquarteredIn|kg:countryOf ?where .
  ?where rdfs:label ?place .
} ORDER BY ?place
"""


def main(sources: list[str]) -> None:
    """Print what the articles say of chief executives, of partners, and of where these are."""
    with open_store(":memory:") as store:
        report = build(sources, store=store, on_error=print)
        print(f"{report.store.articles} articles state {report.store.facts} facts.\n")
        print(run_query(store, LEADERS, format="table"))
        print_partners(store)


def print_partners(store: Store) -> None:
    """Print each partnership with a sentence that states it."""
    for row in store.select(PARTNERS):
        company, partner, quote = (row[name].value for name in ("company", "partner", "quote"))
        places = store.select(PLACES, substitutions={"wanted": Literal(company)})
        where = ", ".join(place["place"].value for place in places) or "no place known"
        print(f"{company} ({where}) - {partner}")
        print(f'    "{quote}"')


if __name__ == "__main__":
    main(sys.argv[1:] or [str(bundled("corpus/articles"))])
