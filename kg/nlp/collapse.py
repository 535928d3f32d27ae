"""A Doc in which every mention and every value is one token.

Patterns over such a Doc need no operators for names of many words: an argument is a
token whose entity type says what it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from spacy.attrs import ENT_IOB, ENT_TYPE
from spacy.tokens import Doc

from kg.model import Cluster, Literal, Span
from kg.nlp.document import text_of

if TYPE_CHECKING:
    from thinc.types import Ints2d

__all__ = ["CollapsedDoc", "collapse"]


# Clusters and values, and what they made of a Doc.
_Made = tuple[object, object, "CollapsedDoc"]

# spaCy's codes for the entity tags O and B (https://spacy.io/api/doc#from_array).
_OUTSIDE, _BEGIN = 2, 3


@dataclass(frozen=True, slots=True)
class CollapsedDoc:
    """The collapsed Doc, and for each of its tokens what it stands for.

    `words[i]` is it in lower case; `arguments[i]` is the number of a cluster, a literal, or
    None for a plain word; `spans[i]` the characters of the article under the token;
    `named[i]` tells names from pronouns and noun phrases; `sentence[i]` counts the sentences.
    """

    doc: Doc
    words: tuple[str, ...]
    arguments: tuple[int | Literal | None, ...]
    spans: tuple[Span, ...]
    named: tuple[bool, ...]
    sentence: tuple[int, ...]


def _argument_spans(doc: Doc, *, named_only: bool) -> list[tuple[Span, int | Literal, str, bool]]:
    """Return what becomes one token: span, argument, entity type, named; no overlaps."""
    found: list[tuple[Span, int | Literal, str, bool]] = []
    clusters: tuple[Cluster, ...] = doc._.clusters
    for number, cluster in enumerate(clusters):
        mentions = [m for m in cluster.mentions if m.named or not named_only]
        found.extend((m.span, number, cluster.type, m.named) for m in mentions)
    found.sort(key=lambda item: (item[0].start, -item[0].end))
    taken = [item for i, item in enumerate(found) if i == 0 or _is_free(item[0], found[:i])]
    covered = {c for item in taken for c in range(item[0].start, item[0].end)}
    taken.extend(
        (v.span, v.literal, v.kind, True)
        for v in doc._.values
        if covered.isdisjoint(range(v.span.start, v.span.end))
    )
    return sorted(taken, key=lambda item: item[0])


def _is_free(span: Span, earlier: list[tuple[Span, int | Literal, str, bool]]) -> bool:
    """Say whether the span starts after the last earlier one has ended."""
    return not earlier or span.start >= max(item[0].end for item in earlier[-8:])


def collapse(doc: Doc, *, named_only: bool = False) -> CollapsedDoc:
    """Return the Doc with clusters' mentions and values collapsed to one token each.

    With `named_only`, mentions without a name ("the former minister") stay plain words.
    White-space tokens are left out. A mention that cuts through a spaCy token takes the
    whole token. The components that ask for it share it while clusters and values stay.
    """
    made: dict[bool, _Made] = doc._.collapsed
    known = made.get(named_only)
    if known is not None and known[0] is doc._.clusters and known[1] is doc._.values:
        return known[2]
    collapsed = _collapse(doc, named_only=named_only)
    doc._.collapsed = made | {named_only: (doc._.clusters, doc._.values, collapsed)}
    return collapsed


def _collapse(doc: Doc, *, named_only: bool) -> CollapsedDoc:
    arguments = _argument_spans(doc, named_only=named_only)
    words: list[str] = []
    kinds: list[int] = []
    meanings: list[int | Literal | None] = []
    spans: list[Span] = []
    named: list[bool] = []
    sentence: list[int] = []
    text = text_of(doc)
    position = 0
    open_span = Span(-1, -1)
    current = -1
    for token in doc:
        current += bool(token.is_sent_start)
        if token.is_space or token.idx < open_span.end:
            continue
        while position < len(arguments) and arguments[position][0].end <= token.idx:
            position += 1
        end = token.idx + len(token)
        if position < len(arguments) and arguments[position][0].start < end:
            open_span, meaning, kind, is_named = arguments[position]
            words.append(text[open_span.start : open_span.end])
            kinds.append(doc.vocab.strings.add(kind))
        else:
            meaning, is_named = None, False
            words.append(token.text)
            kinds.append(0)
        meanings.append(meaning)
        named.append(is_named)
        spans.append(open_span if meaning is not None else Span(token.idx, end))
        sentence.append(current)
    # An array, since Doc looks through all its tokens for each entity it is given.
    collapsed = Doc(doc.vocab, words=words)
    entities = np.array([(kind, _BEGIN if kind else _OUTSIDE) for kind in kinds], dtype=np.uint64)
    collapsed.from_array([ENT_TYPE, ENT_IOB], cast("Ints2d", entities.reshape(-1, 2)))
    return CollapsedDoc(
        collapsed,
        tuple(word.lower() for word in words),
        tuple(meanings),
        tuple(spans),
        tuple(named),
        tuple(sentence),
    )
