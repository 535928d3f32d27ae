"""Relations by hand-written patterns: spaCy `Matcher` over the collapsed Doc.

A pattern file holds one JSON object a line:

    {"predicate": "...", "confidence": 0.9,
     "pattern": [{"ARG": "subject"}, {"LOWER": "of"}, {"ARG": "object", "LIST": true}]}

`{"ARG": ROLE}` is one mention or value that the predicate's domain or range admits;
`"TYPE"` narrows it to the classes named, `"LIST"` takes a whole enumeration ("A, B and
C"), `"NAMED"` refuses pronouns. Every other element is a spaCy token pattern
(https://spacy.io/api/matcher#patterns); with `"AS": NAME` its words become a qualifier.
`"modality"` fixes the modality that is otherwise read from the words around. A line
`{"words": NAME, "list": [...]}` names a list of words; `"@NAME"` stands for them below.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from spacy.errors import MatchPatternError
from spacy.matcher import Matcher
from spacy.tokens import Span as SpacySpan
from spacy.vocab import Vocab

from kg.errors import OntologyError
from kg.model import Literal, Modality
from kg.nlp.collapse import CollapsedDoc
from kg.ontology import Ontology

__all__ = ["Pattern", "PatternMatch", "RelationMatcher", "load_patterns"]

_VALUE_KINDS = {
    "date": ("Date",),
    "money": ("Money",),
    "integer": ("Count",),
    "decimal": ("Percent",),
}
_OWN_KEYS = frozenset({"ARG", "TYPE", "LIST", "NAMED", "AS"})
# spaCy lays out each repetition that it admits, so that millions would take all memory.
_MOST_REPETITIONS = 100
_SEPARATORS = frozenset({",", "and", "&", "or", ";", "plus"})


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of a pattern file; `place` is `file:line`."""

    predicate: str
    confidence: float
    elements: tuple[Mapping[str, Any], ...]
    modality: Modality | None
    place: str


@dataclass(frozen=True, slots=True)
class PatternMatch:
    """A relation that a pattern found; the arguments are tokens of the collapsed Doc.

    `start` and `end` are the tokens of the whole match, half-open.
    """

    pattern: Pattern
    subject: int
    object: int
    start: int
    end: int
    qualifiers: tuple[tuple[str, str], ...]


def _spell_out(value: Any, lists: Mapping[str, list[str]]) -> Any:  # noqa: ANN401 - any JSON
    """Return a token pattern in which the names of word lists are replaced by their words."""
    if isinstance(value, dict):
        return {key: _spell_out(part, lists) for key, part in value.items()}
    if isinstance(value, str) and value.startswith("@"):
        return {"IN": lists[value[1:]]}
    if isinstance(value, list):
        words = [lists[v[1:]] if str(v).startswith("@") else [v] for v in value]
        return [word for group in words for word in group]
    return value


def _read_line(
    row: Mapping[str, Any], place: str, lists: Mapping[str, list[str]], ontology: Ontology
) -> Pattern:
    """Return the pattern that one line holds, checked against the ontology."""
    try:
        elements = tuple(_spell_out(element, lists) for element in row["pattern"])
        predicate, confidence = row["predicate"], float(row.get("confidence", 0.8))
        modality = Modality(row["modality"]) if "modality" in row else None
        roles = sorted(e["ARG"] for e in elements if "ARG" in e)
        known = predicate in ontology.predicates
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise OntologyError(f"{place}: not a pattern ({error}): see docs/patterns.md") from error
    if not known:
        raise OntologyError(f"{place}: the ontology has no predicate {predicate!r}")
    for element in elements:
        _check_element(element, place)
    if roles != ["object", "subject"]:
        raise OntologyError(f"{place}: a pattern needs one ARG subject and one ARG object")
    if not 0 < confidence <= 1:
        raise OntologyError(f"{place}: confidence must lie between 0 and 1, not {confidence}")
    return Pattern(predicate, confidence, elements, modality, place)


def _check_element(element: Any, place: str) -> None:  # noqa: ANN401 - any JSON
    """Raise OntologyError for what spaCy does not check."""
    if not isinstance(element, dict):
        raise OntologyError(f"{place}: an element of a pattern is an object, not {element!r}")
    types = element.get("TYPE", [])
    if not isinstance(types, list) or not all(isinstance(name, str) for name in types):
        raise OntologyError(f"{place}: TYPE must be a list of names of classes, not {types!r}")
    if not isinstance(element.get("AS", ""), str):
        raise OntologyError(f"{place}: AS must be the name of a qualifier, not {element['AS']!r}")
    counts = re.findall(r"\d+", str(element.get("OP", "")))
    if any(len(count) > 3 or int(count) > _MOST_REPETITIONS for count in counts):
        raise OntologyError(f"{place}: OP must ask for at most {_MOST_REPETITIONS} repetitions")


