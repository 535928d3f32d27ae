"""Reads an ontology file into classes and predicates: what may be said, and of what.

The bundled file is `ontologies/kg.ttl`; its head says how a file is read. A file of the
user's in a namespace of its own works the same way.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from kg.errors import OntologyError
from kg.resources import bundled
from kg.vocab import KG, OWL, RDF, RDFS, SCHEMA, SKOS, XSD

if TYPE_CHECKING:
    from pyoxigraph import BlankNode, Literal, NamedNode, Triple

__all__ = ["Ontology", "OntologyClass", "Predicate", "load_ontology"]

_CLASSES = frozenset({f"{OWL}Class", f"{RDFS}Class"})
_PROPERTIES = frozenset({f"{OWL}ObjectProperty", f"{OWL}DatatypeProperty", f"{RDF}Property"})
_DATES = frozenset({"date", "gYearMonth", "gYear"})
_INTEGERS = frozenset({"integer", "int", "long", "nonNegativeInteger", "positiveInteger"})
_VALUES = {f"{KG}dateValue": "date", f"{KG}moneyValue": "money", f"{RDFS}Literal": "string"}

_Term = TypeVar("_Term")
_Named = TypeVar("_Named", "OntologyClass", "Predicate")


@dataclass(frozen=True, slots=True)
class OntologyClass:
    """A class that things in articles may have, or a union of such classes.

    `name` is the local name; `parents` are the names of its direct superclasses;
    `members` are the classes of a union, empty otherwise; nothing is of this class and
    of one in `disjoint`, which is stated on one side only.
    """

    name: str
    iri: str
    label: str
    definition: str
    parents: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    disjoint: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Predicate:
    """A property that facts may have.

    `domain` and `range` name classes, any of which will do (unions are given by their
    members, and an empty one admits every class). `datatype` is `""` for a predicate
    between entities, else `date`, `money`, `integer` or another XML Schema type.
    `inverse` names the other direction, if it has a name; only the `canonical` one is
    stored. `exclusive` says that an object is expected to have one subject at a time,
    `not_before` names a predicate whose date must not be later, `wikidata` lists
    property ids (`P169`).
    """

    name: str
    iri: str
    label: str
    definition: str
    domain: tuple[str, ...] = ()
    range: tuple[str, ...] = ()
    datatype: str = ""
    inverse: str = ""
    canonical: bool = True
    symmetric: bool = False
    functional: bool = False
    exclusive: bool = False
    not_before: str = ""
    parents: tuple[str, ...] = ()
    wikidata: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ontology:
    """The classes and predicates of one file, by local name, in the file's order.

    `path` is the file; `version` is made from its bytes and those of its pattern files.
    """

    iri: str
    path: Path
    version: str
    classes: Mapping[str, OntologyClass]
    predicates: Mapping[str, Predicate]
    patterns: tuple[Path, ...] = ()

    @property
    def entity_classes(self) -> tuple[str, ...]:
        """The classes that things in articles have: all but the unions."""
        return tuple(name for name, class_ in self.classes.items() if not class_.members)

    def ancestors(self, type_: str) -> tuple[str, ...]:
        """Return the superclasses of a class, nearest first, without itself."""
        return _ancestors(type_, self.classes)

    def is_a(self, type_: str, ancestor: str) -> bool:
        """Say whether one class is the other, a subclass of it, or in its union."""
        if type_ not in self.classes or ancestor not in self.classes:
            return False
        if type_ == ancestor:
            return True
        above = self.classes[type_].parents
        within = self.classes[ancestor].members
        return any(self.is_a(parent, ancestor) for parent in above) or any(
            self.is_a(type_, member) for member in within
        )

    def admits(self, predicate: str, subject_type: str, object_type: str) -> bool:
        """Say whether a predicate may hold between a subject and an object or value.

        `object_type` is a class for a predicate between entities, a datatype otherwise.
        An unknown predicate is never admitted.
        """
        found = self.predicates.get(predicate)
        if found is None or not self._fits(subject_type, found.domain):
            return False
        if found.datatype:
            return found.datatype == ("date" if object_type in _DATES else object_type)
        return self._fits(object_type, found.range)

    def canonical(self, subject: _Term, predicate: str, object_: _Term) -> tuple[_Term, str, _Term]:
        """Return the statement in the direction that is stored."""
        found = self.predicates[predicate]
        if found.canonical:
            return subject, predicate, object_
        return object_, found.inverse, subject

    def implied(self, predicate: str) -> tuple[str, ...]:
        """Return the predicates that hold wherever this one does, nearest first."""
        return _ancestors(predicate, self.predicates)

    def predicate_iri(self, name: str) -> str:
        """Return the IRI of a predicate. Raises OntologyError when there is none."""
        if name not in self.predicates:
            known = ", ".join(self.predicates)
            raise OntologyError(f"{self.iri} has no predicate {name!r}; it has {known}")
        return self.predicates[name].iri

    def _fits(self, type_: str, allowed: tuple[str, ...]) -> bool:
        if not allowed:
            return type_ in self.classes
        return any(self.is_a(type_, name) for name in allowed)


def load_ontology(path: Path | None = None) -> Ontology:
    """Return the ontology of a file, or the bundled one.

    The ending of the file's name says its syntax, Turtle where it is not known. Raises
    OntologyError, naming file and line, where the file cannot be read, is not valid, or
    contradicts itself.
    """
    return _Reader(path or bundled("ontologies/kg.ttl")).read()


def _ancestors(
    name: str, terms: Mapping[str, OntologyClass] | Mapping[str, Predicate]
) -> tuple[str, ...]:
    """Return what lies above a term, breadth first."""
    found: dict[str, None] = {}
    row = terms[name].parents
    while row:
        found.update(dict.fromkeys(row))
        row = tuple(p for n in row for p in terms[n].parents if p not in found)
    return tuple(found)


def _local(iri: str) -> str:
    """Return the part of an IRI after its last `#` or `/`."""
    return re.split(r"[#/]", iri)[-1]


class _Value(NamedTuple):
    """An object of the file: an IRI, a blank node (`_:b`) or the text of a literal."""

    text: str
    language: str = ""


def _read_value(term: NamedNode | BlankNode | Literal | Triple) -> _Value:
    return _Value(getattr(term, "value", None) or str(term), getattr(term, "language", None) or "")


class _Reader:
    """Reads one file; terms go by their IRI in here and by their local name outside."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content = b""
        self._values: dict[str, dict[str, list[_Value]]] = {}
        self._classes: tuple[str, ...] = ()
        self._properties: tuple[str, ...] = ()
        self._turned: dict[str, str] = {}  # the derived direction -> the one that is stored

    def read(self) -> Ontology:
        """Return the ontology that the file holds."""
        self._parse()
        self._classes = tuple(self._of_type(_CLASSES))
        self._properties = tuple(self._of_type(_PROPERTIES))
        self._find_inverses()
        classes = self._by_name(self._read_class(iri) for iri in self._classes)
        predicates = self._by_name(self._read_predicate(iri) for iri in self._properties)
        header = next(self._of_type({f"{OWL}Ontology"}), "")
        patterns = tuple(self._read_patterns(header))
        version = hashlib.sha256(self._content)
        for file in patterns:
            version.update(file.read_bytes())
        return Ontology(
            iri=header,
            path=self._path,
            version=version.hexdigest()[:12],
            classes=MappingProxyType(classes),
            predicates=MappingProxyType(predicates),
            patterns=patterns,
        )

    def _parse(self) -> None:
        """Read the file into `_values`, in its order."""
        from pyoxigraph import RdfFormat, parse

        syntax = RdfFormat.from_extension(self._path.suffix[1:]) or RdfFormat.TURTLE
        try:
            self._content = self._path.read_bytes()
            for quad in parse(self._content, syntax, base_iri=self._path.absolute().as_uri()):
                of_subject = self._values.setdefault(_read_value(quad.subject).text, {})
                objects = of_subject.setdefault(quad.predicate.value, [])
                objects.append(_read_value(quad.object))
        except OSError as error:
            raise OntologyError(f"{self._path}: cannot be read: {error.strerror}") from error
        except SyntaxError as error:
            place = f"{self._path}:{error.lineno}" if error.lineno else f"{self._path}"
            raise OntologyError(f"{place}: not valid {syntax.name}: {error.msg}") from error

    def _fault(self, term: str, reason: str) -> OntologyError:
        """Return the error that tells of a term, with the line where its subject stands."""
        name = re.escape(_local(term))
        subject = re.compile(rf"^\S*[:/#]{name}(>|\s|$)")
        lines = self._content.decode(errors="replace").splitlines()
        place = next((f":{n}" for n, line in enumerate(lines, 1) if subject.search(line)), "")
        return OntologyError(f"{self._path}{place}: {_local(term)}: {reason}")

    def _of_type(self, types: Iterable[str]) -> Iterator[str]:
        """Yield the IRIs of a type, in the file's order, without what is bookkeeping."""
        wanted = set(types)
        for term in self._values:
            typed = wanted.intersection(self._texts(term, f"{RDF}type"))
            bookkeeping = self._texts(term, f"{KG}bookkeeping") == ["true"]
            if typed and not bookkeeping and not term.startswith("_:"):
                yield term

    def _by_name(self, terms: Iterable[_Named]) -> dict[str, _Named]:
        """Return the terms by local name, in which no two agree and none is above itself."""
        named: dict[str, _Named] = {}
        for term in terms:
            if term.name in named:
                raise self._fault(term.iri, f"{named[term.name].iri} has the same local name")
            named[term.name] = term
        for term in named.values():
            if term.name in _ancestors(term.name, named):
                raise self._fault(term.iri, "is above itself: drop one of the terms between")
        return named

    def _texts(self, term: str, predicate: str) -> list[str]:
        return [value.text for value in self._values.get(term, {}).get(predicate, ())]

    def _read_text(self, term: str, *predicates: str) -> str:
        """Return the first text that the predicates give, in English before others."""
        for predicate in predicates:
            values = self._values[term].get(predicate, [])
            for value in sorted(
                values, key=lambda v: (not v.language.startswith("en"), v.language)
            ):
                return value.text
        return ""

    def _read_list(self, node: str) -> list[str]:
        """Return the members of an RDF collection."""
        members = []
        while node != f"{RDF}nil" and self._texts(node, f"{RDF}first"):
            members += self._texts(node, f"{RDF}first")
            node = next(iter(self._texts(node, f"{RDF}rest")), f"{RDF}nil")
        return members

    def _read_union(self, term: str) -> list[str]:
        """Return the members of a union, directly or in an equivalent class."""
        for node in (term, *self._texts(term, f"{OWL}equivalentClass")):
            for collection in self._texts(node, f"{OWL}unionOf"):
                return self._read_list(collection)
        return []

    def _read_known(self, term: str, predicate: str, known: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_local(p) for p in self._texts(term, predicate) if p in known)

    def _read_class(self, iri: str) -> OntologyClass:
        return OntologyClass(
            name=_local(iri),
            iri=iri,
            label=self._read_text(iri, f"{RDFS}label") or _local(iri),
            definition=self._read_text(iri, f"{SKOS}definition", f"{RDFS}comment"),
            parents=self._read_known(iri, f"{RDFS}subClassOf", self._classes),
            members=tuple(_local(member) for member in self._read_union(iri)),
            disjoint=self._read_known(iri, f"{OWL}disjointWith", self._classes),
        )

    def _read_predicate(self, iri: str) -> Predicate:
        datatype = self._read_datatype(iri)
        types = self._texts(iri, f"{RDF}type")
        derived = next((d for d, stored in self._turned.items() if stored == iri), "")
        return Predicate(
            name=_local(iri),
            iri=iri,
            label=self._read_text(iri, f"{RDFS}label") or _local(iri),
            definition=self._read_text(iri, f"{SKOS}definition", f"{RDFS}comment"),
            domain=self._read_classes(iri, f"{RDFS}domain", f"{SCHEMA}domainIncludes"),
            range=()
            if datatype
            else self._read_classes(iri, f"{RDFS}range", f"{SCHEMA}rangeIncludes"),
            datatype=datatype,
            inverse=_local(self._turned.get(iri, derived)),
            canonical=iri not in self._turned,
            symmetric=f"{OWL}SymmetricProperty" in types,
            functional=f"{OWL}FunctionalProperty" in types,
            exclusive=self._texts(iri, f"{KG}oneAtATime") == ["true"],
            not_before=_local(next(iter(self._texts(iri, f"{KG}notBefore")), "")),
            parents=self._read_known(iri, f"{RDFS}subPropertyOf", self._properties),
            wikidata=tuple(_local(term) for term in self._texts(iri, f"{KG}wikidata")),
        )

    def _read_classes(self, iri: str, strict: str, loose: str) -> tuple[str, ...]:
        """Return the classes any of which will do; a union gives its members."""
        named = self._texts(iri, strict)
        if len(named) > 1:
            reason = f"two values of {_local(strict)} mean both at once; use owl:unionOf"
            raise self._fault(iri, f"{reason} or schema:{_local(loose)}")
        found: list[str] = []
        for term in named or self._texts(iri, loose):
            found += self._read_union(term) or [term]
        for term in found:
            if term not in self._classes and term != f"{OWL}Thing":
                raise self._fault(iri, f"its {_local(strict)} {term} is no class of this file")
        return () if f"{OWL}Thing" in found else tuple(_local(term) for term in found)

    def _read_datatype(self, iri: str) -> str:
        """Return the kind of value of a predicate, empty where it leads to entities."""
        ranges = self._texts(iri, f"{RDFS}range") or self._texts(iri, f"{SCHEMA}rangeIncludes")
        if f"{OWL}ObjectProperty" in self._texts(iri, f"{RDF}type"):
            return ""
        kinds = {kind for term in ranges for kind in self._read_kinds(term)}
        if f"{OWL}DatatypeProperty" not in self._texts(iri, f"{RDF}type"):
            return kinds.pop() if len(kinds) == 1 else ""
        if len(kinds) > 1:
            raise self._fault(iri, f"its values are of several kinds ({', '.join(sorted(kinds))})")
        return kinds.pop() if kinds else "string"

    def _read_kinds(self, term: str) -> Iterator[str]:
        """Yield the kinds of value in a datatype or a union of datatypes."""
        if term in _VALUES:
            yield _VALUES[term]
        elif term.startswith(XSD):
            name = _local(term)
            yield "date" if name in _DATES else "integer" if name in _INTEGERS else name
        else:
            for member in self._read_union(term):
                yield from self._read_kinds(member)

    def _find_inverses(self) -> None:
        """Fill `_turned`: the property that says owl:inverseOf is the derived direction."""
        for iri in self._properties:
            for other in self._texts(iri, f"{OWL}inverseOf"):
                if other not in self._properties:
                    raise self._fault(iri, f"its inverse {other} is no property of this file")
                if self._turned.get(other) != iri:
                    self._turned[iri] = other
        for iri, other in self._turned.items():
            if other in self._turned:
                raise self._fault(iri, f"its inverse {_local(other)} has another inverse")

    def _read_patterns(self, header: str) -> Iterator[Path]:
        for name in self._texts(header, f"{KG}patterns"):
            path = self._path.parent / name
            if not path.is_file():
                raise self._fault(header, f"the pattern file {path} is missing")
            yield path
