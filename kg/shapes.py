"""Writes the SHACL shapes of an ontology: what a conforming graph looks like.

`ontologies/shapes.ttl` is what this makes of `ontologies/kg.ttl`. Validate with the
ontology beside the data, since `sh:class` needs its class hierarchy. The constraints
are those of the Shapes Constraint Language (https://www.w3.org/TR/shacl/).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.ontology import Ontology, OntologyClass, Predicate
from kg.resources import bundled
from kg.vocab import PREFIXES

__all__ = ["write_shapes"]

_HEAD = """\
# Written by kg/shapes.py from the ontology. To change it, change that and run
#   pytest tests/test_shapes.py --update-golden
"""
_KINDS = {
    "date": "sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:gYearMonth ]"
    " [ sh:datatype xsd:gYear ] )",
    "money": "sh:datatype xsd:decimal",
    "integer": "sh:datatype xsd:integer ; sh:minInclusive 0",
}
# A date may be a day, a month or a year, and SHACL's own comparison knows no order between
# these: so two dates are compared as far as both are exact.
_DATE_ORDER = '''sh:sparql [ a sh:SPARQLConstraint ; sh:message "{late} is not before {early}" ;
        sh:select """
SELECT $this ?value WHERE {{
  $this <{early_iri}> ?early ; <{late_iri}> ?value .
  BIND(STRLEN(STR(?early)) AS ?m) BIND(STRLEN(STR(?value)) AS ?n)
  BIND(IF(?m < ?n, ?m, ?n) AS ?exact)
  FILTER(SUBSTR(STR(?early), 1, ?exact) > SUBSTR(STR(?value), 1, ?exact))
}}""" ]'''


def write_shapes(ontology: Ontology) -> str:
    """Return the shapes as Turtle: of classes, of predicates, and of facts and evidence.

    The breach of a shape is a violation, except that a second value of a functional
    predicate is a warning: two articles may contradict each other.
    """
    prefixes = [f"@prefix {name}: <{iri}> .\n" for name, iri in sorted(PREFIXES.items())]
    named = [ontology.classes[name] for name in ontology.entity_classes]
    classes = [c for c in named if c.disjoint or _is_root(c, ontology)]
    shapes = [
        *(_write_shape(c.iri, _class_constraints(c, ontology)) for c in classes),
        *(_write_shape(p.iri, _constraints(p, ontology)) for p in ontology.predicates.values()),
    ]
    records = bundled("ontologies/record-shapes.ttl").read_text(encoding="utf-8")
    return "\n".join([_HEAD + "".join(prefixes), *shapes, records])


def _write_shape(iri: str, constraints: Iterator[str]) -> str:
    lines = [f"{_short(iri + 'Shape')}", "    a sh:NodeShape", *(f"    {c}" for c in constraints)]
    return lines[0] + "\n" + " ;\n".join(lines[1:]) + " .\n"


def _short(iri: str) -> str:
    """Return the IRI with a prefix where it has one, in angle brackets otherwise."""
    for prefix, namespace in PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local != iri and re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", local):
            return f"{prefix}:{local}"
    return f"<{iri}>"


def _is_root(class_: OntologyClass, ontology: Ontology) -> bool:
    """Say whether no class that entities have is above this one."""
    return not any(parent in ontology.entity_classes for parent in class_.parents)


def _class_constraints(class_: OntologyClass, ontology: Ontology) -> Iterator[str]:
    """Yield what holds of each entity of a class."""
    yield f"sh:targetClass {_short(class_.iri)}"
    if _is_root(class_, ontology):
        yield "sh:nodeKind sh:IRI"
        yield (
            "sh:property [ sh:path rdfs:label ; sh:minCount 1 ; sh:maxCount 1 ;"
            ' sh:nodeKind sh:Literal ; sh:minLength 1 ; sh:message "an entity has one name" ]'
        )
    for other in class_.disjoint:
        yield f"sh:not [ sh:class {_short(ontology.classes[other].iri)} ]"


def _constraints(predicate: Predicate, ontology: Ontology) -> Iterator[str]:
    """Yield what holds of each subject of a predicate."""
    path = f"sh:path {_short(predicate.iri)}"
    yield f"sh:targetSubjectsOf {_short(predicate.iri)}"
    if not predicate.canonical:
        message = f"stored as {predicate.inverse}, the other way round"
        yield f'sh:property [ {path} ; sh:maxCount 0 ; sh:message "{message}" ]'
        return
    if predicate.domain:
        yield _one_of(predicate.domain, ontology)
    if predicate.datatype:
        kind = _KINDS.get(predicate.datatype, f"sh:datatype xsd:{predicate.datatype}")
        yield f"sh:property [ {path} ; {kind} ]"
    else:
        classes = f" ; {_one_of(predicate.range, ontology)}" if predicate.range else ""
        yield f"sh:property [ {path} ; sh:nodeKind sh:IRI{classes} ]"
    if predicate.functional:
        message = f"more than one value of {predicate.name}"
        yield (
            f"sh:property [ {path} ; sh:maxCount 1 ; sh:severity sh:Warning ;"
            f' sh:message "{message}" ]'
        )
    if predicate.not_before:
        yield _DATE_ORDER.format(
            late=predicate.name,
            early=predicate.not_before,
            late_iri=predicate.iri,
            early_iri=ontology.predicate_iri(predicate.not_before),
        )


def _one_of(names: tuple[str, ...], ontology: Ontology) -> str:
    """Return the constraint that a node is of one of some classes."""
    classes = [f"sh:class {_short(ontology.classes[name].iri)}" for name in names]
    if len(classes) == 1:
        return classes[0]
    return f"sh:or ( {' '.join(f'[ {c} ]' for c in classes)} )"