def load_patterns(path: Path, ontology: Ontology) -> tuple[Pattern, ...]:
    """Return the patterns of a file in its order; blank lines and `#` lines are skipped.

    Raises OntologyError with file and line for what is not a pattern.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise OntologyError(f"{path}: pattern file cannot be read ({error})") from error
    lists: dict[str, list[str]] = {}
    patterns = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        place = f"{path.name}:{number}"
        try:
            row = dict(json.loads(line))
            if "words" in row:
                lists[row["words"]] = [str(word) for word in row["list"]]
                continue
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise OntologyError(f"{place}: not a JSON object of a pattern ({error})") from error
        patterns.append(_read_line(row, place, lists, ontology))
    return tuple(patterns)


def _admitted_types(role: str, pattern: Pattern, ontology: Ontology) -> list[str]:
    """Return the entity types that may fill a role of the pattern's predicate."""
    predicate = ontology.predicates[pattern.predicate]
    if role == "object" and predicate.datatype:
        return list(_VALUE_KINDS.get(predicate.datatype, ()))
    wanted = predicate.domain if role == "subject" else predicate.range
    return [name for name in ontology.classes if any(ontology.is_a(name, w) for w in wanted)]


def _token_pattern(pattern: Pattern, ontology: Ontology) -> list[dict[str, Any]]:
    """Return the pattern in spaCy's own form."""
    tokens: list[dict[str, Any]] = []
    for element in pattern.elements:
        plain = {key: value for key, value in element.items() if key not in _OWN_KEYS}
        if "ARG" in element:
            types = element.get("TYPE") or _admitted_types(element["ARG"], pattern, ontology)
            plain["ENT_TYPE"] = {"IN": list(types)}
        tokens.append(plain)
    return tokens


class _CompiledPattern:
    """One pattern with what a sentence must hold before the slower Matcher is asked."""

    def __init__(self, vocab: Vocab, pattern: Pattern, ontology: Ontology) -> None:
        self.pattern = pattern
        tokens = _token_pattern(pattern, ontology)
        self._matcher = Matcher(vocab, validate=True)
        try:
            self._matcher.add(pattern.place, [tokens])
        except (MatchPatternError, ValueError, re.error) as error:
            raise OntologyError(f"{pattern.place}: spaCy refuses it: {error}") from error
        needed = [t for t in tokens if str(t.get("OP", "1")).startswith(("1", "+", "{1,"))]
        self._words = [words for t in needed if (words := _alternatives(t.get("LOWER", "")))]
        self._types = [
            _alternatives(t["ENT_TYPE"])
            for t, element in zip(tokens, pattern.elements, strict=True)
            if "ARG" in element
        ]

    def may_match(self, words: Set[str], types: Set[str]) -> bool:
        """Say whether a sentence with these words and entity types can hold a match."""
        return not any(types.isdisjoint(t) for t in self._types) and not any(
            words.isdisjoint(w) for w in self._words
        )

    def find(self, sentence: SpacySpan) -> list[tuple[int, int, list[int]]]:
        """Return start, end and alignment of each match, counted from the sentence.

        Raises OntologyError for a pattern that asks for what the pipeline does not set, such
        as parts of speech.
        """
        try:
            matches = self._matcher(sentence, with_alignments=True)
        except (AttributeError, ValueError) as error:
            raise OntologyError(f"{self.pattern.place}: spaCy refuses it: {error}") from error
        return [(match[1], match[2], match[3]) for match in cast("list[Any]", matches)]


def _alternatives(condition: str | Mapping[str, Any]) -> frozenset[str]:
    """Return the values that satisfy `X` or `{"IN": X}`; none for any other condition."""
    if isinstance(condition, str):
        return frozenset({condition} if condition else ())
    return frozenset(condition.get("IN", ()))


