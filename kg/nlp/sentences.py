"""Marks where sentences start, by rules over spaCy's tokens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import numpy as np
from spacy.attrs import SENT_START
from spacy.language import Language
from spacy.tokens import Doc, Token

from kg.nlp.document import text_of

if TYPE_CHECKING:
    from thinc.types import Ints2d

__all__ = ["set_sentences"]

_TERMINATORS = frozenset(".!?…")
_CLOSERS = frozenset("\"'\u201d\u2019)]»")
_OPENERS = frozenset("\"'\u201c\u2018([«")

# Abbreviations that stand before a name ("Mr. Chen") never end a sentence; the others
# ("Inc.", "U.S.") do when a word follows that opens sentences more often than names.
_TITLES = frozenset(
    """mr. mrs. ms. dr. prof. gen. sen. rep. gov. lt. col. sgt. capt. st. no. vs. rev. hon.
    """.split()
)
_STARTERS = frozenset(
    """A According After An And As At Before Both But Earlier For He Her His However I In It Its
    Last Later Meanwhile On Our She Since That The Their These They This Those We When While
    """.split()
)

# A line at least this long without a full stop is a line of hard-wrapped text, not a
# heading: newsletters and mail wrap between 65 and 80 characters.
_WRAPPED_LINE = 55
_WORD = re.compile(r"\S")


def _ends_line(space: Token) -> bool:
    """Say whether the line break in a whitespace token ends a sentence."""
    if space.text.count("\n") > 1 or space.i + 1 >= len(space.doc):
        return True
    text = text_of(space.doc)
    line = text[text.rfind("\n", 0, space.idx) + 1 : space.idx].rstrip()
    found = _WORD.search(text, space.idx + len(space.text))
    following = found[0] if found else ""
    if line and line[-1] in _TERMINATORS | _CLOSERS:
        return True
    return not following.islower() and len(line) < _WRAPPED_LINE


def _ends_sentence(token: Token, following: Token) -> bool:
    """Say whether a sentence ends with `token`, given the next token that is no closer."""
    text = token.text
    if following.text in _TERMINATORS:
        return False
    if text in _TERMINATORS or set(text) <= _TERMINATORS:
        return not following.text[:1].islower()
    if text.endswith(".") and len(text) > 1 and text.lower() not in _TITLES:
        return following.text in _STARTERS or following.text[:1] in _OPENERS
    return False


def _closes(token: Token, *, quoted: bool) -> bool:
    """Say whether the token closes a quotation or bracket; a straight quote may open one."""
    return token.text in _CLOSERS and (token.text != '"' or quoted)


@Language.component("kg_sentences", assigns=["token.is_sent_start", "doc.sents"])
def set_sentences(doc: Doc) -> Doc:
    """Return the Doc with its sentence starts set.

    A blank line always ends a sentence, a single line break unless the text looks
    hard-wrapped; closing quotes and brackets stay with the sentence that they close.
    """
    # Assigned at once: setting `token.is_sent_start` looks through the Doc every time.
    starts = np.full(len(doc), -1, dtype=np.int64)
    starts[:1] = 1
    ended = quoted = False
    last: Token | None = None
    for token in doc:
        if token.is_space:
            if "\n" in token.text and last is not None and _ends_line(token):
                ended, quoted = True, False
            continue
        closes = _closes(token, quoted=quoted)
        quoted ^= token.text == '"'
        if closes:
            continue
        if last is not None and (ended or _ends_sentence(last, token)):
            starts[token.i] = 1
        ended, last = False, token
    doc.from_array([SENT_START], cast("Ints2d", starts.astype(np.uint64)))
    return doc