class RelationMatcher:
    """All patterns of an ontology, compiled once for a vocabulary."""

    def __init__(self, vocab: Vocab, patterns: Sequence[Pattern], ontology: Ontology) -> None:
        self._patterns = [_CompiledPattern(vocab, pattern, ontology) for pattern in patterns]
        self._ontology = ontology

    def find(self, collapsed: CollapsedDoc) -> Iterator[PatternMatch]:
        """Yield what the patterns find, sentence by sentence, in the order of the file."""
        for first, last in _sentence_bounds(collapsed):
            if sum(collapsed.arguments[i] is not None for i in range(first, last)) < 2:
                continue
            tokens = collapsed.doc[first:last]
            types = {t.ent_type_ for t in tokens if t.ent_type_}
            words = {*collapsed.words[first:last]}
            for compiled in self._patterns:
                if not compiled.may_match(words, types):
                    continue
                for start, end, alignment in compiled.find(tokens):
                    yield from self._read_match(
                        compiled.pattern, collapsed, first + start, first + end, alignment
                    )

    def _read_match(
        self,
        pattern: Pattern,
        collapsed: CollapsedDoc,
        start: int,
        end: int,
        alignment: Sequence[int],
    ) -> Iterator[PatternMatch]:
        """Yield one relation for each pair of arguments that a match gives."""
        arguments: dict[str, list[int]] = {"subject": [], "object": []}
        qualifiers: dict[str, list[str]] = {}
        for token, position in zip(range(start, end), alignment, strict=True):
            element = pattern.elements[position]
            if "ARG" in element:
                if element.get("NAMED") and not collapsed.named[token]:
                    return
                arguments[element["ARG"]].extend(self._members(collapsed, token, element))
            elif "AS" in element:
                qualifiers.setdefault(element["AS"], []).append(collapsed.doc[token].text)
        said = tuple(sorted((name, " ".join(words)) for name, words in qualifiers.items()))
        for subject in arguments["subject"]:
            for object_ in arguments["object"]:
                if collapsed.arguments[subject] != collapsed.arguments[object_]:
                    yield PatternMatch(pattern, subject, object_, start, end, said)

    def _members(
        self, collapsed: CollapsedDoc, token: int, element: Mapping[str, Any]
    ) -> list[int]:
        """Return what an argument stands for: itself or, in a list, every member of it.

        Members are of one class, one of the class above the other's, or all of the classes
        that the pattern names.
        """
        named = element.get("TYPE", ())

        def fits(kind: str) -> bool:
            return any(self._ontology.is_a(kind, name) for name in named)

        def alike(one: str, other: str) -> bool:
            related = (
                one == other or self._ontology.is_a(one, other) or self._ontology.is_a(other, one)
            )
            return related or (fits(one) and fits(other))

        return _enumeration(collapsed, token, alike) if element.get("LIST") else [token]


def _enumeration(
    collapsed: CollapsedDoc, token: int, alike: Callable[[str, str], bool]
) -> list[int]:
    """Return the members of the enumeration around a token, which may be it alone.

    Neighbours in it have classes that are `alike`. Two members with a comma before the
    "and" are no enumeration: the second one opens a clause of its own ("bought A, and B
    said so").
    """
    members = [token]
    for step in (1, -1):
        here = token
        while (following := _neighbour(collapsed, here, step, alike)) is not None:
            members.append(following)
            here = following
    members.sort()
    if len(members) == 2:
        between = [collapsed.doc[i].lower_ for i in range(members[0] + 1, members[1])]
        if between[0] == "," and len(between) > 1:
            return [token]
    return members


def _neighbour(
    collapsed: CollapsedDoc, token: int, step: int, alike: Callable[[str, str], bool]
) -> int | None:
    """Return the next member of an enumeration in a direction, or None at its end."""
    doc = collapsed.doc
    here = token + step
    separators = 0
    while 0 <= here < len(doc) and doc[here].lower_ in _SEPARATORS and separators < 2:
        here, separators = here + step, separators + 1
    if not separators or not 0 <= here < len(doc):
        return None
    if not alike(doc[here].ent_type_, doc[token].ent_type_):
        return None
    same_sentence = collapsed.sentence[here] == collapsed.sentence[token]
    return here if same_sentence and not isinstance(collapsed.arguments[here], Literal) else None


def _sentence_bounds(collapsed: CollapsedDoc) -> Iterator[tuple[int, int]]:
    """Yield the first token of each sentence and the one after its last."""
    start = 0
    for here in range(1, len(collapsed.sentence) + 1):
        ends = here == len(collapsed.sentence)
        if ends or collapsed.sentence[here] != collapsed.sentence[start]:
            yield start, here
            start = here
